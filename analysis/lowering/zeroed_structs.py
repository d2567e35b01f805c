"""Structs of which every byte is set to zero, as assignments of zeros: `memset(g, 0, sizeof *g)` as `*g = (T){0}`.

(Zero bytes are the null pointer and 0.0 on every machine with MPI.)
"""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, only_reads
from chatmpi.analysis.memory.struct_values import compound, has_values, zero
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program


def zeroed_structs(program: Program) -> Program:
    """The program with assignments for them; the text stays as it is."""
    if program.function("memset") is not None:
        return program

    def change(node: Node) -> Node:
        match node:
            case tree.ExprStmt(
                expr=tree.Call(name="memset", arguments=(address, tree.IntLiteral(value=0), size)) as call
            ):
                assigned = _assigned(bare(address), bare(size), call, program)
                return node if assigned is None else replace(node, expr=assigned)
        return node

    return replace(program, functions=tuple(rewritten(f, change) for f in program.functions))


def _assigned(address: Expr, size: Expr, call: tree.Call, program: Program) -> tree.Assign | None:
    """The assignment of zeros to the whole struct at an address; None if it is not one whole struct."""
    kind = address.type.target if isinstance(address.type, tree.Pointer) else None
    if not isinstance(kind, tree.OtherType) or not isinstance(size, tree.Sizeof) or not only_reads(address):
        return None
    measured = size.of if size.operand is None else size.operand.type
    zeros = zero(kind, call.span, program.records)
    if measured != kind or not has_values(kind, program.records) or not isinstance(zeros, tree.InitList):
        return None
    target: Expr = tree.Unary(span=address.span, in_macro=address.in_macro, type=kind, op="*", operand=address)
    if isinstance(address, tree.Unary) and address.op == "&":
        target = address.operand
    value = compound(kind, zeros.items, call.span)
    return tree.Assign(span=call.span, in_macro=call.in_macro, type=kind, op="=", target=target, value=value)
