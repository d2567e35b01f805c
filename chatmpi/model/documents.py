"""JSON and YAML files, with errors that name the place."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from chatmpi.analysis.diagnostics import Diagnostic, UsageError

YAML_SUFFIXES = (".yaml", ".yml")


def read_document(path: Path, what: str) -> Any:
    """The content of a JSON file, or of a YAML one by its suffix. Raises UsageError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _bad(path, what, f"cannot be read: {error.strerror}", "is the path right, seen from here?") from None
    except UnicodeDecodeError:
        raise _bad(path, what, "is not a text in UTF-8") from None
    if path.suffix.lower() in YAML_SUFFIXES:
        return _yaml(path, what, text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        hint = "new lines inside a text are written \\n in JSON" if "control character" in error.msg else ""
        raise _bad(path, what, reason, hint) from None
    except RecursionError:
        raise _bad(path, what, "is nested too deeply") from None


def _yaml(path: Path, what: str, text: str) -> Any:
    try:
        import yaml
    except ModuleNotFoundError:
        raise _bad(path, what, "is YAML, which needs PyYAML", "pip install pyyaml, or write it as JSON") from None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise _bad(path, what, f"is not YAML: {' '.join(str(error).split())}") from None


def write_document(path: Path, content: Any) -> None:
    """As JSON, all or nothing. Raises OSError."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """All or nothing. Raises OSError."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _bad(path: Path, what: str, reason: str, hint: str = "") -> UsageError:
    return UsageError(Diagnostic("error", f"{what} {str(path)!r} {reason}", hint=hint))
