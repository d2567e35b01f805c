"""Updates: what combines the value that a variable or array element holds with another, by one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import operands
from chatmpi.analysis.touches import ElementTouch, Guard, ScalarTouch, Touch
from chatmpi.analysis.tree import Expr, Node, Symbol


@dataclass(frozen=True, slots=True)
class Update:
    """`operation` is MPI's name without the prefix; `belonging` are the ids of the nodes of the update and its test."""

    operation: str
    belonging: frozenset[int]


IDEMPOTENT = frozenset({"MIN", "MAX", "BAND", "BOR", "LAND", "LOR"})
IDENTITY = {"SUM": "0", "PROD": "1", "BXOR": "0"}
_COMPOUND = {"+=": "SUM", "-=": "SUM", "*=": "PROD", "|=": "BOR", "&=": "BAND", "^=": "BXOR"}
_BINARY = {"+": "SUM", "*": "PROD", "|": "BOR", "&": "BAND", "^": "BXOR", "||": "LOR", "&&": "LAND"}
_BYTES = {"char": 1, "short": 2, "int": 4, "long": 8, "long long": 8}


def update_of(
    t: ScalarTouch | ElementTouch, slice_: Sequence[Touch], is_truth: bool, own: Mapping[str, str]
) -> Update | None:
    """The update that `t`, one of `slice_`, is; None if it writes in another way.

    `is_truth`: what is updated holds nothing but 0 and 1; `own`: the program's functions that select (see selecting).
    """
    if t.passed_on:
        return None
    found = _update(t, slice_, own)
    return None if found is None else _of_type(found, t, is_truth)


def _update(t: ScalarTouch | ElementTouch, slice_: Sequence[Touch], own: Mapping[str, str]) -> Update | None:
    match t.update:
        case tree.Unary(op="x++" | "++x" | "x--" | "--x") as step:
            return Update("SUM", ids(step))
        case tree.Assign(op=op, target=target, value=value) as a if op in _COMPOUND and not mentions(value, t.symbol):
            return Update(_COMPOUND[op], ids(a)) if _keeps(target, value) else None
        case tree.Assign(op="=", target=target, value=value) as a:
            place = Place(t.symbol, target, own)
            operation = place.combined(value) if _keeps(target, value) else None
            if operation is not None:
                return Update(operation, ids(a))
            return place.tested(a, t, slice_)
    return None


def _of_type(found: Update, t: ScalarTouch | ElementTouch, is_truth: bool) -> Update | None:
    """The update as MPI has it for the type: a truth value is no number, and `&&` gives one whatever was there."""
    kind = t.node.type if isinstance(t, ElementTouch) else t.symbol.type
    if kind == tree.Scalar("_Bool"):
        logical = {"BOR": "LOR", "BAND": "LAND", "LOR": "LOR", "LAND": "LAND"}.get(found.operation)
        return Update(logical, found.belonging) if logical else None
    if found.operation in {"LOR", "LAND"} and not is_truth:
        return None
    return found


def _keeps(target: Expr, value: Expr) -> bool:
    """Whether a value keeps all of itself in the target: a fraction added to an integer is cut at every step."""
    return not (_is_integer(target.type) and not _is_integer(value.type))


def _is_integer(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_integer


@dataclass(frozen=True, slots=True)
class Place:
    """What is updated: the variable, or the element `expr` of the array; `own`: the program's functions that select."""

    symbol: Symbol
    expr: Expr
    own: Mapping[str, str] = field(default_factory=dict)

    def is_here(self, expr: Expr) -> bool:
        return same(expr, self.expr)

    def is_in(self, expr: Expr) -> bool:
        return mentions(expr, self.symbol)

    def combined(self, value: Expr) -> str | None:
        """The operation in `s = s op e`, `s = fmax(s, e)`, `s = e > s ? e : s`."""
        match value:
            case tree.Binary(op=op, left=left, right=right) if op in _BINARY or op == "-":
                return self._joined(op, left, right)
            case tree.Call(name="fmax" | "fmaxf" | "fmin" | "fminf" as name, arguments=(a, b)):
                other = b if self.is_here(a) else a if self.is_here(b) else None
                if other is not None and not self.is_in(other) and not _is_integer(self.expr.type):
                    return "MAX" if name.startswith("fmax") else "MIN"
            case tree.Call(name=str() as name, arguments=(a, b)) if name in self.own:
                other = b if self.is_here(a) else a if self.is_here(b) else None
                exact = other is not None and value.type == self.expr.type == other.type
                if exact and other is not None and not self.is_in(other):
                    return self.own[name]
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                return self._selected(condition, then, otherwise)
        return None

    def _joined(self, op: str, left: Expr, right: Expr) -> str | None:
        if self.is_in(left) and not self.is_in(right):
            operation = _BINARY.get(op, "SUM")
            deeper = "SELF" if self.is_here(left) else self.combined(left)
            return operation if deeper in {"SELF", operation} else None
        if op != "-" and self.is_here(right) and not self.is_in(left):
            return _BINARY[op]
        if op in {"+", "*"} and self.is_in(right) and not self.is_in(left):
            return _BINARY[op] if self.combined(right) == _BINARY[op] and not _subtracts(right) else None
        return None

    def _selected(self, condition: Expr, then: Expr, otherwise: Expr) -> str | None:
        """MAX or MIN for `a > b ? a : b` and its variants where one of a, b is the place."""
        if not isinstance(condition, tree.Binary) or condition.op not in {"<", "<=", ">", ">="}:
            return None
        a, b = condition.left, condition.right
        other = b if self.is_here(a) else a if self.is_here(b) else None
        if other is None or self.is_in(other) or not self._orders_alike(a, b):
            return None
        if same(then, a) and same(otherwise, b):
            return "MAX" if ">" in condition.op else "MIN"
        if same(then, b) and same(otherwise, a):
            return "MIN" if ">" in condition.op else "MAX"
        return None

    def tested(self, assign: tree.Assign, t: ScalarTouch | ElementTouch, slice_: Sequence[Touch]) -> Update | None:
        """`if (e > s) s = e;`"""
        guard = t.context.guards[-1] if t.context.guards else None
        if guard is None or not guard.holds or not undisturbed(guard, t, slice_):
            return None
        operation = self.compared(guard.condition, assign.value)
        return Update(operation, ids(assign) | ids(guard.condition)) if operation else None

    def test_in(self, condition: Expr) -> Expr | None:
        """What of a condition speaks of the place, if it is one of several that must all hold."""
        tests = [c for c in operands(condition, "&&") if self.is_in(c)]
        return tests[0] if len(tests) == 1 else None

    def compared(self, whole: Expr, value: Expr) -> str | None:
        """MAX or MIN, where a condition lets just those values pass that are beyond the place's."""
        condition = self.test_in(whole)
        if not isinstance(condition, tree.Binary) or condition.op not in {"<", "<=", ">", ">="}:
            return None
        a, b = condition.left, condition.right
        if not self._orders_alike(a, b):
            return None
        greater = ">" in condition.op
        if self.is_here(b) and same(a, value) and not self.is_in(a):
            return "MAX" if greater else "MIN"
        if self.is_here(a) and same(b, value) and not self.is_in(b):
            return "MIN" if greater else "MAX"
        return None

    def _orders_alike(self, a: Expr, b: Expr) -> bool:
        """Whether comparing `a` with `b` orders values as MPI orders those of the place's type."""
        kinds = [k for k in (a.type, b.type) if isinstance(k, tree.Scalar)]
        mine = self.expr.type
        if len(kinds) < 2 or not isinstance(mine, tree.Scalar):
            return False
        if mine.is_floating:
            return any(k.is_floating for k in kinds)
        fits = all(k.is_integer and k.is_unsigned == mine.is_unsigned and _bytes(k) <= _bytes(mine) for k in kinds)
        return fits and mine.name != "_Bool"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`value` replaces what is held where it is beyond it; `strict`: equal values do not."""

    operation: str
    strict: bool
    value: Expr


def comparison(t: ScalarTouch, guard: Guard) -> Comparison | None:
    """The comparison under which `t` keeps a new extremum."""
    match t.update:
        case tree.Assign(op="=", target=target, value=value) if not t.passed_on:
            place = Place(t.symbol, target)
            operation, test = place.compared(guard.condition, value), place.test_in(guard.condition)
            if operation is not None and isinstance(test, tree.Binary):
                return Comparison(operation, "=" not in test.op, value)
    return None


def _bytes(kind: tree.Scalar) -> int:
    return _BYTES.get(kind.name.removeprefix("unsigned ").removeprefix("signed "), 0)


def _subtracts(expr: Expr) -> bool:
    return isinstance(expr, tree.Binary) and expr.op == "-"


def undisturbed(guard: Guard, t: ScalarTouch | ElementTouch, slice_: Sequence[Touch]) -> bool:
    """Whether all that a guard tests is still as it was tested when `t` happens."""
    if t.context.loops != guard.loops:
        return False
    tested = {n.symbol for n in tree.walk(guard.condition) if isinstance(n, tree.Name)}
    for other in slice_:
        if other is t:
            return True
        inside = any(g.condition is guard.condition for g in other.context.guards)
        if inside and isinstance(other, ScalarTouch | ElementTouch) and other.write and other.symbol in tested:
            return False
    return False


def guards_only(symbol: Symbol, belonging: frozenset[int], everything: Sequence[Touch]) -> bool:
    """Whether conditions that read `symbol` decide about its own updates alone."""
    for t in everything:
        if not depends_on(t, symbol, everything):
            continue
        node = getattr(t, "node", None) or getattr(t, "call", None)
        writes = isinstance(t, ScalarTouch | ElementTouch) and t.write and t.symbol != symbol
        if writes or id(node) not in belonging:
            return False
    return True


def depends_on(t: Touch, symbol: Symbol, everything: Sequence[Touch]) -> bool:
    """Whether a condition that reads `symbol` decides about a touch. `everything`: those of a loop, with its header
    first; what was found out before the loop (`if (sum == NULL) return 1;`) stands fixed in it."""
    before = {id(g.condition) for g in everything[0].context.guards}
    return any(mentions(g.condition, symbol) for g in t.context.guards if id(g.condition) not in before)


def ids(node: Node) -> frozenset[int]:
    return frozenset(id(n) for n in tree.walk(node))


def mentions(expr: Node, symbol: Symbol) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol == symbol for n in tree.walk(expr))


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
        case (tree.Sizeof(of=t1), tree.Sizeof(of=t2)) if t1 != t2:
            return False
        case (tree.StringLiteral(), _):
            return False
    mine, theirs = tree.children(a), tree.children(b)
    return len(mine) == len(theirs) and all(same(x, y) for x, y in zip(mine, theirs, strict=True))
