"""The sequential program and all ranks of a candidate, run side by side at small sizes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from chatmpi.analysis import tree
from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Location, Source
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.as_python.compiled import compile_program
from chatmpi.verify.simulate.beyond import Beyond, values_of
from chatmpi.verify.simulate.blame import Blame, Case, blame
from chatmpi.verify.simulate.collection import collect_leavings, paused_collection
from chatmpi.verify.simulate.comparison import Comparison, Equals, compare, worst
from chatmpi.verify.simulate.errors import Fault, OutOfBudget, Unsupported
from chatmpi.verify.simulate.explore import MOST_ORDERS, Job, explore
from chatmpi.verify.simulate.inputs import MANY, Input
from chatmpi.verify.simulate.outcome import Outcome, run_alone
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.small_sizes import (
    Choice,
    asserted,
    choose,
    defined_differently,
    is_unnamed,
    told,
    with_sizes,
)
from chatmpi.verify.simulate.step_literals import fewer_steps
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.text_inputs import reads_text
from chatmpi.verify.simulate.trials import Trial, Wanted, larger_trials, trials
from chatmpi.verify.simulate.ways import Coverage
from chatmpi.verify.simulate.work import Limits, Work, in_words

_ALL_ORDERS = 3  # ranks up to which all orders of messages from any rank have to be tried
_SOME_ORDERS = 24  # that are tried at more ranks
_ARGUMENTS = 4  # that a program may ask for
_NEEDED = frozenset({2, 3, 5})
_AS_WRITTEN = 5  # numbers of standard input are about this where no size is made small
_FEW = (3, 2, 5, 1, 4, 8)
NO_WISH = Wanted()
_ENDLESS, _LEAST = 20, 200_000  # times what the sequential program does, and operations: then it may never end
_SHARE = 0.35  # of the operations, for one sequential run
_LONG = 0.04  # of the operations: a sequential run that takes more has steps left out
_GRIDS = frozenset({"MPI_Dims_create", "MPI_Cart_create"})
_OF_A_GRID = (9,)  # ranks: the least with three in each of two dimensions
_BEYOND = 0.25  # of the operations, for sizes that conditions ask for
_SHUFFLES = ((1, 3), (2, 2), (3, 3), (4, 5))  # other values of the data, each at a number of ranks


@dataclass(frozen=True)
class Refutation:
    """What went wrong: at which sizes, on how many ranks, where, and what every rank was doing."""

    message: str
    location: Location | None
    scope: str
    state: tuple[str, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    ranks: int = 0
    rank: int = -1
    expected: str = ""
    came: str = ""
    kind: str = ""


@dataclass
class Simulation:
    """`result` "holds": every run did the same; "unknown" says in `reason` why nothing can be said.

    `runs`: the sizes and the numbers of ranks; `skipped`: sizes at which the sequential program does not run cleanly;
    `left`: runs that there was no time for; `equality`: the weakest with which outputs are the same;
    `operations`: how much was done;
    `orders`: at how many orders of messages each number of ranks was run, and whether these are all;
    `unreached`: lines of the candidate, from and to, that no run executed.
    """

    result: Literal["holds", "refuted", "unknown"] = "unknown"
    reason: str = ""
    location: Location | None = None
    refutation: Refutation | None = None
    runs: list[tuple[str, int]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    left: int = 0
    operations: int = 0
    equality: Literal["exact", "reordered", "rounding"] = "exact"
    orders: dict[int, tuple[int, bool]] = field(default_factory=dict)
    unreached: tuple[tuple[int, int], ...] = ()

    def scope(self) -> str:
        """`1, 2, 3 and 5 ranks, with N=7; N=4`."""
        ranks = sorted({r for _, r in self.runs})
        sizes = list(dict.fromkeys(s for s, _ in self.runs if s))
        told = f"{', '.join(map(str, ranks[:-1]))} and {ranks[-1]} ranks" if len(ranks) > 1 else _ranks(*ranks)
        return f"{told}{', with ' if sizes else ''}{'; '.join(sizes)}{self._order_scope()}"

    def _order_scope(self) -> str:
        """How many orders were tried where messages from any rank can come in several."""
        if not any(n > 1 for n, _ in self.orders.values()):
            return ""
        each = [f"{'all ' if every else ''}{n} at {r} ranks" for r, (n, every) in sorted(self.orders.items()) if n > 1]
        return f"; orders of messages from any rank: {', '.join(each)}"


_WEAKER = ("exact", "reordered", "rounding")


def _ranks(number: int) -> str:
    return "1 rank" if number == 1 else f"{number} ranks"


@dataclass(frozen=True)
class _Reference:
    """A sequential run that was clean; `is_extra`: of a size that is tried for a condition's sake."""

    program: Program
    values: dict[str, int]
    outcome: Outcome
    terms: Terms
    size: int
    operations: int
    shuffle: int = 0
    arguments: tuple[str, ...] = ()
    is_extra: bool = False

    def scope(self) -> str:
        other: tuple[str, ...] = (f"arguments {' '.join(self.arguments)}",) if self.arguments else ()
        other += ("other data",) if self.shuffle else ()
        return ", ".join((*(told(n, v) for n, v in self.values.items()), *other))

    def changes_numbers(self) -> bool:
        """Whether a number that has no name was changed."""
        return any(map(is_unnamed, self.values))


def simulate(sequential: Source, candidate: Source, options: ParseOptions, wanted: Wanted = NO_WISH) -> Simulation:
    """Raises UnreadableInput if one of the two does not parse."""
    before, after = parse(sequential, options), parse(candidate, options)
    simulation = Simulation()
    job = _Job(simulation, before, after, options, wanted)
    if not wanted.steps:
        job.steps.update(fewer_steps(before, after))
    try:
        with paused_collection():
            _simulate(job)
    except OutOfBudget:
        simulation.reason = f"the simulation needs more than {in_words(wanted.operations)}"
    except Unsupported as error:
        simulation.reason = f"{error.what} is not known to the simulation"
        simulation.location = simulation.location or _place(candidate, error.line)
    simulation.operations = job.work.done
    simulation.unreached = tuple(job.coverage.lines())
    needed = frozenset(wanted.ranks) or _NEEDED
    if simulation.result == "unknown" and not simulation.reason and {r for _, r in simulation.runs} >= needed:
        simulation.result = "holds"
    elif simulation.result == "unknown" and not simulation.reason:
        simulation.reason = "too few sizes and ranks could be simulated"
        if simulation.skipped:
            simulation.reason += f": {simulation.skipped[0]}"
    return simulation


@dataclass
class _Job:
    """What is simulated, what was done, and what is known of it; `is_slow`: steps are left out where they can be;
    `coverage`: where the candidate's runs went."""

    simulation: Simulation
    before: Program
    after: Program
    options: ParseOptions
    wanted: Wanted
    work: Work = field(default_factory=Work)
    steps: dict[str, int] = field(default_factory=dict)  # see `fewer_steps`
    is_slow: bool = False
    coverage: Coverage = field(default_factory=Coverage)

    def limits(self, share: int | None = None) -> Limits:
        """For all that is left to do, or for a share of it that begins now."""
        most = self.wanted.operations
        return Limits(self.work, most if share is None else min(most, self.work.done + share))

    def is_enough(self) -> bool:
        """Whether the numbers of ranks that are needed were simulated."""
        return {r for _, r in self.simulation.runs} >= (frozenset(self.wanted.ranks) or _NEEDED)


def _place(source: Source, line: int) -> Location | None:
    return Location(source.name, line, getattr(line, "column", 1)) if line else None


def _simulate(job: _Job) -> None:
    simulation, limits = job.simulation, job.limits()
    shuffled = False
    for reference, ranks in _references(job):
        text = with_sizes(job.after.source, job.after, reference.values, job.before.source)
        if text is None:
            raise Unsupported("sizes that the two programs define differently")
        if name := defined_differently(job.before, job.after, reference.values):
            raise Unsupported(f"the size {name}, which the two programs define differently,")
        try:
            program = parse(text, job.options) if reference.values else job.after
        except UnreadableInput:
            simulation.skipped.append(f"the candidate does not take {reference.scope()}")
            continue
        runs = _Runs(reference, program, job.coverage)
        job.work.read(text.text)
        if not shuffled and reference.size > 1:
            shuffled = True
            if _other_branches_fail(job, runs):
                return
        for number in ranks:
            if job.is_enough() and job.work.done + 2 * reference.operations * number > limits.most:
                simulation.left += 1
            elif not _goes_on(job, runs, number, limits):
                return


def _goes_on(job: _Job, runs: _Runs, number: int, limits: Limits) -> bool:
    """One run of the candidate; false if nothing more needs to be run. What cannot be told of a run that is an extra
    counts for nothing."""
    simulation, reference, begin = job.simulation, runs.reference, job.work.done
    try:
        if _one(simulation, runs, number, limits):
            return True
    except Unsupported:
        if not reference.is_extra:
            raise
    except OutOfBudget:
        if not job.is_enough():
            raise
        if reference.is_extra or job.work.done - begin <= _ENDLESS * (reference.operations * number + _LEAST):
            simulation.left += 1
            return True
        scope = ", ".join(filter(None, (_ranks(number), reference.scope())))
        simulation.reason = f"it does not end in time, or not at all ({scope})"
        return False
    if reference.is_extra and simulation.refutation is None:
        simulation.reason = ""
        return True
    if simulation.refutation is not None and reference.changes_numbers() and not job.wanted.as_given:
        _as_written(job, reference, number)
    return False


def _as_written(job: _Job, reference: _Reference, number: int) -> None:
    """What is refuted with other numbers than are written is so with those, or nothing is known."""
    simulation, refuted = job.simulation, job.simulation.refutation
    simulation.result, simulation.refutation = "unknown", None
    simulation.reason = f"with {reference.scope()} only: {refuted.message if refuted else ''}"
    values = {n: v for n, v in reference.values.items() if not is_unnamed(n)}
    whole = _tried_once(job, values, reference.size)
    text = with_sizes(job.after.source, job.after, values, job.before.source)
    if whole is not None and text is not None:
        program = parse(text, job.options) if values else job.after
        _one(simulation, _Runs(whole, program, job.coverage), number, job.limits())


class _Runs:
    """A candidate at one size, to be run at several numbers of ranks."""

    def __init__(self, reference: _Reference, program: Program, coverage: Coverage) -> None:
        self.reference, self.program, self._coverage = reference, program, coverage
        self.tried = (1, True)
        self._compiled = compile_program(program, reference.terms)
        self._equals = Equals(reference.terms)

    def compared(self, number: int, limits: Limits) -> Comparison:
        """One run against the reference. Raises Fault, Unsupported, OutOfBudget."""
        reference, terms = self.reference, self.reference.terms
        textual = reads_text(reference.program)

        def processes() -> list[Process]:
            return [
                Process(
                    terms,
                    limits,
                    Input("stdin", terms, reference.size, MANY if r == 0 else 0, textual),
                    arguments=reference.arguments,
                )
                for r in range(number)
            ]

        orders = explore(
            Job(self._compiled, terms, processes, limits, MOST_ORDERS if number <= _ALL_ORDERS else _SOME_ORDERS)
        )
        self._coverage.add(self._compiled.ways)
        if orders.fault is not None:
            raise orders.fault
        if not orders.all_tried and number <= _ALL_ORDERS:
            raise Unsupported(f"receives from any rank with more than {MOST_ORDERS} orders", orders.wild[0])
        self.tried = (orders.tried, orders.all_tried)
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
            made = _reference(old.program, old.values, old.size, limits, old.arguments, generic, shuffle)
            return _Runs(made, self.program, self._coverage)
        except (Fault, OutOfBudget):
            return None


def _other_branches_fail(job: _Job, runs: _Runs) -> bool:
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


def _one(simulation: Simulation, runs: _Runs, number: int, limits: Limits) -> bool:
    """One run of the candidate; false if nothing more needs to be run."""
    reference, source = runs.reference, runs.program.source
    scope = ", ".join(filter(None, (_ranks(number), reference.scope())))
    sizes = tuple(reference.values.items())
    try:
        found = runs.compared(number, limits)
        if found.equality == "unclear" and (generic := runs.generic(limits)) is not None:
            found = generic.compared(number, limits)
    except Fault as fault:
        message = f"rank {fault.rank}: {fault.message}" if fault.rank >= 0 else fault.message
        state = (*fault.state, *_blamed(runs, number, fault.message).told)
        simulation.result = "refuted"
        simulation.refutation = Refutation(
            message, _place(source, fault.line), scope, state, sizes, number, fault.rank, kind=fault.kind
        )
        return False
    if found.equality == "different":
        first = _blamed(runs, number)
        place = _place(source, first.line)
        simulation.result = "refuted"
        simulation.refutation = Refutation(
            found.message, place, scope, first.told, sizes, number, expected=found.expected, came=found.came
        )
        return False
    if found.equality == "unclear":
        simulation.reason = f"it cannot be told whether outputs are the same ({scope}): {found.message}"
        return False
    if found.equality == "void":
        return True  # a size at which the program computes nothing
    simulation.equality = max(simulation.equality, found.equality, key=_WEAKER.index)
    simulation.runs.append((reference.scope(), number))
    before, all_before = simulation.orders.get(number, (0, True))
    simulation.orders[number] = (max(before, runs.tried[0]), all_before and runs.tried[1])
    return True


def _blamed(runs: _Runs, number: int, fault: str = "") -> Blame:
    """Where the run that was refuted goes wrong."""
    of = runs.reference
    return blame(Case(of.program, runs.program, of.size, number, of.arguments, of.shuffle, fault)) or Blame(0, ())


def _references(job: _Job) -> Iterator[tuple[_Reference, tuple[int, ...]]]:
    """Sequential runs that are clean, with the numbers of ranks to compare them with.

    Where no small size suits, the program is run as it is written.
    """
    wanted, some, choice = job.wanted, False, _choice(job)
    known: set[int] = set()
    for trial in trials(choice, wanted):
        if job.is_enough() and job.work.done > wanted.operations:
            job.simulation.left += len(trial.ranks)
            continue
        reference = _first_clean(job, trial)
        if reference is not None:
            some = True
            known |= set(range(trial.size, trial.size + len(reference.values) + 1))
            yield reference, trial.ranks
    if some and _has_grid(job.after) and not (wanted.sizes or wanted.ranks):
        larger = (t for t in trials(choice, wanted) if t.size > max(_OF_A_GRID))
        more = next((r for t in larger if (r := _first_clean(job, t)) is not None), None)
        yield from () if more is None else ((more, _OF_A_GRID),)
    if some and not (wanted.sizes or wanted.steps):
        yield from _beyond(job, Beyond(choice, wanted.steps, job.coverage, known))
    if not some and not wanted.sizes and (reference := _tried(job, {}, _AS_WRITTEN)) is not None:
        yield reference, wanted.ranks or _FEW
        return
    for trial in larger_trials(choice, wanted):
        if job.is_enough():
            return
        reference = _first_clean(job, trial)
        if reference is not None:
            yield reference, trial.ranks


def _has_grid(program: Program) -> bool:
    return any(isinstance(n, tree.Call) and n.name in _GRIDS for f in program.functions for n in tree.walk(f))


def _beyond(job: _Job, more: Beyond) -> Iterator[tuple[_Reference, tuple[int, ...]]]:
    """Larger sizes where the candidate has branches that no run took, and a number in their condition."""
    noted, end = len(job.simulation.skipped), job.work.done + _BEYOND * job.wanted.operations
    for trial in more.trials():
        if job.work.done > end:
            return
        reference = None
        with contextlib.suppress(Unsupported):
            reference = next((r for v in trial.values if (r := _tried_once(job, v, trial.size, _BEYOND / 4))), None)
        del job.simulation.skipped[noted:]
        if reference is None:
            more.too_large.append(values_of(trial))
        else:
            ranks = tuple(r for r in trial.ranks if r in (job.wanted.ranks or trial.ranks))
            yield replace(reference, is_extra=True), ranks


def _first_clean(job: _Job, trial: Trial) -> _Reference | None:
    """The sequential run with the first values of a trial that suit the program."""
    noted = len(job.simulation.skipped)
    for values in trial.values:
        reference = _tried(job, values, trial.size)
        if reference is not None:
            del job.simulation.skipped[noted:]
            return reference
    return None


def _choice(job: _Job) -> Choice:
    """What is made small: also numbers that have no name, where the program does much else, or goes beyond its arrays
    (`for (r = 0; r < 12; r++)` prints the first rows)."""
    choice = choose(job.before).without(asserted(job.after))
    if not choice.numbers or job.wanted.sizes:
        return choice
    trial = next(trials(choice, job.wanted))
    text = with_sizes(job.before.source, job.before, {**trial.values[0], **job.steps})
    if text is None:
        return choice
    try:
        _with_arguments(parse(text, job.options), {}, trial.size, job.limits(int(_LONG * job.wanted.operations)))
    except OutOfBudget:
        return choice.with_numbers(job.steps)
    except (Fault, UnreadableInput):
        more = choice.with_numbers(job.steps)
        noted = len(job.simulation.skipped)
        found = _first_clean(job, next(trials(choice, job.wanted))) or _first_clean(job, next(trials(more, job.wanted)))
        del job.simulation.skipped[noted:]
        return more if found is not None and found.changes_numbers() else choice
    return choice


def _tried(job: _Job, values: dict[str, int], size: int) -> _Reference | None:
    """The sequential run with these values, None if it is not clean; with fewer steps where it takes long."""
    fewer = {**values, **job.steps}
    if job.steps and job.is_slow:
        return _tried_once(job, fewer, size)
    start, noted = job.work.done, len(job.simulation.skipped)
    found = _tried_once(job, values, size)
    job.is_slow = job.work.done - start > _LONG * job.wanted.operations
    if not job.steps or not job.is_slow:
        return found
    shorter = _tried_once(job, fewer, size)
    if shorter is None:
        job.is_slow = False
        return found
    del job.simulation.skipped[noted:]
    return shorter


def _tried_once(job: _Job, values: dict[str, int], size: int, share: float = _SHARE) -> _Reference | None:
    """The sequential run with these values, None if it is not clean; what is wrong is noted."""
    text = with_sizes(job.before.source, job.before, values)
    if text is None:
        return None
    limits = job.limits(int(share * job.wanted.operations))
    try:
        return _with_arguments(parse(text, job.options) if values else job.before, values, size, limits)
    except Unsupported as error:
        job.simulation.location = _place(job.before.source, error.line)
        raise
    except (Fault, OutOfBudget, UnreadableInput) as error:
        named = ", ".join(told(n, v) for n, v in values.items())
        why = _why_skipped(job, values, error)
        job.simulation.skipped.append(f"the sequential program does not run with {named or 'its own sizes'}: {why}")
        return None


def _why_skipped(job: _Job, values: dict[str, int], error: Fault | OutOfBudget | UnreadableInput) -> str:
    match error:
        case Fault():
            return error.message
        case UnreadableInput():
            return "it does not compile"
    advice = "" if values else "; a size that has a name (`#define N 500`, `int n = 500;`) is made small"
    return f"it needs more than {in_words(int(_SHARE * job.wanted.operations))}{advice}"


def _with_arguments(program: Program, values: dict[str, int], size: int, limits: Limits) -> _Reference:
    """A sequential run; where the program asks for arguments, with as many as it then runs with.

    Raises what the run without arguments raises if none does.
    """
    main = program.function("main")
    most = _ARGUMENTS if main is not None and len(main.parameters) > 1 else 0
    try:
        return _reference(program, values, size, limits)
    except Fault:
        for k in range(1, most + 1):
            with contextlib.suppress(Fault):
                return _reference(program, values, size, limits, (str(size),) * k)
        raise


def _reference(
    program: Program,
    values: dict[str, int],
    size: int,
    limits: Limits,
    arguments: tuple[str, ...] = (),
    generic: bool = False,
    shuffle: int = 0,
) -> _Reference:
    """A sequential run. Raises Fault if it is not clean, OutOfBudget, Unsupported."""
    collect_leavings()
    terms = Terms(generic, shuffle)
    start = limits.work.done
    limits.work.read(program.source.text)
    source = Input("stdin", terms, size, textual=reads_text(program))
    process = Process(terms, limits, source, arguments=arguments)
    outcome = run_alone(compile_program(program, terms), process)
    if outcome.status != 0 and not process.reached_end:
        raise Fault(f"it ends with the status {outcome.status}")
    return _Reference(program, values, outcome, terms, size, limits.work.done - start, shuffle, arguments)
