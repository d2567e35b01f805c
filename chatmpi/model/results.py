"""Results of asking a model all questions of a file, in ChatHPC's form, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.tuples import ALIASES, Tuple


@dataclass(frozen=True, slots=True)
class Result:
    """One question with what was answered; `training_prompt` is empty where there is no expected answer."""

    index: int
    item: Tuple
    prompt: str
    training_prompt: str
    response: str

    @property
    def matches(self) -> bool | None:
        """ChatHPC's measure: the same text, but for white space at the ends of lines. None without an answer."""
        return None if self.item.answer is None else same_text(self.response, self.item.answer)

    def document(self) -> dict[str, Any]:
        said = {
            "index": self.index,
            "prompt": self.prompt,
            "training_prompt": self.training_prompt,
            "context": self.item.context,
            "question": self.item.question,
            "answer": self.item.answer,
            "response": self.response,
        }
        return {key: value for key, value in said.items() if value not in ("", None) or key == "response"}


def same_text(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def markdown(documents: Iterable[Any], ratings: bool = False) -> str:
    """Items or results for people to read, as ChatHPC exports them; with `ratings`, room to rate each.

    Raises UsageError if they are not a list of objects.
    """
    if not isinstance(documents, list) or not all(isinstance(d, dict) for d in documents):
        raise UsageError(Diagnostic("error", "only a list of items or of results can be written as Markdown"))
    lines = ["# Questions and answers", ""]
    for index, document in enumerate(documents):
        lines += [f"## Index {document.get('index', index)}", ""]
        for title, keys in _SECTIONS:
            said = {str(key).lower(): value for key, value in document.items() if value}
            text = next((str(said[key]) for key in keys if key in said), "")
            if text:
                lines += [f"### {title}", "", *_shown(text), ""]
        if ratings:
            lines += ["### Rating", "", "### Rating notes", ""]
    return "\n".join(lines)


_QUESTION = ("question", "user")
_SECTIONS = (
    ("System", ("system",)),
    ("Context", ("context",)),
    ("Question", (*_QUESTION, "prompt")),
    ("Answer", ("answer",)),
    ("Response", ("response", "assistant")),
)
assert {k for _, keys in _SECTIONS for k in keys} == set(ALIASES)


def _shown(text: str) -> list[str]:
    """Programs in a fence that none of their own lines closes."""
    if "\n" not in text.strip() or "```" in text:
        return [text]
    return ["```c", *text.strip("\n").splitlines(), "```"] if ";" in text else [text]
