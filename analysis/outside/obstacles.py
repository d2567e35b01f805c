"""What in a program stands against running it on several ranks at all, whatever is distributed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import Effects, effects_of, is_output
from chatmpi.analysis.calls.library import Does
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.outside.answers import answers_of_root
from chatmpi.analysis.outside.error_numbers import differing_errors
from chatmpi.analysis.outside.shared_inputs import input_calls
from chatmpi.analysis.outside.streams import READ, READING
from chatmpi.analysis.outside.times import reads_clock
from chatmpi.analysis.outside.varying import agreed_calls, varying
from chatmpi.analysis.tree import Call, Node


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
    followed = "open it by fopen with a mode that is written out, and use it for one purpose only"
    found += [Obstacle(reason, node, followed) for node, reason in facts.streams.faults]
    if facts.input_shared:
        followed = "read it by scanf with the format written out, fgets or getchar, and not in a macro"
        found += [Obstacle(reason, node, followed) for node, reason in input_calls(facts.program)[1]]
    apart = "call it as a statement of its own"
    found += [Obstacle(reason, node, apart) for node, reason in answers_of_root(facts.program, facts.streams)[1]]
    reason = "an error number that may differ between ranks decides, or is kept"
    for node in differing_errors(facts.program, facts.summaries):
        found.append(Obstacle(reason, node, "set errno to 0 right before the call that may fail"))
    found += [Obstacle(reason, node, step) for reason, node, step in varying(facts, agreed_calls(facts))]
    return sorted(found, key=lambda o: o.node.span)


def is_parallel_already(program: tree.Program) -> Node | None:
    """A call of MPI, if there is one."""
    for function in program.functions:
        for node in tree.walk(function.body):
            if isinstance(node, Call) and (node.name or "").startswith("MPI_"):
                return node
    return None


def _call(call: Call, facts: Facts) -> Iterator[Obstacle]:
    if call.name in facts.summaries:
        return
    own = effects_of(call, facts.summaries if call.name is None else {})
    if own.unknown:
        name = min(own.unknown)
        yield Obstacle(f"the body of '{name}' is not in this file", call, "put it into this file, or remove the call")
    elif call.name in {"remove", "rename", "system"} and any(kind == READ for _, kind in facts.streams.opened):
        yield Obstacle(f"'{call.name}' may change a file that other ranks read", call, "leave the file where it is")
    elif Does.FILE in own.does and call.name not in {"fopen", "fclose", *READING}:
        yield Obstacle(f"'{call.name}' reads or writes a file", call, "print to standard output instead")


# ---------------------------------------------------------------------------------------------- output


def _prints(function: tree.Function, facts: Facts) -> Iterator[Obstacle]:
    """Output that cannot be left to rank 0 alone."""
    for s in tree.statements(function.body):
        if isinstance(s, tree.ExprStmt) and is_output(s.expr, facts.summaries):
            call = s.expr.operand if isinstance(s.expr, tree.Cast) else s.expr
            if isinstance(call, Call) and call.name not in facts.summaries:
                yield from _argument_effects(call, facts.summaries)


def _argument_effects(call: Call, summaries: dict[str, Effects]) -> Iterator[Obstacle]:
    for argument in call.arguments:
        for node in tree.walk(argument):
            steps = is_step(node)
            impure = (
                isinstance(node, Call) and not effects_of(node, summaries).is_pure and not reads_clock(node, summaries)
            )
            if isinstance(node, tree.Assign) or steps or impure:
                yield Obstacle(
                    f"an argument of '{call.name}' has effects of its own", node, "compute it before printing"
                )
                return
