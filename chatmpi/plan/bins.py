"""Sizes that belong to arrays of results alone: the bins of a histogram are few, however long the data is."""

from __future__ import annotations

from collections.abc import Set

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.polynomial import Atom

BINS = 1e3


def few(facts: Facts) -> tuple[Set[Atom], Set[int]]:
    """The atoms and numbers in the extents of accumulated arrays that size nothing else: no other array, and no
    loop that accumulates."""
    accumulating = {i: {r.symbol for r in f.accumulated} for i, f in facts.loop_facts.items() if f.accumulated}
    results = {s for arrays in accumulating.values() for s in arrays}
    lengths = [d for s, e in facts.extents.items() if s not in results for d in e.dimensions]
    for i in accumulating:
        form = facts.loops[i].canonical
        if form is not None and form.lower is not None and form.upper is not None:
            lengths.append(form.upper - form.lower)
    atoms = {a for d in lengths for a in d.atoms}
    numbers = {n for d in lengths if (n := d.constant) is not None}
    own = [d for s in results if s in facts.extents for d in facts.extents[s].dimensions]
    return (
        {a for d in own for a in d.atoms} - atoms,
        {n for d in own if (n := d.constant) is not None} - numbers,
    )
