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
from chatmpi.analysis.surroundings import stepping
from chatmpi.analysis.touches import Touches
from chatmpi.analysis.tree import Expr, Symbol


def strided(
    loop: tree.For, touches: Touches, summaries: dict[str, Effects], unstable: frozenset[Symbol], naming: Naming
) -> CanonicalLoop | None:
    """The loop as if it were left early; None if it is none of these, or its step may be zero or negative."""
    moved = stepping(loop.step) if loop.step is not None else None
    if moved is None:
        return None
    variable, amount, down = moved
    if isinstance(amount, int):
        return None
    changed = written_in(loop.body, touches, summaries) | unstable | {variable}
    if not is_index(variable) or not is_fixed(amount, changed) or reads_memory(amount):
        return None
    name = tree.Name(span=amount.span, type=variable.type, symbol=variable)
    by_one = tree.Unary(span=amount.span, type=name.type, op="x--" if down else "x++", operand=name)
    form = canonical(replace(loop, step=by_one), touches, summaries, unstable, naming)
    if form is None or form.left or not _is_positive(amount, form, changed, naming):
        return None
    return replace(form, stmt=loop, left=True)


def _is_positive(amount: Expr, form: CanonicalLoop, changed: frozenset[Symbol], naming: Naming) -> bool:
    """Whether a step is at least one if the loop has an iteration."""
    space = Space({}, Parameters(), changed, naming)
    step = space.affine(polynomial(amount, naming))
    if step is None:
        return False
    lower, upper = space.affine(form.lower), space.affine(form.upper)
    begun = [f"{lower} < {upper}"] if lower is not None and upper is not None else []
    return holds_nowhere(space.parameters, [], [f"{step} <= 0", *begun])
