"""Calls to block functions inside expressions: the law of the function, or why it has none."""

from __future__ import annotations

from collections.abc import Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.verify.reading.evaluate import Law
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import is_integer, width
from chatmpi.verify.reading.laws import Laws, broken_blocks
from chatmpi.verify.reading.piecewise import Piecewise, single
from chatmpi.verify.reading.roles import RANK_VALUE, SIZE_VALUE
from chatmpi.verify.reading.terms import Terms


def law_for(laws: Laws) -> Law:
    """Gives block functions their values; raises Mismatch for one that deals indices wrongly, or not surely right."""

    def value(function: tree.Function, arguments: Sequence[Piecewise], call: tree.Call) -> Piecewise | None:
        found = laws.value(function, arguments, call)
        dealing = laws.dealing(function)
        if found is not None and dealing is not None and not dealing.wide:
            raise Mismatch(
                function,
                f"a product in '{function.symbol}' may overflow",
                f"{function.symbol} with 2000000000 elements, rank 2 of 3",
            )
        if found is not None and dealing is not None and width(call.arguments[dealing.order[0]].type) > dealing.width:
            raise Mismatch(
                call, f"'{function.symbol}' cuts off an extent that 'int' does not hold", "5000000000 elements"
            )
        if found is None and (order := _deals(function, arguments, laws)) is not None:
            broken = broken_blocks(function, order, laws.functions)
            what = "deals indices wrongly" if broken else "deals indices in a way that is not known to be right"
            raise Mismatch(function, f"'{function.symbol}' {what}", broken or "")
        return found

    return value


def _deals(function: tree.Function, arguments: Sequence[Piecewise], laws: Laws) -> tuple[int, int, int] | None:
    """The places of extent, rank and number of ranks, if a call asks for the beginning of this rank's block."""
    given = [single(a) for a in arguments]
    if len(given) != 3 or not all(is_integer(p.symbol.type) for p in function.parameters):
        return None
    ranks = [k for k, v in enumerate(given) if v in (RANK_VALUE, RANK_VALUE + ONE)]
    if len(ranks) != 1 or not _divides(function):
        return None
    others = [k for k in range(3) if k != ranks[0]]
    parts = next(
        (k for k in reversed(others) if given[k] == SIZE_VALUE or _is_defined(given[k], laws.terms)), others[-1]
    )
    return next(k for k in others if k != parts), ranks[0], parts


def _divides(function: tree.Function) -> bool:
    """Whether the function divides by one of its parameters."""
    parameters = {p.symbol for p in function.parameters}
    divisors = [n.right for n in tree.walk(function.body) if isinstance(n, tree.Binary) and n.op in {"/", "%"}]
    return any(isinstance(n, tree.Name) and n.symbol in parameters for d in divisors for n in tree.walk(d))


def _is_defined(value: Polynomial | None, terms: Terms) -> bool:
    return value is not None and any(a in terms.defined for a in value.atoms)
