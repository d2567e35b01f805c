"""The canonical form of terms: two terms that differ only in the order of their sums, products or extremes have one.

It goes beyond IEEE arithmetic in this alone, and in what the order of a reduction brings along: zeros added, ones
multiplied, the rounding of partial sums to `float`. It is made only where two values are not the same term.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import Any

from chatmpi.verify.simulate.terms import Term, Terms

_SUMS = {"+": 1, "-": -1, "+f": 1, "-f": -1}
_PRODUCTS = frozenset({"*", "*f"})
_EXTREMES = frozenset({"max", "min"})
_TRANSPARENT = frozenset({"single"})
_TIME = "time"


class Canonical:
    """Canonical forms, each made once."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._known: dict[Term, Term] = {}
        self._parts: dict[Term, Any] = {}
        self._first: dict[Term, int] = {}

    def equal(self, a: Term, b: Term) -> bool:
        return a is b or self.of(a) is self.of(b)

    def of(self, term: Term) -> Term:
        """The canonical form of a term, itself a term."""
        known = self._known
        stack = [term]
        while stack:
            top = stack[-1]
            if top in known:
                stack.pop()
                continue
            parts = self._parts.get(top)
            if parts is None:
                parts = self._parts[top] = self._parts_of(top)
            missing = [p for p in parts if isinstance(p, Term) and p not in known]
            if missing:
                stack.extend(missing)
            else:
                known[top] = self._build(top, parts)
                del self._parts[top]
                stack.pop()
        return known[term]

    def _parts_of(self, term: Term) -> Any:
        """What the canonical form is made of: atoms with their multiplicities for sums and products."""
        if term.op in _SUMS or term.op == "neg":
            return self._summands(term)
        if term.op in _PRODUCTS:
            return self._flat(term, _PRODUCTS)
        if term.op in _EXTREMES:
            return self._flat(term, {term.op})
        return term.args

    def _summands(self, term: Term) -> dict[Term, tuple[int, int]]:
        """The atoms of a sum, each with how often it is added and subtracted; shared parts are met once."""
        counts: dict[Term, tuple[int, int]] = {term: (1, 0)}
        atoms: dict[Term, tuple[int, int]] = {}
        heap = [(-term.serial, term)]
        while heap:
            _, top = heapq.heappop(heap)
            plus, minus = counts.pop(top)
            sign = _SUMS.get(top.op)
            if sign is not None:
                children = ((top.args[0], plus, minus), (top.args[1], *((plus, minus) if sign > 0 else (minus, plus))))
            elif top.op == "neg":
                children = ((top.args[0], minus, plus),)  # type: ignore[assignment]
            elif top.op in _TRANSPARENT:
                children = ((top.args[0], plus, minus),)  # type: ignore[assignment]
            else:
                atoms[top] = (plus, minus)
                continue
            for child, more, less in children:
                old = counts.get(child)
                if old is None:
                    counts[child] = (more, less)
                    heapq.heappush(heap, (-child.serial, child))
                else:
                    counts[child] = (old[0] + more, old[1] + less)
        return atoms

    def _flat(self, term: Term, ops: Any) -> dict[Term, int]:
        counts: dict[Term, int] = {term: 1}
        atoms: dict[Term, int] = {}
        heap = [(-term.serial, term)]
        while heap:
            _, top = heapq.heappop(heap)
            often = counts.pop(top)
            if top.op in ops or top.op in _TRANSPARENT:
                for child in top.args:
                    if child not in counts:
                        heapq.heappush(heap, (-child.serial, child))
                    counts[child] = counts.get(child, 0) + often
            else:
                atoms[top] = often
        return atoms

    def _build(self, term: Term, parts: Any) -> Term:
        if term.op in _TRANSPARENT:
            return self._known[term.args[0]]
        if term.op in _SUMS or term.op == "neg":
            return self._sum(term, parts)
        if term.op in _PRODUCTS:
            return self._product(term, parts)
        if term.op in _EXTREMES:
            return self._extreme(term, parts)
        if term.op in ("/", "/f"):
            return self._quotient(term)
        if not any(isinstance(a, Term) for a in term.args):
            return term
        arguments = tuple(self._known[a] if isinstance(a, Term) else a for a in term.args)
        if any(isinstance(a, Term) and a.op == _TIME for a in arguments):
            return self._terms.applied(_TIME, 0.0)
        return self._terms.applied(term.op, term.value, *arguments)

    def _sum(self, term: Term, parts: dict[Term, tuple[int, int]]) -> Term:
        total: Counter[Term] = Counter()
        for atom, (plus, minus) in parts.items():
            form = self._known[atom]
            if form.op == _TIME:
                return form
            for inner, count in _counts(form, "sum"):
                if plus:
                    total[inner] += plus * count
                if minus:
                    total[self._negative(inner)] += minus * count
        for atom in [a for a in total if a.op == "const" and a.value == 0.0]:
            del total[atom]
        return self._collected("sum", total, term, 0.0)

    def _product(self, term: Term, parts: dict[Term, int]) -> Term:
        total: Counter[Term] = Counter()
        negative = False
        for atom, often in parts.items():
            form = self._known[atom]
            if form.op == _TIME:
                return form
            positive = self._magnitude(form)
            if positive is not form:
                negative ^= bool(often % 2)
            for inner, count in _counts(positive, "product"):
                total[inner] += often * count
        if any(a.op == "const" and a.value == 0.0 for a in total) and all(a.op == "const" for a in total):
            return self._terms.constant(0.0)
        for atom in [a for a in total if a.op == "const" and a.value == 1.0]:
            del total[atom]
        found = self._collected("product", total, term, 1.0)
        return self._negative(found) if negative else found

    def _quotient(self, term: Term) -> Term:
        above, below = self._known[term.args[0]], self._known[term.args[1]]
        if _TIME in (above.op, below.op):
            return above if above.op == _TIME else below
        up, down = self._magnitude(above), self._magnitude(below)
        found = self._terms.applied("/", term.value, up, down)
        return self._negative(found) if (up is above) != (down is below) else found

    def _extreme(self, term: Term, parts: dict[Term, int]) -> Term:
        """Those of the values that are extreme; of several equal ones the first that came to be."""
        best = min((a for a in parts if a.value == term.value), key=lambda a: a.serial, default=None)
        if best is not None:
            return self._known[best]
        return self._terms.applied(term.op, term.value, frozenset(self._known[a] for a in parts))

    def _negative(self, form: Term) -> Term:
        if form.op == "neg":
            inner: Term = form.args[0]
            return inner
        if form.op == "sum":
            total = Counter({self._negative(t): n for t, n in form.args[0]})
            return self._collected("sum", total, None, 0.0, -form.value)
        return self._terms.negated(form)

    def _magnitude(self, form: Term) -> Term:
        """Without its sign, where it bears one."""
        if form.op == "neg":
            inner: Term = form.args[0]
            return inner
        if form.op == "const" and form.value < 0:
            return self._terms.negated(form)
        return form

    def _collected(
        self, op: str, total: Counter[Term], term: Term | None, neutral: float, value: float | None = None
    ) -> Term:
        if not total:
            return self._terms.constant(neutral)
        if len(total) == 1:
            ((only, often),) = total.items()
            if often == 1:
                return only
        shadow = term.value if term is not None else (value or 0.0)
        return self._terms.applied(op, shadow, frozenset(total.items()))


def _counts(form: Term, op: str) -> Any:
    return form.args[0] if form.op == op else ((form, 1),)
