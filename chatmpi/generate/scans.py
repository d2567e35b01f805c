"""The text of scans: each rank runs its block alone, then adds what the blocks before come to."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.iterations.scans import Scan
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import ElementTouch
from chatmpi.generate.bounds import Header, expression
from chatmpi.generate.fragments import render
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Blocks, Copy, Layout, plus, row_text
from chatmpi.generate.neutral import count_once
from chatmpi.generate.ownership import is_mine, local_row
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.scan import element_name, neutral, start_row


def run_apart(info: LoopInfo, blocks: Blocks, header: Header, layout: Layout) -> None:
    """Let every rank scan its block from a neutral value, and combine what is kept with the blocks before."""
    for scan in layout.facts.loop_facts[info.stmt.id].scans:
        if scan.before:
            carrier = _running_variable(scan, info, blocks, layout)
        else:
            carrier = scan.carrier.name
            if all(r.symbol != scan.carrier for r in layout.facts.loop_facts[info.stmt.id].reductions):
                count_once(scan.carrier.uid, carrier, scan.operation, info.stmt.id, layout)
        layout.insertions.after.setdefault(info.stmt.id, []).insert(
            0, _combination(scan, carrier, info, header, layout)
        )


def _running_variable(scan: Scan, info: LoopInfo, blocks: Blocks, layout: Layout) -> str:
    """A variable in the place of the element before; it starts from that element where the loop starts."""
    array = scan.carrier.name
    run = layout.names.fresh(f"{array}_run")
    start = start_row(scan, info) + _shift(scan.kept[0], info)
    shown = row_text(start.operand_text(), start.symbols, layout)
    value = neutral(scan)
    if "INFINITY" not in value and not value.isdigit():
        layout.headers.add("limits.h")
    layout.insertions.before.setdefault(info.stmt.id, []).append(
        render(
            "scan_start",
            element=element_name(scan),
            run=run,
            neutral=value,
            array=array,
            mine=is_mine(shown, blocks),
            local=local_row(shown, blocks),
            unit=layout.unit,
        )
    )
    for node in scan.before:
        if node.in_macro:
            raise Uneditable("a macro writes the element before", node, array=scan.carrier)
        layout.copied[id(node)] = Copy(run, True)
    _carry_on(run, scan.kept[0].touch, layout)
    return run


def _carry_on(run: str, touch: ElementTouch, layout: Layout) -> None:
    """`s[i] = run = run + x[i];`, or `run = s[i];` as a statement of its own."""
    match touch.update:
        case tree.Assign(op="=", value=value) if not value.in_macro:
            layout.edits.append(Edit(Span(value.span.begin, value.span.begin), f"{run} = "))
        case _:
            line = f"{run} = {expression(touch.node, layout)};"
            layout.insertions.after.setdefault(touch.context.statement.id, []).insert(0, line)


def _combination(scan: Scan, carrier: str, info: LoopInfo, header: Header, layout: Layout) -> str:
    assert info.canonical is not None
    k = layout.names.fresh("k")
    element = element_name(scan)
    return render(
        "scan",
        element=element,
        before=layout.names.fresh(f"{scan.carrier.name}_before"),
        neutral="0" if scan.operation != "PROD" else "1",
        carrier=carrier,
        type=MPI_TYPES[element],
        operation=scan.operation,
        rank=layout.rank_used(),
        index=type_text(info.canonical.variable.type),
        k=k,
        start=header.start,
        relation=header.relation,
        bound=header.bound,
        kept=[f"{a.touch.symbol.name}[{_at(k, a, info)}]" for a in scan.kept],
        unit=layout.unit,
    )


def _shift(access: Access, info: LoopInfo) -> Polynomial:
    row = access.subscripts[0]
    assert row is not None
    assert info.canonical is not None
    return row - of_atom(variable(info.canonical.variable))


def _at(k: str, access: Access, info: LoopInfo) -> str:
    return plus(k, _shift(access, info).constant or 0)
