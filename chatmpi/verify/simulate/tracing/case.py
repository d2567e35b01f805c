"""What was refuted: the two programs at one size, and the number of ranks."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis.tree import Program


@dataclass(frozen=True)
class Case:
    """`size` is that of the sequential program's input; `fault`: the message of what ended the ranks, "" if they did
    something else than the sequential program. `is_endless`: a loop never ends, so that only the begin of it is looked
    at."""

    before: Program
    after: Program
    size: int
    ranks: int
    arguments: tuple[str, ...] = ()
    shuffle: int = 0
    fault: str = ""
    joined_rows: bool = False
    is_endless: bool = False
