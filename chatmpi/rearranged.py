"""Programs with their loops or dimensions in another order, where a plan is the better for it: triangles gone through
by columns, nests gone through by rows, sums over the rows of matrices before what becomes of them, a few levels behind
the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from chatmpi.analysis.diagnostics import UnreadableInput
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.options import ParseOptions
from chatmpi.analysis.parse import parse
from chatmpi.analysis.restyle.columns_first import Triangle, columns_first, triangles
from chatmpi.analysis.restyle.levels_inside import levels_inside
from chatmpi.analysis.restyle.nests_turned import Nest, dependent_nests, turned
from chatmpi.analysis.restyle.sums_apart import sums_apart
from chatmpi.analysis.restyle.sums_over_rows import Sum, sums_over_rows
from chatmpi.analysis.source import Edit, OverlappingEdits, edited
from chatmpi.analysis.tree import Program
from chatmpi.plan.decide import decide
from chatmpi.plan.plan import Plan

_Found = TypeVar("_Found", Triangle, Nest)
_WORTH = 0.85  # of the time of a program as it is written: sums in another order have other last digits


@dataclass(frozen=True)
class _Way:
    """One way to write the program, the best plan for it, and what could stand in another order in it."""

    program: Program
    facts: Facts

    @cached_property
    def plan(self) -> Plan:
        return decide(self.facts)

    @cached_property
    def triangles(self) -> tuple[Triangle, ...]:
        return triangles(self.facts)

    @cached_property
    def nests(self) -> tuple[Nest, ...]:
        return dependent_nests(self.facts)

    @cached_property
    def sums(self) -> tuple[Sum, ...]:
        return sums_over_rows(self.facts)


def rearranged(
    program: Program, facts: Facts, options: ParseOptions, analyzed: Callable[[Program], Facts | None]
) -> tuple[Program, Facts]:
    """The program as the cheapest plan wants it; `analyzed`: the facts of a program that has been read anew."""
    inside = levels_inside(program)
    as_written = _Way(program, facts)
    if not inside and not as_written.triangles and not as_written.nests and not as_written.sums:
        return program, facts
    within = _changed(as_written, inside, options, analyzed)
    if within is not None and within.plan.cost <= _WORTH * as_written.plan.cost:
        as_written = within
    ways = [as_written]
    for edits in (
        columns_first(_whole(as_written.triangles, as_written.plan), as_written.facts),
        turned(_whole(as_written.nests, as_written.plan), as_written.facts),
    ):
        other = _changed(as_written, edits, options, analyzed)
        ways += [other] if other is not None else []
    for way in tuple(ways):
        apart = [one for one in way.sums if not _is_by_rows(one, way.plan)]
        further = _changed(way, sums_apart(apart, way.facts), options, analyzed)
        if further is not None and (_combines(further, way) or not any(one.is_alone for one in apart)):
            ways.append(further)
    best = min(ways, key=lambda way: way.plan.cost)
    if best.plan.cost > _WORTH * as_written.plan.cost:
        best = as_written
    return best.program, best.facts


def _whole(found: tuple[_Found, ...], plan: Plan) -> list[_Found]:
    """What a plan divides neither in its outer loop nor in one around that."""
    divided = {x.place.statement for x in plan.loops if x.treatment == "distributed"}
    return [one for one in found if not divided & set(one.outer.around)]


def _changed(
    way: _Way, edits: list[Edit], options: ParseOptions, analyzed: Callable[[Program], Facts | None]
) -> _Way | None:
    """The program with edits; None if there are none, or it is no program then."""
    if not edits:
        return None
    try:
        made = parse(edited(way.program.source, list(dict.fromkeys(edits))), options)
    except (OverlappingEdits, UnreadableInput):
        return None
    made = replace(made, copies=way.program.copies, kept_values=way.program.kept_values)
    facts = analyzed(made)
    return None if facts is None else _Way(made, facts)


def _combines(further: _Way, way: _Way) -> bool:
    """Whether ranks combine their parts of sums that are new: else there is nothing for which to add up in another
    order than the program's."""
    new = {a.name for a in further.plan.arrays} - {a.name for a in way.plan.arrays}
    return any(c.subject in new and "reduce" in c.kind for c in further.plan.communications)


def _is_by_rows(one: Sum, plan: Plan) -> bool:
    """Whether each rank has all of a sum by a plan, because it runs some of the loops around it for rows of its own, of
    matrices."""
    divided = {x.place.statement: x for x in plan.loops if x.treatment == "distributed"}
    *around, outer = one.outer.around
    matrices = {a.partition for a in plan.arrays if a.partition is not None and len(a.dimensions) > 1}
    return any(i in divided for i in around) or (outer in divided and divided[outer].partition in matrices)
