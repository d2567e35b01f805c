"""Questions with their answers, from translations: what the small model learns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.model.edits.alignment import edits_of
from chatmpi.model.edits.changes import small, whole
from chatmpi.model.edits.idioms import short, spelled
from chatmpi.model.edits.library import with_library, without_library
from chatmpi.model.edits.questions import DROP, KEEP, Question, questions
from chatmpi.model.edits.slots import OWN, UNIT, FreshNames, declared_afresh
from chatmpi.model.edits.wrapping import aligned, unaligned
from chatmpi.plan.plan import Plan

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_RENAMED = re.compile(rf"\bmpi_({OWN.pattern})\b")  # what the generator calls it where the program has the name
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
    met = Counter(word for edit in edits for word in set(WORD.findall("\n".join(edit))))
    shared = {word for word, count in met.items() if count > 1}
    for q in asked:
        edit = _indented(edits[q.line], unit_of(text), UNIT)
        line = _indented([text.splitlines()[q.line]], unit_of(text), UNIT)[0]
        yield Lesson(q.text, short(small(q.hidden, hidden(q, line, edit, shared))))


def unit_of(text: str) -> str:
    """What a program's lines are indented by."""
    found = re.search(r"^(\t|  +)\w", text, re.MULTILINE)
    return found[1] if found and len(found[1]) in (1, 2, 3, 4, 8) else UNIT


def _indented(lines: Iterable[str], unit: str, other: str) -> list[str]:
    """Lines with `other` for each `unit` before them."""

    def again(m: re.Match[str]) -> str:
        return other * (len(m[0]) // len(unit)) + " " * (len(m[0]) % len(unit))

    return [re.sub(rf"^(?:{unit[0]})+", again, x) for x in lines] if unit != other else list(lines)


def _uncommented(answer: str, program: str) -> list[str]:
    """The lines of an answer without the comments that the generator writes."""
    kept = [m[0] for m in COMMENT.finditer(program)]
    own = COMMENT.sub(lambda m: m[0] if m[0] in kept else "", answer)
    return [line.rstrip() for line in own.splitlines()]


def hidden(question: Question, line: str, edit: list[str], shared: Collection[str] = ()) -> str:
    """An edit in the slots of its question, without the line's own indentation. Other edits have the `shared` words."""
    if edit == [line]:
        return KEEP
    if not edit:
        return DROP
    indent = line[: len(line) - len(line.lstrip())]
    lines = [x.removeprefix(indent) if x.strip() else "" for x in declared_afresh(edit, question.slots.names, shared)]
    return _RENAMED.sub(r"\1", question.slots.hide("\n".join(unaligned(lines)), grow=False))


def shown_edit(question: Question, answer: str) -> str:
    """An answer as it stands in a program, but for fresh names: KEEP is the line."""
    return _shown(question, question.hidden if answer == KEEP else "" if answer == DROP else answer)


def _shown(question: Question, answer: str) -> str:
    """An answer without slots; names of its own that the program has too are the generator's for such a case."""
    slots = question.slots

    def apart(m: re.Match[str]) -> str:
        return f"mpi_{m[0]}" if m[0] in slots.names and OWN.fullmatch(m[0]) else m[0]

    return slots.show(WORD.sub(apart, whole(question.hidden, spelled(answer))))


def edited(program: tree.Program, answers: dict[int, tuple[Question, str]]) -> str:
    """The candidate that these answers make, by line."""
    source = program.source
    lines = source.shown.splitlines()
    shown = {k: _shown(question, answer) for k, (question, answer) in answers.items()}
    words = {word for text in (source.shown, *shown.values()) for word in WORD.findall(text)}
    fresh = FreshNames(words)
    made: list[str] = []
    for number, line in enumerate(lines):
        question, answer = answers.get(number, (None, KEEP))
        if answer == KEEP or question is None:
            made.append(line)
        elif answer != DROP:
            indent = line[: len(line) - len(line.lstrip())]
            own = _indented(aligned(fresh.settle(shown[number]).split("\n")), UNIT, unit_of(source.shown))
            made += [indent + x if x else "" for x in own]
    return with_library("\n".join(made) + "\n", source.name.rsplit("/", 1)[-1])
