"""Arguments that no MPI function takes: each function's arguments by letters, checked before it does anything.

`p` a buffer, `n` a count, `t` a datatype, `N` and `T` those that only the root gives, `d` a rank to send to, `s` one
to receive from, `g` a tag, `G` a tag or any, `r` a root, `o` an operation, `C` a communicator; `.` is not looked at.
"""

from __future__ import annotations

from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.mpi.communicators import Communicator
from chatmpi.verify.simulate.mpi.datatypes import Datatype
from chatmpi.verify.simulate.mpi.intercommunicators import ROOT, Intercommunicator
from chatmpi.verify.simulate.mpi.operations import UserOperation, misfit
from chatmpi.verify.simulate.mpi.requests import ANY_SOURCE, ANY_TAG, PROC_NULL, named
from chatmpi.verify.simulate.values import IN_PLACE, NULL, Handle

_LARGEST_TAG = 2**31 - 1
_SEND, _RECEIVE = "pntdgC", "pntsGC"
_SIGNATURES = {
    **dict.fromkeys(("MPI_Send", "MPI_Ssend", "MPI_Bsend", "MPI_Rsend"), _SEND),
    **dict.fromkeys(("MPI_Send_init", "MPI_Ssend_init", "MPI_Bsend_init", "MPI_Rsend_init"), _SEND),
    **dict.fromkeys(("MPI_Recv", "MPI_Recv_init"), _RECEIVE),
    **{"MPI_Sendrecv": "pntdgpntsGC", "MPI_Sendrecv_replace": "pntdgsGC", "MPI_Probe": "sGC", "MPI_Iprobe": "sGC"},
    **{"MPI_Barrier": "C", "MPI_Bcast": "pntrC", "MPI_Gather": "pntpNTrC", "MPI_Gatherv": "pntp..TrC"},
    **{
        "MPI_Scatter": "pNTpntrC",
        "MPI_Scatterv": "p..TpntrC",
        "MPI_Alltoallv": "p..tp..tC",
        "MPI_Alltoallw": "p...p...C",
    },
    **{"MPI_Alltoall": "pntpntC", "MPI_Allgather": "pntpntC", "MPI_Allgatherv": "pntp..tC"},
    **{"MPI_Scan": "ppntoC", "MPI_Exscan": "ppntoC", "MPI_Reduce": "ppntorC", "MPI_Allreduce": "ppntoC"},
    **{"MPI_Reduce_scatter": "pp.toC", "MPI_Reduce_scatter_block": "ppntoC"},
    **{"MPI_Neighbor_allgather": "pntpntC", "MPI_Neighbor_allgatherv": "pntp..tC"},
    **{"MPI_Neighbor_alltoall": "pntpntC", "MPI_Neighbor_alltoallv": "p..tp..tC"},
    **{"MPI_Neighbor_alltoallw": "p...p...C", "MPI_Reduce_local": "ppnto"},
    **{"MPI_Comm_rank": "C", "MPI_Comm_size": "C", "MPI_Comm_dup": "C", "MPI_Comm_split": "C", "MPI_Comm_group": "C"},
    **{"MPI_Cart_create": "C", "MPI_Comm_create": "C", "MPI_Abort": "C"},
}
for _name in list(_SIGNATURES):
    if _SIGNATURES[_name].startswith("p") or _name == "MPI_Barrier":
        _SIGNATURES.setdefault(f"MPI_I{_name[4].lower()}{_name[5:]}", _SIGNATURES[_name])
        _SIGNATURES.setdefault(f"{_name}_init", _SIGNATURES[_name])


def signature_of(name: str) -> str | None:
    """The letters of a function's arguments, None if they are not looked at."""
    return _SIGNATURES.get(name)


def check_arguments(name: str, arguments: tuple[Any, ...], rank: int) -> None:
    """Raises Fault."""
    letters = _SIGNATURES.get(name)
    if letters is None:
        return
    comm = None
    where = letters.find("C")
    if where >= 0:
        comm = communicator(arguments[where], rank)
    ranks = len(comm.peers(rank)) if comm is not None else 0
    at = letters.find("r")
    between = isinstance(comm, Intercommunicator)
    is_root = at < 0 or comm is None or arguments[at] == (ROOT if between else comm.rank_of(rank))
    ignored = False  # what belongs to a buffer in place
    for letter, value in zip(letters, arguments, strict=False):
        if letter == "p":
            ignored = value is IN_PLACE
        elif (
            letter in "ndsgGr" and value.__class__ is int and 0 <= value < (ranks if letter in "dsr" else _LARGEST_TAG)
        ):
            continue  # most are just right
        elif not (ignored and letter in "ntNT") and (is_root or letter not in "NT"):
            if between and letter == "r" and value in (ROOT, PROC_NULL):
                continue
            wrong = _wrong(letter.lower() if letter in "NT" else letter, value, ranks)
            if wrong:
                absent = value if letter in "dsr" and value >= ranks else -1
                raise Fault(f"{name}: {wrong}", kind=Kind.INVALID_ARGUMENT, absent=absent)
    by = letters.find("to")
    if by >= 0 and (misfits := misfit(arguments[by + 1], arguments[by])):
        if not arguments[by].committed:
            raise Fault(f"{name}: a datatype is used that was not committed", kind=Kind.DATATYPE)
        raise Fault(f"{name}: {misfits}", kind=Kind.OPERATION)


def communicator(value: Any, rank: int) -> Communicator:
    if not isinstance(value, Communicator):
        what = "MPI_COMM_NULL" if value is NULL else "something that is no communicator"
        raise Fault(f"{what} is used as a communicator", kind=Kind.INVALID_ARGUMENT)
    if rank in value.freed:
        raise Fault("a communicator is used after MPI_Comm_free", kind=Kind.COMMUNICATOR)
    return value


def _wrong(letter: str, value: Any, ranks: int) -> str:
    match letter:
        case "n":
            return f"the count {value} is negative" if value + 0 < 0 else ""
        case "t":
            if isinstance(value, Datatype):
                return ""
            return f"{'MPI_DATATYPE_NULL' if value is NULL else 'something that is none'} is used as a datatype"
        case "d" | "s":
            lowest = PROC_NULL if letter == "d" else ANY_SOURCE
            fine = 0 <= value + 0 < ranks or value in (PROC_NULL, lowest)
            return "" if fine else f"there is no rank {named(value)} among {ranks}"
        case "g" | "G":
            fine = 0 <= value + 0 <= _LARGEST_TAG or (letter == "G" and value == ANY_TAG)
            return "" if fine else f"the tag {named(value)} is not allowed"
        case "r":
            return "" if 0 <= value + 0 < ranks else f"there is no root {named(value)} among {ranks} ranks"
        case "o":
            if isinstance(value, UserOperation):
                return "the operation is used after MPI_Op_free" if value.freed else ""
            fine = type(value) is Handle
            return "" if fine else f"{'MPI_OP_NULL' if value is NULL else 'something that is none'} is the operation"
    return ""
