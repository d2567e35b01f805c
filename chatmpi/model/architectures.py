"""Which modules of a model an adapter is put on: the projections of its attention, by whatever name.

ChatHPC adapts q, k, v and o. Llama, Mistral, Qwen2, DeepSeek and StarCoder2 call them so; GPT-2 and GPT-BigCode have
one module for the first three, and other names for the last.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatmpi.analysis.diagnostics import Diagnostic, UsageError

_ATTENTION = (
    ("q_proj", "k_proj", "v_proj", "o_proj"),  # Llama, Mistral, Qwen2, DeepSeek, StarCoder2, Gemma, Phi-2 but for o
    ("q_proj", "k_proj", "v_proj", "out_proj"),  # OPT, CodeGen's kin
    ("q_proj", "k_proj", "v_proj", "dense"),  # Phi
    ("qkv_proj", "o_proj"),  # Phi-3
    ("query_key_value", "dense"),  # GPT-NeoX, Falcon
    ("q_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj"),  # DeepSeek-V2
    ("c_attn", "c_proj"),  # GPT-2, GPT-BigCode (StarCoder 1)
    ("Wqkv", "out_proj"),  # MPT
)


def target_modules(names: Iterable[str], wanted: str = "") -> list[str]:
    """The modules to adapt of a model with modules of these names; `wanted`, separated by commas, if given.

    Raises UsageError if the model has no such modules.
    """
    last = {name.rpartition(".")[2] for name in names}
    asked = [name.strip() for name in wanted.split(",") if name.strip()]
    if asked:
        missing = [name for name in asked if name not in last]
        if missing:
            message = f"the base model has no modules {', '.join(missing)} to adapt"
            raise UsageError(Diagnostic("error", message, hint="see --lora_targets"))
        return asked
    found = next((list(kind) for kind in _ATTENTION if last.issuperset(kind)), None)
    if found is None:
        message = "the projections of the base model's attention are not known by their names"
        raise UsageError(Diagnostic("error", message, hint="say which modules to adapt with --lora_targets"))
    return found
