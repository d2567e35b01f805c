"""Collectives that make communicators with a graph; each rank gives the communicator, what it knows of the graph, and
where the new one goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.access import put
from chatmpi.verify.simulate.mpi.communicators import Call, Communicator, Graph
from chatmpi.verify.simulate.values import NULL


def _give(calls: Sequence[Call], graph: Graph) -> None:
    inside = calls[: len(graph.targets)]
    made = Communicator(f"the communicator of line {calls[0].line}", tuple(c.world_rank for c in inside), calls[0].line)
    made.graph = graph
    for call in calls:
        put(call.arguments[2], made if call in inside else NULL)


def _graph(calls: Sequence[Call]) -> None:
    around = calls[0].arguments[1]
    for call in calls:
        if call.arguments[1] != around:
            message = f"{call.name}: the ranks give different graphs"
            raise Fault(message, call.line, call.world_rank, kind=Kind.COMMUNICATOR, others=(calls[0].line,))
    _give(calls, Graph(around, around))


def _adjacent(calls: Sequence[Call]) -> None:
    sources, targets = (tuple(tuple(c.arguments[1][k]) for c in calls) for k in (0, 1))
    for call in calls:
        for other in calls:
            if sources[call.rank].count(other.rank) != targets[other.rank].count(call.rank):
                message = f"{call.name}: ranks {other.rank} and {call.rank} do not agree about the edges between them"
                raise Fault(message, call.line, call.world_rank, kind=Kind.COMMUNICATOR, others=(other.line,))
    _give(calls, Graph(sources, targets, is_distributed=True))


def _edges(calls: Sequence[Call]) -> None:
    edges = [edge for call in calls for edge in call.arguments[1]]
    sources = tuple(tuple(a for a, b in edges if b == r) for r in range(len(calls)))
    targets = tuple(tuple(b for a, b in edges if a == r) for r in range(len(calls)))
    _give(calls, Graph(sources, targets, is_distributed=True))


NEW_GRAPHS: dict[str, Callable[[Sequence[Call]], None]] = {
    **{"MPI_Graph_create": _graph, "MPI_Dist_graph_create_adjacent": _adjacent, "MPI_Dist_graph_create": _edges},
}
