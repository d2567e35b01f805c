"""Words for decisions: the pattern of a loop, why it is divided so, what stops it."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.parallel import Blocker
from chatmpi.plan.fit import Fit
from chatmpi.plan.plan import Dependence, Place


def pattern(info: LoopInfo, found: Fit | None, facts: Facts) -> str:
    """The family of a loop, from what its accesses and dependences are."""
    judged = facts.loop_facts[info.stmt.id]
    if found is not None and (found.copies or found.turning):
        return "owner broadcast" + (" with reduction" if judged.reductions else "")
    if not judged.is_parallel and (found is None or not judged.reads_old_values):
        kinds = {b.kind for b in judged.blockers}
        return "recurrence" if kinds & {"flow", "anti", "output"} else "sequential"
    if judged.scans:
        return "scan"
    if found is not None and any(h.width for h in found.needs.values()):
        return "stencil halo" + (" with reduction" if judged.reductions else "")
    if judged.accumulated:
        return "array reduction"
    if judged.reductions or judged.located:
        return "reduction"
    if _contracts(info, facts):
        return "row-block"
    return "map"


def _contracts(info: LoopInfo, facts: Facts) -> bool:
    """Whether inner loops read, for one iteration, data that other iterations read too: products of matrices."""
    for many in facts.accesses_in(info.stmt.id).values():
        for a in many:
            assert info.canonical is not None
            inner = len(a.touch.context.loops) > len(info.around)
            symbols = {s for p in a.subscripts if p is not None for s in p.symbols}
            if a.touch.read and not a.touch.write and inner and info.canonical.variable not in symbols and symbols:
                return True
    return False


def loop_reason(found: Fit, facts: Facts) -> str:
    old = {b.variable for b in facts.loop_facts[found.loop].blockers} if found.split is None else set()
    if old:
        names = ", ".join(sorted(old))
        return f"what iterations overwrite of {names}, others only read before: on other ranks it keeps its old values"
    if not found.arrays:
        return "its iterations are independent; its range is dealt out in blocks"
    if found.split is not None:
        return f"but for the row that iteration {found.split.text()} changes, its iterations are independent"
    names = ", ".join(sorted(s.name for s in found.arrays))
    return f"each rank runs the iterations of the rows of {names} that it owns"


def dependence(loop: int, facts: Facts) -> Dependence | None:
    blockers = facts.loop_facts[loop].blockers
    return _as_dependence(blockers[0], facts, loop) if blockers else None


def _as_dependence(b: Blocker, facts: Facts, loop: int) -> Dependence:
    location = facts.program.source.location(b.node.span.begin)
    statement = b.node.id if isinstance(b.node, tree.Stmt) else loop
    where = Place(statement, location.line, location.column)
    form = facts.loops[loop].canonical
    name = form.variable.name if form else "iteration"
    source, target = (f"{name} = {b.witness[0]}", f"{name} = {b.witness[1]}") if b.witness else ("", "")
    return Dependence(b.variable, b.kind, b.message, where, source, target)
