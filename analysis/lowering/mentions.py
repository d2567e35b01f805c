"""Statements that only mention something, so that no compiler warns of it: `(void)argc;` does nothing."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Node, Program

_VOID = tree.OtherType("void")


def without_mentions(program: Program) -> Program:
    """The program with empty statements for them."""

    def change(node: Node) -> Node:
        match node:
            case tree.ExprStmt(expr=tree.Cast(type=kind, operand=tree.Name())) if kind == _VOID:
                return tree.Empty(span=node.span, in_macro=node.in_macro, id=node.id)
        return node

    return replace(program, functions=tuple(rewritten(f, change) for f in program.functions))
