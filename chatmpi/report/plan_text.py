"""A plan as people read it: what is divided how, what is exchanged, what is not divided and why."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.source import Location, Source
from chatmpi.plan.balance import work_text
from chatmpi.plan.plan import (
    Alternative,
    ArrayPlan,
    Communication,
    Dependence,
    Halo,
    LoopPlan,
    Partition,
    Place,
    Plan,
    Reduction,
    counted,
)
from chatmpi.plan.quantities import amount, seconds
from chatmpi.report.gain import gain_text
from chatmpi.report.paint import Paint
from chatmpi.report.table import Row, table, wrapped

_LINE = frozenset({0})  # the column of line numbers


def plan_text(plan: Plan, source: Source, paint: Paint) -> str:
    """The whole report, sections apart by an empty line."""
    return "\n\n".join(_sections(plan, source, paint)) + "\n"


def _sections(plan: Plan, source: Source, paint: Paint) -> Iterator[str]:
    yield _title(plan, source, paint)
    if plan.partitions:
        yield _section("Partitions", _partitions(plan.partitions, paint), paint)
    if plan.arrays:
        yield _section("Arrays", "\n".join([_arrays(plan.arrays, paint), *memory_lines(plan)]), paint)
    if plan.loops:
        yield _section("Loops", _loops(plan.loops, paint), paint)
    if plan.communications:
        yield _section("Communication", _communications(plan.communications, paint), paint)
    if plan.guards or plan.outputs or any(x.treatment == "printed" for x in plan.loops):
        yield _section("Done by one rank", _single_rank(plan), paint)
    left = [_left_loop(loop, source, paint) for loop in plan.loops if loop.treatment in ("replicated", "guarded")]
    left += [_left_array(array, source, paint) for array in plan.arrays if array.partition is None]
    if left:
        yield _section("Not distributed", "\n\n".join(left), paint)
    if plan.alternatives:
        yield _section("Alternatives considered", _alternatives(plan.alternatives, paint), paint)
    if plan.notes:
        notes = "\n".join("\n".join(wrapped(note, "  - ", "    ")) for note in plan.notes)
        yield _section("Notes", notes, paint)


def _section(title: str, body: str, paint: Paint) -> str:
    return f"{paint.heading(title)}\n{body}"


def _title(plan: Plan, source: Source, paint: Paint) -> str:
    if not plan.is_distributed:
        return f"{paint.heading(source.name)}: {paint.bad('nothing can be distributed')}"
    lines = [f"{paint.heading(source.name)}: {counted(plan)} distributed"]
    if plan.obstacle:
        lines = [f"{paint.heading(source.name)}: {paint.bad('nothing is written by this plan')}"]
        lines += wrapped(plan.obstacle, "  ")
        lines.append(f"what was tried: {counted(plan)} distributed")
    if plan.plain:
        lines.append("a plain plan: of the simplest treatments only (see the notes)")
    lines.append(f"cost {seconds(plan.cost)} by the model, at nominal sizes")
    return "\n".join([*lines, *wrapped(gain_text(plan), "", "  ")])


def _partitions(partitions: tuple[Partition, ...], paint: Paint) -> str:
    rows = [
        Row((p.name, f"0 <= i < {p.extent}", dealt_text(p), str(p.min_block), halo_text(p.halo))) for p in partitions
    ]
    return table(("name", "indices", "dealt in", "smallest", "halo"), rows, paint)


def _arrays(arrays: tuple[ArrayPlan, ...], paint: Paint) -> str:
    rows = [
        Row(
            (
                str(a.place.line),
                a.name,
                f"{a.element}{shape_text(a)}",
                f"by {a.partition}" if a.partition else "replicated",
                f"{a.halo.lower}+{a.halo.upper}" if a.partition else "",
                a.words_per_rank,
            ),
            f"{a.family}: {a.reason}" if a.family and a.family != "replicated" else a.reason,
            held_text(a),
        )
        for a in arrays
    ]
    return table(("line", "array", "elements", "held", "halo", "words per rank"), rows, paint, _LINE)


def _loops(loops: tuple[LoopPlan, ...], paint: Paint) -> str:
    rows = [
        Row(
            (
                str(loop.place.line),
                loop.variable or "-",
                loop.family or loop.pattern or "-",
                treatment_text(loop),
                ", ".join(map(reduction_text, loop.reductions)),
            ),
            loop.reason,
        )
        for loop in loops
    ]
    return table(("line", "loop", "family", "treatment", "reductions"), rows, paint, _LINE)


def _communications(communications: tuple[Communication, ...], paint: Paint) -> str:
    rows = [
        Row((where_text(c), what_text(c), c.words), f"{c.times}: {c.reason}", needed_text(c)) for c in communications
    ]
    return table(("where", "what", "words each time"), rows, paint)


def _single_rank(plan: Plan) -> str:
    lines = [f"  line {g.place.line}: the owner of {g.partition} {g.row}" for g in plan.guards]
    lines += [f"  line {x.place.line}: rank 0 prints" for x in plan.loops if x.treatment == "printed"]
    if plan.outputs:
        printed = ", ".join(str(place.line) for place in plan.outputs)
        lines += wrapped(f"line {printed}: rank 0", "  ", "    ")
    return "\n".join(lines)


def _left_loop(loop: LoopPlan, source: Source, paint: Paint) -> str:
    dependence = loop.dependence
    code = dependence.kind if dependence and loop.treatment == "replicated" else loop.treatment
    what = "each of its writes is made by one rank" if loop.treatment == "guarded" else "every rank runs all of it"
    about = f"loop over {loop.variable}" if loop.variable else "loop"
    reason = "" if dependence and loop.reason == dependence.text else loop.reason
    stopping = (dependence, *loop.others) if dependence else ()
    return "\n".join(
        [
            f"  {_location(loop.place, source)}: {paint.bad(f'[{code}]')} {about}: {what}",
            *_excerpt(loop.place, source, paint),
            *wrapped(reason, "    "),
            *(line for d in stopping for line in _dependence_lines(d, source)),
        ]
    )


def _dependence_lines(dependence: Dependence, source: Source) -> list[str]:
    what = f"{dependence.kind}, {dependence.variable}" if dependence.variable else dependence.kind
    lines = wrapped(f"{_location(dependence.place, source)}: {what}: {dependence.text}", "    ")
    if dependence.source or dependence.target:
        lines += wrapped(f"for example {dependence.source} and {dependence.target}", "    ")
    return lines


def _left_array(array: ArrayPlan, source: Source, paint: Paint) -> str:
    return "\n".join(
        [
            f"  {_location(array.place, source)}: {paint.bad('[replicated]')} every rank holds all of {array.name}",
            *_excerpt(array.place, source, paint),
            *wrapped(array.reason, "    "),
        ]
    )


def _excerpt(place: Place, source: Source, paint: Paint) -> list[str]:
    """The source line, from where its text begins, with a caret below the place."""
    line = source.line_text(place.line).expandtabs(1)
    if not line.strip():
        return []
    begin = min(len(line) - len(line.lstrip()), place.column - 1)
    return ["      " + paint.code(line[begin:]), "      " + " " * (place.column - 1 - begin) + "^"]


def _alternatives(alternatives: tuple[Alternative, ...], paint: Paint) -> str:
    rows = [
        Row((a.subject, a.choice, "not possible" if a.cost is None else seconds(a.cost)), a.reason)
        for a in alternatives
    ]
    return table(("for", "choice", "cost"), rows, paint)


def _location(place: Place, source: Source) -> Location:
    return Location(source.name, place.line, place.column)


def held_text(array: ArrayPlan) -> str:
    """`about 10 MB of 80 MB`."""
    if not array.bytes_in_all:
        return ""
    all_of_it = amount(array.bytes_in_all)
    return f"about {amount(array.bytes_per_rank)} of {all_of_it}" if array.partition else f"about {all_of_it}"


def memory_lines(plan: Plan) -> list[str]:
    if plan.memory is None:
        return []
    copies = f", {amount(plan.memory.copies)} of it for copies of what others own" if plan.memory.copies else ""
    return wrapped(f"a rank holds about {amount(plan.memory.total)} {plan.memory.basis}{copies}", "  ")


def shape_text(array: ArrayPlan) -> str:
    """`[n / rows][m]`: the extents, a divided one with its partition."""
    return "".join(f"[{d.extent} / {d.partition}]" if d.partition else f"[{d.extent}]" for d in array.dimensions)


def dealt_text(partition: Partition) -> str:
    if partition.kind == "cyclic":
        return "turn"
    work = f" of equal work, {work_text(partition.work)} for i" if partition.work else ""
    used = f" of the first {partition.used}, the last with the rest" if partition.used else ""
    return f"blocks{work}{used}"


def halo_text(halo: Halo) -> str:
    return f"{halo.lower} below, {halo.upper} above" if halo.width else "none"


def treatment_text(loop: LoopPlan) -> str:
    if loop.treatment == "printed":
        return "printed by rank 0"
    if loop.treatment != "distributed":
        return loop.treatment
    if loop.chunks:
        return "distributed, its own range in chunks"
    if loop.own:
        return "distributed, its own entries"
    work = f", {work_text(loop.work)} for the ith" if loop.work else ""
    return f"distributed by {loop.partition}" if loop.partition else f"distributed, its own range{work}"


def reduction_text(reduction: Reduction) -> str:
    return f"{reduction.operation} {reduction.variable}"


def where_text(communication: Communication) -> str:
    start, finish = communication.start, communication.finish
    where = f"{communication.when} line {start.line}"
    return where if start == finish else f"{where}, done by line {finish.line}"


def what_text(communication: Communication) -> str:
    """`halo of u, 1 below, 1 above`; `allreduce SUM of s`; `broadcast of a[k]`."""
    match communication.kind:
        case "halo":
            return f"halo of {communication.subject}, {halo_text(communication.halo)}"
        case "allreduce" | "reduce":
            return f"{communication.kind} {communication.operation} of {communication.element or communication.subject}"
        case "reduce_scatter":
            return f"reduce-scatter {communication.operation} of {communication.subject}"
        case "scan":
            return f"exclusive scan {communication.operation} of {communication.subject} for {communication.element}"
        case "locate":
            return f"{communication.operation} of {communication.subject}, with {communication.element}"
        case "exit":
            return f"{communication.element}, if any rank finds a reason"
        case "last":
            return f"last value of {communication.element}"
        case "broadcast":
            return f"broadcast of {communication.element}"
        case "row_broadcast":
            return f"broadcast of row {communication.element} of {communication.subject}"
        case "column_gather":
            return f"gather of column {communication.element} of {communication.subject}"
        case "allgather":
            return f"allgather of {communication.subject}"
        case "visit":
            return f"blocks of {communication.subject} to every rank in turn"
        case "collect":
            return f"rows of {communication.subject} to rank 0"


def needed_text(communication: Communication) -> str:
    """`for u[row_begin - 1][1..n-2], u[row_end][1..n-2]`, where that says more than what is communicated."""
    named = (communication.subject, communication.element)
    if (
        not communication.elements
        or all(e in named for e in communication.elements)
        or communication.kind in {"locate", "last"}
    ):
        return ""
    return f"for {', '.join(communication.elements)}"
