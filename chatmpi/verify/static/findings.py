"""What is found by reading."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis.tree import Node
from chatmpi.verify.simulate.errors import Kind


@dataclass(frozen=True)
class Finding:
    """`certain`: every run that gets there is wrong, and some run gets there; else it may be wrong."""

    kind: Kind
    message: str
    node: Node
    certain: bool
