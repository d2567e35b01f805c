"""Which scalars stand for a known polynomial (`int idx = i*n + j;`), and which macros for their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import FILE_SCOPE, Effects, effects_of
from chatmpi.analysis.flow import Point, after
from chatmpi.analysis.iterations.corrections import settled
from chatmpi.analysis.loops import outermost_loops, written_in
from chatmpi.analysis.numbers.own_globals import own_globals
from chatmpi.analysis.numbers.pieces import Table
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.signs import Signs, signs
from chatmpi.analysis.numbers.values import Naming, polynomial
from chatmpi.analysis.touches import CallTouch, ScalarTouch, Touches
from chatmpi.analysis.tree import Symbol

SMALL = 8
MOST_LAYERS = 4  # of ghost cells


def numbers_of_macros(program: tree.Program) -> dict[str, int]:
    """The number that each macro stands for, wherever it is used."""
    roots = [*(f.body for f in program.functions), *program.globals]
    numbers = (n for root in roots for n in tree.walk(root) if isinstance(n, tree.IntLiteral))
    return {n.macro: n.value for n in numbers if n.macro}


def fixed_macros(body: tree.Stmt) -> dict[str, int]:
    """Macros whose number the analysis needs, with it: those that a loop steps by, and small ones added to a
    subscript's variable (`u[i + RADIUS]`), which make halo widths, or count layers of ghost cells.

    Sizes stay symbols: they stand alone or in products (`u[N - 1]`, `u[i*N + j]`).
    """
    found: dict[str, int] = {}
    for node in tree.walk(body):
        if isinstance(node, tree.For) and node.step is not None:
            widths = [n for n in tree.walk(node.step) if isinstance(n, tree.IntLiteral)]
            found |= {n.macro: n.value for n in widths if n.macro}
        if isinstance(node, tree.For):
            found |= _window(node) | _layers(node)
        if isinstance(node, tree.Index):
            terms = list(_terms(node.subscript))
            small = [t for t in terms if isinstance(t, tree.IntLiteral) and t.macro and abs(t.value) <= SMALL]
            if any(isinstance(t, tree.Name) for t in terms):
                found |= {t.macro: t.value for t in small if t.macro}
    return found


def _window(loop: tree.For) -> dict[str, int]:
    """Small macros in the bounds of a loop over the neighbours on both sides: `for (d = -R; d <= R; d++)`."""
    match loop.init:
        case tree.Declaration(variables=(tree.VarDecl(init=tree.Expr() as start),)):
            pass
        case tree.ExprStmt(expr=tree.Assign(value=start)):
            pass
        case _:
            return {}
    if not isinstance(start, tree.Unary) or start.op != "-" or loop.condition is None:
        return {}
    numbers = [n for e in (start, loop.condition) for n in tree.walk(e) if isinstance(n, tree.IntLiteral)]
    return {n.macro: n.value for n in numbers if n.macro and abs(n.value) <= SMALL}


def _layers(loop: tree.For) -> dict[str, int]:
    """Small macros added in subscripts to the variable of a loop over layers of ghost cells:
    `for (g = 0; g < G; g++) u[(G - 1 - g)*s + j] = u[(G + g)*s + j];`. A loop that uses its variable without an
    addend runs over an array of so few elements."""
    if loop.condition is None or loop.step is None:
        return {}
    bounds = [n.value for n in tree.walk(loop.condition) if isinstance(n, tree.IntLiteral)]
    if len(bounds) != 1 or not 0 < bounds[0] <= MOST_LAYERS:
        return {}
    counters = {n.symbol for n in tree.walk(loop.step) if isinstance(n, tree.Name)}
    subscripts = [n.subscript for n in tree.walk(loop.body) if isinstance(n, tree.Index)]
    uses = [n for e in subscripts for n in tree.walk(e) if isinstance(n, tree.Name) and n.symbol in counters]
    sums = [_terms(n) for e in subscripts for n in tree.walk(e) if isinstance(n, tree.Binary)]
    added = [terms for terms in sums if any(isinstance(t, tree.Name) and t.symbol in counters for t in terms)]
    macros = [[t for t in terms if isinstance(t, tree.IntLiteral) and t.macro] for terms in added]
    if any(not any(use in terms for terms, named in zip(added, macros, strict=True) if named) for use in uses):
        return {}
    return {t.macro: t.value for named in macros for t in named if t.macro and t.value <= MOST_LAYERS}


def _terms(expr: tree.Expr) -> list[tree.Expr]:
    """The summands of a sum or difference."""
    match expr:
        case tree.Binary(op="+" | "-", left=left, right=right):
            return [*_terms(left), *_terms(right)]
        case tree.Cast(operand=operand):
            return _terms(operand)
    return [expr]


def namings(
    body: tree.Stmt,
    touches: Touches,
    summaries: dict[str, Effects],
    unstable: frozenset[Symbol],
    steady: Iterable[tree.VarDecl] = (),
    live: Mapping[Point, frozenset[Symbol]] | None = None,
    tables: Mapping[Symbol, Table] | None = None,
) -> tuple[Naming, Mapping[int, Naming]]:
    """The naming for code outside loops, and for each outermost loop (by id) the naming inside it.

    `steady`: variables that exist from the start and keep the value of their initialiser; `live`: what may still be
    read, by places; `tables` of numbers.
    """
    macros = fixed_macros(body)
    known = signs(touches, unstable, frozenset(unread(touches, summaries, live or {})))
    own = own_globals(touches, summaries)
    start = Naming(
        macros, _initial(steady, Naming(macros)), settled=_settled(touches, unstable, own), tables=tables or {}
    )
    top = top_level(touches, start, unstable, known, own)
    inside = {s.id: _in_loop(s, touches, summaries, top, unstable, known) for s in outermost_loops(body)}
    return top, inside


def _settled(touches: Touches, unstable: frozenset[Symbol], own: frozenset[Symbol]) -> frozenset[int]:
    """The names, by their nodes' ids, that are read when their variable is never written again."""
    last: dict[Symbol, int] = {}
    for k, t in enumerate(touches.items):
        if isinstance(t, ScalarTouch) and t.write:
            later = bool(t.context.loops) or t.context.opaque
            last[t.symbol] = len(touches.items) if later else max(k, last.get(t.symbol, 0))
    known = (t for t in touches.items if isinstance(t, ScalarTouch) and t.symbol not in unstable)
    mine = {id(t): t for t in known if t.symbol in own or t.symbol.storage not in FILE_SCOPE}
    reads = ((k, t) for k, t in enumerate(touches.items) if id(t) in mine and isinstance(t, ScalarTouch) and t.read)
    return frozenset(id(t.node) for k, t in reads if k > last.get(t.symbol, -1))


def unread(
    touches: Touches, summaries: Mapping[str, Effects], live: Mapping[Point, frozenset[Symbol]]
) -> Iterator[int]:
    """The places of touches that give variables a value which nothing reads (`m->rows = 0;` behind `free(m->data)`)."""
    calls = [effects_of(t.call, summaries) for t in touches.items if isinstance(t, CallTouch)]
    hidden = any(effects.unknown for effects in calls)
    elsewhere = {s for effects in calls for s in effects.reads}
    again = {t.symbol for t in touches.items if isinstance(t, ScalarTouch) and isinstance(t.update, tree.Assign)}
    for k, t in enumerate(touches.items):
        if isinstance(t, ScalarTouch) and t.write and not t.read and t.symbol not in elsewhere:
            s = t.context.statement
            declared = (
                isinstance(s, tree.Declaration)
                and t.symbol in again
                and not any(isinstance(n, tree.Name) and n.symbol == t.symbol for n in tree.walk(s))
            )
            alone = declared or (isinstance(s, tree.ExprStmt) and s.expr is t.update)
            if (
                alone
                and not t.context.loops
                and not (hidden and t.symbol.storage in FILE_SCOPE)
                and t.symbol not in live.get(after(s), {t.symbol})
            ):
                yield k


def steady_variables(
    program: tree.Program, every: Mapping[str, Touches], unstable: frozenset[Symbol]
) -> list[tree.VarDecl]:
    """Variables of file scope, and static ones, that nothing ever assigns."""
    written = {t.symbol for touches in every.values() for t in touches.items if isinstance(t, ScalarTouch) and t.write}
    declared = [*program.globals]
    for function in program.functions:
        declared += [
            n for n in tree.walk(function.body) if isinstance(n, tree.VarDecl) and n.symbol.storage == "static"
        ]
    return [v for v in declared if v.init is not None and v.symbol not in written | unstable]


def _initial(steady: Iterable[tree.VarDecl], naming: Naming) -> dict[Symbol, Polynomial]:
    """What initialisers say in terms of size macros: numbers stay names, as they do elsewhere."""
    found: dict[Symbol, Polynomial] = {}
    for v in steady:
        if isinstance(v.init, tree.Expr) and Signs().fits(v.symbol, v.init, ()):
            value = polynomial(v.init, Naming(naming.fixed_macros, found))
            if value is not None and value.constant is None and not value.symbols:
                found[v.symbol] = value
    return found


def top_level(
    touches: Touches,
    naming: Naming,
    unstable: frozenset[Symbol],
    known: Signs,
    own: frozenset[Symbol] = frozenset(),
) -> Naming:
    """Scalars written once, outside loops and before all their uses, from values that never change afterwards; `own`:
    variables of file scope that only this function writes."""
    written = known.writes
    uses: dict[Symbol, list[tuple[int, ScalarTouch]]] = {}
    last: dict[Symbol, int] = {}  # at which a variable changes, whether or not the program reads it then: the plan may
    for k, t in enumerate(touches.items):
        if isinstance(t, ScalarTouch) and t.read:
            uses.setdefault(t.symbol, []).append((k, t))
        if isinstance(t, ScalarTouch) and t.write:
            last[t.symbol] = k
    derived: dict[Symbol, Polynomial] = dict(naming.derived)
    for symbol, places in written.items():
        first = touches.items[places[0]]
        if len(places) > 1 or not isinstance(first, ScalarTouch):
            continue
        if symbol.storage in FILE_SCOPE and (symbol not in own or any(k < places[0] for k, _ in uses.get(symbol, []))):
            continue
        conditional = first.context.guards or first.context.opaque or first.context.sometimes
        if conditional and not all(_sees(first, places[0], t, k) for k, t in uses.get(symbol, [])):
            continue
        if first.context.loops or first.context.opaque or symbol in unstable:
            continue
        value = _assigned(first, replace(naming, derived=derived), known)
        if value is None or (value.constant is not None and not _comes_by_call(first, derived)):
            continue
        steady = all((s in own or s.storage not in FILE_SCOPE) and last.get(s, -1) < places[0] for s in value.symbols)
        if steady and not value.symbols & unstable:
            derived[symbol] = value
    return replace(naming, derived=derived)


def _comes_by_call(t: ScalarTouch, derived: Mapping[Symbol, Polynomial]) -> bool:
    """Whether a number is what a call hands to an expanded function, or is taken from there: it has no name that is
    known everywhere. (A parameter's declaration stands elsewhere in the text than the call that binds it.)"""
    made, around = t.update, t.context.statement.span
    if isinstance(made, tree.VarDecl) and not around.begin <= made.span.begin < around.end:
        return True
    value = made.init if isinstance(made, tree.VarDecl) else made.value if isinstance(made, tree.Assign) else None
    return value is not None and any(isinstance(n, tree.Name) and n.symbol in derived for n in tree.walk(value))


def _in_loop(
    outer: tree.Stmt,
    touches: Touches,
    summaries: dict[str, Effects],
    top: Naming,
    unstable: frozenset[Symbol],
    known: Signs,
) -> Naming:
    """Scalars written in this loop before all their other reads there, in the innermost loop that reads them."""
    begin, end = touches.ranges[outer.id]
    slice_ = [(k, t) for k, t in enumerate(touches.items[begin:end], begin) if isinstance(t, ScalarTouch)]
    bodies = {s.id: s.body for s in tree.statements(outer) if isinstance(s, tree.For | tree.While | tree.DoWhile)}
    by_symbol: dict[Symbol, list[tuple[int, ScalarTouch]]] = {}
    for k, t in slice_:
        by_symbol.setdefault(t.symbol, []).append((k, t))
    derived = dict(top.derived)
    for k, t in slice_:
        mine = by_symbol[t.symbol]
        writes = [m for m, o in mine if o.write]
        body = bodies.get(t.context.loops[-1]) if t.context.loops else None
        if t.symbol in unstable or body is None or k != max(writes, default=None):
            continue
        if len(writes) > 1:
            value = settled(mine, touches.items[begin:end], replace(top, derived=derived))
        else:
            seen = not t.read and all(_sees(t, k, o, m) for m, o in mine if o.read)
            value = _assigned(t, replace(top, derived=derived, choices=True), known) if seen else None
        if value is not None and not value.symbols & (written_in(body, touches, summaries) | unstable):
            derived[t.symbol] = value
    return replace(top, derived=derived, choices=True)


def _sees(definition: ScalarTouch, position: int, use: ScalarTouch, place: int) -> bool:
    """Whether a use always follows the definition in the same iteration."""
    around, guards = definition.context.loops, definition.context.guards
    return (
        place > position
        and use.context.loops[: len(around)] == around
        and use.context.guards[: len(guards)] == guards
        and not definition.context.sometimes
    )


def _assigned(t: ScalarTouch, naming: Naming, known: Signs) -> Polynomial | None:
    match t.update:
        case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value):
            return polynomial(value, naming) if known.fits(t.symbol, value, t.context.guards) else None
    return None
