"""The sequential program and all ranks of a candidate, run side by side at small sizes."""

from __future__ import annotations

import contextlib
import itertools

from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.as_python.compiled import compile_program
from chatmpi.verify.simulate.blame import Blame, blame
from chatmpi.verify.simulate.collection import paused_collection
from chatmpi.verify.simulate.command_lines import made_up_arguments, senseless_arguments, with_small_ones
from chatmpi.verify.simulate.comparison import Comparison, Equals, compare, worst
from chatmpi.verify.simulate.errors import Fault, OutOfBudget, Unsupported
from chatmpi.verify.simulate.explore import MOST_ORDERS, Job, explore
from chatmpi.verify.simulate.inputs import MANY, Input
from chatmpi.verify.simulate.job import RankOrders, Reference, Refutation, Simulated, Simulation, place_of, told_ranks
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.references import references, sequential_run, tried_once
from chatmpi.verify.simulate.small_sizes import defined_differently, is_unnamed
from chatmpi.verify.simulate.standstill import standstill
from chatmpi.verify.simulate.step_literals import fewer_steps
from chatmpi.verify.simulate.text_inputs import reads_text
from chatmpi.verify.simulate.tracing.case import Case
from chatmpi.verify.simulate.tracing.endless import told_of_endless
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.simulate.ways import Coverage
from chatmpi.verify.simulate.work import Limits, in_words

_ALL_ORDERS = 3  # ranks up to which all orders of messages from any rank have to be tried, at one size at least
_SOME_ORDERS = 24  # that are tried at more ranks, with the first size
_FEW_ORDERS = 6  # with each other one
NO_WISH = Wanted()
_ENDLESS, _LEAST = 20, 200_000  # times what the sequential program does, and operations: then it may never end
_SHUFFLES = ((1, 3), (2, 2), (3, 3), (4, 5))  # other values of the data, each at a number of ranks
_WITH_ARGUMENTS = (1, 2)  # ranks, each for another command line
_WITH_GIVEN = (3, 2, 5, 1)  # ranks, for the command line that a person gives
_SHARE_OF_GIVEN = 0.06  # of the operations, for a sequential run with it
_REFUSED_AT = 3  # ranks, for command lines that the program may refuse
_AS_GIVEN = 7
_GIVEN = ((), (str(_AS_GIVEN),), ("4",))  # arguments
_WEAKER = ("exact", "reordered", "rounding")
_MOST_UNCLEAR = 8  # runs of which nothing can be told: others may differ


def simulate(sequential: Source, candidate: Source, options: ParseOptions, wanted: Wanted = NO_WISH) -> Simulation:
    """Raises UnreadableInput if one of the two does not parse."""
    before, after = parse(sequential, options), parse(candidate, options)
    simulation = Simulation()
    job = Simulated(simulation, before, after, options, wanted)
    if not wanted.steps:
        job.steps.update(fewer_steps(before, after))
    try:
        with paused_collection():
            _simulate(job)
    except OutOfBudget:
        simulation.reason = simulation.reason or f"the simulation needs more than {in_words(wanted.operations)}"
    except Unsupported as error:
        simulation.reason = f"{error.what} is not known to the simulation"
        simulation.location = simulation.location or place_of(candidate, error.line)
    simulation.operations = job.work.done
    simulation.unreached = tuple(job.coverage.lines())
    if simulation.result == "unknown" and not simulation.reason and job.is_enough():
        if few := next((n for n, o in simulation.orders.items() if n <= _ALL_ORDERS and not o.are_known), 0):
            simulation.location = place_of(candidate, simulation.orders[few].line)
            simulation.reason = f"receives from any rank have more than {MOST_ORDERS} orders at {told_ranks(few)}"
        elif job.is_thin():
            simulation.reason = f"the simulation of more than one size needs more than {in_words(wanted.operations)}"
        else:
            simulation.result = "holds"
    elif simulation.result == "unknown" and not simulation.reason:
        simulation.reason = "too few sizes and ranks could be simulated"
        if simulation.refused:
            simulation.reason += f": {simulation.told_refused()}"
        elif simulation.skipped:
            simulation.reason += f": {simulation.skipped[0]}"
    return simulation


def _simulate(job: Simulated) -> None:
    simulation, limits = job.simulation, job.limits()
    shuffled = False
    known: list[_Runs] = []
    if not _goes_on_with_given(job):
        return
    for reference, ranks in references(job):
        known = [r for r in known if job.is_kept(r.reference)]
        runs = next((r for r in known if r.reference is reference), None)
        if runs is None:
            runs = _runs_beside(job, reference)
            if runs is None and simulation.refutation is not None:
                return
            if runs is None:
                continue
            known.append(runs)
        if not shuffled and reference.size > 1:
            shuffled = True
            if _other_branches_fail(job, runs):
                return
        for number in ranks:
            if job.is_enough() and job.work.done + 2 * reference.operations * number > limits.most:
                simulation.left += 1
            elif not _goes_on(job, runs, number, limits):
                return
    _try_command_lines(job)


def _goes_on_with_given(job: Simulated) -> bool:
    """The two programs as they are written, with the arguments that a person gives, made small and as they are; false
    if the candidate is refuted. What needs too many operations is noted."""
    simulation, share = job.simulation, int(_SHARE_OF_GIVEN * job.wanted.operations)
    for line in with_small_ones(job.wanted.arguments):
        told = f"the sequential program does not run with the arguments {' '.join(line)}"
        try:
            made = sequential_run(job.before, {}, _AS_GIVEN, job.limits(share), line)
        except Fault as fault:
            simulation.skipped.append(f"{told}: {fault.message}")
            continue
        except OutOfBudget:
            simulation.skipped.append(f"{told}: it needs more than {in_words(share)}")
            continue
        runs = _Runs(made, job.after, job.coverage, job.wanted.refusals)
        for number in job.wanted.ranks or _WITH_GIVEN:
            try:
                if not _one(simulation, runs, number, job.limits(2 * number * share)):
                    return False
            except OutOfBudget:
                simulation.left += 1
    return True


def _runs_beside(job: Simulated, reference: Reference) -> _Runs | None:
    """The candidate at the size of a sequential run; None if it does not take it, or is refuted already."""
    text = job.sized_after.text(reference.values, job.before.source)
    known = job.sized_before.definitions, job.sized_after.definitions
    name = defined_differently(job.before, job.after, reference.values, known)
    if text is None or name:
        if _fails_as_given(job):
            return None
        which = f"the size {name}, which" if name else "sizes that"
        raise Unsupported(f"{which} the two programs define differently{',' if name else ''}")
    try:
        program = job.sized_after.at(text, reference.values)
    except UnreadableInput:
        job.simulation.skipped.append(f"the candidate does not take {reference.scope()}")
        return None
    job.offered |= set() if reference.is_extra else {reference.scope()}
    runs = _Runs(reference, program, job.coverage, job.wanted.refusals)
    job.work.read(text.text)
    return runs


def _fails_as_given(job: Simulated) -> bool:
    """Whether the candidate is refuted as it is written, with sizes from the command line: none can be made small where
    the two programs define it differently."""
    main = job.before.function("main")
    given = _GIVEN if main is not None and main.parameters else _GIVEN[:1]
    share = job.wanted.operations // 12
    lines = itertools.product(given, (3, 1, 2))
    return any(_fails_as_written(job, line, number, share, job.wanted.refusals) for line, number in lines)


def _fails_as_written(
    job: Simulated, line: tuple[str, ...], number: int, share: int, may_refuse: bool, gives_up: bool = False
) -> bool:
    """Whether the two programs as they are written, run with these arguments, refute the candidate; with `gives_up`,
    arguments that the sequential one refuses: what the ranks print and return counts then, not how they end."""
    limits, tried = job.limits(share), Simulation()
    with contextlib.suppress(Fault, OutOfBudget, Unsupported):
        made = sequential_run(job.before, {}, _AS_GIVEN, limits, line, gives_up=gives_up)
        _one(tried, _Runs(made, job.after, job.coverage, may_refuse), number, limits)
    found = tried.refutation
    if found is None or (gives_up and found.kind):
        return False
    job.simulation.result, job.simulation.refutation = "refuted", found
    return True


def _goes_on(job: Simulated, runs: _Runs, number: int, limits: Limits) -> bool:
    """One run of the candidate; false if nothing more needs to be run. What cannot be told of a run that is an extra
    counts for nothing."""
    simulation, reference, begin, told = job.simulation, runs.reference, job.work.done, job.simulation.reason
    try:
        if _one(simulation, runs, number, limits):
            simulation.reason = told if reference.is_extra else simulation.reason
            return True
    except Unsupported:
        if not reference.is_extra:
            raise
    except OutOfBudget:
        is_long = job.work.done - begin > _ENDLESS * (reference.operations * number + _LEAST)
        stands = standstill(reference, runs.program, number) if is_long else None
        scope = ", ".join(filter(None, (told_ranks(number), reference.scope())))
        if stands is not None:
            found = told_of_endless(_case(runs, number, stands.message), stands.rank, int(stands.line))
            _refuted_by(simulation, runs, number, scope, stands, found)
        elif not job.is_enough():
            raise
        elif reference.is_extra or not is_long:
            simulation.left += 1
            return True
        else:
            simulation.reason = f"it does not end in time, or not at all ({scope})"
            return False
    if reference.is_extra and simulation.refutation is None:
        simulation.reason = told
        return True
    if simulation.refutation is not None and reference.changes_numbers() and not job.wanted.as_given:
        _as_written(job, reference, number)
    return False


def _as_written(job: Simulated, reference: Reference, number: int) -> None:
    """What is refuted with other numbers than are written is so with those, or nothing is known."""
    simulation, refuted = job.simulation, job.simulation.refutation
    simulation.result, simulation.refutation = "unknown", None
    simulation.reason = f"with {reference.scope()} only: {refuted.message if refuted else ''}"
    values = {n: v for n, v in reference.values.items() if not is_unnamed(n)}
    whole = tried_once(job, values, reference.size)
    text = job.sized_after.text(values, job.before.source)
    if whole is not None and text is not None:
        program = job.sized_after.at(text, values)
        _one(simulation, _Runs(whole, program, job.coverage, job.wanted.refusals), number, job.limits())


class _Runs:
    """A candidate at one size, to be run at several numbers of ranks; `tried`: in how many orders, whether these are
    all, and the line of a receive that has several."""

    def __init__(self, reference: Reference, program: Program, coverage: Coverage, may_refuse: bool) -> None:
        self.reference, self.program, self._coverage = reference, program, coverage
        self.may_refuse = may_refuse
        self.tried = (1, True, 0)
        self._compiled = compile_program(program, reference.terms, reference.joined_rows)
        self._equals = Equals(reference.terms)
        self._is_textual = reads_text(reference.program)

    def compared(self, number: int, limits: Limits, is_first: bool = True) -> Comparison:
        """One run against the reference, in fewer orders if it is not the first of so many ranks. Raises Fault,
        Unsupported, OutOfBudget."""
        reference, terms = self.reference, self.reference.terms

        def processes() -> list[Process]:
            return [
                Process(
                    terms,
                    limits,
                    Input("stdin", terms, reference.size, MANY if r == 0 else 0, self._is_textual),
                    arguments=reference.arguments,
                    time_passes=reference.time_passes,
                )
                for r in range(number)
            ]

        some = _SOME_ORDERS if is_first else _FEW_ORDERS
        most = MOST_ORDERS if number <= _ALL_ORDERS else some
        orders = explore(Job(self._compiled, terms, processes, limits, most))
        self._coverage.add(self._compiled.ways)
        if orders.fault is not None:
            raise orders.fault
        self.tried = (orders.tried, orders.all_tried, orders.wild[0] if orders.wild else 0)
        return worst([compare(reference.outcome, o, self._equals) for o in orders.outcomes])

    def shuffled(self, shuffle: int, limits: Limits) -> _Runs | None:
        """The same with other values of the data; None if they do not suit the program."""
        return self._anew(limits, shuffle=shuffle)

    def generic(self, limits: Limits) -> _Runs | None:
        """The same with shadows that are equal only where they must be; None if they do not suit the program."""
        return self._anew(limits, generic=True)

    def _anew(self, limits: Limits, generic: bool = False, shuffle: int = 0) -> _Runs | None:
        old = self.reference
        try:
            made = sequential_run(old.program, old.values, old.size, limits, old.arguments, generic, shuffle)
            return _Runs(made, self.program, self._coverage, self.may_refuse)
        except (Fault, OutOfBudget):
            return None


def _other_branches_fail(job: Simulated, runs: _Runs) -> bool:
    """Whether the candidate is refuted where the data, and with it the branches taken, are others.

    A shuffle that does not suit the program, or that nothing can be told of, is passed over.
    """
    simulation = job.simulation
    if runs.reference.changes_numbers():
        return False  # what differs then is looked at as it is written only, see `_as_written`
    for shuffle, number in _SHUFFLES:
        if job.wanted.ranks and number not in job.wanted.ranks:
            continue
        share = (job.limits().most - job.work.done) // 8
        limits = job.limits(share)
        if runs.reference.operations * (number + 1) > share:
            continue
        tried = Simulation()
        try:
            shuffled = runs.shuffled(shuffle, limits)
            if shuffled is not None:
                _one(tried, shuffled, number, limits)
        except (Unsupported, OutOfBudget):
            continue
        if tried.refutation is not None:
            simulation.result, simulation.refutation = "refuted", tried.refutation
            return True
    return False


def _try_command_lines(job: Simulated) -> None:
    """The two programs as they are written, with arguments: what takes a size from its command line had that size made
    small, and read no argument then. What one rank takes without arguments it has to take with them; what needs too
    many operations, or does not suit the program, is passed over. What the sequential program refuses, the candidate
    refuses likewise.
    """
    alone_refused = any(r == 1 for _, r, _ in job.simulation.refused)
    for line, number in zip(made_up_arguments(job.before), _WITH_ARGUMENTS, strict=False):
        if job.wanted.sizes or number not in (job.wanted.ranks or _WITH_ARGUMENTS):
            continue
        may_refuse = job.wanted.refusals and (number > 1 or alone_refused)
        if _fails_as_written(job, line, number, (job.limits().most - job.work.done) // 12, may_refuse):
            return
    for line in senseless_arguments(job.before):
        if not job.wanted.sizes and _REFUSED_AT in (job.wanted.ranks or (_REFUSED_AT,)):
            share = (job.limits().most - job.work.done) // 12
            if _fails_as_written(job, line, _REFUSED_AT, share, may_refuse=False, gives_up=True):
                return


def _one(simulation: Simulation, runs: _Runs, number: int, limits: Limits) -> bool:
    """One run of the candidate; false if nothing more needs to be run."""
    reference, source = runs.reference, runs.program.source
    scope = ", ".join(filter(None, (told_ranks(number), reference.scope())))
    sizes = tuple(reference.values.items())
    try:
        is_first = number not in simulation.orders
        found = runs.compared(number, limits, is_first)
        if found.equality == "unclear" and (generic := runs.generic(limits)) is not None:
            found = generic.compared(number, limits, is_first)
    except Fault as fault:
        _refuted_by(simulation, runs, number, scope, fault, _blamed(runs, number, fault.message).told)
        return False
    if found.equality == "refused" and runs.may_refuse:
        simulation.refused.append((reference.scope(), number, found.came))
        return True
    if found.equality == "different" or found.equality == "refused":
        first = _blamed(runs, number)
        place = place_of(source, first.line)
        simulation.result = "refuted"
        simulation.refutation = Refutation(
            found.message, place, scope, first.told, sizes, number, expected=found.expected, came=found.came
        )
        return False
    if found.equality == "unclear":
        told = f"it cannot be told whether outputs are the same ({scope}): {found.message}"
        simulation.reason = simulation.reason or told
        simulation.unclear += 1
        return simulation.unclear < _MOST_UNCLEAR
    if found.equality == "void":
        return True  # a size at which the program computes nothing
    simulation.equality = max(simulation.equality, found.equality, key=_WEAKER.index)
    simulation.runs.append((reference.scope(), number))
    simulation.orders.setdefault(number, RankOrders()).add(*runs.tried, reference.scope())
    return True


def _refuted_by(
    simulation: Simulation, runs: _Runs, number: int, scope: str, fault: Fault, told: tuple[str, ...] = ()
) -> None:
    message = f"rank {fault.rank}: {fault.message}" if fault.rank >= 0 else fault.message
    place, sizes = place_of(runs.program.source, fault.line), tuple(runs.reference.values.items())
    simulation.result = "refuted"
    simulation.refutation = Refutation(
        message, place, scope, (*fault.state, *told), sizes, number, fault.rank, kind=fault.kind
    )


def _blamed(runs: _Runs, number: int, fault: str = "") -> Blame:
    """Where the run that was refuted goes wrong."""
    return blame(_case(runs, number, fault)) or Blame(0, ())


def _case(runs: _Runs, number: int, fault: str) -> Case:
    of = runs.reference
    return Case(of.program, runs.program, of.size, number, of.arguments, of.shuffle, fault, of.joined_rows)
