"""Training texts as tokens: which are learned, which are held out, and which make up the batch of a step."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chatmpi.model.prompt_template import Prompt

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Example:
    """`tokens[learned:]` are learned; with `cut`, the text was longer."""

    tokens: tuple[int, ...]
    learned: int
    cut: bool

    @property
    def weight(self) -> int:
        """How many predictions count: the first token of a text is predicted by nothing."""
        return len(self.tokens) - max(self.learned, 1)


def example(prompt: Prompt, answer: str, tokenizer: Any, longest: int, masked: bool) -> Example:
    """The whole text is tokenized at once, so that it is the text of inference with its answer behind it."""
    whole: list[int] = tokenizer(prompt.with_answer(answer))["input_ids"]
    if whole[-1] != tokenizer.eos_token_id:
        whole = [*whole, tokenizer.eos_token_id]
    learned = _common(whole, tokenizer(prompt.before)["input_ids"]) if masked else 0
    return Example(tuple(whole[:longest]), learned, len(whole) > longest)


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return same


def split(items: Sequence[Item], share: float, seed: int) -> tuple[list[Item], list[Item]]:
    """What is trained on, and a share that is held out, at least one if the share is not 0 and there are two."""
    count = min(max(round(len(items) * share), 1), len(items) - 1) if share > 0 else 0
    held = set(random.Random(seed).sample(range(len(items)), count))
    return [x for i, x in enumerate(items) if i not in held], [items[i] for i in sorted(held)]


def batch(step: int, size: int, count: int, seed: int) -> list[int]:
    """Which of `count` examples step number `step` (from 0) sees: pass after pass over all, each in an order of its
    own. It hangs on nothing but these numbers, so a training that goes on later sees the same."""
    first = step * size
    chosen: list[int] = []
    while len(chosen) < size:
        position = first + len(chosen)
        order = list(range(count))
        random.Random(f"{seed} {position // count}").shuffle(order)
        chosen += order[position % count :][: size - len(chosen)]
    return chosen


def micro_batches(chosen: Sequence[int], examples: Sequence[Example], size: int) -> list[list[int]]:
    """Texts of like lengths together: less padding."""
    ordered = sorted(chosen, key=lambda i: len(examples[i].tokens))
    return [ordered[i : i + size] for i in range(0, len(ordered), size)]


def learning_rate(step: int, highest: float, warmup: int, steps: int) -> float:
    """Of step number `step` (from 0): rising to `highest`, then falling to 0, in straight lines."""
    if step < warmup:
        return highest * (step + 1) / warmup
    return highest * max(0.0, (steps - step) / max(1, steps - warmup))
