"""What stands outside functions: both files declare the same things, and the candidate adds only what it needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.values import Naming
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Source, Span
from chatmpi.verify.reading import allocations
from chatmpi.verify.reading.expressions import Comparison
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import is_integer, same_type
from chatmpi.verify.reading.reading import Position, Reading, Where
from chatmpi.verify.reading.state import State

_CONDITIONAL = re.compile(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else|endif|pragma|line|undef)\b.*$", re.MULTILINE)
_UNUSUAL = re.compile(r"\b(?:__attribute__|__attribute|asm|__asm__|__asm|_Pragma|setjmp|longjmp|signal|atexit)\b")
_HARMLESS = frozenset({"mpi.h", "limits.h", "stdio.h", "stdlib.h", "stddef.h"})


def check(reading: Reading) -> None:
    """Record what differs outside functions; pair the file-scope variables and parameters."""
    findings = reading.findings
    for step in (_directives, _macros, _types, _functions, _globals):
        try:
            step(reading)
        except Mismatch as found:
            findings.record(found)


# ------------------------------------------------------------------------------------------ directives


def _directives(reading: Reading) -> None:
    """Conditional compilation and pragmas are the same; only harmless headers are added."""
    sequential, candidate = reading.findings.sequential, reading.findings.candidate
    mine, theirs = _lines(sequential), _lines(candidate)
    if [text for _, text in mine] != [text for _, text in theirs]:
        at = next((p for p, text in theirs if text not in {t for _, t in mine}), 0)
        raise Mismatch(_node(at), "conditional compilation or a pragma is not as in the sequential program")
    ours = [i.name for i in reading.facts.program.includes]
    for include in reading.candidate.includes:
        if include.name not in ours and include.name not in _HARMLESS:
            raise Mismatch(tree.Node(span=include.span), f"the header '{include.name}' is added")
    before, now = (Counter(_UNUSUAL.findall(mask(s.text))) for s in (sequential, candidate))
    for word in now - before:
        place = next(m.start() for m in _UNUSUAL.finditer(mask(candidate.text)) if m.group() == word)
        raise Mismatch(_node(place), f"'{word}' is added")


def _lines(source: Source) -> list[tuple[int, str]]:
    return [(m.start(), " ".join(m.group().split())) for m in _CONDITIONAL.finditer(source.text)]


def _node(offset: int) -> tree.Node:
    return tree.Node(span=Span(offset, offset))


# ---------------------------------------------------------------------------------------------- macros


def _macros(reading: Reading) -> None:
    """A macro that stands for a number stands for the same one in both programs, everywhere."""
    sequential = _numbers(reading.facts.program)
    candidate = _numbers(reading.candidate)
    for name, values in candidate.items():
        node, shown = next(iter(values.values())), sorted(values)
        if len(values) > 1:
            raise Mismatch(node, f"the macro '{name}' has several values", f"{', '.join(map(str, shown))}")
        if name in sequential and set(sequential[name]) != set(values):
            wanted = ", ".join(map(str, sorted(sequential[name])))
            raise Mismatch(node, f"the macro '{name}' has another value", f"{shown[0]} instead of {wanted}")


def _numbers(program: tree.Program) -> dict[str, dict[float, tree.Node]]:
    found: dict[str, dict[float, tree.Node]] = {}
    for root in (*program.functions, *program.globals):
        for n in tree.walk(root):
            if isinstance(n, tree.IntLiteral | tree.FloatLiteral) and n.macro:
                found.setdefault(n.macro, {}).setdefault(n.value, n)
    return found


# ----------------------------------------------------------------------------------------------- types


def _types(reading: Reading) -> None:
    """Structures, unions, enumerations: the same text."""
    mine = _definitions(reading.facts.program, reading.findings.sequential)
    theirs = _definitions(reading.candidate, reading.findings.candidate)
    if [text for _, text in mine] != [text for _, text in theirs]:
        known = {text for _, text in mine}
        at = next((p for p, text in theirs if text not in known), 0)
        raise Mismatch(_node(at), "a structure, union or enumeration is not as in the sequential program")


def _definitions(program: tree.Program, source: Source) -> list[tuple[int, str]]:
    """The text of type definitions outside functions, with the place of each."""
    text = mask(source.text)
    for f in program.functions:
        text = text[: f.span.begin] + ";" + " " * max(0, f.span.end - f.span.begin - 1) + text[f.span.end :]
    found = []
    for m in re.finditer(r"\b(?:struct|union|enum)\b[^;{}]*\{", text):
        depth, end = 1, m.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        found.append((m.start(), " ".join(text[m.start() : end].split())))
    return found


# ------------------------------------------------------------------------------------------- functions


def _functions(reading: Reading) -> None:
    """The sequential program's functions are there; what the candidate adds hides nothing."""
    program = reading.facts.program
    called = {n.name for f in program.functions for n in tree.walk(f.body) if isinstance(n, tree.Call)}
    for name, function in reading.functions.items():
        if name in called or name in program.system_functions or name.startswith(("MPI_", "PMPI_")):
            raise Mismatch(function, f"the function '{name}' takes the place of a library's")
    for function in program.functions:
        counterpart = reading.candidate.function(function.symbol.name)
        if counterpart is None:
            continue
        pairs = list(zip_longest(function.parameters, counterpart.parameters))
        if not all(p and q and same_type(p.symbol.type, q.symbol.type) for p, q in pairs):
            raise Mismatch(
                counterpart, f"'{function.symbol}' has other parameters than at {reading.findings.place(function)}"
            )
        if not same_type(function.returns, counterpart.returns):
            raise Mismatch(
                counterpart, f"'{function.symbol}' returns another type than at {reading.findings.place(function)}"
            )
        for p, q in zip(function.parameters, counterpart.parameters, strict=True):
            reading.pairs.add(p.symbol, q.symbol)
            _extents(p, q, Where(False, Naming(reading.facts.naming.fixed_macros)), reading)


# --------------------------------------------------------------------------------------------- globals


def _globals(reading: Reading) -> None:
    """File-scope variables by name: same type and value, or distributed as the plan says."""
    theirs = {v.symbol.name: v for v in reading.candidate.globals}
    where = Where(False, Naming(reading.facts.naming.fixed_macros))
    for v in _declared_once(reading.facts.program.globals):
        w = theirs.get(v.symbol.name)
        if w is None:
            reading.findings.refute(None, f"the variable '{v.symbol}' is missing")
            continue
        reading.pairs.add(v.symbol, w.symbol)
        try:
            _global(v, w, where, reading)
        except Mismatch as found:
            reading.findings.record(found)
    mine = {v.symbol.name for v in reading.facts.program.globals}
    for name, w in theirs.items():
        if name not in mine and (not is_integer(w.symbol.type) or w.init is not None):
            raise Mismatch(w, f"what '{name}' is for is not understood")


def _declared_once(variables: Iterable[tree.VarDecl]) -> list[tree.VarDecl]:
    """One declarator of each, the one with a value if there is one."""
    best: dict[str, tree.VarDecl] = {}
    for v in variables:
        if v.symbol.name not in best or v.init is not None:
            best[v.symbol.name] = v
    return list(best.values())


def _global(v: tree.VarDecl, w: tree.VarDecl, where: Where, reading: Reading) -> None:
    if v.symbol in reading.intent.partition_of:
        allocations.declared(v, w, where, Position(reading, State()))
        return
    if not same_type(v.symbol.type, w.symbol.type) or v.symbol.const != w.symbol.const:
        raise Mismatch(w, f"'{w.symbol}' has another type than at {reading.findings.place(v)}")
    _extents(v, w, where, reading)


def _extents(v: tree.VarDecl, w: tree.VarDecl, where: Where, reading: Reading) -> None:
    """The sizes and the initial value of two variables are the same."""
    compared = Comparison(reading, where, State(), {})
    if len(v.extents) != len(w.extents):
        raise Mismatch(w, f"'{w.symbol}' has another type than at {reading.findings.place(v)}")
    for x, y in zip((*v.extents, v.init), (*w.extents, w.init), strict=True):
        if (x is None) != (y is None):
            raise Mismatch(w, f"'{w.symbol}' starts otherwise than at {reading.findings.place(v)}")
        if x is not None and y is not None:
            compared.same(x, y)
