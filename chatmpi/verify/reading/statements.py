"""Single statements and their counterparts: expressions, declarations, and the ends of functions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.source import Source
from chatmpi.verify.reading import allocations
from chatmpi.verify.reading.expressions import Comparison, written
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import same_type
from chatmpi.verify.reading.reading import Position, Where

ENDS = frozenset({"exit", "_exit", "_Exit", "quick_exit"})


@dataclass
class Statements(Position):
    """Pairs statements that hold no others. Raises Mismatch."""

    def place(self, s: tree.Node) -> str:
        return self.reading.findings.place(s)

    def comparison(self, where: Where) -> Comparison:
        return Comparison(self.reading, where, self.state, where.fetched)

    def values(self, s: tree.Expr | None, c: tree.Expr | None, where: Where, at: tree.Node) -> None:
        """Two expressions of one value, or none at all."""
        if s is None and c is None:
            return
        if s is None or c is None:
            raise Mismatch(at, "a part of the sequential program's statement is missing here, or one is added")
        compared = self.comparison(where)
        compared.same(s, c)
        self.state = compared.state

    def expression(self, s: tree.ExprStmt, c: tree.ExprStmt, where: Where) -> None:
        match s.expr, c.expr:
            case tree.Assign(op="=", target=tree.Name() as a, value=x), tree.Assign(
                op="=", target=tree.Name() as b, value=y
            ):
                self._taken(a, b, x, y, where)
            case _:
                self.values(s.expr, c.expr, where, c)
        call = s.expr.name if isinstance(s.expr, tree.Call) else None
        if call == "free" and isinstance(c.expr, tree.Call):
            self.state = allocations.freed(c.expr, self.state)
        if any(isinstance(n, tree.Call) and n.name in ENDS for n in tree.walk(s.expr)):
            self._must_be_final(c)
            self.state = self.state.ended()

    def _taken(self, a: tree.Name, b: tree.Name, x: tree.Expr, y: tree.Expr, where: Where) -> None:
        """`a = x` and `b = y`."""
        if self.reading.pairs.target.get(a.symbol) != b.symbol:
            raise Mismatch(b, f"'{b.symbol}' is set where '{a.symbol}' is set at {self.place(a)}")
        if allocations.is_allocation(a.symbol, x, self.reading):
            allocations.allocated(a.symbol, b.symbol, y, where, self)
            return
        compared = self.comparison(where)
        if where.root or isinstance(a.symbol.type, tree.Pointer | tree.Array):
            compared.same(x, y)
            compared.set(a, b)
        else:
            compared.take(a.symbol, b.symbol, x, y)
        self.state = compared.state

    def declaration(self, s: tree.Declaration, c: tree.Declaration, where: Where) -> None:
        if len(s.variables) != len(c.variables):
            raise Mismatch(c, f"this declares other variables than {self.place(s)}")
        if not s.variables:
            self.comparison(where).same_text(s, c)
        elif _head(s, self.reading.findings.sequential) != _head(c, self.reading.findings.candidate):
            raise Mismatch(c, f"this defines another type than {self.place(s)}")
        for v, w in zip(s.variables, c.variables, strict=True):
            self._variable(v, w, where)

    def _variable(self, v: tree.VarDecl, w: tree.VarDecl, where: Where) -> None:
        if v.symbol.name != w.symbol.name or (v.symbol.storage, v.symbol.const) != (w.symbol.storage, w.symbol.const):
            raise Mismatch(w, f"'{w.symbol}' is declared where '{v.symbol}' is at {self.place(v)}")
        self.reading.pairs.add(v.symbol, w.symbol)
        self.state = written(v.symbol, w.symbol, self.state, self.reading)
        if v.init is None:
            self.state = replace(self.state, unset=self.state.unset | {w.symbol})
        if v.symbol in self.reading.intent.partition_of:
            allocations.declared(v, w, where, self)
            return
        if not same_type(v.symbol.type, w.symbol.type) or len(v.extents) != len(w.extents):
            raise Mismatch(w, f"'{w.symbol}' has another type than at {self.place(v)}")
        for x, y in zip(v.extents, w.extents, strict=True):
            self.values(x, y, where, w)
        if v.init is None or w.init is None or isinstance(v.symbol.type, tree.Array | tree.Pointer):
            self.values(v.init, w.init, where, w)
            return
        compared = self.comparison(where)
        compared.take(v.symbol, w.symbol, v.init, w.init)
        self.state = compared.state

    def leave(self, s: tree.Return, c: tree.Return, where: Where) -> None:
        self.values(s.value, c.value, where, c)
        if where.in_main:
            self._must_be_final(c)
        elif self.state.phase in {"finalized", "aborted", "mixed"}:
            raise Mismatch(c, "MPI has ended here, but the program has not")
        self.state = self.state.ended()

    def _must_be_final(self, c: tree.Node) -> None:
        if self.state.reachable and self.state.phase not in {"finalized", "aborted"}:
            raise Mismatch(c, "the program ends here without MPI_Finalize")


def _head(s: tree.Declaration, source: Source) -> list[str]:
    """The type that a declaration defines, as text."""
    head = source.text[s.span.begin : min(v.span.begin for v in s.variables)]
    return head.split() if "{" in head else []
