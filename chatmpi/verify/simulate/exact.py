"""Terms evaluated with integers modulo a prime, where sums may be reordered and nothing is rounded.

Numbers of the program and inputs become integers, each another one; 0, 1 and powers of two and their negatives stay
what they are. Two terms with one value are, but for a chance of about 1e-18, equal for all data in exact arithmetic
(Schwartz 1980, Zippel 1979: polynomial identities hold if they hold at a random point).
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

from chatmpi.verify.simulate.apart import Apart
from chatmpi.verify.simulate.terms import Term, Terms

_PRIME = 2**61 - 1
_EXTREMES = frozenset({"max", "min"})


class Exact:
    """Values modulo the prime, each found once."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._known: list[int] = []
        self._best: dict[int, Term] = {}  # of an extreme, by its serial

    def equal(self, a: Term, b: Term) -> bool:
        return a is b or self.of(a) == self.of(b)

    def of(self, term: Term) -> int:
        known, everything = self._known, self._terms.everything
        for new in everything[len(known) : term.serial + 1]:
            if new.op == "+":  # most are one of these two
                a, b = new.args
                known.append((known[a.serial] + known[b.serial]) % _PRIME)
            elif new.op == "*":
                a, b = new.args
                known.append(known[a.serial] * known[b.serial] % _PRIME)
            else:
                known.append(self._value(new, known))
        return known[term.serial]

    def beside(self, found: Apart) -> dict[int, int]:
        """By their serials, values of the terms that two computations do not have in common, whatever those that they
        share are; empty where nothing can be told so."""
        known: dict[int, int] = {}
        for term in found.shared:
            is_number = term.op == "const"
            known[term.serial] = self._value(term, known) if is_number else _random("shared", term.serial)
        hidden = {t.serial for t in found.shared if t.op in _EXTREMES}
        for term in found.own:
            if term.op in _EXTREMES and any(a.op == term.op and a.serial in hidden for a in term.args):
                return {}
            known[term.serial] = self._value(term, known)
        return known

    def _value(self, term: Term, known: list[int] | dict[int, int]) -> int:
        op, args = term.op, term.args
        found: int
        match op:
            case "*" | "*f":
                found = known[args[0].serial] * known[args[1].serial]
            case "+" | "+f":
                found = known[args[0].serial] + known[args[1].serial]
            case "-" | "-f":
                found = known[args[0].serial] - known[args[1].serial]
            case "/" | "/f" if known[args[1].serial]:
                found = known[args[0].serial] * pow(known[args[1].serial], -1, _PRIME)
            case "const":
                return _constant(float.fromhex(args[0]))
            case "neg":
                found = -known[args[0].serial]
            case "single":
                found = known[args[0].serial]
            case "max" | "min":
                found = known[self._extreme(term).serial]
            case "time":
                found = 0  # no two runs agree in it
            case _:
                values: list[Any] = [known[a.serial] if isinstance(a, Term) else a for a in args]
                return _random("/" if op == "/f" else op, *values)
        return found % _PRIME

    def _extreme(self, term: Term) -> Term:
        """The value that is the extreme; of equal ones the first that came to be, however they were compared."""
        found: Term | None = None
        for a in term.args:
            best = self._best.get(a.serial) if a.op == term.op else a
            if best is not None and best.value == term.value and (found is None or best.serial < found.serial):
                found = best
        if found is None:
            chosen: Term = term.args[0]
            return chosen
        self._best[term.serial] = found
        return found


def _constant(value: float) -> int:
    if not math.isfinite(value):
        return _random("const", str(value))
    if value == 0.0:
        return 0
    mantissa, exponent = math.frexp(abs(value))
    found = pow(2, exponent - 1, _PRIME) if mantissa == 0.5 else _random("const", abs(value).hex())
    return found if value > 0 else -found % _PRIME


def _random(*key: Any) -> int:
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (_PRIME - 1) + 1
