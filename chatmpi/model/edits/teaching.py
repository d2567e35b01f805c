"""Teaching the network: lessons in batches of like lengths, for a given time or number of passes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from chatmpi.model.edits.lessons import Lesson
from chatmpi.model.edits.network import LONGEST, tokens_of

IGNORED = -100
_CLIPPED = 1.0
_KEPT_EACH = 300.0  # seconds


@dataclass(frozen=True, slots=True)
class Course:
    """`tokens` in a batch; the learning rate rises over `warmup` of all steps and falls to a tenth of it."""

    passes: int = 8
    rate: float = 2e-3
    tokens: int = 2000
    warmup: float = 0.05
    seed: int = 0
    seconds: float = 1e9


def teach(
    model: Any,
    tokenizer: Any,
    lessons: Sequence[Lesson],
    course: Course,
    told: Callable[[int, int, float], None],
    kept: Callable[[float], object] = lambda loss: None,
) -> float:
    """Train in place; returns the mean loss of the last hundred steps. `told` gets step, steps, loss.

    `kept` is called every few minutes, so that the network can be written.
    """
    texts = [_tokens(tokenizer, x) for x in lessons]
    texts = [(q, a) for q, a in texts if len(q) + len(a) <= LONGEST]
    batches = _batches(texts, course.tokens)
    steps = len(batches) * course.passes
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=course.rate, betas=(0.9, 0.98), weight_decay=0.01)
    torch.manual_seed(course.seed)
    model.train()
    began, step = time.monotonic(), 0
    written = began
    recent: list[float] = []
    for number in range(course.passes):
        order = list(range(len(batches)))
        random.Random(f"{course.seed} {number}").shuffle(order)
        for k in order:
            share = max(step / steps, (time.monotonic() - began) / course.seconds)
            if share >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = course.rate * min(1.0, (step + 1) / (course.warmup * steps + 1), 1.1 - share)
            loss = _loss(model, tokenizer, [texts[i] for i in batches[k]])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, _CLIPPED)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            recent = [*recent[-99:], float(loss.detach())]
            told(step, steps, sum(recent) / len(recent))
            if time.monotonic() - written > _KEPT_EACH:
                kept(sum(recent) / len(recent))
                written = time.monotonic()
    model.eval()
    return sum(recent) / max(len(recent), 1)


def _tokens(tokenizer: Any, lesson: Lesson) -> tuple[list[int], list[int]]:
    answer = tokenizer(lesson.answer, add_special_tokens=False)["input_ids"]
    return tokens_of(tokenizer, lesson.question), [*answer, tokenizer.eos_token_id]


def _batches(texts: Sequence[tuple[list[int], list[int]]], tokens: int) -> list[list[int]]:
    ordered = sorted(range(len(texts)), key=lambda i: (len(texts[i][0]) + len(texts[i][1]), texts[i]))
    found: list[list[int]] = [[]]
    for i in ordered:
        longest = len(texts[i][0]) + len(texts[i][1])
        if found[-1] and longest * (len(found[-1]) + 1) > tokens:
            found.append([])
        found[-1].append(i)
    return found


def _loss(model: Any, tokenizer: Any, texts: Sequence[tuple[list[int], list[int]]]) -> Any:
    longest = max(len(q) + len(a) for q, a in texts)
    ids, labels = [], []
    for question, answer in texts:
        rest = longest - len(question) - len(answer)
        ids.append(question + answer + [tokenizer.pad_token_id] * rest)
        labels.append([IGNORED] * len(question) + answer + [IGNORED] * rest)
    inputs, wanted = torch.tensor(ids), torch.tensor(labels)
    network = model.base_model.model if hasattr(model, "peft_config") else model
    states = network.model(input_ids=inputs, attention_mask=(inputs != tokenizer.pad_token_id).long()).last_hidden_state
    chosen = wanted[:, 1:] != IGNORED  # only where an answer is predicted are the words' scores computed
    scores = network.lm_head(states[:, :-1][chosen])
    return torch.nn.functional.cross_entropy(scores.float(), wanted[:, 1:][chosen])
