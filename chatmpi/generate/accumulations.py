"""The text of array reductions: what a copy holds before counts once, and afterwards the copies are combined."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.iterations.updates import IDEMPOTENT, IDENTITY
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.bounds import expression
from chatmpi.generate.fragments import render
from chatmpi.generate.layout import Layout
from chatmpi.generate.neutral import array_starts_zero, element_starts_zero
from chatmpi.plan.accumulate import Sum
from chatmpi.plan.candidates import MPI_TYPES
from chatmpi.plan.fit import Misfit, fit
from chatmpi.plan.plan import Communication


def combine_copies(c: Communication, layout: Layout) -> None:
    facts = layout.facts
    loop, added = _adding(c, layout)
    place = _start(added.array, layout) if added.element is None else f"&{expression(added.element, layout)}"
    kind = MPI_TYPES[facts.extents[added.array].element.name]
    count = added.words.text()
    if added.span is not None:
        first, count = added.span.first.text(), added.span.count.text()
        place = _start(added.array, layout) if first == "0" else f"&{added.array.name}[{first}]"
        if added.span.count != facts.extents[added.array].dimensions[0]:
            count = f"{layout.helper('larger')}(0, {count})"
    fragment = render("allreduce", place=place, count=count, type=kind, operation=added.operation)
    layout.insertions.after.setdefault(c.start.statement, []).append(fragment)
    zero = added.operation in {"SUM", "BXOR"} and _starts_zero(added, loop, layout)
    if added.operation not in IDEMPOTENT and not zero:
        layout.insertions.before.setdefault(loop, []).append(_start_neutral(added, loop, layout))


def _starts_zero(added: Sum, loop: int, layout: Layout) -> bool:
    if added.element is not None and element_starts_zero(added.element, added.array, loop, layout):
        return True
    return array_starts_zero(added.array, loop, layout)


def _adding(c: Communication, layout: Layout) -> tuple[int, Sum]:
    """The loop that adds up what is combined, and how."""
    for loop in layout.plan.loops:
        i = loop.place.statement
        if loop.treatment == "distributed" and any(r.uid == c.uid for r in loop.reductions):
            found = fit(layout.facts.loops[i], layout.distributed_at(i), layout.facts)
            for added in () if isinstance(found, Misfit) else found.sums:
                if added.array.uid == c.uid and added.place(i) == c.start.statement:
                    return i, added
    raise AssertionError("no loop adds up what is combined")


def _start_neutral(added: Sum, loop: int, layout: Layout) -> str:
    neutral = IDENTITY[added.operation]
    name = added.array.name
    lines: list[str] = []
    if added.element is not None:
        lines = [f"{expression(added.element, layout)} = {neutral};"]
    elif neutral == "0":
        layout.headers.add("string.h")
        lines = [f"memset({_start(added.array, layout)}, 0, {_size(added.array, loop, layout)});"]
    else:
        lines = _loops(added.array, neutral, layout)
    lines[-1] += f"  /* what {name} held counts once */"
    return "\n".join([f"if ({layout.rank_used()} > 0)", *(layout.unit + line for line in lines)])


def _start(array: Symbol, layout: Layout) -> str:
    """Where its elements begin."""
    return array.name if layout.facts.arrays.declared[array].rows is None else f"{array.name}[0]"


def _size(array: Symbol, loop: int, layout: Layout) -> str:
    """The bytes of the whole array; in a helper function it may be a pointer's."""
    extents = layout.facts.extents[array]
    if isinstance(array.type, tree.Array):
        here = layout.in_main(loop) == loop
        return f"sizeof {array.name}" if here else f"{extents.words.operand_text()} * sizeof({extents.element.name})"
    assert isinstance(array.type, tree.Pointer)
    if layout.facts.arrays.declared[array].rows is not None:
        return f"{extents.words.operand_text()} * sizeof **{array.name}"
    rows = extents.dimensions[0] if isinstance(array.type.target, tree.Array) else extents.words
    return f"sizeof *{array.name}" if rows.constant == 1 else f"{rows.operand_text()} * sizeof *{array.name}"


def _loops(array: Symbol, neutral: str, layout: Layout) -> list[str]:
    """A loop nest over all elements, one loop for each subscript that the array takes."""
    extents = layout.facts.extents[array]
    several = not isinstance(array.type, tree.Pointer) or isinstance(array.type.target, tree.Array)
    limits = [d.text() for d in extents.dimensions] if several else [extents.words.text()]
    lines, subscripts = [], ""
    for depth, limit in enumerate(limits):
        k = layout.names.fresh("k" if depth == 0 else f"k{depth + 1}")
        lines.append(f"{layout.unit * depth}for ({layout.index} {k} = 0; {k} < {limit}; {k}++)")
        subscripts += f"[{k}]"
    return [*lines, f"{layout.unit * len(limits)}{array.name}{subscripts} = {neutral};"]
