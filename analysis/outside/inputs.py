"""Statements that read standard input, which one rank has: which call reads it, and what it gives.

Where a program reads more than a few numbers so, all its calls are made by one rank (`shared_inputs.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import Effects, effects_of
from chatmpi.analysis.calls.library import LIBRARY, RESULTS, Does
from chatmpi.analysis.expressions import bare, is_step
from chatmpi.analysis.outside.streams import is_stdin
from chatmpi.analysis.touches import CallTouch, ElementTouch, ScalarTouch, Touches
from chatmpi.analysis.tree import Call, Expr, Stmt


@dataclass(frozen=True, slots=True)
class Input:
    """`call` reads into `targets`; `is_alone`: it is all that the statement does, and its value is not used."""

    statement: Stmt
    call: Call
    targets: tuple[Expr, ...]
    is_alone: bool


def reads_input(call: Call) -> bool:
    return LIBRARY.get(call.name or "") is Does.INPUT


def input_statements(body: Stmt, touches: Touches, summaries: dict[str, Effects]) -> dict[int, Input]:
    """The statements of a function that read standard input first of all, and once; by number."""
    found = (_input(s, touches, summaries) for s in tree.statements(body))
    return {i.statement.id: i for i in found if i is not None}


def reads_more(program: tree.Program, inputs: Iterable[Input], touches: Touches) -> bool:
    """Whether standard input is read otherwise than by these statements, once each and into variables."""
    alone = {id(i.call) for i in inputs if not _fills_array(i, touches)}
    nodes = (n for f in program.functions for n in tree.walk(f.body))
    return any((isinstance(n, Call) and reads_input(n) and id(n) not in alone) or is_stdin(n) for n in nodes)


def _fills_array(found: Input, touches: Touches) -> bool:
    repeated = any(t.context.loops for t in touches.of(found.statement.id) if t.context.statement is found.statement)
    return repeated or any(isinstance(t, tree.Index) for t in found.targets)


def _input(s: Stmt, touches: Touches, summaries: dict[str, Effects]) -> Input | None:
    if not isinstance(s, tree.ExprStmt | tree.Declaration | tree.If) or s.in_macro:
        return None
    own = [t for t in touches.of(s.id) if t.context.statement is s]
    calls = [t for t in own if isinstance(t, CallTouch)]
    reading = [t for t in calls if reads_input(t.call)]
    if len(reading) != 1 or reading[0].context.sometimes or reading[0].context.opaque or reading[0].call.in_macro:
        return None
    call = reading[0].call
    others = any(t is not reading[0] and not effects_of(t.call, summaries).is_pure for t in calls)
    targets = tuple(_targets(call))
    if others or call.name != "scanf" or len(targets) != len(call.arguments) - 1:
        return None
    if not isinstance(call.arguments[0], tree.StringLiteral) or any(_has_effects(t) for t in targets):
        return None
    writes = [t for t in own if isinstance(t, ScalarTouch | ElementTouch) and t.write and t.update is not call]
    if writes and not all(_gets_value(t.update, call) for t in writes):
        return None
    alone = isinstance(s, tree.ExprStmt) and bare(s.expr) is call
    return Input(s, call, targets, alone)


def _targets(call: Call) -> Iterator[Expr]:
    """Variables and elements with a place in MPI's types; strings are not among them."""
    for argument in call.arguments[RESULTS["scanf"] :]:
        given = bare(argument)
        if isinstance(given, tree.Unary) and given.op == "&" and isinstance(given.operand.type, tree.Scalar):
            yield given.operand


def _has_effects(expr: Expr) -> bool:
    return any(isinstance(n, tree.Assign | tree.Call) or is_step(n) for n in tree.walk(expr))


def _gets_value(update: tree.Node | None, call: Call) -> bool:
    """Whether an update stores the value of the call: `count = scanf(...)`."""
    match update:
        case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value):
            return bare(value) is call
    return False
