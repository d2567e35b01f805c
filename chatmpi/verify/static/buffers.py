"""Buffers against the datatypes given with them, and buffers that are given twice."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.tree import CType, Expr, Scalar
from chatmpi.verify.simulate.errors import Kind
from chatmpi.verify.simulate.mpi.agreement import base_name
from chatmpi.verify.simulate.mpi.arguments import signature_of
from chatmpi.verify.simulate.mpi.datatypes import is_same_kind, scalar_of
from chatmpi.verify.static.constants import Constants
from chatmpi.verify.static.findings import Finding
from chatmpi.verify.static.reached import Site

_CHARACTERS = frozenset({"char", "signed char", "unsigned char"})
_ADDRESSES = frozenset({"long", "unsigned long"})

# Of what sends and receives: the places of the two buffers, and of the count that tells whether there is anything.
_PAIRS = {
    **dict.fromkeys(("MPI_Reduce", "MPI_Allreduce", "MPI_Scan", "MPI_Exscan", "MPI_Reduce_scatter_block"), (0, 1, 2)),
    **dict.fromkeys(("MPI_Gather", "MPI_Gatherv", "MPI_Allgather", "MPI_Allgatherv", "MPI_Alltoall"), (0, 3, 1)),
    **{"MPI_Scatter": (0, 3, 1), "MPI_Scatterv": (0, 4, 5), "MPI_Alltoallv": (0, 4, -1)},
    "MPI_Reduce_scatter": (0, 1, -1),
}
_ROOTED = frozenset({"MPI_Reduce", "MPI_Gather", "MPI_Gatherv", "MPI_Scatter", "MPI_Scatterv"})


def check(site: Site, constants: Constants) -> Iterator[Finding]:
    yield from _types(site, constants)
    yield from _given_twice(site, constants)


# ----------------------------------------------------------------------------------------------- types


def _types(site: Site, constants: Constants) -> Iterator[Finding]:
    letters = signature_of(site.name) or ""
    for k in range(len(letters) - 2):
        # of the two buffers of a reduction the second is next to the count
        if letters[k : k + 3] in ("pnt", "pNT") and k + 2 < len(site.call.arguments):
            buffers = [site.call.arguments[k]]
            if k and letters[k - 1] == "p":
                buffers.append(site.call.arguments[k - 1])
            count, type = site.call.arguments[k + 1 : k + 3]
            for buffer in buffers:
                message, sure = _mismatch(buffer, constants.named(type), constants)
                if message:
                    known = constants.value(count)
                    certain = site.certain and sure and letters[k + 1] == "n" and known is not None and known > 0
                    if known != 0:
                        yield Finding(Kind.DATATYPE, f"{site.name}: {message}", site.call, certain)


def _mismatch(buffer: Expr, type: str, constants: Constants) -> tuple[str, bool]:
    """What does not suit, and whether that is sure: memory of characters may stand for any."""
    declared = scalar_of(type)
    if declared is None or constants.named(buffer):
        return "", False
    element = _element(buffer)
    if isinstance(element, tree.Pointer) and declared not in _ADDRESSES:
        return f"the buffer holds pointers, the datatype is {type}", True
    if not isinstance(element, Scalar) or element.is_complex or is_same_kind(element.name, declared):
        return "", False
    return f"the buffer holds {element.name}, the datatype is {type}", element.name not in _CHARACTERS


def _element(buffer: Expr) -> CType | None:
    """What a buffer consists of, None if its type does not tell."""
    kind = bare(buffer).type
    if isinstance(kind, tree.Pointer):
        return tree.array_core(kind.target)
    return tree.array_core(kind) if isinstance(kind, tree.Array) else None


# ------------------------------------------------------------------------------------------- one buffer


def _given_twice(site: Site, constants: Constants) -> Iterator[Finding]:
    name = base_name(site.name)
    if name not in _PAIRS:
        return
    first, second, count = _PAIRS[name]
    arguments = site.call.arguments
    if len(arguments) <= second or not _is_same(arguments[first], arguments[second]):
        return
    known = constants.value(arguments[count]) if count >= 0 else None
    if known == 0:
        return
    everywhere = site.always or (site.certain and name not in _ROOTED)
    message = f"{site.name}: one buffer is given to send and to receive; MPI_IN_PLACE is for that"
    yield Finding(Kind.INVALID_ARGUMENT, message, site.call, everywhere and known is not None)


def _is_same(a: Expr, b: Expr) -> bool:
    """Whether two expressions are the same memory, as their text tells."""
    match bare(a), bare(b):
        case tree.Name(symbol=s), tree.Name(symbol=t):
            return s.uid == t.uid and isinstance(s.type, tree.Array | tree.Pointer) and not s.name.startswith("MPI_")
        case tree.Unary(op="&", operand=tree.Name(symbol=s)), tree.Unary(op="&", operand=tree.Name(symbol=t)):
            return s.uid == t.uid
    return False
