"""Questions with their answers, from translations: what the small model learns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.model.edits.alignment import edits_of
from chatmpi.model.edits.changes import small, whole
from chatmpi.model.edits.library import with_library, without_library
from chatmpi.model.edits.questions import DROP, KEEP, Question, questions
from chatmpi.model.edits.slots import FreshNames, declared_afresh
from chatmpi.plan.plan import Plan

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
WORD = re.compile(r"\b[A-Za-z_]\w*\b(?!#)")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is asked, and the edit that answers it."""

    question: str
    answer: str


def lessons(program: tree.Program, plan: Plan, answer: str, with_plan: bool) -> Iterator[Lesson]:
    """From one translation of the generator's."""
    text = program.source.shown
    asked = list(questions(program, plan, with_plan))
    plain = [x for x in _uncommented(without_library(answer, text), text) if x.strip()]
    edits = edits_of(text.splitlines(), plain, {q.line for q in asked})
    for q in asked:
        yield Lesson(q.text, small(line_of(q), hidden(q, text.splitlines()[q.line], edits[q.line])))


def line_of(question: Question) -> str:
    """The line that is asked about, in slots."""
    return question.text.partition("\n")[0]


def _uncommented(answer: str, program: str) -> list[str]:
    """The lines of an answer without the comments that the generator writes."""
    kept = [m[0] for m in COMMENT.finditer(program)]
    own = COMMENT.sub(lambda m: m[0] if m[0] in kept else "", answer)
    return [line.rstrip() for line in own.splitlines()]


def hidden(question: Question, line: str, edit: list[str]) -> str:
    """An edit in the slots of its question, without the line's own indentation."""
    if edit == [line]:
        return KEEP
    if not edit:
        return DROP
    indent = line[: len(line) - len(line.lstrip())]
    lines = [x.removeprefix(indent) if x.strip() else "" for x in declared_afresh(edit, question.slots.names)]
    return question.slots.hide("\n".join(lines), grow=False)


def edited(program: tree.Program, answers: dict[int, tuple[Question, str]]) -> str:
    """The candidate that these answers make, by line."""
    source = program.source
    lines = source.shown.splitlines()
    shown = {k: question.slots.show(whole(line_of(question), answer)) for k, (question, answer) in answers.items()}
    words = {word for text in (source.shown, *shown.values()) for word in WORD.findall(text)}
    fresh = FreshNames(words)
    made: list[str] = []
    for number, line in enumerate(lines):
        question, answer = answers.get(number, (None, KEEP))
        if answer == KEEP or question is None:
            made.append(line)
        elif answer != DROP:
            indent = line[: len(line) - len(line.lstrip())]
            text = fresh.settle(shown[number])
            made += [indent + x if x else "" for x in text.split("\n")]
    return with_library("\n".join(made) + "\n", source.name.rsplit("/", 1)[-1])
