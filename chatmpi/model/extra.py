"""What is said where the extra `[model]` is not installed."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator

from chatmpi.analysis.diagnostics import Diagnostic, UsageError

PACKAGES = ("torch", "transformers", "peft", "accelerate", "safetensors", "tokenizers", "gguf")


@contextlib.contextmanager
def needs_extra() -> Iterator[None]:
    """Around an import of a module that needs the packages. Raises UsageError if one is missing."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")  # it tells of each of its tries to reach the hub
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the packages about each other
            yield
        warnings.filterwarnings("ignore", category=FutureWarning, module="transformers|peft")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in PACKAGES:
            raise
        hint = "pip install 'chatmpi[model]'; a model behind --endpoint needs none of it"
        message = f"local models need {missing}, which is not installed"
        raise UsageError(Diagnostic("error", message, hint=hint)) from None
