"""The text of loops that are left early: a rank notes what it finds, and all ranks leave if one of them found it."""

from __future__ import annotations

from chatmpi.analysis.source import Edit, Span
from chatmpi.generate.layout import Layout
from chatmpi.plan.exits import exit_lines
from chatmpi.plan.plan import Communication


def leave_together(c: Communication, layout: Layout) -> None:
    loop = c.start.statement
    info = layout.facts.loops[loop]
    found = layout.facts.loop_facts[loop].exit
    assert found is not None
    assert info.canonical is not None
    condition = info.canonical.stmt.condition
    assert condition is not None
    inside, apart, _ = info.canonical.variable.name.rpartition("::")  # a name of the same function
    name = layout.names.fresh(f"{inside}{apart}found")
    lines = exit_lines(found, layout.facts)
    layout.insertions.before.setdefault(loop, []).append(f"int {name} = 0;  /* whether this rank leaves the loop */")
    layout.edits.append(Edit(found.branch.span, f"{{ {name} = 1; break; }}"))
    if found.inner:
        layout.edits.append(Edit(Span(condition.span.end, condition.span.end), f" && !{name}"))
    after = [f"MPI_Allreduce(MPI_IN_PLACE, &{name}, 1, MPI_INT, MPI_LOR, MPI_COMM_WORLD);"]
    if len(lines) == 1:
        after += [f"if ({name})", f"{layout.unit}{lines[0]}"]
    elif lines:
        after += [f"if ({name}) {{", *(f"{layout.unit}{line}" for line in lines), "}"]
    layout.insertions.after.setdefault(loop, []).extend(after)
