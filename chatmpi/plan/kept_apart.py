"""Entries that each rank keeps for itself, those of the rows that it runs: whether a plan has all that this asks for.

A rank finds the entries of a row where it has appended them itself, or put them itself between the starts of
compressed rows: so the loops that do so and those that go through rows again must be dealt out alike. Loops over all
entries run over a rank's own. No loop of these may be left whole.
"""

from __future__ import annotations

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import CanonicalLoop
from chatmpi.analysis.memory.appended import Appended
from chatmpi.analysis.memory.compressed import Compressed
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.plan import LoopPlan, Plan

APPENDED = "each rank keeps the entries that its own iterations append, and counts them from 0"
COMPRESSED = "each rank keeps the entries of the rows that it runs, where the row starts say"
STARTS = "every rank finds the entries of its rows by it"
KEPT = "entries of its own rows, in room for all"
OWN_ENTRIES = "each rank runs over the entries that it keeps itself"


def why_apart(symbol: Symbol, facts: Facts) -> str:
    """Why an array is not divided that goes with entries which ranks keep for themselves; "" of others."""
    if any(symbol in a.apart for a in facts.appended):
        return APPENDED
    if any(symbol in a.arrays for a in facts.compressed):
        return COMPRESSED
    return STARTS if any(symbol == a.starts for a in facts.compressed) else ""


def checks_note(a: Compressed) -> str:
    names = ", ".join(sorted(s.name for s in a.arrays))
    return (
        f"the program ends with an error if rows of {names} overlap, that is, if one is longer than '{a.starts}' says"
    )


def totals_note(a: Appended) -> str:
    return f"'{a.counter}' counts a rank's own entries; where it is used otherwise, those of all ranks are added up"


def over_entries(loop: int, facts: Facts) -> bool:
    """Whether a loop goes through all entries that are kept apart: each rank runs it over its own."""
    return any(loop in a.entries for a in facts.kept_apart)


def dealt_alike(loop: int, facts: Facts) -> bool:
    """Whether a loop goes through rows whose entries a rank has where it has appended them, or appends these."""
    appended = any(a.rows and loop in a.rows | {a.maker} for a in facts.appended)
    return appended or any(loop in a.rows for a in facts.compressed)


def not_kept(plan: Plan, facts: Facts) -> str:
    """Why a plan does not keep apart what the facts take for kept apart; "" if it does."""
    loops = {loop.place.statement: loop for loop in plan.loops}
    problems = (
        _problem(a, loops, plan, facts) if isinstance(a, Appended) else _unalike(a, loops, plan, facts)
        for a in facts.kept_apart
    )
    return next((problem for problem in problems if problem), "")


def _problem(a: Appended, loops: dict[int, LoopPlan], plan: Plan, facts: Facts) -> str:
    name = a.counter.name
    for i in sorted(a.loops):
        loop = loops.get(i)
        judged = facts.loop_facts[i]
        if loop is None or loop.treatment != "distributed":
            return f"a loop over what '{name}' counts is not divided"
        if judged.counter_lasts or judged.lasting or judged.scans or judged.located or loop.split:
            return f"a loop over what '{name}' counts leaves more behind than entries and sums"
        if loop.own != (i in a.entries):
            return f"a loop over all that '{name}' counts does not run over a rank's own"
        if i in a.entries and loop.partition is not None:
            return f"a loop over all that '{name}' counts is dealt out by rows"
        words = a.words if i != a.maker else ONE
        if dealt_alike(i, facts) and not _in_equal_blocks(loop, facts.loops[i].canonical, plan, facts, words):
            return f"the loops over rows of what '{name}' counts are not dealt out alike"
    return ""


def _unalike(a: Compressed, loops: dict[int, LoopPlan], plan: Plan, facts: Facts) -> str:
    """Why the loops over compressed rows do not give each row to one rank."""
    for i in sorted(a.rows):
        loop = loops.get(i)
        if loop is None or loop.treatment != "distributed":
            return f"a loop over the rows that '{a.starts}' begins is not divided"
        if facts.loop_facts[i].scans or loop.split or loop.own:
            return f"a loop over the rows that '{a.starts}' begins is not run in one piece"
        if not _in_equal_blocks(loop, facts.loops[i].canonical, plan, facts):
            return f"the loops over the rows that '{a.starts}' begins are not dealt out alike"
    for i in sorted(a.entries):
        loop = loops.get(i)
        if loop is None or loop.treatment != "distributed" or not loop.own or loop.partition is not None:
            return f"a loop over all entries that '{a.starts}' finds is not run over a rank's own"
        judged = facts.loop_facts[i]
        if judged.counter_lasts or judged.lasting or judged.scans or judged.located or loop.split:
            return f"a loop over all entries that '{a.starts}' finds leaves more behind than entries and sums"
    return ""


def _in_equal_blocks(
    loop: LoopPlan, form: CanonicalLoop | None, plan: Plan, facts: Facts, words: Polynomial = ONE
) -> bool:
    """Whether iteration i of 0 <= i < n belongs to the rank whose equal block of n holds i; of n*words, i / words."""
    if loop.partition is None:
        return not loop.chunks and not loop.work and words == ONE
    p = plan.partition(loop.partition)
    members = {a.uid for a in plan.arrays if a.partition == p.name}
    extents = (e.dimensions[0] for s, e in facts.extents.items() if s.uid in members)
    extent = next((d for d in extents if d.text() == p.extent), None)
    plain = p.kind == "block" and not (p.halo.width or p.requires) and p.min_block <= 1
    dealt = p.used or (extent.text() if extent is not None else "")
    if words == ONE:
        same = form is not None and form.upper is not None and form.upper.text() == dealt
        return plain and loop.shift == 0 and loop.scale == "1" and same
    same = form is not None and extent is not None and form.upper == extent * words
    return plain and not p.used and loop.shift == 0 and loop.scale == words.text() and same
