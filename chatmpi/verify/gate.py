"""The gate: what every candidate has to pass, whoever made it."""

from __future__ import annotations

from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.plan.plan import Plan
from chatmpi.verify.prove import prove
from chatmpi.verify.read import read_candidate
from chatmpi.verify.simulate.simulation import Simulation, simulate
from chatmpi.verify.verdict import Check, Counterexample, Verdict

_SHOWN = 3  # of what reading does not understand


def gate(facts: Facts, plan: Plan, candidate: Source, options: ParseOptions) -> Verdict:
    """Prove the plan, and show that the candidate's text carries out just this plan; or else that it does the same.

    Where the text is not understood when it is read, all ranks are simulated. Raises UnreadableInput if the candidate
    does not parse.
    """
    proved, wrong_plan = prove(facts, plan)
    read, wrong_text = read_candidate(facts, plan, candidate, options)
    if wrong_plan or not wrong_text:
        return Verdict((*read, *proved), (*wrong_plan, *wrong_text))
    try:
        simulation = simulate(facts.program.source.written, candidate, options)
    except UnreadableInput:
        return Verdict(proved, wrong_text)
    return _simulated(simulation, proved, wrong_text)


def _simulated(simulation: Simulation, proved: tuple[Check, ...], wrong_text: tuple[Counterexample, ...]) -> Verdict:
    if simulation.result == "holds":
        notes = tuple(f"not followed when read: {c.location}: {c.message}" for c in wrong_text[:_SHOWN])
        return Verdict((*proved, *_checks(simulation)), (), notes)
    if simulation.refutation is not None:
        found = simulation.refutation
        witness = "; ".join((found.scope, *found.state))
        return Verdict(proved, (Counterexample("simulated", found.message, found.location, witness), *wrong_text))
    place = f"{simulation.location}: " if simulation.location else ""
    return Verdict(proved, wrong_text, (f"could not be simulated: {place}{simulation.reason}",))


def _checks(simulation: Simulation) -> tuple[Check, ...]:
    equal = "the same terms up to the order of reductions" if simulation.reordered else "the same terms"
    claims = (
        f"standard output, files and exit status are those of the sequential program: {equal}, for all data that "
        "takes the same branches",
        "no deadlock with synchronous sends; messages and collectives match; nothing out of bounds or uninitialised",
    )
    return tuple(Check("simulated", claim, simulation.scope()) for claim in claims)
