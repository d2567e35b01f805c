"""Who holds a row, and where: the text of owners, of local rows, and of the test whether a row is the rank's own."""

from __future__ import annotations

from chatmpi.generate.layout import Blocks, Layout


def is_mine(row: str, blocks: Blocks) -> str:
    return f"{blocks.begin} <= {row} && {row} < {blocks.end}"


def owner(row: str, blocks: Blocks, layout: Layout) -> str:
    return f"{layout.helper('block_owner')}({blocks.extent.text()}, {row}, {blocks.owners})"


def local_row(row: str, blocks: Blocks) -> str:
    """The local number of a row, as text."""
    return f"{row} - {blocks.offset}"
