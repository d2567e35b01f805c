"""Dependences between iterations of one loop, as isl sets: empty means that the iterations can be separated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

import islpy as isl

from chatmpi.analysis.iterations.outer_ranges import outer_ranges
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo, LoopTable
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import TRUE, Parameters, Space, holds_nowhere, isl_set, sample
from chatmpi.analysis.numbers.few_operations import few_operations, is_empty
from chatmpi.analysis.numbers.polynomial import Atom, Polynomial, variable
from chatmpi.analysis.numbers.values import Naming

_OF_AN_EXAMPLE = 100_000  # operations of isl


@dataclass(frozen=True, slots=True)
class ArrayDependence:
    """`earlier` and `later` touch one element in different iterations of the loop; at least one writes it.

    `witness`: values of the loop variable in the two iterations; None where no example could be computed.
    """

    earlier: Access
    later: Access
    witness: tuple[int, int] | None

    @property
    def kind(self) -> str:
        if self.earlier.touch.write:
            return "flow" if self.later.touch.read else "output"
        return "anti"


def carried(loop: LoopInfo, accesses: tuple[Access, ...], loops: LoopTable, naming: Naming) -> ArrayDependence | None:
    """A dependence between two different iterations of `loop` through the accesses of one array, if there is one."""
    distinct = _distinct(accesses)
    for a in distinct:
        for b in distinct:
            if a.touch.write or b.touch.write:
                found = _between(loop, a, b, loops, naming)
                if found is not None:
                    return found
    return None


def _distinct(accesses: tuple[Access, ...]) -> list[Access]:
    """One access for all that are the same to the test; writes before reads, so that flow is found first."""
    found: dict[object, Access] = {}
    for a in accesses:
        context = a.touch.context
        key = (a.subscripts, a.linear, context.loops, context.guards, a.touch.write, a.touch.read)
        found.setdefault(key, a)
    return sorted(found.values(), key=lambda a: not a.touch.write)


def _between(info: LoopInfo, a: Access, b: Access, loops: LoopTable, naming: Naming) -> ArrayDependence | None:
    loop = info.canonical
    assert loop is not None
    if _same_iteration_only(loop, a, b, info, naming):
        return None
    parameters = Parameters()
    first = _instance("x", info, a, loops, parameters, naming)
    second = _instance("y", info, b, loops, parameters, naming)
    order = f"{first.dims[0]} < {second.dims[0]}" if loop.step > 0 else f"{first.dims[0]} > {second.dims[0]}"
    equal = _same_element(a, b, first.space, second.space)
    known = [*first.facts, *second.facts, order, *equal]
    known += outer_ranges(info, loops, first.space)
    conflict = isl_set(parameters, [*first.dims, *second.dims], known)
    if is_empty(conflict):
        return None
    return ArrayDependence(a, b, _witness(conflict, len(first.dims)))


def carried_between(info: LoopInfo, earlier: Access, later: Access, loops: LoopTable, naming: Naming) -> bool:
    """Whether `earlier` in one iteration may touch the element that `later` touches in a later one."""
    return _between(info, earlier, later, loops, naming) is not None


def meet_in_order(
    info: LoopInfo,
    one: Access,
    other: Access,
    loops: LoopTable,
    naming: Naming,
    order: Callable[[Sequence[str], Sequence[str]], str],
) -> bool:
    """Whether, in one execution of the loop, two accesses may touch one element in iterations of which `order` holds:
    of the counters of the loops around each, `info`'s own first."""
    parameters = Parameters()
    first = _instance("x", info, one, loops, parameters, naming)
    second = _instance("y", info, other, loops, parameters, naming)
    known = [*first.facts, *second.facts, f"({order(first.dims, second.dims)})"]
    known += _same_element(one, other, first.space, second.space) + outer_ranges(info, loops, first.space)
    return not holds_nowhere(parameters, [*first.dims, *second.dims], known)


@dataclass(frozen=True, slots=True)
class _Instance:
    """One execution of an access: the dimensions (the loop's own first), what holds of them, how to write them."""

    dims: list[str]
    facts: list[str]
    space: Space


def _instance(
    prefix: str, info: LoopInfo, access: Access, loops: LoopTable, parameters: Parameters, naming: Naming
) -> _Instance:
    around = loops_from(info, access, loops)
    dims: dict[Atom, str] = {variable(c.variable): f"{prefix}{k}" for k, c in enumerate(around)}
    own = frozenset(c.variable for c in around)
    space = Space(dims, parameters, info.written - own, naming)
    facts = [space.range(c) for c in around]
    facts.append(space.guards(access.touch.context.guards, info, loops))
    return _Instance(list(dims.values()), facts, space)


def loops_from(info: LoopInfo, access: Access, loops: LoopTable) -> list[CanonicalLoop]:
    """The canonical loops around an access, from `info`'s loop inwards."""
    ids = access.touch.context.loops
    inner = ids[ids.index(info.stmt.id) :]
    return [c for i in inner if (c := loops[i].counted) is not None]


def _same_iteration_only(loop: CanonicalLoop, a: Access, b: Access, info: LoopInfo, naming: Naming) -> bool:
    """A quick proof that the two never meet in different iterations: some dimension is `f*i + fixed` in both."""
    own = variable(loop.variable)
    for p, q in _places(a, b):
        if p is None or q is None or p != q:
            continue
        factor = p.coefficient(own).constant
        if factor and not any(s in info.written - {loop.variable} for s in p.symbols):
            return True
    return False


def _same_element(a: Access, b: Access, first: Space, second: Space) -> list[str]:
    """Equations that hold where both touch one element, as far as the subscripts are known."""
    pairs = _places(a, b)
    if any(p is None or q is None for p, q in pairs):
        pairs.append((a.linear, b.linear))
    equations = []
    for p, q in pairs:
        left, right = first.affine(p), second.affine(q)
        equations.append(TRUE if left is None or right is None else f"{left} = {right}")
    return equations


def _places(a: Access, b: Access) -> list[tuple[Polynomial | None, Polynomial | None]]:
    """The subscripts of both, dimension by dimension, and those of dimensions that are joined in both."""
    pairs = list(zip(a.subscripts, b.subscripts, strict=True))
    if a.joined is not None and b.joined is not None and a.joined.count == b.joined.count:
        pairs.append((a.joined.place, b.joined.place))
    return pairs


def _witness(conflict: isl.Set, position: int) -> tuple[int, int] | None:
    """Two iterations of a small example: parameters and first iteration as small as they can be, if that is soon
    found."""
    for points in (conflict.lexmin, conflict.copy):
        with few_operations(conflict.get_ctx(), _OF_AN_EXAMPLE):
            values = sample(points())
            return values["d0"], values[f"d{position}"]
    return None


def may_precede(
    info: LoopInfo, write: Access, read: Access, loops: LoopTable, naming: Naming, later: bool, whenever: bool = False
) -> bool:
    """Whether, in one execution of the loop, `write` may change an element before `read` reads it.

    `later`: the write stands behind the read in the text. `whenever`: whether the two may meet at all, other than in
    one iteration that reads first.
    """
    loop = info.canonical
    if loop is None:
        return True
    parameters = Parameters()
    first = _instance("x", info, write, loops, parameters, naming)
    second = _instance("y", info, read, loops, parameters, naming)
    apart = len(_common(write, read)) == len(info.around)
    relation = ("<" if loop.step > 0 else ">") + ("" if later and apart else "=")
    order = f"{first.dims[0]} {relation} {second.dims[0]}"
    if whenever:
        order = f"{first.dims[0]} != {second.dims[0]}" if later and apart else TRUE
    equal = _same_element(write, read, first.space, second.space)
    known = [*first.facts, *second.facts, order, *equal]
    known += outer_ranges(info, loops, first.space)
    return not holds_nowhere(parameters, [*first.dims, *second.dims], known)


def may_meet(
    info: LoopInfo,
    one: Access,
    other: Access,
    loops: LoopTable,
    naming: Naming,
    unequal: tuple[Polynomial, Polynomial] | None = None,
) -> bool:
    """Whether, in one execution of the loop, two accesses may touch one element, in whatever iterations; `unequal`:
    whether they do where these differ for the first."""
    parameters = Parameters()
    first = _instance("x", info, one, loops, parameters, naming)
    second = _instance("y", info, other, loops, parameters, naming)
    known = [*first.facts, *second.facts, *_same_element(one, other, first.space, second.space)]
    if unequal is not None:
        left, right = (first.space.affine(p) for p in unequal)
        known.append(TRUE if left is None or right is None else f"{left} != {right}")
    known += outer_ranges(info, loops, first.space)
    return not holds_nowhere(parameters, [*first.dims, *second.dims], known)


def _common(a: Access, b: Access) -> list[int]:
    """The loops around both."""
    pairs = zip(a.touch.context.loops, b.touch.context.loops, strict=False)
    return [i for i, _ in takewhile(lambda p: p[0] == p[1], pairs)]
