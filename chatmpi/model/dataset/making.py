"""Items from programs: each answer is the generator's, accepted by the gate; near-duplicates are left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatmpi.analysis.diagnostics import ChatmpiError
from chatmpi.analysis.options import AS_USUAL
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.model.dataset.variations import vary
from chatmpi.model.plan_context import plan_context
from chatmpi.model.proposing import CONTEXT, translation_question
from chatmpi.model.tuples import Tuple
from chatmpi.translate import translate

ALIKE = 0.9  # of the five-token pieces that two programs have, the share that both have
BYTES_IN_TOKEN = 2.5  # of C, by the tokenizers of code models, or fewer


@dataclass
class Unlike:
    """Programs that are unlike all before them."""

    seen: list[frozenset[str]] = field(default_factory=list)

    def add(self, program: str) -> bool:
        """Whether it is unlike them; then it is one of them."""
        pieces = _pieces(program)
        for other in self.seen:
            if len(pieces & other) >= ALIKE * len(pieces | other):
                return False
        self.seen.append(pieces)
        return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """`each` variations of every program, the first being the program itself; none longer than `tokens`."""

    each: int = 3
    seed: int = 0
    tokens: int = 4096
    with_plan: bool = True


def items(programs: Mapping[str, Path], wanted: Wanted, unlike: Unlike, told: Callable[[str], None]) -> Iterator[Tuple]:
    """By family. What is left out is `told`, with the reason."""
    for family, path in programs.items():
        original = parse(Source.read(path), AS_USUAL)
        made, number = 0, 0
        while made < wanted.each and number < 4 * wanted.each:
            text = original.source.shown if number == 0 else vary(original, wanted.seed * 1000 + number)
            number += 1
            source = Source.from_str(path.name, text)
            if not unlike.add(text):
                told(f"{family} {number}: like one before")
                continue
            try:
                item = item_of(source, family, wanted.with_plan)
            except ChatmpiError as error:
                told(f"{family} {number}: {error.diagnostics[0].message}")
                continue
            if tokens_in(item) > wanted.tokens:
                told(f"{family} {number}: about {tokens_in(item)} tokens")
                continue
            made += 1
            yield item


def item_of(source: Source, family: str, with_plan: bool) -> Tuple:
    """Raises ChatmpiError if there is no translation that the gate accepts."""
    made = translate(source, AS_USUAL)
    sizes = re.findall(r"^#[ \t]*define[ \t]+(\w+)[ \t]+\d+", source.shown, re.MULTILINE)
    others = {
        "family": family,
        "plan": plan_context(made.plan),
        "sizes": sizes,
        "program": source.shown,
        "verified": made.verdict.stage_reached(),
    }
    question = translation_question(source, made.plan if with_plan else None)
    return Tuple(question, made.source.shown, CONTEXT, others=others)


def tokens_in(item: Tuple) -> int:
    """About as many as code models' tokenizers make of it."""
    return round((len(item.question) + len(item.answer or "")) / BYTES_IN_TOKEN)


def _pieces(program: str) -> frozenset[str]:
    words = re.findall(r"\w+|[^\w\s]", re.sub(r"/\*.*?\*/|//[^\n]*", " ", program, flags=re.DOTALL))
    return frozenset(" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4)))
