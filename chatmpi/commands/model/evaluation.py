"""`chatmpi model evaluate` and `compare`: answers by what they do, not by their text."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

import click

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.by_model import Tries
from chatmpi.commands.engine import proposer_of
from chatmpi.commands.model.options import with_settings
from chatmpi.evaluate import Outcome, Score, evaluate, scores
from chatmpi.model.documents import read_document, write_document, write_text
from chatmpi.model.settings import Settings
from chatmpi.model.tuples import read_tuples
from chatmpi.report.scores_text import comparison_markdown, scores_document, scores_markdown


@click.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="All numbers, as JSON.")
@click.option("--markdown", "page", type=click.Path(path_type=Path), metavar="FILE", help="The table and its chart.")
@click.option("--label", default="", help="What the model is called; without it, by its folder.")
@click.option("--candidates", type=click.IntRange(1, 1000), default=1, show_default=True, help="For each item.")
@click.option("--repair", type=click.IntRange(0, 100), default=0, show_default=True, help="Repairs of each.")
@click.option("--with-plan/--without-plan", default=True, help="Whether the model is told the plan.")
@click.option("--mended/--alone", default=False, help="Whether templates make the edits that the model is in doubt of.")
@click.option("--adapted/--base", default=True, help="With the adapter, where there is one.")
@with_settings
def evaluation(
    settings: Settings,
    file: Path,
    output: Path | None,
    page: Path | None,
    label: str,
    candidates: int,
    repair: int,
    with_plan: bool,
    mended: bool,
    adapted: bool,
) -> None:
    """Ask a model to translate the programs in FILE, and put every answer through the gate.

    Without a model, it is the small one of chatmpi's own.
    """
    items = read_tuples(file, answers=False)
    proposer = proposer_of(settings, adapted)
    outcomes = list(evaluate(items, proposer, Tries(candidates, repair, with_plan), _told, mended))
    if not outcomes:
        message = f"no item of {str(file)!r} has a program that can be translated"
        raise UsageError(Diagnostic("error", message, hint="'chatmpi model dataset' makes items with a 'program'"))
    found = scores(outcomes)
    name = label or proposer.name
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    text = scores_markdown(f"{name} on {file.name}", found, memory)
    click.echo(text)
    if page is not None:
        write_text(page, text)
    if output is not None:
        about: dict[str, Any] = {"file": file.name, "candidates": candidates, "repairs": repair, "with_plan": with_plan}
        about |= {"mended": mended, "memory_mib": memory}
        write_document(output, scores_document(name, found, outcomes, about))


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; without it it is shown.")
def compare(files: tuple[Path, ...], output: Path | None) -> None:
    """Put what 'evaluate -o FILE' wrote of several models side by side."""
    found: dict[str, list[Score]] = {}
    for file in files:
        name, some = _read(file)
        found[name if name not in found else f"{name} ({file.stem})"] = some
    text = comparison_markdown(found)
    if output is None:
        click.echo(text)
    else:
        write_text(output, text)


def _read(file: Path) -> tuple[str, list[Score]]:
    content = read_document(file, "the evaluation")
    try:
        return str(content["model"]), [
            Score(**s | {"pass_at": tuple(map(tuple, s["pass_at"])), "refused": tuple(map(tuple, s["refused"]))})
            for s in content["scores"]
        ]
    except (LookupError, TypeError):
        message = f"{str(file)!r} is no evaluation"
        raise UsageError(Diagnostic("error", message, hint="'chatmpi model evaluate -o FILE' writes one")) from None


def _told(outcome: Outcome) -> None:
    attempt = outcome.attempt
    said = "accepted" if attempt.accepted else f"refused ({attempt.stage})"
    line = f"item {outcome.item} {outcome.family}: {said}, {attempt.proposal.tokens} tokens"
    click.echo(f"{line} in {attempt.proposal.seconds:.1f} s", file=sys.stderr)
