"""How much of the program's work a plan leaves whole: what no number of ranks makes faster, by Amdahl's law."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set

from chatmpi.analysis.facts import Facts
from chatmpi.plan.cost import RANKS, Sizes, nominal_sizes, trips
from chatmpi.plan.plan import LoopPlan, Plan, Undivided

_NAMED = 0.1  # of all work: what a loop must take to be named
_MOST = 3  # loops that are named


def undivided_work(plan: Plan, facts: Facts, sizes: Sizes) -> Undivided:
    """The share of the work, and the loops that most of it is in, with why they are left whole."""
    by_id = {x.place.statement: x for x in plan.loops}
    divided = {i for i, x in by_id.items() if x.treatment == "distributed"}
    divided |= {g.around.statement for g in plan.guards if g.around is not None}
    return _shared(divided, by_id, facts, sizes)


def undivided_of(plan: Plan, facts: Facts) -> Undivided:
    """The same for a plan that was made without looking into helper functions, by facts that do."""
    by_line = {(x.place.line, x.place.column): x for x in plan.loops}
    where = {i: facts.program.source.location(info.stmt.span.begin) for i, info in facts.loops.items()}
    by_id = {i: x for i, w in where.items() if (x := by_line.get((w.line, w.column))) is not None}
    divided = {i for i, x in by_id.items() if x.treatment == "distributed"}
    return _shared(divided, by_id, facts, nominal_sizes(facts, RANKS))


def _shared(divided: Set[int], by_id: Mapping[int, LoopPlan], facts: Facts, sizes: Sizes) -> Undivided:
    within = _work_within(facts, sizes)
    total = sum(within.values())
    whole: defaultdict[int | None, float] = defaultdict(float)
    for loops, work in within.items():
        if divided.isdisjoint(loops):
            whole[_stopped(loops, by_id, facts)] += work
    most = sorted(whole.items(), key=lambda found: -found[1])
    named = [i for i, work in most if i is not None and work >= _NAMED * total][:_MOST]
    source = facts.program.source
    lines = {i: source.location(facts.loops[i].stmt.span.begin).line for i in named}
    reasons = dict.fromkeys(f"the loop of line {lines[i]}{_why(by_id.get(i))}" for i in named)
    return Undivided(round(sum(whole.values()) / total, 3) if total else 0.0, tuple(reasons))


def _work_within(facts: Facts, sizes: Sizes) -> dict[tuple[int, ...], float]:
    """The accesses of the whole program, by the loops around them."""
    times: dict[tuple[int, ...], float] = {(): 1.0}
    found: defaultdict[tuple[int, ...], float] = defaultdict(float)
    for t in facts.touches.items:
        loops = t.context.loops
        for k in range(1, len(loops) + 1):
            if loops[:k] not in times:
                times[loops[:k]] = times[loops[: k - 1]] * trips(facts.loops[loops[k - 1]], sizes)
        found[loops] += times[loops] * sizes.weight(t)
    return found


def _why(loop: LoopPlan | None) -> str:
    if loop is None or loop.treatment == "control":
        return ""
    return f" ({loop.dependence.text if loop.dependence is not None else loop.reason})"


def _stopped(loops: tuple[int, ...], by_id: Mapping[int, LoopPlan], facts: Facts) -> int | None:
    """The outermost of these loops that is left whole and runs through arrays, or else through none; of loops that a
    plan does not know, and of those that hold divided ones, the innermost."""
    whole = [i for i in loops if i in by_id and by_id[i].treatment in {"replicated", "guarded", "printed"}]
    wanted = [i for i in whole if _runs_through(i, facts)] or whole or list(loops[-1:])
    return wanted[0] if wanted else None


def _runs_through(loop: int, facts: Facts) -> bool:
    """Whether a loop's variable tells elements of arrays apart, as that of steps in time does not."""
    form = facts.loops[loop].canonical
    if form is None:
        return False
    subscripts = (p for many in facts.accesses_in(loop).values() for a in many for p in a.subscripts)
    return any(p is not None and form.variable in p.symbols for p in subscripts)
