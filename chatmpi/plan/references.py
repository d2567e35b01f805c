"""Whether what a plan names is there: an edited plan may name a partition, statement or variable that is not."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.analysis.iterations.updates import IDEMPOTENT, IDENTITY
from chatmpi.analysis.tree import Array, CType, Node, Pointer, Program, Scalar, Stmt, VarDecl, walk
from chatmpi.plan.plan import Place, Plan

OPERATIONS = IDEMPOTENT | IDENTITY.keys() | {"MAXLOC", "MINLOC", "LAST"}
_OF_ARRAYS = frozenset(
    {"halo", "allgather", "reduce_scatter", "broadcast", "row_broadcast", "column_gather", "collect", "visit"}
)


def check_references(plan: Plan, program: Program) -> None:
    """Raises UsageError with the first thing that the plan names and that is neither in it nor in `program`."""
    wrong = next(_dangling(plan, program), None)
    if wrong is not None:
        hint = "the plan that chatmpi would use: 'chatmpi explain --format json'"
        raise UsageError(Diagnostic("error", f"the plan does not fit: {wrong}", hint=hint))


def _dangling(plan: Plan, program: Program) -> Iterator[str]:
    yield from _wrong_partitions(plan)
    yield from _wrong_places(plan, program)
    yield from _wrong_variables(plan, program)
    yield from _wrong_collectives(plan)


def _wrong_partitions(plan: Plan) -> Iterator[str]:
    names = {p.name for p in plan.partitions}
    if len(names) < len(plan.partitions):
        yield "two of its partitions have one name"
    for p in plan.partitions:
        extents = {d.extent for array in plan.arrays for d in array.dimensions if d.partition == p.name}
        if extents and p.extent not in extents:
            yield f"partition '{p.name}' deals out {p.extent} rows, and none of its arrays has as many"
    held = {d.partition for array in plan.arrays for d in array.dimensions}
    used = [*held, *(x.partition for x in plan.loops), *(g.partition for g in plan.guards)]
    used += [k.partition for k in plan.kept]
    used += [c.partition for c in plan.communications]
    for name in used:
        if name is not None and name not in names:
            yield f"it has no partition '{name}'"


def _wrong_places(plan: Plan, program: Program) -> Iterator[str]:
    known = {node.id for node in _nodes(program) if isinstance(node, Stmt)}
    for place in _places(plan):
        if place.statement not in known:
            yield f"there is no statement {place.statement} (line {place.line})"


def _places(plan: Plan) -> Iterator[Place]:
    yield from (loop.place for loop in plan.loops)
    yield from (guard.place for guard in plan.guards)
    yield from (guard.around for guard in plan.guards if guard.around is not None)
    yield from (k.place for k in plan.kept)
    yield from (place for c in plan.communications for place in (c.start, c.finish))
    yield from plan.outputs
    yield from plan.opens
    yield from plan.inputs


def _own_name(name: str) -> str:
    """Without the helper function that declares the variable, which the view with its body in place names."""
    return name.rpartition("::")[2]


def _wrong_variables(plan: Plan, program: Program) -> Iterator[str]:
    symbols = {node.symbol.uid: node.symbol for node in _nodes(program) if isinstance(node, VarDecl)}
    named = [(a.name, a.uid) for a in plan.arrays]
    named += [(r.variable, r.uid) for loop in plan.loops for r in loop.reductions]
    named += [(c.subject, c.uid) for c in plan.communications]
    for name, uid in named:
        if uid not in symbols or _own_name(symbols[uid].name) != _own_name(name):
            yield f"there is no variable '{name}' with uid {uid}"
    for r in (r for loop in plan.loops for r in loop.reductions):
        if _element(symbols[r.uid].type) != Scalar(r.element):
            yield f"'{r.variable}' is not of type '{r.element}'"
    arrays = {a.uid for a in plan.arrays}
    for c in plan.communications:
        if c.kind in _OF_ARRAYS and c.uid not in arrays:
            yield f"'{c.subject}' is no array of the plan, and there is a {c.kind} of it"


def _element(kind: CType) -> CType:
    while isinstance(kind, Array | Pointer):
        kind = kind.element if isinstance(kind, Array) else kind.target
    return kind


def _wrong_collectives(plan: Plan) -> Iterator[str]:
    reduced = {(x.place.statement, r.uid, r.operation) for x in plan.loops for r in x.reductions}
    anywhere = {(uid, operation) for _, uid, operation in reduced}
    arrays = {a.uid for a in plan.arrays}
    for _, _, operation in reduced:
        if operation not in OPERATIONS:
            yield f"'{operation}' is no reduction: {', '.join(sorted(OPERATIONS))}"
    loops = {x.place.statement for x in plan.loops}
    for c in plan.communications:
        if c.kind == "allgather" and c.when == "after" and c.start.statement not in loops:
            yield f"no loop at line {c.start.line} writes what is gathered of '{c.subject}'"
        if (
            c.kind == "allreduce"
            and c.uid in arrays
            and c.start.statement in loops
            and (c.uid, c.operation) in anywhere
        ):
            continue  # elements that a loop inside adds up
        if (
            c.kind in ("allreduce", "reduce", "reduce_scatter", "locate", "last")
            and (c.start.statement, c.uid, c.operation) not in reduced
        ):
            yield f"no loop at line {c.start.line} reduces '{c.subject}' by '{c.operation}'"


def _nodes(program: Program) -> Iterator[Node]:
    for top in (*program.globals, *program.functions):
        yield from walk(top)
