"""Scalars that a loop writes: private to an iteration, reduced over all, or carried from one to the next."""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.touches import Context, ScalarTouch, Touches
from chatmpi.analysis.tree import Expr, Node, Symbol

NO_SYMBOLS: frozenset[Symbol] = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """Of a statement: variables that it may read before writing them, and variables that it surely writes."""

    exposed: frozenset[Symbol] = NO_SYMBOLS
    written: frozenset[Symbol] = NO_SYMBOLS

    def then(self, other: Flow) -> Flow:
        return Flow(self.exposed | (other.exposed - self.written), self.written | other.written)


def flow(s: tree.Stmt | None, touches: Touches) -> Flow:
    """The flow of scalars through a statement."""
    match s:
        case None:
            return Flow()
        case tree.Block(body=body):
            total = Flow()
            for part in body:
                total = total.then(flow(part, touches))
            return total
        case tree.If(then=then, otherwise=otherwise):
            a, b = flow(then, touches), flow(otherwise, touches)
            return _own(s, touches).then(Flow(a.exposed | b.exposed, a.written & b.written))
        case tree.For(init=init, body=body_stmt):
            start = flow(init, touches).then(Flow(_own(s, touches).exposed))
            return start.then(Flow(flow(body_stmt, touches).exposed))
        case tree.While(body=body_stmt):
            return Flow(_own(s, touches).exposed | flow(body_stmt, touches).exposed)
        case tree.DoWhile(body=body_stmt):
            inside = flow(body_stmt, touches)
            if any(isinstance(n, tree.Break | tree.Continue) for n in tree.statements(body_stmt)):
                inside = Flow(inside.exposed)
            return inside.then(_own(s, touches))
        case tree.UnknownStmt():
            return Flow(frozenset(t.symbol for t in touches.of(s.id) if isinstance(t, ScalarTouch)))
    return _own(s, touches)


def _own(s: tree.Stmt, touches: Touches) -> Flow:
    """What a statement itself does, without the statements inside it."""
    exposed: set[Symbol] = set()
    written: set[Symbol] = set()
    for t in touches.of(s.id):
        if isinstance(t, ScalarTouch) and t.context.statement is s:
            if t.read and t.symbol not in written:
                exposed.add(t.symbol)
            if t.write and not t.context.sometimes and t.update is not None:
                written.add(t.symbol)
    return Flow(frozenset(exposed), frozenset(written))


# ------------------------------------------------------------------------------------------ reductions


@dataclass(frozen=True, slots=True)
class ScalarReduction:
    """`operation` is MPI's name without the prefix."""

    symbol: Symbol
    operation: str


IDEMPOTENT = frozenset({"MIN", "MAX", "BAND", "BOR"})
IDENTITY = {"SUM": "0", "PROD": "1", "BXOR": "0"}
_COMPOUND = {"+=": "SUM", "-=": "SUM", "*=": "PROD", "|=": "BOR", "&=": "BAND", "^=": "BXOR"}
_BINARY = {"+": "SUM", "*": "PROD", "|": "BOR", "&": "BAND", "^": "BXOR"}


def reduction(
    symbol: Symbol, slice_: tuple[ScalarTouch, ...], everything: tuple[object, ...]
) -> ScalarReduction | None:
    """The reduction that `symbol` is in a loop, judged by its touches there; None if it is something else.

    Every touch of the variable must belong to an update of one and the same operation, and nothing else may
    depend on a condition that reads it.
    """
    operations: set[str] = set()
    belonging: set[int] = set()
    for t in slice_:
        if t.write:
            found = None if t.passed_on else _update(symbol, t)
            if found is None:
                return None
            operation, parts = found
            operations.add(operation)
            belonging |= parts
    if len(operations) != 1 or any(id(t.node) not in belonging for t in slice_ if t.read):
        return None
    if not _guards_only_updates(symbol, belonging, everything):
        return None
    return ScalarReduction(symbol, operations.pop())


def _update(symbol: Symbol, t: ScalarTouch) -> tuple[str, set[int]] | None:
    """The operation of one update, and the ids of the nodes that belong to it (the update's, its test's)."""
    match t.update:
        case tree.Unary(op="x++" | "++x" | "x--" | "--x") as step:
            return "SUM", _ids(step)
        case tree.Assign(op=op, value=value) as a if op in _COMPOUND and not mentions(value, symbol):
            return (_COMPOUND[op], _ids(a)) if _keeps(symbol, value) else None
        case tree.Assign(op="=", value=value) as a:
            operation = _combined(symbol, value) if _keeps(symbol, value) else None
            if operation is not None:
                return operation, _ids(a)
            return _tested(symbol, a, t.context)
    return None


def _keeps(symbol: Symbol, value: Expr) -> bool:
    """Whether a value keeps all of itself in the variable: a fraction added to an integer is cut at every step."""
    return not (_is_integer(symbol.type) and not _is_integer(value.type))


def _is_integer(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_integer


def _orders_alike(symbol: Symbol, a: Expr, b: Expr) -> bool:
    """Whether comparing `a` with `b` orders values as MPI orders those of the variable's type."""
    kinds = [k for k in (a.type, b.type) if isinstance(k, tree.Scalar)]
    mine = symbol.type
    if len(kinds) < 2 or not isinstance(mine, tree.Scalar):
        return False
    if mine.is_floating:
        return any(k.is_floating for k in kinds)
    return all(k.is_integer and k.is_unsigned == mine.is_unsigned for k in kinds)


def _combined(symbol: Symbol, value: Expr) -> str | None:
    """The operation in `symbol = symbol op e`, `symbol = fmax(symbol, e)`, `symbol = e > symbol ? e : symbol`."""
    match value:
        case tree.Binary(op=op, left=left, right=right) if op in _BINARY or op == "-":
            if mentions(left, symbol) and not mentions(right, symbol):
                operation = _BINARY.get(op, "SUM")
                deeper = "SELF" if is_name(left, symbol) else _combined(symbol, left)
                return operation if deeper in {"SELF", operation} else None
            if op != "-" and is_name(right, symbol) and not mentions(left, symbol):
                return _BINARY[op]
            if op in {"+", "*"} and mentions(right, symbol) and not mentions(left, symbol):
                return _BINARY[op] if _combined(symbol, right) == _BINARY[op] and not _subtracts(right) else None
        case tree.Call(name="fmax" | "fmaxf" | "fmin" | "fminf" as name, arguments=(a, b)):
            other = b if is_name(a, symbol) else a if is_name(b, symbol) else None
            if other is not None and not mentions(other, symbol) and not _is_integer(symbol.type):
                return "MAX" if name.startswith("fmax") else "MIN"
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            return _selected(symbol, condition, then, otherwise)
    return None


def _subtracts(expr: Expr) -> bool:
    return isinstance(expr, tree.Binary) and expr.op == "-"


def _selected(symbol: Symbol, condition: Expr, then: Expr, otherwise: Expr) -> str | None:
    """MAX or MIN for `a > b ? a : b` and its variants where one of a, b is the variable."""
    if not isinstance(condition, tree.Binary) or condition.op not in {"<", "<=", ">", ">="}:
        return None
    a, b = condition.left, condition.right
    other = b if is_name(a, symbol) else a if is_name(b, symbol) else None
    if other is None or mentions(other, symbol) or not _orders_alike(symbol, a, b):
        return None
    if same(then, a) and same(otherwise, b):
        return "MAX" if ">" in condition.op else "MIN"
    if same(then, b) and same(otherwise, a):
        return "MIN" if ">" in condition.op else "MAX"
    return None


def _tested(symbol: Symbol, assign: tree.Assign, context: Context) -> tuple[str, set[int]] | None:
    """`if (e > s) s = e;`"""
    if not context.guards:
        return None
    guard = context.guards[-1]
    condition = guard.condition
    if not guard.holds or not isinstance(condition, tree.Binary) or condition.op not in {"<", "<=", ">", ">="}:
        return None
    a, b = condition.left, condition.right
    if not _orders_alike(symbol, a, b):
        return None
    greater = ">" in condition.op
    if is_name(b, symbol) and same(a, assign.value) and not mentions(a, symbol):
        return ("MAX" if greater else "MIN"), _ids(assign) | _ids(condition)
    if is_name(a, symbol) and same(b, assign.value) and not mentions(b, symbol):
        return ("MIN" if greater else "MAX"), _ids(assign) | _ids(condition)
    return None


def _guards_only_updates(symbol: Symbol, belonging: set[int], everything: tuple[object, ...]) -> bool:
    for t in everything:
        context: Context | None = getattr(t, "context", None)
        if context is None or not any(mentions(g.condition, symbol) for g in context.guards):
            continue
        node = getattr(t, "node", None) or getattr(t, "call", None)
        if id(node) not in belonging:
            return False
    return True


def _ids(node: Node) -> set[int]:
    return {id(n) for n in tree.walk(node)}


def mentions(expr: Node, symbol: Symbol) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol == symbol for n in tree.walk(expr))


def is_name(expr: Expr, symbol: Symbol) -> bool:
    return isinstance(expr, tree.Name) and expr.symbol == symbol


def same(a: Node, b: Node) -> bool:
    """Whether two expressions are written alike (places aside) and have no effects."""
    if type(a) is not type(b) or isinstance(a, tree.Assign | tree.UnknownExpr):
        return False
    match a, b:
        case (tree.Name(symbol=s), tree.Name(symbol=t)):
            return s == t
        case (tree.IntLiteral(value=x), tree.IntLiteral(value=y)):
            return x == y
        case (tree.FloatLiteral(value=x), tree.FloatLiteral(value=y)):
            return x == y
        case (tree.Unary(op=op), tree.Unary(op=other)) if op != other or "x" in op:
            return False
        case (tree.Binary(op=op), tree.Binary(op=other)) if op != other:
            return False
        case (tree.Member(field=f), tree.Member(field=g)) if f != g:
            return False
        case (tree.Cast(type=t1), tree.Cast(type=t2)) if t1 != t2:
            return False
    mine, theirs = tree.children(a), tree.children(b)
    return len(mine) == len(theirs) and all(same(x, y) for x, y in zip(mine, theirs, strict=True))
