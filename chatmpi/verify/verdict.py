"""What the gate says of a candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatmpi.analysis.source import Location

Stage = Literal["read", "proved", "run"]


@dataclass(frozen=True, slots=True)
class Check:
    """One obligation that was shown to hold: at which stage, what, and for what it holds."""

    stage: Stage
    claim: str
    scope: str = ""  # "all sizes, ranks and block boundaries", or "4 ranks, N=64"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Why a candidate is refuted. `location` stands in the candidate, or in the sequential program where the
    fault is something that is missing; `witness` is a concrete case, `""` if the fault needs none."""

    stage: Stage
    message: str
    location: Location | None
    witness: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`accepted` iff there is no counterexample and at least the proof holds."""

    checks: tuple[Check, ...]
    counterexamples: tuple[Counterexample, ...]

    @property
    def accepted(self) -> bool:
        return bool(self.checks) and not self.counterexamples

    def stage_reached(self) -> str:
        """The strongest stage that holds: "run" says "proved" too."""
        stages = {c.stage for c in self.checks}
        return next((s for s in ("run", "proved", "read") if s in stages), "none")
