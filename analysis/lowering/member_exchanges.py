"""Exchanges of pointers to structs, written as exchanges of the pointers among the structs' members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.lowering.comma_lists import in_one
from chatmpi.analysis.lowering.struct_exchanges import Path, StructExchanges, paths
from chatmpi.analysis.tree import Expr, Node, Record, Stmt, Symbol


@dataclass
class MemberExchanges:
    """The statements of exchanges as those of what their members point at. `objects`: the structs as variables."""

    exchanges: StructExchanges
    objects: Mapping[Symbol, Symbol]
    records: Mapping[str, Record]
    uid: int  # the first that is free
    _spare: dict[tuple[Symbol, Path], Symbol] = field(default_factory=dict)

    def statement(self, s: Stmt) -> Stmt | None:
        """A statement that takes part in an exchange; None if it does not."""
        copies = self.exchanges.statements.get(s.id)
        if copies is None:
            return None
        pairs = [(t, v, p) for t, v in copies for p in self._pointers(t)]
        match s:
            case tree.Declaration(variables=variables):
                spans = {v.symbol: v for v in variables}
                own = [self._variable(spans[t], p, self._member(v, p, spans[t])) for t, v, p in pairs]
                return replace(s, variables=tuple(own))
            case tree.ExprStmt(expr=expr):
                assigns: list[Expr] = []
                for t, v, p in pairs:
                    target, value = self._member(t, p, expr), self._member(v, p, expr)
                    assigns.append(tree.Assign(span=expr.span, in_macro=expr.in_macro, type=target.type, op="=",
                                               target=target, value=value))  # fmt: skip
                return replace(s, expr=in_one(assigns, expr.span))
        return None

    def declared(self, v: tree.VarDecl) -> Iterator[tree.VarDecl]:
        """What a pointer in between is declared as where it is not given anything."""
        for path in self._pointers(v.symbol):
            yield self._variable(v, path, None)

    def _variable(self, v: tree.VarDecl, path: Path, init: Expr | None) -> tree.VarDecl:
        return replace(v, symbol=self._own(v.symbol, path), extents=(), brackets=(), init=init)

    def _pointers(self, pointer: Symbol) -> list[Path]:
        assert isinstance(pointer.type, tree.Pointer)
        leaves = paths(pointer.type.target, self.records) or []
        return [p for p in leaves if isinstance(p[-1][1], tree.Pointer)]

    def _own(self, pointer: Symbol, path: Path) -> Symbol:
        if (pointer, path) not in self._spare:
            name = f"{pointer.name}->{'.'.join(step for step, _ in path)}"
            self._spare[pointer, path] = Symbol(name, self.uid + len(self._spare), path[-1][1], pointer.storage)
        return self._spare[pointer, path]

    def _member(self, pointer: Symbol, path: Path, at: Node) -> Expr:
        """A member at the place of a pointer."""
        if pointer not in self.objects:
            own = self._own(pointer, path)
            return tree.Name(span=at.span, in_macro=True, type=own.type, symbol=own)
        symbol = self.objects[pointer]
        expr: Expr = tree.Name(span=at.span, in_macro=True, type=symbol.type, symbol=symbol)
        for name, kind in path:
            expr = tree.Member(span=at.span, in_macro=True, type=kind, base=expr, field=name, arrow=False)
        return expr
