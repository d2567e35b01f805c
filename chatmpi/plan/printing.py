"""Loops that print: rank 0 runs them alone, on rows that it gets from their owners.

Where the loop follows the rows, it gets one block after the other; where it does not, all of them at once.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.calls.library import Does
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.outside.answers import answers_of_root
from chatmpi.analysis.touches import BareUse, CallTouch, ElementTouch, OpaqueTouch, ScalarTouch, Touch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.fit import Misfit, aligned_rows
from chatmpi.plan.only_printed import only_printed


@dataclass(frozen=True, slots=True)
class Printed:
    """A loop that rank 0 runs. By blocks, iteration i belongs to row i + shift (`scale`: words per iteration's row)
    of the `extent` rows; `extent` None: rank 0 has all of the arrays at once."""

    loop: int
    arrays: frozenset[Symbol]
    extent: Polynomial | None = None
    shift: int = 0
    scale: Polynomial = ONE


def by_rounds(p: Printed) -> bool:
    """Whether the rows that it prints may be dealt in turn: rank 0 then gets one row of every rank at a time."""
    return p.extent is not None and p.scale == ONE


def printed(info: LoopInfo, distributed: Set[Symbol], facts: Facts) -> Printed | Misfit:
    """How a loop that prints elements of distributed arrays is left to rank 0; Misfit if others need what it does."""
    loop = info.stmt
    touches = facts.touches.of(loop.id)
    arrays = frozenset(t.symbol for t in touches if isinstance(t, ElementTouch) and t.symbol in distributed)
    if not arrays or not any(isinstance(t, CallTouch) and _does_print(t.call, facts) for t in touches):
        return Misfit("it prints no distributed array")
    if loop.in_macro:
        return Misfit("a macro writes it")
    if any(facts.arrays.declared[a].rows is not None for a in arrays):
        return Misfit("rows of an array that it prints may lie apart")
    if any(facts.extents[a].packed is not None for a in arrays):
        return Misfit("the rows of an array that it prints have different lengths")
    if any(isinstance(s, tree.Return | tree.Leave) for s in tree.statements(loop)):
        return Misfit("it may end the program")
    answers = {call.span for call in answers_of_root(facts.program, facts.streams)[0]}
    if answers and any(isinstance(n, tree.Call) and n.span in answers for n in tree.walk(loop)):
        return Misfit("every rank needs what its output answers")
    other = next((t for t in touches if not _stays_with_root(t, info, distributed, facts)), None)
    if other is not None:
        return Misfit("it does more than print")
    if any(not only_printed(s, loop.id, facts) for s in _left_behind(info, touches, facts)):
        return Misfit("it computes what other ranks need")
    rows = aligned_rows(info, arrays, facts)
    if isinstance(rows, Misfit) or any(s.name in facts.shadowed for s in rows.extent.symbols):
        return Printed(loop.id, arrays)
    return Printed(loop.id, arrays, rows.extent, rows.shift, rows.scale)


def _does_print(call: tree.Call, facts: Facts) -> bool:
    return Does.OUTPUT in effects_of(call, facts.summaries).does


def _stays_with_root(t: Touch, info: LoopInfo, distributed: Set[Symbol], facts: Facts) -> bool:
    """Whether nothing but output and variables of the loop's own comes from a touch."""
    if t.context.opaque:
        return False
    match t:
        case CallTouch(call=call):
            effects = effects_of(call, facts.summaries)
            changes = effects.writes or effects.memory or effects.captures or effects.unknown
            return effects.does <= {Does.NOTHING, Does.OUTPUT} and not changes
        case BareUse(symbol=symbol, role=role):
            if symbol in distributed:
                return role in {"test", "sizeof"}
            return role != "assigned" or _is_own(symbol, info, facts)
        case ElementTouch(symbol=symbol, write=True):
            return isinstance(symbol.type, tree.Array) and _is_own(symbol, info, facts)
        case OpaqueTouch(write=write):
            return not write
        case ScalarTouch(write=True, update=None):
            return False
    return True


def _is_own(symbol: Symbol, info: LoopInfo, facts: Facts) -> bool:
    """Declared inside the loop, so that nobody else sees it."""
    return symbol.storage == "local" and info.stmt.id in facts.touches.scopes.get(symbol, ())


def _left_behind(info: LoopInfo, touches: tuple[Touch, ...], facts: Facts) -> set[Symbol]:
    """Scalars that the loop writes and that outlive it."""
    return {t.symbol for t in touches if isinstance(t, ScalarTouch) and t.write and not _is_own(t.symbol, info, facts)}
