"""Where settings come from: flags over the environment over `.env` over the configuration file over the defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.documents import read_document
from chatmpi.model.settings import KEYS, Settings, settings_of

PREFIXES = ("CHATHPC_", "CHATMPI_")  # the later one wins
ENVIRONMENT_FILE = ".env"

_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")


def configuration(
    file: Path | None,
    flags: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    here: Path | None = None,
) -> Settings:
    """The settings. Raises UsageError."""
    values: dict[str, Any] = {}
    if file is not None:
        content = read_document(file, "the configuration")
        if not isinstance(content, dict):
            message = f"the configuration {str(file)!r} is no object of keys and values"
            raise UsageError(Diagnostic("error", message, hint='for example {"data_file": "train.json", ...}'))
        values |= {_known(str(key)): value for key, value in content.items()}
    values |= _of_environment(_environment_file((here or Path()) / ENVIRONMENT_FILE))
    values |= _of_environment(environment)
    given = {key: value for key, value in flags.items() if value is not None}
    for slot in ("prompt_template", "prompt_template_file"):  # the one that is said on the command line replaces both
        if slot in given:
            values.pop("prompt_template", None)
            values.pop("prompt_template_file", None)
    return settings_of(values | given, file.parent if file else Path())


def _known(key: str) -> str:
    return key.lower() if key.lower() in KEYS else key


def _of_environment(variables: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for prefix in PREFIXES:
        for name, value in variables.items():
            key = name.upper().removeprefix(prefix).lower()
            if name.upper().startswith(prefix) and key in KEYS:
                found[key] = value
    return found


def _environment_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; values may be quoted, comments begin with `#`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.fullmatch(line.strip())
        if match:
            found[match[1]] = _unquoted(match[2].strip())
    return found


def _unquoted(text: str) -> str:
    for quote in "\"'":
        end = text.find(quote, 1)
        if text.startswith(quote) and end > 0:
            return text[1:end]
    return re.split(r"\s#", text, maxsplit=1)[0].rstrip()
