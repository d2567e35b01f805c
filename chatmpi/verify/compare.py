"""Whether a run of the candidate did what the sequential program's run did."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from chatmpi.analysis.source import Location, Source
from chatmpi.verify.outputs import first_difference
from chatmpi.verify.sandbox import Finished, is_crash
from chatmpi.verify.sanitizer import sanitizer_report

_SIGNALS = {128 + number: number.name for number in signal.Signals}


@dataclass(frozen=True, slots=True)
class Fault:
    """What a run did wrong; `shown` is the evidence: lines that differ, or what the run said at its end."""

    message: str
    shown: str = ""
    location: Location | None = None


def fault_of(reference: Finished, run: Finished, candidate: Source, tolerance: float) -> Fault | None:
    """The first fault of `run` against the sequential program's `reference`, None if it did the same.

    Looked for in this order: no end, a sanitizer's report, a crash, an end without MPI_Finalize, another
    exit status, other output, other files.
    """
    return (
        _endless(reference, run)
        or _unsound(run, candidate)
        or _crashed(run)
        or _improper_end(reference, run)
        or _other_status(reference, run)
        or _other_output(reference, run, tolerance)
        or _other_files(reference, run, tolerance)
    )


def fault_alone(run: Finished, candidate: Source) -> Fault | None:
    """The same without anything to compare it with: a status that is not 0 is no fault, if all ranks end."""
    if run.timed_out:
        return Fault(f"still running after {run.seconds:.0f} s: a deadlock, or too much work")
    return _unsound(run, candidate) or _crashed(run) or _unfinished(run)


def _unfinished(run: Finished) -> Fault | None:
    if run.launcher_status == 0 or "MPI_ABORT" in run.launcher:
        return None
    return Fault("a rank ended without MPI_Finalize")


def _endless(reference: Finished, run: Finished) -> Fault | None:
    if not run.timed_out:
        return None
    taken = f"still running after {run.seconds:.0f} s, where the sequential program took {reference.seconds:.1f} s"
    return Fault(f"{taken}: a deadlock, or too much work")


def _unsound(run: Finished, candidate: Source) -> Fault | None:
    found = sanitizer_report(run.stderr, candidate)
    return Fault(f"the sanitizer reports: {found.message}", location=found.location) if found else None


def _crashed(run: Finished) -> Fault | None:
    for rank, status in enumerate(run.statuses):
        if status is not None and is_crash(status):
            return Fault(f"rank {rank} {_death(status)}", _last_words(run))
    return None


def _death(status: int) -> str:
    if status not in _SIGNALS:
        return f"crashed with exit status {status}"
    if _SIGNALS[status] == "SIGXFSZ":
        return "wrote more than the limit allows"
    return f"was killed by {_SIGNALS[status]}"


def _other_status(reference: Finished, run: Finished) -> Fault | None:
    if run.status == reference.status:
        return None
    message = f"exit status {run.status}, the sequential program's is {reference.status}"
    return Fault(message, _last_words(run))


def _improper_end(reference: Finished, run: Finished) -> Fault | None:
    """Ranks' own statuses are hidden from the launcher: what it still objects to is how they ended.

    It ends the other ranks then, so some have no status. MPI_Abort with the status expected is an end like another.
    """
    aborted = "MPI_ABORT" in run.launcher and run.launcher_status == reference.status
    as_expected = set(run.statuses) <= {reference.status, None}
    if run.launcher_status == 0 or aborted or not as_expected or set(run.statuses) == {None}:
        return None
    return Fault("a rank ended without MPI_Finalize")


def _other_output(reference: Finished, run: Finished, tolerance: float) -> Fault | None:
    difference = first_difference(reference.stdout, run.stdout, tolerance)
    return Fault(f"standard output differs: {difference}") if difference else None


def _other_files(reference: Finished, run: Finished, tolerance: float) -> Fault | None:
    for name in sorted(reference.files.keys() | run.files.keys()):
        if name not in run.files:
            return Fault(f"the file '{name}' is not written")
        if name not in reference.files:
            return Fault(f"a file '{name}' is written that the sequential program does not write")
        difference = first_difference(reference.files[name], run.files[name], tolerance)
        if difference:
            return Fault(f"the file '{name}' differs: {difference}")
    return None


def _last_words(run: Finished) -> str:
    lines = run.stderr.decode("utf-8", "replace").split("\n")
    return "; ".join(line.strip() for line in lines if line.strip())[-300:]
