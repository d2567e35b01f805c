"""Cartesian process grids."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import array, put, put_all
from chatmpi.verify.simulate.mpi.arguments import communicator
from chatmpi.verify.simulate.mpi.calls.communicator_calls import adopted
from chatmpi.verify.simulate.mpi.communicators import Communicator, Topology
from chatmpi.verify.simulate.mpi.new_communicators import grid_of, shifted
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, meet

_GRAPH, _CART, _DISTRIBUTED, _UNDEFINED = 1, 2, 3, -32766


def _dims_create(_world: World, _rank: Rank, nodes: int, ndims: int, dims: Any) -> int:
    given = array(dims, ndims)
    fixed = math.prod(d for d in given if d > 0)
    if nodes <= 0 or min(given, default=0) < 0 or nodes % fixed:
        raise Fault(f"MPI_Dims_create: {nodes} ranks do not divide by {fixed}", kind=Kind.INVALID_ARGUMENT)
    free = iter(_balanced(nodes // fixed, given.count(0)))
    put_all(dims, [d or next(free) for d in given])
    return 0


def _balanced(number: int, parts: int) -> tuple[int, ...]:
    """Factors as near to each other as can be, the largest first."""
    if parts == 0:
        return ()
    divisors = [d for d in range(1, number + 1) if number % d == 0]
    found = [c for c in itertools.combinations_with_replacement(divisors, parts) if math.prod(c) == number]
    return min((c[::-1] for c in found), key=lambda c: (c[0] - c[-1], c[0]))


def _cart_create(world: World, rank: Rank, *arguments: Any) -> Waiting:
    comm = communicator(arguments[0], rank.number)
    dims = array(arguments[2], arguments[1])
    if min(dims, default=1) < 1 or math.prod(dims) > len(comm.members):
        message = f"MPI_Cart_create: a grid of {' x '.join(map(str, dims))} of {len(comm.members)} ranks"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    return adopted(rank, meet(world, rank, comm, arguments), arguments[5])


def _cart_sub(world: World, rank: Rank, *arguments: Any) -> Waiting:
    comm = communicator(arguments[0], rank.number)
    grid_of(comm)
    return adopted(rank, meet(world, rank, comm, arguments), arguments[2])


def _of(comm: Any, rank: Rank) -> tuple[Communicator, Topology]:
    known = communicator(comm, rank.number)
    return known, grid_of(known)


def _coords(_world: World, rank: Rank, comm: Any, which: int, most: int, result: Any) -> int:
    known, grid = _of(comm, rank)
    if not 0 <= which < len(known.members):
        message = f"MPI_Cart_coords: there is no rank {which} among {len(known.members)}"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    put_all(result, list(grid.coordinates(which))[:most])
    return 0


def _cart_rank(_world: World, rank: Rank, comm: Any, coords: Any, result: Any) -> int:
    _, grid = _of(comm, rank)
    at = array(coords, len(grid.dims))
    found = grid.rank(tuple(at))
    if found is None:
        message = f"MPI_Cart_rank: the coordinates ({', '.join(map(str, at))}) are outside of the grid"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    put(result, found)
    return 0


def _shift(_world: World, rank: Rank, comm: Any, direction: int, steps: int, source: Any, target: Any) -> int:
    known, grid = _of(comm, rank)
    if not 0 <= direction < len(grid.dims):
        message = f"MPI_Cart_shift: there is no direction {direction} among {len(grid.dims)}"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    me = known.rank_of(rank.number)
    put(source, shifted(known, me, direction, -steps))
    put(target, shifted(known, me, direction, steps))
    return 0


def _cart_get(_world: World, rank: Rank, comm: Any, most: int, dims: Any, periods: Any, coords: Any) -> int:
    known, grid = _of(comm, rank)
    put_all(dims, list(grid.dims)[:most])
    put_all(periods, [int(p) for p in grid.periodic][:most])
    put_all(coords, list(grid.coordinates(known.rank_of(rank.number)))[:most])
    return 0


def _cartdim_get(_world: World, rank: Rank, comm: Any, result: Any) -> int:
    put(result, len(_of(comm, rank)[1].dims))
    return 0


def _topo_test(_world: World, rank: Rank, comm: Any, result: Any) -> int:
    known = communicator(comm, rank.number)
    if known.graph is not None:
        put(result, _DISTRIBUTED if known.graph.is_distributed else _GRAPH)
    else:
        put(result, _UNDEFINED if known.topology is None else _CART)
    return 0


TOPOLOGY_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Dims_create": _dims_create, "MPI_Cart_create": _cart_create, "MPI_Cart_sub": _cart_sub},
    **{"MPI_Cart_coords": _coords, "MPI_Cart_rank": _cart_rank, "MPI_Cart_shift": _shift, "MPI_Cart_get": _cart_get},
    **{"MPI_Cartdim_get": _cartdim_get, "MPI_Topo_test": _topo_test},
}
