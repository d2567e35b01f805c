"""The library: what the commands do, as functions that return what the commands print.

Everywhere, a `str` is C source text, a `pathlib.Path` is a file, a `Source` is taken as it is. `include_dirs`,
`defines` and `standard` are the compiler's `-I`, `-D` and `-std`.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

from chatmpi.analysis.calls.specialise import read_program
from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput, UsageError
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.facts import analyze as analyze_program
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.by_model import Tries, translate_by
from chatmpi.inputs import source_of
from chatmpi.judge import THOROUGH, judge
from chatmpi.judge_alone import judge_alone
from chatmpi.model.proposing import Proposer
from chatmpi.plan.cost import RANKS
from chatmpi.plan.decide import Wishes
from chatmpi.plan.plan import Plan
from chatmpi.plan.quantities import bytes_in
from chatmpi.translate import Translation, first_plan, make_plan
from chatmpi.translate import translate as translate_program
from chatmpi.verify.refutation import refutation
from chatmpi.verify.run import Trial, run
from chatmpi.verify.run_alone import run_alone
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.verdict import Verdict

Code = str | Path | Source
_ONE = Tries()


def analyze(
    source: Code,
    *,
    include_dirs: Iterable[str | os.PathLike[str]] = (),
    defines: Iterable[str] = (),
    standard: str | None = None,
) -> Facts:
    """What is known of the program before anything is decided: its loops, accesses and dependences.

    Raises UnreadableInput, also for a program without a main function.
    """
    program = read_program(source_of(source), _options(include_dirs, defines, standard))
    facts = analyze_program(program)
    if facts is None:
        message = f"{program.source.name} has no main function"
        raise UnreadableInput(Diagnostic("error", message, hint="analyse the file that has it"))
    return facts


def explain(
    source: Code,
    *,
    include_dirs: Iterable[str | os.PathLike[str]] = (),
    defines: Iterable[str] = (),
    standard: str | None = None,
    memory_per_rank: int | str | None = None,
    nominal_ranks: int = RANKS,
) -> Plan:
    """The decomposition that `translate` would use; `plan.is_distributed` is False where there is none, and
    `plan.obstacle` says why where its program cannot be verified and so would not be written.

    `memory_per_rank` and `nominal_ranks` as for `translate`. Raises UnreadableInput.
    """
    wishes = _wishes(memory_per_rank, nominal_ranks)
    return make_plan(source_of(source), _options(include_dirs, defines, standard), wishes)


def translate(
    source: Code,
    *,
    plan: Plan | None = None,
    trial: Trial | None = None,
    include_dirs: Iterable[str | os.PathLike[str]] = (),
    defines: Iterable[str] = (),
    standard: str | None = None,
    memory_per_rank: int | str | None = None,
    nominal_ranks: int = RANKS,
    proposer: Proposer | None = None,
    tries: Tries = _ONE,
) -> Translation:
    """The MPI program, proved, with its plan and verdict; with a `trial`, run too and compared.

    `plan` is a plan to use instead of the one chatmpi would choose; it is checked like any other. A rank
    may hold `memory_per_rank` bytes (`"512M"`, `"2GiB"`), reckoned at `nominal_ranks` ranks. A `proposer` is asked for
    candidates by the same plan, and the best that passes the gate is returned, as a ModelTranslation. Raises
    UnreadableInput, NothingDistributed, Refuted, and UsageError if the plan is for another program or the trial cannot
    be made.
    """
    options = _options(include_dirs, defines, standard)
    sequential = source_of(source)
    translation = translate_program(sequential, options, plan, _wishes(memory_per_rank, nominal_ranks))
    if proposer is not None:
        translation = translate_by(proposer, translation, tries, options)
    if trial is None:
        return translation
    runs = run(translation.sequential, translation.source, trial, translation.plan, options)
    if runs.counterexamples:
        raise refutation(runs.counterexamples, translation.source)
    return dataclasses.replace(translation, verdict=translation.verdict.with_runs(runs))


def verify(
    sequential: Code,
    candidate: Code | None = None,
    *,
    trial: Trial | None = None,
    wanted: Wanted = THOROUGH,
    include_dirs: Iterable[str | os.PathLike[str]] = (),
    defines: Iterable[str] = (),
    standard: str | None = None,
) -> Verdict:
    """Whether the MPI program `candidate`, whoever wrote it, does what `sequential` does; with a `trial`, run too.

    An MPI program alone, as `verify(Path("heat_mpi.c"))`: whether it breaks a rule of C or MPI, whatever it is meant to
    compute. `wanted` are the sizes, ranks and steps of the simulation. A refuted candidate is a verdict with
    counterexamples, no error. Raises UnreadableInput, and UsageError if sizes are unknown, the trial cannot be made, or
    the program that stands alone does not use MPI.
    """
    options = _options(include_dirs, defines, standard)
    if candidate is None:
        alone = source_of(sequential, "candidate.c")
        verdict = judge_alone(alone, options, wanted)
        return verdict if trial is None else verdict.with_runs(run_alone(alone, trial, options))
    before, after = source_of(sequential), source_of(candidate, "candidate.c")
    verdict = judge(before, after, options, wanted)
    if trial is None:
        return verdict
    return verdict.with_runs(run(before, after, trial, first_plan(before, options), options))


def _options(
    include_dirs: Iterable[str | os.PathLike[str]], defines: Iterable[str], standard: str | None
) -> ParseOptions:
    return ParseOptions(tuple(os.fspath(folder) for folder in include_dirs), tuple(defines), standard)


def _wishes(memory_per_rank: int | str | None, nominal_ranks: int) -> Wishes:
    """Raises UsageError."""
    memory = bytes_in(memory_per_rank) if isinstance(memory_per_rank, str) else memory_per_rank
    if (memory is None and memory_per_rank is not None) or (memory is not None and memory <= 0) or nominal_ranks < 1:
        message = f"{memory_per_rank!r} bytes for each of {nominal_ranks} ranks: that is no amount of memory"
        raise UsageError(Diagnostic("error", message, hint="write 512M, 2GiB or a number of bytes"))
    return Wishes(memory=memory, ranks=nominal_ranks)
