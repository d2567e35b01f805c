"""The sequential program and all ranks of a candidate, run side by side at small sizes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Location, Source
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.canonical import Canonical
from chatmpi.verify.simulate.comparison import Comparison, compare, worst
from chatmpi.verify.simulate.compiled import compile_program
from chatmpi.verify.simulate.errors import Fault, OutOfBudget, Unsupported
from chatmpi.verify.simulate.explore import MOST_ORDERS, Job, explore
from chatmpi.verify.simulate.inputs import MANY, Input
from chatmpi.verify.simulate.outcome import Outcome, run_alone
from chatmpi.verify.simulate.process import Limits, Process
from chatmpi.verify.simulate.small_sizes import assignments, choose, with_sizes
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.text_inputs import reads_text

# For each size, in the order in which they are tried, the numbers of ranks: sizes that do not divide, fewer rows
# than ranks, one rank.
_PAIRS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (7, (3, 2, 5, 1, 4, 8)),
    (4, (3, 5, 1, 7)),
    (11, (4, 2, 5, 3, 8)),
    (1, (2, 1, 3)),
    (17, (8, 3, 5, 6)),
    (2, (3, 1, 4)),
)
_ALL_ORDERS = 3  # ranks up to which all orders of messages from any rank have to be tried
_SOME_ORDERS = 24  # that are tried at more ranks
_ARGUMENTS = 4  # that a program may ask for
_NEEDED = frozenset({2, 3, 5})
_SECONDS = 6.0
_SHARE = 0.35  # of the time, for one sequential run
_SHUFFLES = ((1, 3), (2, 2), (3, 3), (4, 5))  # other values of the data, each at a number of ranks


@dataclass(frozen=True)
class Refutation:
    """What went wrong: at which sizes, on how many ranks, where, and what every rank was doing."""

    message: str
    location: Location | None
    scope: str
    state: tuple[str, ...] = ()


@dataclass
class Simulation:
    """`result` "holds": every run did the same; "unknown" says in `reason` why nothing can be said. `orders`: at how
    many orders of messages each number of ranks was run, and whether these are all."""

    result: Literal["holds", "refuted", "unknown"] = "unknown"
    reason: str = ""
    location: Location | None = None
    refutation: Refutation | None = None
    runs: list[tuple[str, int]] = field(default_factory=list)
    reordered: bool = False
    orders: dict[int, tuple[int, bool]] = field(default_factory=dict)

    def scope(self) -> str:
        """`1, 2, 3 and 5 ranks, with N=7; N=4`."""
        ranks = sorted({r for _, r in self.runs})
        sizes = list(dict.fromkeys(s for s, _ in self.runs if s))
        told = f"{', '.join(map(str, ranks[:-1]))} and {ranks[-1]} ranks" if len(ranks) > 1 else f"{ranks[0]} ranks"
        return f"{told}{', with ' if sizes else ''}{'; '.join(sizes)}{self._order_scope()}"

    def _order_scope(self) -> str:
        """How many orders were tried where messages from any rank can come in several."""
        if not any(n > 1 for n, _ in self.orders.values()):
            return ""
        each = [f"{'all ' if every else ''}{n} at {r} ranks" for r, (n, every) in sorted(self.orders.items()) if n > 1]
        return f"; orders of messages from any rank: {', '.join(each)}"


@dataclass(frozen=True)
class _Reference:
    """A sequential run that was clean."""

    program: Program
    values: dict[str, int]
    outcome: Outcome
    terms: Terms
    size: int
    seconds: float
    shuffle: int = 0
    arguments: tuple[str, ...] = ()

    def scope(self) -> str:
        other: tuple[str, ...] = (f"arguments {' '.join(self.arguments)}",) if self.arguments else ()
        other += ("other data",) if self.shuffle else ()
        return ", ".join((*(f"{n}={v}" for n, v in self.values.items()), *other))


def simulate(sequential: Source, candidate: Source, options: ParseOptions, seconds: float = _SECONDS) -> Simulation:
    """Raises UnreadableInput if one of the two does not parse."""
    before, after = parse(sequential, options), parse(candidate, options)
    deadline = time.process_time() + seconds
    simulation = Simulation()
    try:
        _simulate(simulation, before, after, options, deadline, seconds)
    except OutOfBudget:
        simulation.reason = "the simulation takes too long"
    except Unsupported as error:
        simulation.reason = f"{error.what} is not known to the simulation"
        simulation.location = _place(candidate if simulation.location is None else sequential, error.line)
    if simulation.result == "unknown" and not simulation.reason and {r for _, r in simulation.runs} >= _NEEDED:
        simulation.result = "holds"
    elif simulation.result == "unknown" and not simulation.reason:
        simulation.reason = "too few sizes and ranks could be simulated"
    return simulation


def _place(source: Source, line: int) -> Location | None:
    return Location(source.name, line, getattr(line, "column", 1)) if line else None


def _simulate(
    simulation: Simulation,
    before: Program,
    after: Program,
    options: ParseOptions,
    deadline: float,
    seconds: float,
) -> None:
    shuffled = False
    for reference, ranks in _references(before, options, deadline, seconds):
        text = with_sizes(after.source, after, reference.values)
        if text is None:
            raise Unsupported("sizes that the two programs define differently")
        try:
            program = parse(text, options) if reference.values else after
        except UnreadableInput:
            continue  # a size that the candidate says it does not take
        runs = _Runs(reference, program)
        if not shuffled and reference.size > 1:
            shuffled = True
            if _other_branches_fail(simulation, runs, deadline):
                return
        for number in ranks:
            enough = {r for _, r in simulation.runs} >= _NEEDED
            if enough and time.process_time() + 2 * reference.seconds * number > deadline:
                return
            try:
                if not _one(simulation, runs, number, deadline):
                    return
            except OutOfBudget:
                if enough:
                    return
                raise


class _Runs:
    """A candidate at one size, to be run at several numbers of ranks."""

    def __init__(self, reference: _Reference, program: Program) -> None:
        self.reference, self.program = reference, program
        self.tried = (1, True)
        self._compiled = compile_program(program, reference.terms)
        self._canonical = Canonical(reference.terms)

    def compared(self, number: int, deadline: float) -> Comparison:
        """One run against the reference. Raises Fault, Unsupported, OutOfBudget."""
        reference, terms = self.reference, self.reference.terms
        textual = reads_text(reference.program)

        def processes() -> list[Process]:
            return [
                Process(
                    terms,
                    Limits(deadline),
                    Input("stdin", terms, reference.size, MANY if r == 0 else 0, textual),
                    arguments=reference.arguments,
                )
                for r in range(number)
            ]

        orders = explore(
            Job(self._compiled, terms, processes, deadline, MOST_ORDERS if number <= _ALL_ORDERS else _SOME_ORDERS)
        )
        if orders.fault is not None:
            raise orders.fault
        if not orders.all_tried and number <= _ALL_ORDERS:
            raise Unsupported(f"receives from any rank with more than {MOST_ORDERS} orders", orders.wild[0])
        self.tried = (orders.tried, orders.all_tried)
        return worst([compare(reference.outcome, o, self._canonical) for o in orders.outcomes])

    def shuffled(self, shuffle: int, limit: float) -> _Runs | None:
        """The same with other values of the data; None if they do not suit the program."""
        old = self.reference
        reference = _reference(old.program, old.values, old.size, limit, old.arguments, shuffle=shuffle)
        return None if reference is None else _Runs(reference, self.program)

    def generic(self, deadline: float) -> _Runs | None:
        """The same with shadows that are equal only where they must be; None if they do not suit the program."""
        old = self.reference
        reference = _reference(old.program, old.values, old.size, deadline, old.arguments, generic=True)
        return None if reference is None else _Runs(reference, self.program)


def _other_branches_fail(simulation: Simulation, runs: _Runs, deadline: float) -> bool:
    """Whether the candidate is refuted where the data, and with it the branches taken, are others.

    A shuffle that does not suit the program, or that nothing can be told of, is passed over.
    """
    for shuffle, number in _SHUFFLES:
        limit = time.process_time() + (deadline - time.process_time()) / 8
        tried = Simulation()
        try:
            shuffled = runs.shuffled(shuffle, limit)
            if shuffled is not None:
                _one(tried, shuffled, number, limit)
        except (Unsupported, OutOfBudget):
            continue
        if tried.refutation is not None:
            simulation.result, simulation.refutation = "refuted", tried.refutation
            return True
    return False


def _one(simulation: Simulation, runs: _Runs, number: int, deadline: float) -> bool:
    """One run of the candidate; false if nothing more needs to be run."""
    reference = runs.reference
    scope = ", ".join(filter(None, (f"{number} ranks" if number > 1 else "1 rank", reference.scope())))
    source = runs.program.source
    try:
        found = runs.compared(number, deadline)
        if found.equality == "unclear" and (generic := runs.generic(deadline)) is not None:
            found = generic.compared(number, deadline)
    except Fault as fault:
        message = f"rank {fault.rank}: {fault.message}" if fault.rank >= 0 else fault.message
        simulation.result = "refuted"
        simulation.refutation = Refutation(message, _place(source, fault.line), scope, fault.state)
        return False
    if found.equality == "different":
        simulation.result = "refuted"
        simulation.refutation = Refutation(found.message, None, scope)
        return False
    if found.equality == "unclear":
        simulation.reason = f"it cannot be told whether outputs are the same ({scope}): {found.message}"
        return False
    if found.equality == "void":
        return True  # a size at which the program computes nothing
    simulation.reordered |= found.equality == "reordered"
    simulation.runs.append((reference.scope(), number))
    before, all_before = simulation.orders.get(number, (0, True))
    simulation.orders[number] = (max(before, runs.tried[0]), all_before and runs.tried[1])
    return True


def _references(
    before: Program, options: ParseOptions, deadline: float, seconds: float
) -> Iterator[tuple[_Reference, tuple[int, ...]]]:
    """Sequential runs that are clean, with the numbers of ranks to compare them with."""
    choice = choose(before)
    if not choice.sizes and not choice.steps:
        reference = _with_arguments(before, {}, _PAIRS[0][0], deadline)
        if reference is not None:
            yield reference, (3, 2, 5, 1, 4, 8, 7)
        return
    suitable = False
    for size, ranks in _PAIRS:
        for values in assignments(choice, size):
            text = with_sizes(before.source, before, values)
            if text is None:
                continue
            limit = min(deadline, time.process_time() + _SHARE * seconds)
            reference = _with_arguments(parse(text, options), values, size, limit)
            if reference is not None:
                suitable = True
                yield reference, ranks
                break
    limit = min(deadline, time.process_time() + _SHARE * seconds)
    own = None if suitable else _with_arguments(before, {}, _PAIRS[0][0], limit)
    if own is not None:  # a program that runs at its own sizes only
        yield own, (3, 2, 5, 1, 4, 8)


def _with_arguments(program: Program, values: dict[str, int], size: int, limit: float) -> _Reference | None:
    """A sequential run; where the program asks for arguments, with as many as it then runs with."""
    main = program.function("main")
    most = _ARGUMENTS if main is not None and len(main.parameters) > 1 else 0
    found = (_reference(program, values, size, limit, (str(size),) * k) for k in range(most + 1))
    return next((r for r in found if r is not None), None)


def _reference(
    program: Program,
    values: dict[str, int],
    size: int,
    limit: float,
    arguments: tuple[str, ...] = (),
    generic: bool = False,
    shuffle: int = 0,
) -> _Reference | None:
    """A sequential run; None if it is not clean, or takes too long. Raises Unsupported."""
    terms = Terms(generic, shuffle)
    start = time.process_time()
    try:
        source = Input("stdin", terms, size, textual=reads_text(program))
        process = Process(terms, Limits(limit), source, arguments=arguments)
        outcome = run_alone(compile_program(program, terms), process)
    except (Fault, OutOfBudget):
        return None
    if outcome.status != 0:
        return None
    return _Reference(program, values, outcome, terms, size, time.process_time() - start, shuffle, arguments)
