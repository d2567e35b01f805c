"""Who holds a row, and where: the text of owners, of local rows, and of the test whether a row is the rank's own."""

from __future__ import annotations

import re

from chatmpi.generate.dealing import dealing_of, owner_of
from chatmpi.generate.layout import Blocks, Layout, plus

_OPERAND = re.compile(r"(\(\w+\))?([\w:#]+|\([^()]*\))")


def is_mine(row: str, blocks: Blocks) -> str:
    if blocks.cyclic:
        return f"{_operand(row)} % {blocks.owners} == {blocks.rank}"
    return f"{blocks.begin} <= {row} && {row} < {blocks.end}"


def owner(row: str, blocks: Blocks, layout: Layout) -> str:
    if blocks.cyclic:
        return f"{_operand(row)} % {blocks.owners}"
    return owner_of(dealing_of(blocks), row, layout)


def local_row(row: str, blocks: Blocks) -> str:
    """The local number of a row, as text."""
    return f"{_operand(row)} / {blocks.owners}" if blocks.cyclic else f"{row} - {blocks.offset}"


def global_row(local: str, blocks: Blocks) -> str:
    """The global number of a local row that is dealt in turn."""
    return f"{local} * {blocks.owners} + {blocks.rank}"


def rows_below(row: str, blocks: Blocks, layout: Layout) -> str:
    """How many of the rows before `row`, dealt in turn, are the rank's own."""
    if row == "0":
        return "0"
    if row == blocks.extent.text():
        return blocks.count
    bare = row[1:-1] if re.fullmatch(r"\([^()]*\)", row) else row
    return f"{layout.helper('rows_below')}({bare}, {blocks.rank}, {blocks.owners})"


def local_range(first: str, past: str, blocks: Blocks, shift: int, layout: Layout) -> tuple[str, str]:
    """The rank's part of the iterations first … past-1, as values of the local variable: its first, and one past."""
    if blocks.cyclic:
        return rows_below(first, blocks, layout), rows_below(past, blocks, layout)
    begin = f"{layout.helper('larger')}({first}, {plus(blocks.begin, -shift)}) - {blocks.offset}"
    end = f"{layout.helper('smaller')}({past}, {plus(blocks.end, -shift)}) - {blocks.offset}"
    return begin, end


def _operand(text: str) -> str:
    return text if _OPERAND.fullmatch(text) else f"({text})"
