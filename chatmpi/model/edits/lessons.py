"""Questions with their answers, from translations: what the small model learns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.model.edits.alignment import edits_of
from chatmpi.model.edits.changes import small, whole
from chatmpi.model.edits.idioms import short, spelled
from chatmpi.model.edits.indenting import OWN_LINE, Layout, unit_of
from chatmpi.model.edits.library import with_library, without_library
from chatmpi.model.edits.questions import DROP, KEEP, Question, questions, statement_ends
from chatmpi.model.edits.slots import OWN, FreshNames, declared_afresh
from chatmpi.model.edits.wrapping import GOES_ON, unaligned
from chatmpi.plan.plan import Plan

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_RENAMED = re.compile(rf"\bmpi_({OWN.pattern})\b")  # what the generator calls it where the program has the name
WORD = re.compile(r"\b[A-Za-z_]\w*\b(?!#)")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is asked, and the edit that answers it; how many times that was met."""

    question: str
    answer: str
    met: int = 1


def lessons(program: tree.Program, plan: Plan, answer: str, with_plan: bool) -> Iterator[Lesson]:
    """From one translation of the generator's."""
    text = program.source.shown
    asked = list(questions(program, plan, with_plan))
    plain = [x for x in _uncommented(without_library(answer, text), text) if x.strip()]
    edits = edits_of(text.splitlines(), plain, {q.line for q in asked})
    met = Counter(word for edit in edits for word in set(WORD.findall("\n".join(edit))))
    shared = {word for word, count in met.items() if count > 1}
    for q in asked:
        said = hidden(q, text.splitlines()[q.line], edits[q.line], shared)
        yield Lesson(q.text, short(small(q.hidden, said), q.known))


def _uncommented(answer: str, program: str) -> list[str]:
    """The lines of an answer without the comments that the generator writes."""
    kept = [m[0] for m in COMMENT.finditer(program)]
    own = COMMENT.sub(lambda m: m[0] if m[0] in kept else "", answer)
    return [line.rstrip() for line in own.splitlines()]


def hidden(question: Question, line: str, edit: list[str], shared: Collection[str] = ()) -> str:
    """An edit in the slots of its question, without indentation. Other edits have the `shared` words."""
    lines = [x if x.startswith(GOES_ON) else x.strip() for x in unaligned(edit)]
    if lines == [line.strip()]:
        return KEEP
    if not lines:
        return DROP
    lines = declared_afresh(lines, question.slots.names, shared)
    return _RENAMED.sub(r"\1", question.slots.hide("\n".join(lines), grow=False))


def shown_edit(question: Question, answer: str) -> str:
    """An answer as it stands in a program, but for indentation and fresh names."""
    return _shown(question, answer).replace(OWN_LINE, "")


def _shown(question: Question, answer: str) -> str:
    """An answer without slots; names of its own that the program has too are the generator's for such a case."""
    slots = question.slots

    def apart(m: re.Match[str]) -> str:
        return f"mpi_{m[0]}" if m[0] in slots.names and OWN.fullmatch(m[0]) else m[0]

    text = "" if answer == DROP else whole(question.hidden, spelled(answer, question.known), OWN_LINE)
    return slots.show(WORD.sub(apart, text))


def edited(program: tree.Program, answers: dict[int, tuple[Question, str]]) -> str:
    """The candidate that these answers make, by line."""
    source = program.source
    lines = source.shown.splitlines()
    shown = {k: _shown(question, answer) for k, (question, answer) in answers.items()}
    words = {word for text in (source.shown, *shown.values()) for word in WORD.findall(text)}
    fresh = FreshNames(words)
    layout = Layout(statement_ends(program), unit_of(source.shown))
    made: list[str] = []
    for number, line in enumerate(lines):
        if number not in shown:
            made.append(layout.kept(number, line))
        elif shown[number]:
            made += layout.laid_out(number, line, fresh.settle(shown[number]).split("\n"))
    return with_library("\n".join(made) + "\n", source.name.rsplit("/", 1)[-1])
