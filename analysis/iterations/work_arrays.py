"""Arrays that are room to work in: declared before a loop, and filled anew in each iteration before they are read.

Every iteration, and so every rank, may then have its own. That takes two things. In the loop, each read is of an
element that the same iteration has written before (array privatization: Tu and Padua 1993; Feautrier's last writes
bounded from below). And what the loop leaves is read nowhere else: each read elsewhere is covered likewise, in one
iteration of a loop that does not hold this one.

Reads are sets that may be too large, writes sets that may be too small: a write counts where it surely happens, inside
loops that are run in full, under no condition that the read is not under as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

import islpy as isl

from chatmpi.analysis.calls.effects import Effects
from chatmpi.analysis.iterations.dependence import loops_from
from chatmpi.analysis.iterations.outer_ranges import outer_ranges
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo, LoopTable
from chatmpi.analysis.memory.arrays import Arrays
from chatmpi.analysis.memory.extents import Extents
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, isl_set
from chatmpi.analysis.numbers.polynomial import variable
from chatmpi.analysis.numbers.values import Naming
from chatmpi.analysis.touches import BareUse, ElementTouch, Guard, ScalarTouch, Touches
from chatmpi.analysis.tree import Symbol

_HARMLESS = frozenset({"sizeof", "test", "assigned"})  # assigned: a fresh allocation, as it is tracked


def is_room_to_work(
    symbol: Symbol,
    info: LoopInfo,
    arrays: Arrays,
    extents: Mapping[Symbol, Extents],
    touched: Touches,
    accesses: Mapping[int, Access],
    summaries: Mapping[str, Effects],
    loops: LoopTable,
    namings: Mapping[int, Naming],
) -> bool:
    """Whether each iteration of the loop, which reads the array, may have one of its own."""
    exchanged = any(symbol in pair for swap in arrays.swaps for pair in swap.moves)
    if exchanged or not arrays.is_tracked(symbol):
        return False
    elsewhere = [e for name, e in summaries.items() if name != "main"]
    if any(symbol in e.reads | e.writes for e in elsewhere):
        return False
    size = extents.get(symbol)
    if size is not None and not _is_settled(size, touched, elsewhere):
        size = None
    every: list[tuple[int, Access]] = []
    for position, t in enumerate(touched.items):
        if isinstance(t, BareUse) and t.symbol == symbol and not _is_harmless(t):
            return False
        if isinstance(t, ElementTouch) and t.symbol == symbol:
            if id(t) not in accesses:
                return False
            every.append((position, accesses[id(t)]))
    reads = [(position, a) for position, a in every if a.touch.read]
    if all(info.stmt.id not in read.touch.context.loops for _, read in reads):
        return False
    around = set(info.around)
    for position, read in reads:
        context = read.touch.context
        inside = info.stmt.id in context.loops
        base = info.stmt.id if inside else next((i for i in context.loops if i not in around), None)
        if base is None:
            return False
        naming = namings[loops[base].around[0]]
        if not _is_covered(loops[base], position, read, every, size, loops, naming):
            return False
    return True


def _is_settled(size: Extents, touched: Touches, elsewhere: list[Effects]) -> bool:
    """Whether the variables of an array's extents have one value ever: what it was made with is what they say."""
    for s in {s for d in size.dimensions for s in d.symbols}:
        writes = [t for t in touched.items if isinstance(t, ScalarTouch) and t.write and t.symbol == s]
        if len(writes) > 1 or any(t.context.loops for t in writes) or any(s in e.writes for e in elsewhere):
            return False
    return True


def _is_harmless(t: BareUse) -> bool:
    return t.role in _HARMLESS or (t.role == "argument" and t.call is not None and t.call.name == "free")


def _is_covered(
    info: LoopInfo,
    position: int,
    read: Access,
    every: list[tuple[int, Access]],
    extents: Extents | None,
    loops: LoopTable,
    naming: Naming,
) -> bool:
    """Whether every element that is read was written before in the same iteration of the loop.

    What is read lies in the array; a subscript that is not known may be any such.
    """
    parameters = Parameters()
    around = loops_from(info, read, loops)
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    space = Space(dims, parameters, info.written - frozenset(c.variable for c in around), naming)
    wanted = [space.affine(s) for s in read.subscripts]
    free = [f"e{k}" for k, s in enumerate(wanted) if s is None]
    element = [s if s is not None else f"e{k}" for k, s in enumerate(wanted)]
    inside = _inside_array(element, extents, space)
    writes = [
        formulas
        for at, write in every
        if write.touch.write and info.stmt.id in write.touch.context.loops
        for formulas in _sure_writes(info, write, at < position, read, element, loops, parameters, naming)
    ]
    names = [*dims.values(), *free]
    facts = [*inside, *(space.range(c) for c in around)]
    facts += [space.guards(read.touch.context.guards, info, loops), *outer_ranges(info, loops, space)]
    left = isl_set(parameters, names, facts)
    for inner, formulas in writes:
        if left.is_empty():
            break
        both = isl_set(parameters, [*names, *inner], formulas)
        left = left.subtract(both.project_out(isl.dim_type.set, len(names), len(inner)))
    return bool(left.is_empty())


def _inside_array(element: list[str], extents: Extents | None, space: Space) -> list[str]:
    """That what is read lies in the array, as far as its extents are known."""
    if extents is None or len(extents.dimensions) != len(element):
        return []
    sizes = zip(element, map(space.affine, extents.dimensions), strict=True)
    return [f"0 <= {e} and {e} < {size}" for e, size in sizes if size is not None]


def _sure_writes(
    info: LoopInfo,
    write: Access,
    stands_before: bool,
    read: Access,
    wanted: list[str],
    loops: LoopTable,
    parameters: Parameters,
    naming: Naming,
) -> list[tuple[list[str], list[str]]]:
    """Where a write surely happens before the read, in the same iteration of `info`: more dimensions, and formulas.

    One for each loop around both in an earlier iteration of which it may be, and one for the same iterations.
    """
    context, other = write.touch.context, read.touch.context
    if context.sometimes or context.opaque:
        return []
    conditions = _inside(info, context.guards)
    if any(all(g is not h for h in other.guards) for g in conditions):
        return []
    common = [i for i, j in takewhile(lambda p: p[0] == p[1], zip(_from(info, write), _from(info, read), strict=False))]
    own = [loops[i].canonical for i in _from(info, write)[len(common) :]]
    shared = [c for i in common if (c := loops[i].counted) is not None]
    counted = [c for c in own if c is not None]
    if len(counted) < len(own):
        return []
    chain = [*shared, *counted]
    names = {variable(c.variable): f"y{k}" for k, c in enumerate(chain)}
    space = Space(names, parameters, info.written - frozenset(c.variable for c in chain), naming)
    element = [space.affine(s) for s in write.subscripts]
    if None in element or len(element) != len(wanted) or not all(_is_exact(c, space) for c in counted):
        return []
    formulas = [f"{a} = {b}" for a, b in zip(element, wanted, strict=True)]
    formulas += [space.range(c) for c in counted]
    inner = list(names.values())
    same = [f"y{k} = x{k}" for k in range(len(shared))]
    found = [(inner, [*formulas, *same])] if stands_before else []
    in_full = not conditions and all(loops[i].canonical is not None for i in common[1:])
    outer = 1 if loops[common[0]].counted is not None else 0
    for k in range(outer, len(shared)):
        if in_full and all(_is_exact(c, space) for c in shared[k:]):
            order = f"y{k} < x{k}" if shared[k].step > 0 else f"y{k} > x{k}"
            found.append((inner, [*formulas, *same[:k], order, *(space.range(c) for c in shared[k:])]))
    return found


def _from(info: LoopInfo, access: Access) -> tuple[int, ...]:
    """The loops around an access, from `info`'s inwards."""
    ids = access.touch.context.loops
    return ids[ids.index(info.stmt.id) :]


def _inside(info: LoopInfo, guards: tuple[Guard, ...]) -> list[Guard]:
    return [g for g in guards if info.stmt.id in g.loops]


def _is_exact(loop: CanonicalLoop, space: Space) -> bool:
    """Whether `Space.range` is just what the loop runs through."""
    exact = space.affine(loop.lower) is not None and space.affine(loop.upper) is not None
    return exact and (abs(loop.step) == 1 or space.affine(loop.start_poly) is not None)
