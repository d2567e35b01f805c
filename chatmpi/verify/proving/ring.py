"""Rows that are read around the ends of an array: what makes the halo row the row that is meant."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.plan.alignment import Aligned, alignment
from chatmpi.plan.plan import Partition
from chatmpi.plan.windows import unwrapped


def near_row(access: Access, info: LoopInfo, facts: Facts) -> Polynomial | None:
    """The row that the program touches in place of the one the access names: up to whole turns it is the same."""
    how = alignment(access, info, facts)
    return how.near if isinstance(how, Aligned) and how.near is not None else access.subscripts[0]


def ring_failures(access: Access, info: LoopInfo, partition: Partition, facts: Facts) -> Iterator[str]:
    """What is wrong with reading `near_row` instead of the row itself."""
    near = near_row(access, info, facts)
    if near is None or near == access.subscripts[0]:
        return
    if access.touch.write:
        yield "writes around the ends of its array"
    if not partition.periodic:
        yield "is read around the ends of its array, and its halos do not go round"
    if facts.extents[access.touch.symbol].dimensions[0].text() != partition.extent:
        yield "is read around the ends of an array that is shorter than its partition"
    if near not in unwrapped(access, info, facts):
        yield f"is not row {near.text()} up to whole turns around its array"
