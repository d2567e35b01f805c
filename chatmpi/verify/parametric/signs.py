"""Quantities that are never negative, for any sizes, rank and number of ranks: seen from how they are written."""

from __future__ import annotations

from chatmpi.analysis.numbers.pieces import Choice, Combined, Comparison, Condition, negated
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, of_atom
from chatmpi.verify.parametric.quantities import RANK, RANKS, Divided, OfSize

_DEPTH = 8  # of choices in differences

Known = tuple[Polynomial, ...]  # that are not negative


def is_natural(q: Polynomial) -> bool:
    """Whether a sum of what is not negative: `n + p - 1` too, as sizes and numbers of ranks are at least 1."""
    least = sum(f for m, f in q.terms if not m or (f > 0 and all(_is_at_least_one(a) for a in m)))
    return least >= 0 and all(f > 0 and all(map(_is_natural_atom, m)) for m, f in q.terms if m)


def known_from(c: Condition) -> Known:
    """What is not negative where a condition holds."""
    match c:
        case Comparison(op=op, left=left):
            more, less = left, left.scaled(-1)
            of = {"<": (less - ONE,), "<=": (less,), ">": (more - ONE,), ">=": (more,), "==": (more, less)}
            return of.get(op, ())
        case Combined(every=True, parts=parts):
            return tuple(q for p in parts for q in known_from(p))
    return ()


def never_negative(q: Polynomial, known: Known = (), depth: int = _DEPTH) -> bool:
    """The differences of blocks' ends and beginnings too: `n * (r + 1) / p - n * r / p`, of least and greatest."""
    if is_natural(q) or any(is_natural(q - k) for k in known):
        return True
    if depth == 0:
        return False
    for monomial, factor in q.terms:
        if len(monomial) != 1:
            continue
        (atom,) = monomial
        match atom.origin:
            case Choice() as made:
                return _with_either(q, atom, factor, made, known, depth)
            case Divided(op="/", dividend=a, divisor=b) if factor < 0 and is_natural(a) and is_natural(b):
                for larger in _quotients_by(q, b):
                    difference = larger.origin.dividend - a if isinstance(larger.origin, Divided) else q
                    rest = q + of_atom(atom) - of_atom(larger)
                    if never_negative(difference, known, depth - 1) and never_negative(rest, known, depth - 1):
                        return True
    return False


def _with_either(q: Polynomial, atom: Atom, factor: int, made: Choice, known: Known, depth: int) -> bool:
    """One of the two is enough where the other one is chosen only if that makes the whole larger."""
    then, otherwise = (q.substitute({atom: v}) for v in (made.then, made.otherwise))
    alone = sum(atom in m for m, _ in q.terms) == 1
    if alone and ((_is_least(made) and factor < 0) or (_is_greatest(made) and factor > 0)):
        return never_negative(then, known, depth - 1) or never_negative(otherwise, known, depth - 1)
    holds, fails = known_from(made.condition), known_from(negated(made.condition))
    return never_negative(then, (*known, *holds), depth - 1) and never_negative(otherwise, (*known, *fails), depth - 1)


def _is_least(c: Choice) -> bool:
    match c.condition:
        case Comparison(op="<" | "<=", left=left):
            return left == c.then - c.otherwise
        case Comparison(op=">" | ">=", left=left):
            return left == c.otherwise - c.then
    return False


def _is_greatest(c: Choice) -> bool:
    match c.condition:
        case Comparison(op=">" | ">=", left=left):
            return left == c.then - c.otherwise
        case Comparison(op="<" | "<=", left=left):
            return left == c.otherwise - c.then
    return False


def _quotients_by(q: Polynomial, divisor: Polynomial) -> list[Atom]:
    """Those that are added."""
    return [
        m[0]
        for m, factor in q.terms
        if len(m) == 1 and factor > 0 and isinstance(m[0].origin, Divided) and m[0].origin.op == "/"
        if m[0].origin.divisor == divisor
    ]


def _is_at_least_one(atom: Atom) -> bool:
    return isinstance(atom.origin, OfSize) or atom == RANKS


def _is_natural_atom(atom: Atom) -> bool:
    match atom.origin:
        case OfSize():
            return True
        case Divided(dividend=a, divisor=b):
            return is_natural(a) and is_natural(b)
        case Choice(then=then, otherwise=otherwise):
            return is_natural(then) and is_natural(otherwise)
    return atom in (RANK, RANKS)
