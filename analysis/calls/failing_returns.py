"""Returns of a function that makes memory, before it has made it, after which its caller ends the program:

    if (n < 1) return -1;        /* in the function */
    if (make(&x, n) != 0) return 1;        /* in main */

They read as ends of the program: what follows in the function then happens always. Nothing that stands between such a
return and the end can tell: it uses no memory, and no variable that the rest of the function changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import FILE_SCOPE
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.calls.memory_failures import as_end
from chatmpi.analysis.expressions import COMPARISONS, bare, changed, compared, is_null
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.outside.stream_holders import is_stream
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Call, CType, Expr, Function, Program, Stmt, Symbol

_MOST_HELD = 127  # what every integer type holds


def without_failing_returns(
    f: Function, call: Call, target: Expr | None, s: Stmt, after: tuple[Stmt, ...], program: Program
) -> Function:
    """The function as this call reads it: `s` gives the call's value to `target`, `after` follows in the same block."""
    early = _early(f, program)
    if target is None or not early:
        return f
    changes = frozenset(c for n in tree.walk(f.body) if (c := changed(n)) is not None)
    caller = _Caller({}, changes, program)
    if not caller.is_harmless(s, call):
        return f
    ends = {id(r) for part in early for r in _returns(part) if _ends(r.value, f.returns, target, after, caller)}
    if not ends:
        return f
    return replace(f, body=rewritten(f.body, lambda n: as_end(n) if id(n) in ends else n))


def _early(f: Function, program: Program) -> tuple[Stmt, ...]:
    """The statements of a function up to the last that makes memory, and the one behind that, which may ask for it."""
    made = [
        k
        for k, s in enumerate(f.body.body)
        if any(isinstance(n, Call) and _allocates(n, program) for n in tree.walk(s))
    ]
    return f.body.body[: made[-1] + 2] if made else ()


def _ends(value: Expr | None, returns: CType, target: Expr, after: tuple[Stmt, ...], caller: _Caller) -> bool:
    known = _held(target.type, _held(returns, caller.value(value))) if value is not None else None
    return known is not None and replace(caller, known={text(target): known}).ends(after)


def _held(kind: CType, number: int | None) -> int | None:
    """What a variable of some type has of a number, None where that is not sure to be the number itself."""
    if number is None or (isinstance(kind, tree.Scalar) and kind.is_floating):
        return None
    if kind == tree.Scalar("_Bool"):
        return int(number != 0)
    if isinstance(kind, tree.Scalar):
        least = 0 if kind.is_unsigned or kind.name == "char" else -_MOST_HELD
        return number if least <= number <= _MOST_HELD else None
    return number if number == 0 else None


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
    """What follows a call; `known` are values of variables by their text. The function changes the variables
    `changed`."""

    known: Mapping[str, int]
    changed: frozenset[Symbol]
    program: Program

    # ------------------------------------------------------------------------------------ what follows

    def ends(self, after: tuple[Stmt, ...]) -> bool:
        """Whether the program ends at once where what is known holds."""
        for k, s in enumerate(after, 1):
            more = self._learned(s)
            if more is not None:
                return replace(self, known={**self.known, **more}).ends(after[k:])
            if isinstance(s, tree.If):
                holds = self.value(s.condition)
                if holds is None:
                    return False
                taken = s.then if holds else s.otherwise
                if taken is not None:
                    return self._is_end(taken)
            elif not self.is_harmless(s):
                return False
        return False

    def _learned(self, s: Stmt) -> dict[str, int] | None:
        """The variable that a statement gives a known value."""
        match s:
            case tree.Declaration(variables=(tree.VarDecl(symbol=symbol, init=tree.Expr() as value),)):
                known, name = _held(symbol.type, self.value(value)), symbol.name
            case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name() as target, value=value)):
                known, name = _held(target.type, self.value(value)), text(target)
            case _:
                return None
        return None if known is None else {name: known}

    def is_harmless(self, s: Stmt, call: Call | None = None) -> bool:
        """Whether a statement, but for `call`, only asks for more memory, or declares variables."""
        match s:
            case tree.Declaration(variables=variables):
                values = [v.init for v in variables if v.init is not None]
            case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)):
                values = [value]
                if text(target) in self.known and (call is None or bare(value) is not call):
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
            (isinstance(n, tree.Name) and n.symbol.storage in FILE_SCOPE and not is_stream(n.type))
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
                if self._gives_back(inner):
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

    def _gives_back(self, call: Call) -> bool:
        """Whether a call does nothing but give memory back."""
        f = self.program.function(call.name or "")
        return call.name == "free" or (f is not None and all(map(self._is_giving_back, f.body.body)))

    def _is_giving_back(self, s: Stmt) -> bool:
        match s:
            case tree.ExprStmt(expr=Call(name="free")):
                return True
            case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)):
                return is_null(value) and not isinstance(target, tree.Index)
        return False

    # ----------------------------------------------------------------------------------------- values

    def value(self, expr: Expr) -> int | None:
        """The value of an expression, None where it is not known or has effects that matter."""
        if text(expr) in self.known:
            return self.known[text(expr)]
        match expr:
            case tree.Cast(operand=operand):
                return _held(expr.type, self.value(operand))
            case tree.IntLiteral(value=number):
                return number
            case tree.Name(symbol=symbol) if symbol.storage == "enumerator":
                return self.program.enumerators.get(symbol.uid)
            case tree.Unary(op="-" | "!" as op, operand=operand):
                known = self.value(operand)
                if known is None or (op == "-" and _is_unsigned(operand)):
                    return None
                return -known if op == "-" else int(not known)
            case tree.Assign(op="=", target=tree.Name() as target, value=value):
                return _held(target.type, self.value(value))
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                holds = self.value(condition)
                return None if holds is None else self.value(then if holds else otherwise)
            case tree.Binary(op="&&" | "||" as op, left=left, right=right):
                return self._joined(op == "||", left, right)
            case tree.Binary(op=op, left=left, right=right) if op in COMPARISONS:
                one, other = self.value(left), self.value(right)
                if one is None or other is None or (min(one, other) < 0 and _is_unsigned(left, right)):
                    return None
                return int(compared(op, one, other))
        return None

    def _joined(self, decides: bool, left: Expr, right: Expr) -> int | None:
        one = self.value(left)
        if one is not None and bool(one) == decides:
            return int(decides)
        if one is None and any(isinstance(n, Call | tree.Assign) for n in tree.walk(left)):
            return None
        other = self.value(right)
        if other is not None and bool(other) == decides:
            return int(decides)
        return None if one is None or other is None else int(not decides)


def _is_unsigned(*values: Expr) -> bool:
    return any(isinstance(v.type, tree.Scalar) and v.type.is_unsigned for v in values)
