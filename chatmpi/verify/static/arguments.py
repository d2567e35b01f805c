"""Constant arguments that no MPI function takes."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr
from chatmpi.verify.simulate.errors import Kind
from chatmpi.verify.simulate.mpi.arguments import signature_of
from chatmpi.verify.simulate.mpi.operations import OPERATIONS
from chatmpi.verify.simulate.mpi.requests import ANY_SOURCE, ANY_TAG, PROC_NULL, named
from chatmpi.verify.static.constants import Constants
from chatmpi.verify.static.findings import Finding
from chatmpi.verify.static.reached import Site

_NULLS = {"t": "MPI_DATATYPE_NULL", "T": "MPI_DATATYPE_NULL", "o": "MPI_OP_NULL", "C": "MPI_COMM_NULL"}
_ROOTS_OWN = "NT"  # what only the root gives


def check(site: Site, constants: Constants) -> Iterator[Finding]:
    ignored = False
    for letter, argument in zip(signature_of(site.name) or "", site.call.arguments, strict=False):
        if letter == "p":
            ignored = constants.named(argument) == "MPI_IN_PLACE"
        elif not (ignored and letter in "ntNT"):
            message = _wrong(letter, argument, constants)
            if message:
                certain = site.certain and letter not in _ROOTS_OWN
                yield Finding(Kind.INVALID_ARGUMENT, f"{site.name}: {message}", site.call, certain)
    by = (signature_of(site.name) or "").find("to")
    if 0 <= by < len(site.call.arguments) - 1:
        type, operation = (constants.named(a) for a in site.call.arguments[by : by + 2])
        if type == "MPI_CHAR" and operation.removeprefix("MPI_") in OPERATIONS:
            message = f"{site.name}: {operation} of MPI_CHAR, which is text to MPI; MPI_SIGNED_CHAR is for numbers"
            yield Finding(Kind.OPERATION, message, site.call, False)


def _wrong(letter: str, argument: Expr, constants: Constants) -> str:
    if letter in _NULLS and constants.named(argument) == _NULLS[letter]:
        return f"{_NULLS[letter]} is given"
    value = constants.value(argument) if not isinstance(argument.type, tree.Pointer | tree.Array) else None
    if value is None or value >= 0:
        return ""
    match letter:
        case "n" | "N":
            return f"the count {value} is negative"
        case "d" if value != PROC_NULL:
            return f"there is no rank {named(value)} to send to"
        case "s" if value not in (PROC_NULL, ANY_SOURCE):
            return f"there is no rank {value}"
        case "r":
            return f"there is no root {named(value)}"
        case "g":
            return f"the tag {named(value)} is not allowed"
        case "G" if value != ANY_TAG:
            return f"the tag {value} is not allowed"
    return ""
