"""Assertions that memory is there, as the tests that others write: `assert(p != NULL);` is `if (!(p != NULL)) …`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.calls.memory_failures import means_failure
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program, Stmt


def asserted_memory(program: Program) -> Program:
    """The program with an `if` for each such assertion."""
    nodes = [n for f in program.functions for n in tree.walk(f)]
    if not any(isinstance(n, Stmt) and _asserted(n) is not None for n in nodes):
        return program
    fresh = count(1 + max(n.id for n in nodes if isinstance(n, Stmt)))
    return replace(program, functions=tuple(rewritten(f, lambda n: _tested(n, fresh)) for f in program.functions))


def _tested(node: Node, fresh: Iterator[int]) -> Node:
    found = _asserted(node)
    if found is None or not isinstance(node, Stmt):
        return node
    condition, ends = found
    fails = tree.Unary(span=condition.span, in_macro=True, type=tree.Scalar("int"), op="!", operand=condition)
    then = tree.ExprStmt(span=node.span, in_macro=True, id=next(fresh), expr=ends)
    return tree.If(span=node.span, in_macro=node.in_macro, id=node.id, condition=fails, then=then, otherwise=None)


def _asserted(node: Node) -> tuple[Expr, tree.Call] | None:
    """What is asserted of memory, and the call that ends the program where it does not hold."""
    match node:
        case tree.ExprStmt(expr=tree.Conditional(condition=condition, otherwise=tree.Call() as ends)) if LIBRARY.get(
            ends.name or ""
        ) is Does.ASSERTS and means_failure(condition, holds=False):
            return condition, ends
    return None
