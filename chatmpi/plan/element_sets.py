"""Sets of array elements and their text: `u[row_begin - 1][1..n-2]`, in the program's own names.

A set is built for ranks in general: blocks long enough and away from both ends, sizes large. What is special about the
first rank, the last one or small sizes is left out of the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import islpy as isl

from chatmpi.analysis.memory.extents import Extents
from chatmpi.analysis.numbers.domains import Parameters, Space, isl_set
from chatmpi.analysis.numbers.polynomial import Polynomial

ROOM = 16  # rows that a block has at least, and rows between it and the ends of its array
LARGE = 8 * ROOM  # what every size has at least
PIECES = 4  # shown apart
PART = "part of "


@dataclass(frozen=True, slots=True)
class Rows:
    """The names of the first row of a rank's block and of the one past its last; `extent`: how many rows there are."""

    begin: str
    end: str
    extent: Polynomial | None

    def holds(self, dim: str) -> str:
        return f"{self.begin} <= {dim} < {self.end}"


def image(
    parameters: Parameters,
    loops: Mapping[str, str],
    subscripts: Sequence[str | None],
    rows: Sequence[Rows],
) -> isl.Set:
    """The elements with these subscripts: `loops` has, for each variable that runs, what holds of it. A subscript that
    is not known may be any."""
    dims = [f"e{k}" for k in range(len(subscripts))]
    holds = [h for h in loops.values() if h]
    for dim, value in zip(dims, subscripts, strict=True):
        holds += [f"{dim} = {value}"] if value is not None else []
    names = [name for r in rows for name in (r.begin, r.end)]
    everything = isl_set(parameters, [*loops, *dims], holds, tuple(dict.fromkeys(names)))
    for name in parameters.pieced.values():
        place = everything.find_dim_by_name(isl.dim_type.param, name)
        everything = everything.project_out(isl.dim_type.param, place, 1)
    return everything.project_out(isl.dim_type.set, 0, len(loops))


def ordinary(parameters: Parameters, space: Space, rows: Sequence[Rows], extents: Sequence[Extents]) -> isl.Set:
    """The ranks and sizes that a text speaks of, as a set of parameters."""
    sizes = {d for e in extents for p in e.dimensions if (d := space.affine(p)) is not None}
    holds = [f"{size} >= {LARGE}" for size in sizes if not size.isdigit()]
    for r in rows:
        extent = space.affine(r.extent)
        holds += [f"{r.begin} >= {ROOM}", f"{r.end} >= {r.begin} + {ROOM}"]
        holds += [f"{r.end} <= {extent} - {ROOM}"] if extent is not None else []
    names = tuple(dict.fromkeys(name for r in rows for name in (r.begin, r.end)))
    return isl_set(parameters, [], holds, names).params()


def inside(parameters: Parameters, space: Space, extents: Extents) -> isl.Set:
    """All elements of an array."""
    sizes = [(f"e{k}", space.affine(p)) for k, p in enumerate(extents.dimensions)]
    holds = [f"0 <= {dim} < {size}" for dim, size in sizes if size is not None]
    return isl_set(parameters, [dim for dim, _ in sizes], holds)


def texts(
    name: str, elements: isl.Set, bounds: isl.Set, known: isl.Set, parameters: Parameters
) -> tuple[str, ...] | None:
    """The set in boxes; "part of" one where it is not filled. None where it is not as wide as one sum says."""
    elements = elements.intersect(bounds).intersect_params(known).coalesce()
    if elements.is_empty():
        return ()
    pieces = [isl.Set.from_basic_set(b) for b in elements.make_disjoint().coalesce().get_basic_sets()]
    boxes = [_box(p, known) for p in pieces] if len(pieces) <= PIECES else [None]
    if None in boxes:
        hull = isl.Set.from_basic_set(elements.remove_divs().simple_hull()).intersect(bounds)
        pieces, boxes = [elements], [_box(elements, known) or _box(hull, known)]
    shown = parameters.shown()
    found = []
    for piece, box in zip(pieces, boxes, strict=True):
        if box is None:
            return None
        whole = "" if _fills(piece, box, known) else PART
        found.append(whole + name + "".join(f"[{_range(*side, shown)}]" for side in box))
    return tuple(sorted(dict.fromkeys(found)))


Affine = tuple[tuple[tuple[str, int], ...], int]  # isl's names with their factors, and a number
Box = list[tuple[Affine, Affine]]


def _box(elements: isl.Set, known: isl.Set) -> Box | None:
    """The least and the greatest index in each dimension; None where they are no single sums."""
    sides = []
    for k in range(elements.dim(isl.dim_type.set)):
        least, most = _single(elements, k, known, last=False), _single(elements, k, known, last=True)
        if least is None or most is None:
            return None
        sides.append((least, most))
    return sides


def _single(elements: isl.Set, dim: int, known: isl.Set, last: bool) -> Affine | None:
    try:
        ends = (elements.dim_max(dim) if last else elements.dim_min(dim)).intersect_params(known).coalesce()
    except isl.Error:
        return None
    found = {_affine(a) for d, a in ends.get_pieces() if not d.is_empty()}
    return found.pop() if len(found) == 1 else None


def _affine(value: isl.Aff) -> Affine | None:
    if value.dim(isl.dim_type.div) or not value.get_denominator_val().is_one():
        return None
    factors = {
        value.get_dim_name(isl.dim_type.param, k): value.get_coefficient_val(isl.dim_type.param, k).to_python()
        for k in range(value.dim(isl.dim_type.param))
    }
    number = int(value.get_constant_val().to_python())
    return tuple((str(name), int(factor)) for name, factor in factors.items() if factor), number


def _fills(elements: isl.Set, box: Box, known: isl.Set) -> bool:
    """Whether the set is all of the box, and not only as wide in each dimension."""
    names = [str(elements.get_dim_name(isl.dim_type.param, k)) for k in range(elements.dim(isl.dim_type.param))]
    sides = [f"{sum_text(least)} <= e{k} <= {sum_text(most)}" for k, (least, most) in enumerate(box)]
    dims = ", ".join(f"e{k}" for k in range(len(box)))
    whole = isl.Set(f"[{', '.join(names)}] -> {{ [{dims}] : {' and '.join(sides)} }}")
    return bool(whole.intersect_params(known.intersect(elements.params())).is_subset(elements))


def _range(least: Affine, most: Affine, shown: Mapping[str, str]) -> str:
    if least == most:
        return sum_text(least, " ", shown)
    return f"{sum_text(least, shown=shown)}..{sum_text(most, shown=shown)}"


def sum_text(value: Affine, gap: str = "", shown: Mapping[str, str] | None = None) -> str:
    """`n-1`; with `gap` a space, `n - 1`."""
    terms, number = value
    pieces = []
    for name, factor in terms:
        called = (shown or {}).get(name, name)
        pieces.append((factor, called if abs(factor) == 1 else f"{abs(factor)}*{called}"))
    pieces.sort(key=lambda p: p[0] < 0)
    if number or not pieces:
        pieces.append((number, str(abs(number))))
    text = f"-{pieces[0][1]}" if pieces[0][0] < 0 else pieces[0][1]
    for factor, piece in pieces[1:]:
        text += f"{gap}{'-' if factor < 0 else '+'}{gap}{piece}"
    return text
