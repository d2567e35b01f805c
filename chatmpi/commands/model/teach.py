"""`chatmpi model teach`: make the small model of chatmpi's own again, or an adapter on it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.dataset.families import SETS
from chatmpi.model.edits import EDITS
from chatmpi.model.edits.material import Taught, Wanted, material, read_material, unlike, write_material
from chatmpi.model.extra import needs_extra

_SHOWN_EACH = 50


@click.command()
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The model's folder.")
@click.option(
    "--on", "base", type=click.Path(path_type=Path), metavar="DIR", help="Tune an adapter on this small model."
)
@click.option("--further", type=click.Path(path_type=Path), metavar="DIR", help="Go on teaching this one.")
@click.option("--programs", type=click.IntRange(0), default=1600, show_default=True, help="Random programs.")
@click.option("--variations", type=click.IntRange(0), default=25, show_default=True, help="Of each of the set's.")
@click.option(
    "--set",
    "chosen",
    type=click.Choice(list(SETS)),
    multiple=True,
    default=("train",),
    show_default=True,
    help="Of the corpus; several may be given.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of programs, weights and order.")
@click.option("--with-plan/--without-plan", default=True, help="Whether questions tell the plan.")
@click.option("--passes", type=click.IntRange(1), default=4, show_default=True, help="Over all lessons.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), default=4e-3, show_default=True)
@click.option("--width", type=click.IntRange(32), default=192, show_default=True, help="Of the network: times 32.")
@click.option("--layers", type=click.IntRange(1), default=4, show_default=True)
@click.option("--lessons", "file", type=click.Path(path_type=Path), metavar="FILE", help="Kept there; read if there.")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="That make lessons.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="That teach.")
def teach(
    output: Path,
    base: Path | None,
    further: Path | None,
    programs: int,
    variations: int,
    chosen: tuple[str, ...],
    seed: int,
    with_plan: bool,
    passes: int,
    rate: float,
    width: int,
    layers: int,
    file: Path | None,
    processes: int,
    threads: int,
) -> None:
    """Teach a small model from nothing, with the edits that the generator makes to random programs and to the corpus.

    What was stopped goes on where it stood when the same command is given again, in DIR.halfway until it ends.
    With --on, an adapter is tuned; its random programs are what keeps the model from forgetting. What teaches, and how,
    is written down beside the weights.
    """
    with needs_extra():
        import torch

        from chatmpi.model.edits.school import Schooling, Shape, new_adapter, new_model
        from chatmpi.model.edits.teaching import Course
        from chatmpi.model.folders import check_model
    for before in (base, further):
        if before is not None:
            check_model(str(before))
            if not (before / EDITS).exists():
                message = f"{str(before)!r} is no small model of edits"
                raise UsageError(Diagnostic("error", message, hint="'chatmpi model teach -o DIR' makes one"))
    torch.set_num_threads(threads)
    wanted = Wanted(programs, variations, chosen, seed)
    some = unlike(_material(wanted, file, processes), with_plan)
    if not some:
        raise click.UsageError("there is nothing to learn: --programs or --variations must be more than 0")
    schooling = Schooling(wanted, some, Course(passes, rate, seed=seed), with_plan)
    click.echo(f"{len(some)} lessons", err=True)
    if base is None:
        record = new_model(output, schooling, Shape(width - width % 32, layers), _told, further)
    else:
        record = new_adapter(base, output, schooling, _told)
    click.echo(f"{output}: loss {record['loss']:.4f} after {record['processor_seconds']} s of processor time")


def _material(wanted: Wanted, file: Path | None, processes: int) -> list[Taught]:
    if file is not None and file.exists():
        return list(read_material(file))

    def told(number: int, count: int) -> None:
        if number % _SHOWN_EACH == 0:
            click.echo(f"program {number} of {count}", err=True)

    found = material(wanted, processes, told)
    if file is not None:
        write_material(file, found)
    return found


def _told(step: int, steps: int, loss: float) -> None:
    if step % _SHOWN_EACH == 0 or step == steps:
        click.echo(f"step {step} of {steps}: loss {loss:.4f}", file=sys.stderr)
