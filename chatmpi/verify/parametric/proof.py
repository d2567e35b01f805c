"""What is shown of an MPI program for all sizes at once, at each number of ranks up to 64: ranges, bounds, halos."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

import islpy as isl

from chatmpi.analysis import tree
from chatmpi.analysis.source import Location
from chatmpi.analysis.tree import Program
from chatmpi.verify.parametric.bounds import Question, in_question, negative, used
from chatmpi.verify.parametric.changes import unsure
from chatmpi.verify.parametric.coverage import Coverage, Witness, covered, divided_loops, facts
from chatmpi.verify.parametric.halos import Halo, halos
from chatmpi.verify.parametric.integer_sets import At, Space
from chatmpi.verify.parametric.memory import memory_in, root_of
from chatmpi.verify.parametric.met import Access, Transfer, Where
from chatmpi.verify.parametric.quantities import Evaluator, Iteration, Unfit, atoms_of_condition
from chatmpi.verify.parametric.walk import Walk
from chatmpi.verify.sizes import Definition, definitions
from chatmpi.verify.verdict import Check

T = TypeVar("T")
MOST_RANKS = 64
_ENOUGH = 4  # ranks that something has to be shown up to
OPERATIONS = 1_000_000  # of isl, in each part
_SHOWN = {
    "partition": "the ranks' ranges do not overlap and are together the whole range",
    "lengths": "the ranks' iterations are together as many as those of one rank",
}


@dataclass
class Inside:
    """One use of an array: up to how many ranks it is shown to be inside of the memory, and what is in question."""

    array: tree.Symbol
    line: int
    left: list[Question]
    ranks: int = 0
    witness: Witness | None = None


@dataclass
class Study:
    program: Program
    walk: Walk
    space: Space
    loops: list[Coverage] = field(default_factory=list)
    uses: list[Inside] = field(default_factory=list)
    halos: list[Halo] = field(default_factory=list)


def witnesses(found: Study) -> tuple[Witness, ...]:
    """Where something does not hold, each place once: uses of memory first, as work that is done twice is no fault."""
    inside = [u.witness for u in found.uses if u.witness is not None]
    divided = [c.witness for c in found.loops if c.witness is not None]
    return tuple(dict.fromkeys(replace(w, rank=-1) for w in (*inside, *divided)))


def checks(found: Study) -> tuple[Check, ...]:
    """What is shown, in words."""
    return (*_of_loops(found), *_of_uses(found), *_of_halos(found))


def _of_loops(found: Study) -> Iterator[Check]:
    shown = [(place(found, key).line, c) for c in found.loops if c.ranks >= _ENOUGH for key in c.keys]
    for line, c in sorted(shown, key=lambda x: x[0]):
        if c.witness is None:
            yield Check("proved", f"the loop at line {line}: {_SHOWN[c.kind]}", _scope(found, c.ranks))


def _of_uses(found: Study) -> Iterator[Check]:
    """By array and number of ranks: lines all of whose uses are shown to be inside."""
    lines: dict[tuple[tree.Symbol, int], int] = {}
    for u in found.uses:
        key = (u.array, u.line)
        lines[key] = min(lines.get(key, MOST_RANKS), 0 if u.witness else u.ranks)
    for array, ranks in dict.fromkeys((a, r) for (a, _), r in lines.items() if r >= _ENOUGH):
        same = sorted(line for (a, line), r in lines.items() if (a, r) == (array, ranks))
        yield Check("proved", f"'{array}' at {_lines(same)}: always inside of its memory", _scope(found, ranks))


def _of_halos(found: Study) -> Iterator[Check]:
    for h in found.halos:
        lines = sorted({found.program.source.location(t.span.begin).line for t in h.receives})
        array, loop = found.walk.memory.declared[h.array].symbol, place(found, (h.loop,)).line
        claim = (
            f"'{array}' in the loop at line {loop}: what is read beyond a block is received at {_lines(lines)}, "
            "and is what the neighbour has there"
        )
        yield Check(
            "proved", claim, f"{_scope(found, h.ranks)}, in blocks that are not smaller than what is sent of them"
        )


def study(program: Program, operations: int = OPERATIONS, most_ranks: int = MOST_RANKS) -> Study:
    """All that can be said with so many of isl's operations."""
    walk = _walked(program)
    found = Study(program, walk, Space(tuple(_sizes(program).values()), _points(walk)))
    if any(isinstance(n, tree.UnknownStmt) and "Goto" in n.kind for f in program.functions for n in tree.walk(f)):
        return found  # what is gone through once in the text may be so often
    found.space.context.set_max_operations(operations)
    _as_far_as_possible(found, lambda: _loops(found, most_ranks))
    known = tuple(c for c, ranks in facts(found.loops) if ranks == most_ranks)
    _as_far_as_possible(found, lambda: _uses(found, known, most_ranks))
    _as_far_as_possible(found, lambda: _halos(found, known))
    asked = _asked(found.uses)
    _as_far_as_possible(found, lambda: _at_each_number(found, most_ranks, asked, _is_inside))
    for u in found.uses:
        if u.left:
            u.ranks = min(a.ranks for a in asked if any(x is u for x in a.uses))
    return found


def _as_far_as_possible(found: Study, part: Callable[[], None]) -> None:
    """Too many operations end a part; what it has shown before holds."""
    found.space.context.reset_operations()
    with suppress(isl.Error):
        part()


def _loops(found: Study, most: int) -> None:
    found.loops = divided_loops(found.space.context, found.walk.loops)
    _at_each_number(found, most, found.loops, covered)


def _halos(found: Study, known: Where) -> None:
    loops = [c for c in found.loops if c.natural and c.ranks >= _ENOUGH]
    found.halos += halos(found.space.context, found.walk, _lost(found), loops, known)


def place(found: Study, key: tuple[int, ...]) -> Location:
    program = found.program
    loop = next(n for f in program.functions for n in tree.statements(f) if n.id == key[-1])
    return program.source.location(loop.span.begin)


def _at_each_number(found: Study, most: int, asked: list[T], holds: Callable[[T, At, tuple[At, ...]], bool]) -> None:
    """Ask at 1, 2, … ranks, for as long as it holds."""
    alone = At(found.space, 0, 1)
    for number in range(1, most + 1):
        ranks = tuple(At(found.space, r, number) for r in range(number))
        asked = [x for x in asked if holds(x, alone, ranks)]
        if not asked:
            return


@dataclass
class _Asked:
    """One question of all uses that it is in question for."""

    question: Question
    uses: list[Inside]
    ranks: int = 0


def _asked(uses: Sequence[Inside]) -> list[_Asked]:
    found: dict[Question, _Asked] = {}
    for u in uses:
        for q in u.left:
            found.setdefault(q, _Asked(q, [])).uses.append(u)
    return list(found.values())


def _is_inside(asked: _Asked, _alone: At, ranks: tuple[At, ...]) -> bool:
    try:
        for at in ranks:
            witness = negative(asked.question, at)
            if witness is not None:
                for u in asked.uses:
                    u.witness = witness
                return False
    except Unfit:
        return False
    asked.ranks = len(ranks)
    return True


def _walked(program: Program) -> Walk:
    sizes = _sizes(program)
    walk = Walk(
        program,
        Evaluator(program, frozenset(sizes.values())),
        memory_in(program),
        defined=sizes,
        unsure=unsure(program),
    )
    walk.main()
    return walk


def _sizes(program: Program) -> dict[int, str]:
    """Sizes of one definition each, by where their value stands: numbers from 2 up, and what the command line says."""
    known = list(definitions(program))
    names = [d.name for d in known]
    return {d.span.begin: d.name for d in known if names.count(d.name) == 1 and _may_be_size(program, d)}


def _may_be_size(program: Program, d: Definition) -> bool:
    text = program.source.at(d.span).strip(" ()uUlL")
    return "argv" in text or (text.isdigit() and int(text) > 1)


def _points(walk: Walk) -> int:
    """How deep loops are in loops."""
    conditions = [c for a in walk.accesses for c in a.where]
    atoms = {x for c in conditions for x in atoms_of_condition(c)}
    return min(4, max((a.origin.depth + 1 for a in atoms if isinstance(a.origin, Iteration)), default=1))


def _uses(found: Study, known: Where, most: int) -> None:
    """Uses of arrays to which only such names lead as are understood."""
    walk, memory = found.walk, found.walk.memory
    lost = _lost(found)
    uses: list[Access | Transfer] = [*walk.accesses, *walk.transfers]
    for use in uses:
        u = used(use)
        if memory.group(use.array) in lost:
            continue
        left = None if u is None else in_question(found.space.context, memory, walk.objects, u, known)
        line = found.program.source.location(use.span.begin).line
        shown = most if left == [] else 0
        found.uses.append(Inside(memory.declared[use.array].symbol, line, left or [], shown))


def _lost(found: Study) -> set[int]:
    """Arrays of which some uses are not seen."""
    memory = found.walk.memory
    return {memory.group(x) for x in (*memory.lost, *_not_followed(found.program, found.walk.passed))}


def _not_followed(program: Program, passed: set[str]) -> set[int]:
    """Arrays that are used in functions which are not gone through wherever they are called."""
    todo, seen = list(passed), set[str]()
    found: set[int] = set()
    while todo:
        name = todo.pop()
        function = program.function(name)
        if name in seen or function is None:
            continue
        seen.add(name)
        for n in tree.walk(function):
            if isinstance(n, tree.Index) and (uid := root_of(n)[0]) is not None:
                found.add(uid)
            elif isinstance(n, tree.Call) and n.name is not None:
                todo.append(n.name)
    return found


def _lines(lines: Sequence[int]) -> str:
    shown = [str(x) for x in lines[:8]] + ([f"{len(lines) - 8} more"] if len(lines) > 8 else [])
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(shown)}"


def _scope(found: Study, ranks: int) -> str:
    sizes = ", ".join(found.space.sizes)
    return f"{f'all {sizes} from 1 up at which nothing overflows, ' if sizes else ''}at each of 1 to {ranks} ranks"
