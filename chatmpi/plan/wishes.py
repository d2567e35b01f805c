"""What an edited plan asks for, as far as a program allows it to be asked."""

from __future__ import annotations

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.analysis.facts import Facts
from chatmpi.plan.decide import Wishes
from chatmpi.plan.plan import Plan


def wishes_of(plan: Plan, facts: Facts) -> Wishes:
    """The arrays that a plan replicates and the loops that it leaves whole or divides.

    Raises UsageError if it names arrays or loops that the program does not have.
    """
    arrays = {s.uid: s for s in facts.arrays.declared}
    for a in plan.arrays:
        if a.uid not in arrays or arrays[a.uid].name != a.name:
            raise _other_program(f"array '{a.name}'")
    for loop in plan.loops:
        info = facts.loops.get(loop.place.statement)
        if info is None or facts.program.source.location(info.stmt.span.begin).line != loop.place.line:
            raise _other_program(f"the loop at line {loop.place.line}")
    divided = frozenset(x.place.statement for x in plan.loops if x.treatment == "distributed")
    whole = frozenset(x.place.statement for x in plan.loops if x.treatment not in ("distributed", "printed"))
    replicated = tuple((arrays[a.uid], "the plan says so") for a in plan.arrays if a.partition is None)
    return Wishes(replicated, whole, divided)


def _other_program(what: str) -> UsageError:
    hint = "make the plan anew with 'chatmpi explain --format json'"
    return UsageError(Diagnostic("error", f"the plan is for another program: this one does not have {what}", hint=hint))
