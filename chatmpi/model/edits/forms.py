"""Forms of an edit's lines: what can follow what in a line, whichever slots, places and digits they are.

The network chooses among the forms that it was taught, a word at a time, and what is bound in them; a line of another
form is not forbidden, but must be much the likelier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import torch

from chatmpi.model.edits.slots import BOUND, MOST

FORMS = "forms.json"  # in the folder of the model
UNLIKELY = 4.0  # what a step out of all known forms costs, as a logarithm
_CLASSES = (*MOST, "@")
_PLACE = -len(_CLASSES)


def forms_of(edits: Iterable[str]) -> list[str]:
    """Each form once, as one line of it."""
    lines = {line for edit in edits for line in edit.split("\n")}
    return sorted({re.sub(r"(?:@0:)+", "@0:", BOUND.sub("0", line)) for line in lines})


@dataclass
class _Node:
    following: dict[int, _Node] = field(default_factory=dict)
    unknown: Any = None


class Forms:
    """Which tokens lead out of all forms, given those of an edit so far. Classes of tokens have negative numbers."""

    def __init__(self, tokenizer: Any, forms: Iterable[str]) -> None:
        self._class: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        for word, token in tokenizer.get_vocab().items():
            kind = _class_of(word)
            if kind:
                self._class[token] = kind
                self._members.setdefault(kind, []).append(token)
        self._size = len(tokenizer)
        (self._newline,) = tokenizer("\n", add_special_tokens=False)["input_ids"]
        self._root = _Node()
        ends = (self._newline, tokenizer.eos_token_id)
        for form in forms:
            node = self._root
            for token in tokenizer(form, add_special_tokens=False)["input_ids"]:
                kind = self._class.get(token, token)
                node = node.following.setdefault(kind, _Node())
                if kind == _PLACE:
                    node.following[kind] = node  # any number of places that stay
            for token in ends:
                node.following.setdefault(token, _Node())
        self._nowhere = torch.zeros(self._size, dtype=torch.bool)

    def unknown(self, edit: list[int]) -> Any:
        """A mask over all tokens."""
        newlines = [at for at, token in enumerate(edit) if token == self._newline]
        node = self._root
        for token in edit[newlines[-1] + 1 :] if newlines else edit:
            following = node.following.get(self._class.get(token, token))
            if following is None:
                return self._nowhere  # out of all forms already
            node = following
        if node.unknown is None:
            mask = torch.ones(self._size, dtype=torch.bool)
            for key in node.following:
                mask[self._members[key] if key < 0 else key] = False
            node.unknown = mask if node.following else self._nowhere
        return node.unknown


def _class_of(word: str) -> int:
    """Of a slot, a place or a digit; 0 for other words."""
    if len(word) == 1 and word.isdigit():
        return -len(_CLASSES) - 1
    if re.fullmatch(rf"[{''.join(MOST)}]\d+|@\d+:", word):
        return -1 - _CLASSES.index(word[0])
    return 0
