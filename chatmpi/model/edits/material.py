"""What the small model is taught with: lessons from random programs and from variations of the corpus.

Answers are the generator's first choice for each program. The gate is not asked here: it judges what the model makes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from chatmpi.analysis.diagnostics import ChatmpiError
from chatmpi.analysis.options import AS_USUAL
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.model.dataset.families import SETS, program_path
from chatmpi.model.dataset.random_programs import random_program
from chatmpi.model.dataset.variations import vary
from chatmpi.model.documents import write_text
from chatmpi.model.edits.lessons import Lesson, lessons
from chatmpi.model.edits.slots import form_of
from chatmpi.translate import plans

APART = 1_000_000  # variations from here on are for teaching: those of data sets are counted from 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """`programs` random ones, and `variations` of each program of some `sets` of the corpus."""

    programs: int = 1500
    variations: int = 20
    sets: tuple[str, ...] = ("train",)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Taught:
    """The lessons of one program, told the plan and not."""

    name: str
    told: tuple[Lesson, ...]
    untold: tuple[Lesson, ...]


def material(wanted: Wanted, processes: int, told: Callable[[int, int], None]) -> list[Taught]:
    """In the same order whatever the number of processes; programs that nothing can be divided of are left out."""
    jobs = [("", wanted.seed * APART + k) for k in range(wanted.programs)]
    programs = [f"{name}/{family}" for name in wanted.sets for family in SETS[name]]
    jobs += [(place, wanted.seed + APART + k) for place in programs for k in range(wanted.variations)]
    found = []
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for number, taught in enumerate(pool.map(_taught, jobs, chunksize=8)):
            told(number + 1, len(jobs))
            if taught is not None:
                found.append(taught)
    return found


def _taught(job: tuple[str, int]) -> Taught | None:
    place, seed = job
    try:
        source = _source(place, seed)
        program = parse(source, AS_USUAL)
        facts, plan = next(plans(source, AS_USUAL))
        answer = generate(facts, plan).shown
        both = [tuple(lessons(program, plan, answer, with_plan)) for with_plan in (True, False)]
    except (ChatmpiError, StopIteration):
        return None
    return Taught(f"{place or 'random'} {seed}", *both)


def _source(place: str, seed: int) -> Source:
    if not place:
        source = Source.from_str(f"random{seed}.c", random_program(seed))
        return source if seed % 2 else Source.from_str(source.name, vary(parse(source, AS_USUAL), seed))
    chosen, _, family = place.partition("/")
    path = program_path(SETS[chosen][family])
    return Source.from_str(path.name, vary(parse(Source.read(path), AS_USUAL), seed))


def unlike(taught: Iterable[Taught], with_plan: bool) -> list[Lesson]:
    """Every lesson once. Of a question with several answers the most frequent stays.

    Edits whose form is met once, names and places aside, are left out: there is nothing to learn of one.
    """
    counts: dict[str, Counter[str]] = {}
    for t in taught:
        for lesson in t.told if with_plan else t.untold:
            counts.setdefault(lesson.question, Counter())[lesson.answer] += 1
    chosen = [Lesson(q, *max(answers.items(), key=lambda x: x[1])) for q, answers in sorted(counts.items())]
    forms = Counter[str]()
    for x in chosen:
        forms[form_of(x.answer)] += x.met
    return [x for x in chosen if forms[form_of(x.answer)] > 1]


def write_material(path: Path, taught: Sequence[Taught]) -> None:
    """A line of JSON for each program."""
    write_text(path, "".join(json.dumps(asdict(t), ensure_ascii=False) + "\n" for t in taught))


def read_material(path: Path) -> Iterator[Taught]:
    """What `write_material` wrote."""
    for line in path.read_text(encoding="utf-8").splitlines():
        content = json.loads(line)
        both = [tuple(Lesson(**x) for x in content[key]) for key in ("told", "untold")]
        yield Taught(content["name"], *both)
