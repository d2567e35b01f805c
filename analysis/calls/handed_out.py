"""Memory that a function makes under a name of its own, and hands to its caller through a parameter:

    double *p = malloc(n * sizeof *p); … *out = p;        v->data = p;

Where nothing else is in the caller's pointer until then, the function's name is another one for it from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.calls.memory_failures import without_failures
from chatmpi.analysis.expressions import allocation, bare, changed_or_lent, is_null
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Assign, Expr, Node, Stmt, Symbol


def handed_out(body: tree.Block, own: frozenset[Symbol]) -> dict[Symbol, Expr]:
    """The local variables among `own` that hold what the caller's pointers get, each with such a pointer. In `body` the
    parameters are replaced by what they stand for."""
    body = without_failures(body)
    found: dict[Symbol, Expr] = {}
    for k, s in enumerate(body.body):
        match s:
            case tree.ExprStmt(expr=Assign(op="=", target=target, value=value)):
                name = bare(value)
                if (
                    isinstance(name, tree.Name)
                    and name.symbol in own
                    and name.symbol not in found
                    and isinstance(target, tree.Name | tree.Member)
                    and is_memory(target.type)
                    and target.type == name.type
                    and not set(_variables(target)) & own
                    and _is_one(name.symbol, target, body, k)
                ):
                    found[name.symbol] = target
    return found


def without_stores(body: tree.Block, bound: Mapping[Symbol, Expr]) -> tree.Block:
    """The body without the statements that hand memory out: there both names are the same."""

    def kept(s: Stmt) -> Stmt:
        match s:
            case tree.ExprStmt(expr=Assign(op="=", target=target, value=value)):
                name = bare(value)
                known = bound.get(name.symbol) if isinstance(name, tree.Name) else None
                if known is not None and text(known) == text(target):
                    return tree.Empty(span=s.span, id=s.id, in_macro=True)
        return s

    return tree.Block(span=body.span, id=body.id, in_macro=body.in_macro, body=tuple(kept(s) for s in body.body))


def _variables(expr: Expr) -> Iterator[Symbol]:
    return (n.symbol for n in tree.walk(expr) if isinstance(n, tree.Name))


def _is_one(local: Symbol, target: Expr, body: tree.Block, store: int) -> bool:
    """Whether a local pointer is given new memory once, on the way to the store at this position, and the caller's
    pointer is not used before."""
    made = [k for k, s in enumerate(body.body) for _ in _makings(s, local)]
    if len(made) != 1 or made[0] >= store or isinstance(body.body[made[0]], tree.For | tree.While | tree.DoWhile):
        return False
    if any(isinstance(n, tree.Return) for s in body.body[made[0] : store] for n in tree.walk(s)):
        return False
    for k, s in enumerate(body.body):
        if k == store or (k < made[0] and _empties(s, target)):
            continue
        if any(_spoils(n, local) or _changes(n, target) or (k < store and _is(n, target)) for n in tree.walk(s)):
            return False
    return True


def _makings(s: Stmt, local: Symbol) -> Iterator[Node]:
    for n in tree.walk(s):
        match n:
            case tree.VarDecl(symbol=symbol, init=tree.Expr() as value) if symbol == local and not is_null(value):
                yield n
            case Assign(target=tree.Name(symbol=symbol), value=value) if symbol == local and not is_null(value):
                yield n


def _spoils(n: Node, local: Symbol) -> bool:
    """Whether a node moves a local pointer, lends it to be changed, or gives its memory back."""
    match n:
        case tree.VarDecl(symbol=symbol, init=tree.Expr() as value) if symbol == local:
            return not is_null(value) and allocation(value) is None
        case Assign(op="=", target=tree.Name(symbol=symbol), value=value) if symbol == local:
            return not is_null(value) and allocation(value) is None
        case Assign(value=value) if isinstance(name := bare(value), tree.Name) and name.symbol == local:
            return True
        case tree.VarDecl(init=tree.Expr() as value) if isinstance(name := bare(value), tree.Name):
            return name.symbol == local
        case tree.Call(name=called, arguments=arguments):
            kept = LIBRARY.get(called or "") in {Does.NOTHING, Does.WRITES_ARGUMENTS}
            return not kept and any(isinstance(b := bare(a), tree.Name) and b.symbol == local for a in arguments)
    return changed_or_lent(n) == local


def _is(n: Node, target: Expr) -> bool:
    """Whether a node is the caller's pointer."""
    return isinstance(n, tree.Name | tree.Member) and text(n) == text(target)


def _changes(n: Node, target: Expr) -> bool:
    """Whether a node may change the caller's pointer: it assigns it or what it is a member of, or lends either."""
    match n:
        case Assign(target=changed):
            return _holds(changed, target)
        case tree.Unary(op="&" | "x++" | "++x" | "x--" | "--x", operand=operand):
            return _holds(operand, target)
        case tree.Call(arguments=arguments):
            return any(_holds(bare(a), target) and not is_memory(a.type) for a in arguments)
    return False


def _holds(one: Expr, target: Expr) -> bool:
    """Whether `one` is the caller's pointer, or has it as a member."""
    inner: Expr = target
    while True:
        if text(one) == text(inner):
            return True
        if not isinstance(inner, tree.Member):
            return False
        inner = inner.base


def _empties(s: Stmt, target: Expr) -> bool:
    match s:
        case tree.ExprStmt(expr=Assign(op="=", target=own, value=value)):
            return is_null(value) and text(own) == text(target)
    return False
