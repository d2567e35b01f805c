"""Communicators whose ranks are the nodes of a graph."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import array, put, put_all
from chatmpi.verify.simulate.mpi.arguments import communicator
from chatmpi.verify.simulate.mpi.calls.communicator_calls import adopted
from chatmpi.verify.simulate.mpi.communicators import Communicator, Graph
from chatmpi.verify.simulate.mpi.world import Rank, Waiting, World, meet
from chatmpi.verify.simulate.values import Handle


def _check(rank: Rank, comm: Communicator, ranks: Sequence[int]) -> None:
    for r in ranks:
        if not 0 <= r < len(comm.members):
            message = f"{rank.call}: there is no rank {r} among {len(comm.members)}"
            raise Fault(message, kind=Kind.INVALID_ARGUMENT)


def _create(world: World, rank: Rank, comm: Any, nodes: int, index: Any, edges: Any, *others: Any) -> Waiting:
    _reorder, place = others
    known = communicator(comm, rank.number)
    if not 0 <= nodes <= len(known.members):
        message = f"{rank.call}: a graph of {nodes} nodes of {len(known.members)} ranks"
        raise Fault(message, kind=Kind.INVALID_ARGUMENT)
    ends = array(index, nodes)
    if any(b < a for a, b in itertools.pairwise((0, *ends))):
        raise Fault(f"{rank.call}: the numbers of edges do not grow", kind=Kind.INVALID_ARGUMENT)
    to = array(edges, ends[-1] if ends else 0)
    _check(rank, known, to)
    around = tuple(tuple(to[a:b]) for a, b in itertools.pairwise((0, *ends)))
    return adopted(rank, meet(world, rank, known, (known, around, place)), place)


def _weights(pointer: Any, count: int) -> None:
    if not isinstance(pointer, Handle):
        array(pointer, count)


def _adjacent(world: World, rank: Rank, comm: Any, *a: Any) -> Waiting:
    known, (sources, in_weights), (targets, out_weights) = communicator(comm, rank.number), a[1:3], a[4:6]
    arriving, leaving = array(sources, a[0]), array(targets, a[3])
    _weights(in_weights, a[0])
    _weights(out_weights, a[3])
    _check(rank, known, (*arriving, *leaving))
    return adopted(rank, meet(world, rank, known, (known, (arriving, leaving), a[8])), a[8])


def _edges(world: World, rank: Rank, comm: Any, n: int, sources: Any, degrees: Any, targets: Any, *a: Any) -> Waiting:
    known, place = communicator(comm, rank.number), a[3]
    begins, counts = array(sources, n), array(degrees, n)
    if min(counts, default=0) < 0:
        raise Fault(f"{rank.call}: a degree is negative", kind=Kind.INVALID_ARGUMENT)
    ends = array(targets, sum(counts))
    _check(rank, known, (*begins, *ends))
    to = iter(ends)
    edges = [(begin, next(to)) for begin, count in zip(begins, counts, strict=True) for _ in range(count)]
    return adopted(rank, meet(world, rank, known, (known, edges, place)), place)


def graph_of(comm: Any, rank: Rank) -> Graph:
    known = communicator(comm, rank.number)
    if known.graph is None:
        raise Fault(f"{rank.call}: {known.name} has no graph", kind=Kind.COMMUNICATOR)
    return known.graph


def _dims(_world: World, rank: Rank, comm: Any, nodes: Any, edges: Any) -> int:
    graph = graph_of(comm, rank)
    put(nodes, len(graph.targets))
    put(edges, sum(map(len, graph.targets)))
    return 0


def _get(_world: World, rank: Rank, comm: Any, most: int, most_edges: int, index: Any, edges: Any) -> int:
    graph = graph_of(comm, rank)
    put_all(index, list(itertools.accumulate(map(len, graph.targets)))[:most])
    put_all(edges, [t for near in graph.targets for t in near][:most_edges])
    return 0


def _count(_world: World, rank: Rank, comm: Any, which: int, result: Any) -> int:
    _check(rank, communicator(comm, rank.number), (which,))
    put(result, len(graph_of(comm, rank).targets[which]))
    return 0


def _neighbors(_world: World, rank: Rank, comm: Any, which: int, most: int, result: Any) -> int:
    _check(rank, communicator(comm, rank.number), (which,))
    put_all(result, list(graph_of(comm, rank).targets[which])[:most])
    return 0


def _degrees(_world: World, rank: Rank, comm: Any, arriving: Any, leaving: Any, weighted: Any) -> int:
    graph, me = graph_of(comm, rank), communicator(comm, rank.number).rank_of(rank.number)
    put(arriving, len(graph.sources[me]))
    put(leaving, len(graph.targets[me]))
    put(weighted, 0)
    return 0


def _around(_world: World, rank: Rank, comm: Any, most_in: int, *a: Any) -> int:
    sources, _, most_out, targets, _ = a
    graph, me = graph_of(comm, rank), communicator(comm, rank.number).rank_of(rank.number)
    put_all(sources, list(graph.sources[me])[:most_in])
    put_all(targets, list(graph.targets[me])[:most_out])
    return 0


def _map(_world: World, rank: Rank, comm: Any, *arguments: Any) -> int:
    put(arguments[-1], communicator(comm, rank.number).rank_of(rank.number))
    return 0


GRAPH_CALLS: dict[str, Callable[..., Any]] = {
    **{"MPI_Graph_create": _create, "MPI_Dist_graph_create_adjacent": _adjacent, "MPI_Dist_graph_create": _edges},
    **{"MPI_Graphdims_get": _dims, "MPI_Graph_get": _get, "MPI_Graph_neighbors_count": _count},
    **{"MPI_Graph_neighbors": _neighbors, "MPI_Dist_graph_neighbors_count": _degrees},
    **{"MPI_Dist_graph_neighbors": _around, "MPI_Graph_map": _map, "MPI_Cart_map": _map},
}
