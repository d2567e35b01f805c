"""What is wrong with an MPI program by itself, whatever it is meant to compute."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput, UsageError
from chatmpi.analysis.options import AS_USUAL, ParseOptions
from chatmpi.analysis.outside.obstacles import is_parallel_already
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Location, Source
from chatmpi.analysis.tree import Program
from chatmpi.judge import THOROUGH, not_read
from chatmpi.verify.gate import unexecuted
from chatmpi.verify.simulate.alone import RANKS, TOO_LONG, Alone, simulate_alone
from chatmpi.verify.simulate.findings import Finding
from chatmpi.verify.simulate.numbers_of_ranks import stated_ranks
from chatmpi.verify.simulate.small_sizes import choose, with_sizes
from chatmpi.verify.simulate.trials import Wanted, trials
from chatmpi.verify.static.check import read_statically
from chatmpi.verify.verdict import Check, Counterexample, Verdict, Warned

_CLEAN = (
    "no deadlock with synchronous sends; messages and collectives match",
    "nothing out of bounds or uninitialised; no buffer is touched while a request uses it",
    "every request is completed, every communicator, datatype, group and operation freed",
)


def judge_alone(candidate: Source, options: ParseOptions = AS_USUAL, wanted: Wanted = THOROUGH) -> Verdict:
    """CHECKED, REFUTED or UNKNOWN. A candidate that is no C is refuted.

    What reading finds for certain is enough. Else it is simulated as it is written, or with sizes made small where that
    takes too long. Raises UsageError for a program that does not use MPI.
    """
    try:
        program = parse(candidate, options)
    except UnreadableInput as error:
        return not_read(error)
    if is_parallel_already(program) is None:
        hint = "give it an MPI program, alone or after the sequential one"
        raise UsageError(Diagnostic("error", f"{candidate.name} calls no MPI function", hint=hint))
    read = read_statically(program)
    if read.counterexamples:
        return read
    return read.with_runs(_simulated(program, options, wanted))


def _simulated(program: Program, options: ParseOptions, wanted: Wanted) -> Verdict:
    if wanted.sizes:
        return _at_sizes(program, options, wanted, Verdict((), (), (), ("no size that is asked for suits it",)))
    found = _at_ranks(program, wanted)
    verdict = _verdict(found, program.source, "", wanted)
    return _at_sizes(program, options, wanted, verdict) if found.reason == TOO_LONG else verdict


def _at_ranks(program: Program, wanted: Wanted) -> Alone:
    """At the numbers of ranks that are asked for, or those that the text states and a few others."""
    stated = () if wanted.ranks else stated_ranks(program.source.text)
    return simulate_alone(program, wanted.ranks or RANKS, wanted.seconds / 2, stated, wanted.arguments)


def _at_sizes(program: Program, options: ParseOptions, wanted: Wanted, otherwise: Verdict) -> Verdict:
    """At the sizes that are asked for, or the first that suit the program."""
    done: Verdict | None = None
    for trial in trials(choose(program), wanted):
        for values in trial.values:
            text = with_sizes(program.source, program, values) if values else None
            if text is None:
                continue
            found = _at_ranks(parse(text, options), wanted)
            verdict = _verdict(found, program.source, ", ".join(f"{n}={v}" for n, v in values.items()), wanted)
            if not wanted.sizes or not verdict.accepted:
                return verdict
            done = verdict if done is None else done.with_runs(replace(verdict, warnings=()))
            break
    return done or otherwise


def _verdict(found: Alone, source: Source, sizes: str, wanted: Wanted) -> Verdict:
    def place(line: int) -> Location | None:
        return Location(source.name, line, getattr(line, "column", 1)) if line else None

    warnings = tuple(
        Warned("simulated", f.message, place(f.line), f.kind) for f in found.findings if f.severity == "warning"
    )
    ranks = ", ".join(map(str, found.ranks))
    scope = f"{ranks} ranks{f', with {sizes}' if sizes else ''}"
    scope += f"; without arguments and with {' '.join(wanted.arguments)}" if wanted.arguments else ""
    scope += f"; {found.orders} orders of messages in all" if found.orders > found.runs * len(found.ranks) else ""
    match found.result:
        case "faulty":
            errors = tuple(_counterexample(f, place(f.line), sizes) for f in found.findings if f.severity == "error")
            return Verdict((), errors, warnings=warnings)
        case "unknown":
            where = place(found.line)
            reason = f"could not be simulated: {where}: {found.reason}" if where else found.reason
            return Verdict((), (), (), (reason,), warnings)
    notes = (unexecuted(found.unreached),) if found.unreached else ()
    return Verdict(tuple(Check("simulated", claim, scope) for claim in _CLEAN), (), notes, warnings=warnings)


def _counterexample(found: Finding, place: Location | None, sizes: str) -> Counterexample:
    message = f"rank {found.rank}: {found.message}" if found.rank >= 0 else found.message
    others = [f"line {int(line)}" for line in found.others if line and line != found.line]
    witness = ", ".join(filter(None, (f"{found.ranks} ranks" if found.ranks else "", sizes)))
    return Counterexample(
        "simulated",
        message + (f" (see {', '.join(others)})" if others else ""),
        place,
        witness,
        ranks=found.ranks,
        rank=found.rank,
        timeline=found.state,
        kind=found.kind,
    )
