"""The gate: what every candidate has to pass, whoever made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.plan.plan import Plan
from chatmpi.verify.prove import prove
from chatmpi.verify.read import read_candidate
from chatmpi.verify.simulate.hidden_sizes import hidden_size
from chatmpi.verify.simulate.job import Simulation
from chatmpi.verify.simulate.simulation import NO_WISH, simulate
from chatmpi.verify.simulate.small_sizes import choose
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.verdict import Check, Counterexample, Equivalence, Verdict

_USUAL, _MORE_TIME = Wanted(joined_rows=True), Wanted(seconds=20.0, joined_rows=True)
_NEARLY = 0.8  # of what may be done
_ONCE = Wanted(ranks=(3,), seconds=2.0, joined_rows=True)
_SHOWN = 3  # of what reading does not understand
_EQUIVALENCE: dict[str, Equivalence] = {
    "exact": "same terms",
    "reordered": "reordered",
    "rounding": "within rounding",
}
_SAID = {
    "exact": "the same terms",
    "reordered": "the same terms up to the order of reductions, equal with integer data, where no order matters",
    "rounding": "equal in exact arithmetic, computed in another way: in floating point within rounding only",
}


def gate(facts: Facts, plan: Plan, candidate: Source, options: ParseOptions) -> Verdict:
    """Prove the plan, and show that the candidate's text carries out just this plan; or else that it does the same.

    Where the text is not understood when it is read, all ranks are simulated; what is only equal within rounding is
    not accepted. Raises UnreadableInput if the candidate does not parse.
    """
    proved, wrong_plan = prove(facts, plan)
    if wrong_plan:
        return Verdict(proved, wrong_plan)
    read, wrong_text = read_candidate(facts, plan, candidate, options)
    if not wrong_text:
        if hidden := hidden_size(facts.program.source.written, candidate, options):
            return Verdict(proved, (), (), (hidden,))
        found = _beside_original(facts, candidate, options)
        if found.undecided:
            return Verdict(proved, (), (), found.undecided)
        return Verdict((*read, *proved), found.counterexamples)
    notes = _not_followed(wrong_text)
    try:
        simulation = _simulated(facts, candidate, options)
    except UnreadableInput as error:
        first = error.diagnostics[0]
        return Verdict(
            proved, (Counterexample("read", f"it does not compile: {first.message}", first.location),), notes
        )
    simulated = verdict_of(simulation)
    if simulation.equality == "rounding" and simulated.accepted:
        return Verdict(proved, (), notes, ("outputs are the same only within rounding",))
    if simulated.accepted and (hidden := hidden_size(facts.program.source.written, candidate, options)):
        return Verdict(proved, (), notes, (hidden,))
    return Verdict((*proved, *simulated.checks), simulated.counterexamples, notes, simulated.undecided)


def _beside_original(facts: Facts, candidate: Source, options: ParseOptions) -> Verdict:
    """Where the program was spelled anew before it was read, the candidate has to do what somebody wrote: what is
    proved is proved of another text. What is proved of the text itself is run all the same, at one number of ranks:
    that finds what the proof takes for granted."""
    if facts.program.source.origin is not None:
        return verdict_of(_simulated(facts, candidate, options))
    found = simulate(facts.program.source.written, candidate, options, _ONCE)
    return verdict_of(found) if found.result == "refuted" else Verdict((), ())


def _simulated(facts: Facts, candidate: Source, options: ParseOptions) -> Simulation:
    """The simulation beside what somebody wrote; once more with more time where that is what it lacks."""
    written = facts.program.source.written
    found = simulate(written, candidate, options, _USUAL)
    return _in_time(written, candidate, options, _MORE_TIME) if _lacks_time(found, _USUAL) else found


def _in_time(sequential: Source, candidate: Source, options: ParseOptions, wanted: Wanted) -> Simulation:
    """The simulation; where it lacks time, once more with what is large to a power made small too."""
    found = simulate(sequential, candidate, options, wanted)
    if _lacks_time(found, wanted) and choose(parse(sequential, options)).powers:
        return simulate(sequential, candidate, options, replace(wanted, powers=True))
    return found


def _lacks_time(found: Simulation, wanted: Wanted) -> bool:
    return found.result == "unknown" and found.operations > _NEARLY * wanted.operations


def follows_plan(facts: Facts, plan: Plan, candidate: Source, options: ParseOptions) -> Verdict:
    """PROVED if the candidate's text carries out `plan` and the plan is right; else UNKNOWN, as it may do it in
    another way."""
    read, wrong_text = read_candidate(facts, plan, candidate, options)
    if wrong_text:
        return Verdict((), (), (), (f"it does not follow the plan that chatmpi would make: {_told(wrong_text[0])}",))
    proved, wrong_plan = prove(facts, plan)
    if wrong_plan:
        return Verdict((), (), (), (f"the plan that it follows is not proved: {wrong_plan[0].message}",))
    return Verdict((*read, *proved), ())


def simulated_verdict(
    sequential: Source, candidate: Source, options: ParseOptions, wanted: Wanted = NO_WISH
) -> Verdict:
    """What the simulation alone says. Raises UnreadableInput."""
    return verdict_of(_in_time(sequential, candidate, options, wanted))


def verdict_of(simulation: Simulation) -> Verdict:
    """A simulation's result as a verdict."""
    notes = tuple(dict.fromkeys(simulation.skipped))
    if simulation.refused:
        notes = (*notes, simulation.told_refused())
    if simulation.left:
        notes = (*notes, f"{simulation.left} more runs, of larger sizes or more ranks, would need too many operations")
    if simulation.result == "holds":
        if simulation.unreached:
            notes = (*notes, unexecuted(simulation.unreached))
        return Verdict(_checks(simulation), (), notes)
    if simulation.refutation is None:
        place = f"{simulation.location}: " if simulation.location else ""
        return Verdict((), (), notes, (f"could not be simulated: {place}{simulation.reason}",))
    found = simulation.refutation
    counterexample = Counterexample(
        "simulated",
        found.message,
        found.location,
        found.scope,
        sizes=found.sizes,
        ranks=found.ranks,
        rank=found.rank,
        expected=found.expected,
        came=found.came,
        timeline=found.state,
        kind=found.kind,
    )
    return Verdict((), (counterexample,), notes)


def unexecuted(pieces: Sequence[tuple[int, int]]) -> str:
    """What no run did, given the first and last lines of pieces of the candidate."""
    each = [str(first) if first == last else f"{first}-{last}" for first, last in pieces]
    return f"no run executed line{'s' if len(each) > 1 or '-' in each[0] else ''} {', '.join(each)} of the candidate"


def _checks(simulation: Simulation) -> tuple[Check, ...]:
    scope = simulation.scope()
    same = (
        f"standard output, files and exit status are those of the sequential program: {_SAID[simulation.equality]}, "
        "for all data that take the same branches"
    )
    clean = "no deadlock with synchronous sends; messages and collectives match; nothing out of bounds or uninitialised"
    return (
        Check("simulated", same, scope, _EQUIVALENCE[simulation.equality]),
        Check("simulated", clean, scope),
    )


def _not_followed(wrong: tuple[Counterexample, ...]) -> tuple[str, ...]:
    return tuple(f"not followed when read: {_told(c)}" for c in wrong[:_SHOWN])


def _told(found: Counterexample) -> str:
    return f"{found.location}: {found.message}" if found.location else found.message
