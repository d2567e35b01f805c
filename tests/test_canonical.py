"""Which terms are equal up to the order of sums, products and extremes."""

import random
from functools import reduce

import pytest

from chatmpi.verify.simulate.apart import apart
from chatmpi.verify.simulate.canonical import Canonical
from chatmpi.verify.simulate.exact import Exact
from chatmpi.verify.simulate.terms import Term, Terms

NAMES = "abcd"


def value(text: str, terms: Terms) -> Term:
    """A C expression's term; a literal is a number, a letter an input."""
    known = {n: _Written(terms, terms.input(n, 1.0 + k / 8)) for k, n in enumerate(NAMES)}
    found = eval(text, {"max": _larger, "number": lambda x: _Written(terms, terms.constant(x)), **known})
    assert isinstance(found, _Written)
    return found.term


class _Written:
    def __init__(self, terms: Terms, term: Term) -> None:
        self.terms, self.term = terms, term

    def __add__(self, other: "_Written") -> "_Written":
        return _Written(self.terms, self.terms.add[self.term, other.term])

    def __sub__(self, other: "_Written") -> "_Written":
        return _Written(self.terms, self.terms.sub[self.term, other.term])

    def __mul__(self, other: "_Written") -> "_Written":
        return _Written(self.terms, self.terms.mul[self.term, other.term])

    def __truediv__(self, other: "_Written") -> "_Written":
        return _Written(self.terms, self.terms.div[self.term, other.term])

    def __neg__(self) -> "_Written":
        return _Written(self.terms, self.terms.negated(self.term))


def _larger(*values: _Written) -> _Written:
    terms = values[0].terms
    return _Written(terms, reduce(terms.maximum, [v.term for v in values]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(a + b) + c", "a + (c + b)"),
        ("a - b - c", "a - (b + c)"),
        ("a - b", "-b + a"),
        ("(a * b) * c", "c * (b * a)"),
        ("-a * b", "a * -b"),
        ("a + number(0.0)", "a"),
        ("a * number(1.0)", "a"),
        ("a * number(-1.0)", "-a"),
        ("a - number(2.0)", "a + number(-2.0)"),
        ("-a / b", "a / -b"),
        ("(a + b + c) * d + a", "a + d * (c + (b + a))"),
        ("max(a, b, c)", "max(c, b)"),
        ("(number(0.0) * number(3.0)) * a", "number(0.0) * (number(3.0) * a)"),
        ("a + number(0.0) * number(3.0)", "a"),
    ],
)
def test_the_order_does_not_matter(one: str, other: str) -> None:
    terms = Terms()
    a, b = value(one, terms), value(other, terms)
    assert Canonical(terms).equal(a, b)
    assert Exact(terms).equal(a, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a + b - b", "a"),
        ("a * (b + c)", "a * b + a * c"),
        ("a * b / b", "a"),
        ("a + a", "a"),
        ("a + a", "number(2.0) * a"),
        ("a - b", "b - a"),
        ("-(a + b) * c", "(a + b) * c"),
        ("a * a", "a"),
        ("a / b", "b / a"),
        ("max(a, b)", "max(a, c)"),
        ("a * number(0.0)", "number(0.0)"),
        ("a + number(1.0)", "a"),
    ],
)
def test_what_is_computed_in_another_way_is_told_apart(one: str, other: str) -> None:
    terms = Terms()
    assert not Canonical(terms).equal(value(one, terms), value(other, terms))


def test_an_extreme_of_rounded_values_is_one_of_them() -> None:
    terms = Terms()
    small, large = (terms.single(terms.input(name, value)) for name, value in (("x", 0.1), ("y", 0.7)))
    assert Canonical(terms).equal(terms.maximum(small, large), large)
    assert Canonical(terms).equal(terms.maximum(terms.maximum(large, small), small), large)
    assert not Canonical(terms).equal(terms.maximum(small, large), small)


def test_sums_of_many_values_in_any_order() -> None:
    chance = random.Random(4)
    for _ in range(50):
        terms = Terms()
        leaves = [terms.input(f"x{k}", chance.random()) for k in range(12)]
        weighted = [terms.mul[x, chance.choice(leaves)] for x in leaves]
        sums = []
        for _ in range(2):
            chance.shuffle(weighted)
            parts = [reduce(lambda a, b: terms.add[a, b], weighted[k : k + 4]) for k in (0, 4, 8)]
            sums.append(reduce(lambda a, b: terms.add[a, b], parts))
        less = reduce(lambda a, b: terms.add[a, b], weighted[1:])
        canonical = Canonical(terms)
        assert canonical.equal(*sums)
        assert not canonical.equal(sums[0], less)


def _sum_in_order(terms: Terms, values: list[Term]) -> Term:
    return reduce(lambda a, b: terms.add[a, b], values)


def test_what_two_computations_share_is_not_looked_into() -> None:
    """Deep chains below a sum: only the sums are told."""
    terms = Terms()
    leaves = [terms.input(f"x{k}", float(k)) for k in range(6)]
    for _ in range(50):
        leaves = [terms.mul[x, terms.add[x, y]] for x, y in zip(leaves, leaves[1:] + leaves[:1], strict=True)]
    one, other = _sum_in_order(terms, leaves), _sum_in_order(terms, leaves[::-1])
    found = apart([one], [other], 20)
    assert found is not None
    assert {t.serial for t in found.shared} == {t.serial for t in leaves}
    less = _sum_in_order(terms, leaves[1:])
    for known in (Canonical(terms).beside(found), Exact(terms).beside(found)):
        assert known[one.serial] == known[other.serial]
    rest = apart([one], [less], 1000)
    assert rest is not None
    forms = Canonical(terms).beside(rest)
    assert forms[one.serial] != forms[less.serial]
    assert apart([one], [other], 5) is None


@pytest.mark.parametrize("name", ["max", "min"])
def test_of_extremes_that_are_shared_nothing_is_told(name: str) -> None:
    """Which of equal values an extreme is can be seen only where it is looked into."""
    terms = Terms()
    a, b, c = (terms.input(n, 1.0) for n in "abc")
    of = terms.maximum if name == "max" else terms.minimum
    hidden = of(a, b)
    found = apart([terms.add[of(hidden, c), hidden]], [terms.mul[of(c, hidden), hidden]], 20)
    assert found is not None
    assert hidden in found.shared
    assert not Canonical(terms).beside(found)
    assert not Exact(terms).beside(found)
