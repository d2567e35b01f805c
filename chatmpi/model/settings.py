"""The settings of the model commands: ChatHPC's keys, and what ChatHPC keeps to itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from chatmpi.analysis.diagnostics import Diagnostic, UsageError

PRECISIONS = ("auto", "fp32", "fp16", "bf16")


def _key(default: Any, about: str) -> Any:
    return field(default=default, metadata={"help": about})


@dataclass(frozen=True)
class Settings:
    """What a configuration says. Training's defaults are ChatHPC's; `others` holds the keys that are not known here.

    `folder` is the configuration file's: paths of files to read that are not found from here are looked for there.
    """

    data_file: str = _key("", "The tuples to train on, JSON or YAML.")
    base_model_path: str = _key("", "The base model: a folder, or a name on the hub.")
    finetuned_model_path: str = _key("peft_adapter", "Folder of the adapter.")
    merged_model_path: str = _key("merged_adapters", "Folder of the base with the adapter merged into it.")
    training_output_dir: str = _key("training_checkpoints", "Folder of the checkpoints.")
    max_training_tokens: int = _key(1200, "Longest training text, in tokens.")
    max_response_tokens: int = _key(1200, "Longest answer, in tokens.")
    prompt_history_file: str = _key("~/.chathpc_history", "What was asked in 'run', for the arrow keys.")
    prompt_template_file: str = _key("", "Jinja2 template of the prompt, with one answer slot.")
    prompt_template: str = _key("", "The template itself, in the place of a file.")
    use_wandb: bool = _key(False, "Report the training to Weights & Biases.")
    lora_r: int = _key(16, "Rank of the adapter's matrices.")
    lora_alpha: int = _key(16, "Scale of the adapter.")
    lora_dropout: float = _key(0.05, "Dropout before the adapter's matrices.")
    lora_targets: str = _key("", "Modules to adapt, with commas; without it the attention's projections.")
    learning_rate: float = _key(3e-4, "Highest learning rate.")
    steps: int = _key(400, "Optimizer steps.")
    warmup_steps: int = _key(100, "Steps in which the learning rate rises; then it falls to 0.")
    batch_size: int = _key(128, "Tuples for one step, over all processes.")
    micro_batch_size: int = _key(8, "Tuples that one process holds in memory at once.")
    evaluate_every: int = _key(20, "Steps between evaluations on what is held out.")
    save_every: int = _key(20, "Steps between checkpoints.")
    held_out: float = _key(0.1, "Share of the tuples that is not trained on.")
    mask_prompt: bool = _key(False, "Learn the answers only, not the prompts.")
    gradient_checkpointing: bool = _key(False, "Compute activations twice: slower, in less memory.")
    seed: int = _key(0, "Fixes the split, the order and the initial adapter.")
    precision: str = _key("auto", "auto, fp32, fp16 or bf16; auto is bf16 or fp16 on a GPU, fp32 without.")
    temperature: float = _key(0.0, "0 takes the likeliest token; above it answers are drawn.")
    endpoint: str = _key("", "An OpenAI-compatible server in the place of a local model.")
    model_name: str = _key("", "The server's name of the model.")
    timeout: float = _key(300.0, "Seconds to wait for a server's answer.")
    others: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()

    def path(self, key: str) -> Path:
        """The file that a key names, from here or beside the configuration; raises UsageError if it is not set."""
        text = self.required(key)
        given = Path(text).expanduser()
        beside = self.folder / given
        return beside if not given.exists() and beside.exists() else given

    def required(self, key: str) -> str:
        text: str = getattr(self, key)
        if not text:
            hint = f"set it in the configuration (--config FILE), as --{key}, or as CHATHPC_{key.upper()}"
            raise UsageError(Diagnostic("error", f"{key} is not set", hint=hint))
        return text


KEYS: Mapping[str, dataclasses.Field[Any]] = MappingProxyType(
    {f.name: f for f in dataclasses.fields(Settings) if "help" in f.metadata}
)

_LEAST = {
    "max_training_tokens": 8,
    "max_response_tokens": 1,
    "lora_r": 1,
    "lora_alpha": 1,
    "steps": 1,
    "warmup_steps": 0,
    "batch_size": 1,
    "micro_batch_size": 1,
    "evaluate_every": 1,
    "save_every": 1,
    "seed": 0,
    "temperature": 0.0,
    "timeout": 1e-3,
    "learning_rate": 0.0,
}
_SHARES = ("lora_dropout", "held_out")


def settings_of(values: Mapping[str, Any], folder: Path) -> Settings:
    """Raises UsageError naming the key whose value is none."""
    known = {key: _converted(key, values[key]) for key in KEYS if values.get(key) is not None}
    for key, least in _LEAST.items():
        if key in known and known[key] < least:
            raise _no_value(key, known[key], f"the least is {least:g}")
    for key in _SHARES:
        if key in known and not 0 <= known[key] < 1:
            raise _no_value(key, known[key], "it is a share, from 0 to less than 1")
    if known.get("precision", "auto") not in PRECISIONS:
        raise _no_value("precision", known["precision"], f"one of {', '.join(PRECISIONS)}")
    others = {key: value for key, value in values.items() if key not in KEYS}
    return Settings(**known, others=others, folder=folder)


def _converted(key: str, value: Any) -> Any:
    """A value from a file, or a text from the environment, as the key's type."""
    kind = KEYS[key].type
    if kind == "bool":
        if isinstance(value, bool):
            return value
        text = str(value).strip().lower()
        if text in ("true", "1", "yes", "on", "false", "0", "no", "off"):
            return text in ("true", "1", "yes", "on")
    elif kind == "str" and isinstance(value, str):
        return value
    elif kind in ("int", "float") and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            raise _no_value(key, value, "a number is expected") from None
        if kind == "float" and number == number and abs(number) != float("inf"):
            return number
        if kind == "int" and number.is_integer():
            return int(value) if isinstance(value, str) and value.strip().lstrip("+-").isdigit() else int(number)
    expected = {"bool": "true or false", "str": "a text", "int": "a whole number", "float": "a number"}[str(kind)]
    raise _no_value(key, value, f"{expected} is expected")


def _no_value(key: str, value: Any, why: str) -> UsageError:
    return UsageError(Diagnostic("error", f"{key} cannot be {value!r}: {why}"))
