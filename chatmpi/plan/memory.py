"""How much memory a rank needs: its blocks, its halos, what it holds whole, and the copies it makes in between.

Sizes that the program gives as numbers are taken as they are; those that it learns when it runs are nominal, as for
the cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import replace

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.tree import Scalar, Symbol
from chatmpi.plan.bins import macro_numbers
from chatmpi.plan.cost import Sizes
from chatmpi.plan.distribute import Treated
from chatmpi.plan.fit import Fit
from chatmpi.plan.plan import Memory, Plan
from chatmpi.plan.quantities import amount

# What a byte is worth, in seconds, from nothing to more than any time: the first at which a plan fits is taken.
PRICES = (0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-3, 1.0)

BYTES = {
    "char": 1, "signed char": 1, "unsigned char": 1, "_Bool": 1, "short": 2, "unsigned short": 2, "int": 4,
    "unsigned int": 4, "float": 4, "long": 8, "unsigned long": 8, "long long": 8, "unsigned long long": 8, "double": 8,
    "long double": 16, "_Complex float": 8, "_Complex double": 16, "_Complex long double": 32,
}  # fmt: skip


def real_sizes(facts: Facts, nominal: Sizes) -> Sizes:
    """The sizes of the program itself, where they are numbers."""
    values = dict(nominal.values) | {a: float(n) for a, n in macro_numbers(facts).items()}
    return replace(nominal, values=values, numbers={}, counts={})


def are_nominal(facts: Facts) -> bool:
    """Whether some size is not known before the program runs."""
    known = macro_numbers(facts).keys()
    return any(not d.atoms <= known for e in facts.extents.values() for d in e.dimensions)


def array_bytes(symbol: Symbol, divided: bool, halo_rows: int, facts: Facts, sizes: Sizes) -> float:
    """What one rank keeps of an array."""
    extents = facts.extents.get(symbol)
    if extents is None:
        return 0.0
    element = BYTES.get(extents.element.name, 8)
    whole = sizes.of(extents.words) * element
    if not divided or extents.packed is not None:
        return whole
    return min(whole / sizes.ranks + halo_rows * sizes.of(extents.row_words) * element, whole)


def copies_bytes(treated: Treated, facts: Facts, sizes: Sizes) -> float:
    """What one rank keeps of what others own, for a while or for good."""
    fits = treated.fits
    wanted: dict[tuple[str, Symbol], Polynomial] = {}
    for w in treated.wholes:
        wanted["whole", w.array] = facts.extents[w.array].words
    for x in treated.scattered:
        wanted["sums", x.array] = facts.extents[x.array].words
    for c in (*treated.copies, *(c for f in fits for c in f.copies)):
        wanted["copy", c.array] = c.words(facts)
    for p in treated.prints:
        for s in p.arrays if p.extent is None else ():
            wanted["whole", s] = facts.extents[s].words
    held = sum(sizes.of(words) * BYTES.get(facts.extents[s].element.name, 8) for (_, s), words in wanted.items())
    return held + max((_visit_bytes(f, facts, sizes) for f in fits), default=0.0)


def _visit_bytes(found: Fit, facts: Facts, sizes: Sizes) -> float:
    """What one visit takes, which is given back after it: a block of each array, and what is carried on."""
    if found.visit is None or found.extent is None:
        return 0.0
    blocks = sum(array_bytes(s, True, 0, facts, sizes) for s in found.visit.arrays)
    values = sizes.of(found.extent * found.visit.each) / sizes.ranks
    return blocks + sum(BYTES.get(s.type.name, 8) * values for s in found.visit.carried if isinstance(s.type, Scalar))


def held_bytes(treated: Treated, divided: Set[Symbol], arrays: Iterable[Symbol], facts: Facts, sizes: Sizes) -> float:
    """All that a rank holds, `divided` being the arrays of which it has blocks only."""
    own = sum(array_bytes(s, s in divided, _halo_rows(s, treated), facts, sizes) for s in arrays)
    return own + copies_bytes(treated, facts, sizes)


def _halo_rows(symbol: Symbol, treated: Treated) -> int:
    found = [h for f in treated.fits for s, h in f.needs.items() if s == symbol]
    return max((h.lower for h in found), default=0) + max((h.upper for h in found), default=0)


def with_memory(plan: Plan, treated: Treated, limit: int | None, facts: Facts, sizes: Sizes) -> Plan:
    """The plan with the bytes that each rank holds; with an obstacle where that is more than the limit."""
    by_uid = {s.uid: s for s in facts.arrays.declared}
    arrays = tuple(
        replace(
            a,
            bytes_per_rank=round(
                array_bytes(by_uid[a.uid], a.partition is not None, a.halo.lower + a.halo.upper, facts, sizes)
            ),
            bytes_in_all=round(array_bytes(by_uid[a.uid], False, 0, facts, sizes)),
        )
        for a in plan.arrays
    )
    copies = round(copies_bytes(treated, facts, sizes))
    total = sum(a.bytes_per_rank for a in arrays) + copies
    known = "nominal sizes" if are_nominal(facts) else "the sizes in the program"
    basis = f"at {sizes.ranks} ranks and {known}"
    plan = replace(plan, arrays=arrays, memory=Memory(total, copies, basis))
    if limit is None or total <= limit:
        return plan
    problem = f"no plan is known by which {amount(limit)} of memory per rank are enough: {amount(total)} are the least"
    return replace(plan, obstacle=f"{problem}, {basis}")
