"""The settings as options: of the group and of every command, in ChatHPC's spelling and with hyphens."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from chatmpi.model.configuration import configuration
from chatmpi.model.settings import KEYS, Settings

Command = Callable[..., None]
_FLAGS = "chatmpi.model.flags"


def settings_in(ctx: click.Context, flags: Mapping[str, Any]) -> Settings:
    """The settings by the options of this command and of the groups around it. Raises UsageError."""
    outer: dict[str, Any] = ctx.meta.get(_FLAGS, {})
    said = outer | {key: value for key, value in flags.items() if value is not None}
    file = said.pop("config_file", None)
    return configuration(file, said)


def configured(command: Command) -> Command:
    """For a group: what its options say is kept for its commands."""

    @functools.wraps(command)
    def keeping(*arguments: Any, **named: Any) -> None:
        ctx = click.get_current_context()
        outer: dict[str, Any] = ctx.meta.get(_FLAGS, {})
        ctx.meta[_FLAGS] = outer | {key: value for key, value in _taken(named).items() if value is not None}
        command(*arguments, **named)

    return _with_options(keeping)


def with_settings(command: Command) -> Command:
    """`settings`, by the options here and of the groups around."""

    @functools.wraps(command)
    def settled(*arguments: Any, settings: Settings | None = None, **named: Any) -> None:
        flags = _taken(named)
        command(*arguments, settings=settings or settings_in(click.get_current_context(), flags), **named)

    return _with_options(settled)


def _taken(named: dict[str, Any]) -> dict[str, Any]:
    """The options that are settings, taken out of `named`."""
    return {key: named.pop(key) for key in ("config_file", *KEYS) if key in named}


def _with_options(command: Command) -> Command:
    for key, field in reversed(list(KEYS.items())):
        names = list(dict.fromkeys((f"--{key}", f"--{key.replace('_', '-')}")))
        about = field.metadata["help"]
        if field.type == "bool":
            names = [f"{name}/--no-{name[2:]}" for name in names]
            command = click.option(*names, key, default=None, help=about)(command)
        else:
            command = click.option(*names, key, metavar=str(field.type).upper(), help=about)(command)
    path = click.Path(path_type=Path)
    return click.option("--config", "config_file", type=path, metavar="FILE", help="JSON or YAML.")(command)
