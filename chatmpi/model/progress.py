"""How a training goes, step by step: on a terminal, in a log, and at Weights & Biases."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import click

from chatmpi.analysis.diagnostics import Diagnostic, UsageError

_EVERY = 10  # steps between reports where the output is no terminal


@dataclass(frozen=True, slots=True)
class Progress:
    """After a step; `left` are the seconds that the rest will take at this pace."""

    step: int
    steps: int
    loss: float
    held_out: float | None
    tokens_per_second: float
    left: float


class Watch:
    """The progress of a training: a line that changes on a terminal, now and then a line elsewhere."""

    def __init__(self, wandb: bool) -> None:
        self._run: Any = None
        self._held = ""
        if wandb:
            self._run = _wandb_run()

    def told(self, progress: Progress) -> None:
        if progress.held_out is not None:
            self._held = f", held out {progress.held_out:.4f}"
        if self._run is not None:
            logged = {"loss": progress.loss, "tokens_per_second": progress.tokens_per_second}
            self._run.log(logged | ({} if progress.held_out is None else {"held_out": progress.held_out}))
        minutes, seconds = divmod(round(progress.left), 60)
        line = f"step {progress.step}/{progress.steps}: loss {progress.loss:.4f}{self._held}, "
        line += f"{progress.tokens_per_second:.0f} tokens/s, {minutes}:{seconds:02} left"
        if sys.stderr.isatty():
            done = 20 * progress.step // progress.steps
            sys.stderr.write(f"\r[{'#' * done}{'.' * (20 - done)}] {line}\x1b[K")
            sys.stderr.flush()
        elif progress.step % _EVERY == 0 or progress.step in (1, progress.steps):
            click.echo(line, err=True)

    def end(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\n")
        if self._run is not None:
            self._run.finish()


def _wandb_run() -> Any:
    try:
        import wandb
    except ModuleNotFoundError:
        hint = "pip install wandb, or leave use_wandb off"
        raise UsageError(Diagnostic("error", "use_wandb needs wandb, which is not installed", hint=hint)) from None
    return wandb.init(project="ChatHPC")
