"""`chatmpi verify`: whether an MPI program that exists already does what a sequential one does."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chatmpi import api
from chatmpi.analysis.diagnostics import Refuted
from chatmpi.commands.options import format_option, parser_options, run_options
from chatmpi.inputs import read_source
from chatmpi.report.paint import paint_for
from chatmpi.report.verdict_json import verdict_json
from chatmpi.report.verdict_text import verdict_text
from chatmpi.verify.run import Trial


@click.command()
@click.argument("sequential", type=click.Path(path_type=Path))
@click.argument("candidate", type=click.Path(path_type=Path))
@format_option
@run_options
@parser_options
@click.pass_context
def verify(
    ctx: click.Context,
    sequential: Path,
    candidate: Path,
    output_format: str,
    trial: Trial | None,
    include_dirs: tuple[str, ...],
    defines: tuple[str, ...],
    standard: str | None,
) -> None:
    """Decide whether the MPI program CANDIDATE does what SEQUENTIAL does.

    It is read back and compared with a plan that is proved for all sizes, numbers of ranks and block boundaries; with
    --run it is run too. The exit status is 4 if it is refuted.
    """
    before, after = read_source(sequential), read_source(candidate)
    verdict = api.verify(before, after, trial=trial, include_dirs=include_dirs, defines=defines, standard=standard)
    if output_format == "json":
        click.echo(verdict_json(verdict, before.name, after.name), nl=False)
    else:
        paint = paint_for(sys.stdout)
        click.echo(verdict_text(verdict, (before, after), paint), nl=False, color=paint.colour)
    if not verdict.accepted:
        ctx.exit(Refuted.exit_status)
