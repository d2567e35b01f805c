"""Ranges of iterations: what a loop runs over, and what of it is a rank's own."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis.loops import CanonicalLoop
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.tree import Symbol
from chatmpi.verify.reading.piecewise import Condition
from chatmpi.verify.reading.roles import Share
from chatmpi.verify.reading.state import Apart, Shifted
from chatmpi.verify.reading.terms import Question


@dataclass(frozen=True, slots=True)
class Span:
    """The iterations that are a rank's own: `begin <= g < end`, of all those between `least` and `past`."""

    begin: Polynomial
    end: Polynomial
    least: Polynomial
    past: Polynomial


@dataclass(frozen=True, slots=True)
class Header:
    """A distributed loop as it was understood: the candidate's variable is the sequential one less `offset`.

    `start` and `bound` are the sequential loop's ends; `span` is what is the rank's own of them.
    """

    loop: CanonicalLoop
    variable: Symbol
    offset: Polynomial
    share: Share | None
    span: Span
    start: Polynomial
    bound: Polynomial

    @property
    def relation(self) -> Apart | None:
        return Shifted(self.offset.scaled(-1)) if self.offset.terms else None

    def runs(self, question: Question, g: Polynomial) -> str:
        """The formula that iteration `g` is one of the loop's and the rank's own."""
        return " and ".join(
            [
                *progression(question, g, self.start, self.loop.relation, self.bound, self.loop.step),
                question.condition(Condition(g - self.span.begin, ">=")),
                question.condition(Condition(self.span.end - g - ONE, ">=")),
                *self.order(question),
            ]
        )

    def order(self, question: Question) -> list[str]:
        """The ends of the rank's own lie in order between the ends of all."""
        span = self.span
        low, a, b, high = (question.affine(p) for p in (span.least, span.begin, span.end, span.past))
        return [f"(({low} <= {a} and {a} <= {b} and {b} <= {high}) or ({high} < {low} and {b} <= {a}))"]


def progression(
    question: Question, g: Polynomial, start: Polynomial, relation: str, bound: Polynomial, step: int
) -> list[str]:
    """`g` is one of start, start + step, … as long as the relation to `bound` holds."""
    begun = Condition((g - start) if step > 0 else (start - g), ">=")
    more = {"<": bound - g - ONE, "<=": bound - g, ">": g - bound - ONE, ">=": g - bound}[relation]
    found = [question.condition(begun), question.condition(Condition(more, ">="))]
    if abs(step) > 1:
        found.append(f"{question.affine(g - start)} mod {abs(step)} = 0")
    return found
