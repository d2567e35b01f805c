"""What variables or members hold that are each given once, and all the same: read in the order of main's text."""

from __future__ import annotations

from collections.abc import Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.expressions import bare, changed_or_lent, is_null
from chatmpi.analysis.iterations.updates import same
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program, Symbol

Given = tree.Assign | tree.VarDecl


class Order:
    """Main's nodes in the order of the text, which is that of their execution outside of loops."""

    def __init__(self, main: tree.Function, program: Program) -> None:
        self.program = program
        self.nodes = list(tree.walk(main.body))
        self.position = {id(n): k for k, n in enumerate(self.nodes)}
        self.around = {id(part): n for n in self.nodes for part in tree.children(n)}
        self.is_plain = not any(isinstance(n, tree.UnknownStmt) for n in self.nodes)
        others = [n for f in program.functions if f is not main for n in tree.walk(f)]
        self.elsewhere = {s for n in others if (s := changed_or_lent(n)) is not None}
        self.named_elsewhere = {n.symbol for n in others if isinstance(n, tree.Name)}

    def are_same(self, given: Sequence[Sequence[Given]], begin: int) -> bool:
        """Whether each is given once, all before a place and the same, which stays so; or none ever."""
        found = [g for g in given if g]
        if not found:
            return True
        if len(found) < len(given) or any(len(g) != 1 or self.position[id(g[0])] >= begin for g in found):
            return False
        places = [self.position[id(g[0])] for g in found]
        first, *others = (self._resolved(_value(g[0])) for g in found)
        return all(same(first, o) for o in others) and self._is_steady(first, min(places))

    def is_always_executed(self, given: Given) -> bool:
        """Whether a statement of its own is left out by nothing but a test for memory, and repeated by nothing."""
        below: Node = self.around[id(given)]
        while isinstance(below, tree.Binary) and below.op == ",":
            below = self.around[id(below)]
        if not isinstance(below, tree.ExprStmt | tree.Declaration):
            return False
        while (above := self.around.get(id(below))) is not None:
            if isinstance(above, tree.If) and not _is_about_memory(above.condition):
                return False
            if isinstance(above, tree.For | tree.While | tree.DoWhile):
                return False
            below = above
        return True

    def _resolved(self, value: Expr) -> Expr:
        """A value, by what its variables were handed on from."""
        return rewritten(value, lambda n: self._source(n) if isinstance(n, tree.Name) else n)

    def _source(self, name: tree.Name) -> Expr:
        found: Expr = name
        while isinstance(found, tree.Name) and found.symbol.storage == "local":
            symbol = found.symbol
            inits = [n.init for n in self.nodes if isinstance(n, tree.VarDecl) and n.symbol == symbol]
            if len(inits) != 1 or inits[0] is None or any(changed_or_lent(n) == symbol for n in self.nodes):
                break
            handed = bare(inits[0])
            if not isinstance(handed, tree.Name | tree.IntLiteral | tree.FloatLiteral) or handed.type != found.type:
                break
            found = handed
        return found

    def _is_steady(self, value: Expr, begin: int) -> bool:
        """Whether a value is the same from a place on: made of constants and variables that do not change any more."""
        for n in tree.walk(value):
            if isinstance(n, tree.IntLiteral | tree.FloatLiteral | tree.Cast | tree.Sizeof):
                continue
            if isinstance(n, tree.Binary | tree.Unary) and n.op in {"+", "-", "*", "/", "%"}:
                continue
            if not isinstance(n, tree.Name) or not isinstance(n.type, tree.Scalar) or n.symbol in self.elsewhere:
                return False
            if not self._stays(n.symbol, begin):
                return False
        return True

    def _stays(self, symbol: Symbol, begin: int) -> bool:
        for k, n in enumerate(self.nodes):
            if isinstance(n, tree.VarDecl) and n.symbol == symbol and self._is_repeated(n):
                return False
            if changed_or_lent(n) == symbol:
                lent = isinstance(n, tree.Unary) and n.op == "&"
                if k >= begin or (lent and not self._is_given_by_library(n)):
                    return False
        return True

    def _is_repeated(self, node: Node) -> bool:
        while (above := self.around.get(id(node))) is not None:
            if isinstance(above, tree.For | tree.While | tree.DoWhile):
                return True
            node = above
        return False

    def _is_given_by_library(self, address: Node) -> bool:
        call = self.around.get(id(address))
        keeps_nothing = {Does.INPUT, Does.FILE, Does.WRITES_ARGUMENTS}
        return isinstance(call, tree.Call) and LIBRARY.get(call.name or "") in keeps_nothing


def _value(given: Given) -> Expr:
    value = given.value if isinstance(given, tree.Assign) else given.init
    assert value is not None
    return value


def _is_about_memory(condition: Expr) -> bool:
    match condition:
        case tree.Unary(op="!", operand=operand):
            return _is_about_memory(operand)
        case tree.Binary(op="==" | "!=", left=left, right=right):
            return is_null(right) and isinstance(left.type, tree.Pointer)
        case tree.Binary(op="&&" | "||", left=left, right=right):
            return _is_about_memory(left) and _is_about_memory(right)
    return isinstance(condition.type, tree.Pointer)
