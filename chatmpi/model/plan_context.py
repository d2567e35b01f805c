"""The plan as context of a prompt: a line for each decision, places by line and in the program's own names."""

from __future__ import annotations

from chatmpi.plan.plan import ArrayPlan, Communication, LoopPlan, Partition, Plan
from chatmpi.report.plan_text import dealt_text, halo_text, reduction_text, treatment_text, what_text, where_text


def plan_context(plan: Plan) -> str:
    """Distributions, partitions, halos, communications with place and reason, and who prints."""
    lines = [_partition(p) for p in plan.partitions]
    lines += [_array(a) for a in plan.arrays]
    lines += [_loop(loop) for loop in plan.loops]
    lines += [f"line {g.place.line}: only the owner of {g.row} of {g.partition} executes it" for g in plan.guards]
    lines += [_communication(c) for c in plan.communications]
    if plan.outputs:
        lines.append(f"only rank 0 executes lines {', '.join(str(p.line) for p in plan.outputs)}")
    return "\n".join(dict.fromkeys(lines))


def _partition(p: Partition) -> str:
    return f"partition {p.name}: 0 <= i < {p.extent} in {dealt_text(p)}, smallest {p.min_block}, {halo_text(p.halo)}"


def _array(a: ArrayPlan) -> str:
    if a.partition is None:
        return f"array {a.name}: every rank holds it whole"
    number = next(i for i, d in enumerate(a.dimensions) if d.partition)
    extents = "][".join(d.extent for d in a.dimensions)
    return f"array {a.name}: {a.element}[{extents}], dimension {number} by {a.partition}, {halo_text(a.halo)}"


def _loop(loop: LoopPlan) -> str:
    shift = f", iteration i at index i + {loop.shift}" if loop.partition and loop.shift else ""
    reductions = "".join(f", {reduction_text(r)}" for r in loop.reductions)
    return f"line {loop.place.line}: loop {loop.variable} {treatment_text(loop)}{shift}{reductions}"


def _communication(c: Communication) -> str:
    return f"{where_text(c)}: {what_text(c)}, {c.words} words {c.times}: {c.reason}"
