"""Candidates from a language model: what it is asked, what is taken out of its answer, and how it is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from typing import Protocol, runtime_checkable

import jinja2

from chatmpi.analysis.source import Source
from chatmpi.model.asking import Answerer, Question, Sampling, question_of
from chatmpi.model.extraction import extract
from chatmpi.model.plan_context import plan_context
from chatmpi.model.prompt_template import PromptTemplate, prompt_template
from chatmpi.model.tuples import Tuple
from chatmpi.plan.plan import Plan

CONTEXT = "Sequential to MPI translation"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A candidate's text, `""` if there is none; `problem` says why, or what is odd about it.

    Where it was made by edits, `edits` is their number, and `by_template` of them are the templates'.
    """

    code: str
    problem: str = ""
    tokens: int = 0
    seconds: float = 0.0
    answer: str = ""
    edits: int = 0
    by_template: int = 0


class Proposer(Protocol):
    """Whoever makes candidates. `number` counts them, from 0; candidates of other numbers may be others."""

    @property
    def name(self) -> str: ...

    def propose(self, sequential: Source, plan: Plan | None, number: int) -> Proposal:
        """Raises ChatmpiError if the model cannot be asked."""
        ...

    def repair(self, sequential: Source, plan: Plan | None, refuted: Proposal, why: str, number: int) -> Proposal:
        """Another candidate in the place of one that was refuted. Raises ChatmpiError."""
        ...


@runtime_checkable
class Mending(Protocol):
    """A proposer that knows of which edits it is unsure."""

    def mended(self, sequential: Source, plan: Plan, template: Source) -> Iterator[Proposal]:
        """Candidates in which edits that are in doubt are the templates'."""
        ...


@dataclass(frozen=True)
class AskedModel:
    """A language model, here or behind an endpoint, that answers with whole programs or with diffs."""

    answerer: Answerer
    template: PromptTemplate
    sampling: Sampling

    @property
    def name(self) -> str:
        return self.answerer.name

    def propose(self, sequential: Source, plan: Plan | None, number: int) -> Proposal:
        return self._asked(translation_question(sequential, plan), sequential, number)

    def repair(self, sequential: Source, plan: Plan | None, refuted: Proposal, why: str, number: int) -> Proposal:
        question = translation_question(sequential, plan)
        candidate = refuted.code or refuted.answer
        text = shown("repair", why=why, candidate=candidate.rstrip(), question=question)
        return self._asked(text, sequential, number)

    def _asked(self, text: str, sequential: Source, number: int) -> Proposal:
        question: Question = question_of(Tuple(text, context=CONTEXT), self.template)
        answer = self.answerer.answer(question, replace(self.sampling, seed=self.sampling.seed + number))
        found = extract(answer.text, sequential.shown, answer.cut)
        return Proposal(found.code, found.problem, answer.tokens, answer.seconds, answer.text)


def translation_question(sequential: Source, plan: Plan | None) -> str:
    """What a model is asked, in training as in use; without a plan, it is asked without it."""
    return shown("translate", plan=plan_context(plan) if plan else "", program=sequential.shown.rstrip())


def own_template() -> PromptTemplate:
    """The template of models that chatmpi tunes, where the configuration names none."""
    source, _, _ = _environment().loader.get_source(_environment(), "model")  # type: ignore[union-attr]
    return prompt_template(source)


def shown(name: str, **values: str) -> str:
    """templates/prompt/<name>.j2, filled in."""
    return _environment().get_template(name).render(**values).strip("\n")


def _environment() -> jinja2.Environment:
    def load(name: str) -> str:
        return resources.files("chatmpi.templates").joinpath("prompt", f"{name}.j2").read_text(encoding="utf-8")

    loader = jinja2.FunctionLoader(load)
    return jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
