"""Models and tokenizers into memory, through transformers and peft: safetensors only, never a model's own program."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from chatmpi.analysis.diagnostics import ChatmpiError, Diagnostic, UnreadableInput, UsageError
from chatmpi.model.folders import check_adapter, check_memory, check_model, memory_here

ADAPTER = "default"
logging.disable_progress_bar()
_PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


@dataclass
class Loaded:
    """A model in memory with its tokenizer; `base` is where its weights came from."""

    model: Any
    tokenizer: Any
    base: str
    device: Any


def device_here() -> Any:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision_of(name: str, device: Any) -> Any:
    """auto: bf16, or fp16 where the GPU has no bf16; fp32 without one. Raises UsageError for fp16 on a CPU."""
    if name == "auto":
        if device.type == "cpu":
            return torch.float32
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if name == "fp16" and device.type == "cpu":
        message = "fp16 is for GPUs, and there is none here"
        raise UsageError(Diagnostic("error", message, hint="--precision bf16 takes as little memory on a CPU"))
    return _PRECISIONS[name]


def load(base: str, adapter: str | None, precision: str) -> Loaded:
    """A base, with an adapter if one is named. Raises UnreadableInput, UsageError."""
    check_model(base)
    if adapter is not None:
        check_adapter(adapter, base)
    device = device_here()
    dtype = precision_of(precision, device)
    free = torch.cuda.mem_get_info()[0] if device.type == "cuda" else memory_here()
    check_memory(base, dtype.itemsize, free, "the GPU" if device.type == "cuda" else "this machine")
    with explained(base):
        tokenizer = AutoTokenizer.from_pretrained(base, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            base, dtype=dtype, use_safetensors=True, trust_remote_code=False
        ).to(device)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    if tokenizer.eos_token_id is None:
        raise UnreadableInput(Diagnostic("error", f"the tokenizer of {base!r} has no token that ends a text"))
    if adapter is not None:
        with explained(adapter):
            model = PeftModel.from_pretrained(model, adapter, adapter_name=ADAPTER)
    model.eval()
    return Loaded(model, tokenizer, base, device)


def add_adapter(loaded: Loaded, path: str, name: str) -> None:
    """One more adapter beside those that the base bears; `use_adapter` switches."""
    check_adapter(path, loaded.base)
    with explained(path):
        if isinstance(loaded.model, PeftModel):
            loaded.model.load_adapter(path, adapter_name=name)
        else:
            loaded.model = PeftModel.from_pretrained(loaded.model, path, adapter_name=name)
    loaded.model.eval()


def use_adapter(loaded: Loaded, name: str) -> None:
    """Raises UsageError if there is none of this name."""
    known = list(getattr(loaded.model, "peft_config", {}))
    if name not in known:
        message = f"there is no adapter {name!r}"
        raise UsageError(Diagnostic("error", message, hint=f"loaded are: {', '.join(known) or 'none'}"))
    loaded.model.set_adapter(name)


@contextlib.contextmanager
def explained(path: str) -> Iterator[None]:
    """What transformers and torch raise, as one message with a next step."""
    try:
        yield
    except ChatmpiError:
        raise
    except (torch.OutOfMemoryError, MemoryError):
        hint = "--precision bf16, a smaller --micro_batch_size or --max_training_tokens, or a smaller base"
        raise UsageError(Diagnostic("error", f"not enough memory for {path!r}", hint=hint)) from None
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, TypeError) as error:
        if isinstance(error, RuntimeError) and "memory" in str(error) and "alloc" in str(error):
            hint = "--precision bf16, a smaller --micro_batch_size or --max_training_tokens, or a smaller base"
            raise UsageError(Diagnostic("error", f"not enough memory for {path!r}", hint=hint)) from None
        about = " ".join(str(error).split())[:300]
        hint = "" if Path(path).exists() else "without a network, download it elsewhere and name its folder"
        raise UnreadableInput(Diagnostic("error", f"{path!r} cannot be loaded: {about}", hint=hint)) from error
