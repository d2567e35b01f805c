"""The quantities that a candidate adds to the sequential program's: the rank, the number of ranks, block boundaries.

Each is an atom of polynomials; what is known about it becomes isl constraints in every question that mentions it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis.numbers.domains import Parameters, Space, isl_set, sample
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Atom, Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import PLAIN
from chatmpi.analysis.tree import Scalar, Symbol
from chatmpi.verify.reading.piecewise import Alternatives, Condition, Conditions, Piecewise

RANK = Atom("@rank", "rank")
SIZE = Atom("@size", "ranks")
NOBODY = Atom("@MPI_PROC_NULL", "MPI_PROC_NULL")
_RELATIONS = {">=": ">=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Block:
    """The first index of block `position` when `extent` elements are dealt to `parts` ranks by a law (laws.py)."""

    extent: Polynomial
    position: Polynomial
    parts: Polynomial
    law: str = "floor"


@dataclass(frozen=True, slots=True)
class Quotient:
    """C's `numerator / denominator` or `%`."""

    op: str
    numerator: Polynomial
    denominator: Polynomial


@dataclass
class Terms:
    """What the atoms met so far stand for, and what the candidate calls them."""

    blocks: dict[Atom, Block] = field(default_factory=dict)
    open: dict[Atom, Block] = field(default_factory=dict)  # of positions that may lie beyond the parts
    quotients: dict[Atom, Quotient] = field(default_factory=dict)
    defined: dict[Atom, Piecewise] = field(default_factory=dict)
    names: dict[Atom, str] = field(default_factory=dict)
    sizes: frozenset[Polynomial] = frozenset()  # extents of arrays: not negative
    ranges: dict[Atom, Conditions] = field(default_factory=dict)  # of the variables of the loops around
    answers: dict[tuple[str, ...], dict[str, int] | None] = field(default_factory=dict)  # of questions asked before

    def block(self, block: Block) -> Polynomial:
        parts = (block.extent, block.position, block.parts)
        key = f"@{block.law}(" + ";".join(p.key() for p in parts) + ")"
        shown = f"block_begin({', '.join(p.text() for p in parts)})"
        atom = Atom(key, shown)
        self.blocks[atom] = block
        return of_atom(atom)

    def open_block(self, block: Block) -> Polynomial:
        """What a block function gives that must not be asked about positions beyond the parts."""
        parts = (block.extent, block.position, block.parts)
        atom = Atom(f"@open {block.law}(" + ";".join(p.key() for p in parts) + ")", "an index beyond the blocks")
        self.open[atom] = block
        return of_atom(atom)

    def define(self, name: str, uid: int, value: Piecewise) -> Polynomial:
        """An atom for a variable whose value is no single polynomial."""
        atom = Atom(f"@{name}#{uid}", name)
        self.defined[atom] = value
        return of_atom(atom)

    def call(self, value: Polynomial, name: str) -> None:
        """Remember that the candidate holds `value` in `name`."""
        if len(value.terms) == 1 and len(value.atoms) == 1 and value == of_atom(atom := next(iter(value.atoms))):
            self.names.setdefault(atom, name)

    def shown(self, atom: Atom) -> str:
        return self.names.get(atom, atom.text)

    def text(self, value: Polynomial) -> str:
        return value.text(self.shown)

    def inside(self, atoms: Iterable[Atom]) -> frozenset[Atom]:
        """The atoms, and those that variables of the candidate among them are computed from."""
        found = set(atoms)
        pending = list(found)
        while pending:
            atom = pending.pop()
            for part in self._parts(atom) if atom in self.defined else ():
                new = part.atoms - found
                found |= new
                pending += new
        return frozenset(found)

    def differs_by_rank(self, value: Polynomial) -> bool:
        """Whether the value surely depends on which rank computes it, as written."""
        return any(self._by_rank(a) for a in value.atoms)

    def symbols(self, value: Polynomial) -> frozenset[Symbol]:
        """The program's variables that the value was computed from."""
        found = set(value.symbols)
        for atom in value.atoms:
            for part in self._parts(atom):
                found |= self.symbols(part)
        return frozenset(found)

    def _parts(self, atom: Atom) -> tuple[Polynomial, ...]:
        """What the value of an atom was computed from."""
        if (block := self.blocks.get(atom)) is not None:
            return block.extent, block.position, block.parts
        if (block := self.open.get(atom)) is not None:
            return block.extent, block.position, block.parts
        if (quotient := self.quotients.get(atom)) is not None:
            return quotient.numerator, quotient.denominator
        return tuple(p for c in self.defined.get(atom, ()) for p in (c.value, *(k.value for k in c.conditions)))

    def _by_rank(self, atom: Atom) -> bool:
        if atom == RANK or atom.key.startswith("?"):
            return True
        if (block := self.blocks.get(atom)) is not None:
            return self.differs_by_rank(block.position)
        return any(self.differs_by_rank(part) for part in self._parts(atom))


class NotAffine(Exception):
    """A quantity that isl cannot speak about."""


@dataclass
class Question:
    """An isl set under construction: the formulas use `dims` and parameters; what is known of the atoms is added."""

    terms: Terms
    dims: Mapping[Atom, str] = field(default_factory=dict)
    _parameters: Parameters = field(default_factory=Parameters)
    _seen: dict[Atom, None] = field(default_factory=dict)

    def affine(self, value: Polynomial) -> str:
        text = Space(self.dims, self._parameters, frozenset(), PLAIN).affine(value)
        if text is None:
            raise NotAffine
        self._seen.update(dict.fromkeys(value.atoms))
        return f"({text})"

    def condition(self, condition: Condition) -> str:
        return f"{self.affine(condition.value)} {_RELATIONS[condition.relation]} 0"

    def all_of(self, conditions: Conditions) -> str:
        return "(" + (" and ".join(self.condition(c) for c in conditions) or "true") + ")"

    def one_of(self, alternatives: Alternatives) -> str:
        return "(" + (" or ".join(self.all_of(a) for a in alternatives) or "false") + ")"

    def point(self, formulas: Iterable[str]) -> dict[str, int] | None:
        """A point that satisfies the formulas and all that is known, by people's names; None if there is none."""
        known = [*formulas, *self._assumptions()]
        values = self._ask(known)
        if values is None:
            return None
        result = {
            f"{'*'.join(self.terms.shown(a) for a in m)}": values[n]
            for m, n in self._parameters.names.items()
            if n in values
        }
        for k, atom in enumerate(self.dims):
            result[atom.text] = values[f"d{k}"]
        return result

    def _ask(self, formulas: list[str]) -> dict[str, int] | None:
        """isl's answer; the same question is asked but once."""
        key = (str(len(self._parameters.names)), str(len(self.dims)), *formulas)
        if key not in self.terms.answers:
            found = isl_set(self._parameters, list(self.dims.values()), formulas)
            self.terms.answers[key] = None if found.is_empty() else sample(found)
        return self.terms.answers[key]

    def _assumptions(self) -> list[str]:
        formulas: dict[str, None] = {}
        done: set[Atom] = set()
        while len(done) < len(self._seen):
            for atom in [a for a in self._seen if a not in done]:
                done.add(atom)
                for formula in self._known(atom):
                    formulas[formula] = None
        for monomial, name in self._parameters.names.items():
            if all(_is_unsigned(atom) for atom in monomial):
                formulas[f"{name} >= 0"] = None
        return list(formulas)

    def _known(self, atom: Atom) -> list[str]:
        terms = self.terms
        try:
            if atom in (RANK, SIZE):
                rank, size = self.affine(of_atom(RANK)), self.affine(of_atom(SIZE))
                return [f"0 <= {rank}", f"{rank} < {size}"]
            if atom == NOBODY:
                return [f"{self.affine(of_atom(atom))} < 0"]
            if atom in terms.ranges:
                return [self.condition(c) for c in terms.ranges[atom]]
            if atom in terms.blocks:
                return self._block(atom, terms.blocks[atom])
            if atom in terms.quotients:
                return self._quotient(atom, terms.quotients[atom])
            if atom in terms.defined:
                here = of_atom(atom)
                cases = tuple((*c.conditions, Condition(c.value - here, "=")) for c in terms.defined[atom])
                return [self.one_of(cases)]
        except NotAffine:
            pass
        return []

    def _block(self, atom: Atom, block: Block) -> list[str]:
        """Blocks are contiguous and lie between 0 and the extent, first and last at the ends."""
        if not _is_natural(block.position):
            return []
        own, extent = self.affine(of_atom(atom)), self.affine(block.extent)
        found = [f"(0 <= {own} <= {extent} or ({extent} < 0 and {extent} <= {own} <= 0))"]
        if block.extent in self.terms.sizes:
            found.append(f"{extent} >= 0")
        if block.position == ZERO:
            found.append(f"{own} = 0")
        if block.position == block.parts:
            found.append(f"{own} = {extent}")
        for other, theirs in self.terms.blocks.items():
            if other in self._seen and theirs == replace(block, position=block.position + ONE):
                after = self.affine(of_atom(other))
                found.append(f"(({extent} >= 0 and {own} <= {after}) or ({extent} < 0 and {after} <= {own}))")
        return found

    def _quotient(self, atom: Atom, quotient: Quotient) -> list[str]:
        divisor = quotient.denominator.constant
        if divisor is None or divisor <= 0:
            return []
        own, x = self.affine(of_atom(atom)), self.affine(quotient.numerator)
        if quotient.op == "/":
            up, down = f"0 <= {x} - {divisor} * {own} < {divisor}", f"0 <= {divisor} * {own} - {x} < {divisor}"
        else:
            up = f"0 <= {own} < {divisor} and ({x} - {own}) mod {divisor} = 0"
            down = f"0 <= -{own} < {divisor} and ({x} - {own}) mod {divisor} = 0"
        return [f"(({x} >= 0 and {up}) or ({x} < 0 and {down}))"]


def _is_natural(position: Polynomial) -> bool:
    """Whether a position is a number, the rank or a later one: not negative."""
    number, after = position.constant, (position - of_atom(RANK)).constant
    return (number is not None and number >= 0) or (after is not None and after >= 0)


def _is_unsigned(atom: Atom) -> bool:
    """Whether an atom is a variable of the program that cannot be negative."""
    own = next(iter(atom.symbols), None)
    return own is not None and atom == variable(own) and isinstance(own.type, Scalar) and own.type.is_unsigned


def witness(point: Mapping[str, int], first: Iterable[str] = ()) -> str:
    """A point as people write it: `n = 7, rank = 2`."""
    order = [k for k in first if k in point] + sorted(k for k in point if k not in set(first))
    return ", ".join(f"{k} = {point[k]}" for k in order)
