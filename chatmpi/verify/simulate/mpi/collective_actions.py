"""What is done once all ranks have come to a collective call."""

from __future__ import annotations

from collections.abc import Sequence

from chatmpi.verify.simulate.mpi.agreement import base_name
from chatmpi.verify.simulate.mpi.collectives import ACTIONS
from chatmpi.verify.simulate.mpi.communicators import Call
from chatmpi.verify.simulate.mpi.intercommunicator_actions import carry_out_between
from chatmpi.verify.simulate.mpi.intercommunicators import Intercommunicator
from chatmpi.verify.simulate.mpi.neighbors import NEIGHBOUR_ACTIONS
from chatmpi.verify.simulate.mpi.new_communicators import NEW_COMMUNICATORS
from chatmpi.verify.simulate.mpi.new_graphs import NEW_GRAPHS
from chatmpi.verify.simulate.mpi.windows import WINDOW_ACTIONS
from chatmpi.verify.simulate.terms import Terms

# The ranks wait for each other, and each does the rest itself.
_NOTHING = frozenset({"MPI_Barrier", "MPI_Finalize", "MPI_Comm_free", "MPI_Comm_disconnect", "MPI_Intercomm_create"})


def carry_out(calls: Sequence[Call], terms: Terms) -> None:
    """`calls` in the order of ranks."""
    name = base_name(calls[0].name)
    if name in _NOTHING or name.startswith("MPI_File_"):
        return
    if isinstance(calls[0].comm, Intercommunicator):
        carry_out_between(name, calls, terms)
    elif name in NEW_COMMUNICATORS:
        NEW_COMMUNICATORS[name](calls)
    elif name in NEW_GRAPHS:
        NEW_GRAPHS[name](calls)
    elif name in WINDOW_ACTIONS:
        WINDOW_ACTIONS[name](calls)
    elif name in NEIGHBOUR_ACTIONS:
        NEIGHBOUR_ACTIONS[name](calls)
    else:
        ACTIONS[name](calls, terms)
