"""Folders of models and adapters: what is in them, and what is refused. Nothing here needs torch.

Weights are read from safetensors only: other formats are programs that run when they are loaded.
"""

from __future__ import annotations

import json
import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput, UsageError

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.json")

_BYTES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Weights:
    """How many numbers a model's files hold, and their bytes there."""

    numbers: int
    stored: int


def check_model(path: str) -> None:
    """A folder must be a model with a tokenizer, in safetensors; other names are the hub's. Raises UnreadableInput."""
    folder = Path(path).expanduser()
    if not folder.exists():
        if path.count("/") != 1 or path.startswith((".", "/", "~")):
            raise _unreadable(path, "does not exist", "give a folder with a model, or the name of one on the hub")
        return
    if not (folder / "config.json").is_file():
        adapter = "it holds an adapter: its base is wanted here" if (folder / ADAPTER_CONFIG).exists() else ""
        raise _unreadable(path, "holds no model: config.json is missing", adapter)
    if not any((folder / name).is_file() for name in TOKENIZERS):
        hint = "copy tokenizer.json and tokenizer_config.json of the base into it"
        raise _unreadable(path, "holds a model without a tokenizer", hint)
    if not list(folder.glob("*.safetensors")):
        other = "only in a format that can run code" if list(folder.glob("*.bin")) + list(folder.glob("*.pt")) else ""
        reason = f"holds no weights in safetensors{', ' + other if other else ''}"
        raise _unreadable(path, reason, "convert them: model.save_pretrained(folder, safe_serialization=True)")
    if "auto_map" in _json(folder / "config.json"):
        hint = "only architectures that transformers has itself are loaded"
        raise _unreadable(path, "is a model that brings its own program", hint)


def check_adapter(path: str, base: str) -> dict[str, Any]:
    """The adapter's configuration. Raises UnreadableInput if it is none, or UsageError if it is for another base."""
    folder = Path(path).expanduser()
    if not (folder / ADAPTER_CONFIG).is_file():
        raise _unreadable(path, "holds no adapter", "'chatmpi model train' makes one; finetuned_model_path names it")
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise _unreadable(path, f"holds an adapter without {ADAPTER_WEIGHTS}", "only safetensors are loaded")
    configuration = _json(folder / ADAPTER_CONFIG)
    made_for = str(configuration.get("base_model_name_or_path") or "")
    if made_for and _shape(made_for) is not None and _shape(made_for) != _shape(base):
        message = f"the adapter {path!r} is for another base, {made_for!r}, and not for {base!r}"
        raise UsageError(Diagnostic("error", message, hint="set base_model_path to the base that it was tuned on"))
    return configuration


def _shape(path: str) -> dict[str, Any] | None:
    """What makes a base another base, None if it cannot be seen."""
    file = Path(path).expanduser() / "config.json"
    if not file.is_file():
        return None
    content = _json(file)
    return {k: content.get(k) for k in ("model_type", "hidden_size", "num_hidden_layers", "vocab_size")}


def weights_in(folder: Path) -> Weights:
    """By the headers of its safetensors. Raises UnreadableInput for one that is damaged."""
    numbers = stored = 0
    for file in sorted(folder.glob("*.safetensors")):
        for entry in tensors_in(file).values():
            count = math.prod(entry["shape"])
            numbers += count
            stored += count * _BYTES.get(entry["dtype"], 1)
    return Weights(numbers, stored)


def tensors_in(file: Path) -> dict[str, Any]:
    """The header of a safetensors file: each tensor's dtype and shape. Raises UnreadableInput."""
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header = json.loads(opened.read(min(length, 100 * 1024**2)))
            header.pop("__metadata__", None)
            ends = [entry["data_offsets"][1] for entry in header.values()]
    except (OSError, struct.error, ValueError, LookupError, TypeError, AttributeError):
        raise _unreadable(str(file), "is no safetensors file, or a part of one", "was it copied to its end?") from None
    if 8 + length + max(ends, default=0) > file.stat().st_size:
        raise _unreadable(str(file), "is cut off", "copy it again")
    return dict(header)


def memory_here() -> int:
    """Bytes that a new process can have on this machine, 0 if it does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        try:
            return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (ValueError, OSError):
            return 0


def check_memory(path: str, bytes_each: int, available: int, where: str) -> None:
    """Raises UsageError, saying what would fit, if the weights alone do not."""
    folder = Path(path).expanduser()
    if not folder.is_dir() or not available:
        return
    numbers = weights_in(folder).numbers
    if numbers * bytes_each <= available:
        return
    needed, free = numbers * bytes_each / _GIB, available / _GIB
    half = f"--precision bf16 needs {numbers * 2 / _GIB:.1f} GiB; " if bytes_each > 2 else ""
    fits = available / 2 / 1e9
    message = f"{path!r} needs {needed:.1f} GiB for its weights, and {where} has {free:.1f} GiB"
    hint = f"{half}a model of up to {fits:.1f} billion parameters fits in bf16; --endpoint uses one elsewhere"
    raise UsageError(Diagnostic("error", message, hint=hint))


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(str(file), f"cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise _unreadable(str(file), "is no object")
    return content


def _unreadable(path: str, reason: str, hint: str = "") -> UnreadableInput:
    return UnreadableInput(Diagnostic("error", f"{path!r} {reason}", hint=hint))
