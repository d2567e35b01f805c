"""Compile both programs with the real compiler, with sanitizers where they link."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatmpi.analysis.diagnostics import ChatmpiError, Diagnostic
from chatmpi.analysis.parse import ParseOptions
from chatmpi.analysis.source import Location, Source
from chatmpi.verify.isolation import isolation
from chatmpi.verify.toolchain import Toolchain

Role = Literal["sequential", "candidate"]

# GNU C, as compilers take it by default: -std=c11 alone hides M_PI and drand48. Contraction is off, so that both
# programs round alike.
_FLAGS = ("-g", "-O1", "-ffp-contract=off")
_STANDARD = "gnu11"
_SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
_SECONDS = 300
_SHIM = Path(__file__).with_name("synchronous.c")
# A program without these calls, in its text or in a header of its own, has nothing to make synchronous.
_SENDS = re.compile(r"\bMPI_(Send|Isend|Send_init|Sendrecv|Sendrecv_replace)\b|#\s*include\s*\"")
_ERROR = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?:fatal )?error: (?P<message>.*)$", re.M)


class CompileFailure(ChatmpiError):
    """The real compiler does not take a program; `message` is its first error, `location` where it stands."""

    def __init__(self, role: Role, message: str, location: Location | None) -> None:
        super().__init__(Diagnostic("error", f"the C compiler does not take this program: {message}", location))
        self.role, self.message, self.location = role, message, location


@dataclass(frozen=True, slots=True)
class Executables:
    """`sanitized`: both report bad accesses and undefined behaviour. `switchable`: the candidate's standard sends are
    synchronous if the environment says so. For a candidate alone, `sequential` is None."""

    sequential: Path | None
    candidate: Path
    sanitized: bool
    switchable: bool

    def note(self) -> str:
        """How runs are made, for people."""
        sends = "standard sends as they are and synchronous" if self.switchable else "sends as they are"
        checked = "sanitizers on" if self.sanitized else "no sanitizers: they do not link here"
        return f"{checked}, {sends}, new memory filled with NaN, {isolation().note}"


@dataclass(frozen=True, slots=True)
class Builder:
    """Compiles with one MPI's `mpicc` (the sequential program too: the same compiler, the same arithmetic).

    `origin` is the folder of the sequential program, where its own headers are.
    """

    toolchain: Toolchain
    folder: Path
    options: ParseOptions
    origin: Path

    def build(self, sequential: Source, candidate: Source, sanitized: bool) -> Executables:
        """Raises CompileFailure."""
        before = self._compile(sequential, "sequential", sanitized)
        return Executables(before, *self._candidate(candidate, sanitized))

    def build_alone(self, candidate: Source) -> Executables:
        """With sanitizers if they link. Raises CompileFailure."""
        try:
            return Executables(None, *self._candidate(candidate, True))
        except CompileFailure:
            return Executables(None, *self._candidate(candidate, False))

    def _candidate(self, candidate: Source, sanitized: bool) -> tuple[Path, bool, bool]:
        """The executable; whether it is sanitized; whether its sends can be made synchronous, which a program that
        wraps MPI's sends itself does not allow."""
        if _SENDS.search(candidate.text):
            with contextlib.suppress(CompileFailure):
                return self._compile(candidate, "candidate", sanitized, (_SHIM,)), sanitized, True
        return self._compile(candidate, "candidate", sanitized), sanitized, False

    def build_sanitized_if_possible(self, sequential: Source, candidate: Source) -> Executables:
        """Raises CompileFailure if a program does not compile without sanitizers either."""
        try:
            return self.build(sequential, candidate, sanitized=True)
        except CompileFailure:
            return self.build(sequential, candidate, sanitized=False)

    def _compile(self, source: Source, role: Role, sanitized: bool, others: tuple[Path, ...] = ()) -> Path:
        folder = self.folder / "-".join((role, *(["sanitized"] if sanitized else []), *(o.stem for o in others)))
        folder.mkdir()
        text, executable = folder / written_name(source), folder / "program"
        text.write_bytes(source.content)
        command = [
            self.toolchain.mpicc,
            *self._flags(source, sanitized),
            str(text),
            *map(str, others),
            "-o",
            str(executable),
            "-lm",
        ]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
                env=os.environ | {"LC_ALL": "C"},
            )
        except subprocess.TimeoutExpired:
            raise CompileFailure(role, f"it takes longer than {_SECONDS} s", None) from None
        if done.returncode != 0:
            raise _failure(role, done.stderr.decode("utf-8", "replace"), source, text)
        return executable

    def _flags(self, source: Source, sanitized: bool) -> list[str]:
        own = dict.fromkeys((Path(source.name).absolute().parent, self.origin))
        return [
            f"-std={self.options.standard or _STANDARD}",
            *_FLAGS,
            *(_SANITIZERS if sanitized else ()),
            *(f"-iquote{folder}" for folder in own),
            *(f"-I{folder}" for folder in self.options.include_dirs),
            *(f"-D{define}" for define in self.options.defines),
        ]


def written_name(source: Source) -> str:
    """The file name that a source is compiled under: its own, as a C file."""
    return Path(source.name).stem + ".c"


def _failure(role: Role, said: str, source: Source, text: Path) -> CompileFailure:
    match = _ERROR.search(said)
    if match is None:
        first = next((line for line in said.splitlines() if line.strip()), "the compiler says nothing")
        return CompileFailure(role, first.replace(str(text), source.name), None)
    file = source.name if match["file"] == str(text) else match["file"]
    return CompileFailure(role, match["message"], Location(file, int(match["line"]), int(match["column"])))
