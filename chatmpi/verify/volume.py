"""How much a program communicates, whoever wrote it: its MPI calls, times the loops around them, by the cost model.

It ranks candidates that do the same. So it is enough that repetitions count alike for all.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.plan.cost import LATENCY, WORD

_REPEATED = 1e3  # a loop's iterations
_WORDS = 1e3  # of a message whose count is no number

# Calls that communicate → the number of their first count among the arguments; None sends nothing but a signal.
_COUNTS = {
    **dict.fromkeys(("MPI_Send", "MPI_Ssend", "MPI_Bsend", "MPI_Rsend", "MPI_Isend", "MPI_Issend", "MPI_Send_init"), 1),
    **dict.fromkeys(("MPI_Sendrecv", "MPI_Sendrecv_replace", "MPI_Bcast", "MPI_Ibcast"), 1),
    **dict.fromkeys(("MPI_Reduce", "MPI_Allreduce", "MPI_Scan", "MPI_Exscan", "MPI_Ireduce", "MPI_Iallreduce"), 2),
    **dict.fromkeys(("MPI_Gather", "MPI_Gatherv", "MPI_Allgather", "MPI_Allgatherv", "MPI_Iallgather"), 1),
    **dict.fromkeys(("MPI_Scatter", "MPI_Alltoall", "MPI_Reduce_scatter_block"), 1),
    **dict.fromkeys(("MPI_Scatterv", "MPI_Alltoallv", "MPI_Reduce_scatter", "MPI_Neighbor_alltoall"), None),
    "MPI_Barrier": None,
}
_TO_ALL = ("all", "All", "Bcast", "Ibcast", "Scan", "Barrier")


@dataclass(frozen=True, slots=True, order=True)
class Volume:
    """Seconds by the model; the communicating calls in the text."""

    seconds: float
    calls: int


def volume(program: tree.Program) -> Volume:
    """Of all functions that have a body, each reckoned as often as its calls are."""
    bodies = {f.symbol.name: f.body for f in program.functions}
    found: list[float] = []
    _collect(bodies.get("main"), 1.0, bodies, ("main",), found)
    return Volume(sum(found), len(found))


def _collect(
    node: tree.Node | None, times: float, bodies: dict[str, tree.Block], above: tuple[str, ...], found: list[float]
) -> None:
    if node is None:
        return
    if isinstance(node, (tree.For, tree.While, tree.DoWhile)):
        times *= _REPEATED
    if isinstance(node, tree.Call) and node.name:
        if node.name in _COUNTS:
            found.append(times * _seconds(node))
        elif node.name in bodies and node.name not in above:
            _collect(bodies[node.name], times, bodies, (*above, node.name), found)
    for child in tree.children(node):
        _collect(child, times, bodies, above, found)


def _seconds(call: tree.Call) -> float:
    position = _COUNTS[call.name] if call.name else None
    hops = 3.0 if any(part in str(call.name) for part in _TO_ALL) else 1.0
    if position is None or position >= len(call.arguments):
        return hops * LATENCY
    count = call.arguments[position]
    words = float(count.value) if isinstance(count, tree.IntLiteral) else _WORDS
    return hops * (LATENCY + WORD * words)
