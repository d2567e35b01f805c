"""What is met on the way through a program: loops with their bounds, uses of arrays, parts of messages."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis.numbers.pieces import Comparison, Condition
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.source import Span
from chatmpi.verify.parametric.messages import Part
from chatmpi.verify.parametric.persistent import Request

Where = tuple[Condition, ...]  # all of them hold


@dataclass(frozen=True)
class Bounds:
    """`low <= i < high` in steps; `where`: what holds where the loop is reached."""

    low: Polynomial
    high: Polynomial
    step: int
    where: Where


@dataclass(frozen=True)
class Access:
    """An element, or a row: `subscripts` that are not known are None. Where the conditions of `where` hold, it
    is made in each whole turn of the innermost loops `within`, of all but the first `sure` - 1 of them."""

    array: int
    subscripts: tuple[Polynomial | None, ...]
    writes: bool
    where: Where
    sure: int
    within: tuple[int, ...]
    span: Span


@dataclass(frozen=True)
class Transfer:
    """A part of an array that an MPI call reads or writes, with what is not known as None; `request`: the persistent
    request that it is prepared for only."""

    array: int
    start: tuple[Polynomial | None, ...]
    count: Polynomial | None
    part: Part
    peer: Polynomial | None
    tag: Polynomial | None
    where: Where
    sure: int
    within: tuple[int, ...]
    span: Span
    request: Request | None = None


def in_range(i: Polynomial, b: Bounds) -> Where:
    """What holds of the iterations of a loop."""
    return (Comparison(">=", i - b.low), Comparison("<", i - b.high))
