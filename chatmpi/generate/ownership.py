"""Who holds a row, and where: the text of owners, of local rows, and of the test whether a row is the rank's own."""

from __future__ import annotations

from chatmpi.generate.dealing import dealing_of, owner_of
from chatmpi.generate.layout import Blocks, Layout


def is_mine(row: str, blocks: Blocks) -> str:
    return f"{blocks.begin} <= {row} && {row} < {blocks.end}"


def owner(row: str, blocks: Blocks, layout: Layout) -> str:
    return owner_of(dealing_of(blocks), row, layout)


def local_row(row: str, blocks: Blocks) -> str:
    """The local number of a row, as text."""
    return f"{row} - {blocks.offset}"
