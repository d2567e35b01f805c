"""Run the sequential program and the candidate with the real MPI, and compare what they do.

Both are compiled by the same `mpicc`, with sanitizers where they link, and run in folders of their own with limits; the
candidate as it is, and again with its standard sends made synchronous. The same means: the same standard output, the
same exit status, the same files written.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput, UsageError
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.plan.plan import Plan
from chatmpi.verify.build import Builder, CompileFailure, Executables
from chatmpi.verify.compare import fault_of
from chatmpi.verify.sandbox import Finished, Limits, is_crash, run_limited
from chatmpi.verify.sanitizer import sanitizer_report
from chatmpi.verify.sizes import Size, resized
from chatmpi.verify.toolchain import Toolchain, find_toolchain
from chatmpi.verify.verdict import Check, Counterexample, Verdict

DOUBLE_TOLERANCE = 1e-12
FLOAT_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Trial:
    """Runs to make: at each of these numbers of ranks, with these sizes, arguments and standard input.

    `tolerance` is relative, for numbers printed by programs whose sums MPI reorders; 0: equal to the last digit.
    None: what the reductions of the plan ask for.
    """

    ranks: tuple[int, ...]
    sizes: tuple[Size, ...] = ()
    arguments: tuple[str, ...] = ()
    standard_input: bytes = b""
    tolerance: float | None = None
    limits: Limits = field(default_factory=Limits)

    def scope(self, ranks: int) -> str:
        """`4 ranks, N=64`."""
        counted = "1 rank" if ranks == 1 else f"{ranks} ranks"
        arguments = [f"arguments {' '.join(self.arguments)}"] if self.arguments else []
        return ", ".join([counted, *map(str, self.sizes), *arguments])


def tolerance_of(plan: Plan) -> float:
    """How far numbers may be off, relative: a floating-point sum or product is reduced in another order."""
    reordered = {r.element for loop in plan.loops for r in loop.reductions if r.operation in ("SUM", "PROD")}
    if "float" in reordered:
        return FLOAT_TOLERANCE
    return DOUBLE_TOLERANCE if reordered & {"double", "long double"} else 0.0


def run(sequential: Source, candidate: Source, trial: Trial, plan: Plan, options: ParseOptions) -> Verdict:
    """Run both; one check or counterexample for each number of ranks. `plan` is the sequential program's.

    Raises UsageError (no MPI, an unknown size, a sequential program that crashes or takes too long) and
    UnreadableInput (a sequential program that the compiler does not take).
    """
    toolchain = find_toolchain()
    tolerance = tolerance_of(plan) if trial.tolerance is None else trial.tolerance
    before, after = resized(sequential, trial.sizes, options), resized(candidate, trial.sizes, options)
    with tempfile.TemporaryDirectory(prefix="chatmpi-") as name:
        builder = Builder(toolchain, Path(name), options, Path(sequential.name).absolute().parent)
        try:
            bench = _bench(builder, before, after, trial)
        except CompileFailure as failure:
            return Verdict((), (not_compiled(failure, trial),))
        outcomes = [_outcome(bench, after, ranks, tolerance) for ranks in trial.ranks]
    return Verdict(
        tuple(o for o in outcomes if isinstance(o, Check)),
        tuple(o for o in outcomes if isinstance(o, Counterexample)),
    )


@dataclass(frozen=True, slots=True)
class _Bench:
    """Both programs, compiled, and what the sequential one did; `note` says whether sanitizers are on."""

    toolchain: Toolchain
    executables: Executables
    trial: Trial
    reference: Finished
    note: str


def _bench(builder: Builder, before: Source, after: Source, trial: Trial) -> _Bench:
    """A sequential program that the sanitizers find fault with is run without them, and so is the candidate."""
    toolchain = builder.toolchain
    executables = builder.build_sanitized_if_possible(before, after)
    reference = _run_sequential(toolchain, executables, trial)
    note = executables.note()
    if executables.sanitized and is_crash(reference.status):
        report = sanitizer_report(reference.stderr, before)
        about = f"{report.location}: {report.message}" if report else f"exit status {reference.status}"
        note = f"no sanitizers: the sequential program fails under them, {about}"
        executables = builder.build(before, after, sanitized=False)
        note = f"{note}; {executables.note().partition(', ')[2]}"
        reference = _run_sequential(toolchain, executables, trial)
    if reference.timed_out:
        message = f"the sequential program still runs after {trial.limits.seconds:g} s"
        hint = "make it smaller with --define, or allow more with --timeout"
        raise UsageError(Diagnostic("error", message, hint=hint))
    if is_crash(reference.status):
        message = f"the sequential program itself crashes (exit status {reference.status})"
        raise UsageError(Diagnostic("error", message, hint="its size or its arguments (--args) may not suit it"))
    return _Bench(toolchain, executables, trial, reference, note)


def _outcome(bench: _Bench, candidate: Source, ranks: int, tolerance: float) -> Check | Counterexample:
    reference, scope, same = bench.reference, bench.trial.scope(ranks), True
    for way in ways(bench.executables, ranks):
        finished = run_once(bench.toolchain, bench.executables, bench.trial, ranks, way)
        if not finished.started:
            said = " ".join(finished.launcher.split())[:300]
            raise UsageError(Diagnostic("error", f"{bench.toolchain.mpirun} cannot start {scope}: {said}"))
        fault = fault_of(reference, finished, candidate, tolerance)
        if fault is not None:
            witness = f"{scope}{way.note}: {fault.shown}".rstrip(": ")
            return Counterexample("run", fault.message, fault.location, witness, ranks=ranks)
        same = same and finished.stdout == reference.stdout and finished.files == reference.files
    claim = "the same output and exit status" if same else f"the same output within {tolerance:g}, the same exit status"
    return Check("run", f"{claim} ({bench.note})", scope)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to run a candidate: what is put into its environment; `note` is what is said of it, after the ranks."""

    name: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    note: str = ""


_PLAIN = Way()
_SYNCHRONOUS = Way("-synchronous", (("CHATMPI_SYNCHRONOUS", "1"),), ", standard sends made synchronous")


def ways(executables: Executables, ranks: int) -> tuple[Way, ...]:
    """In this order. One rank alone may send to itself: this is for several."""
    return (_PLAIN, _SYNCHRONOUS) if executables.switchable and ranks > 1 else (_PLAIN,)


def run_once(toolchain: Toolchain, executables: Executables, trial: Trial, ranks: int, way: Way = _PLAIN) -> Finished:
    """The candidate at so many ranks."""
    return _run(executables.candidate, toolchain.launch(ranks), ranks, toolchain, executables.sanitized, trial, way)


def _run_sequential(toolchain: Toolchain, executables: Executables, trial: Trial) -> Finished:
    assert executables.sequential is not None
    return _run(executables.sequential, [], 1, toolchain, executables.sanitized, trial)


def _run(
    program: Path,
    launch: list[str],
    ranks: int,
    toolchain: Toolchain,
    sanitized: bool,
    trial: Trial,
    way: Way = _PLAIN,
) -> Finished:
    return run_limited(
        launch,
        [str(program), *trial.arguments],
        ranks=ranks,
        folder=program.parent / f"run-{ranks}{way.name}",
        environment=toolchain.environment() | dict(way.environment),
        standard_input=trial.standard_input,
        limits=trial.limits,
        sanitized=sanitized,
    )


def not_compiled(failure: CompileFailure, trial: Trial) -> Counterexample:
    """The counterexample that a candidate is which does not compile; other causes are raised."""
    if failure.role == "sequential":
        raise UnreadableInput(*failure.diagnostics) from failure
    if trial.sizes and "static assertion failed" in failure.message:
        sizes = ", ".join(map(str, trial.sizes))
        hint = "change the size in the source and translate again"
        message = f"the MPI program does not allow {sizes}: {failure.message}"
        raise UsageError(Diagnostic("error", message, failure.location, hint=hint)) from failure
    return Counterexample("run", f"the C compiler does not take it: {failure.message}", failure.location)
