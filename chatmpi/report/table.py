"""Rows in aligned columns, each with an optional remark below it."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from chatmpi.report.paint import Paint

WIDTH = 100
_INDENT = "  "
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Row:
    """`remark` and what stands `below` it are printed under the cells, wrapped and indented."""

    cells: tuple[str, ...]
    remark: str = ""
    below: str = ""


def table(header: tuple[str, ...], rows: Sequence[Row], paint: Paint, numbers: frozenset[int] = frozenset()) -> str:
    """The rows under their header; the columns in `numbers` are aligned right, the widest are wrapped if they must."""
    widths = _widths([header, *(r.cells for r in rows)])
    lines = [paint.quiet(line) for line in _lines(header, widths, numbers)]
    indent = " " * min(len(_INDENT) + widths[0] + len(_GAP), 8)
    for row in rows:
        lines += _lines(row.cells, widths, numbers)
        lines += [paint.quiet(line) for text in (row.remark, row.below) for line in wrapped(text, indent)]
    return "\n".join(lines)


def wrapped(text: str, indent: str, hanging: str | None = None) -> list[str]:
    """The text in lines of at most WIDTH columns; words and expressions longer than that are not broken."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _widths(lines: list[tuple[str, ...]]) -> list[int]:
    """How wide each column is: what its cells need, the widest less where a line would be too long."""
    columns = list(zip(*lines, strict=True))
    widths = [max(map(len, column)) for column in columns]
    least = [max(len(word) for cell in column for word in [*cell.split(), ""]) for column in columns]
    room = WIDTH - len(_INDENT) - len(_GAP) * (len(columns) - 1)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda i: (widths[i] > least[i], widths[i]))
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    return widths


def _lines(cells: tuple[str, ...], widths: list[int], numbers: frozenset[int]) -> list[str]:
    parts = [_in_width(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for line in itertools.zip_longest(*parts, fillvalue=""):
        padded = [
            part.rjust(width) if i in numbers else part.ljust(width)
            for i, (part, width) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append((_INDENT + _GAP.join(padded)).rstrip())
    return lines


def _in_width(cell: str, width: int) -> list[str]:
    if len(cell) <= width:
        return [cell]
    return textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False)
