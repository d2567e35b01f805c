"""Tiny models with random weights, of the architectures that people tune; each with a tokenizer of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEXTS = [
    "You translate.\n### Question:\nint main(void) { return 0; }\n### Answer:\n",
    "for (int i = 0; i < n; i++) sum += x[i] * y[i];\n",
    "MPI_Allreduce(&part, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);\n",
]
ARCHITECTURES = ("llama", "qwen2", "starcoder2", "deepseek-coder", "gpt_bigcode", "mistral")


def tokenizer(vocabulary: int = 320) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=["<pad>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(TEXTS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def tiny_model(folder: Path, architecture: str = "llama", width: int = 32) -> Path:
    """Write one into `folder`, in safetensors."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    tokens = tokenizer()
    common = {"vocab_size": len(tokens), "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    if architecture == "gpt_bigcode":
        sizes: dict[str, Any] = {"n_embd": width, "n_layer": 2, "n_head": 2, "n_positions": 256}
    else:
        sizes = {
            "hidden_size": width,
            "intermediate_size": 2 * width,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "max_position_embeddings": 256,
        }
    if architecture == "deepseek-coder":  # a Llama with positions that are scaled
        architecture = "llama"
        sizes |= {"rope_parameters": {"rope_type": "linear", "factor": 4.0, "rope_theta": 100000.0}}
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(architecture, **common, **sizes))
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder
