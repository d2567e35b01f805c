"""Which part of a plan a program that the gate refuses speaks against: what is tried next does without that part."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.parallel import LoopFacts
from chatmpi.analysis.source import Location, Source
from chatmpi.plan.decide import Wishes
from chatmpi.plan.plan import Plan
from chatmpi.verify.verdict import Verdict

_NAMED = re.compile(r"'(\w+)(?:\[[^']*)?'")
_REASON = "a program that divides it is refuted"


def without_blamed(wishes: Wishes, verdict: Verdict, plan: Plan, facts: Facts, candidate: Source) -> Wishes | None:
    """The wishes without what the verdict names: a loop, by a place in the candidate; arrays; or else the loops that
    need more than their rows. None if it names nothing that could be left out."""
    if not verdict.counterexamples:  # what nothing can be told of is so in every plan
        return None
    divided = {x.place.statement for x in plan.loops if x.treatment == "distributed"} - wishes.serial
    places = [c.location for c in verdict.counterexamples if c.location is not None]
    loops = _loops_at(places, divided, facts, candidate)
    if loops:
        return wishes.leaving(loops, _REASON)
    named = {n for c in verdict.counterexamples for n in _NAMED.findall(c.message)}
    blocks = {a.uid for a in plan.arrays if a.partition is not None and a.name.rpartition("::")[2] in named}
    arrays = [s for s in facts.arrays.declared if s.uid in blocks and s not in dict(wishes.replicated)]
    if arrays:
        return replace(wishes, replicated=(*wishes.replicated, *((s, _REASON) for s in arrays)))
    intricate = {i for i in divided if _needs_more(facts.loop_facts[i])}
    return wishes.leaving(intricate, _REASON) if intricate else None


def _needs_more(loop: LoopFacts) -> bool:
    """Whether the loop's iterations are not simply apart."""
    return bool(loop.blockers or loop.accumulated or loop.located or loop.scans or loop.lasting or loop.work)


def _loops_at(places: list[Location], divided: set[int], facts: Facts, candidate: Source) -> set[int]:
    """The innermost divided loop that the first such line of the candidate stands in, or before: in all its copies."""
    source = facts.program.source
    for place in places:
        line = _line_before(place.line, source.written, candidate) if place.file == candidate.name else None
        if line is None:
            continue
        spans = {i: facts.loops[i].stmt.span for i in divided}
        around = [i for i, s in spans.items() if source.location(s.begin).line <= line <= source.location(s.end).line]
        if around:
            inner = min((spans[i] for i in around), key=lambda s: s.end - s.begin)
            return {i for i in around if spans[i] == inner}
    return set()


def _line_before(line: int, written: Source, candidate: Source) -> int | None:
    """The line of the sequential program that a line of the candidate stands for, or before."""
    before, after = ([x.strip() for x in s.text.split("\n")] for s in (written, candidate))
    for _, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if j1 < line <= j2:
            return max(i1 + 1, i2 + 1 - (j2 + 1 - line)) if i2 > i1 else i1 + 1
    return None
