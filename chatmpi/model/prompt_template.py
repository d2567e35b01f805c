"""The prompt's template: Jinja2 with exactly one answer slot, so that training and inference read the same text.

What stands before the slot is the prompt. What stands behind it ends an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.settings import Settings
from chatmpi.model.tuples import ALIASES, Tuple

ANSWER_SLOTS = tuple(alias for alias, name in ALIASES.items() if name == "answer")
QUESTION_SLOTS = tuple(alias for alias, name in ALIASES.items() if name == "question")

_SLOT = "\x00the answer\x00"
_ENVIRONMENT = SandboxedEnvironment(autoescape=False, keep_trailing_newline=True)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked, and what follows its answer in training texts."""

    before: str
    after: str

    def with_answer(self, answer: str) -> str:
        return self.before + answer + self.after


@dataclass(frozen=True)
class PromptTemplate:
    """A template that was checked."""

    text: str
    compiled: jinja2.Template

    def prompt(self, item: Tuple) -> Prompt:
        """Raises UsageError if the template cannot be rendered, or a condition hides or repeats the slot."""
        try:
            rendered = self.compiled.render(item.names() | dict.fromkeys(ANSWER_SLOTS, _SLOT))
        except jinja2.TemplateError as error:
            raise _bad(f"the prompt template cannot be rendered: {error.message}") from None
        except (TypeError, ValueError, ArithmeticError) as error:
            raise _bad(f"the prompt template cannot be rendered: {error}") from None
        parts = rendered.split(_SLOT)
        if len(parts) != 2:
            raise _bad(f"the prompt template shows its answer slot {len(parts) - 1} times in a prompt, not once")
        return Prompt(*parts)

    def check_names(self, items: Iterable[Tuple]) -> None:
        """Raises UsageError if the template names what no item has: a misspelling would train on nothing."""
        named = meta.find_undeclared_variables(_ENVIRONMENT.parse(self.text)) - set(ALIASES)
        for item in items:
            named -= set(item.others)
        if named:
            raise _bad(f"the prompt template names {sorted(named)[0]!r}, which no item of the data has")


def prompt_template(text: str) -> PromptTemplate:
    """Raises UsageError for a template that is none, or has not exactly one answer slot, or no question."""
    try:
        tree = _ENVIRONMENT.parse(text)
        compiled = _ENVIRONMENT.from_string(text)
    except jinja2.TemplateSyntaxError as error:
        raise _bad(f"the prompt template is not Jinja2: line {error.lineno}: {error.message}") from None
    names = [node.name for node in tree.find_all(nodes.Name)]
    slots = sum(name in ANSWER_SLOTS for name in names)
    if slots != 1:
        raise _bad(f"the prompt template has {slots or 'no'} answer slots{' instead of one' if slots else ''}")
    if not any(name in QUESTION_SLOTS for name in names):
        raise _bad("the prompt template has no question", "write {{ question }} where it shall stand")
    return PromptTemplate(text, compiled)


def template_of(settings: Settings) -> PromptTemplate:
    """The template that the settings name, in a file or as such. Raises UsageError."""
    if settings.prompt_template and settings.prompt_template_file:
        raise _bad("prompt_template and prompt_template_file are both set", "keep one of them")
    if settings.prompt_template:
        return prompt_template(settings.prompt_template)
    if not settings.prompt_template_file:
        hint = "set one of them; the slot where answers stand is written {{ answer }}"
        if "training_prompt" in settings.others:
            hint = "training_prompt is an older form: write it as prompt_template, with {{ question }} and {{ answer }}"
        raise _bad("neither prompt_template_file nor prompt_template is set", hint)
    path = settings.path("prompt_template_file")
    try:
        return prompt_template(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _bad(f"the prompt template {str(path)!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _bad(f"the prompt template {str(path)!r} is not a text in UTF-8") from None


_HINT = "one slot, written {{ answer }}, stands where the model's answer goes"


def _bad(message: str, hint: str = _HINT) -> UsageError:
    return UsageError(Diagnostic("error", message, hint=hint))
