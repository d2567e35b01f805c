"""Choices of one alternative at each of several places, the likeliest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence


def in_order(doubts: Sequence[Sequence[float]]) -> Iterator[tuple[int, ...]]:
    """Every choice once, by the sum of its doubts; those of a place rise.

    As in Lawler's enumeration of the K best: what follows a choice raises a place that is not before its last raised.
    """
    first = (0,) * len(doubts)
    waiting: list[tuple[float, tuple[int, ...], int]] = [(sum(d[0] for d in doubts), first, 0)]
    while waiting:
        total, choice, raised = heapq.heappop(waiting)
        yield choice
        for place in range(raised, len(doubts)):
            k = choice[place]
            if k + 1 < len(doubts[place]):
                more = doubts[place][k + 1] - doubts[place][k]
                heapq.heappush(waiting, (total + more, (*choice[:place], k + 1, *choice[place + 1 :]), place))
