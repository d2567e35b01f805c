"""Polynomials: the normal form in which subscripts and bounds are compared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatmpi.analysis.numbers.polynomial import Polynomial, constant, macro, of_atom

N, M, ROW, COLUMN = (of_atom(macro(name)) for name in "nmij")
ATOMS = {a: macro(a) for a in "nmij"}


@st.composite
def polynomials(draw: st.DrawFn) -> Polynomial:
    total = constant(draw(st.integers(-5, 5)))
    for _ in range(draw(st.integers(0, 4))):
        term = constant(draw(st.integers(-4, 4)))
        for name in draw(st.lists(st.sampled_from("nmij"), max_size=3)):
            term = term * of_atom(macro(name))
        total = total + term
    return total


def value(p: Polynomial, at: dict[str, int]) -> int:
    reached = p.substitute({ATOMS[name]: constant(v) for name, v in at.items()}).constant
    assert reached is not None
    return reached


@given(polynomials(), polynomials())
def test_quotient_and_remainder_give_the_value_back(p: Polynomial, d: Polynomial) -> None:
    if d.terms:
        quotient, remainder = p.divided(d)
        assert quotient * d + remainder == p


@given(polynomials(), polynomials(), st.fixed_dictionaries({n: st.integers(-9, 9) for n in "nmij"}))
def test_arithmetic_is_that_of_the_values(p: Polynomial, q: Polynomial, at: dict[str, int]) -> None:
    assert value(p + q, at) == value(p, at) + value(q, at)
    assert value(p - q, at) == value(p, at) - value(q, at)
    assert value(p * q, at) == value(p, at) * value(q, at)


@given(polynomials(), st.fixed_dictionaries({n: st.integers(-9, 9) for n in "nmij"}))
def test_the_text_has_the_value(p: Polynomial, at: dict[str, int]) -> None:
    assert eval(p.text(), {}, dict(at)) == value(p, at)


def test_a_linear_subscript_falls_apart_by_its_stride() -> None:
    subscript = (ROW - constant(1)) * (N + constant(2)) + COLUMN
    rest = subscript - ROW * (N + constant(2)) - COLUMN
    assert rest.divided(N + constant(2)) == (constant(-1), constant(0))


def test_a_coefficient_is_what_stands_beside_the_variable() -> None:
    assert (ROW * N + COLUMN + ROW).coefficient(macro("i")) == N + constant(1)
