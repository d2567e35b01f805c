"""Rows in aligned columns, each with an optional remark below it."""

from __future__ import annotations

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
    """The rows under their header; the columns in `numbers` are aligned right, the last one is wrapped if it must."""
    widths = [max(len(line[i]) for line in [header, *(r.cells for r in rows)]) for i in range(len(header))]
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


def _lines(cells: tuple[str, ...], widths: list[int], numbers: frozenset[int]) -> list[str]:
    padded = [
        cell.rjust(width) if i in numbers else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    line = (_INDENT + _GAP.join(padded)).rstrip()
    if len(line) <= WIDTH:
        return [line]
    before = _INDENT + _GAP.join([*padded[:-1], ""])
    return [line.rstrip() for line in wrapped(padded[-1].strip(), before, " " * len(before)) or [before]]
