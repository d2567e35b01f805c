"""`chatmpi model train`, `merge` and `export`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chatmpi.commands.model.options import with_settings
from chatmpi.model.cards import CARD, RECORD, record, write_card
from chatmpi.model.checkpoints import replace_folder
from chatmpi.model.extra import needs_extra
from chatmpi.model.progress import Watch
from chatmpi.model.prompt_template import template_of
from chatmpi.model.proposing import own_template
from chatmpi.model.settings import Settings
from chatmpi.model.tuples import read_tuples


@click.command()
@click.option("--fresh", is_flag=True, help="Begin anew, even where a checkpoint of this training is there.")
@click.option("--merge/--no-merge", default=True, help="Write the merged model too.")
@with_settings
def train(settings: Settings, fresh: bool, merge: bool) -> None:
    """Tune an adapter on data_file with LoRA, into finetuned_model_path, and merge it into merged_model_path.

    A training that was killed goes on from its last checkpoint. Several processes: accelerate launch -m chatmpi model
    train ... What was in a folder before is kept beside it.
    """
    items = read_tuples(settings.path("data_file"), answers=True)
    template = template_of(settings)
    template.check_names(items)
    settings.required("base_model_path")
    with needs_extra():
        from chatmpi.model import training
        from chatmpi.model.merging import merge as merge_adapter
    watch = Watch(settings.use_wandb)
    done = training.train(settings, template, items, watch.told, fresh)
    if not done.is_main:
        return
    watch.end()
    state = done.state
    facts = {
        "steps": state.step,
        "tuples": done.trained_on,
        "held_out_tuples": done.held_out,
        "target_modules": ", ".join(done.targets),
        "loss": state.losses[-1][1],
        "held_out_loss": state.held_out[-1][1] if state.held_out else None,
        "tokens": state.tokens,
        "seconds": round(state.seconds, 1),
    }
    made = record(settings, training.data_hash(items), template.text, facts, state.losses)

    def fill(folder: Path) -> None:
        training.save_adapter(done.loaded, folder)
        (folder / CARD).unlink(missing_ok=True)
        write_card(folder, made, "Adapter")

    kept = [done.moved, replace_folder(Path(settings.finetuned_model_path), fill)]
    if merge:
        kept.append(merge_adapter(done.loaded, Path(settings.merged_model_path), made))
    went_on = f" (going on from step {done.resumed})" if done.resumed else ""
    click.echo(f"tuned {state.step} steps{went_on} on {done.trained_on} tuples, {done.held_out} held out")
    if done.cut:
        click.echo(f"{done.cut} texts were longer than {settings.max_training_tokens} tokens, and cut there")
    held = f", on what was held out {state.held_out[-1][1]:.4f}" if state.held_out else ""
    click.echo(f"loss {state.losses[-1][1]:.4f}{held}")
    click.echo(
        f"adapter: {settings.finetuned_model_path}" + (f", merged: {settings.merged_model_path}" if merge else "")
    )
    for folder in filter(None, kept):
        click.echo(f"what was there before is kept in {folder}")


@click.command()
@with_settings
def merge(settings: Settings) -> None:
    """Write base_model_path with the adapter of finetuned_model_path merged into it, to merged_model_path."""
    base, adapter = settings.required("base_model_path"), settings.required("finetuned_model_path")
    with needs_extra():
        from chatmpi.model.loading import load
        from chatmpi.model.merging import merge as merge_adapter
    record_file = Path(adapter) / RECORD
    made = json.loads(record_file.read_text()) if record_file.exists() else None
    kept = merge_adapter(load(base, adapter, settings.precision), Path(settings.merged_model_path), made)
    click.echo(f"merged: {settings.merged_model_path}")
    if kept:
        click.echo(f"what was there before is kept in {kept}")


@click.command()
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Without it: beside the model.")
@click.option("--type", "numbers", type=click.Choice(["f16", "f32"]), default="f16", show_default=True)
@with_settings
def export(settings: Settings, output: Path | None, numbers: str) -> None:
    """Write the model of merged_model_path as GGUF, for llama.cpp, and a Modelfile beside it, for Ollama."""
    model = Path(settings.required("merged_model_path")).expanduser()
    template = template_of(settings) if settings.prompt_template or settings.prompt_template_file else own_template()
    with needs_extra():
        from chatmpi.model.gguf_export import export as export_model
        from chatmpi.model.gguf_export import write_modelfile
    place = output or model.with_name(f"{model.name}.gguf")
    export_model(model, place, numbers, lambda note: click.echo(f"note: {note}", err=True))
    modelfile = place.with_name("Modelfile")
    write_modelfile(modelfile, place, template, settings.temperature, settings.max_response_tokens)
    click.echo(
        f"{place}: {place.stat().st_size / 1e6:.1f} MB; with {modelfile}: ollama create {place.stem} -f {modelfile}"
    )
