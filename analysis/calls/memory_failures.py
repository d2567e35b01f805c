"""Branches that are taken only where memory is missing: `if (!x || !y) { free(x); return -1; }`.

One rank may be without memory where others are not, so all of them end there.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.expressions import bare, is_null
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.outside.stream_holders import is_stream
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.touches import ScalarTouch, is_memory
from chatmpi.analysis.tree import Call, Expr, Node, Program, Stmt, Symbol

_EXIT = Symbol("exit", -1_000_000, tree.OtherType("void (int)"), "function")


def means_failure(condition: Expr, holds: bool = True) -> bool:
    """Whether a condition holds (or does not) only where a pointer is NULL: `!p`, `p == NULL`, `!(p && q)`."""
    match condition:
        case tree.Unary(op="!", operand=operand):
            return means_failure(operand, not holds)
        case tree.Binary(op="==" | "!=" as op, left=left, right=right) if (op == "==") == holds:
            pointer = left if is_null(right) else right if is_null(left) else None
            return pointer is not None and is_memory(pointer.type) and not is_stream(pointer.type)
        case tree.Binary(op="&&" | "||" as op, left=left, right=right):
            both = means_failure(left, holds), means_failure(right, holds)
            return all(both) if (op == "||") == holds else any(both)
        case tree.Binary():
            return False
    return not holds and is_memory(condition.type) and not is_stream(condition.type)


def where_memory_lacks(t: ScalarTouch) -> bool:
    """Whether a variable is touched in a test for missing memory, or where that failed."""
    s = t.context.statement
    tested = isinstance(s, tree.If) and means_failure(s.condition)
    return tested or any(means_failure(g.condition, g.holds) for g in t.context.guards)


def makers(program: Program) -> frozenset[str]:
    """The functions of a program that give back new memory."""
    found: frozenset[str] = frozenset()
    while True:
        more = found | {f.symbol.name for f in program.functions if is_memory(f.returns) and _makes(f, found)}
        if more == found:
            return found
        found = more


def _makes(f: tree.Function, known: Set[str]) -> bool:
    made = allocated_in(f.body, known)
    values = [n.value for n in tree.walk(f.body) if isinstance(n, tree.Return) and n.value is not None]
    return any(_allocates(value, known) or text(bare(value)) in made for value in values)


def is_about_others(condition: Expr, made: Set[str]) -> bool:
    """Whether a condition tests a pointer that no function which makes memory gave: a text that was looked for."""
    for p in tested_pointers(condition):
        text_pointer = p.type == tree.Pointer(tree.Scalar("char"))
        mine = isinstance(p, tree.Name) and p.symbol.storage in {"local", "static"}
        if (text_pointer or mine) and text(p) not in made:
            return True
    return False


def allocated_in(body: Stmt, makers: Set[str] = frozenset()) -> frozenset[str]:
    """The pointers, as they are written, that are given new memory there, by functions of the program too."""
    found: set[str] = set()
    for n in tree.walk(body):
        match n:
            case tree.VarDecl(symbol=symbol, init=tree.Expr() as value) if _allocates(value, makers):
                found.add(symbol.name)
            case tree.Assign(op="=", target=target, value=value) if _allocates(value, makers):
                found.add(text(target))
    return frozenset(found)


def lacks_memory(s: Stmt, allocated: Set[str]) -> bool:
    """Whether a statement is an `if` whose branch is taken only where one of these pointers is NULL."""
    return (
        isinstance(s, tree.If)
        and means_failure(s.condition)
        and all(text(p) in allocated for p in tested_pointers(s.condition))
    )


def as_end(node: Node) -> Node:
    """A return as the end of the program; any other node as it is."""
    if not isinstance(node, tree.Return):
        return node
    status = tree.IntLiteral(span=node.span, type=tree.Scalar("int"), value=1, in_macro=True)
    callee = tree.Name(span=node.span, type=_EXIT.type, symbol=_EXIT, in_macro=True)
    call = tree.Call(span=node.span, type=tree.VOID, callee=callee, arguments=(status,), in_macro=True)
    return tree.ExprStmt(span=node.span, id=node.id, expr=call, in_macro=True)


def without_failures(body: tree.Block) -> tree.Block:
    """A function's body in which memory is there: returns where it is missing end the program."""
    allocated = allocated_in(body)

    def change(node: Node) -> Node:
        if isinstance(node, tree.If) and lacks_memory(node, allocated):
            return tree.If(
                span=node.span,
                in_macro=node.in_macro,
                id=node.id,
                condition=node.condition,
                then=rewritten(node.then, as_end),
                otherwise=node.otherwise,
            )
        return node

    return rewritten(body, change) if allocated else body


def _allocates(value: Expr, makers: Set[str]) -> bool:
    call = bare(value)
    if not isinstance(call, Call):
        return False
    return call.name in makers or LIBRARY.get(call.name or "") is Does.ALLOCATES


def tested_pointers(condition: Expr) -> Iterator[Expr]:
    """What a condition compares with NULL."""
    match condition:
        case tree.Unary(op="!", operand=operand):
            yield from tested_pointers(operand)
        case tree.Binary(op="==" | "!=" | "&&" | "||", left=left, right=right):
            yield from (p for side in (left, right) if not is_null(side) for p in tested_pointers(side))
        case _:
            yield condition
