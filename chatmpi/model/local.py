"""A model in this process: its answers, token by token."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TextStreamer

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.asking import Answer, Question, Sampling, Shown
from chatmpi.model.loading import Loaded, add_adapter, explained, load, use_adapter
from chatmpi.model.settings import Settings


class _Streamed:
    """Pieces of an answer as they come; transformers asks a streamer for `put` and `end` only."""

    def __init__(self, tokenizer: Any, shown: Shown) -> None:
        self._streamer = TextStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
        self._streamer.on_finalized_text = lambda text, stream_end=False: shown(text)

    def put(self, value: Any) -> None:
        self._streamer.put(value)

    def end(self) -> None:
        self._streamer.end()


@dataclass
class LocalModel:
    """A base, tuned or merged model that answers."""

    loaded: Loaded
    name: str

    def answer(self, question: Question, sampling: Sampling, shown: Shown | None = None) -> Answer:
        """What stands behind the answer in the template ends it. Raises UsageError if the prompt is too long."""
        tokenizer, device = self.loaded.tokenizer, self.loaded.device
        began = time.monotonic()
        given = tokenizer(question.prompt.before, return_tensors="pt")["input_ids"].to(device)
        self._check_length(given.shape[1])
        options: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        if sampling.temperature > 0:
            options = {"do_sample": True, "temperature": sampling.temperature, "top_p": 0.95}
            torch.manual_seed(sampling.seed)
        if shown:
            options["streamer"] = _Streamed(tokenizer, shown)
        with torch.inference_mode(), explained(self.name):
            made = self.loaded.model.generate(
                input_ids=given,
                attention_mask=torch.ones_like(given),
                max_new_tokens=sampling.tokens,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=tokenizer.eos_token_id,
                **options,
            )[0][given.shape[1] :].tolist()
        cut = len(made) >= sampling.tokens and made[-1] != tokenizer.eos_token_id
        text = tokenizer.decode(made, skip_special_tokens=True)
        ending = question.prompt.after.rstrip()
        if ending:
            text = text.rstrip().removesuffix(ending)
        return Answer(text, len(made), time.monotonic() - began, cut)

    def _check_length(self, tokens: int) -> None:
        longest = getattr(self.loaded.model.config, "max_position_embeddings", None)
        if longest is not None and tokens >= longest:
            message = f"the prompt has {tokens} tokens, and {self.name} reads {longest}"
            raise UsageError(Diagnostic("error", message, hint="a shorter program, or a model that reads more"))


def local_model(base: str, adapter: str | None, settings: Settings) -> LocalModel:
    """Raises UnreadableInput, UsageError."""
    loaded = load(base, adapter, settings.precision)
    name = Path(base).name + (f" with {Path(adapter).name}" if adapter else "")
    return LocalModel(loaded, name)


def switches(model: LocalModel, adapters: Mapping[str, str]) -> dict[str, Callable[[], None]]:
    """Load adapters beside the one that the model bears; each name's function switches to it. Raises ChatmpiError."""
    first = list(getattr(model.loaded.model, "peft_config", {}))
    for name, folder in adapters.items():
        add_adapter(model.loaded, folder, name)
    if first:
        use_adapter(model.loaded, first[0])
    return {name: functools.partial(use_adapter, model.loaded, name) for name in (*first, *adapters)}
