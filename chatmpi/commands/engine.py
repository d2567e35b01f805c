"""Options that choose who writes the program: templates, or a model whose candidates pass the gate."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from chatmpi.by_model import Tries
from chatmpi.model.answering import answerer_of
from chatmpi.model.asking import Sampling
from chatmpi.model.configuration import configuration
from chatmpi.model.edits import EDITS, SHIPPED
from chatmpi.model.extra import needs_extra
from chatmpi.model.folders import ADAPTER_CONFIG
from chatmpi.model.prompt_template import template_of
from chatmpi.model.proposing import AskedModel, Proposer, own_template
from chatmpi.model.settings import Settings

Command = Callable[..., None]


def engine_options(command: Command) -> Command:
    """`proposer`, None for templates, and `tries`."""

    @functools.wraps(command)
    def chosen(
        *,
        engine: str,
        model: str | None,
        adapter: str | None,
        endpoint: str | None,
        model_name: str | None,
        model_config: Path | None,
        candidates: int,
        temperature: float | None,
        repair: int,
        with_plan: bool,
        **others: Any,
    ) -> None:
        given = {"base_model_path": model, "finetuned_model_path": adapter, "endpoint": endpoint}
        flags = given | {"model_name": model_name, "temperature": temperature}
        tries = Tries(candidates, repair, with_plan)
        proposer = None if engine == "template" else _proposer(engine, model_config, flags, candidates)
        command(proposer=proposer, tries=tries, **others)

    options = (
        click.option(
            "--engine",
            type=click.Choice(["auto", "template", "model"]),
            default="auto",
            help="Who writes: the templates, or a model; auto takes the model that is configured, if there is one.",
        ),
        click.option("--model", metavar="PATH", help="A model's folder, or its name on the hub."),
        click.option("--adapter", metavar="PATH", help="An adapter on that model."),
        click.option("--endpoint", metavar="URL", help="An OpenAI-compatible server. Its key: OPENAI_API_KEY."),
        click.option("--model-name", metavar="NAME", help="The server's name of the model."),
        click.option(
            "--model-config", type=click.Path(path_type=Path), metavar="FILE", help="As --config of chatmpi model."
        ),
        click.option("--candidates", type=click.IntRange(1, 1000), default=1, metavar="K", help="Programs to ask for."),
        click.option("--temperature", type=click.FloatRange(0, 2), metavar="T", help="0: the likeliest; above: drawn."),
        click.option(
            "--repair",
            type=click.IntRange(0, 100),
            default=0,
            metavar="N",
            help="How often a refuted program is given back with its counterexample.",
        ),
        click.option("--with-plan/--without-plan", default=True, help="Whether the model is told the plan."),
    )
    return functools.reduce(lambda decorated, option: option(decorated), reversed(options), chosen)


def _proposer(engine: str, file: Path | None, flags: dict[str, Any], candidates: int) -> Proposer | None:
    settings = configuration(file, flags)
    if candidates > 1 and flags["temperature"] is None and settings.temperature == 0:
        settings = replace(settings, temperature=0.8)  # equal candidates are one
    named = bool(settings.endpoint or settings.base_model_path)
    if not named and engine == "auto":
        return None
    return proposer_of(settings, adapted=flags["finetuned_model_path"] is not None or not named)


def proposer_of(settings: Settings, adapted: bool) -> Proposer:
    """The model that the settings name, with its adapter if `adapted`; without one the small model of chatmpi's own.

    Raises ChatmpiError.
    """
    folder = Path(settings.base_model_path) if settings.base_model_path else SHIPPED
    if not settings.endpoint and (folder / EDITS).exists():
        with needs_extra():
            from chatmpi.model.edits.predicting import editing_model
        named = Path(settings.finetuned_model_path)
        asked = settings.finetuned_model_path != Settings().finetuned_model_path
        own = (named / ADAPTER_CONFIG).exists() and settings.base_model_path
        adapter = named if asked or own else folder / "adapter"
        return editing_model(folder, adapter if adapted and (asked or adapter.exists()) else None)
    template = template_of(settings) if settings.prompt_template or settings.prompt_template_file else own_template()
    sampling = Sampling(settings.max_response_tokens, settings.temperature, settings.seed)
    return AskedModel(answerer_of(settings, "fine" if adapted else "base"), template, sampling)
