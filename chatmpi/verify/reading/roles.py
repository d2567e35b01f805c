"""What the candidate's variables describe of a rank's block, derived from their values, never from their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, constant, of_atom
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.plan import Partition
from chatmpi.verify.reading.findings import Findings, Mismatch
from chatmpi.verify.reading.piecewise import Case, Condition, Piecewise, always
from chatmpi.verify.reading.terms import NOBODY, RANK, SIZE, NotAffine, Question, Terms, witness

RANK_VALUE, SIZE_VALUE = of_atom(RANK), of_atom(SIZE)


@dataclass(frozen=True, slots=True)
class Share:
    """A rank's block of one partition: rows `begin` … `end`-1 of `extent`; global = local + `offset`.

    `parts` ranks share the rows; the others own none.
    """

    partition: Partition
    extent: Polynomial
    begin: Polynomial
    end: Polynomial
    parts: Polynomial
    law: str = "floor"

    @property
    def offset(self) -> Polynomial:
        return self.begin - constant(self.partition.halo.lower)

    @property
    def count(self) -> Polynomial:
        return self.end - self.begin

    def partner(self, step: int) -> Piecewise:
        """The rank whose block lies `step` blocks further, MPI_PROC_NULL where there is none."""
        other = RANK_VALUE + constant(step)
        inside = (Condition(other, ">="), Condition(self.parts - ONE - (other if step > 0 else RANK_VALUE), ">="))
        nobody = always(of_atom(NOBODY))
        outside = tuple(Case((c.negated(),), nobody[0].value) for c in inside[:1])
        outside += tuple(Case((inside[0], c.negated()), nobody[0].value) for c in inside[1:])
        return (Case(inside, other), *outside)


@dataclass
class Roles:
    """The shares found so far, and the variables that the candidate adds, with their values and declarations."""

    terms: Terms
    extents: Mapping[str, Polynomial]
    findings: Findings
    values: dict[Symbol, Polynomial] = field(default_factory=dict)
    declared: dict[Atom, tree.Node] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    computed_from: dict[Symbol, set[Symbol]] = field(default_factory=dict)

    def add(self, symbol: Symbol, value: Polynomial) -> None:
        """A variable of the candidate that keeps this value; `computed_from` tells what that depends on."""
        self.values[symbol] = value
        self.terms.call(value, symbol.name)
        for source in self.terms.symbols(value):
            self.computed_from.setdefault(source, set()).add(symbol)

    def share(self, partition: Partition, node: tree.Node, near: frozenset[Atom] = frozenset()) -> Share:
        """The block of a partition; `near`: atoms that tell which, where several have its extent."""
        if partition.name not in self.shares:
            self.shares[partition.name] = self._find(partition, node, near)
        return self.shares[partition.name]

    def _find(self, partition: Partition, node: tree.Node, near: frozenset[Atom]) -> Share:
        extent = self.extents.get(partition.name)
        if extent is None:
            raise Mismatch(node, f"the plan's extent '{partition.extent}' belongs to no array")
        ours = [(a, b) for a, b in self.terms.blocks.items() if b.extent == extent]
        begins = {(b.parts, b.law): a for a, b in ours if b.position == RANK_VALUE}
        ends = {(b.parts, b.law): a for a, b in ours if b.position == RANK_VALUE + ONE}
        several = [p for p in begins if p in ends]
        if not several:
            raise Mismatch(
                node,
                f"nothing before says which of the {partition.extent} rows this rank owns: no block is computed",
            )
        chosen = min(several, key=lambda p: (not {begins[p], ends[p]} & near, several.index(p)))
        parts, law = chosen
        self._check_parts(parts, extent, partition, node)
        self.findings.holds(
            f"blocks of the {partition.extent} rows of '{partition.name}': "
            "contiguous, disjoint, all rows, widths within one"
        )
        return Share(partition, extent, of_atom(begins[chosen]), of_atom(ends[chosen]), parts, law)

    def _check_parts(self, parts: Polynomial, extent: Polynomial, partition: Partition, node: tree.Node) -> None:
        """Between 1 and all ranks take part, and no block of several is narrower than the halo."""
        at = next((self.declared[a] for a in parts.atoms if a in self.declared), node)
        if self.terms.differs_by_rank(parts):
            raise Mismatch(at, f"ranks disagree on how many of them share the {partition.extent} rows")
        self._never(
            at,
            [Condition(parts.scaled(-1), ">="), Condition(extent - ONE, ">=")],
            f"the {partition.extent} rows are dealt to no rank at all",
        )
        self._never(
            at,
            [Condition(parts - SIZE_VALUE - ONE, ">="), Condition(extent, ">=")],
            f"the {partition.extent} rows are dealt to more ranks than there are",
        )
        if partition.min_block > 1 or partition.halo.width:
            least = max(partition.min_block, partition.halo.width)
            narrow = Condition(parts.scaled(least) - extent - ONE, ">=")
            self._never(
                at,
                [narrow, Condition(parts - constant(2), ">=")],
                f"a block may be narrower than the {least} rows that its halo or its ends need",
            )

    def _never(self, node: tree.Node, conditions: list[Condition], message: str) -> None:
        question = Question(self.terms)
        try:
            point = question.point([question.condition(c) for c in conditions])
        except NotAffine:
            raise Mismatch(node, f"not shown: {message}") from None
        if point is not None:
            raise Mismatch(node, message, witness(point))


def differing(
    value: Piecewise, wanted: Piecewise, terms: Terms, around: tuple[Condition, ...] = ()
) -> dict[str, int] | None:
    """A case in which two values differ; None if there is none. Raises NotAffine."""
    for a in value:
        for b in wanted:
            if a.value == b.value:
                continue
            question = Question(terms)
            conditions = (*around, *a.conditions, *b.conditions, Condition(a.value - b.value, "!="))
            point = question.point([question.all_of(conditions)])
            if point is not None:
                return point
    return None
