"""Words for decisions: the pattern of a loop, why it is divided so, what stops it."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.parallel import Blocker
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.numbers.polynomial import constant
from chatmpi.plan.families import shared_reads
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
    if judged.reductions or judged.located or judged.lasting:
        return "reduction"
    if shared_reads(info, facts):
        return "row-block"
    return "map"


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


def dependences(loop: int, facts: Facts) -> tuple[Dependence, ...]:
    """All that keeps the iterations of a loop in order."""
    return tuple(dict.fromkeys(_as_dependence(b, facts, loop) for b in facts.loop_facts[loop].blockers))


def _as_dependence(b: Blocker, facts: Facts, loop: int) -> Dependence:
    location = facts.program.source.location(b.node.span.begin)
    statement = b.node.id if isinstance(b.node, tree.Stmt) else loop
    where = Place(statement, location.line, location.column)
    source, target = _witnesses(b, loop, facts)
    return Dependence(b.variable, b.kind, b.message, where, source, target)


def _witnesses(b: Blocker, loop: int, facts: Facts) -> tuple[str, str]:
    """Two iterations of which the later needs the earlier; nothing where that two depend is only not ruled out."""
    form = facts.loops[loop].canonical
    if form is None:
        return ("its first iteration", "its second") if b.kind in {"form", "control"} else ("", "")
    name = form.variable.name
    if b.witness is not None:
        return f"{name} = {b.witness[0]}", f"{name} = {b.witness[1]}"
    scalar = all(s.name != b.variable for s in facts.arrays.declared)
    if form.start_poly is None or not scalar or b.kind not in {"flow", "anti", "output", "call"}:
        return "", ""
    second = form.start_poly + constant(form.step)
    return f"{name} = {form.start_poly.text()}", f"{name} = {second.text()}"
