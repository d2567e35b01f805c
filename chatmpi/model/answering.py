"""Which model answers: a server, the base, the base with an adapter, or the merged model."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from chatmpi.model.asking import Answerer
from chatmpi.model.endpoint import endpoint
from chatmpi.model.extra import needs_extra
from chatmpi.model.settings import Settings

Which = Literal["base", "fine", "merged", "tuned"]
"""tuned: the merged model where there is one, else the base with the adapter."""


def answerer_of(settings: Settings, which: Which) -> Answerer:
    """Raises UsageError where there is no such model, and UnreadableInput for a folder that is none."""
    if settings.endpoint:
        return endpoint(settings.endpoint, settings.model_name, settings.timeout)
    if which == "tuned":
        which = "merged" if (Path(settings.merged_model_path) / "config.json").exists() else "fine"
    with needs_extra():
        from chatmpi.model.local import local_model
    if which == "merged":
        return local_model(settings.required("merged_model_path"), None, settings)
    adapter = settings.required("finetuned_model_path") if which == "fine" else None
    return local_model(settings.required("base_model_path"), adapter, settings)
