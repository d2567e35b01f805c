"""Commands that ask a model: config, verify, test, run and their like, and the Markdown of what came out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from chatmpi.commands.model.options import configured, with_settings
from chatmpi.evaluate import judge_answers, scores
from chatmpi.model import chat
from chatmpi.model.answering import Which, answerer_of
from chatmpi.model.asking import Answer, Answerer, Sampling, ask_all
from chatmpi.model.documents import read_document, write_document, write_text
from chatmpi.model.endpoint import OLLAMA, OPENAI, endpoint
from chatmpi.model.extra import needs_extra
from chatmpi.model.extraction import extract
from chatmpi.model.prompt_template import template_of
from chatmpi.model.proposing import Proposal
from chatmpi.model.results import Result
from chatmpi.model.results import markdown as as_markdown
from chatmpi.model.settings import KEYS, Settings
from chatmpi.model.tuples import read_tuples
from chatmpi.report.scores_text import scores_markdown

Command = Callable[..., None]

file_argument = click.argument("file", type=click.Path(path_type=Path))
results_option = click.option(
    "--save_results_file",
    "--save-results-file",
    "results",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save what was asked and answered there, as JSON.",
)
model_option = click.option("--model", metavar="NAME", help="The server's name of the model.")
extract_option = click.option(
    "--extract/--no-extract", default=True, help="Show answers only, or with the prompts that they continue."
)


adapters_option = click.option(
    "--adapter", "adapters", multiple=True, metavar="NAME=DIR", help="One more adapter on the base, for /adapter NAME."
)


@click.command()
@with_settings
def config(settings: Settings) -> None:
    """Print the settings as they are in the end, and where no value can be right."""
    width = max(map(len, KEYS))
    for key in KEYS:
        value = getattr(settings, key)
        shown = repr(value) if isinstance(value, str) and (value != value.strip() or "\n" in value) else value
        click.echo(f"{key:{width}}  {shown}".rstrip())
    for key, value in settings.others.items():
        click.echo(f"{key:{width}}  {value!r}  (not known to chatmpi)")


@click.command()
@results_option
@with_settings
def verify(settings: Settings, results: Path | None) -> None:
    """Ask the merged model, or the base with the adapter, all questions that it was trained on."""
    _verify(settings, results, answerer_of(settings, "tuned"))


@click.command()
@file_argument
@results_option
@with_settings
def test(settings: Settings, file: Path, results: Path | None) -> None:
    """Ask the merged model, or the base with the adapter, the questions of FILE."""
    _test(settings, file, results, answerer_of(settings, "tuned"))


def _talking(which: Which, about: str) -> click.Command:
    @click.command(help=about)
    @extract_option
    @adapters_option
    @with_settings
    def command(settings: Settings, extract: bool, adapters: tuple[str, ...]) -> None:
        template = template_of(settings)
        answerer = answerer_of(settings, which)
        switches = _switches(answerer, adapters)
        label = {"base": "base", "merged": "merged"}.get(which, "chathpc")
        sampling = _sampling(settings)
        with chat.history(Path(settings.prompt_history_file).expanduser()):
            chat.talk(answerer, template, sampling, label, not extract, input, _write, switches)

    return command


def _switches(answerer: Answerer, adapters: tuple[str, ...]) -> dict[str, Callable[[], None]]:
    """The adapters beside the first, on the base that is in memory already."""
    if not adapters:
        return {}
    with needs_extra():
        from chatmpi.model.local import LocalModel, switches
    if not isinstance(answerer, LocalModel):
        raise click.UsageError("--adapter is for a model that is loaded here, not for one behind --endpoint")
    named = [a.partition("=") for a in adapters]
    if any(not (name and folder) for name, _, folder in named):
        raise click.UsageError("an adapter is given as NAME=DIR")
    return switches(answerer, {name: folder for name, _, folder in named})


run = _talking("fine", "Talk with the base and the adapter; /help says how.")
run_base = _talking("base", "Talk with the base model; /help says how.")
run_fine = _talking("fine", "Talk with the base and the adapter; /help says how.")
run_merged = _talking("merged", "Talk with the merged model; /help says how.")


@click.group()
@configured
def base(**flags: Any) -> None:
    """Ask the base model."""


base.add_command(run_base, "run")


@base.command("test")
@file_argument
@results_option
@with_settings
def base_test(settings: Settings, file: Path, results: Path | None) -> None:
    """Ask the base model the questions of FILE."""
    _test(settings, file, results, answerer_of(settings, "base"))


def _server(name: str, url: str) -> click.Group:
    @click.group(name, help=f"Ask a model of {name.capitalize()}'s; --endpoint says where it is if not at {url}.")
    @configured
    def group(**flags: Any) -> None:
        pass

    def answerer(settings: Settings, model: str | None) -> Answerer:
        return endpoint(settings.endpoint or url, model or settings.model_name, settings.timeout)

    @group.command("verify")
    @results_option
    @model_option
    @with_settings
    def verify_there(settings: Settings, results: Path | None, model: str | None) -> None:
        """Ask the questions of the training data."""
        _verify(settings, results, answerer(settings, model))

    @group.command("test")
    @file_argument
    @results_option
    @model_option
    @with_settings
    def test_there(settings: Settings, file: Path, results: Path | None, model: str | None) -> None:
        """Ask the questions of FILE."""
        _test(settings, file, results, answerer(settings, model))

    return group


ollama = _server("ollama", OLLAMA)
openai = _server("openai", OPENAI)


@click.command()
@file_argument
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; without it it is shown.")
@click.option("--add_rating_template", "--ratings", "ratings", is_flag=True, help="With room to rate each answer.")
def markdown(file: Path, output: Path | None, ratings: bool) -> None:
    """Write the data or the results in FILE as Markdown."""
    text = as_markdown(read_document(file, "the file"), ratings)
    if output is None:
        click.echo(text)
    else:
        write_text(output, text + "\n")


def _verify(settings: Settings, results: Path | None, answerer: Answerer) -> None:
    _ask(settings, settings.path("data_file"), True, results, answerer)


def _test(settings: Settings, file: Path, results: Path | None, answerer: Answerer) -> None:
    _ask(settings, file, False, results, answerer)


def _ask(settings: Settings, file: Path, answers: bool, results: Path | None, answerer: Answerer) -> None:
    items = read_tuples(file, answers)
    template = template_of(settings)
    template.check_names(items)
    done: list[Result] = []
    try:
        for result, _ in ask_all(items, template, answerer, _sampling(settings), _progress(len(items))):
            done.append(result)
    finally:
        if results is not None and done:
            write_document(results, [result.document() for result in done])
    compared = [result for result in done if result.matches is not None]
    for result in compared:
        if not result.matches:
            click.echo(f"item {result.index} differs from its answer:\n{result.response.rstrip()}\n")
    right = sum(bool(result.matches) for result in compared)
    click.echo(f"asked {answerer.name} {len(done)} questions" + ("" if compared else "; none has an answer to compare"))
    _through_the_gate(done)
    if compared:
        click.echo(f"the same text as the answer: {right} of {len(compared)} ({right / len(compared):.2%})")


def _through_the_gate(done: list[Result]) -> None:
    """Answers to items with a program are judged by what they do, too."""
    known = [result for result in done if isinstance(result.item.others.get("program"), str)]
    if known:
        proposals = [_proposal(result) for result in known]
        found = scores(list(judge_answers([result.item for result in known], proposals)))
        click.echo(scores_markdown("Through the gate", found))


def _proposal(result: Result) -> Proposal:
    found = extract(result.response, str(result.item.others["program"]), cut=False)
    return Proposal(found.code, found.problem)


def _progress(count: int) -> Callable[[Result, Answer], None]:
    def told(result: Result, answer: Answer) -> None:
        cut = ", cut by max_response_tokens" if answer.cut else ""
        said = f"[{result.index + 1}/{count}] {answer.tokens} tokens in {answer.seconds:.1f} s{cut}"
        click.echo(said, err=True)

    return told


def _sampling(settings: Settings) -> Sampling:
    return Sampling(settings.max_response_tokens, settings.temperature, settings.seed)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
