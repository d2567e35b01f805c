"""What the gate says of a candidate, in words that mean what they say.

PROVED: for all sizes, ranks and data, as its text carries out a plan that is proved. CHECKED: for all data that take
the same branches, at the sizes and ranks named. RUN: for the runs named, nothing more. REFUTED: there is a
counterexample. UNKNOWN: nothing can be said, and why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from chatmpi.analysis.source import Location

Stage = Literal["static", "read", "proved", "simulated", "run"]
Word = Literal["PROVED", "CHECKED", "RUN", "UNKNOWN", "REFUTED"]

# How outputs are the same: term by term; up to the order of a sum, a product or an extreme; equal in exact
# arithmetic and so only as close as rounding allows, or within the tolerance of a run.
Equivalence = Literal["same terms", "reordered", "within rounding", "within tolerance"]


@dataclass(frozen=True, slots=True)
class Check:
    """One obligation that was shown to hold: at which stage, what, and for what it holds.

    `equivalence` is set for the claim that outputs are the same.
    """

    stage: Stage
    claim: str
    scope: str = ""  # "all sizes, ranks and block boundaries", or "4 ranks, N=64"
    equivalence: Equivalence | None = None


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Why a candidate is refuted. `location` stands in the candidate, or in the sequential program where the
    fault is something that is missing; `witness` is a concrete case, `""` if the fault needs none.

    Of a run, simulated or real: `sizes` and `ranks` are what it ran with, `rank` is who did it (-1: no one alone),
    `expected` and `came` the values where they differ, `timeline` what each rank was doing. `kind` is the class of the
    fault where it is one of C or MPI, as `simulate.errors.Kind` names them.
    """

    stage: Stage
    message: str
    location: Location | None
    witness: str = ""
    sizes: tuple[tuple[str, int], ...] = ()
    ranks: int = 0
    rank: int = -1
    expected: str = ""
    came: str = ""
    timeline: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """What may be wrong, at some place; it refutes nothing."""

    stage: Stage
    message: str
    location: Location | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`undecided` are the reasons why nothing more can be said; `notes` say what else was found, `warnings` what may
    be wrong."""

    checks: tuple[Check, ...]
    counterexamples: tuple[Counterexample, ...]
    notes: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()

    @property
    def word(self) -> Word:
        """Proofs of a plan alone say nothing of a text that was not read."""
        stages = {c.stage for c in self.checks}
        if self.counterexamples:
            return "REFUTED"
        if {"read", "proved"} <= stages:
            return "PROVED"
        if "simulated" in stages:
            return "CHECKED"
        return "RUN" if "run" in stages else "UNKNOWN"

    @property
    def accepted(self) -> bool:
        return self.word in ("PROVED", "CHECKED", "RUN")

    def with_runs(self, runs: Verdict) -> Verdict:
        """Both together."""
        return replace(
            self,
            checks=self.checks + runs.checks,
            counterexamples=self.counterexamples + runs.counterexamples,
            notes=self.notes + runs.notes,
            undecided=self.undecided + runs.undecided,
            warnings=self.warnings + runs.warnings,
        )

    def stage_reached(self) -> str:
        """The strongest stage that holds for the candidate: "run" says "proved" or "simulated" too.

        Where the text could not be read back, the proof is one of its plan only: then it is "simulated".
        """
        stages = {c.stage for c in self.checks}
        return next((s for s in ("run", "simulated", "proved", "read") if s in stages), "none")
