"""Teaching the network: lessons in batches of like lengths, for some passes; what a stop interrupts goes on later."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from chatmpi.model.edits.halfway import Halfway
from chatmpi.model.edits.lessons import Lesson
from chatmpi.model.edits.network import LONGEST, tokens_of
from chatmpi.model.edits.optimizer import new_optimizer

IGNORED = -100
_CLIPPED = 1.0
_KEPT_EACH = 240.0  # seconds


@dataclass(frozen=True, slots=True)
class Course:
    """`tokens` in a batch. In a pass a lesson comes as often as the square root of `met` says.

    The learning rate rises over `warmup` steps, or a tenth of all, and falls to nothing over the last `ending` of all.
    """

    passes: int = 8
    rate: float = 4e-3
    tokens: int = 1500
    warmup: int = 100
    ending: float = 0.4
    seed: int = 0


@dataclass
class _Standing:
    """How far teaching is."""

    step: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)

    @property
    def loss(self) -> float:
        return sum(self.losses) / max(len(self.losses), 1)


Text = tuple[list[int], list[int]]  # the tokens of a question and of its answer
_ALIKE = 8  # tokens by which texts of a batch may differ
_MOST = 32  # texts of a batch: of many short ones each would count for little


def teach(
    model: Any,
    tokenizer: Any,
    lessons: Sequence[Lesson],
    course: Course,
    told: Callable[[int, int, float], None],
    halfway: Path | None = None,
) -> tuple[float, float]:
    """Train in place; returns the mean loss of the last hundred steps, and the processor seconds.

    `told` gets step, steps, loss. In `halfway` the state is kept every few minutes, and taken up if there is one of
    this very course.
    """
    texts = [text for x in lessons for text in [_tokens(tokenizer, x)] * round(math.sqrt(x.met))]
    texts = [text for text in texts if sum(map(len, text)) <= LONGEST]
    steps = sum(len(_batches(texts, course, number)) for number in range(course.passes))
    warmup = min(course.warmup, steps // 10)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = new_optimizer(model, course.rate)
    torch.manual_seed(course.seed)
    model.train()
    kept = Halfway(halfway, model, optimizer, _key(texts, course)) if halfway else None
    at = _Standing(*kept.taken_up()) if kept else _Standing()
    began = time.process_time() - at.seconds
    written = time.monotonic()
    for batch in _remaining(texts, course, at.step):
        optimizer.pace(min(1.0, (at.step + 1) / (warmup + 1), (1 - at.step / steps) / course.ending))
        loss = _loss(model, tokenizer, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, _CLIPPED)
        optimizer.step()
        at.step += 1
        at.losses = [*at.losses[-99:], float(loss.detach())]
        told(at.step, steps, at.loss)
        if kept and time.monotonic() - written > _KEPT_EACH:
            kept.write(at.step, time.process_time() - began, at.losses)
            written = time.monotonic()
    model.eval()
    return at.loss, time.process_time() - began


def _key(texts: Sequence[Text], course: Course) -> str:
    """What a state halfway must be of; the number of passes may be changed until the ending begins."""
    digest = sum(len(q) + 3 * len(a) for q, a in texts)
    return f"{course.rate} {course.tokens} {course.warmup} {course.seed} {digest}"


def _remaining(texts: Sequence[Text], course: Course, step: int) -> Iterator[list[Text]]:
    """The batches from `step` on."""
    for number in range(course.passes):
        batches = _batches(texts, course, number)
        yield from batches[step:]
        step = max(0, step - len(batches))


def _tokens(tokenizer: Any, lesson: Lesson) -> Text:
    answer = tokenizer(lesson.answer, add_special_tokens=False)["input_ids"]
    return tokens_of(tokenizer, lesson.question), [*answer, tokenizer.eos_token_id]


def _batches(texts: Sequence[Text], course: Course, number: int) -> list[list[Text]]:
    """Of pass `number`, in a random order."""
    rng = random.Random(f"{course.seed} {number}")
    lengths = [len(question) + len(answer) for question, answer in texts]
    order = sorted(range(len(texts)), key=lambda k: (lengths[k] // _ALIKE, rng.random()))
    found: list[list[Text]] = [[]]
    longest = 0
    for k in order:
        longest = max(longest, lengths[k])
        if len(found[-1]) == _MOST or (found[-1] and longest * (len(found[-1]) + 1) > course.tokens):
            found.append([])
            longest = lengths[k]
        found[-1].append(texts[k])
    rng.shuffle(found)
    return found


def _loss(model: Any, tokenizer: Any, texts: Sequence[Text]) -> Any:
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
