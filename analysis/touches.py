"""One pass over a function that lists, in order, everything its statements read, write and call.

The touches of a statement and all below it are a contiguous slice of the list, so whoever asks about a loop
looks at its slice and nothing is walked twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, RESULTS, Does
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.memory.struct_parts import Part, changing_a_part, part_of_struct
from chatmpi.analysis.tree import Expr, Node, Stmt, Symbol


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that held (or, with `holds` false, did not) when control came here; `loops` are around it."""

    condition: Expr
    holds: bool
    loops: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """Where a touch happens. `loops`: ids of the loops around it, outermost first; `sometimes`: its own
    statement may skip it (`&&`, `?:`); `opaque`: inside a statement whose control flow is not understood."""

    statement: Stmt
    loops: tuple[int, ...] = ()
    guards: tuple[Guard, ...] = ()
    sometimes: bool = False
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class ScalarTouch:
    """A variable that is no array: `update` is the assignment, `++` or declaration that writes it; `passed_on`:
    the update's own value is used by something around it (`b = (s += a)`)."""

    symbol: Symbol
    node: Node
    read: bool
    write: bool
    update: Node | None
    context: Context
    passed_on: bool = False


@dataclass(frozen=True, slots=True)
class ElementTouch:
    """`a[i][j]`, `*p`, `*(p + i)`: an element of what `symbol` names or points to; `passed_on` as of a variable."""

    symbol: Symbol
    node: Expr
    subscripts: tuple[Expr, ...]  # empty for `*p`
    read: bool
    write: bool
    update: Node | None
    context: Context
    passed_on: bool = False


@dataclass(frozen=True, slots=True)
class BareUse:
    """An array or pointer used otherwise than by an element: `role` says how.

    "argument" (of `call`), "assigned" (written by `update`), "value" (its address goes elsewhere),
    "test" (compared with NULL or tested), "sizeof".
    """

    symbol: Symbol
    node: Expr
    role: str
    update: Node | None
    call: tree.Call | None
    context: Context


@dataclass(frozen=True, slots=True)
class CallTouch:
    call: tree.Call
    context: Context


@dataclass(frozen=True, slots=True)
class OpaqueTouch:
    """Memory reached in a way this analysis has no form for: `*f(x)`, `s->a[i]`, `m[i][j]` on row pointers."""

    node: Expr
    read: bool
    write: bool
    context: Context


Touch = ScalarTouch | ElementTouch | BareUse | CallTouch | OpaqueTouch


@dataclass(frozen=True)
class Touches:
    """`ranges[id]` is the slice of `items` that statement `id` and all below it make; `scopes` holds, for every
    variable declared here, the loops around its declaration."""

    items: tuple[Touch, ...]
    ranges: dict[int, tuple[int, int]]
    scopes: dict[Symbol, tuple[int, ...]]

    def of(self, statement: int) -> tuple[Touch, ...]:
        begin, end = self.ranges[statement]
        return self.items[begin:end]


def touches(body: Stmt, functions: frozenset[str] = frozenset()) -> Touches:
    """The touches of a function's body; `functions` are those that the program defines itself."""
    collector = _Collector(functions)
    collector.statement(body, Context(body))
    return Touches(tuple(collector.items), collector.ranges, collector.scopes)


def is_memory(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Pointer | tree.Array)


class _Collector:
    def __init__(self, functions: frozenset[str]) -> None:
        self.functions = functions
        self.items: list[Touch] = []
        self.ranges: dict[int, tuple[int, int]] = {}
        self.scopes: dict[Symbol, tuple[int, ...]] = {}

    # ------------------------------------------------------------------------------------ statements

    def statement(self, s: Stmt | None, outer: Context) -> None:
        if s is None:
            return
        begin = len(self.items)
        here = Context(s, outer.loops, outer.guards, False, outer.opaque)
        self._dispatch(s, here)
        self.ranges[s.id] = begin, len(self.items)

    def _dispatch(self, s: Stmt, here: Context) -> None:
        match s:
            case tree.Block(body=body):
                self._sequence(body, here)
            case tree.Declaration(variables=variables):
                for v in variables:
                    self._declaration(v, here)
            case tree.ExprStmt(expr=expr):
                self.value(expr, here, used=False)
            case tree.If(condition=condition, then=then, otherwise=otherwise):
                self._tested(condition, here)
                self.statement(then, _guarded(here, condition, True))
                self.statement(otherwise, _guarded(here, condition, False))
            case tree.For(init=init, condition=cond, step=step, body=body_stmt):
                self.statement(init, here)
                inside = _inside(here, s)
                self._optional(cond, inside)
                self.statement(body_stmt, inside)
                if step is not None:
                    self.value(step, inside, used=False)
            case tree.While(condition=cond, body=body_stmt):
                inside = _inside(here, s)
                self.value(cond, inside)
                self.statement(body_stmt, inside)
            case tree.DoWhile(condition=cond, body=body_stmt):
                inside = _inside(here, s)
                self.statement(body_stmt, inside)
                self.value(cond, inside)
            case tree.Return(value=expr):
                self._optional(expr, here)
            case tree.UnknownStmt(children=parts):
                self._unknown(parts, Context(s, here.loops, here.guards, True, True))

    def _sequence(self, body: Iterable[Stmt], here: Context) -> None:
        """Statements in a row; what follows `if (c) continue;` (break, return) knows that c is false."""
        for s in body:
            self.statement(s, here)
            if isinstance(s, tree.If) and s.otherwise is None and _leaves(s.then):
                here = _guarded(here, s.condition, False)

    def _declaration(self, v: tree.VarDecl, here: Context) -> None:
        self.scopes[v.symbol] = here.loops
        for extent in v.extents if v.rows is None else ():  # rows are measured where they are made
            self._optional(extent, here)
        if v.init is None:
            return
        self.value(v.init, here)
        if isinstance(v.symbol.type, tree.Array):
            self.items.append(ElementTouch(v.symbol, _name(v), (), False, True, v, here))
        elif is_memory(v.symbol.type):
            self.items.append(BareUse(v.symbol, _name(v), "assigned", v, None, here))
        elif v.symbol.storage != "static":  # a static's initialiser is no assignment: it holds once, at start
            self.items.append(ScalarTouch(v.symbol, v, False, True, v, here))

    def _unknown(self, parts: tuple[Node, ...], here: Context) -> None:
        for part in parts:
            if isinstance(part, Stmt):
                self.statement(part, here)
            elif isinstance(part, Expr):
                self.value(part, here)
            elif isinstance(part, tree.VarDecl):
                self._declaration(part, here)

    def _optional(self, expr: Expr | None, here: Context) -> None:
        if expr is not None:
            self.value(expr, here)

    # ----------------------------------------------------------------------------------- expressions

    def value(self, expr: Expr, here: Context, used: bool = True) -> None:
        """An expression evaluated for its value."""
        match expr:
            case tree.Name(symbol=symbol):
                self._named_value(symbol, expr, here)
            case tree.Index(base=tree.StringLiteral(), subscript=subscript):  # nobody writes it
                self.value(subscript, here)
            case tree.Member() | tree.Index() if (place := part_of_struct(expr)) is not None:
                self._part(place, expr, here, read=True, write=False, update=None)
            case tree.Member(base=tree.Call() | tree.UnknownExpr() as whole, type=tree.Scalar()):
                self.value(whole, here)
            case tree.Index() | tree.Unary(op="*") | tree.Member():
                self._place(expr, here, read=True, write=False, update=None)
            case tree.Assign(op=op, target=target, value=value):
                self.value(value, here)
                self._place(target, here, read=op != "=", write=True, update=expr, used=used)
            case tree.Unary(op="++x" | "--x" | "x++" | "x--", operand=operand):
                self._place(operand, here, read=True, write=True, update=expr, used=used)
            case tree.Unary(op="&", operand=operand):
                self._address(operand, here)
            case tree.Binary(op="&&" | "||" as op, left=left, right=right):
                self._tested(left, here)
                self._tested(right, _sometimes(_guarded(here, left, op == "&&")))
            case tree.Binary(op="==" | "!=", left=left, right=right):
                self._tested(left, here)
                self._tested(right, here)
            case tree.Unary(op="!", operand=operand):
                self._tested(operand, here)
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                self._tested(condition, here)
                self.value(then, _sometimes(_guarded(here, condition, True)), used)
                self.value(otherwise, _sometimes(_guarded(here, condition, False)), used)
            case tree.Call():
                self._call(expr, here)
            case tree.Sizeof(operand=operand, extents=extents):
                for extent in extents:
                    self.value(extent, here)
                if isinstance(operand, tree.Name) and is_memory(operand.type):
                    self.items.append(BareUse(operand.symbol, operand, "sizeof", None, None, here))
            case tree.Binary(op=",", left=left, right=right):
                self.value(left, here, used=False)
                self.value(right, here, used)
            case tree.UnknownExpr(children=parts):
                self._unknown(parts, here)
            case tree.Cast(operand=operand):
                self.value(operand, here, used)
            case _:
                for part in tree.children(expr):
                    if isinstance(part, Expr):
                        self.value(part, here)

    def _named_value(self, symbol: Symbol, expr: Expr, here: Context) -> None:
        if symbol.storage in {"function", "enumerator"}:
            return
        if is_memory(symbol.type):
            self.items.append(BareUse(symbol, expr, "value", None, None, here))
        else:
            self.items.append(ScalarTouch(symbol, expr, True, False, None, here))

    def _tested(self, expr: Expr, here: Context) -> None:
        if isinstance(expr, tree.Name) and is_memory(expr.type):
            self.items.append(BareUse(expr.symbol, expr, "test", None, None, here))
        else:
            self.value(expr, here)

    def _place(
        self, expr: Expr, here: Context, read: bool, write: bool, update: Node | None, used: bool = False
    ) -> None:
        """An expression that names memory."""
        if isinstance(expr, tree.Name):
            if is_memory(expr.symbol.type):
                role = "assigned" if write else "value"
                self.items.append(BareUse(expr.symbol, expr, role, update, None, here))
            elif expr.symbol.storage not in {"function", "enumerator"}:
                self.items.append(ScalarTouch(expr.symbol, expr, read, write, update, here, used))
            return
        part = part_of_struct(expr)
        if part is not None:
            self._part(part, expr, here, read, write, update, used)
            return
        found = element(expr)
        if found is None:
            self._opaque(expr, here, read, write)
            return
        symbol, subscripts = found
        for subscript in subscripts:
            self.value(subscript, here)
        if len(subscripts) < _depth(symbol.type) and not (len(subscripts) == 0 and _depth(symbol.type) == 1):
            self.items.append(BareUse(symbol, expr, "value", None, None, here))
        else:
            self.items.append(ElementTouch(symbol, expr, subscripts, read, write, update, here, used))

    def _part(
        self, part: Part, expr: Expr, here: Context, read: bool, write: bool, update: Node | None, used: bool = False
    ) -> None:
        """A part of a struct that is a variable: the variable is read, and written if the part is."""
        for subscript in part.subscripts:
            self.value(subscript, here)
        if is_memory(expr.type):  # its address goes elsewhere
            self.items.append(ScalarTouch(part.symbol, expr, True, True, None, here))
        elif write:
            changed = None if update is None else changing_a_part(update)
            self.items.append(ScalarTouch(part.symbol, expr, True, True, changed, here, used))
        else:
            self.items.append(ScalarTouch(part.symbol, expr, read, False, None, here, used))

    def _opaque(self, expr: Expr, here: Context, read: bool, write: bool) -> None:
        for part in tree.children(expr):
            if isinstance(part, Expr):
                self.value(part, here)
        self.items.append(OpaqueTouch(expr, read, write, here))

    def _address(self, operand: Expr, here: Context) -> None:
        """`&x`: what is done with it is not followed, so x counts as read and written here."""
        if isinstance(operand, tree.Name) and not is_memory(operand.type):
            self.items.append(ScalarTouch(operand.symbol, operand, True, True, None, here))
            return
        found, part = element(operand), part_of_struct(operand)
        if found is not None:
            for subscript in found[1]:
                self.value(subscript, here)
            self.items.append(BareUse(found[0], operand, "value", None, None, here))
        elif part is not None:
            self.items.append(ScalarTouch(part.symbol, operand, True, True, None, here))
        else:
            self.value(operand, here)

    def _call(self, call: tree.Call, here: Context) -> None:
        if isinstance(call.callee, tree.Name) and call.name is None:  # a pointer to a function, and to no data
            self.items.append(BareUse(call.callee.symbol, call.callee, "test", None, None, here))
        elif call.name is None:
            self.value(call.callee, here)
        results = RESULTS.get(call.name or "", len(call.arguments)) if call.name not in self.functions else None
        for k, argument in enumerate(call.arguments):
            given = bare(argument)
            if results is not None and k >= results and isinstance(given, tree.Unary) and given.op == "&":
                self._result(given.operand, call, here)
            elif results is not None and k >= results and isinstance(given, tree.Binary) and given.op == "+":
                self._result(_pointed(given), call, here)
            elif isinstance(given, tree.Name) and is_memory(given.symbol.type):
                self.items.append(BareUse(given.symbol, given, "argument", None, call, here))
            elif (row := _row(given)) is not None and _only_reads(call, results):
                for subscript in row[1]:
                    self.value(subscript, here)
                self.items.append(BareUse(row[0], given, "argument", None, call, here))
            elif (part := part_of_struct(given)) is not None and is_memory(given.type) and _only_reads(call, results):
                self.items.append(ScalarTouch(part.symbol, given, True, False, None, here))
            else:
                self.value(argument, here)
        self.items.append(CallTouch(call, here))

    def _result(self, operand: Expr, call: tree.Call, here: Context) -> None:
        """`&x` given to a function of the library that perhaps writes x, and does not keep its address."""
        found = element(operand)
        if isinstance(operand, tree.Name) and not is_memory(operand.type):
            self.items.append(ScalarTouch(operand.symbol, operand, True, True, call, _sometimes(here), True))
        elif found is not None and found[1] and len(found[1]) >= _depth(found[0].type):
            for subscript in found[1]:
                self.value(subscript, here)
            self.items.append(ElementTouch(found[0], operand, found[1], True, True, call, _sometimes(here)))
        else:
            self._address(operand, here)


def _pointed(address: tree.Binary) -> Expr:
    """What the sum of a pointer and a number points to."""
    pointer = address.left if is_memory(address.left.type) else address.right
    kind = pointer.type
    target = kind.target if isinstance(kind, tree.Pointer) else kind.element if isinstance(kind, tree.Array) else kind
    return tree.Unary(span=address.span, in_macro=address.in_macro, type=target, op="*", operand=address)


def _row(given: Expr) -> tuple[Symbol, tuple[Expr, ...]] | None:
    """The array and the subscripts of a row that is handed over."""
    found = element(given) if isinstance(given, tree.Index) and isinstance(given.type, tree.Array) else None
    return found if found is not None and len(found[1]) < _depth(found[0].type) else None


def _only_reads(call: tree.Call, results: int | None) -> bool:
    """Whether it is a function of the library that writes nothing through its arguments."""
    return results is not None and LIBRARY.get(call.name or "") in {Does.NOTHING, Does.OUTPUT}


def element(expr: Expr) -> tuple[Symbol, tuple[Expr, ...]] | None:
    """The array and subscripts of `a[i][j]`, `*p`, `*(p + i)`; None for memory reached in other ways."""
    subscripts: list[Expr] = []
    while isinstance(expr, tree.Index):
        subscripts.insert(0, expr.subscript)
        expr = expr.base
    if isinstance(expr, tree.Unary) and expr.op == "*" and not subscripts:
        target = expr.operand
        if isinstance(target, tree.Binary) and target.op == "+":
            if is_memory(target.left.type):
                expr, subscripts = target.left, [target.right]
            elif is_memory(target.right.type):
                expr, subscripts = target.right, [target.left]
        else:
            expr = target
    if isinstance(expr, tree.Name) and is_memory(expr.symbol.type) and _is_flat(expr.symbol.type):
        return expr.symbol, tuple(subscripts)
    return None


def _is_flat(kind: tree.CType) -> bool:
    """Whether its elements lie in one piece: an array, or one pointer to scalars or arrays."""
    inner = kind.target if isinstance(kind, tree.Pointer) else kind
    while isinstance(inner, tree.Array):
        inner = inner.element
    return isinstance(inner, tree.Scalar)


def clears(t: ElementTouch) -> bool:
    """Whether it is a declaration that sets all elements of its array to zero."""
    return t.write and isinstance(t.update, tree.VarDecl) and t.update.init is not None and is_zero(t.update.init)


def is_zero(init: Expr) -> bool:
    """Whether an initialiser gives zeros only."""
    match init:
        case tree.InitList(items=items):
            return all(is_zero(i) for i in items)
        case tree.IntLiteral(value=0) | tree.FloatLiteral(value=0.0):
            return True
    return False


def _depth(kind: tree.CType) -> int:
    """How many subscripts lead to an element."""
    depth = 0
    while isinstance(kind, tree.Pointer | tree.Array):
        depth += 1
        kind = kind.target if isinstance(kind, tree.Pointer) else kind.element
    return depth


def _name(v: tree.VarDecl) -> tree.Name:
    return tree.Name(span=v.name_span, type=v.symbol.type, symbol=v.symbol, in_macro=v.in_macro)


def _inside(here: Context, loop: Stmt) -> Context:
    return Context(loop, (*here.loops, loop.id), here.guards, False, here.opaque)


def _guarded(here: Context, condition: Expr, holds: bool) -> Context:
    guards = (*here.guards, Guard(condition, holds, here.loops))
    return Context(here.statement, here.loops, guards, here.sometimes, here.opaque)


def _sometimes(here: Context) -> Context:
    return Context(here.statement, here.loops, here.guards, True, here.opaque)


def _leaves(s: Stmt) -> bool:
    """Whether control never comes out at the end of `s`."""
    match s:
        case tree.Continue() | tree.Break() | tree.Return() | tree.Leave():
            return True
        case tree.Block(body=(*_, last)):
            return _leaves(last)
    return False
