"""The choices that were weighed and not taken."""

from __future__ import annotations

from chatmpi.plan.cost import IMPOSSIBLE
from chatmpi.plan.distribute import Choice, Search, Treated
from chatmpi.plan.plan import Alternative, LoopPlan


def alternatives(choice: Choice, loops: tuple[LoopPlan, ...], state: Search) -> tuple[Alternative, ...]:
    """For each class of arrays the opposite decision; and the program left as it is."""
    found = [
        _flip(tuple(sorted(s.name for s in arrays)), arrays <= choice.distributed, t, choice.treated.seconds)
        for arrays, t in choice.flips
    ]
    nothing = Search(state.facts, state.sizes, serial=frozenset(state.facts.loops))
    whole = nothing.treat(state.facts.function.body, frozenset())
    if any(loop.treatment == "distributed" for loop in loops):
        found.append(Alternative("the program", "every rank computes everything", whole.cost, "nothing is divided"))
    return tuple(found)


def _flip(names: tuple[str, ...], distributed: bool, other: Treated, now: float) -> Alternative:
    subject = ", ".join(names)
    choice = "replicated" if distributed else "distributed by rows"
    if other.cost >= IMPOSSIBLE:
        reason = other.problems[0][2] if other.problems else "no treatment is known"
        return Alternative(subject, choice, None, reason)
    more = other.seconds >= now
    reason = "costs more by the model" if more else "costs less, and takes more memory"
    return Alternative(subject, choice, other.seconds, reason)
