"""An adapter and its base as one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peft import PeftModel

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.cards import write_card
from chatmpi.model.checkpoints import replace_folder
from chatmpi.model.loading import Loaded, explained


def merge(loaded: Loaded, place: Path, made: dict[str, Any] | None) -> Path | None:
    """Write the merged model with its tokenizer, all or nothing. The model in memory is merged too.

    Returns where the folder that was there is kept. Raises UsageError if there is no adapter.
    """
    if not isinstance(loaded.model, PeftModel):
        raise UsageError(Diagnostic("error", f"there is no adapter to merge into {loaded.base!r}"))
    with explained(str(place)):
        loaded.model = loaded.model.merge_and_unload()

    def fill(folder: Path) -> None:
        loaded.model.config.use_cache = True
        loaded.model.save_pretrained(folder, safe_serialization=True)
        loaded.tokenizer.save_pretrained(folder)
        if made is not None:
            write_card(folder, made, "Merged model")

    return replace_folder(place, fill)
