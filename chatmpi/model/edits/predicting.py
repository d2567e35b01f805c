"""The small model as a proposer: every line of a program asked about, and the candidate that its edits make."""

from __future__ import annotations

import functools
import itertools
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from chatmpi.analysis import tree
from chatmpi.analysis.options import AS_USUAL, ParseOptions
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.model.documents import read_document
from chatmpi.model.edits import SHIPPED, SHIPPED_NAME
from chatmpi.model.edits.combinations import in_order
from chatmpi.model.edits.forms import FORMS, UNLIKELY, Forms
from chatmpi.model.edits.lessons import edited, lessons, shown_edit
from chatmpi.model.edits.network import LONGEST, bound_words, tokens_of
from chatmpi.model.edits.questions import Question, questions
from chatmpi.model.loading import load
from chatmpi.model.proposing import Proposal
from chatmpi.plan.plan import Plan

_TOGETHER = 16  # questions of like lengths
_ANSWER = 420  # tokens
_BEAMS = 4
_CERTAIN = 0.002  # doubt below which no other edit is tried
_DOUBTS = (0.7, 0.1, 0.01)  # from which on an edit is the templates'


@dataclass(frozen=True, slots=True)
class Edit:
    """An answer. `doubt`: minus the logarithm of its probability; `whole`: not cut off by the limit of tokens."""

    text: str
    doubt: float
    tokens: int
    whole: bool


@dataclass
class _Choices:
    """For one program: its questions, the edits of each, those of the last candidate, and those of the next ones."""

    key: tuple[str, Plan | None]
    program: tree.Program
    asked: list[Question]
    edits: dict[str, list[Edit]]
    chosen: dict[str, Edit] = field(default_factory=dict)
    others: Iterator[dict[str, Edit]] | None = None


class _Constrained:
    """Slots and places that the question does not have cannot be in its answer; unknown forms are unlikely."""

    def __init__(self, bound: Any, questions: Any, forms: Forms | None) -> None:
        met = torch.zeros(questions.shape[0], len(bound), dtype=torch.bool).scatter_(1, questions, True)
        self._never = bound & ~met
        self._asked, self._forms = questions.shape[1], forms

    def __call__(self, ids: Any, scores: Any) -> Any:
        if self._forms is not None:
            unknown = torch.stack([self._forms.unknown(row) for row in ids[:, self._asked :].tolist()])
            scores = scores - UNLIKELY * unknown
        return scores.masked_fill(self._never, float("-inf"))


@dataclass
class EditingModel:
    """Candidates by edits: the likeliest edit of every line, then combinations with others, the likeliest first."""

    model: Any
    tokenizer: Any
    name: str
    options: ParseOptions = AS_USUAL
    forms: Forms | None = None
    _choices: _Choices | None = None

    @functools.cached_property
    def _bound(self) -> Any:
        """Which tokens are slots and places."""
        found = torch.zeros(self.model.config.vocab_size, dtype=torch.bool)
        known = self.tokenizer.get_vocab()
        found[[known[word] for word in bound_words() if word in known]] = True
        return found

    def propose(self, sequential: Source, plan: Plan | None, number: int) -> Proposal:
        began = time.monotonic()
        choices = self._asked(sequential, plan)
        if number == 0:
            return _proposal(choices, {q: edits[0] for q, edits in choices.edits.items()}, began)
        self._find_others(choices)
        assert choices.others is not None
        chosen = next(choices.others, None)
        if chosen is None:
            return Proposal("", "it has no other edits", seconds=time.monotonic() - began)
        return _proposal(choices, chosen, began)

    def repair(self, sequential: Source, plan: Plan | None, refuted: Proposal, why: str, number: int) -> Proposal:
        """Of what a counterexample says it reads the lines: of the edits that made them, one is changed."""
        began = time.monotonic()
        choices = self._asked(sequential, plan)
        self._find_others(choices)
        suspects = [q.text for q in choices.asked if _made_one_of(q, choices.chosen[q.text], _named(refuted.code, why))]
        for q in sorted(dict.fromkeys(suspects), key=lambda q: -choices.chosen[q].doubt):
            left = choices.edits[q][choices.edits[q].index(choices.chosen[q]) + 1 :]
            if left:
                return _proposal(choices, choices.chosen | {q: left[0]}, began)
        return self.propose(sequential, plan, number + 1)

    def mended(self, sequential: Source, plan: Plan, template: Source) -> Iterator[Proposal]:
        """Candidates in which the edits that are in doubt are the templates', more and more of them."""
        told: set[str] = set()
        for most in _DOUBTS:
            began = time.monotonic()
            choices = self._asked(sequential, plan)
            own = {q: edits[0] for q, edits in choices.edits.items() if edits[0].doubt < most}
            taught = list(lessons(choices.program, plan, template.shown, True))
            chosen = {x.question: Edit(x.answer, 0.0, 0, True) for x in taught} | own
            made = _proposal(choices, chosen, began)
            count = sum(q.text not in own for q in choices.asked)
            if 0 < count < len(choices.asked) and made.code not in told:
                told.add(made.code)
                yield replace(made, edits=len(choices.asked), by_template=count)

    def _asked(self, sequential: Source, plan: Plan | None) -> _Choices:
        key = (sequential.text, plan)
        if self._choices is None or self._choices.key != key:
            program = parse(sequential, self.options)
            asked = list(questions(program, plan or _nothing(sequential), plan is not None))
            texts = list(dict.fromkeys(q.text for q in asked))
            edits = {q: [edit] for q, edit in zip(texts, self.answers(texts), strict=True)}
            self._choices = _Choices(key, program, asked, edits)
        return self._choices

    def _find_others(self, choices: _Choices) -> None:
        """Alternatives of the edits that are in doubt."""
        if choices.others is not None:
            return
        for q, edits in choices.edits.items():
            if edits[0].doubt > _CERTAIN:
                edits += {e.text: e for e in self.alternatives(q) if e.whole and e.text != edits[0].text}.values()
        choices.others = _combinations(choices.edits)

    def answers(self, asked: Sequence[str]) -> list[Edit]:
        """The likeliest edits. Equal questions have equal answers."""
        unlike = sorted(set(asked), key=lambda q: (len(q), q))
        found: dict[str, Edit] = {}
        for first in range(0, len(unlike), _TOGETHER):
            some = unlike[first : first + _TOGETHER]
            found |= dict(zip(some, self._generated(some), strict=True))
        return [found[q] for q in asked]

    def alternatives(self, question: str) -> list[Edit]:
        """Several edits for one question, by beam search, the likeliest first."""
        found = self._generated([question], num_beams=_BEAMS, num_return_sequences=_BEAMS, length_penalty=0.0)
        return sorted(found, key=lambda e: e.doubt)

    def _generated(self, asked: Sequence[str], **how: Any) -> list[Edit]:
        texts = [tokens_of(self.tokenizer, q)[-(LONGEST - _ANSWER) :] for q in asked]
        longest = max(map(len, texts))
        padding, end = self.tokenizer.pad_token_id, self.tokenizer.eos_token_id
        ids = torch.tensor([[padding] * (longest - len(t)) + t for t in texts])
        repeated = ids.repeat_interleave(how.get("num_beams", 1), dim=0)
        with torch.inference_mode():
            made = self.model.generate(
                input_ids=ids,
                attention_mask=(ids != padding).long(),
                max_new_tokens=_ANSWER,
                pad_token_id=padding,
                eos_token_id=end,
                do_sample=False,
                logits_processor=[_Constrained(self._bound, repeated, self.forms)],
                return_dict_in_generate=True,
                output_scores=True,
                **how,
            )
            beams = getattr(made, "beam_indices", None)
            likely = self.model.compute_transition_scores(made.sequences, made.scores, beams, normalize_logits=not how)
        found = []
        for row, scores in zip(made.sequences[:, longest:].tolist(), likely.tolist(), strict=True):
            length = row.index(end) + 1 if end in row else len(row)
            text = self.tokenizer.decode(row[: length - (end in row)], clean_up_tokenization_spaces=False)
            found.append(Edit(text, -sum(scores[:length]), length, end in row))
        return found


def _combinations(edits: dict[str, list[Edit]]) -> Iterator[dict[str, Edit]]:
    """All but the first, which is the likeliest."""
    places = list(edits)
    for choice in itertools.islice(in_order([[e.doubt for e in edits[q]] for q in places]), 1, None):
        yield {q: edits[q][k] for q, k in zip(places, choice, strict=True)}


def _named(code: str, why: str) -> set[str]:
    """The lines of a candidate that a counterexample names."""
    lines = code.split("\n")
    numbers = {int(n) for n in re.findall(r":(\d+):\d+: ", why)}
    return {lines[n - 1].strip() for n in numbers if n <= len(lines)} - {"", "{", "}"}


def _made_one_of(question: Question, edit: Edit, lines: set[str]) -> bool:
    made = {line.strip() for line in shown_edit(question, edit.text).split("\n")}
    return bool(made & lines)


def _proposal(choices: _Choices, chosen: dict[str, Edit], began: float) -> Proposal:
    choices.chosen = dict(chosen)
    code = edited(choices.program, {q.line: (q, chosen[q.text].text) for q in choices.asked})
    tokens = sum(edit.tokens for edit in chosen.values())
    problem = "" if all(e.whole for e in chosen.values()) else "an edit was cut off by the limit of tokens"
    return Proposal(code, problem, tokens, time.monotonic() - began, edits=len(choices.asked))


def editing_model(folder: Path, adapter: Path | None, options: ParseOptions = AS_USUAL) -> EditingModel:
    """Raises UnreadableInput, UsageError."""
    torch.set_num_threads(1)  # matrices of its size gain nothing by more
    loaded = load(str(folder), str(adapter) if adapter else None, "fp32")
    name = (SHIPPED_NAME if folder == SHIPPED else folder.name) + (f" with {adapter.name}" if adapter else "")
    known = list(_known_forms(folder, adapter))
    forms = Forms(loaded.tokenizer, known) if known else None
    return EditingModel(loaded.model, loaded.tokenizer, name, options, forms)


def _known_forms(*folders: Path | None) -> Iterator[str]:
    for folder in folders:
        if folder is not None and (folder / FORMS).exists():
            yield from read_document(folder / FORMS, "the forms of edits")


def _nothing(sequential: Source) -> Plan:
    return Plan(sequential.name, (), (), (), (), (), (), 0.0, ())
