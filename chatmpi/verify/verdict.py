"""What the gate says of a candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatmpi.analysis.source import Location

Stage = Literal["read", "proved", "simulated", "run"]


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
    """`accepted` iff there is no counterexample and at least the proof holds; `notes` say what else was found."""

    checks: tuple[Check, ...]
    counterexamples: tuple[Counterexample, ...]
    notes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return bool(self.checks) and not self.counterexamples

    def stage_reached(self) -> str:
        """The strongest stage that holds for the candidate: "run" says "proved" or "simulated" too.

        Where the text could not be read back, the proof is one of its plan only: then it is "simulated".
        """
        stages = {c.stage for c in self.checks}
        return next((s for s in ("run", "simulated", "proved", "read") if s in stages), "none")
