"""What in a program stands against running it on several ranks at all, whatever is distributed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.effects import Effects, effects_of, is_output
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.library import LIBRARY, Does
from chatmpi.analysis.shared_inputs import input_calls
from chatmpi.analysis.streams import READING, WRITTEN
from chatmpi.analysis.touches import BareUse, ElementTouch
from chatmpi.analysis.tree import Call, Node, Symbol


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`next_step` is what its author can do about it."""

    reason: str
    node: Node
    next_step: str


def obstacles(facts: Facts) -> list[Obstacle]:
    """All reasons, in the order of the source."""
    found: list[Obstacle] = []
    for function in facts.program.functions:
        for node in tree.walk(function.body):
            if isinstance(node, Call):
                found += _call(node, facts)
            elif isinstance(node, tree.UnknownStmt) and node.kind in {"goto", "label", "asm", "indirect goto"}:
                reason = f"'{node.kind}' hides the control flow"
                found.append(Obstacle(reason, node, "write it as a loop or a function"))
        found += _prints(function, facts)
        found += _closes(function, facts)
    followed = "open it by fopen with a mode that is written out, and use it for one purpose only"
    found += [Obstacle(reason, node, followed) for node, reason in facts.streams.faults]
    if facts.input_shared:
        followed = "read it by scanf with the format written out, fgets or getchar, and not in a macro"
        found += [Obstacle(reason, node, followed) for node, reason in input_calls(facts.program)[1]]
    found += _varying(facts)
    return sorted(found, key=lambda o: o.node.span)


def is_parallel_already(program: tree.Program) -> Node | None:
    """A call of MPI, if there is one."""
    for function in program.functions:
        for node in tree.walk(function.body):
            if isinstance(node, Call) and (node.name or "").startswith("MPI_"):
                return node
    return None


def _call(call: Call, facts: Facts) -> Iterator[Obstacle]:
    own = effects_of(call, {}) if call.name not in facts.summaries else None
    if own is None:
        return
    if own.unknown:
        name = min(own.unknown)
        yield Obstacle(f"the body of '{name}' is not in this file", call, "put it into this file, or remove the call")
    elif Does.FILE in own.does and call.name not in {"fopen", "fclose", *READING}:
        yield Obstacle(f"'{call.name}' reads or writes a file", call, "print to standard output instead")


# ---------------------------------------------------------------------------------------------- output


def _prints(function: tree.Function, facts: Facts) -> Iterator[Obstacle]:
    """Output that cannot be left to rank 0 alone."""
    guarded: set[int] = set()
    for s in tree.statements(function.body):
        if isinstance(s, tree.ExprStmt) and is_output(s.expr, facts.summaries):
            call = s.expr.operand if isinstance(s.expr, tree.Cast) else s.expr
            guarded.add(id(call))
            if isinstance(call, Call) and call.name not in facts.summaries:
                yield from _argument_effects(call, facts.summaries)
    for node in tree.walk(function.body):
        if isinstance(node, Call) and LIBRARY.get(node.name or "") is Does.OUTPUT and id(node) not in guarded:
            yield Obstacle(f"the value of '{node.name}' is used", node, "call it as a statement of its own")


def _closes(function: tree.Function, facts: Facts) -> Iterator[Obstacle]:
    """Rank 0 alone closes what it alone writes."""
    alone = {id(s.expr) for s in tree.statements(function.body) if isinstance(s, tree.ExprStmt)}
    for node in tree.walk(function.body):
        if (
            isinstance(node, Call)
            and node.name == "fclose"
            and id(node) not in alone
            and WRITTEN in facts.streams.kind(node.arguments[0])
        ):
            yield Obstacle("the value of 'fclose' is used", node, "call it as a statement of its own")


def _argument_effects(call: Call, summaries: dict[str, Effects]) -> Iterator[Obstacle]:
    for argument in call.arguments:
        for node in tree.walk(argument):
            steps = isinstance(node, tree.Unary) and "x" in node.op
            impure = (
                isinstance(node, Call) and not effects_of(node, summaries).is_pure and not _reads_clock(node, summaries)
            )
            if isinstance(node, tree.Assign) or steps or impure:
                yield Obstacle(
                    f"an argument of '{call.name}' has effects of its own", node, "compute it before printing"
                )
                return


# ------------------------------------------------------------------------- values that differ by rank


def _reads_clock(call: Call, summaries: dict[str, Effects]) -> bool:
    return Does.CLOCK in effects_of(call, summaries).does


def _varying(facts: Facts) -> Iterator[Obstacle]:
    """Clock values may be computed with and printed; where they decide or are stored, ranks would part ways."""
    for name, effects in facts.summaries.items():
        if name != "main" and Does.CLOCK in effects.does and not _is_mere_clock(effects):
            function = facts.program.function(name)
            assert function is not None
            yield Obstacle(
                f"'{name}' mixes the time with other effects", function, "keep timing in a function of its own"
            )
    tainted = _tainted(facts)
    for s in tree.statements(facts.function.body):
        node = _misuse(s, tainted, facts)
        if node is not None:
            reason = "a value that differs between ranks (a time, a process number) decides what is computed"
            yield Obstacle(reason, node, "use it for printing only")


def _is_mere_clock(effects: Effects) -> bool:
    return effects.does <= {Does.NOTHING, Does.CLOCK} and not (effects.writes or effects.memory or effects.captures)


def _tainted(facts: Facts) -> set[Symbol]:
    """Variables that hold clock values, or what was computed from them."""
    tainted: set[Symbol] = set()
    changed = True
    while changed:
        changed = False
        for s in tree.statements(facts.function.body):
            if not isinstance(s, tree.ExprStmt | tree.Declaration) or not _is_tainted(s, tainted, facts):
                continue
            for symbol in _assigned(s):
                if symbol not in tainted:
                    tainted.add(symbol)
                    changed = True
    return tainted


def _is_tainted(node: Node, tainted: set[Symbol], facts: Facts) -> bool:
    return any(
        (isinstance(n, tree.Name) and n.symbol in tainted) or (isinstance(n, Call) and _reads_clock(n, facts.summaries))
        for n in tree.walk(node)
    )


def _assigned(s: tree.Stmt) -> Iterator[Symbol]:
    """Names that a simple statement may write: assigned, or handed by address."""
    for n in tree.walk(s):
        target: Node | None = None
        if isinstance(n, tree.VarDecl) and n.init is not None:
            yield n.symbol
        elif isinstance(n, tree.Assign):
            target = n.target
        elif isinstance(n, tree.Unary) and ("x" in n.op or n.op == "&"):
            target = n.operand
        while isinstance(target, tree.Member | tree.Index):
            target = target.base
        if isinstance(target, tree.Name):
            yield target.symbol


def _misuse(s: tree.Stmt, tainted: set[Symbol], facts: Facts) -> Node | None:
    """Where a statement lets a varying value decide something."""
    match s:
        case tree.If(condition=condition) | tree.While(condition=condition) | tree.DoWhile(condition=condition):
            return condition if _is_tainted(condition, tainted, facts) else None
        case tree.For(init=init, condition=condition, step=step):
            parts = [p for p in (init, condition, step) if p is not None]
            return next((p for p in parts if _is_tainted(p, tainted, facts)), None)
        case tree.Return(value=tree.Expr() as value):
            return value if _is_tainted(value, tainted, facts) else None
        case tree.UnknownStmt():
            return s if _is_tainted(s, tainted, facts) else None
        case tree.ExprStmt() | tree.Declaration() if _is_tainted(s, tainted, facts):
            return _stores(s, facts)
    return None


def _stores(s: tree.Stmt, facts: Facts) -> Node | None:
    """The array element, address or seed that a tainted statement writes, beside plain variables and output."""
    for t in facts.touches.of(s.id):
        if isinstance(t, ElementTouch) and t.write:
            return t.node
        if isinstance(t, BareUse) and t.role in {"assigned", "value"}:
            return t.node
    for n in tree.walk(s):
        if isinstance(n, Call) and any(_is_tainted(a, set(), facts) or isinstance(a, tree.Name) for a in n.arguments):
            does = effects_of(n, facts.summaries).does
            if does & {Does.STEPS_STATE, Does.EXITS, Does.WRITES_ARGUMENTS}:
                return n
    return None
