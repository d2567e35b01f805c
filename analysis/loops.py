"""Loops in canonical form: one variable, bounds that do not change, a constant step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import Effects, effects_of
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.iterations.narrow_counters import counts_in_range, is_narrow
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.numbers.values import Naming, is_natural, polynomial
from chatmpi.analysis.touches import BareUse, CallTouch, ElementTouch, OpaqueTouch, ScalarTouch, Touches
from chatmpi.analysis.tree import Expr, Symbol

Loop = tree.For | tree.While | tree.DoWhile


@dataclass(frozen=True, slots=True)
class CanonicalLoop:
    """`for (variable = start; variable relation bound; variable += step)`.

    `start_poly` and `bound_poly` are None where they are not polynomials of unchanging variables; the loop is
    canonical all the same: its range is then unknown, but it does not change while the loop runs. One that is `left`
    early (by `break` or `return`) takes the first values of its range.
    """

    stmt: tree.For
    variable: Symbol
    start: Expr
    relation: str  # "<", "<=", ">", ">="
    bound: Expr
    step: int
    start_poly: Polynomial | None
    bound_poly: Polynomial | None
    left: bool = False

    @property
    def is_respelled(self) -> bool:
        """Whether the bound has no text of its own: the condition compares something else (see `header_sums.py`)."""
        return self.stmt.condition is not None and self.bound.span == self.stmt.condition.span

    @property
    def is_fixed_text(self) -> bool:
        """Whether a macro writes the ends, so that they cannot be changed."""
        bound = self.stmt.condition if self.is_respelled else self.bound
        return self.start.in_macro or bound is None or bound.in_macro

    @property
    def is_narrow(self) -> bool:
        """Whether its variable is narrower than int, and may not hold other values than those that it takes."""
        return is_narrow(self.variable.type)

    @property
    def lower(self) -> Polynomial | None:
        """The least value of the range, as if every value between the ends were taken."""
        if self.step > 0 or self.bound_poly is None:
            return self.start_poly if self.step > 0 else None
        return self.bound_poly + ONE if self.relation == ">" else self.bound_poly

    @property
    def upper(self) -> Polynomial | None:
        """One past the greatest value of the range."""
        if self.step < 0:
            return None if self.start_poly is None else self.start_poly + ONE
        if self.bound_poly is None:
            return None
        return self.bound_poly if self.relation == "<" else self.bound_poly + ONE


@dataclass(frozen=True, slots=True)
class LoopInfo:
    """Any loop: its range if it counts, and the variables that its header and body write.

    `around`: ids of the loops around it and its own, outermost first.
    """

    stmt: Loop
    counted: CanonicalLoop | None
    written: frozenset[Symbol]
    around: tuple[int, ...]

    @property
    def canonical(self) -> CanonicalLoop | None:
        """Its canonical form, if it runs through its whole range."""
        return None if self.counted is None or self.counted.left else self.counted


LoopTable = Mapping[int, LoopInfo]


def canonical(
    loop: tree.For, touches: Touches, summaries: dict[str, Effects], unstable: frozenset[Symbol], naming: Naming
) -> CanonicalLoop | None:
    """The loop in canonical form, None if it has none (a `while` in disguise, a bound that changes, a goto)."""
    init, condition, step = starting(loop.init), loop.condition, index_step(loop.step)
    if init is None or step is None or not isinstance(condition, tree.Binary):
        return None
    variable, start = init
    header = _condition(condition, variable)
    if header is None or step[0] != variable or variable in unstable:
        return None
    relation, bound = header
    if (step[1] > 0) != (relation in {"<", "<="}):
        return None
    changed = written_in(loop.body, touches, summaries) | unstable
    out = list(ways_out(loop.body))
    if variable in changed or any(isinstance(s, tree.UnknownStmt) for s in out):
        return None
    if not is_index(variable) and not counts_in_range(
        variable, start, relation, bound, step[1], loop.body, bool(out), touches
    ):
        return None
    endless = step[1] < 0 and not out and _is_unsigned_long(variable) and _computes_or_prints(loop.body, touches)
    if not _compares_as_numbers(variable, start, bound, endless):
        return None
    altered = _may_alter_memory(loop.body, touches) or bool(written_in(loop.body, touches, summaries) & unstable)
    if not is_fixed(bound, changed | {variable}) or (reads_memory(bound) and altered):
        return None
    first = polynomial(start, naming) if is_fixed(start, changed | {variable}) else None
    if first is not None and (first.symbols & changed or (reads_memory(start) and altered)):
        first = None
    return CanonicalLoop(loop, variable, start, relation, bound, step[1], first, polynomial(bound, naming), bool(out))


def _is_unsigned_long(variable: Symbol) -> bool:
    return isinstance(variable.type, tree.Scalar) and variable.type.is_unsigned and tree.is_long(variable.type)


def _computes_or_prints(body: tree.Stmt, touches: Touches) -> bool:
    """Whether nothing in a loop can end the program."""
    calls = [t.call for t in touches.of(body.id) if isinstance(t, CallTouch)]
    return all(LIBRARY.get(c.name or "") in {Does.NOTHING, Does.OUTPUT} for c in calls)


def _compares_as_numbers(variable: Symbol, start: Expr, bound: Expr, endless: bool) -> bool:
    """Whether the loop counts in whole numbers, and none wraps: compared as unsigned, -1 is the largest number.

    `endless`: it would not come to its end from there, counting down by itself from nearly 2^64. A program that begins
    so does not end.
    """
    kinds = [k for k in (variable.type, start.type, bound.type) if isinstance(k, tree.Scalar)]
    if len(kinds) < 3 or any(k.is_floating for k in kinds):
        return False
    if not (kinds[0].is_unsigned or kinds[2].is_unsigned) or is_natural(start):
        return True
    return endless and (kinds[2].is_unsigned or is_natural(bound))


def written_in(s: tree.Stmt, touches: Touches, summaries: dict[str, Effects]) -> frozenset[Symbol]:
    """Variables that a statement assigns, itself or through the functions that it calls."""
    found: set[Symbol] = set()
    for t in touches.of(s.id):
        match t:
            case ScalarTouch(symbol=symbol, write=True) | ElementTouch(symbol=symbol, write=True):
                found.add(symbol)
            case BareUse(symbol=symbol, role="assigned" | "value" | "argument"):
                found.add(symbol)
            case CallTouch(call=call):
                found |= effects_of(call, summaries).writes
    return frozenset(found)


def starting(init: tree.Stmt | None) -> tuple[Symbol, Expr] | None:
    """The variable that the first part of a for sets, and its value."""
    match init:
        case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=tree.Expr() as start),)):
            return symbol, start
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=start)):
            return symbol, start
    return None


def index_step(step: Expr | None) -> tuple[Symbol, int] | None:
    match step:
        case tree.Unary(op="x++" | "++x", operand=tree.Name(symbol=symbol)):
            return symbol, 1
        case tree.Unary(op="x--" | "--x", operand=tree.Name(symbol=symbol)):
            return symbol, -1
        case tree.Assign(op="+=" | "-=" as op, target=tree.Name(symbol=symbol), value=value):
            width = _number(value)
            return (symbol, width if op == "+=" else -width) if width else None
        case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=tree.Binary(op="+" | "-" as op) as sum_):
            match sum_.left, sum_.right:
                case (tree.Name(symbol=s), width_expr) if s == symbol:
                    width = _number(width_expr)
                    return (symbol, width if op == "+" else -width) if width else None
                case (width_expr, tree.Name(symbol=s)) if s == symbol and op == "+":
                    width = _number(width_expr)
                    return (symbol, width) if width else None
    return None


def _number(expr: Expr) -> int | None:
    return expr.value if isinstance(expr, tree.IntLiteral) and expr.value > 0 else None


def _condition(condition: tree.Binary, variable: Symbol) -> tuple[str, Expr] | None:
    mirror = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    if condition.op not in mirror:
        return None
    match condition.left, condition.right:
        case (tree.Name(symbol=s), bound) if s == variable:
            return condition.op, bound
        case (bound, tree.Name(symbol=s)) if s == variable:
            return mirror[condition.op], bound
    return None


def is_index(variable: Symbol) -> bool:
    """An integer at least as wide as int, so that stepping it does not wrap."""
    kind = variable.type
    return isinstance(kind, tree.Scalar) and kind.is_integer and kind.name.split()[-1] in {"int", "long"}


def is_fixed(bound: Expr, changed: frozenset[Symbol]) -> bool:
    """Whether `bound` has one value while the loop runs, memory that it reads being left alone."""
    for node in evaluated(bound):
        match node:
            case tree.Name(symbol=symbol) if symbol in changed:
                return False
            case tree.Assign() | tree.Member() | tree.UnknownExpr():
                return False
            case tree.Unary(op=op) if op not in {"-", "+", "!", "~", "*"}:
                return False
            case tree.Call(name=name) if LIBRARY.get(name or "") is not Does.NOTHING:
                return False
    return True


def reads_memory(bound: Expr) -> bool:
    return any(isinstance(n, tree.Index) or (isinstance(n, tree.Unary) and n.op == "*") for n in evaluated(bound))


def evaluated(expr: Expr) -> Iterator[tree.Node]:
    """The parts of an expression that are computed: not those of which it takes the size."""
    yield expr
    for part in () if isinstance(expr, tree.Sizeof) and not expr.extents else tree.children(expr):
        yield from evaluated(part) if isinstance(part, Expr) else tree.walk(part)


def _may_alter_memory(body: tree.Stmt, touches: Touches) -> bool:
    return any(
        (isinstance(t, OpaqueTouch) and t.write)
        or (isinstance(t, CallTouch) and LIBRARY.get(t.call.name or "") not in {Does.NOTHING, Does.ASSERTS})
        for t in touches.of(body.id)
    )


def ways_out(body: tree.Stmt, inner: bool = False) -> Iterator[tree.Stmt]:
    """What leaves the loop of this body otherwise than by its condition."""
    match body:
        case tree.Return() | tree.Leave() | tree.UnknownStmt():
            yield body
        case tree.Break() if not inner:
            yield body
        case tree.For(body=s) | tree.While(body=s) | tree.DoWhile(body=s):
            yield from ways_out(s, True)
        case tree.Block(body=many):
            out = (way for s in many for way in ways_out(s, inner))
            yield from (way for way in out if not isinstance(way, tree.Leave) or way.block != body.id)
        case tree.If(then=then, otherwise=otherwise):
            yield from ways_out(then, inner)
            if otherwise is not None:
                yield from ways_out(otherwise, inner)


def returns(body: tree.Stmt) -> Iterator[tree.Stmt]:
    """What leaves the loop of this body for somewhere else than right behind it."""
    return (s for s in ways_out(body) if not isinstance(s, tree.Break))


def loop_nests(s: tree.Stmt, around: tuple[int, ...] = ()) -> Iterator[tuple[Loop, tuple[int, ...]]]:
    """All loops below (or at) `s` with the ids of those around them, their own last; in source order."""
    if isinstance(s, Loop):
        around = (*around, s.id)
        yield s, around
    for part in tree.children(s):
        if isinstance(part, tree.Stmt):
            yield from loop_nests(part, around)


def outermost_loops(s: tree.Stmt) -> Iterator[Loop]:
    """The loops below (or at) `s` that no other loop encloses."""
    if isinstance(s, Loop):
        yield s
        return
    for part in tree.children(s):
        if isinstance(part, tree.Stmt):
            yield from outermost_loops(part)
