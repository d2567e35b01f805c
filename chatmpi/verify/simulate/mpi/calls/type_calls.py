"""MPI's derived datatypes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import array, get, put
from chatmpi.verify.simulate.mpi.datatypes import Datatype, TypeMap, derived, size_of
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.values import NULL, Pointer

_FORTRAN = 1


def the_type(value: Any) -> Datatype:
    if not isinstance(value, Datatype):
        raise Fault("what is given as a datatype is none", kind=Kind.INVALID_ARGUMENT)
    if value.freed:
        raise Fault("a datatype is used after MPI_Type_free", kind=Kind.DATATYPE)
    return value


def _made(rank: Rank, result: Any, type: Datatype) -> int:
    type.line = rank.line
    rank.made.append(type)
    put(result, type)
    return 0


def _positive(*numbers: int) -> None:
    for n in numbers:
        if n < 0:
            raise Fault(f"a count of {n}", kind=Kind.INVALID_ARGUMENT)


def _contiguous(_world: World, rank: Rank, count: int, old: Any, result: Any) -> int:
    map = the_type(old).map
    _positive(count)
    return _made(rank, result, derived("a contiguous type", [(k * map.extent, map) for k in range(count)]))


def _strided(name: str, count: int, length: int, stride: int, map: TypeMap) -> Datatype:
    """`stride` in bytes."""
    _positive(count, length)
    return derived(name, [(i * stride + j * map.extent, map) for i in range(count) for j in range(length)])


def _vector(_world: World, rank: Rank, count: int, length: int, stride: int, old: Any, result: Any) -> int:
    map = the_type(old).map
    return _made(rank, result, _strided("a vector type", count, length, stride * map.extent, map))


def _hvector(_world: World, rank: Rank, count: int, length: int, stride: int, old: Any, result: Any) -> int:
    return _made(rank, result, _strided("an hvector type", count, length, stride + 0, the_type(old).map))


def _blocks(lengths: list[int], places: list[int], map: TypeMap) -> list[tuple[int, TypeMap]]:
    """`places` in bytes."""
    _positive(*lengths)
    return [(p + j * map.extent, map) for n, p in zip(lengths, places, strict=True) for j in range(n)]


def _indexed(in_bytes: bool) -> Callable[..., int]:
    def indexed(_world: World, rank: Rank, count: int, lengths: Any, places: Any, old: Any, result: Any) -> int:
        map = the_type(old).map
        unit = 1 if in_bytes else map.extent
        at = [p * unit for p in array(places, count)]
        return _made(rank, result, derived("an indexed type", _blocks(array(lengths, count), at, map)))

    return indexed


def _indexed_block(in_bytes: bool) -> Callable[..., int]:
    def indexed(_world: World, rank: Rank, count: int, length: int, places: Any, old: Any, result: Any) -> int:
        map = the_type(old).map
        unit = 1 if in_bytes else map.extent
        at = [p * unit for p in array(places, count)]
        return _made(rank, result, derived("an indexed type", _blocks([length] * count, at, map)))

    return indexed


def _struct(_world: World, rank: Rank, count: int, lengths: Any, places: Any, types: Pointer, result: Any) -> int:
    parts = []
    for k, (n, p) in enumerate(zip(array(lengths, count), array(places, count), strict=True)):
        parts += _blocks([n], [p], the_type(get((types[0], types[1] + k))).map)
    return _made(rank, result, derived("a struct type", parts, align=True))


def _subarray(
    _world: World, rank: Rank, dims: int, sizes: Any, parts: Any, starts: Any, order: int, old: Any, result: Any
) -> int:
    map = the_type(old).map
    whole, own, first = array(sizes, dims), array(parts, dims), array(starts, dims)
    for n, m, s in zip(whole, own, first, strict=True):
        if m < 1 or s < 0 or s + m > n:
            message = f"a part of {m} elements from {s} on of a dimension of {n}"
            raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    if order == _FORTRAN:
        whole, own, first = whole[::-1], own[::-1], first[::-1]
    blocks = []
    for index in itertools.product(*(range(s, s + m) for s, m in zip(first, own, strict=True))):
        at = 0
        for i, n in zip(index, whole, strict=True):
            at = at * n + i
        blocks.append((at * map.extent, map))
    total = map.extent
    for n in whole:
        total *= n
    made = derived("a subarray type", blocks)
    made.map = TypeMap(made.map.kinds, made.map.offsets, total)
    return _made(rank, result, made)


_BLOCK, _CYCLIC, _NONE, _DEFAULT = 0, 1, 2, -1


def _owned(extent: int, how: int, length: int, parts: int, part: int) -> list[int]:
    """The indices of one dimension that a process has."""
    if how == _NONE:
        return list(range(extent))
    if how == _BLOCK:
        length = -(-extent // parts) if length == _DEFAULT else length
        return list(range(min(part * length, extent), min((part + 1) * length, extent)))
    length = 1 if length == _DEFAULT else length
    return [i for i in range(extent) if i // length % parts == part]


def _darray(_world: World, rank: Rank, size: int, which: int, dims: int, *a: Any) -> int:
    map, (order, result) = the_type(a[5]).map, (a[4], a[6])
    extents, kinds, lengths, grid = (array(v, dims) for v in a[:4])
    if math.prod(grid) != size or not 0 <= which < size:
        message = f"{rank.call}: process {which} of a grid of {grid} for {size} processes"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    at = []
    for extent in reversed(grid):
        at.append(which % extent)
        which //= extent
    parts = zip(extents, kinds, lengths, grid, reversed(at), strict=True)
    owned = [_owned(n, how, length, p, k) for n, how, length, p, k in parts]
    if order == _FORTRAN:
        extents, owned = extents[::-1], owned[::-1]
    blocks = []
    for index in itertools.product(*owned):
        place = 0
        for i, n in zip(index, extents, strict=True):
            place = place * n + i
        blocks.append((place * map.extent, map))
    made = derived("a type of a distributed array", blocks)
    made.map = TypeMap(made.map.kinds, made.map.offsets, math.prod(extents) * map.extent)
    return _made(rank, result, made)


def _resized(_world: World, rank: Rank, old: Any, low: int, extent: int, result: Any) -> int:
    map = the_type(old).map
    return _made(rank, result, Datatype("a resized type", TypeMap(map.kinds, map.offsets, extent + 0, low + 0)))


def _dup(_world: World, rank: Rank, old: Any, result: Any) -> int:
    type = the_type(old)
    return _made(rank, result, Datatype(type.name, type.map, type.committed))


def _commit(_world: World, _rank: Rank, pointer: Any) -> int:
    the_type(get(pointer)).committed = True
    return 0


def _free(_world: World, _rank: Rank, pointer: Any) -> int:
    type = the_type(get(pointer))
    if not type.line:
        raise Fault(f"the predefined type {type.name} is freed", kind=Kind.INVALID_ARGUMENT)
    type.freed = True
    put(pointer, NULL)
    return 0


def _size(_world: World, _rank: Rank, type: Any, result: Any) -> int:
    put(result, the_type(type).map.size)
    return 0


def _extent(_world: World, _rank: Rank, type: Any, low: Any, extent: Any) -> int:
    map = the_type(type).map
    put(low, map.low)
    put(extent, map.extent)
    return 0


def _true_extent(_world: World, _rank: Rank, type: Any, low: Any, extent: Any) -> int:
    map = the_type(type).map
    first = min(map.offsets, default=0)
    put(low, first)
    put(extent, max((o + size_of(k) for o, k in zip(map.offsets, map.kinds, strict=True)), default=0) - first)
    return 0


def _get_address(_world: World, rank: Rank, pointer: Any, result: Any) -> int:
    put(result, rank.process.address(pointer))
    return 0


TYPE_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Type_contiguous": _contiguous, "MPI_Type_vector": _vector, "MPI_Type_create_hvector": _hvector},
    **{"MPI_Type_indexed": _indexed(False), "MPI_Type_create_hindexed": _indexed(True)},
    "MPI_Type_create_indexed_block": _indexed_block(False),
    "MPI_Type_create_hindexed_block": _indexed_block(True),
    **{"MPI_Type_create_struct": _struct, "MPI_Type_create_subarray": _subarray},
    "MPI_Type_create_darray": _darray,
    **{"MPI_Type_create_resized": _resized, "MPI_Type_dup": _dup, "MPI_Type_commit": _commit},
    **{"MPI_Type_free": _free, "MPI_Type_size": _size, "MPI_Type_get_extent": _extent},
    "MPI_Type_get_true_extent": _true_extent,
    **{"MPI_Type_size_x": _size, "MPI_Type_get_extent_x": _extent, "MPI_Type_get_true_extent_x": _true_extent},
    **{"MPI_Get_address": _get_address},
    "MPI_Aint_add": lambda _world, _rank, a, b: a + b,
    "MPI_Aint_diff": lambda _world, _rank, a, b: a - b,
}
