"""What tests that ended the program otherwise say at a loop: after `if (n > MAXN) return 1;` it is n <= MAXN.

Only tests outside all loops count, of variables that are not written any more from there on.
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.numbers.domains import TRUE, Space
from chatmpi.analysis.touches import Guard, ScalarTouch
from chatmpi.analysis.tree import Symbol


def standing(info: LoopInfo, space: Space, facts: Facts) -> list[str]:
    """Formulas that hold in every iteration of a loop."""
    found: list[Guard] = []
    for t in facts.touches.of(info.stmt.id):
        guards = [g for g in t.context.guards if not g.loops]
        found = guards if not found or len(guards) < len(found) else found
    formulas = [space.condition(g.condition, g.holds) for g in found if _stands(g, facts)]
    return [f for f in formulas if f != TRUE]


def _stands(guard: Guard, facts: Facts) -> bool:
    """Whether the variables that a test reads keep the values that they had then."""
    names = {id(n) for n in tree.walk(guard.condition) if isinstance(n, tree.Name)}
    items = facts.touches.items
    read = {
        k: t.symbol for k, t in enumerate(items) if isinstance(t, ScalarTouch) and not t.write and id(t.node) in names
    }
    if not read or any(s in facts.unstable or not _is_own(s, facts) for s in read.values()):
        return False
    later = items[min(read) :]
    return not any(isinstance(t, ScalarTouch) and t.write and t.symbol in read.values() for t in later)


def _is_own(symbol: Symbol, facts: Facts) -> bool:
    """Whether only main's text, with the functions that are read in it, writes a variable."""
    return symbol.storage != "global" or not any(n != "main" and symbol in e.writes for n, e in facts.summaries.items())
