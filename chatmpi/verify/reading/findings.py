"""What the reading finds: obligations that hold, and places where the candidate does something else."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.source import Source
from chatmpi.verify.verdict import Check, Counterexample

EVERYWHERE = "all sizes, ranks and block boundaries"


class Mismatch(Exception):
    """The candidate does not do at `node` what the sequential program and the plan say."""

    def __init__(self, node: tree.Node, message: str, witness: str = "") -> None:
        super().__init__(message)
        self.node, self.message, self.witness = node, message.replace("\n", "\\n"), witness


class LostTrack(Exception):
    """The statements no longer correspond; what is wrong has been recorded."""


@dataclass
class Findings:
    """Collects claims that hold and counterexamples, each once, where it is met first."""

    sequential: Source
    candidate: Source
    claims: dict[str, None] = field(default_factory=dict)
    wrong: dict[str, Counterexample] = field(default_factory=dict)

    def holds(self, claim: str) -> None:
        self.claims[claim] = None

    def record(self, mismatch: Mismatch) -> None:
        self.refute(mismatch.node, mismatch.message, mismatch.witness)

    def refute(self, node: tree.Node | None, message: str, witness: str = "") -> None:
        location = self.candidate.location(node.span.begin) if node is not None else None
        self.wrong.setdefault(message, Counterexample("read", message, location, witness))

    def place(self, node: tree.Node) -> str:
        """`heat.c:12` of a node of the sequential program."""
        location = self.sequential.location(node.span.begin)
        return f"{location.file.rsplit('/', 1)[-1]}:{location.line}"

    def checks(self) -> tuple[Check, ...]:
        return tuple(Check("read", claim, EVERYWHERE) for claim in self.claims)
