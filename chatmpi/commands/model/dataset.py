"""`chatmpi model dataset`: make a data set, or import one."""

from __future__ import annotations

from pathlib import Path

import click

from chatmpi.model.dataset.families import SETS, program_path
from chatmpi.model.dataset.importing import from_folder, from_pareval
from chatmpi.model.dataset.making import Unlike, Wanted, items, tokens_in
from chatmpi.model.documents import write_document
from chatmpi.model.tuples import Tuple, read_tuples


@click.command()
@click.argument("programs", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The data set.")
@click.option("--set", "chosen", type=click.Choice(list(SETS)), help="The families of this set of the corpus.")
@click.option("--each", type=click.IntRange(1, 10000), default=3, show_default=True, help="Variations of each program.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Fixes the variations.")
@click.option("--tokens", type=click.IntRange(16), default=4096, show_default=True, help="Longest item, about.")
@click.option("--with-plan/--without-plan", default=True, help="Whether questions tell the plan.")
@click.option(
    "--apart-from", multiple=True, type=click.Path(path_type=Path), help="A data set: nothing like its items."
)
@click.option("--pareval", type=click.Path(path_type=Path), metavar="FILE", help="Import ParEval's prompts.")
@click.option("--pairs", type=click.Path(path_type=Path, exists=True), metavar="DIR", help="Import a folder of pairs.")
def dataset(
    programs: tuple[Path, ...],
    output: Path,
    chosen: str | None,
    each: int,
    seed: int,
    tokens: int,
    with_plan: bool,
    apart_from: tuple[Path, ...],
    pareval: Path | None,
    pairs: Path | None,
) -> None:
    """Make variations of PROGRAMS, or of the corpus, each answered by the generator and accepted by the gate.

    Names, sizes, types, constants, braces, loop headers and declarations are varied. Equal seeds make equal sets.
    """
    found: list[Tuple] = []
    if pareval is not None:
        found += from_pareval(pareval)
    if pairs is not None:
        found += from_folder(pairs)
    sources = {path.stem: path for path in programs}
    if chosen is not None:
        sources |= {family: program_path(path) for family, path in SETS[chosen].items()}
    if not sources and not found:
        raise click.UsageError("of which programs? Name files, or --set train, --pareval FILE, --pairs DIR")
    unlike = Unlike()
    for other in apart_from:
        for item in read_tuples(other, answers=False):
            unlike.add(str(item.others.get("program", item.question)))
    for item in items(sources, Wanted(each, seed, tokens, with_plan), unlike, lambda s: click.echo(s, err=True)):
        found.append(item)
        click.echo(f"{item.others['family']}: about {tokens_in(item)} tokens, {item.others['verified']}", err=True)
    write_document(output, [item.document() for item in found])
    click.echo(f"{output}: {len(found)} items")
