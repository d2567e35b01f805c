"""Functions on the values of structs that only compute, read as the one expression that they return.

    V2 sub(V2 a, V2 b) { V2 r; r.x = a.x - b.x; r.y = a.y - b.y; return r; }        (V2){a.x - b.x, a.y - b.y}

Local variables give way to their values, and branches that return to conditional expressions.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.memory.struct_values import (
    compound,
    converted,
    is_compound,
    member,
    plain_lists,
    record_of,
    without_values,
)
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Function, Node, Program, Record, Stmt, Symbol

_MOST_NODES, _MOST_BRANCHES = 400, 6
_Values = dict[Symbol, Expr]


def as_expression(f: Function, program: Program, pure: Set[str]) -> Function | None:
    """The function with nothing but `return expression;`; `pure` are the functions that compute and do no more."""
    kinds = [f.returns, *(p.symbol.type for p in f.parameters)]
    branches = sum(1 for s in tree.statements(f.body) if isinstance(s, tree.If))
    structs = any(record_of(k, program.records) for k in kinds)
    if not (structs or (branches and _are_indices(kinds))) or branches > _MOST_BRANCHES:
        return None
    try:
        value = _Reading(program, pure).returned(f.body.body, {})
    except _NotStraight:
        return None
    if value is None or sum(1 for _ in tree.walk(value)) > _MOST_NODES:
        return None
    returned = tree.Return(span=f.body.span, id=f.body.id, value=converted(value, f.returns))
    return replace(f, body=replace(f.body, body=(returned,)))


def _are_indices(kinds: list[tree.CType]) -> bool:
    """Whether a function makes an index of indices, as one that holds them in a range does."""
    return len(set(kinds)) == 1 and all(k in (tree.Scalar("int"), tree.Scalar("long")) for k in kinds)


class _NotStraight(Exception):
    """The function does something that no expression can stand for."""


@dataclass(frozen=True, slots=True)
class _Reading:
    program: Program
    pure: Set[str]

    @property
    def records(self) -> Mapping[str, Record]:
        return self.program.records

    def returned(self, statements: tuple[Stmt, ...], values: _Values) -> Expr | None:
        """What statements in a row return; None if control comes out behind them."""
        known = dict(values)
        for k, s in enumerate(statements):
            match s:
                case tree.Empty():
                    continue
                case tree.Return(value=tree.Expr() as value):
                    return self._value(value, known)
                case tree.Block(body=body):
                    return self.returned((*body, *statements[k + 1 :]), known)
                case tree.If(condition=condition, then=then, otherwise=otherwise):
                    rest = statements[k + 1 :]
                    one = self.returned((then, *rest), known)
                    other = self.returned((*(() if otherwise is None else (otherwise,)), *rest), known)
                    if one is None or other is None:
                        raise _NotStraight
                    test = self._value(condition, known)
                    return tree.Conditional(span=s.span, in_macro=True, type=one.type, condition=test, then=one,
                                            otherwise=other)  # fmt: skip
                case tree.Declaration(variables=variables):
                    for v in variables:
                        self._declare(v, known)
                case tree.ExprStmt(expr=tree.Assign(op=op, target=target, value=value)):
                    self._assign(target, op, value, known)
                case _:
                    raise _NotStraight
        return None

    def _declare(self, v: tree.VarDecl, known: _Values) -> None:
        kind = v.symbol.type
        if v.symbol.storage != "local" or not (isinstance(kind, tree.Scalar) or record_of(kind, self.records)):
            raise _NotStraight
        if v.init is not None:
            value = self._value(v.init, known)
            known[v.symbol] = compound(kind, value.items, v.span) if isinstance(value, tree.InitList) else (
                converted(value, kind))  # fmt: skip
        else:
            known[v.symbol] = _unset(kind, v)

    def _assign(self, target: Expr, op: str, value: Expr, known: _Values) -> None:
        given = self._value(value, known)
        if op != "=":
            held = self._value(target, known)
            given = tree.Binary(span=target.span, in_macro=True, type=_sum_type(held, given), op=op[:-1], left=held,
                                right=given)  # fmt: skip
        path: list[str] = []
        while isinstance(target, tree.Member) and not target.arrow:
            path.insert(0, target.field)
            target = target.base
        if not isinstance(target, tree.Name) or target.symbol.storage not in {"local", "parameter"}:
            raise _NotStraight
        held = known.get(target.symbol, target)
        known[target.symbol] = self._with(held, path, given)

    def _with(self, held: Expr, path: list[str], value: Expr) -> Expr:
        """A struct's value, with another value for one of its members."""
        if not path:
            return converted(value, held.type)
        record = record_of(held.type, self.records)
        if record is None:
            raise _NotStraight
        items = []
        for f in record.fields:
            kind = f.symbol.type
            own = _unset(kind, f) if _is_unset(held) else member(held, f.symbol.name, self.records)
            if own is None or not (isinstance(kind, tree.Scalar) or record_of(kind, self.records)):
                raise _NotStraight
            items.append(self._with(own, path[1:], value) if f.symbol.name == path[0] else own)
        return compound(held.type, tuple(items), held.span)

    def _value(self, expr: Expr, known: _Values) -> Expr:
        """An expression in terms of the parameters."""
        for n in tree.walk(expr):
            unknown = isinstance(n, tree.UnknownExpr) and not is_compound(n) and n.kind != "designated initializer"
            steps = isinstance(n, tree.Unary) and ("x" in n.op or n.op == "&")
            if isinstance(n, tree.Assign) or unknown or steps:
                raise _NotStraight
            if isinstance(n, tree.Call) and not (LIBRARY.get(n.name or "") is Does.NOTHING or n.name in self.pure):
                raise _NotStraight

        def change(node: Node) -> Node:
            if isinstance(node, tree.Name) and node.symbol in known:
                return known[node.symbol]
            return without_values(node, self.records)

        found = rewritten(plain_lists(expr, self.program), change)
        if any(_is_unset(n) for n in tree.walk(found)) or sum(1 for _ in tree.walk(found)) > _MOST_NODES:
            raise _NotStraight
        return found


def _unset(kind: tree.CType, v: tree.VarDecl) -> Expr:
    """What a variable holds before it is given a value."""
    return tree.UnknownExpr(span=v.span, in_macro=True, type=kind, kind="unset", children=())


def _is_unset(node: Node) -> bool:
    return isinstance(node, tree.UnknownExpr) and node.kind == "unset"


def _sum_type(left: Expr, right: Expr) -> tree.CType:
    """The type in which `left op= right` computes, where that is plain."""
    if left.type == right.type and left.type in {tree.Scalar("double"), tree.Scalar("int"), tree.Scalar("long")}:
        return left.type
    if left.type == tree.Scalar("double") and isinstance(right.type, tree.Scalar) and not right.type.is_complex:
        return left.type
    if isinstance(left.type, tree.Scalar) and left.type.name == "float" and right.type == left.type:
        return left.type
    raise _NotStraight
