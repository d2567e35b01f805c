"""The index of the corpus: which programs there are, at which sizes they are tested, what is expected of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

FAMILIES = (
    "map",
    "reduction",
    "row_block",
    "stencil",
    "sparse",
    "solver",
    "broadcast",
    "irregular",
    "sequential",
)

ARGUMENT = "argv"
"""Name of the size of a program that reads it from its command line."""


@dataclass(frozen=True, slots=True)
class ExpectedCommunication:
    """A communication of `subject`, by any of `kinds` (names as in `chatmpi.plan.plan.Kind`)."""

    kinds: tuple[str, ...]
    subject: str

    @classmethod
    def parse(cls, text: str) -> ExpectedCommunication:
        """Read "kind subject" or "kind/kind subject"; raises ValueError."""
        kinds, subject = text.split()
        return cls(tuple(kinds.split("/")), subject)

    def allows(self, kind: str, subject: str) -> bool:
        return subject == self.subject and kind in self.kinds

    def __str__(self) -> str:
        return f"{'/'.join(self.kinds)} {self.subject}"


@dataclass(frozen=True, slots=True)
class CorpusProgram:
    """One sequential program and what is expected of its translation.

    `size` names the macro, constant or variable that `sizes` and `work_size` are values of; ARGUMENT stands for
    the first argument of the command line. `tolerance` is relative, 0 asks for identical text. `work` and
    `memory` bound the largest share of one of four ranks, at `work_size`, in the lines that the sequential
    program executes and in the bytes of its arrays. Arrays that are named neither in `distributed` nor in
    `replicated` are left to the planner; communications beyond `communications` and `permitted` are too many.
    """

    path: Path
    family: str
    size: str
    sizes: tuple[int, ...]
    tolerance: float
    distributed: frozenset[str]
    replicated: frozenset[str]
    communications: tuple[ExpectedCommunication, ...]
    permitted: tuple[ExpectedCommunication, ...]
    work_size: int
    work: float
    memory: float

    @property
    def name(self) -> str:
        return f"{self.family}/{self.path.stem}"

    @property
    def text(self) -> str:
        return self.path.read_text()


def folder() -> Path:
    """The folder of the sequential programs."""
    return Path(str(files("chatmpi.corpus"))) / "serial"


@cache
def programs() -> tuple[CorpusProgram, ...]:
    """All programs, in the order of the index."""
    index = tomllib.loads((folder().parent / "index.toml").read_text())
    return tuple(_program(entry) for entry in index["program"])


def _program(entry: dict[str, Any]) -> CorpusProgram:
    path = folder() / entry["path"]
    return CorpusProgram(
        path=path,
        family=path.parent.name,
        size=entry["size"],
        sizes=tuple(entry["sizes"]),
        tolerance=entry["tolerance"],
        distributed=frozenset(entry.get("distributed", ())),
        replicated=frozenset(entry.get("replicated", ())),
        communications=tuple(map(ExpectedCommunication.parse, entry["communications"])),
        permitted=tuple(map(ExpectedCommunication.parse, entry.get("permitted", ()))),
        work_size=entry["work_size"],
        work=entry.get("work", 0.30),
        memory=entry.get("memory", 0.35),
    )
