"""Arrays that the iterations of a distributed loop all add to: every rank fills a copy, the copies are combined."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.flow import control_flow
from chatmpi.analysis.iterations.updates import mentions
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, variable
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.touches import BareUse
from chatmpi.analysis.tree import Expr, RowStorage, Symbol
from chatmpi.plan.candidates import MPI_TYPES, changing_size
from chatmpi.plan.late_sums import Span, span

NO_REDUCTION = {"char"}  # MPI's MPI_CHAR is a letter, not a number


@dataclass(frozen=True, slots=True)
class Sum:
    """`words` elements of `array` are combined by `operation` after the loop: all of it, or just `element`; or, after
    a loop around, all elements of the `span` that it runs through."""

    array: Symbol
    operation: str
    words: Polynomial
    element: Expr | None
    span: Span | None = None

    def place(self, loop: int) -> int:
        """The loop after which the copies are combined, if `loop` adds up."""
        return loop if self.span is None else self.span.place


def sums(info: LoopInfo, facts: Facts) -> tuple[Sum, ...] | str:
    """What a loop adds up in arrays; or why it cannot be done by copies of them on every rank."""
    found = []
    for r in facts.loop_facts[info.stmt.id].accumulated:
        problem = _problem(r.symbol, info, facts)
        if problem:
            return problem
        if r.element is not None and _surely_inside(r.element, r.symbol, info, facts):
            found.append(Sum(r.symbol, r.operation, ONE, r.element, span(r.symbol, r.element, info, facts)))
        else:
            found.append(Sum(r.symbol, r.operation, facts.extents[r.symbol].words, None))
    return tuple(found)


def is_repetition(info: LoopInfo) -> bool:
    """Whether every iteration is the same: better all ranks share each than that each rank repeats some."""
    assert info.canonical is not None
    return not mentions(info.stmt.body, info.canonical.variable)


def _problem(symbol: Symbol, info: LoopInfo, facts: Facts) -> str:
    extents = facts.extents.get(symbol)
    if extents is None:
        return f"it adds to '{symbol}', whose size is not known"
    if extents.element.name not in MPI_TYPES or extents.element.name in NO_REDUCTION:
        return f"MPI has no reduction for the elements of '{symbol}'"
    rows = facts.arrays.declared[symbol].rows
    if rows is not None and not in_one_piece(rows):
        return f"it adds to '{symbol}', whose rows are reached by pointers"
    if not _is_there(symbol, info, facts):
        return f"it adds to '{symbol}', which may have no memory there"
    for swap in facts.arrays.swaps:
        together = {s for move in swap.moves for s in move}
        if symbol in together and any(facts.extents.get(s) != extents for s in together):
            return f"it adds to '{symbol}', which is exchanged with an array of another size"
    if extents.words.constant is not None:
        return ""
    return changing_size(symbol, facts) or _hidden_size(symbol, info, facts)


def in_one_piece(rows: RowStorage) -> bool:
    """Whether rows that pointers lead to are one piece of memory, that begins where the first of them leads to."""
    return rows.block is not None and not rows.named and rows.depth == 1 and not rows.empty


def _is_there(symbol: Symbol, info: LoopInfo, facts: Facts) -> bool:
    """Whether the array surely has its memory when the loop is reached."""
    if isinstance(symbol.type, tree.Array):
        return True
    loops = facts.arrays.allocations[symbol].loops
    if loops:
        return _is_there_each_time(symbol, loops, info, facts)
    made = facts.arrays.allocations[symbol].statement
    if all(s.id != made for s in facts.function.body.body):
        return False
    graph = control_flow(facts.function.body)
    freed = [
        t.context.statement.id
        for t in facts.touches.items
        if isinstance(t, BareUse) and t.symbol == symbol and t.call is not None and t.call.name == "free"
    ]
    return nx.has_path(graph, made, info.stmt.id) and not any(
        i not in graph or nx.has_path(graph, i, info.stmt.id) for i in freed
    )


def _is_there_each_time(symbol: Symbol, loops: tuple[int, ...], info: LoopInfo, facts: Facts) -> bool:
    """The same of an array that loops make in each iteration: it is made before the loop, and freed behind it."""
    begin, end = facts.touches.ranges[info.stmt.id]
    uses = [(k, t) for k, t in enumerate(facts.touches.items) if isinstance(t, BareUse) and t.symbol == symbol]
    around = facts.touches.items[begin].context
    made = any(
        t.role == "assigned" and k < begin and t.context.guards == around.guards[: len(t.context.guards)]
        for k, t in uses
    )
    freed = [k for k, t in uses if t.call is not None and t.call.name == "free"]
    return info.around[: len(loops)] == loops and made and all(k >= end for k in freed)


def _hidden_size(symbol: Symbol, info: LoopInfo, facts: Facts) -> str:
    """The variables in the extents must be in sight at the loop."""
    names = {s for d in facts.extents[symbol].dimensions for s in d.symbols}
    at_top = {v.symbol for s in facts.function.body.body if isinstance(s, tree.Declaration) for v in s.variables} | {
        p.symbol for p in facts.function.parameters
    }
    at_top |= {s for s in names if s.storage == "enumerator" and s.uid not in facts.program.inner_enumerators}
    hidden = next((s for s in names if s.storage != "global" and s not in at_top), None)
    return f"the size of '{symbol}' depends on '{hidden}', which is not in sight there" if hidden else ""


def _surely_inside(element: Expr, symbol: Symbol, info: LoopInfo, facts: Facts) -> bool:
    """Whether the element lies in its array wherever the loop stands, even where the loop itself runs no iteration."""
    access = next(a for a in facts.accesses.values() if a.touch.node is element)
    around = [c for i in info.around[:-1] if (c := facts.loops[i].counted) is not None]
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    changing = frozenset(s for i in info.around[:1] for s in facts.loops[i].written) - {c.variable for c in around}
    space = Space(dims, Parameters(), changing, facts.naming_at(info.around))
    outside = []
    for subscript, extent in zip(access.touch.subscripts, facts.extents[symbol].dimensions, strict=False):
        here, limit = space.affine(polynomial(subscript, space.naming)), space.affine(extent)
        if here is None or limit is None:
            return False
        outside.append(f"{here} < 0 or {here} >= {limit}")
    if len(access.touch.subscripts) != len(facts.extents[symbol].dimensions):
        return False
    known = [space.range(c) for c in around]
    return holds_nowhere(space.parameters, list(dims.values()), [*known, f"({' or '.join(outside)})"])
