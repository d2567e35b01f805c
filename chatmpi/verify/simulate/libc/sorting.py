"""`qsort` and `bsearch`: the comparison is a function of the program.

Which of equal elements comes first is left open by C; here they keep their order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.function_types import calls_mpi, pointed
from chatmpi.verify.simulate.memory import run_of_bytes
from chatmpi.verify.simulate.values import NULL, Object, Pointer

SORTING_SIGNATURES = {"qsort": "puup", "bsearch": "ppuup"}


def _comparison(function: Any) -> Callable[..., int]:
    found = pointed(function)
    if calls_mpi(found):
        raise Unsupported("a comparison that calls MPI")
    return found


def _qsort(base: Pointer, count: int, size: int, function: Any) -> None:
    compare = _comparison(function)
    if count < 2:
        return
    target, first, cells = run_of_bytes(base, count * size)
    width = cells // count
    elements = [Object(target[k : k + width], target.layout, target.name) for k in range(first, first + cells, width)]
    elements.sort(key=functools.cmp_to_key(lambda a, b: compare((a, 0), (b, 0))))
    target[first : first + cells] = [cell for element in elements for cell in element]


def _bsearch(key: Pointer, base: Pointer, count: int, size: int, function: Any) -> Pointer:
    compare = _comparison(function)
    if count == 0:
        return NULL
    target, first, cells = run_of_bytes(base, count * size)
    width, low, high = cells // count, 0, count
    while low < high:
        middle = (low + high) // 2
        place = (target, first + middle * width)
        order = compare(key, place)
        if order == 0:
            return place
        low, high = (low, middle) if order < 0 else (middle + 1, high)
    return NULL


SORTING_FUNCTIONS: dict[str, Callable[..., Any]] = {"qsort": _qsort, "bsearch": _bsearch}
