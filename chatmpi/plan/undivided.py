"""Why what could be divided is not: what dividing it would cost, and what for."""

from __future__ import annotations

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.cost import IMPOSSIBLE
from chatmpi.plan.distribute import Choice, Search, Treated
from chatmpi.plan.fit import Fit, Misfit, fit
from chatmpi.plan.quantities import seconds


def why_whole(info: LoopInfo, choice: Choice, facts: Facts, state: Search) -> str:
    """Why a loop of independent iterations is not divided, where the arrays are divided as they are."""
    found = fit(info, choice.distributed, facts, state.plain)
    if isinstance(found, Misfit):
        return found.reason
    if info.stmt.id in state.serial:
        return state.because.get(info.stmt.id, "it is asked to stay whole")
    divided, whole = state.costs(found, choice.distributed)
    shared = _shared(found)
    if divided <= whole:
        return "a statement around it is treated as a whole, and that costs less" + (
            f" than {shared}" if shared else ""
        )
    cost = f"dividing it would take {seconds(divided)} each time, running it whole {seconds(whole)}"
    return f"{cost}: {shared} costs more than it saves" if shared else f"{cost}: it is too short"


def _shared(found: Fit) -> str:
    """What a divided loop would have to communicate."""
    parts = []
    gathered = sorted({g.array.name for g in found.gathers})
    added = sorted({s.array.name for s in found.sums})
    copied = sorted({c.array.name for c in found.copies})
    halos = sorted(s.name for s in found.needs)
    for names, what in ((gathered, "gathering"), (added, "adding up"), (copied, "broadcasting"), (halos, "halos of")):
        if names:
            parts.append(f"{what} {', '.join(names)}")
    return " and ".join(parts)


def why_replicated(array: Symbol, choice: Choice, facts: Facts) -> str:
    """Why an array that could be divided is not: what the program would cost then."""
    other = next((t for c, t in choice.flips if array in c), None)
    if other is None:
        return "every rank needs all of it"
    if other.cost >= IMPOSSIBLE:
        problem = next((reason for _, s, reason in other.problems if s == array), None)
        return f"divided by rows, it could not be reached everywhere: {problem or 'no treatment is known'}"
    needed = _needed_whole(array, other, facts)
    then, now = seconds(other.seconds), seconds(choice.treated.seconds)
    if then == now:
        return f"dividing it by rows would save nothing ({now} by the model){needed}"
    return f"divided by rows, the program would take {then} instead of {now} by the model{needed}"


def _needed_whole(array: Symbol, other: Treated, facts: Facts) -> str:
    """Where a divided array would have to be sent around."""
    source = facts.program.source

    def lines(statements: list[int]) -> str:
        spans = [facts.loops[i].stmt.span for i in statements if i in facts.loops]
        return ", ".join(str(n) for n in sorted({source.location(s.begin).line for s in spans}))

    whole = lines([w.statement for w in other.wholes if w.array == array])
    copied = lines([c.statement for c in other.copies if c.array == array])
    single = sorted(
        {source.location(f.statement.span.begin).line for f in other.fetches if f.access.touch.symbol == array}
    )
    if whole:
        return f": all of it is read at line {whole}"
    if copied:
        return f": every rank reads rows of it at line {copied}"
    return f": elements of it are read at line {', '.join(map(str, single))}" if single else ""
