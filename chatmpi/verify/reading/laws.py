"""The functions that deal indices to ranks: which forms are proved to give right blocks, and where others go wrong.

floor: blocks [floor(n*r/s), floor(n*(r+1)/s)) for r = 0 … s-1 are contiguous, cover 0 … n-1 and differ by at most
one: floor is monotone, the first is 0, the last n, and n*(r+1)/s - n*r/s = n/s. Index i lies in block r iff
n*r < s*(i+1) <= n*(r+1), that is r = floor((s*(i+1) - 1) / n).

front: blocks that begin at r*q + min(r, m), with q = floor(n/s) and m = n mod s: the first m have q + 1 elements, the
others q, and s*q + m = n.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, of_atom, variable
from chatmpi.verify.reading.evaluate import Evaluator
from chatmpi.verify.reading.integers import NotComputable, run
from chatmpi.verify.reading.kinds import width
from chatmpi.verify.reading.piecewise import Case, Condition, Conditions, Piecewise, always, single
from chatmpi.verify.reading.terms import Block, NotAffine, Question, Quotient, Terms

_LARGEST_EXTENT, _MOST_RANKS = 24, 9


@dataclass(frozen=True, slots=True)
class Dealing:
    """A proved block or owner function: the positions of its parameters. `wide`: it cannot overflow; `closed`: a
    position beyond the parts gives the end; `law`: by which it deals; `width`: bits of the extents that it is right
    for."""

    kind: str  # "block": extent, position, parts; "owner": extent, index, parts
    order: tuple[int, int, int]
    wide: bool
    closed: bool = True
    law: str = "floor"
    width: int = 64


@dataclass
class Laws:
    """What has been found out about the candidate's functions."""

    terms: Terms
    functions: Mapping[str, tree.Function]
    _known: dict[str, Dealing | None] = field(default_factory=dict)

    def dealing(self, function: tree.Function) -> Dealing | None:
        name = function.symbol.name
        if name not in self._known:
            self._known[name] = self._recognise(function)
        return self._known[name]

    def value(self, function: tree.Function, arguments: Sequence[Piecewise], call: tree.Call) -> Piecewise | None:
        """The value of a call to a block function."""
        found = self.dealing(function)
        if found is None or found.kind != "block":
            return None
        given = [single(a) for a in arguments]
        extent, position, parts = (given[k] for k in found.order)
        if extent is None or position is None or parts is None:
            return None
        block = Block(extent, position, parts, found.law)
        if found.closed or implies((), within(block), self.terms):
            return always(self.terms.block(block))
        return always(self.terms.open_block(block))

    def _recognise(self, function: tree.Function) -> Dealing | None:
        """The function as a block or owner function, whichever of its parameters is what."""
        if len(function.parameters) != 3:
            return None
        private = Terms()
        values = [of_atom(variable(p.symbol)) for p in function.parameters]
        given = Evaluator(private, self.functions).inlined(function, [always(v) for v in values])
        if given is None or not private.quotients:
            return None
        for first, second, third in itertools.permutations(range(3)):
            order = first, second, third
            a, b, c = (values[k] for k in order)
            for law, is_boundary in (("floor", _floor), ("front", _front)):
                closed = _is_block(given, is_boundary, a, b, c, private)
                if closed is not None:
                    return Dealing("block", order, _is_wide(function), closed, law, _width(function, first))
            if _is_owner(given, a, b, c, private):
                return Dealing("owner", order, _is_wide(function))
        return None


def within(block: Block) -> Conditions:
    """The position is one of the parts', or their end."""
    return Condition(block.parts - block.position, ">="), Condition(block.parts - ONE, ">=")


def closed(value: Piecewise, terms: Terms) -> Piecewise:
    """`rank < parts ? block : extent` as the boundary of a block; any other value as it is."""
    found = {b for c in value if (b := terms.open.get(_atom(c.value))) is not None}
    if len(found) != 1:
        return value
    block = found.pop()
    for case in value:
        beyond = (Condition(block.position - block.parts, ">="),)
        wanted = beyond if case.value == block.extent else within(block)
        if not implies(case.conditions, wanted, terms):
            return value
    return always(terms.block(block))


Boundary = Callable[[Case, Polynomial, Polynomial, Polynomial, Terms], bool]


def _is_block(
    value: Piecewise, is_boundary: Boundary, n: Polynomial, r: Polynomial, s: Polynomial, terms: Terms
) -> bool | None:
    """The boundary, or n where r >= s: whether the latter holds for every r > s; None if it is another value."""
    inside = [is_boundary(case, n, r, s, terms) for case in value]
    beyond = (Condition(r - s, ">="),)
    for case, own in zip(value, inside, strict=True):
        if not own and (case.value != n or not implies(case.conditions, beyond, terms)):
            return None
    if not any(inside):
        return None
    until = (Condition(s - r, ">="),)
    return all(not own or implies(case.conditions, until, terms) for case, own in zip(value, inside, strict=True))


def _floor(case: Case, n: Polynomial, r: Polynomial, s: Polynomial, terms: Terms) -> bool:
    return _quotient(case.value, terms) == Quotient("/", n * r, s)


def _front(case: Case, n: Polynomial, r: Polynomial, s: Polynomial, terms: Terms) -> bool:
    whole = next((of_atom(a) for a, q in terms.quotients.items() if q == Quotient("/", n, s)), None)
    rest = next((of_atom(a) for a, q in terms.quotients.items() if q == Quotient("%", n, s)), None)
    if whole is None or rest is None:
        return False
    if case.value == whole * r + r:
        return implies(case.conditions, (Condition(rest - r, ">="),), terms)
    return case.value == whole * r + rest and implies(case.conditions, (Condition(r - rest, ">="),), terms)


def _is_owner(value: Piecewise, n: Polynomial, i: Polynomial, s: Polynomial, terms: Terms) -> bool:
    """floor(((i+1)*s - 1) / n)."""
    return all(_quotient(c.value, terms) == Quotient("/", (i + ONE) * s - ONE, n) for c in value)


def _quotient(value: Polynomial, terms: Terms) -> Quotient | None:
    return terms.quotients.get(_atom(value))


def _atom(value: Polynomial) -> Atom:
    """The atom that a polynomial is, or one that stands for nothing."""
    atom = next(iter(value.atoms), Atom("", ""))
    return atom if value == of_atom(atom) else Atom("", "")


def implies(conditions: Conditions, wanted: Conditions, terms: Terms) -> bool:
    """Whether all that is wanted holds wherever the conditions do."""
    for one in wanted:
        question = Question(terms)
        try:
            if question.point([question.all_of(conditions), question.condition(one.negated())]) is not None:
                return False
        except NotAffine:
            return False
    return True


def _width(function: tree.Function, extent: int) -> int:
    """The bits that are left of an extent all the way through a block function."""
    casts = [n.type for n in tree.walk(function.body) if isinstance(n, tree.Cast)]
    return min(width(kind) for kind in (function.returns, function.parameters[extent].symbol.type, *casts))


def _is_wide(function: tree.Function) -> bool:
    """Whether every product of two variables inside is computed in 64 bits, or is at most the extent."""
    quotients = [n for n in tree.walk(function.body) if isinstance(n, tree.Binary) and n.op == "/"]
    parts = {id(p) for q in quotients for p in tree.walk(q.left)}
    products = [n for n in tree.walk(function.body) if isinstance(n, tree.Binary) and n.op == "*" and id(n) in parts]
    return all(tree.is_long(p.type) for p in products)


# ---------------------------------------------------------------------------------- where a law is broken


def broken_blocks(
    function: tree.Function, order: tuple[int, int, int], functions: Mapping[str, tree.Function]
) -> str | None:
    """The smallest case in which the blocks of a function are wrong; None if there is none among the small ones."""

    def begin(n: int, r: int, s: int) -> int:
        return run(function, _ordered(order, (n, r, s)), functions)

    name = function.symbol.name
    for s in range(1, _MOST_RANKS + 1):
        for n in range(_LARGEST_EXTENT + 1):
            try:
                ends = [begin(n, r, s) for r in range(s + 2)]
            except NotComputable:
                continue
            problem = _wrong_blocks(ends, n, s)
            if problem:
                return f"{name} with {n} elements, {s} rank{'s' if s > 1 else ''}: {problem}"
    return None


def _wrong_blocks(ends: list[int], n: int, s: int) -> str:
    if ends[0] != 0:
        return f"the first block begins at {ends[0]}"
    for r in range(s):
        if ends[r + 1] < ends[r]:
            return f"block {r + 1} begins at {ends[r + 1]}, before block {r} at {ends[r]}"
    if ends[s] != n or ends[s + 1] != n:
        end = ends[s] if ends[s] != n else ends[s + 1]
        return f"the blocks end at {end}, not at {n}"
    widths = [b - a for a, b in itertools.pairwise(ends[: s + 1])]
    if max(widths) - min(widths) > 1:
        return f"the blocks hold {', '.join(map(str, widths))} elements"
    return ""


def broken_owner(
    function: tree.Function, order: tuple[int, int, int], functions: Mapping[str, tree.Function]
) -> str | None:
    """The smallest case in which a function does not give the rank that holds an index."""
    for s in range(1, _MOST_RANKS + 1):
        for n in range(1, _LARGEST_EXTENT + 1):
            for i in range(n):
                try:
                    owner = run(function, _ordered(order, (n, i, s)), functions)
                except NotComputable:
                    continue
                right = ((i + 1) * s - 1) // n
                if owner != right:
                    name = function.symbol.name
                    return f"{name} with {n} elements, {s} ranks: index {i} lies on rank {right}, not {owner}"
    return None


def _ordered(order: tuple[int, int, int], values: tuple[int, int, int]) -> list[int]:
    result = [0, 0, 0]
    for k, v in zip(order, values, strict=True):
        result[k] = v
    return result
