"""Last values of variables that iterations only set: the rank of the last iteration that does has it for all.

Blocks are contiguous and lie in the order of the ranks, so of the ranks that set a variable the one at the end where
the loop ends did so last. If none did, all hold the old value.
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.plan.candidates import MPI_TYPES

LAST = "LAST"


def unsuited_last(info: LoopInfo, facts: Facts) -> str:
    """Why the last values of a loop cannot be agreed on; "" if they can."""
    for x in facts.loop_facts[info.stmt.id].lasting:
        for s in x.symbols:
            if not isinstance(s.type, tree.Scalar) or s.type.name not in MPI_TYPES:
                return f"MPI has no type for '{s}'"
    return ""


def highest_rank_wins(info: LoopInfo) -> bool:
    assert info.canonical is not None
    return info.canonical.step > 0
