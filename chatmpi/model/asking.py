"""Asking a model: what goes in, what comes back, whoever answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from chatmpi.model.prompt_template import Prompt, PromptTemplate
from chatmpi.model.results import Result
from chatmpi.model.tuples import Tuple

Shown = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Question:
    """`prompt` is for models that continue a text; `system` and `user` are for those that take messages."""

    prompt: Prompt
    user: str
    system: str = ""


@dataclass(frozen=True, slots=True)
class Sampling:
    """`temperature` 0 takes the likeliest token each time; `seed` makes draws repeatable where the model can."""

    tokens: int
    temperature: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """`cut`: the limit of tokens ended it."""

    text: str
    tokens: int
    seconds: float
    cut: bool = False


class Answerer(Protocol):
    """A model that can be asked, here or behind an endpoint."""

    @property
    def name(self) -> str: ...

    def answer(self, question: Question, sampling: Sampling, shown: Shown | None = None) -> Answer:
        """`shown` is given pieces of the answer as they come. Raises ChatmpiError."""
        ...


@dataclass
class Scripted:
    """Answers that are known beforehand, one after the other: for tests and replays."""

    answers: Iterator[str]
    name: str = "scripted"
    asked: list[Question] = field(default_factory=list)

    def answer(self, question: Question, sampling: Sampling, shown: Shown | None = None) -> Answer:
        self.asked.append(question)
        text = next(self.answers)
        if shown:
            shown(text)
        return Answer(text, len(text.split()), 0.0)


def question_of(item: Tuple, template: PromptTemplate) -> Question:
    """The system message is the item's own, or else its context, as ChatHPC asks servers."""
    prompt = template.prompt(item)
    user = f"{item.context}\n\n{item.question}" if item.system and item.context else item.question
    return Question(prompt, user, item.system or item.context)


def ask_all(
    items: tuple[Tuple, ...],
    template: PromptTemplate,
    answerer: Answerer,
    sampling: Sampling,
    progress: Callable[[Result, Answer], None],
) -> Iterator[tuple[Result, Answer]]:
    """Every question in turn."""
    for index, item in enumerate(items):
        question = question_of(item, template)
        answer = answerer.answer(question, sampling)
        training = question.prompt.with_answer(item.answer) if item.answer is not None else ""
        result = Result(index, item, question.prompt.before, training, answer.text)
        progress(result, answer)
        yield result, answer
