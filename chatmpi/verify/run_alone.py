"""Run an MPI program by itself: whether it ends, and ends well, however its sends are carried out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Source
from chatmpi.verify.build import Builder, CompileFailure, Executables
from chatmpi.verify.compare import fault_alone
from chatmpi.verify.run import Trial, not_compiled, run_once, ways
from chatmpi.verify.sizes import resized
from chatmpi.verify.toolchain import Toolchain, find_toolchain
from chatmpi.verify.verdict import Check, Counterexample, Verdict


def run_alone(candidate: Source, trial: Trial, options: ParseOptions) -> Verdict:
    """One check or counterexample for each number of ranks. Raises UsageError (no MPI, an unknown size)."""
    toolchain = find_toolchain()
    changed = resized(candidate, trial.sizes, options)
    with tempfile.TemporaryDirectory(prefix="chatmpi-") as name:
        builder = Builder(toolchain, Path(name), options, Path(candidate.name).absolute().parent)
        try:
            executables = builder.build_alone(changed)
        except CompileFailure as failure:
            return Verdict((), (not_compiled(failure, trial),))
        outcomes = [_outcome(toolchain, executables, changed, trial, ranks) for ranks in trial.ranks]
    return Verdict(
        tuple(o for o in outcomes if isinstance(o, Check)),
        tuple(o for o in outcomes if isinstance(o, Counterexample)),
    )


def _outcome(
    toolchain: Toolchain, executables: Executables, candidate: Source, trial: Trial, ranks: int
) -> Check | Counterexample:
    scope = trial.scope(ranks)
    for way in ways(executables, ranks):
        finished = run_once(toolchain, executables, trial, ranks, way)
        if not finished.started:
            said = " ".join(finished.launcher.split())[:300]
            raise UsageError(Diagnostic("error", f"{toolchain.mpirun} cannot start {scope}: {said}"))
        fault = fault_alone(finished, candidate)
        if fault is not None:
            witness = f"{scope}{way.note}: {fault.shown}".rstrip(": ")
            return Counterexample("run", fault.message, fault.location, witness, ranks=ranks)
    return Check("run", f"it ends without a fault ({executables.note()})", scope)
