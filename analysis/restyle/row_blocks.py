"""Blocks of memory that hold the rows of a matrix, one after the other: `a[i] = block + i*n`."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare, is_null
from chatmpi.analysis.iterations.updates import same
from chatmpi.analysis.parents import Parents, is_in_sizeof, out_of_casts
from chatmpi.analysis.tree import Expr, Node, Symbol


def stride_of(row: tree.Index, value: Expr) -> tuple[tree.Name, Expr] | None:
    """The block and the length of its rows, where row i begins i lengths behind the block's begin."""
    match bare(value):
        case tree.Binary(op="+", left=left, right=right):
            block, place = bare(left), bare(right)
        case tree.Unary(op="&", operand=tree.Index(base=base, subscript=subscript)):
            block, place = bare(base), bare(subscript)
        case _:
            return None
    if not isinstance(block, tree.Name) or not isinstance(place, tree.Binary) or place.op != "*":
        return None
    for number, length in ((place.left, place.right), (place.right, place.left)):
        if same(bare(number), bare(row.subscript)):
            return block, bare(length)
    return None


def holds_rows_only(block: Symbol, f: tree.Function, around: Parents) -> bool:
    """Whether a local pointer gets memory once, and leads to nothing but the rows of one matrix."""
    matrices: set[Symbol] = set()
    made = 0
    for use in _uses(block, f, around):
        match use:
            case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value) if allocation(value):
                made += 1
            case tree.VarDecl(init=None) | tree.Call(name="free") | tree.Unary(op="!") | tree.If():
                continue
            case tree.Binary(op="&&" | "||"):
                continue
            case tree.Binary(op="==" | "!=", left=left, right=right) if is_null(left) or is_null(right):
                continue
            case tree.Symbol() as matrix:
                matrices.add(matrix)
            case _:
                return False
    return block.storage == "local" and made == 1 and len(matrices) == 1


def _uses(block: Symbol, f: tree.Function, around: Parents) -> Iterator[Node | Symbol]:
    """What a pointer stands in wherever it is named; the matrix, where that gets a row."""
    for n in tree.walk(f):
        if isinstance(n, tree.VarDecl) and n.symbol == block:
            yield n
        if isinstance(n, tree.Name) and n.symbol == block and not is_in_sizeof(n, around):
            node, above = out_of_casts(n, around)
            if isinstance(above, tree.Assign) and above.target is not node:
                yield tree.Break(span=n.span, id=0)  # its value goes elsewhere
                continue
            yield _matrix_of(above, around) or above


def _matrix_of(node: Node, around: Parents) -> Symbol | None:
    """The matrix whose row is set to what `node` is a part of."""
    value = node
    while isinstance(node, Expr) and not isinstance(node, tree.Assign):
        value, node = node, around[id(node)]
    match node:
        case tree.Assign(op="=", target=tree.Index(base=tree.Name(symbol=matrix)) as row) if node.value is value:
            return matrix if stride_of(row, node.value) is not None else None
    return None
