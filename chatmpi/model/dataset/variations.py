"""Variations of a program: other names, sizes, types, constants, braces, loop headers and declarations.

Each is an edit of the text that leaves a right program right, but for sizes and constants: these make another one,
whose answer is made and verified anew. Deterministic by seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from chatmpi.analysis import tree

_TOKEN = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*.*?(?:\*/|\Z)|^[ \t]*#[ \t]*include[^\n]*)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)|(?P<other>\s+|.)",
    re.DOTALL | re.MULTILINE,
)
_SMALL_NAMES = ("a", "b", "c", "d", "e", "f", "g", "h", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z")
_LONG_NAMES = (
    *("alpha", "beta", "delta", "left", "right", "input", "output", "result", "weights", "values", "state", "next"),
    *("field", "grid", "matrix", "vec", "lhs", "rhs", "acc", "tmp", "entry", "cells", "level", "source", "target"),
)
_LOOPS = ("i", "j", "k", "l", "m", "ii", "jj", "kk", "row", "col", "idx", "step", "pos")
_MACROS = ("N", "M", "L", "NX", "NY", "NZ", "SIZE", "LEN", "COUNT", "DIM", "ROWS", "COLS", "STEPS", "WIDTH")
_CONSTANTS = ("0.5", "0.25", "1.5", "2.5", "0.75", "0.125", "3.0", "0.2")


def vary(program: tree.Program, seed: int) -> str:
    """One variation of a program's text."""
    rng = random.Random(f"{program.source.name.rsplit('/', 1)[-1]} {seed}")
    text = program.source.shown
    for change in (_sizes, _constants, _types, _headers, _declarations, _braces):
        text = change(text, rng)
    return _names(text, program, rng)


def _names(text: str, program: tree.Program, rng: random.Random) -> str:
    """Every declared name another, the same everywhere: names of members and of libraries stay."""
    members = {f.symbol.name for r in program.records.values() for f in r.fields}
    present = {m["name"] for m in _TOKEN.finditer(text) if m["name"]}
    known = {m[1] for m in re.finditer(r"#[ \t]*define[ \t]+(\w+)", text)}
    counters, others = _declared(program)
    chosen: dict[str, str] = {}
    style = _SMALL_NAMES if rng.random() < 0.5 else _LONG_NAMES
    for names, pool in ((counters, _LOOPS), (others, style + _SMALL_NAMES + _LONG_NAMES), (known, _MACROS)):
        free = [n for n in dict.fromkeys(pool) if n not in present - names and n not in chosen.values()]
        head = free[: max(len(names), len(free) // 2)]
        rng.shuffle(head)
        for old in sorted(names - members - set(chosen)):
            if head:
                chosen[old] = head.pop()
    return _replaced(text, "name", lambda word: chosen.get(word, word))


def _declared(program: tree.Program) -> tuple[set[str], set[str]]:
    """Loop variables, and the other variables and functions."""
    counters, others = set(), {g.symbol.name for g in program.globals}
    for function in program.functions:
        others |= {p.symbol.name for p in function.parameters} | {function.symbol.name}
        for node in tree.walk(function.body):
            if isinstance(node, tree.VarDecl):
                others.add(node.symbol.name)
            elif isinstance(node, tree.For) and node.init is not None:
                counters |= {n.symbol.name for n in tree.walk(node.init) if isinstance(n, tree.VarDecl | tree.Name)}
    counters &= others
    return counters, others - counters - {"main", "argc", "argv"}


def _sizes(text: str, rng: random.Random) -> str:
    def other(m: re.Match[str]) -> str:
        old = int(m[2])
        return m[0] if old < 8 else f"{m[1]}{max(8, round(old * rng.uniform(0.5, 1.6)))}"

    return re.sub(r"^(#[ \t]*define[ \t]+\w+[ \t]+)(\d+)(?=[ \t]*$)", other, text, flags=re.MULTILINE)


def _constants(text: str, rng: random.Random) -> str:
    def other(word: str) -> str:
        is_plain = re.fullmatch(r"\d+\.\d+", word) and float(word) not in (0.0, 1.0, 2.0, 4.0)
        return rng.choice(_CONSTANTS) if is_plain and rng.random() < 0.5 else word

    return _replaced(text, "number", other)


def _types(text: str, rng: random.Random) -> str:
    one, other = ("double", "float") if "double" in text else ("float", "double")
    if other in text or "scanf" in text or "strtod" in text or rng.random() < 0.6:
        return text
    return _replaced(text, "name", lambda word: other if word == one else word)


def _headers(text: str, rng: random.Random) -> str:
    step = rng.choice((r"\1++)", r"++\1)", r"\1 += 1)"))
    text = re.sub(r"(?<=; )(\w+)\+\+\)", step, text)
    if rng.random() < 0.2:
        text = re.sub(r"; (\w+) < (\w+); ", r"; \1 <= \2 - 1; ", text)
    return text


def _declarations(text: str, rng: random.Random) -> str:
    """Loop variables at the start of main, as before C99; where main is the only function and no name is met twice."""
    variables = list(dict.fromkeys(re.findall(r"for \(int (\w+) =", text)))
    declared = [
        v for v in variables if re.search(rf"\b(?:int|long|double|float)\b[^;()]*\b{v}\b *[=,;]", _loopless(text))
    ]
    functions = re.findall(r"^\w[\w *]*\([^;]*\)\s*\{", text, re.MULTILINE)
    start = re.search(r"^int main\([^)]*\)\s*\{\n", text, re.MULTILINE)
    if not variables or declared or len(functions) != 1 or start is None or rng.random() < 0.6:
        return text
    text = text[: start.end()] + f"    int {', '.join(variables)};\n" + text[start.end() :]
    return re.sub(r"for \(int (\w+) =", r"for (\1 =", text)


def _loopless(text: str) -> str:
    return re.sub(r"for \(int \w+ =", "for (", text)


def _braces(text: str, rng: random.Random) -> str:
    style = rng.random()
    if style < 0.3:
        return re.sub(r"^([ \t]+)((?:for|while|if) \(.*\)) \{$", r"\1\2\n\1{", text, flags=re.MULTILINE)
    if style < 0.5:
        return re.sub(r"^(\w.*\))\n\{$", r"\1 {", text, flags=re.MULTILINE)
    return text


def _replaced(text: str, kind: str, other: Callable[[str], str]) -> str:
    return "".join(other(m[0]) if m[kind] else m[0] for m in _TOKEN.finditer(text))
