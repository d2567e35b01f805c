"""Names of MPI-1 that MPI 3.0 removed, and what takes their place (MPI 3.0, 16.1)."""

from __future__ import annotations

import re

_INSTEAD = {
    "MPI_Address": "MPI_Get_address",
    "MPI_Type_struct": "MPI_Type_create_struct",
    "MPI_Type_hvector": "MPI_Type_create_hvector",
    "MPI_Type_hindexed": "MPI_Type_create_hindexed",
    "MPI_Type_extent": "MPI_Type_get_extent",
    "MPI_Type_lb": "MPI_Type_get_extent",
    "MPI_Type_ub": "MPI_Type_get_extent",
    "MPI_LB": "MPI_Type_create_resized",
    "MPI_UB": "MPI_Type_create_resized",
    "MPI_Errhandler_create": "MPI_Comm_create_errhandler",
    "MPI_Errhandler_get": "MPI_Comm_get_errhandler",
    "MPI_Errhandler_set": "MPI_Comm_set_errhandler",
    "MPI_Handler_function": "MPI_Comm_errhandler_function",
}
_UNKNOWN = re.compile(r"(?:undeclared function|undeclared identifier|unknown type name) '(MPI_\w+)'")


def removed(complaint: str) -> tuple[str, str] | None:
    """The name that a complaint of the compiler is about, and what takes its place, where MPI once had it."""
    found = _UNKNOWN.search(complaint)
    instead = _INSTEAD.get(found[1]) if found is not None else None
    return (found[1], instead) if found is not None and instead is not None else None
