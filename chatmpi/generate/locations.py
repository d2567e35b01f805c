"""The text of extrema with companions: the pair of value and rank is reduced, the winner's companions are broadcast."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.iterations.locations import Location
from chatmpi.generate.fragments import render
from chatmpi.generate.layout import Layout
from chatmpi.generate.ownership import global_row
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.locate import PAIR_TYPES, lowest_rank_wins, operation, pair_element
from chatmpi.plan.plan import Communication


def agree_on_location(c: Communication, layout: Layout) -> None:
    facts = layout.facts
    info = facts.loops[c.start.statement]
    found = next(f for f in facts.loop_facts[c.start.statement].located if f.symbol.uid == c.uid)
    name = found.symbol.name
    rank, size = layout.rank_used(), layout.size
    pair = layout.names.fresh(f"{name}_at")
    key, root = rank, f"{pair}.rank"
    if not lowest_rank_wins(found, info):
        size = layout.size_used()
        key, root = f"{size} - 1 - {rank}", f"{size} - 1 - {pair}.rank"
    before = layout.insertions.before
    loop = next(x for x in layout.plan.loops if x.place.statement == c.start.statement)
    blocks = layout.blocks[loop.partition] if loop.partition is not None else None
    dealt = blocks is not None and blocks.cyclic
    if blocks is not None and dealt:
        assert info.canonical is not None
        key = layout.names.fresh(f"{name}_row")
        root = f"{pair}.row % {layout.size_used()}"
        line = f"int {key} = 0;  /* where this rank finds {name} */"
        before.setdefault(c.start.statement, []).append(line)
        here = global_row(info.canonical.variable.name, blocks)
        before.setdefault(found.begins.id, []).append(f"{key} = {here};")
    elif not found.first_wins:
        size = layout.size_used()
        is_set = layout.names.fresh(f"{name}_set")
        before.setdefault(c.start.statement, []).append(f"int {is_set} = 0;  /* whether this rank sets {name} */")
        before.setdefault(found.begins.id, []).append(f"{is_set} = 1;")
        key, root = f"{is_set} ? {key} : {size}", f"{pair}.rank < {size} ? {root} : 0"
    element, types = _types(found)
    element = pair_element(element)
    fragment = render(
        "locate",
        which="the first" if found.first_wins else "the last",
        extremum="largest" if found.operation == "MAX" else "smallest",
        name=name,
        companions=[s.name for s in found.companions],
        types=types,
        element=element,
        pair=pair,
        pair_type=PAIR_TYPES[element],
        operation=operation(found),
        key=key,
        by="row" if dealt else "rank",
        root=root,
    )
    layout.insertions.after.setdefault(c.start.statement, []).append(fragment)


def _types(found: Location) -> tuple[str, list[str]]:
    """The type of the extremum, and MPI's of the companions."""
    kinds = [s.type for s in (found.symbol, *found.companions)]
    names = [k.name for k in kinds if isinstance(k, tree.Scalar)]
    return names[0], [MPI_TYPES[n] for n in names[1:]]
