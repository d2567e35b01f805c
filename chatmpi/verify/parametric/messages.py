"""Which arguments of MPI's functions are parts of memory, and with whom they are exchanged."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis.tree import Call, Expr, Name

ELEMENTS = {
    "MPI_CHAR": "char", "MPI_BYTE": "char", "MPI_UNSIGNED_CHAR": "unsigned char", "MPI_INT": "int", "MPI_LONG": "long",
    "MPI_UNSIGNED": "unsigned int", "MPI_LONG_LONG": "long long", "MPI_UNSIGNED_LONG": "unsigned long",
    "MPI_FLOAT": "float", "MPI_DOUBLE": "double",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Places of arguments in a call: the buffer, how many elements of which type, the peer and tag of a message.

    `writes`: the call writes to it; `message`: it is one of two sides of a message, and not of a collective.
    """

    buffer: int
    count: int
    type: int
    communicator: int
    writes: bool
    peer: int | None = None
    tag: int | None = None

    @property
    def message(self) -> bool:
        return self.peer is not None


_SENT = Part(0, 1, 2, 5, False, 3, 4)
_RECEIVED = Part(0, 1, 2, 5, True, 3, 4)
_PARTS: dict[str, tuple[Part, ...]] = {
    **dict.fromkeys(
        [f"MPI_{kind}" for kind in ("Send", "Ssend", "Rsend", "Isend", "Issend", "Irsend", "Send_init", "Ssend_init")],
        (_SENT,),
    ),
    **dict.fromkeys(["MPI_Recv", "MPI_Irecv", "MPI_Recv_init"], (_RECEIVED,)),
    "MPI_Sendrecv": (Part(0, 1, 2, 10, False, 3, 4), Part(5, 6, 7, 10, True, 8, 9)),
    "MPI_Bcast": (Part(0, 1, 2, 4, True),),
    "MPI_Reduce": (Part(0, 2, 3, 6, False), Part(1, 2, 3, 6, True)),
    **dict.fromkeys(
        ["MPI_Allreduce", "MPI_Scan", "MPI_Exscan"], (Part(0, 2, 3, 5, False), Part(1, 2, 3, 5, True))
    ),
    **dict.fromkeys(["MPI_Gather", "MPI_Allgather", "MPI_Gatherv", "MPI_Allgatherv"], (Part(0, 1, 2, -1, False),)),
}  # fmt: skip


def parts_of(call: Call) -> tuple[Part, ...]:
    found = _PARTS.get(call.name or "", ())
    return found if all(max(p.buffer, p.count, p.type) < len(call.arguments) for p in found) else ()


def element_of(kind: Expr) -> str | None:
    """The C scalar that one of MPI's own types stands for."""
    return ELEMENTS.get(kind.symbol.name) if isinstance(kind, Name) else None
