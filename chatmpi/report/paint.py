"""Colour on a terminal, none in a pipe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

import click


@dataclass(frozen=True, slots=True)
class Paint:
    """`colour` False leaves every text as it is."""

    colour: bool = False

    def heading(self, text: str) -> str:
        return self._styled(text, bold=True)

    def quiet(self, text: str) -> str:
        return self._styled(text, dim=True)

    def good(self, text: str) -> str:
        return self._styled(text, fg="green", bold=True)

    def bad(self, text: str) -> str:
        return self._styled(text, fg="red", bold=True)

    def code(self, text: str) -> str:
        return self._styled(text, fg="cyan")

    def _styled(self, text: str, fg: str | None = None, bold: bool | None = None, dim: bool | None = None) -> str:
        return click.style(text, fg=fg, bold=bold, dim=dim) if self.colour and text else text


def paint_for(stream: IO[str], environment: Mapping[str, str] = os.environ) -> Paint:
    """Colour if `stream` is a terminal that has some, and the user has not said no (NO_COLOR, no-color.org)."""
    wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return Paint(wanted and stream.isatty())
