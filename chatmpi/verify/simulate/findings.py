"""What is wrong in one MPI program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatmpi.verify.simulate.errors import Fault, Kind


@dataclass(frozen=True)
class Finding:
    """One fault: at which line, on which rank (-1: no one's), and what all ranks were doing; `others`: lines that have
    part in it; `ranks`: at which number of ranks it was found; `absent`: a rank that is named and would be there among
    more. What is left behind, such as memory, is a warning."""

    kind: Kind
    message: str
    line: int
    rank: int = -1
    state: tuple[str, ...] = ()
    others: tuple[int, ...] = ()
    severity: Literal["error", "warning"] = "error"
    ranks: int = 0
    absent: int = -1


def finding_of(fault: Fault) -> Finding:
    return Finding(fault.kind, fault.message, fault.line, fault.rank, fault.state, fault.others, absent=fault.absent)
