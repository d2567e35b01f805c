"""`chatmpi translate`: write the MPI program, once it is verified."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path

import click

from chatmpi import api
from chatmpi.analysis.diagnostics import Diagnostic, NothingDistributed, Refuted, UsageError
from chatmpi.analysis.source import Source
from chatmpi.by_model import ModelTranslation, Tries
from chatmpi.commands.destination import STANDARD_OUTPUT, default_path, destination
from chatmpi.commands.engine import engine_options
from chatmpi.commands.options import memory_options, parser_options, run_options
from chatmpi.inputs import read_source
from chatmpi.model.proposing import Proposer
from chatmpi.plan.plan import Plan
from chatmpi.plan.serialize import plan_from_json
from chatmpi.report.generator_text import generator_text
from chatmpi.report.paint import paint_for
from chatmpi.report.summary import translation_summary
from chatmpi.verify.run import Trial


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "output", metavar="FILE", help="Where to write the program; - is standard output. Without it FILE_mpi.c."
)
@click.option("--force", is_flag=True, help="Overwrite a file that chatmpi did not generate.")
@click.option("--diff", is_flag=True, help="Print a unified diff instead of writing the program.")
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path), metavar="PLAN", help="Use this plan, edited or not."
)
@engine_options
@run_options
@memory_options
@parser_options
def translate(
    file: Path,
    output: str | None,
    force: bool,
    diff: bool,
    plan_file: Path | None,
    trial: Trial | None,
    arguments: tuple[str, ...],
    include_dirs: tuple[str, ...],
    defines: tuple[str, ...],
    standard: str | None,
    memory_per_rank: int | None,
    nominal_ranks: int,
    proposer: Proposer | None,
    tries: Tries,
) -> None:
    """Write the MPI program for the sequential C program FILE, proved for all sizes and numbers of ranks.

    heat.c becomes heat_mpi.c beside it. Nothing is written if it is refuted, or if nothing can be distributed.
    """
    if diff and output not in (None, STANDARD_OUTPUT):
        raise click.UsageError("--diff prints to standard output; it takes no -o FILE")
    if arguments and trial is None:
        raise click.UsageError("--args needs --run RANKS")
    source = read_source(file)
    target = destination(file, STANDARD_OUTPUT if diff else output, force)
    target.check(file)
    plan = _read_plan(plan_file) if plan_file else None
    try:
        translation = api.translate(
            source,
            plan=plan,
            trial=trial,
            include_dirs=include_dirs,
            defines=defines,
            standard=standard,
            memory_per_rank=memory_per_rank,
            nominal_ranks=nominal_ranks,
            proposer=proposer,
            tries=tries,
        )
    except (NothingDistributed, Refuted) as error:
        raise type(error)(*error.diagnostics, Diagnostic("note", "nothing is written")) from error
    named = str(target.path or default_path(file))
    target.write(_diff(source, translation.source, named) if diff else translation.source.content)
    said = sys.stdout if target.path else sys.stderr
    paint = paint_for(said)
    text = translation_summary(translation.plan, translation.verdict, source.name, named, paint)
    if isinstance(translation, ModelTranslation):
        text += generator_text(translation)
    click.echo(text, file=said, nl=False, color=paint.colour)


def _read_plan(path: Path) -> Plan:
    """Raises UsageError."""
    try:
        return plan_from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(Diagnostic("error", f"the plan {str(path)!r} cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise UsageError(Diagnostic("error", f"{str(path)!r} is not a plan in JSON")) from None


def _diff(before: Source, after: Source, named: str) -> bytes:
    """A unified diff as `patch` takes it."""
    lines = difflib.unified_diff(_lines(before), _lines(after), before.name, named)
    marked = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join(marked).encode("latin-1")


def _lines(source: Source) -> list[str]:
    """Lines as `patch` sees them: only a newline ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", source.text)
