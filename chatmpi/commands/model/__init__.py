"""`chatmpi model`, and the command `chathpc`: train, test and ask models, as ChatHPC's users know it."""

from __future__ import annotations

import importlib
from typing import Any

import click

from chatmpi.commands.model.options import configured, settings_in

_HERE = "chatmpi.commands.model"

# Name → where the command lives, and its help in one line.
COMMANDS = {
    "config": (f"{_HERE}.ask:config", "Print the settings."),
    "train": (f"{_HERE}.tune:train", "Tune an adapter on the data, and merge it."),
    "dataset": (f"{_HERE}.dataset:dataset", "Make data sets of verified translations, or import them."),
    "merge": (f"{_HERE}.tune:merge", "Write the base and the adapter as one model."),
    "export": (f"{_HERE}.tune:export", "Write the merged model as GGUF, for Ollama and llama.cpp."),
    "evaluate": (f"{_HERE}.evaluation:evaluation", "Put a model's translations through the gate."),
    "compare": (f"{_HERE}.evaluation:compare", "Put evaluations of models side by side."),
    "verify": (f"{_HERE}.ask:verify", "Ask what was trained on."),
    "test": (f"{_HERE}.ask:test", "Ask the questions of a file."),
    "teach": (f"{_HERE}.teach:teach", "Make the small model of chatmpi's own again, or an adapter on it."),
    "run": (f"{_HERE}.ask:run", "Talk with the model."),
    "run_base": (f"{_HERE}.ask:run_base", "Talk with the base model."),
    "run_fine": (f"{_HERE}.ask:run_fine", "Talk with the base and the adapter."),
    "run_merged": (f"{_HERE}.ask:run_merged", "Talk with the merged model."),
    "base": (f"{_HERE}.ask:base", "Ask the base model: run, test."),
    "ollama": (f"{_HERE}.ask:ollama", "Ask a model of Ollama's: verify, test."),
    "openai": (f"{_HERE}.ask:openai", "Ask a model of OpenAI's: verify, test."),
    "markdown": (f"{_HERE}.ask:markdown", "Write data or results as Markdown."),
}


class ModelGroup(click.Group):
    """Imports a subcommand when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = cmd_name.replace("-", "_")
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(cls=ModelGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@configured
@click.pass_context
def model(ctx: click.Context, /, **flags: Any) -> None:
    """Make data sets, tune adapters, test them by running what they answer, and ask them.

    Settings come from --config FILE, from CHATHPC_* and CHATMPI_* in the environment and in .env, and from options,
    which win.
    """
    if ctx.invoked_subcommand is None:
        config = ctx.command.get_command(ctx, "config") if isinstance(ctx.command, click.Group) else None
        assert config is not None
        ctx.invoke(config, settings=settings_in(ctx, {}))
