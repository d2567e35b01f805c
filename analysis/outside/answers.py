"""Calls that write, and whose value is used: `return fclose(f);`, `if (fprintf(f, …) < 0)`.

Rank 0 alone makes them, and every rank gets what it is answered.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import ENDING, LIBRARY, Does
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.outside.streams import WRITTEN, Streams
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Call, Function, Node, Program, Scalar

ANSWERS = frozenset({Scalar("int"), Scalar("unsigned long")})
_OF_BOTH = frozenset({"fclose", "ferror"})  # for streams that are written, and for those that are read


def answering(function: Function) -> list[Call]:
    """The calls of a function that write, close or ask about a file, and are more than a statement of their own."""
    alone = {id(bare(s.expr)) for s in tree.statements(function.body) if isinstance(s, tree.ExprStmt)}
    return [n for n in tree.walk(function.body) if isinstance(n, Call) and _writes(n) and id(n) not in alone]


def answers_of_root(program: Program, streams: Streams) -> tuple[list[Call], list[tuple[Node, str]]]:
    """Those that rank 0 alone makes, in all functions, and those that cannot be left to it, with the reason."""
    found: dict[Span, Call] = {}  # a function that is read in the place of its call may be there twice
    faults: list[tuple[Node, str]] = []
    for function in program.functions:
        calls = {id(n) for n in answering(function) if n.name not in _OF_BOTH or _is_written(n, streams)}
        for s in tree.statements(function.body) if calls else ():
            mine = [n for part in _parts(s) for n in tree.walk(part) if id(n) in calls]
            ends = isinstance(s, tree.Return) and function.symbol.name == "main"
            for n in mine:
                assert isinstance(n, Call)
                if n.in_macro or n.callee.in_macro or n.type not in ANSWERS or ends or _is_elsewhere(s, n):
                    faults.append((n, f"the value of '{n.name}' is used"))
                else:
                    found[n.span] = n
    return list(found.values()), faults


def _is_elsewhere(s: tree.Stmt, call: Call) -> bool:
    """Whether a statement does more with the value than to keep it in a variable, or to decide: rank 0 alone may carry
    it out, or the owner of an element."""
    match s:
        case tree.ExprStmt(expr=tree.Assign(target=tree.Name(), value=value)):
            parts: tuple[Node, ...] = (value,)
        case tree.ExprStmt():
            return True
        case _:
            parts = tuple(_parts(s))
    for n in (n for part in parts for n in tree.walk(part)):
        match n:
            case tree.Assign(target=target) | tree.Unary(op="x++" | "++x" | "x--" | "--x", operand=target):
                if not isinstance(target, tree.Name):
                    return True
            case Call() if n is not call and LIBRARY.get(n.name or "") in {Does.OUTPUT, *ENDING}:
                if any(inner is call for inner in tree.walk(n)):
                    return True
    return False


def _parts(s: tree.Stmt) -> Iterator[Node]:
    """The expressions of a statement, without those of the statements in it."""
    for part in tree.children(s):
        if not isinstance(part, tree.Stmt):
            yield part


def _is_written(call: Call, streams: Streams) -> bool:
    return WRITTEN in streams.kind(call.arguments[0])


def _writes(call: Call) -> bool:
    return LIBRARY.get(call.name or "") is Does.OUTPUT or call.name in _OF_BOTH
