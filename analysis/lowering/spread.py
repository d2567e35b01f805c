"""Structs that are assigned, handed over and returned as a whole, read member by member.

    V2 d = {1, 2};  p = d;  f(p);         d.x = 1, d.y = 2;  p.x = d.x, p.y = d.y;  f((V2){p.x, p.y});

So all that the program says of a struct variable is said of its members, and these can be variables of their own
(`members.py`). The text stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import pure_functions
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.expressions import bare, is_step, variable_of
from chatmpi.analysis.lowering.comma_lists import in_one
from chatmpi.analysis.memory.struct_values import compound, has_values, is_compound, member, record_of, without_values
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Expr, Node, Program, Record, Symbol


def spread_structs(program: Program) -> Program:
    """The program with the members in the place of the structs, for variables whose every use allows it."""
    roots: list[Node] = [*program.globals, *program.functions]
    values = _Values(program.records, pure_functions(program))
    wanted = _variables(roots, program.records)
    wanted -= _kept(roots, wanted, values)
    if not wanted:
        return program
    spreading = _Spreading(frozenset(wanted), values)
    return replace(
        program,
        functions=tuple(rewritten(f, spreading.change) for f in program.functions),
        globals=tuple(rewritten(v, spreading.change) for v in program.globals),
    )


def _variables(roots: Sequence[Node], records: Mapping[str, Record]) -> set[Symbol]:
    """The struct variables without arrays in them."""
    declared = (n for root in roots for n in tree.walk(root) if isinstance(n, tree.VarDecl))
    return {
        v.symbol for v in declared if v.symbol.storage in {"local", "global"} and has_values(v.symbol.type, records)
    }


def _kept(roots: Sequence[Node], wanted: set[Symbol], values: _Values) -> set[Symbol]:
    """The variables that must stay whole somewhere: their address is taken, or what they get is not told apart."""
    kept: set[Symbol] = set()
    for root in roots:
        for n in tree.walk(root):
            match n:
                case tree.Unary(op="&", operand=operand) | tree.Sizeof(operand=tree.Expr() as operand):
                    kept |= {s for s in (_root(operand),) if s is not None and isinstance(operand.type, tree.OtherType)}
                case tree.UnknownExpr(children=parts) if not is_compound(n):
                    kept |= {p.symbol for p in parts if isinstance(p, tree.Name)}
                case tree.VarDecl(symbol=symbol, init=tree.Expr() as init) if symbol in wanted:
                    kept |= set() if values.parts(init, symbol.type) is not None else {symbol}
                case tree.Assign(op=op, target=target, value=value) if isinstance(target.type, tree.OtherType):
                    told = op == "=" and values.parts(value, target.type) is not None
                    kept |= {s for s in (_root(target),) if s is not None and not told}
    plain = {id(s.expr) for root in roots for s in tree.walk(root) if isinstance(s, tree.ExprStmt)}
    for root in roots:
        for n in tree.walk(root):
            if isinstance(n, tree.Assign) and isinstance(n.target.type, tree.OtherType) and id(n) not in plain:
                kept |= {s for s in (_root(n.target),) if s is not None}
    return kept


def _root(expr: Expr) -> Symbol | None:
    found = variable_of(expr)
    return found.symbol if found is not None else None


# ---------------------------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class _Values:
    """What is known of values of structs; `pure` functions may be called once for each member."""

    records: Mapping[str, Record]
    pure: frozenset[str]

    def parts(self, value: Expr, kind: tree.CType) -> tuple[Expr, ...] | None:
        """The value of each member that is no struct itself, in order."""
        inner = bare(value)
        record = record_of(kind, self.records)
        if record is None or (not isinstance(inner, tree.InitList) and inner.type != kind):
            return None
        if isinstance(inner, tree.Call) and not self._is_pure(inner):
            return None
        found: list[Expr] = []
        for f in record.fields:
            own = member(inner, f.symbol.name, self.records)
            if own is None:
                return None
            if isinstance(f.symbol.type, tree.OtherType):
                deeper = self.parts(own, f.symbol.type)
                if deeper is None:
                    return None
                found += deeper
            else:
                found.append(own)
        return tuple(found)

    def _is_pure(self, call: tree.Call) -> bool:
        """Whether a call, with all in its arguments, does nothing but compute."""
        for n in tree.walk(call):
            if isinstance(n, tree.Call) and n.name not in self.pure and LIBRARY.get(n.name or "") is not Does.NOTHING:
                return False
            if isinstance(n, tree.Assign) or is_step(n):
                return False
        return True


def _listed(parts: Iterator[Expr], kind: tree.CType, span: Span, records: Mapping[str, Record]) -> tree.InitList:
    """The parts as a list for a struct."""
    record = record_of(kind, records)
    assert record is not None
    items = tuple(
        _listed(parts, f.symbol.type, span, records) if isinstance(f.symbol.type, tree.OtherType) else next(parts)
        for f in record.fields
    )
    return tree.InitList(span=span, in_macro=True, type=kind, items=items)


@dataclass(frozen=True)
class _Spreading:
    variables: frozenset[Symbol]
    values: _Values

    @property
    def records(self) -> Mapping[str, Record]:
        return self.values.records

    def change(self, node: Node) -> Node:
        match node:
            case tree.Name(symbol=symbol) if symbol in self.variables:
                return self._whole(node)
            case tree.Member():
                return self._member(node)
            case tree.VarDecl(symbol=symbol, init=tree.Expr() as init) if symbol in self.variables:
                return self._declared(node, init)
            case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)) if is_compound(target):
                return replace(node, expr=self._assigned(target, value))
        return node

    def _whole(self, name: Expr) -> Expr:
        """A variable as the list of its members."""
        record = record_of(name.type, self.records)
        assert record is not None
        items = []
        for f in record.fields:
            own = tree.Member(span=name.span, in_macro=True, type=f.symbol.type, base=name, field=f.symbol.name,
                              arrow=False)  # fmt: skip
            items.append(self._whole(own) if isinstance(f.symbol.type, tree.OtherType) else own)
        return compound(name.type, tuple(items), name.span)

    def _member(self, node: tree.Member) -> Node:
        """A member of a list; one of a variable keeps the place of its text."""
        found = without_values(node, self.records)
        if isinstance(found, tree.Member) and found is not node and _root(found) in self.variables:
            return replace(found, span=node.span, in_macro=node.in_macro)
        return found

    def _declared(self, v: tree.VarDecl, init: Expr) -> tree.VarDecl:
        if isinstance(bare(init), tree.InitList):
            return v
        parts = self.values.parts(init, v.symbol.type)
        assert parts is not None
        return replace(v, init=_listed(iter(parts), v.symbol.type, init.span, self.records))

    def _assigned(self, target: Expr, value: Expr) -> Expr:
        """The members' assignments, one after the other. Where a value reads what is set before it, none is told."""
        places = self.values.parts(target, target.type)
        values = self.values.parts(value, target.type)
        assert places is not None
        assert values is not None
        assigned: list[Expr] = []
        clash = any(_same(n, p) for k, v in enumerate(values) for n in tree.walk(v) for p in places[:k])
        for place, own in zip(places, values, strict=True):
            told = own
            if clash:
                told = tree.UnknownExpr(span=value.span, in_macro=True, type=place.type, kind="struct value",
                                        children=values)  # fmt: skip
            assigned.append(tree.Assign(span=value.span, in_macro=True, type=place.type, op="=", target=place,
                                        value=told))  # fmt: skip
        return in_one(assigned, value.span)


def _same(node: Node, place: Expr) -> bool:
    """Whether a node names a place that is a member of a variable."""
    if isinstance(node, tree.Member) and isinstance(place, tree.Member) and node.field == place.field:
        return _same(node.base, place.base)
    return isinstance(node, tree.Name) and isinstance(place, tree.Name) and node.symbol == place.symbol
