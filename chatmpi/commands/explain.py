"""`chatmpi explain`: the decomposition, for people or as the versioned plan."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chatmpi import api
from chatmpi.analysis.diagnostics import NothingDistributed
from chatmpi.commands.options import format_option, memory_options, parser_options
from chatmpi.inputs import read_source
from chatmpi.plan.serialize import plan_to_json
from chatmpi.report.paint import paint_for
from chatmpi.report.plan_text import plan_text


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@memory_options
@parser_options
@click.pass_context
def explain(
    ctx: click.Context,
    file: Path,
    output_format: str,
    include_dirs: tuple[str, ...],
    defines: tuple[str, ...],
    standard: str | None,
    memory_per_rank: int | None,
    nominal_ranks: int,
) -> None:
    """Show how FILE would be distributed, what would be communicated where and why, and what would not and why.

    The program is made and verified as by 'translate', so that what is shown is what would be written. With --format
    json it prints the plan, which 'translate --plan' takes back. The exit status is 3 if nothing would be written.
    """
    source = read_source(file)
    plan = api.explain(
        source,
        include_dirs=include_dirs,
        defines=defines,
        standard=standard,
        memory_per_rank=memory_per_rank,
        nominal_ranks=nominal_ranks,
    )
    if output_format == "json":
        click.echo(plan_to_json(plan), nl=False)
    else:
        paint = paint_for(sys.stdout)
        click.echo(plan_text(plan, source, paint), nl=False, color=paint.colour)
    if plan.obstacle or not plan.is_distributed:
        ctx.exit(NothingDistributed.exit_status)
