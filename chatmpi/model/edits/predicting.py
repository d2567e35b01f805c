"""The small model as a proposer: every line of a program asked about, and the candidate that its edits make."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.model.edits import SHIPPED, SHIPPED_NAME
from chatmpi.model.edits.lessons import edited
from chatmpi.model.edits.network import LONGEST, bound_words, tokens_of
from chatmpi.model.edits.questions import questions
from chatmpi.model.loading import load
from chatmpi.model.proposing import Proposal
from chatmpi.plan.plan import Plan

_TOGETHER = 16  # questions of like lengths
_ANSWER = 420  # tokens
_NO_OPTIONS = ParseOptions()


class _OnlyMet:
    """Slots and places of a line that the question does not have cannot be in its answer."""

    def __init__(self, bound: Any, questions: Any) -> None:
        met = torch.zeros(questions.shape[0], len(bound), dtype=torch.bool).scatter_(1, questions, True)
        self._never = bound & ~met

    def __call__(self, ids: Any, scores: Any) -> Any:
        return scores.masked_fill(self._never, float("-inf"))


@dataclass
class EditingModel:
    """Candidates by edits. With `number` 0 the likeliest edits are taken, else they are drawn."""

    model: Any
    tokenizer: Any
    name: str
    options: ParseOptions = _NO_OPTIONS
    temperature: float = 0.5

    @functools.cached_property
    def _bound(self) -> Any:
        """Which tokens are slots and places."""
        found = torch.zeros(self.model.config.vocab_size, dtype=torch.bool)
        found[self.tokenizer.convert_tokens_to_ids(list(bound_words()))] = True
        return found

    def propose(self, sequential: Source, plan: Plan | None, number: int) -> Proposal:
        began = time.monotonic()
        program = parse(sequential, self.options)
        asked = list(questions(program, plan or _nothing(sequential), plan is not None))
        answers, tokens, cut = self.answers([q.text for q in asked], number)
        code = edited(program, {q.line: (q, answer) for q, answer in zip(asked, answers, strict=True)})
        problem = "an edit was cut off by the limit of tokens" if cut else ""
        return Proposal(code, problem, tokens, time.monotonic() - began)

    def repair(self, sequential: Source, plan: Plan | None, refuted: Proposal, why: str, number: int) -> Proposal:
        """It does not read counterexamples: another draw is all that it has."""
        return self.propose(sequential, plan, number + 1)

    def answers(self, asked: Sequence[str], number: int = 0) -> tuple[list[str], int, bool]:
        """The edits, how many tokens they have, and whether one was cut off. Equal questions have equal answers."""
        torch.manual_seed(number)
        unlike = sorted(set(asked), key=lambda q: (len(q), q))
        found: dict[str, str] = {}
        count, cut = 0, False
        for first in range(0, len(unlike), _TOGETHER):
            some = unlike[first : first + _TOGETHER]
            texts = [tokens_of(self.tokenizer, q)[-(LONGEST - _ANSWER) :] for q in some]
            for question, made in zip(some, self._generated(texts, number), strict=True):
                cut |= self.tokenizer.eos_token_id not in made
                kept = [t for t in made if t not in (self.tokenizer.eos_token_id, self.tokenizer.pad_token_id)]
                count += len(kept)
                found[question] = self.tokenizer.decode(kept, clean_up_tokenization_spaces=False)
        return [found[q] for q in asked], count, cut

    def _generated(self, texts: list[list[int]], number: int) -> list[list[int]]:
        longest = max(map(len, texts))
        padding = self.tokenizer.pad_token_id
        ids = torch.tensor([[padding] * (longest - len(t)) + t for t in texts])
        drawn: dict[str, Any] = {"do_sample": True, "temperature": self.temperature} if number else {"do_sample": False}
        with torch.inference_mode():
            made = self.model.generate(
                input_ids=ids,
                attention_mask=(ids != padding).long(),
                max_new_tokens=_ANSWER,
                pad_token_id=padding,
                eos_token_id=self.tokenizer.eos_token_id,
                logits_processor=[_OnlyMet(self._bound, ids)],
                **drawn,
            )
        return [row[longest:] for row in made.tolist()]


def editing_model(folder: Path, adapter: Path | None, options: ParseOptions = _NO_OPTIONS) -> EditingModel:
    """Raises UnreadableInput, UsageError."""
    loaded = load(str(folder), str(adapter) if adapter else None, "fp32")
    name = (SHIPPED_NAME if folder == SHIPPED else folder.name) + (f" with {adapter.name}" if adapter else "")
    return EditingModel(loaded.model, loaded.tokenizer, name, options)


def _nothing(sequential: Source) -> Plan:
    return Plan(sequential.name, (), (), (), (), (), (), 0.0, ())
