"""What made an adapter or a merged model: base, data, settings, losses; for programs and for people."""

from __future__ import annotations

import dataclasses
import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatmpi import __version__
from chatmpi.model.documents import write_document
from chatmpi.model.settings import KEYS, Settings

RECORD = "training.json"
CARD = "README.md"
_PACKAGES = ("torch", "transformers", "peft", "accelerate")


def record(
    settings: Settings, data_hash: str, template: str, facts: dict[str, Any], losses: Sequence[tuple[int, float]]
) -> dict[str, Any]:
    """All that the training hangs on, and how it went."""
    return {
        "chatmpi": __version__,
        "packages": {name: _version(name) for name in _PACKAGES},
        "base": settings.base_model_path,
        "data": {"file": settings.data_file, "sha256": data_hash},
        "prompt_template": template,
        "settings": {key: getattr(settings, key) for key in KEYS},
        "training": facts,
        "losses": [list(pair) for pair in losses],
        "scores": {},
    }


def write_card(folder: Path, made: dict[str, Any], title: str) -> None:
    """`training.json` and README.md."""
    write_document(folder / RECORD, made)
    facts = [f"- {key.replace('_', ' ')}: {_shown(value)}" for key, value in made["training"].items()]
    defaults = {f.name: f.default for f in dataclasses.fields(Settings)}
    changed = {key: value for key, value in made["settings"].items() if value != defaults[key]}
    lines = [
        f"# {title}",
        "",
        f"Made by chatmpi {made['chatmpi']} from the base model `{made['base']}`.",
        "",
        f"Data: `{made['data']['file']}`, sha256 `{made['data']['sha256']}`.",
        "",
        "## Training",
        "",
        *facts,
        "",
        "## Settings that are not the defaults",
        "",
        *(f"- {key}: {value!r}" for key, value in changed.items()),
        "",
        "## Prompt",
        "",
        "````",
        made["prompt_template"].rstrip("\n"),
        "````",
        "",
    ]
    (folder / CARD).write_text("\n".join(lines), encoding="utf-8")


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
