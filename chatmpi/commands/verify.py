"""`chatmpi verify`: whether an MPI program that exists already does what a sequential one does."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from chatmpi import api
from chatmpi.analysis.diagnostics import UNKNOWN_STATUS, Refuted
from chatmpi.commands.options import format_option, parser_options, run_options, simulation_options
from chatmpi.inputs import read_source
from chatmpi.report.paint import paint_for
from chatmpi.report.verdict_json import verdict_json
from chatmpi.report.verdict_text import verdict_text
from chatmpi.verify.run import Trial
from chatmpi.verify.simulate.trials import Wanted


@click.command()
@click.argument("sequential", type=click.Path(path_type=Path))
@click.argument("candidate", type=click.Path(path_type=Path), required=False)
@format_option
@simulation_options
@run_options
@parser_options
@click.pass_context
def verify(
    ctx: click.Context,
    sequential: Path,
    candidate: Path | None,
    output_format: str,
    wanted: Wanted,
    trial: Trial | None,
    arguments: tuple[str, ...],
    include_dirs: tuple[str, ...],
    defines: tuple[str, ...],
    standard: str | None,
) -> None:
    """Decide whether the MPI program CANDIDATE, whoever wrote it, does what SEQUENTIAL does.

    Without SEQUENTIAL, as in "chatmpi verify candidate.c": whether it breaks a rule of C or MPI, whatever it is meant
    to compute.

    \b
    PROVED    for all sizes and numbers of ranks: it carries out a plan that is proved
    CHECKED   for all data, at the sizes and numbers of ranks named: all ranks were simulated
    RUN       for the runs named (--run), nothing more
    REFUTED   here is the counterexample (exit status 4)
    UNKNOWN   nothing can be said, and why (exit status 5)
    """
    first = read_source(sequential)
    second = read_source(candidate) if candidate is not None else None
    verdict = api.verify(
        first,
        second,
        trial=trial,
        wanted=replace(wanted, arguments=arguments),
        include_dirs=include_dirs,
        defines=defines,
        standard=standard,
    )
    if output_format == "json":
        named = (first.name, second.name) if second else (None, first.name)
        click.echo(verdict_json(verdict, *named), nl=False)
    else:
        paint = paint_for(sys.stdout)
        click.echo(verdict_text(verdict, (first, second) if second else (first,), paint), nl=False, color=paint.colour)
    if not verdict.accepted:
        ctx.exit(UNKNOWN_STATUS if verdict.word == "UNKNOWN" else Refuted.exit_status)
