"""The text of last values: who set them last is found out, and that rank's values are broadcast."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.loops import CanonicalLoop
from chatmpi.generate.bounds import bound_text, expression
from chatmpi.generate.fragments import render
from chatmpi.generate.layout import Layout, plus
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.last import highest_rank_wins
from chatmpi.plan.plan import Communication


def agree_on_last(c: Communication, layout: Layout) -> None:
    loop = c.start.statement
    info = layout.facts.loops[loop]
    found = next(x for x in layout.facts.loop_facts[loop].lasting if x.symbols[0].uid == c.uid)
    rank, highest = layout.rank_used(), highest_rank_wins(info)
    name = layout.names.fresh(f"{found.symbols[0].name}_from")
    none = "-1" if highest else layout.size_used()
    before = layout.insertions.before
    before.setdefault(loop, []).append(f"int {name} = {none};  /* this rank, if it sets {found.names} */")
    for s in found.marks:
        before.setdefault(s.id, []).append(f"{name} = {rank};")
    types = [s.type.name for s in found.symbols if isinstance(s.type, tree.Scalar)]
    fragment = render(
        "last",
        names=found.names,
        order="highest" if highest else "lowest",
        operation="MAX" if highest else "MIN",
        rank=name,
        found=f"{name} >= 0" if highest else f"{name} < {none}",
        values=[(s.name, MPI_TYPES[t]) for s, t in zip(found.symbols, types, strict=True)],
        unit=layout.unit,
    )
    layout.insertions.after.setdefault(loop, []).append(fragment)


def set_counter(loop: CanonicalLoop, layout: Layout) -> None:
    """What a loop's variable is after all iterations, behind a loop that runs through a rank's share."""
    start, bound = expression(loop.start, layout), bound_text(loop, layout)
    if loop.step > 0:
        end = f"{layout.helper('larger')}({start}, {plus(bound, 1 if loop.relation == '<=' else 0)})"
    else:
        end = f"{layout.helper('smaller')}({start}, {plus(bound, -1 if loop.relation == '>=' else 0)})"
    line = f"{loop.variable.name} = {end};  /* as after all iterations */"
    layout.insertions.after.setdefault(loop.stmt.id, []).append(line)
