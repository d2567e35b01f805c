"""What is to be shown of loops that rank 0 runs to print, on rows that it gets from their owners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.dependence import loops_from
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.polynomial import ONE, constant, of_atom, variable
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.fit import Misfit
from chatmpi.plan.plan import LoopPlan, Partition, Plan
from chatmpi.plan.printing import Printed, printed
from chatmpi.verify.verdict import Counterexample


def printed_loops(plan: Plan) -> frozenset[int]:
    return frozenset(loop.place.statement for loop in plan.loops if loop.treatment == "printed")


def printing_faults(facts: Facts, plan: Plan, of_array: Mapping[Symbol, Partition]) -> Iterator[Counterexample]:
    """Rank 0 alone needs what such a loop does, gets all the rows that it reads, and prints them in order."""
    collected = {(c.start.statement, c.uid) for c in plan.communications if c.kind == "collect"}
    expected: set[tuple[int, int]] = set()
    for loop in plan.loops:
        if loop.treatment != "printed":
            continue
        info = facts.loops.get(loop.place.statement)
        if info is None:
            yield Counterexample("proved", "there is no such loop", None)
            continue
        found = printed(info, frozenset(of_array), facts)
        if isinstance(found, Misfit):
            yield _at(info.stmt, f"the loop cannot be left to rank 0: {found.reason}", facts)
            continue
        expected |= {(info.stmt.id, s.uid) for s in found.arrays}
        if loop.partition is not None:
            yield from _blocks(loop, info, found, of_array, facts)
    for i, uid in sorted(expected ^ collected):
        name = next((s.name for s in facts.arrays.declared if s.uid == uid), "?")
        wrong = "does not get" if (i, uid) in expected else "need not get"
        yield Counterexample("proved", f"rank 0 {wrong} the rows of '{name}' for the loop that prints them", None)


def _blocks(
    loop: LoopPlan, info: LoopInfo, found: Printed, of_array: Mapping[Symbol, Partition], facts: Facts
) -> Iterator[Counterexample]:
    if {of_array[s].name for s in found.arrays} != {loop.partition}:
        yield _at(info.stmt, "the arrays that the loop prints are not divided alike", facts)
    if found.extent is None or (loop.shift, loop.scale) != (found.shift, found.scale.text()):
        yield _at(info.stmt, "the loop's iterations do not follow the rows so", facts)
        return
    for symbol in found.arrays:
        for access in facts.accesses_in(info.stmt.id).get(symbol, ()):
            yield from _foreign(access, info, found, facts)


def _foreign(access: Access, info: LoopInfo, found: Printed, facts: Facts) -> Iterator[Counterexample]:
    """An iteration reads nothing but rows of its block: row i + shift, for every i with i + shift in the block."""
    row = access.subscripts[0]
    if row is None:
        if found.scale == ONE:
            yield _at(access.touch.node, "the row of this element is not known", facts)
        return  # a loop over the words of whole rows: word w of row w / words, by construction of its bounds
    around = loops_from(info, access, facts.loops)
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    own = frozenset(c.variable for c in around)
    space = Space(dims, Parameters(), info.written - own, facts.naming_at(info.around))
    assert info.canonical is not None
    here, belongs = space.affine(row), space.affine(of_atom(variable(info.canonical.variable)) + constant(found.shift))
    if here is None or belongs is None:
        yield _at(access.touch.node, "the row of this element is not affine", facts)
        return
    known = [space.range(c) for c in around] + [space.guards(access.touch.context.guards, info, facts.loops)]
    mine = f"begin <= {belongs} < end and 0 <= begin <= end"
    outside = f"({here} < begin or {here} >= end)"
    if not holds_nowhere(space.parameters, list(dims.values()), [*known, mine, outside], ("begin", "end")):
        yield _at(access.touch.node, f"'{text(access.touch.node)}' may lie in another rank's block", facts)


def _at(node: tree.Node, message: str, facts: Facts) -> Counterexample:
    return Counterexample("proved", message, facts.program.source.location(node.span.begin))
