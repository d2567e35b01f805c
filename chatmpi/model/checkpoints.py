"""Checkpoints: written beside and then renamed, so that one is whole or not there; and set aside, never deleted unread.

A checkpoint holds the adapter, the optimizer's state as safetensors, and where the training stands.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput

STATE = "state.json"
OPTIMIZER = "optimizer.safetensors"
KEPT = 2

_NAME = re.compile(r"checkpoint-(\d+)")


@dataclass(frozen=True, slots=True)
class State:
    """After `step` steps. `training` tells one training from another: base, data, settings, number of processes."""

    step: int
    training: str
    losses: tuple[tuple[int, float], ...] = ()
    held_out: tuple[tuple[int, float], ...] = ()
    seconds: float = 0.0
    tokens: int = 0
    scale: float = 1.0


def latest(folder: Path) -> Path | None:
    """The checkpoint of most steps."""
    found = [(int(match[1]), path) for path in _entries(folder) if (match := _NAME.fullmatch(path.name))]
    return max(found)[1] if found else None


def read_state(checkpoint: Path) -> State:
    """Raises UnreadableInput."""
    try:
        content: dict[str, Any] = json.loads((checkpoint / STATE).read_text())
        for key in ("losses", "held_out"):
            content[key] = tuple((int(step), float(loss)) for step, loss in content[key])
        return State(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        hint = "remove that folder: the checkpoint before it will be taken"
        raise UnreadableInput(
            Diagnostic("error", f"the checkpoint {str(checkpoint)!r} is broken: {error}", hint=hint)
        ) from None


def write_checkpoint(folder: Path, state: State, fill: Callable[[Path], None]) -> Path:
    """`fill` puts the adapter and the optimizer into a folder. The older ones go once the new one stands."""
    place = folder / f"checkpoint-{state.step}"

    def whole(new: Path) -> None:
        fill(new)
        (new / STATE).write_text(json.dumps(asdict(state)))

    replace_folder(place, whole, aside=False)
    ordered = sorted(
        (path for path in _entries(folder) if _NAME.fullmatch(path.name)), key=lambda p: int(p.name.rpartition("-")[2])
    )
    for old in ordered[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return place


def replace_folder(place: Path, fill: Callable[[Path], None], aside: bool = True) -> Path | None:
    """Make the folder anew, all or nothing; with `aside` what was there is kept under the name returned."""
    new = place.with_name(f".{place.name}.{os.getpid()}.new")
    new.mkdir(parents=True)
    try:
        fill(new)
        moved = set_aside(place) if aside else None
        if not aside and place.exists():
            shutil.rmtree(place)
        new.replace(place)
        return moved
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def set_aside(folder: Path) -> Path | None:
    """Rename a folder that holds something to `folder.1`, or the next number that is free."""
    if not _entries(folder):
        if folder.is_dir():
            folder.rmdir()
        return None
    number = 1
    while (other := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    folder.replace(other)
    return other


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
