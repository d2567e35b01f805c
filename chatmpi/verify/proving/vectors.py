"""Halos of a single vector, proved: the loop behind the exchange reads beyond its own elements of that one alone."""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.fit import Fit
from chatmpi.plan.plan import Communication
from chatmpi.plan.vectors import one_vector


def reads_one_vector(c: Communication, array: Symbol, fits: Mapping[int, Fit], facts: Facts) -> bool:
    found = fits.get(c.start.statement)
    which = None if found is None else one_vector(found.loop, array, found.shift, facts)
    return which is not None and which.text() == c.element
