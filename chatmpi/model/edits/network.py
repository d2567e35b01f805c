"""The network of the small model: a Llama of a few layers, and a BPE tokenizer to whom every slot is one token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from chatmpi.model.edits.changes import PLACES
from chatmpi.model.edits.slots import MOST

PAD, BEGIN, END, ANSWER = "<pad>", "<s>", "</s>", "<answer>"
LONGEST = 1024  # tokens of a question with its answer


def bound_words() -> Iterator[str]:
    """What stands for something of one line: slots, and its places."""
    yield from (f"{kind}{number}" for kind, most in MOST.items() for number in range(most))
    yield from (f"@{number}:" for number in range(PLACES))


def new_tokenizer(texts: Iterable[str], vocabulary: int = 1024) -> Any:
    """Learned from questions and answers. Slots, digits and line ends stand alone, so that they can be copied."""
    slots = list(bound_words())
    made = Tokenizer(models.BPE(unk_token=None, byte_fallback=False))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\n|\d|#"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([PAD, BEGIN, END, ANSWER])
    made.add_tokens(slots)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[PAD, BEGIN, END, ANSWER],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=64,
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    made.add_tokens(slots)
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token=BEGIN, eos_token=END, pad_token=PAD)


def new_network(tokenizer: Any, width: int = 192, layers: int = 4) -> Any:
    """With random weights."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=3 * width,
            num_hidden_layers=layers,
            num_attention_heads=width // 32,
            num_key_value_heads=width // 32,
            max_position_embeddings=LONGEST,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            tie_word_embeddings=True,
        )
    )


def with_tokenizer(model: Any, old: Any, new: Any) -> Any:
    """A network that reads other tokens: those that it knew keep their vectors, others begin as the mean of parts."""
    known = model.get_input_embeddings().weight.detach().clone()
    ids = old.get_vocab()
    vectors = torch.zeros(len(new), known.shape[1])
    for word, number in new.get_vocab().items():
        text = new.decode([number], clean_up_tokenization_spaces=False)
        parts = [ids[word]] if word in ids else old(text, add_special_tokens=False)["input_ids"]
        vectors[number] = known[parts].mean(dim=0) if parts else known.mean(dim=0)
    model.resize_token_embeddings(len(new))
    with torch.no_grad():
        model.get_input_embeddings().weight.copy_(vectors)
    for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
        setattr(model.config, name, getattr(new, name))
        setattr(model.generation_config, name, getattr(new, name))
    return model


def tokens_of(tokenizer: Any, question: str) -> list[int]:
    """A question as the network reads it; its answer follows."""
    ids = tokenizer(question, add_special_tokens=False)["input_ids"]
    return [tokenizer.bos_token_id, *ids, tokenizer.convert_tokens_to_ids(ANSWER)]
