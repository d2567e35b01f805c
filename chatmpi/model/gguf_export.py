"""A model as GGUF, for Ollama and llama.cpp, with the Modelfile that Ollama takes.

The names of tensors and fields are those of the package `gguf`. What it does not know, or what would be read as
something else, is refused: llama.cpp's own convert_hf_to_gguf.py knows more kinds of models.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from safetensors import safe_open

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput, UsageError
from chatmpi.model.documents import write_text
from chatmpi.model.edits import EDITS
from chatmpi.model.folders import ADAPTER_CONFIG, check_model, tensors_in
from chatmpi.model.prompt_template import PromptTemplate
from chatmpi.model.tuples import Tuple

_KINDS = {
    "llama": gguf.MODEL_ARCH.LLAMA,  # DeepSeek-Coder too
    "mistral": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "starcoder2": gguf.MODEL_ARCH.STARCODER2,
}
_TYPES = {"f32": gguf.LlamaFileType.ALL_F32, "f16": gguf.LlamaFileType.MOSTLY_F16}
_NORMAL, _CONTROL, _USER = 1, 3, 4  # of tokens, as llama.cpp counts


def export(model: Path, place: Path, precision: str, told: Callable[[str], None]) -> None:
    """Write `place`. `told` gets what a reader may see otherwise. Raises UnreadableInput, UsageError."""
    _check(model)
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    kind = _KINDS.get(config.get("model_type", ""))
    if kind is None:
        raise _refused(model, f"is of the kind {config.get('model_type')!r}", f"exported are: {', '.join(_KINDS)}")
    beside = place.with_name(f".{place.name}.{os.getpid()}.new")
    writer = gguf.GGUFWriter(beside, gguf.MODEL_ARCH_NAMES[kind], use_temp_file=True)
    try:
        _hyperparameters(writer, model, config)
        writer.add_file_type(_TYPES[precision])
        _tokenizer(writer, model, config, told)
        names = gguf.get_tensor_name_map(kind, config["num_hidden_layers"])
        for name, tensor in _tensors(model):
            if name == "lm_head.weight" and config.get("tie_word_embeddings"):
                continue
            target = names.get_name(name, try_suffixes=(".weight", ".bias"))
            if target is None:
                raise _refused(model, f"has weights {name!r}, which GGUF has no name for in models of its kind")
            writer.add_tensor(target, _array(_permuted(name, tensor, kind, config), precision))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        os.replace(beside, place)
    finally:
        beside.unlink(missing_ok=True)


def write_modelfile(place: Path, weights: Path, template: PromptTemplate, temperature: float, tokens: int) -> None:
    """What `ollama create NAME -f Modelfile` reads; the prompt is the one of the training."""
    prompt = template.prompt(Tuple("{{ .Prompt }}", context="{{ .System }}"))
    ending = prompt.after.strip()
    lines = [
        f"FROM ./{weights.name}",
        f'TEMPLATE """{prompt.before}{{{{ .Response }}}}{prompt.after}"""',
        f"PARAMETER temperature {temperature}",
        f"PARAMETER num_predict {tokens}",
        *([f'PARAMETER stop "{ending}"'] if ending else []),
    ]
    write_text(place, "\n".join(lines) + "\n")


def _check(model: Path) -> None:
    if (model / ADAPTER_CONFIG).exists() and not (model / "config.json").exists():
        raise _refused(model, "holds an adapter", "'chatmpi model merge' writes it and its base as one model")
    if not model.is_dir():
        raise _refused(model, "is no folder", "'chatmpi model train' and 'merge' write merged_model_path")
    check_model(str(model))
    if (model / EDITS).exists():
        raise _refused(model, "answers with edits, which other programs cannot use", "export a model that writes text")


def _hyperparameters(writer: Any, model: Path, config: dict[str, Any]) -> None:
    heads = config["num_attention_heads"]
    rope = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    writer.add_name(model.name)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.get("num_key_value_heads") or heads)
    writer.add_rope_dimension_count(config.get("head_dim") or config["hidden_size"] // heads)
    writer.add_rope_freq_base(float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0))
    writer.add_vocab_size(config["vocab_size"])
    if "rms_norm_eps" in config:
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    else:
        writer.add_layer_norm_eps(config.get("norm_epsilon", 1e-5))
    scaling = rope.get("rope_type") or rope.get("type") or "default"
    if scaling == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(float(rope["factor"]))
    elif scaling != "default":
        raise _refused(model, f"scales its positions by {scaling!r}", "exported are models with linear scaling or none")


def _tokenizer(writer: Any, model: Path, config: dict[str, Any], told: Callable[[str], None]) -> None:
    """A BPE of bytes. Raises UsageError for another."""
    file = model / "tokenizer.json"
    content = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if content.get("model", {}).get("type") != "BPE" or "ByteLevel" not in json.dumps(content.get("decoder")):
        raise _refused(model, "has a tokenizer that is no BPE of bytes")
    by_id = {number: token for token, number in content["model"]["vocab"].items()}
    types = dict.fromkeys(by_id, _NORMAL)
    for added in content.get("added_tokens", []):
        by_id[added["id"]] = added["content"]
        types[added["id"]] = _CONTROL if added["special"] else _USER
    for number in range(config["vocab_size"]):
        by_id.setdefault(number, f"[PAD{number}]")
        types.setdefault(number, _USER)
    order = range(max(by_id) + 1)
    merges = [m if isinstance(m, str) else " ".join(m) for m in content["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_cutting(json.dumps(content.get("pre_tokenizer")), told))
    writer.add_token_list([by_id[k].encode("utf-8") for k in order])
    writer.add_token_types([types[k] for k in order])
    writer.add_token_merges(merges)
    for name, add in (("bos", writer.add_bos_token_id), ("eos", writer.add_eos_token_id)):
        token: Any = config.get(f"{name}_token_id")
        if isinstance(token, list):
            token = token[0]
        if token is not None:
            add(token)
    writer.add_add_bos_token("TemplateProcessing" in json.dumps(content.get("post_processor")))


def _cutting(pre_tokenizer: str, told: Callable[[str], None]) -> str:
    """llama.cpp's name for how texts are cut into words."""
    known = (
        (r"\\p{N}{1,3}", "llama-bpe"),
        (r"\\s?\\p{L}+", "deepseek-coder"),
        (r"\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|", "qwen2"),
        ('"Digits"', "starcoder"),
    )
    for sign, name in known:
        if sign in pre_tokenizer:
            return name
    if '"use_regex": true' in pre_tokenizer and "Sequence" not in pre_tokenizer:
        return "gpt-2"
    told("how its tokenizer cuts texts into words has no name in llama.cpp: taken as GPT-2's; answers may differ")
    return "gpt-2"


def _tensors(model: Path) -> Iterator[tuple[str, Any]]:
    for file in sorted(model.glob("*.safetensors")):
        tensors_in(file)
        with safe_open(file, framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118
                yield name, opened.get_tensor(name)


def _permuted(name: str, tensor: Any, kind: Any, config: dict[str, Any]) -> Any:
    """llama.cpp rotates neighbouring pairs in Llama's queries and keys, transformers halves."""
    found = re.search(r"\.([qk])_proj\.(weight|bias)$", name)
    if kind != gguf.MODEL_ARCH.LLAMA or found is None:
        return tensor
    heads = config["num_attention_heads"]
    heads = heads if found[1] == "q" else config.get("num_key_value_heads") or heads
    rest = tensor.shape[1:]
    return tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, *rest).swapaxes(1, 2).reshape(tensor.shape)


def _array(tensor: Any, precision: str) -> Any:
    kept = precision == "f32" or tensor.dim() < 2
    array = tensor.to(torch.float32 if kept else torch.float16).numpy()
    if not kept and not math.isfinite(float(np.abs(array).max())):
        message = "weights are too large for f16"
        raise UsageError(Diagnostic("error", message, hint="--type f32 exports them"))
    return np.ascontiguousarray(array)


def _refused(model: Path, reason: str, hint: str = "llama.cpp's convert_hf_to_gguf.py knows more") -> UnreadableInput:
    return UnreadableInput(Diagnostic("error", f"{str(model)!r} {reason}: it cannot be exported", hint=hint))
