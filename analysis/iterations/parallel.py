"""Which loops' iterations can be run apart, what each rank then keeps for itself, and what stops the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import FILE_SCOPE, Effects, effects_of
from chatmpi.analysis.calls.library import Does
from chatmpi.analysis.flow import Point, after
from chatmpi.analysis.iterations import scalars
from chatmpi.analysis.iterations.dependence import ArrayDependence, carried
from chatmpi.analysis.iterations.early_exits import Exit, Further, exit_of
from chatmpi.analysis.iterations.last_values import LastValue, has_end, last_values
from chatmpi.analysis.iterations.locations import Location, locations
from chatmpi.analysis.iterations.own_memory import gets_own_memory, is_of_own_memory, where_own_memory_lacks
from chatmpi.analysis.iterations.ranges import ranges
from chatmpi.analysis.iterations.reductions import (
    ArrayReduction,
    ScalarReduction,
    array_reduction,
    flag_reduction,
    scalar_reduction,
)
from chatmpi.analysis.iterations.scans import Scan, array_scan, scalar_scan
from chatmpi.analysis.iterations.work_arrays import is_room_to_work
from chatmpi.analysis.loops import LoopInfo, LoopTable, ways_out
from chatmpi.analysis.memory.arrays import Arrays
from chatmpi.analysis.memory.extents import Extents
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.constants import TRUTH
from chatmpi.analysis.numbers.values import Naming, text
from chatmpi.analysis.touches import BareUse, CallTouch, ElementTouch, OpaqueTouch, ScalarTouch, Touch, Touches
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why the iterations of a loop must stay in order; `witness` two iterations that show it, if known."""

    kind: str  # "flow", "anti", "output", "call", "control", "alias", "form"
    variable: str
    message: str
    node: tree.Node
    witness: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class LoopFacts:
    """`private`: scalars that every iteration sets anew before it reads them; `accumulated`: arrays whose only
    dependence between iterations is that they all add to them (by one operation, which may be reordered); `located`:
    extrema with what belongs to them; `scans`: running values that are kept; `lasting`: variables that iterations only
    set, and of which the last value is used after the loop, as is, with `counter_lasts`, the loop's own variable's;
    `work`: arrays that every iteration fills anew before it reads them, and nobody reads later; `exit`: the way out of
    a loop that looks for something, of which `info` is as if it were run in full."""

    info: LoopInfo
    blockers: tuple[Blocker, ...]
    reductions: tuple[ScalarReduction, ...]
    private: frozenset[Symbol]
    accumulated: tuple[ArrayReduction, ...] = ()
    located: tuple[Location, ...] = ()
    scans: tuple[Scan, ...] = ()
    lasting: tuple[LastValue, ...] = ()
    counter_lasts: bool = False
    work: frozenset[Symbol] = frozenset()
    exit: Exit | None = None

    @property
    def is_parallel(self) -> bool:
        return not self.blockers

    @property
    def is_free_of_order(self) -> bool:
        """Whether the iterations may run in any order, and all that is to be known in the end is the same."""
        ordered = self.located or self.scans or self.lasting or self.counter_lasts or self.exit
        return self.is_parallel and not ordered

    @property
    def reads_old_values(self) -> bool:
        """Whether all that iterations need of each other is that what a later one overwrites is read before.

        Ranks that run their iterations in order, each on its own copy of what others overwrite, do just that.
        """
        return all(b.kind == "anti" for b in self.blockers)


@dataclass(frozen=True)
class Judge:
    """What the judgement of one loop looks at."""

    touches: Touches
    summaries: dict[str, Effects]
    loops: LoopTable
    arrays: Arrays
    accesses: Mapping[int, Access]  # by id of the touch
    live: Mapping[Point, frozenset[Symbol]]
    namings: Mapping[int, Naming]
    unstable: frozenset[Symbol]
    held: Mapping[Symbol, frozenset[int]]
    selecting: Mapping[str, str]
    extents: Mapping[Symbol, Extents]
    apart: Mapping[int, frozenset[Symbol]] = field(default_factory=dict)  # by loop, what each rank has its own of
    own: frozenset[Symbol] = frozenset()  # what no two ranks agree in

    def naming_of(self, loop: LoopInfo) -> Naming:
        return self.namings[loop.around[0]]


def judge(judge: Judge) -> dict[int, LoopFacts]:
    """The facts of every loop, by its statement's id."""
    return {i: _loop_facts(info, judge) for i, info in judge.loops.items()}


def _loop_facts(info: LoopInfo, j: Judge) -> LoopFacts:
    if info.canonical is None:
        return _search(info, j) or LoopFacts(info, (_no_counted_loop(info),), (), frozenset())
    ending = where_own_memory_lacks(info, j.arrays, j.touches)
    slice_ = tuple(t for t in j.touches.of(info.stmt.id) if t.context.statement.id not in ending)
    blocker = _first_effect(info, slice_, j)
    if blocker is not None:
        return LoopFacts(info, (blocker,), (), frozenset())
    found = _Findings()
    _scalars(info, slice_, found, j)
    _arrays(info, slice_, found, j)
    return LoopFacts(
        info,
        tuple(found.blockers),
        tuple(found.reductions),
        frozenset(found.private),
        tuple(found.accumulated),
        tuple(found.located),
        tuple(found.scans),
        tuple(found.lasting),
        found.counter_lasts,
        frozenset(found.work),
    )


def _search(info: LoopInfo, j: Judge) -> LoopFacts | None:
    """The facts of a loop that looks for something, as if it were run in full; None of one that does more."""
    found_way = exit_of(info, j.touches)
    if info.counted is None or found_way is None:
        return None
    full = replace(info, counted=replace(info.counted, left=False))
    further = Further(j.touches, j.loops, j.accesses, j.extents, j.naming_of(info))
    branch = {s.id for s in tree.statements(found_way.branch)}
    slice_ = tuple(t for t in j.touches.of(info.stmt.id) if t.context.statement.id not in branch)
    if not further.are_harmless(info) or _first_effect(full, slice_, j) is not None:
        return None
    found = _Findings()
    _scalars(full, slice_, found, j)
    _arrays(full, slice_, found, j)
    there = (found_way.way.block, "after") if isinstance(found_way.way, tree.Leave) else after(info.stmt)
    private = frozenset(found.private)
    kept = {s for s in private if not _is_own(s, info, j)} & j.live.get(there, frozenset())
    if kept or found != _Findings(private=found.private):
        return None
    return LoopFacts(full, (), (), private, exit=found_way)


@dataclass
class _Findings:
    """What has been found of a loop so far."""

    blockers: list[Blocker] = field(default_factory=list)
    reductions: list[ScalarReduction] = field(default_factory=list)
    private: list[Symbol] = field(default_factory=list)
    accumulated: list[ArrayReduction] = field(default_factory=list)
    located: list[Location] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    lasting: list[LastValue] = field(default_factory=list)
    counter_lasts: bool = False
    work: list[Symbol] = field(default_factory=list)


def _no_counted_loop(info: LoopInfo) -> Blocker:
    way_out = next(ways_out(info.stmt.body), None) if isinstance(info.stmt, tree.For) else None
    if isinstance(way_out, tree.Break | tree.Return | tree.Leave):
        how = "break" if isinstance(way_out, tree.Break) else "return"
        message = f"it is left by '{how}', so that whether an iteration runs at all is settled by those before it"
        return Blocker("control", "", message, way_out)
    if isinstance(way_out, tree.UnknownStmt):
        kind = f"'{way_out.kind}'" if way_out.kind in {"switch", "goto"} else "statement"
        return Blocker("control", "", f"it holds a {kind} whose control flow is not understood", way_out)
    if info.counted is not None:
        return Blocker("form", "", "its step is not a number that is written in it", info.stmt)
    message = "it is not a counted loop with fixed bounds and a constant step, left only at its end"
    return Blocker("form", "", message, info.stmt)


# --------------------------------------------------------------------------- calls, pointers, control


def _first_effect(info: LoopInfo, slice_: tuple[Touch, ...], j: Judge) -> Blocker | None:
    """The first thing in the loop that is more than reading and writing variables and array elements."""
    for t in slice_:
        found = _effect(info, t, j)
        if found is not None:
            return found
    return None


def _effect(info: LoopInfo, t: Touch, j: Judge) -> Blocker | None:
    if t.context.opaque:
        return Blocker("control", "", "it holds a statement whose control flow is not understood", t.context.statement)
    match t:
        case CallTouch(call=call):
            return None if is_of_own_memory(call, info, j.arrays, j.touches) else _call_effect(info, call, j)
        case ScalarTouch(symbol=symbol, node=node, write=True) | ElementTouch(symbol=symbol, node=node) if (
            symbol in j.own
        ):
            return Blocker("control", symbol.name, f"every rank has times of its own in '{symbol}'", node)
        case OpaqueTouch(node=node):
            return Blocker("alias", text(node), "memory is reached in a way that may alias other arrays", node)
        case BareUse(symbol=symbol, role="argument", call=tree.Call() as call) if _only_looked_at(
            symbol, call, info, j
        ):
            return None
        case BareUse(symbol=symbol, node=node, role="assigned" | "value" | "argument"):
            if gets_own_memory(symbol, info, j.arrays, j.touches):
                return None
            return Blocker("alias", symbol.name, f"the pointer '{symbol}' is used as a value in the loop", node)
        case ElementTouch(symbol=symbol, node=node) if not _is_private_array(symbol, info, j):
            if not j.arrays.is_tracked(symbol) and (t.write or _writes_untracked(info, j)):
                why = j.arrays.untracked.get(symbol)
                reason = why.reason if why else "what it points to is not known"
                return Blocker("alias", symbol.name, f"'{symbol}' may share memory with others: {reason}", node)
    return None


def _call_effect(info: LoopInfo, call: tree.Call, j: Judge) -> Blocker | None:
    effects = effects_of(call, j.summaries).without_assertions
    name = call.name or "a function pointer"
    if effects.unknown:
        return Blocker("call", name, f"it calls '{min(effects.unknown)}', whose body is not in this file", call)
    if not effects.is_pure:
        other = next((d for d in sorted(effects.does, key=lambda d: d.name) if d is not Does.NOTHING), None)
        what = f"which {other.value}" if other else "which writes memory that outlives the call"
        return Blocker("call", name, f"it calls '{name}', {what}", call)
    stale = effects.reads & info.written
    if stale:
        what = min(s.name for s in stale)
        return Blocker("call", name, f"it calls '{name}', which reads '{what}' that the loop writes", call)
    return None


def _only_looked_at(symbol: Symbol, call: tree.Call, info: LoopInfo, j: Judge) -> bool:
    """Whether a call reads an array that nothing in the loop writes."""
    written = any(isinstance(t, ElementTouch) and t.write and t.symbol == symbol for t in j.touches.of(info.stmt.id))
    return j.arrays.is_tracked(symbol) and not written and effects_of(call, j.summaries).is_pure


def _is_private_array(symbol: Symbol, info: LoopInfo, j: Judge) -> bool:
    """Declared inside the loop: every iteration has its own."""
    if gets_own_memory(symbol, info, j.arrays, j.touches):
        return True
    return (
        isinstance(symbol.type, tree.Array)
        and symbol.storage == "local"
        and (info.stmt.id in j.touches.scopes.get(symbol, ()))
    )


def _writes_untracked(info: LoopInfo, j: Judge) -> bool:
    return any(
        isinstance(t, ElementTouch)
        and t.write
        and not j.arrays.is_tracked(t.symbol)
        and not _is_private_array(t.symbol, info, j)
        for t in j.touches.of(info.stmt.id)
    )


# --------------------------------------------------------------------------------------------- scalars


def _by_symbol(slice_: tuple[Touch, ...]) -> dict[Symbol, list[ScalarTouch]]:
    by_symbol: dict[Symbol, list[ScalarTouch]] = {}
    for t in slice_:
        if isinstance(t, ScalarTouch):
            by_symbol.setdefault(t.symbol, []).append(t)
    return by_symbol


def _is_own(symbol: Symbol, info: LoopInfo, j: Judge) -> bool:
    """Whether every iteration has its own, because it is declared inside the loop."""
    return symbol.storage == "local" and info.stmt.id in j.touches.scopes.get(symbol, ())


def _scalars(info: LoopInfo, slice_: tuple[Touch, ...], found: _Findings, j: Judge) -> None:
    assert info.canonical is not None
    by_symbol = _by_symbol(slice_)
    exposed = scalars.flow(info.stmt.body, j.touches).exposed
    alive = j.live.get(after(info.stmt), frozenset())
    for x in locations(info.stmt.body, by_symbol, slice_):
        if not any(_is_own(s, info, j) or s in j.unstable for s in (x.symbol, *x.companions)):
            found.located.append(x)
    pairs = [r for pair in ranges(info, by_symbol, j.touches) for r in pair if r.symbol not in j.unstable]
    found.reductions += pairs
    settled = {s for x in found.located for s in (x.symbol, *x.companions)} | {r.symbol for r in pairs}
    blockers = found.blockers
    wanted: dict[Symbol, list[ScalarTouch]] = {}
    settled |= j.apart.get(info.stmt.id, frozenset())
    for symbol, touched in by_symbol.items():
        if symbol in settled:
            continue
        writes = [t for t in touched if t.write]
        needed = symbol in alive or _read_elsewhere(symbol, j)
        if symbol == info.canonical.variable:
            if needed and has_end(info.canonical):
                found.counter_lasts = True
            elif needed:
                message = f"the last value of '{symbol}' is used after the loop"
                blockers.append(Blocker("output", symbol.name, message, info.stmt))
        elif writes and symbol in j.unstable:
            message = f"the address of '{symbol}' is taken, so it may be reached by other names"
            blockers.append(Blocker("alias", symbol.name, message, writes[0].node))
        elif not writes or _is_own(symbol, info, j):
            found.private += [symbol] if writes else []
        elif (reduced := _reduction(symbol, touched, slice_, symbol in exposed or needed, j)) is not None:
            found.reductions.append(reduced)
        elif (
            symbol in exposed
            and (scan := scalar_scan(symbol, info, touched, slice_, j.accesses, j.selecting)) is not None
        ):
            found.scans.append(scan)
            found.reductions += [ScalarReduction(symbol, scan.operation)] if needed else []
        elif symbol in exposed:
            message = f"each iteration needs the value of '{symbol}' that an earlier one left"
            blockers.append(Blocker("flow", symbol.name, message, writes[0].node))
        elif needed:
            wanted[symbol] = writes
        else:
            found.private.append(symbol)
    found.lasting += last_values(info.stmt.body, wanted)
    known = {s for x in found.lasting for s in x.symbols}
    for symbol, writes in wanted.items():
        if symbol not in known:
            message = f"the last value of '{symbol}' is used after the loop"
            blockers.append(Blocker("output", symbol.name, message, writes[0].node))


def _reduction(
    symbol: Symbol, touched: list[ScalarTouch], slice_: tuple[Touch, ...], matters: bool, j: Judge
) -> ScalarReduction | None:
    """The reduction that a variable is; `matters`: its value leaves the iteration that sets it."""
    held = j.held.get(symbol)
    found = scalar_reduction(symbol, touched, slice_, held is not None and held <= TRUTH, j.selecting)
    if found is None and matters and held is not None:
        return flag_reduction(symbol, touched, slice_, held, j.selecting)
    return found


def _read_elsewhere(symbol: Symbol, j: Judge) -> bool:
    """A file-scope variable that another function reads counts as needed everywhere."""
    return symbol.storage in FILE_SCOPE and any(symbol in e.reads for name, e in j.summaries.items() if name != "main")


# ---------------------------------------------------------------------------------------------- arrays


def _arrays(info: LoopInfo, slice_: tuple[Touch, ...], found: _Findings, j: Judge) -> None:
    by_array: dict[Symbol, list[Access]] = {}
    for t in slice_:
        repeated = info.stmt.id in t.context.loops  # not the start value, which is computed once
        if (
            isinstance(t, ElementTouch)
            and repeated
            and not _is_private_array(t.symbol, info, j)
            and id(t) in j.accesses
        ):
            by_array.setdefault(t.symbol, []).append(j.accesses[id(t)])
    naming = j.naming_of(info)
    for symbol, accesses in by_array.items():
        if symbol in j.apart.get(info.stmt.id, ()) or not any(a.touch.write for a in accesses):
            continue
        dependence = carried(info, tuple(accesses), j.loops, naming)
        if dependence is None:
            continue
        if (reduced := array_reduction(symbol, slice_, info.written, j.selecting)) is not None:
            found.accumulated.append(reduced)
        elif (scan := array_scan(symbol, info, slice_, j.accesses, j.selecting)) is not None:
            found.scans.append(scan)
        elif is_room_to_work(symbol, info, j.arrays, j.extents, j.touches, j.accesses, j.summaries, j.loops, j.namings):
            found.work.append(symbol)
        else:
            found.blockers.append(_blocker(symbol, dependence))


def _blocker(symbol: Symbol, found: ArrayDependence) -> Blocker:
    first, second = text(found.earlier.touch.node), text(found.later.touch.node)
    unknown = any(p is None for p in (*found.earlier.subscripts, *found.later.subscripts))
    verb = {"flow": "reads what", "anti": "overwrites what", "output": "overwrites what"}[found.kind]
    done = "reads" if found.kind == "anti" else "writes"
    message = f"'{second}' {verb} '{first}' {done} in an earlier iteration"
    if unknown:
        message = f"'{first}' and '{second}' may be the same element in different iterations: a subscript is not affine"
    return Blocker(found.kind, symbol.name, message, found.later.touch.node, None if unknown else found.witness)
