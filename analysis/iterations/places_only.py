"""Searches that keep just the place of an extremum: `if (x[i] > x[where]) where = i;`.

A rank knows its own elements only, and the best one so far may be another's. So the value is kept too:

    double where_value = 0;
    if (1 < n)
        where_value = x[where];
    for (int i = 1; i < n; i++)
        if (x[i] > where_value) { where_value = x[i]; where = i; }

The value is read before the loop only if the loop reads it: it has an iteration, and each makes the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.iterations.updates import mentions, same
from chatmpi.analysis.numbers.values import text, type_text
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Assign, Expr, For, If, Node, Program, Stmt, Symbol

_COMPARISONS = {"<", "<=", ">", ">="}
_KEPT_AS_IS = tree.Name | tree.Index | tree.IntLiteral | tree.FloatLiteral | tree.Binary | tree.Cast | tree.Member


@dataclass(frozen=True, slots=True)
class PlaceSearch:
    """The comparison `test` of a `candidate` with what stands at the best place; `assigned`: what the branch sets.
    The `outer` loop does nothing that changes either but in this branch; it and those inside it down to the test are
    `loops`."""

    function: tree.Function
    test: If
    candidate: Expr
    best: Expr
    assigned: tuple[Assign, ...]
    outer: For
    loops: tuple[For, ...]


def place_searches(program: Program) -> Iterator[PlaceSearch]:
    """The searches of all functions, each in the outermost loop that it can be seen in."""
    seen: set[int] = set()
    for f in program.functions:
        for block in tree.statements(f.body):
            for s in block.body if isinstance(block, tree.Block) else ():
                for found in _in_loop(s, f, program):
                    if found.test.id not in seen:
                        seen.add(found.test.id)
                        yield found


def keep_values(searches: Iterable[PlaceSearch], source: Source) -> tuple[list[Edit], dict[int, str]]:
    """The edits that let each search keep its value too; and the new variables' names, by the place of the test."""
    edits: list[Edit] = []
    names: dict[int, str] = {}
    taken: dict[str, set[str]] = {}
    for found in searches:
        own = taken.setdefault(found.function.symbol.name, set())
        name = _fresh(f"{_place_name(found)}_value", source.text, own)
        own.add(name)
        names[found.test.span.begin] = name
        edits += _edits(found, name, source)
    return edits, names


def _in_loop(s: Stmt, f: tree.Function, program: Program) -> Iterator[PlaceSearch]:
    """The search that a statement of a block is, as the outermost loop that leaves what it compares alone."""
    loops: list[For] = []
    while isinstance(s, For):
        loops.append(s)
        s = s.body
        while isinstance(s, tree.Block) and len(s.body) == 1:
            s = s.body[0]
    tests = [s] if isinstance(s, If) else [p for p in s.body if isinstance(p, If)] if isinstance(s, tree.Block) else []
    for test in tests if loops else ():
        found = _search(test, tuple(loops), f, program)
        if found is not None:
            yield found


def _search(test: If, loops: tuple[For, ...], f: tree.Function, program: Program) -> PlaceSearch | None:
    assigned = _assignments(test.then)
    condition = test.condition
    if test.otherwise is not None or not assigned or test.in_macro or condition.in_macro:
        return None
    if not isinstance(condition, tree.Binary) or condition.op not in _COMPARISONS:
        return None
    places = {a.target.symbol: a.value for a in assigned if isinstance(a.target, tree.Name)}
    for candidate, best in ((condition.left, condition.right), (condition.right, condition.left)):
        read = {n.symbol for n in tree.walk(best) if isinstance(n, tree.Name)} & places.keys()
        if not read or any(mentions(candidate, s) or any(mentions(v, s) for v in places.values()) for s in read):
            continue
        found = PlaceSearch(f, test, candidate, best, assigned, loops[0], loops)
        is_element = any(isinstance(n, tree.Index) for n in tree.walk(best))
        if is_element and same(_at(best, places), candidate) and _is_sound(found, frozenset(places), program):
            return found
    return None


def _at(best: Expr, places: Mapping[Symbol, Expr]) -> Expr:
    """What is compared, at the place that would be set."""

    def moved(n: Node) -> Node:
        return places.get(n.symbol, n) if isinstance(n, tree.Name) else n

    return rewritten(best, moved)


def _assignments(branch: Stmt) -> tuple[Assign, ...]:
    """The assignments to variables that a branch consists of; none, if it does anything else."""
    parts = branch.body if isinstance(branch, tree.Block) else (branch,)
    found = []
    for s in parts:
        match s:
            case tree.ExprStmt(expr=Assign(op="=", target=tree.Name(type=tree.Scalar())) as a, in_macro=False):
                found.append(a)
            case _:
                return ()
    targets = {a.target.symbol for a in found if isinstance(a.target, tree.Name)}
    return tuple(found) if len(targets) == len(found) else ()


def _is_sound(found: PlaceSearch, places: frozenset[Symbol], program: Program) -> bool:
    """Whether the best value is what it is before the loop, until the branch sets another."""
    outer = found.outer
    own = {id(n) for n in tree.walk(found.test.then)}
    inside = {n.symbol for n in tree.walk(outer) if isinstance(n, tree.VarDecl)}
    written: set[Symbol] = set()
    defined = {f.symbol.name for f in program.functions}
    for n in tree.walk(outer):
        match n:
            case Assign(target=target) | tree.Unary(op="++x" | "x++" | "--x" | "x--", operand=target):
                if not isinstance(target, tree.Name):
                    return False
                if target.symbol in places and id(n) not in own:
                    return False
                written.add(target.symbol)
            case tree.Call():
                if n.name is None or n.name in defined or LIBRARY.get(n.name) is not Does.NOTHING:
                    return False
            case tree.Unary(op="&") | tree.UnknownExpr() | tree.UnknownStmt():
                return False
            case tree.Break() | tree.Continue() | tree.Return() | tree.While() | tree.DoWhile():
                return False
    headers = [e for loop in found.loops for e in _header(loop)]
    if any(not _header(loop) for loop in found.loops) or any(not _is_pure(e) for e in (found.best, *headers)):
        return False
    fixed = {n.symbol for e in (found.best, *headers) for n in tree.walk(e) if isinstance(n, tree.Name)}
    roots: tuple[Node, ...] = (*program.globals, *program.functions)
    reached = {n for root in roots for n in tree.walk(root) if _is_address(n, fixed)}
    return not (fixed - places) & written and not fixed & inside and not reached


def _is_address(n: Node, wanted: set[Symbol]) -> bool:
    return isinstance(n, tree.Unary) and n.op == "&" and isinstance(n.operand, tree.Name) and n.operand.symbol in wanted


def _is_pure(e: Expr) -> bool:
    for n in tree.walk(e):
        if isinstance(n, tree.Call | tree.Conditional):
            continue
        if isinstance(n, tree.Unary) and n.op in {"-", "+", "!", "~"}:
            continue
        if not isinstance(n, _KEPT_AS_IS):
            return False
    return True


def _header(loop: For) -> tuple[Expr, ...]:
    """What a loop's variable starts with, and what it is compared with first; none, if it is not so simple."""
    variable, start = _start(loop.init)
    condition = loop.condition
    if variable is None or start is None or loop.in_macro or not isinstance(condition, tree.Binary):
        return ()
    if condition.op not in _COMPARISONS or not isinstance(condition.left, tree.Name):
        return ()
    is_counted = condition.left.symbol == variable and not mentions(condition.right, variable)
    return (start, condition.right) if is_counted else ()


def _start(init: Stmt | None) -> tuple[Symbol | None, Expr | None]:
    match init:
        case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=value),)) if not is_memory(symbol.type):
            return symbol, value
        case tree.ExprStmt(expr=Assign(op="=", target=tree.Name(symbol=symbol), value=value)):
            return symbol, value
    return None, None


# -------------------------------------------------------------------------------------------- text


def _edits(found: PlaceSearch, name: str, source: Source) -> Iterator[Edit]:
    kind = type_text(found.best.type)
    best, candidate = source.shown_at(found.best.span), source.shown_at(found.candidate.span)
    indent = source.indentation(found.outer.span.begin)
    conditions = [shown for loop in found.loops if (shown := _first_test(loop)) is not None]
    if conditions:
        unit = _unit(found, source)
        lines = [f"{kind} {name} = 0;", f"if ({' && '.join(conditions)})", f"{unit}{name} = {best};"]
    else:
        lines = [f"{kind} {name} = {best};"]
    begin = found.outer.span.begin
    yield Edit(Span(begin, begin), "".join(f"{line}\n{indent}" for line in lines))
    yield Edit(found.best.span, name)
    then = found.test.then
    setting = f"{name} = {candidate};"
    if isinstance(then, tree.Block):
        first = then.body[0].span.begin
        own_line = not source.text[source.line_begin(first) : first].strip()
        yield Edit(Span(first, first), setting + (f"\n{source.indentation(first)}" if own_line else " "))
        return
    inner = source.indentation(found.test.span.begin)
    shown = source.shown_at(then.span)
    unit = _unit(found, source)
    end = found.test.then.span.begin
    while source.text[end - 1] in " \t\r\n":
        end -= 1
    yield Edit(Span(end, then.span.end), f" {{\n{inner}{unit}{setting}\n{inner}{unit}{shown}\n{inner}}}")


def _first_test(loop: For) -> str | None:
    """Whether a loop has an iteration, as C; None where it surely has one."""
    start, bound = _header(loop)
    assert isinstance(loop.condition, tree.Binary)
    op = loop.condition.op
    match start, bound:
        case tree.IntLiteral(value=a, macro=None), tree.IntLiteral(value=b, macro=None):
            if {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]:
                return None
    return f"{_operand(start)} {op} {_operand(bound)}"


def _operand(e: Expr) -> str:
    arithmetic = isinstance(e, tree.Binary) and e.op in {"+", "-", "*", "/", "%"}
    plain = arithmetic or isinstance(e, tree.Name | tree.IntLiteral | tree.Index | tree.Call | tree.Member)
    return text(e) if plain else f"({text(e)})"


def _unit(found: PlaceSearch, source: Source) -> str:
    """One level of indentation, as the loop's own body has it."""
    outer, inner = (source.indentation(s.span.begin) for s in (found.outer, found.loops[-1].body))
    body = found.loops[-1].body
    if isinstance(body, tree.Block) and body.body:
        inner = source.indentation(body.body[0].span.begin)
    return inner[len(outer) :] if len(found.loops) == 1 and len(inner) > len(outer) else "    "


def _place_name(found: PlaceSearch) -> str:
    first = found.assigned[0].target
    assert isinstance(first, tree.Name)
    return first.symbol.name


def _fresh(wanted: str, text_: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken or re.search(rf"\b{name}\b", text_):
        name, number = f"{wanted}{number}", number + 1
    return name
