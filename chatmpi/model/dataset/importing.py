"""Data that others have: ParEval's prompts, folders of pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.documents import read_document
from chatmpi.model.proposing import CONTEXT
from chatmpi.model.tuples import Tuple

_ENDINGS = ("_mpi", "-mpi", ".mpi")


def from_pareval(path: Path) -> list[Tuple]:
    """ParEval's prompts (Nichols et al. 2024) for MPI, and translations to it. Raises UsageError."""
    content = read_document(path, "ParEval's prompts")
    if not isinstance(content, list) or not all(
        isinstance(x, dict) and isinstance(x.get("prompt"), str) for x in content
    ):
        raise _bad(f"{str(path)!r} is no list of ParEval's prompts", "each has a 'prompt' and a 'parallelism_model'")
    wanted = [x for x in content if str(x.get("parallelism_model", "mpi")).lower() in ("mpi", "mpi+omp")]
    if not wanted:
        raise _bad(f"{str(path)!r} has no prompts for MPI", "their 'parallelism_model' is 'mpi'")
    return [_pareval(x) for x in wanted]


def _pareval(x: dict[str, Any]) -> Tuple:
    others = {key: value for key, value in x.items() if key != "prompt"} | {"family": x.get("problem_type", "")}
    return Tuple(x["prompt"], context=CONTEXT, others=others)


def from_folder(folder: Path) -> list[Tuple]:
    """`name.c` with `name_mpi.c` beside it, or in folders `serial` and `mpi`. Raises UsageError."""
    found = []
    for file in sorted(folder.rglob("*.c")):
        answer = _answer(file)
        if answer is not None:
            program = file.read_text(encoding="utf-8", errors="replace")
            others = {"family": file.parent.name, "program": program}
            text = answer.read_text(encoding="utf-8", errors="replace")
            found.append(
                Tuple(f"Translate this sequential C program to MPI.\n\n{program}", text, CONTEXT, others=others)
            )
    if not found:
        raise _bad(
            f"{str(folder)!r} has no pairs of programs", "name.c beside name_mpi.c, or serial/name.c and mpi/name.c"
        )
    return found


def _answer(file: Path) -> Path | None:
    places = [file.with_name(f"{file.stem}{ending}.c") for ending in _ENDINGS]
    if file.parent.name in ("serial", "sequential"):
        places.append(file.parent.parent / "mpi" / file.name)
    return next((place for place in places if place.is_file()), None)


def _bad(message: str, hint: str) -> UsageError:
    return UsageError(Diagnostic("error", message, hint=hint))
