"""Sequential runs that a candidate is compared with: at which sizes, with which data, and whether they are clean."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.as_python.compiled import compile_program
from chatmpi.verify.simulate.beyond import Beyond, values_of
from chatmpi.verify.simulate.collection import collect_leavings
from chatmpi.verify.simulate.command_lines import argument_counts, small_arguments
from chatmpi.verify.simulate.errors import Fault, Kind, OutOfBudget, TimeStands, Unsupported
from chatmpi.verify.simulate.inputs import Input
from chatmpi.verify.simulate.job import NEEDED, Reference, Simulated, place_of
from chatmpi.verify.simulate.outcome import Outcome, run_alone
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.small_sizes import Choice, asserted, choose, told
from chatmpi.verify.simulate.step_literals import at_size
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.text_inputs import reads_text
from chatmpi.verify.simulate.trials import Trial, larger_trials, multiples_for, trials
from chatmpi.verify.simulate.work import BYTES_OF_A_CELL, Limits, in_words

_AS_WRITTEN = 5  # numbers of standard input are about this where no size is made small
_FEW = (3, 2, 5, 1, 4, 8)
_SHARE = 0.35  # of the operations, for one sequential run
_LONG = 0.04  # of the operations: a sequential run that takes more has steps left out
_LONG_RUN = 1_500_000  # operations, of a sequential run: so it is too, whatever may be done
_GRIDS = frozenset({"MPI_Dims_create", "MPI_Cart_create"})
_MOST_KEPT = 60_000  # terms of a sequential run that is kept for more numbers of ranks
_OFTEN = 2  # times that a kind of values does not suit the program
_OF_A_GRID = (9,)  # ranks: the least with three in each of two dimensions
_MOST = 0.3  # of the operations: what takes more at the needed ranks is tried at smaller sizes first
_SMALL = 4
_BEYOND = 0.25  # of the operations, for sizes that conditions ask for


def references(job: Simulated) -> Iterator[tuple[Reference, tuple[int, ...]]]:
    """Sequential runs that are clean, with the numbers of ranks to compare them with.

    Where no small size suits, the program is run as it is written.
    """
    wanted, some, choice = job.wanted, False, _choice(job)
    job.suited.clear()
    known: set[int] = set()
    todo = list(trials(choice, wanted))
    while todo:
        job.keep_sizes({t.size for t in todo})
        trial = todo.pop(0)
        if job.is_enough() and job.work.done > wanted.operations:
            job.simulation.left += len(trial.ranks)
            job.offered.add(str(trial.size))
            continue
        reference = _first_clean(job, trial)
        if reference is not None and not some and todo and _is_dear(job, reference):
            todo.sort(key=_smaller_first)
            todo.append(trial)
            trial, reference = todo[0], _first_clean(job, todo.pop(0))
        if reference is not None:
            some = True
            known |= set(range(trial.size, trial.size + len(reference.values) + 1))
            yield reference, trial.ranks
    if some and _has_grid(job.after) and not (wanted.sizes or wanted.ranks):
        larger = (t for t in trials(choice, wanted) if t.size > max(_OF_A_GRID))
        more = next((r for t in larger if (r := _first_clean(job, t)) is not None), None)
        yield from () if more is None else ((more, _OF_A_GRID),)
    refused = sorted(NEEDED & {r for _, r, _ in job.simulation.refused})
    for trial in multiples_for(choice, wanted, refused):
        reference = _first_clean(job, trial)
        if reference is not None:
            yield reference, trial.ranks
    if some and not (wanted.sizes or wanted.steps):
        yield from _beyond(job, Beyond(choice, wanted.steps, job.coverage, known, wanted.operations))
    if not some and not wanted.sizes and (reference := _tried(job, {}, _AS_WRITTEN)) is not None:
        yield reference, wanted.ranks or _FEW
        return
    for trial in larger_trials(choice, wanted):
        if job.is_enough():
            return
        reference = _first_clean(job, trial)
        if reference is not None:
            yield reference, trial.ranks


def _is_dear(job: Simulated, reference: Reference) -> bool:
    """Whether the numbers of ranks that are needed would take most of what may be done."""
    return reference.operations * sum(NEEDED) > _MOST * job.wanted.operations


def _smaller_first(trial: Trial) -> tuple[bool, int]:
    return trial.size > _SMALL, trial.size if trial.size > _SMALL else -trial.size


def _has_grid(program: Program) -> bool:
    return any(isinstance(n, tree.Call) and n.name in _GRIDS for f in program.functions for n in tree.walk(f))


def _beyond(job: Simulated, more: Beyond) -> Iterator[tuple[Reference, tuple[int, ...]]]:
    """Larger sizes where the candidate has branches that no run took, and a number in their condition."""
    noted, end = len(job.simulation.skipped), job.work.done + _BEYOND * job.wanted.operations
    for trial in more.trials():
        if job.work.done > end:
            return
        reference = None
        with contextlib.suppress(Unsupported):
            reference = next((r for v in trial.values if (r := tried_once(job, v, trial.size, _BEYOND / 4))), None)
        del job.simulation.skipped[noted:]
        if reference is None:
            more.too_large.append(values_of(trial))
        else:
            ranks = tuple(r for r in trial.ranks if r in (job.wanted.ranks or trial.ranks))
            yield replace(reference, is_extra=True), ranks


def _first_clean(job: Simulated, trial: Trial) -> Reference | None:
    """The sequential run with the first values of a trial that suit the program; a kind of values that did not for
    some sizes comes last."""
    noted = len(job.simulation.skipped)
    failing = {kind for kind, suited in job.suited.items() if suited[-_OFTEN:] == [False] * _OFTEN}
    tried: list[dict[str, int]] = []
    kinds = (*trial.values, *trial.relied_on)
    for kind in sorted(range(len(kinds)), key=failing.__contains__):
        values = kinds[kind]
        if values in tried:
            continue
        tried.append(values)
        reference = _tried(job, values, trial.size)
        job.suited.setdefault(kind, []).append(reference is not None)
        if reference is not None:
            del job.simulation.skipped[noted:]
            return reference
    job.is_slow = False
    return None


def _choice(job: Simulated) -> Choice:
    """What is made small: also numbers that have no name, where the program does much else, or goes beyond its arrays
    (`for (r = 0; r < 12; r++)` prints the first rows)."""
    choice = choose(job.before).without(asserted(job.after))
    choice = choice.with_powers() if job.wanted.powers else choice
    if not choice.numbers or job.wanted.sizes:
        return choice
    trial = next(trials(choice, job.wanted))
    text = job.sized_before.text(values := {**trial.values[0], **job.steps})
    if text is None:
        return choice
    most = int(_LONG * job.wanted.operations)
    try:
        _with_arguments(job, job.sized_before.at(text, values), {}, trial.size, job.limits(most))
    except OutOfBudget:
        return choice.with_numbers(job.steps)
    except (Fault, UnreadableInput):
        more = choice.with_numbers(job.steps)
        noted = len(job.simulation.skipped)
        tried = (replace(next(trials(c, job.wanted)), relied_on=()) for c in (choice, more))
        found = next((r for t in tried if (r := _first_clean(job, t)) is not None), None)
        del job.simulation.skipped[noted:]
        return more if found is not None and found.changes_numbers() else choice
    return choice


def _tried(job: Simulated, values: dict[str, int], size: int) -> Reference | None:
    """The sequential run with these values, None if it is not clean; with fewer steps where it takes long. What was
    run before is not run again."""
    fewer = values | {name: at_size(steps, size) for name, steps in job.steps.items()}
    is_fewer = bool(job.steps) and job.is_slow
    key = size, tuple(sorted((fewer if is_fewer else values).items()))
    if key not in job.kept:
        found = tried_once(job, fewer, size) if is_fewer else _tried_in_full(job, values, fewer, size)
        if found is None or len(found.terms.everything) > _MOST_KEPT:
            return found
        job.kept[key] = found
    return job.kept[key]


def _tried_in_full(job: Simulated, values: dict[str, int], fewer: dict[str, int], size: int) -> Reference | None:
    """See `_tried`; if it takes long, all that follow have fewer steps, but where only these do not suit."""
    start, noted = job.work.done, len(job.simulation.skipped)
    found = tried_once(job, values, size)
    job.is_slow = job.work.done - start > min(_LONG * job.wanted.operations, _LONG_RUN)
    if not job.steps or not job.is_slow:
        return found
    shorter = tried_once(job, fewer, size)
    if shorter is None:
        job.is_slow = found is None
        return found
    del job.simulation.skipped[noted:]
    return shorter


def tried_once(job: Simulated, values: dict[str, int], size: int, share: float = _SHARE) -> Reference | None:
    """The sequential run with these values, None if it is not clean; what is wrong is noted."""
    text = job.sized_before.text(values)
    if text is None:
        return None
    limits = job.limits(int(share * job.wanted.operations))
    try:
        return _with_arguments(job, job.sized_before.at(text, values), values, size, limits)
    except Unsupported as error:
        job.simulation.location = place_of(job.before.source, error.line)
        raise
    except (Fault, OutOfBudget, UnreadableInput) as error:
        named = ", ".join(told(n, v) for n, v in values.items())
        why = _why_skipped(job, values, error)
        job.simulation.skipped.append(f"the sequential program does not run with {named or 'its own sizes'}: {why}")
        return None


def _why_skipped(job: Simulated, values: dict[str, int], error: Fault | OutOfBudget | UnreadableInput) -> str:
    match error:
        case Fault():
            return error.message
        case UnreadableInput():
            return "it does not compile"
    advice = "" if values else "; a size that has a name (`#define N 500`, `int n = 500;`) is made small"
    return f"it needs more than {in_words(int(_SHARE * job.wanted.operations))}{advice}"


def _with_arguments(job: Simulated, program: Program, values: dict[str, int], size: int, limits: Limits) -> Reference:
    """A sequential run; where the program asks for arguments, with those that are given, made small, or as many as it
    then runs with.

    Raises what the run without arguments raises if none does.
    """
    try:
        return sequential_run(program, values, size, limits)
    except Fault as fault:
        given = [small_arguments(job.wanted.arguments, size)] if job.wanted.arguments else []
        made_up = [(str(size),) * k for k in argument_counts(program) if fault.kind is not Kind.ARITHMETIC]
        for arguments in (*given, *made_up):
            with contextlib.suppress(Fault):
                return sequential_run(program, values, size, limits, arguments)
        raise


def sequential_run(
    program: Program,
    values: dict[str, int],
    size: int,
    limits: Limits,
    arguments: tuple[str, ...] = (),
    generic: bool = False,
    shuffle: int = 0,
    gives_up: bool = False,
) -> Reference:
    """A sequential run; with `gives_up` one that ends before its time, with a status. Raises Fault if it is not clean,
    OutOfBudget, Unsupported."""
    collect_leavings()
    start = limits.work.done
    limits.work.read(program.source.text)
    limits.spend(sum(layout.size for layout in program.layouts.values()) // BYTES_OF_A_CELL)

    def run(time_passes: bool) -> tuple[Process, Outcome]:
        terms = Terms(generic, shuffle, time_passes)
        source = Input("stdin", terms, size, textual=reads_text(program))
        process = Process(terms, limits, source, arguments=arguments, time_passes=time_passes)
        return process, run_alone(compile_program(program, terms, limits.joined_rows), process)

    try:
        process, outcome = run(False)
    except TimeStands:
        process, outcome = run(True)
    if gives_up and process.has_lacked_memory:
        raise Fault("there is not so much memory, of which a rank may need less")
    if (outcome.status != 0 and not process.reached_end) != gives_up:
        raise Fault(f"it ends with the status {outcome.status}")
    done = limits.work.done - start
    return Reference(
        program,
        values,
        outcome,
        process.terms,
        size,
        done,
        shuffle,
        arguments,
        joined_rows=limits.joined_rows,
        time_passes=process.time_passes,
    )
