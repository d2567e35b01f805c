"""How rows are dealt, as text: where a rank's block begins, and who owns a row."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.generate.layout import Blocks, Layout
from chatmpi.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Dealing:
    """`extent` rows for `owners` ranks: in equal blocks, or in blocks of equal work if row i takes
    `work[0] + work[1]*i + …`, or the first `used` in equal blocks and the rest to the last owner."""

    extent: str
    owners: str
    work: tuple[str, ...] = ()
    used: str = ""


def dealing_of(blocks: Blocks) -> Dealing:
    return Dealing(blocks.extent.text(), blocks.owners, blocks.work, blocks.used)


def first_of(dealing: Dealing, rank: str, layout: Layout) -> str:
    """The first row of a rank's block."""
    if dealing.used:
        layout.helper("block_begin")
        return f"{layout.helper('used_begin')}({dealing.extent}, {rank}, {dealing.owners}, {dealing.used})"
    if not dealing.work:
        return f"{layout.helper('block_begin')}({dealing.extent}, {rank}, {dealing.owners})"
    layout.helper("work_before")
    arguments = ", ".join([dealing.extent, rank, dealing.owners, *work_arguments(dealing, layout.plan)])
    return f"{layout.helper('work_begin')}({arguments})"


def owner_of(dealing: Dealing, row: str, layout: Layout) -> str:
    """The rank whose block has the row."""
    if dealing.used:
        layout.helper("block_owner")
        return f"{layout.helper('used_owner')}({dealing.extent}, {row}, {dealing.owners}, {dealing.used})"
    if not dealing.work:
        return f"{layout.helper('block_owner')}({dealing.extent}, {row}, {dealing.owners})"
    layout.helper("work_before")
    layout.helper("work_begin")
    arguments = ", ".join([dealing.extent, row, dealing.owners, *work_arguments(dealing, layout.plan)])
    return f"{layout.helper('work_owner')}({arguments})"


def allgather(dealing: Dealing, layout: Layout) -> tuple[str, str]:
    """The function that gathers what is dealt out like this on every rank, and the text of its further arguments."""
    for helper in ("larger", "smaller"):
        layout.helper(helper)
    if dealing.used:
        layout.helper("block_begin")
        layout.helper("used_begin")
        return layout.helper("allgather_used"), f", {dealing.used}"
    for helper in ("work_before", "work_begin") if dealing.work else ("block_begin",):
        layout.helper(helper)
    more = "".join(f", {w}" for w in work_arguments(dealing, layout.plan))
    return layout.helper("allgather_work" if dealing.work else "allgather_blocks"), more


def work_arguments(dealing: Dealing, plan: Plan) -> list[str]:
    """The factors of the powers of i, as many as any block of the program needs: helper functions take them all."""
    return [*dealing.work, *["0"] * (len(weights(plan)) - len(dealing.work))] if dealing.work else []


def weights(plan: Plan) -> list[str]:
    """`w0`, `w1`, …: the parameters of the helper functions."""
    works = [p.work for p in plan.partitions] + [loop.work for loop in plan.loops]
    return [f"w{k}" for k in range(max(map(len, works), default=0))]
