"""Run a program of the user's in a folder of its own, with limits on time, memory and output.

Each process runs under a small shell script that sets the limits, sends its output to files and notes its exit
status. So the output of several ranks is kept apart, and their statuses are known even where `mpirun` reports only
that one of them failed.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatmpi.verify.isolation import isolation

KIB = 1024
MIB = 1024 * KIB
SANITIZER_STATUS = 86  # what a sanitizer's report makes the exit status
GRACE = 5.0  # seconds that a job is given to end by itself once it was told to


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one run as a whole, bytes of memory for each process, bytes for each file that it writes; so many
    processes and threads may be added to those that the user has already (of root nothing is asked)."""

    seconds: float = 60.0
    memory: int = 8192 * MIB
    output: int = 256 * MIB
    processes: int = 2048


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended: its output, the processes' in the order of their ranks; the files that it left behind.

    `started`: at least one rank began to run. `statuses` has one exit status per rank, None where a rank was ended
    from outside. `launcher` is what the launcher itself said, `launcher_status` its exit status.
    """

    stdout: bytes
    stderr: bytes
    started: bool
    statuses: tuple[int | None, ...]
    launcher: str
    launcher_status: int
    files: dict[str, bytes]
    seconds: float
    timed_out: bool

    @property
    def status(self) -> int:
        """The job's exit status: the first that is not 0, in the order of the ranks."""
        known = [s for s in self.statuses if s is not None]
        failed = next((s for s in known if s != 0), None)
        if failed is not None:
            return failed
        return 0 if len(known) == len(self.statuses) else self.launcher_status or 1


# The rank's number comes from Open MPI, or from the PMI of other MPIs; without either it is a sequential program.
# A crash must end the whole job; any other status is kept from the launcher, which would end the other ranks for it.
# `ulimit -v` would break AddressSanitizer, which reserves terabytes: it has a limit of its own instead.
_SCRIPT = """\
#!/bin/sh
rank=${{OMPI_COMM_WORLD_RANK:-${{PMI_RANK:-0}}}}
ulimit -c 0
ulimit -t {cpu_seconds}
ulimit -f {blocks}
ulimit -u {processes} 2>/dev/null || ulimit -p {processes} 2>/dev/null
{memory}
[ "$rank" != 0 ] || exec <{stdin}
"$@" >{log}/stdout.$rank 2>{log}/stderr.$rank
status=$?
echo $status >{log}/status.$rank
case $status in {sanitizer}|129|1[345]?) exit 1 ;; esac
exit 0
"""


def is_crash(status: int) -> bool:
    """A sanitizer's report, or a signal as the shell shows it."""
    return status == SANITIZER_STATUS or 128 < status < 160


def run_limited(
    launch: Sequence[str],
    command: Sequence[str],
    ranks: int,
    folder: Path,
    environment: dict[str, str],
    standard_input: bytes,
    limits: Limits,
    sanitized: bool,
) -> Finished:
    """Run `command` through `launch` (empty for a sequential program) in the new folder `folder`."""
    log, work, temporary = folder / "log", folder / "work", folder / "tmp"
    for path in (log, work, temporary):
        path.mkdir(parents=True)
    script = folder / "limited.sh"
    script.write_text(_script(log, folder / "stdin", limits, sanitized))
    (folder / "stdin").write_bytes(standard_input)
    settings = environment | _memory_settings(limits) | {"TMPDIR": str(temporary)}
    if not launch:  # chatmpi may itself be a rank of something
        settings = {k: v for k, v in settings.items() if k not in ("OMPI_COMM_WORLD_RANK", "PMI_RANK")}
    began = time.monotonic()
    with (folder / "stdin").open("rb") as stdin, (log / "launcher").open("wb") as said:
        job = subprocess.Popen(
            [*isolation().prefix, *launch, "/bin/sh", str(script), *command],
            cwd=work,
            env=settings,
            stdin=stdin,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        timed_out = _wait(job, limits.seconds)
    return Finished(
        stdout=b"".join(_content(log / f"stdout.{rank}") for rank in range(ranks)),
        stderr=b"".join(_content(log / f"stderr.{rank}") for rank in range(ranks)),
        started=any((log / f"stdout.{rank}").exists() for rank in range(ranks)),
        statuses=tuple(_status(log / f"status.{rank}") for rank in range(ranks)),
        launcher=_content(log / "launcher").decode("utf-8", "replace"),
        launcher_status=job.returncode,
        files={str(p.relative_to(work)): p.read_bytes() for p in sorted(work.rglob("*")) if p.is_file()},
        seconds=min(time.monotonic() - began, limits.seconds),
        timed_out=timed_out,
    )


def _script(log: Path, stdin: Path, limits: Limits, sanitized: bool) -> str:
    return _SCRIPT.format(
        log=shlex.quote(str(log)),
        stdin=shlex.quote(str(stdin)),  # not by way of the launcher: not all of them tell where it ends
        cpu_seconds=int(limits.seconds + 2 * GRACE),
        blocks=limits.output // 512,
        processes=limits.processes + _processes_of_the_user(),
        memory="" if sanitized else f"ulimit -v {limits.memory // KIB}",
        sanitizer=SANITIZER_STATUS,
    )


def _processes_of_the_user() -> int:
    """Processes and threads, as the limit counts them; 0 where the system does not tell."""
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == os.getuid():
                found += sum(1 for _ in (folder / "task").iterdir())
    return found


def _memory_settings(limits: Limits) -> dict[str, str]:
    """MPI libraries leak, so leaks are not looked for; a report is a status of its own.

    New memory is filled: with NaN under the sanitizer, else with what the C library has for this. So a halo that is
    used before it was received shows.
    """
    fill = f"malloc_fill_byte=255:max_malloc_fill_size={min(limits.memory, 2**30)}"
    common = f"exitcode={SANITIZER_STATUS}:print_summary=0"
    megabytes = limits.memory // MIB
    return {
        "ASAN_OPTIONS": f"{common}:detect_leaks=0:allocator_may_return_null=1:hard_rss_limit_mb={megabytes}:{fill}",
        "MALLOC_PERTURB_": "1",
        "UBSAN_OPTIONS": f"{common}:halt_on_error=1",
    }


def _wait(job: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the job; end it, all its processes with it, when the time is up or chatmpi itself is ended."""
    try:
        job.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return True
    finally:
        _end(job)
    return False


def _end(job: subprocess.Popen[bytes]) -> None:
    """A launcher that is terminated ends its ranks, which are in process groups of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if job.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(job.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            job.wait(timeout=GRACE)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _status(path: Path) -> int | None:
    text = _content(path).strip()
    return int(text) if text.isdigit() else None
