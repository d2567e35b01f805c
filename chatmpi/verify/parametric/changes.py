"""What statements change, and whether they go on to the next one."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Assign, Call, Expr, Function, Name, Node, Program, Stmt, Unary

_LEAVING = frozenset({"exit", "abort", "MPI_Abort", "_Exit"})


def is_given(value: Expr, arguments: set[int]) -> bool:
    """Whether it comes from the command line."""
    names = [n.symbol for n in tree.walk(value) if isinstance(n, Name) and n.symbol.storage != "function"]
    return bool(names) and all(s.uid in arguments for s in names)


def is_left_early(body: Stmt) -> bool:
    """Whether a turn of the loop may end before its last statement."""
    return any(isinstance(n, tree.Break | tree.Continue | tree.Return | tree.UnknownStmt) for n in tree.walk(body))


def leaves(s: Stmt) -> bool:
    """Whether what follows is not reached."""
    last = s.body[-1] if isinstance(s, tree.Block) and s.body else s
    match last:
        case tree.Return():
            return True
        case tree.ExprStmt(expr=Call() as call):
            return call.name in _LEAVING
    return False


def changed(node: Node) -> set[int]:
    """Variables that are set there, or whose address is given away."""
    found: set[int] = set()
    for n in tree.walk(node):
        match n:
            case Assign(target=Name(symbol=symbol)) | Unary(op="&", operand=Name(symbol=symbol)):
                found.add(symbol.uid)
            case Unary(op="++x" | "--x" | "x++" | "x--", operand=Name(symbol=symbol)):
                found.add(symbol.uid)
            case Assign(target=Unary(op="*", operand=Name(symbol=symbol))):
                found.add(symbol.uid)
    return found


def unsure(program: Program) -> set[int]:
    """Global variables that other functions than `main` set, and variables whose address is kept."""
    outside = {uid for f in program.functions if f.symbol.name != "main" for uid in changed(f.body)}
    found = outside & {v.symbol.uid for v in program.globals}
    for f in program.functions:
        given = {id(a) for n in tree.walk(f) if isinstance(n, Call) for a in n.arguments}
        for n in tree.walk(f):
            if isinstance(n, Unary) and n.op == "&" and isinstance(n.operand, Name) and id(n) not in given:
                found.add(n.operand.symbol.uid)
    return found


def is_only_pointed_to(function: Function, uid: int) -> bool:
    """Whether a pointer is used for nothing but `*p`."""
    uses = list(_uses(function.body, uid))
    pointed = [
        n
        for n in tree.walk(function.body)
        if isinstance(n, Unary) and n.op == "*" and isinstance(n.operand, Name) and n.operand.symbol.uid == uid
    ]
    return len(uses) == len(pointed)


def _uses(node: Node, uid: int) -> Iterator[Name]:
    return (n for n in tree.walk(node) if isinstance(n, Name) and n.symbol.uid == uid)
