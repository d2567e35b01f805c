"""Who holds a row, and where: the text of owners, of local rows, and of the test whether a row is the rank's own."""

from __future__ import annotations

from chatmpi.generate.dealing import dealing_of, owner_of
from chatmpi.generate.layout import Blocks, Layout, plus


def is_mine(row: str, blocks: Blocks) -> str:
    return f"{blocks.begin} <= {row} && {row} < {blocks.end}"


def owner(row: str, blocks: Blocks, layout: Layout) -> str:
    return owner_of(dealing_of(blocks), row, layout)


def local_row(row: str, blocks: Blocks) -> str:
    """The local number of a row, as text."""
    return f"{row} - {blocks.offset}"


def local_range(first: str, past: str, blocks: Blocks, shift: int, layout: Layout) -> tuple[str, str]:
    """The rank's part of the iterations first … past-1, as values of the local variable: its first, and one past."""
    begin = f"{layout.helper('larger')}({first}, {plus(blocks.begin, -shift)}) - {blocks.offset}"
    end = f"{layout.helper('smaller')}({past}, {plus(blocks.end, -shift)}) - {blocks.offset}"
    return begin, end
