"""Whether an MPI program, whoever wrote it, does what a sequential program does.

What follows a plan of chatmpi's own is proved for all sizes and ranks; anything else is simulated at small sizes.
"""

from __future__ import annotations

import re
from dataclasses import replace

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput, UsageError, diagnose
from chatmpi.analysis.options import AS_USUAL, ParseOptions
from chatmpi.analysis.outside.obstacles import is_parallel_already
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.analysis.tree import Program
from chatmpi.generate.mark import is_generated
from chatmpi.translate import plans
from chatmpi.verify.gate import follows_plan, simulated_verdict
from chatmpi.verify.parametric.proof import Study, study, witnesses
from chatmpi.verify.parametric.proof import checks as shown_for_all_sizes
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.sizes import definitions
from chatmpi.verify.static.check import read_statically
from chatmpi.verify.verdict import Counterexample, Verdict

THOROUGH = Wanted(thorough=True, refusals=True, seconds=20.0)
_MOST_WITNESSES, _LARGEST_WITNESS, _SECONDS_OF_A_WITNESS = 4, 300, 2.0
_NO_HEADER = "file not found"
_OTHER_MPI = re.compile(
    r"(undeclared function|undeclared identifier|unknown type name) '(MPI|PMPI|MPIX)_\w+'|was removed in MPI"
)


def judge(
    sequential: Source, candidate: Source, options: ParseOptions = AS_USUAL, wanted: Wanted = THOROUGH
) -> Verdict:
    """PROVED, CHECKED, REFUTED or UNKNOWN.

    A candidate that is no C is refuted. Raises UnreadableInput for a sequential program that is none, UsageError if it
    uses MPI, or if it has no size that is asked for.
    """
    _check_sequential(parse(sequential, options), wanted)
    try:
        program = parse(candidate, options)
    except UnreadableInput as error:
        return not_read(error)
    read = read_statically(program)
    if read.counterexamples:
        return read
    verdict = _decided(sequential, candidate, options, wanted)
    return verdict if verdict.word == "PROVED" else read.with_runs(verdict)


def _decided(sequential: Source, candidate: Source, options: ParseOptions, wanted: Wanted) -> Verdict:
    """By the plan that it follows, or by simulation."""
    followed = _followed(sequential, candidate, options)
    asked = bool(wanted.sizes or wanted.ranks or wanted.steps)
    if followed.accepted and not asked and not wanted.arguments:
        return followed
    simulated = simulated_verdict(sequential, candidate, options, wanted)
    if followed.accepted:
        return followed.with_runs(simulated)
    if simulated.word == "UNKNOWN":
        return replace(simulated, undecided=(*simulated.undecided, *followed.undecided))
    if simulated.word == "CHECKED":
        found = study(parse(candidate, options))
        wrong = None if asked else _where_it_fails(sequential, candidate, options, found)
        if wrong is not None:
            return wrong
        simulated = replace(simulated, checks=(*simulated.checks, *shown_for_all_sizes(found)))
    return replace(simulated, notes=(*simulated.notes, *followed.undecided))


def _where_it_fails(sequential: Source, candidate: Source, options: ParseOptions, found: Study) -> Verdict | None:
    """REFUTED if the ranks go wrong at sizes and a number of ranks at which something cannot be shown for all sizes."""
    for w in witnesses(found)[:_MOST_WITNESSES]:
        if any(value > _LARGEST_WITNESS for _, value in w.sizes):
            continue
        wanted = Wanted(
            sizes=tuple((name, (value,)) for name, value in w.sizes),
            ranks=(w.ranks,),
            refusals=True,
            seconds=_SECONDS_OF_A_WITNESS,
        )
        verdict = simulated_verdict(sequential, candidate, options, wanted)
        if verdict.word == "REFUTED":
            return verdict
    return None


def _check_sequential(program: Program, wanted: Wanted) -> None:
    call = is_parallel_already(program)
    if call is not None:
        hint = "give the sequential program first, the MPI program second"
        raise UsageError(diagnose(program.source, call.span.begin, "the sequential program uses MPI", hint))
    known = [d.name for d in definitions(program)]
    for name, _ in wanted.sizes:
        if known.count(name) != 1:
            hint = f"sizes it defines: {', '.join(dict.fromkeys(known)) or 'none'}"
            raise UsageError(Diagnostic("error", f"{program.source.name} defines no size '{name}' once", hint=hint))


def not_read(error: UnreadableInput) -> Verdict:
    """A header that is not here may be elsewhere, and an MPI newer or older than the one known may have more names:
    nothing is known then."""
    first = error.diagnostics[0]
    if _NO_HEADER in first.message or all(_OTHER_MPI.search(d.message) for d in error.diagnostics):
        place = f"{first.location}: " if first.location else ""
        return Verdict((), (), (), (f"{place}{first.message}",))
    return Verdict((), tuple(Counterexample("read", d.message, d.location) for d in error.diagnostics))


def _followed(sequential: Source, candidate: Source, options: ParseOptions) -> Verdict:
    """PROVED if the candidate carries out one of chatmpi's plans, else UNKNOWN with the reason."""
    first: Verdict | None = None
    for facts, plan in plans(sequential, options, candidate if is_generated(candidate.text) else None):
        verdict = follows_plan(facts, plan, candidate, options)
        if verdict.accepted:
            return verdict
        first = first or verdict
    return first or Verdict((), (), (), ("chatmpi would not divide the sequential program",))
