"""Returns of a function that makes memory, before it has made it, after which its caller ends the program:

    if (n < 1) return -1;        /* in the function */
    if (make(&x, n) != 0) return 1;        /* in main */

They read as ends of the program: what follows in the function then happens always. Nothing that stands between such a
return and the end can tell: it uses no memory, and no variable that the rest of the function changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed, is_null
from chatmpi.analysis.library import LIBRARY, Does
from chatmpi.analysis.memory_failures import as_end
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.streams import is_stream
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Stmt, Symbol
from chatmpi.analysis.values import text

_COMPARED = {"==": int.__eq__, "!=": int.__ne__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__}


def without_failing_returns(
    f: Function, call: Call, target: Expr | None, s: Stmt, after: tuple[Stmt, ...], program: Program
) -> Function:
    """The function as this call reads it: `s` gives the call's value to `target`, `after` follows in the same block."""
    made = [n.span.begin for n in tree.walk(f.body) if isinstance(n, Call) and _allocates(n, program)]
    if target is None or not made:
        return f
    caller = _Caller(
        frozenset({text(target)}), frozenset(c for n in tree.walk(f.body) if (c := changed(n)) is not None), program
    )
    if not caller.is_harmless(s, call):
        return f
    ends = {id(r) for r in _returns(f.body) if r.span.begin < max(made) and _ends(r.value, after, caller)}
    if not ends:
        return f
    return replace(f, body=rewritten(f.body, lambda n: as_end(n) if id(n) in ends else n))


def _ends(value: Expr | None, after: tuple[Stmt, ...], caller: _Caller) -> bool:
    known = caller.number(value) if value is not None else None
    return known is not None and caller.ends(after, known)


def _returns(s: Stmt) -> Iterator[tree.Return]:
    """Those outside of loops."""
    if isinstance(s, tree.Return):
        yield s
    if not isinstance(s, tree.For | tree.While | tree.DoWhile | tree.UnknownStmt):
        for part in tree.children(s):
            if isinstance(part, Stmt):
                yield from _returns(part)


def _allocates(call: Call, program: Program, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a call makes memory, by functions of the program too."""
    name = call.name or ""
    if LIBRARY.get(name) is Does.ALLOCATES:
        return name != "free"
    f = program.function(name)
    if f is None or name in seen:
        return False
    return any(isinstance(n, Call) and _allocates(n, program, seen | {name}) for n in tree.walk(f.body))


@dataclass(frozen=True)
class _Caller:
    """What follows a call whose value is known by these `names`; the function changes the variables `changed`."""

    names: frozenset[str]
    changed: frozenset[Symbol]
    program: Program

    def number(self, value: Expr) -> int | None:
        inner = bare(value)
        match inner:
            case tree.IntLiteral(value=number):
                return number
            case tree.Unary(op="-", operand=tree.IntLiteral(value=number)):
                return -number
            case tree.Name(symbol=symbol) if symbol.storage == "enumerator":
                return self.program.enumerators.get(symbol.uid)
        return None

    # ------------------------------------------------------------------------------------ what follows

    def ends(self, after: tuple[Stmt, ...], value: int) -> bool:
        """Whether the program ends at once where the call has this value."""
        for k, s in enumerate(after, 1):
            more = self._renamed(s)
            if more is not None:
                return replace(self, names=self.names | {more}).ends(after[k:], value)
            if isinstance(s, tree.If):
                holds = self._holds(s.condition, value)
                if holds is None:
                    return False
                taken = s.then if holds else s.otherwise
                if taken is not None:
                    return self._is_end(taken)
            elif not self.is_harmless(s):
                return False
        return False

    def _renamed(self, s: Stmt) -> str | None:
        """The variable that a statement gives the call's value too."""
        match s:
            case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=tree.Expr() as value),)):
                return symbol.name if text(bare(value)) in self.names else None
            case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value)):
                return symbol.name if text(bare(value)) in self.names else None
        return None

    def is_harmless(self, s: Stmt, call: Call | None = None) -> bool:
        """Whether a statement, but for `call`, only asks for more memory, or declares variables."""
        match s:
            case tree.Declaration(variables=variables):
                values = [v.init for v in variables if v.init is not None]
            case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)):
                values = [value]
                if text(target) in self.names and (call is None or bare(value) is not call):
                    return False
            case _:
                return False
        return all(bare(v) is call or self._asks_for_memory(bare(v)) for v in values)

    def _asks_for_memory(self, value: Expr) -> bool:
        if isinstance(value, tree.IntLiteral | tree.FloatLiteral):
            return True
        if not isinstance(value, Call) or any(is_memory(bare(a).type) for a in value.arguments):
            return False
        if any(isinstance(n, Call | tree.Assign | tree.Index) for a in value.arguments for n in tree.walk(a)):
            return False
        f = self.program.function(value.name or "")
        if f is None:
            return LIBRARY.get(value.name or "") is Does.ALLOCATES
        return _allocates(value, self.program) and not any(
            (isinstance(n, tree.Name) and n.symbol.storage in {"global", "static"} and not is_stream(n.type))
            or (isinstance(n, Call) and LIBRARY.get(n.name or "") not in {Does.ALLOCATES, Does.OUTPUT, Does.EXITS})
            for n in tree.walk(f.body)
        )  # fmt: skip

    def _is_end(self, s: Stmt) -> bool:
        match s:
            case tree.Block(body=(*before, last)):
                return all(self._only_tells(b) for b in before) and self._is_end(last)
            case tree.Return(value=value):
                return value is None or self._is_plain(value)
            case tree.ExprStmt(expr=Call(name=name, arguments=arguments)):
                return LIBRARY.get(name or "") is Does.EXITS and all(map(self._is_plain, arguments))
        return False

    def _only_tells(self, s: Stmt) -> bool:
        """Whether a statement prints what is known, or gives memory back."""
        match s:
            case tree.ExprStmt(expr=expr):
                inner = bare(expr)
                if not isinstance(inner, Call):
                    return False
                if inner.name == "free":
                    return True
                told = LIBRARY.get(inner.name or "") is Does.OUTPUT
                return told and all(is_stream(a.type) or self._is_plain(a) for a in inner.arguments)
        return isinstance(s, tree.Empty)

    def _is_plain(self, value: Expr) -> bool:
        match bare(value):
            case tree.IntLiteral() | tree.StringLiteral():
                return True
            case tree.Name(symbol=symbol, type=kind):
                return isinstance(kind, tree.Scalar) and kind.is_integer and symbol not in self.changed
            case tree.Unary(op="-", operand=operand):
                return self._is_plain(operand)
        return False

    # --------------------------------------------------------------------------------------- its tests

    def _holds(self, condition: Expr, value: int) -> bool | None:
        known = self._value(condition, value)
        return None if known is None else bool(known)

    def _value(self, expr: Expr, value: int) -> int | None:
        inner = bare(expr)
        if text(inner) in self.names:
            return value
        match inner:
            case tree.Unary(op="!", operand=operand):
                known = self._value(operand, value)
                return None if known is None else int(not known)
            case tree.Binary(op="&&" | "||" as op, left=left, right=right):
                return self._joined(op == "||", left, right, value)
            case tree.Binary(op=op, left=left, right=right) if op in _COMPARED:
                one, other = self._value(left, value), self._value(right, value)
                return None if one is None or other is None else int(_COMPARED[op](one, other))
        return 0 if is_null(inner) else self.number(inner)

    def _joined(self, decides: bool, left: Expr, right: Expr, value: int) -> int | None:
        one = self._holds(left, value)
        if one == decides:
            return int(decides)
        if one is None and any(isinstance(n, Call | tree.Assign) for n in tree.walk(left)):
            return None
        other = self._holds(right, value)
        if other == decides and not _does(left):
            return int(decides)
        return None if one is None or other is None else int(other)


def _does(node: Node) -> bool:
    return any(isinstance(n, Call | tree.Assign) for n in tree.walk(node))
