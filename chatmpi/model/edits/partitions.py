"""Partitions as slots: what the generator calls the bounds of a rank's part is `P0_begin`, `P0_count` in an edit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chatmpi.model.edits.slots import MOST
from chatmpi.plan.plan import Plan


def with_partitions_hidden(facts: Sequence[str], plan: Plan) -> tuple[list[str], dict[str, str]]:
    """Facts with slots for the partitions that they name, and the slots of these."""
    chosen: dict[str, str] = {}
    known = "|".join(re.escape(p.name) for p in sorted(plan.partitions, key=lambda p: -len(p.name)))
    if not known:
        return list(facts), {}

    def slot(m: re.Match[str]) -> str:
        if m[0] not in chosen and len(chosen) < MOST["P"]:
            chosen[m[0]] = f"P{len(chosen)}"
        return chosen.get(m[0], m[0])

    return [re.sub(rf"\b(?:{known})\b", slot, fact) for fact in facts], chosen


def bounds_hidden(chosen: Mapping[str, str], plan: Plan) -> dict[str, str]:
    """The slots of what the generator calls the bounds of partitions, given those of the partitions."""
    return {word: f"{slot}_{role}" for name, slot in chosen.items() for role, word in _words(name, plan).items()}


def _words(partition: str, plan: Plan) -> dict[str, str]:
    """As the generator makes them of the partition's name, and of whether its arrays have rows."""
    has_rows = any(len(a.dimensions) > 1 for a in plan.arrays if a.partition == partition)
    number = "".join(c for c in partition if c.isdigit())
    stem, count = ("row", "rows") if has_rows else ("my", "my_count")
    offset = f"row0{'_' + number if number else ''}" if has_rows else f"my_offset{number}"
    found = {"begin": f"{stem}_begin{number}", "end": f"{stem}_end{number}", "count": f"{count}{number}"}
    return found | {"offset": offset} | {role: f"{role}{number}" for role in ("owners", "above", "below")}
