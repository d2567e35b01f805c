"""Loops whose step is a number found as the program runs: `for (j = 0; j < n; j += n / 8 + 1)`.

They take some values of their range, in their order, if the step is positive whenever there is an iteration. Which ones
is not known: for all that asks they are loops that are left before their end.
"""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import Effects
from chatmpi.analysis.loops import CanonicalLoop, canonical, is_fixed, is_index, reads_memory, written_in
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.values import Naming, polynomial
from chatmpi.analysis.touches import Touches
from chatmpi.analysis.tree import Expr, Symbol


def strided(
    loop: tree.For, touches: Touches, summaries: dict[str, Effects], unstable: frozenset[Symbol], naming: Naming
) -> CanonicalLoop | None:
    """The loop as if it were left early; None if it is none of these, or its step may be zero or negative."""
    moved = _step(loop.step)
    if moved is None:
        return None
    name, op, amount = moved
    changed = written_in(loop.body, touches, summaries) | unstable | {name.symbol}
    if not is_index(name.symbol) or not is_fixed(amount, changed) or reads_memory(amount):
        return None
    by_one = tree.Unary(span=amount.span, type=name.type, op=op, operand=name)
    form = canonical(replace(loop, step=by_one), touches, summaries, unstable, naming)
    if form is None or form.left or not _is_positive(amount, form, changed, naming):
        return None
    return replace(form, stmt=loop, left=True)


def _step(step: Expr | None) -> tuple[tree.Name, str, Expr] | None:
    """The variable, the step by one in the same direction, and by how much it is."""
    by_one = {"+=": "x++", "-=": "x--", "+": "x++", "-": "x--"}
    match step:
        case tree.Assign(op="+=" | "-=" as op, target=tree.Name() as name, value=amount):
            return name, by_one[op], amount
        case tree.Assign(op="=", target=tree.Name() as name, value=tree.Binary(op="+" | "-" as op, left=a, right=b)):
            if isinstance(a, tree.Name) and a.symbol == name.symbol:
                return name, by_one[op], b
            if op == "+" and isinstance(b, tree.Name) and b.symbol == name.symbol:
                return name, by_one[op], a
    return None


def _is_positive(amount: Expr, form: CanonicalLoop, changed: frozenset[Symbol], naming: Naming) -> bool:
    """Whether a step is at least one if the loop has an iteration."""
    space = Space({}, Parameters(), changed, naming)
    step = space.affine(polynomial(amount, naming))
    if step is None:
        return False
    lower, upper = space.affine(form.lower), space.affine(form.upper)
    begun = [f"{lower} < {upper}"] if lower is not None and upper is not None else []
    return holds_nowhere(space.parameters, [], [f"{step} <= 0", *begun])
