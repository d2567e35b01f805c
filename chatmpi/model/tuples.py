"""ChatHPC's data: lists of question, context and answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.documents import read_document

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "question": "question",
        "prompt": "question",
        "user": "question",
        "answer": "answer",
        "response": "answer",
        "assistant": "answer",
        "context": "context",
        "system": "system",
    }
)
"""ChatHPC's names, in any case, and which of the four they mean."""


@dataclass(frozen=True)
class Tuple:
    """One item: `answer` is None in tests without one; `others` are the keys that ChatHPC does not know."""

    question: str
    answer: str | None = None
    context: str = ""
    system: str = ""
    others: Mapping[str, Any] = field(default_factory=dict)

    def names(self) -> dict[str, Any]:
        """What a template may name; the answer is not among it."""
        said = {"question": self.question, "context": self.context, "system": self.system}
        return dict(self.others) | {alias: said[name] for alias, name in ALIASES.items() if name in said}

    def document(self) -> dict[str, Any]:
        """As it stands in a file."""
        said = {"question": self.question, "context": self.context, "answer": self.answer, "system": self.system}
        return {key: value for key, value in said.items() if value} | dict(self.others)


def read_tuples(path: Path, answers: bool) -> tuple[Tuple, ...]:
    """The items of a file; each has an answer if `answers`. Raises UsageError naming the item and its key."""
    content = read_document(path, "the data")
    if not isinstance(content, list):
        raise _broken(path, "is not a list of items")
    if not content:
        raise _broken(path, "has no items")
    return tuple(_tuple(item, f"item {index} of {str(path)!r}", answers) for index, item in enumerate(content))


def _tuple(item: Any, place: str, answers: bool) -> Tuple:
    if not isinstance(item, dict):
        raise _wrong(place, f"is {_kind(item)}, not an object with a question and an answer")
    said: dict[str, str] = {}
    written: dict[str, str] = {}
    others = {}
    for key, value in item.items():
        name = ALIASES.get(str(key).strip().lower())
        if name is None:
            others[str(key)] = value
        elif name in written and value is not None and value != said.get(name):
            raise _wrong(place, f"says its {name} twice, as {written[name]!r} and as {key!r}")
        elif value is not None:
            if not isinstance(value, str):
                raise _wrong(place, f"key {key!r} is {_kind(value)}, not a text", "put it in quotes")
            said[name], written[name] = value, str(key)
    if not said.get("question", "").strip():
        raise _wrong(place, "has no question", "its key is 'question', 'prompt' or 'user'")
    if answers and not said.get("answer", "").strip():
        raise _wrong(place, "has no answer", "its key is 'answer', 'response' or 'assistant'; only tests may lack it")
    return Tuple(said["question"], said.get("answer"), said.get("context", ""), said.get("system", ""), others)


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _broken(path: Path, reason: str) -> UsageError:
    hint = 'it looks like [{"question": "...", "context": "...", "answer": "..."}, ...]'
    return UsageError(Diagnostic("error", f"the data {str(path)!r} {reason}", hint=hint))


def _wrong(place: str, reason: str, hint: str = "") -> UsageError:
    return UsageError(Diagnostic("error", f"{place} {reason}", hint=hint))
