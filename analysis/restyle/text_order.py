"""Which places of a program's text are come to before others, for good: without loops around what is asked about."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.tree import Function, Node, Program, Symbol

_READING = frozenset({"scanf", "sscanf", "fscanf"})
_TURNS = tree.For | tree.While | tree.DoWhile | tree.If | tree.Conditional | tree.UnknownStmt


class TextOrder:
    """Where a program names and changes its variables, and in which order."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.around: Parents = parents([*program.globals, *program.functions])
        self.uses: dict[Symbol, list[tuple[Function, tree.Name]]] = {}
        self._changes: dict[Symbol, list[tuple[Function, Node]]] = {}
        self._calls: dict[str, list[tuple[Function, tree.Name]]] = {}
        for f in program.functions:
            for n in tree.walk(f.body):
                if isinstance(n, tree.Name):
                    self.uses.setdefault(n.symbol, []).append((f, n))
                    if n.symbol.storage == "function":
                        self._calls.setdefault(n.symbol.name, []).append((f, n))
                if (symbol := changed_or_lent(n)) is not None:
                    self._changes.setdefault(symbol, []).append((f, n))

    def is_settled(self, symbol: Symbol, function: Function, begin: int) -> bool:
        """Whether a variable has the value that it keeps, where the text of a function has come to `begin`."""
        for f, n in self._changes.get(symbol, []):
            lent = isinstance(n, tree.Unary) and n.op == "&"
            call = self.around.get(id(n)) if lent else None
            if lent and not (isinstance(call, tree.Call) and call.name in _READING):
                return False
            if not self._is_before(f, n.span.begin, function, begin):
                return False
        return symbol.storage != "static"

    def is_after(self, f: Function, place: int, function: Function, done: int) -> bool:
        """Whether a place is only come to when `function` has come to `done`, from which no loop leads back."""
        return self._is_after(f, place, function, done, frozenset())

    def _is_after(self, f: Function, place: int, function: Function, done: int, above: frozenset[str]) -> bool:
        if f is function:
            return place >= done
        entered = self.entered(function)
        if f.symbol.name == "main":
            return entered is not None and place >= entered[1]
        called = self._callers(f)
        if called is None or f.symbol.name in above:
            return False
        above |= {f.symbol.name}
        return all(self._is_after(g, n.span.begin, function, done, above) for g, n in called)

    def _is_before(self, f: Function, place: int, function: Function, begin: int) -> bool:
        if f is function:
            return place < begin
        entered = self.entered(function) if f.symbol.name == "main" else None
        return entered is not None and place < entered[0]

    def _callers(self, f: Function) -> list[tuple[Function, tree.Name]] | None:
        """Where a function is called; None where that cannot be told."""
        found = self._calls.get(f.symbol.name, [])
        for g, n in found:
            call = self.around.get(id(n))
            if g is f or not isinstance(call, tree.Call) or call.callee is not n:
                return None
        return found

    def entered(self, function: Function) -> tuple[int, int] | None:
        """The one call in main's own text, outside of loops, that leads to a function."""
        called = self._callers(function) or []
        if len(called) != 1 or called[0][0].symbol.name != "main":
            return None
        node: Node = called[0][1]
        call = self.around[id(node)]
        while (outer := self.around.get(id(node))) is not None:
            if isinstance(outer, _TURNS):
                return None
            node = outer
        return call.span.begin, call.span.end
