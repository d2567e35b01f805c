"""The gate: what every candidate has to pass, whoever made it."""

from __future__ import annotations

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.plan.plan import Plan
from chatmpi.verify.prove import prove
from chatmpi.verify.read import read_candidate
from chatmpi.verify.verdict import Verdict


def gate(facts: Facts, plan: Plan, candidate: Source, options: ParseOptions) -> Verdict:
    """Prove the plan, and show that the candidate's text carries out just this plan.

    Raises UnreadableInput if the candidate does not parse.
    """
    proved, wrong_plan = prove(facts, plan)
    read, wrong_text = read_candidate(facts, plan, candidate, options)
    return Verdict((*read, *proved), (*wrong_plan, *wrong_text))
