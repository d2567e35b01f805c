"""Calls that copy, clear or write a block of memory, as the loops over elements that they are.

    memcpy(b, a, n * sizeof *a);           for (k = 0; k < n; k++) b[k] = a[k];
    memset(u[i], 0, m * sizeof(double));   for (k = 0; k < m; k++) u[i][k] = 0;
    fwrite(a, sizeof *a, n, f);            for (k = 0; k < n; k++) fprintf(f, "", a[k]);

The loop keeps the place of the call (`BlockLoop`), which stays in the text. What lies in several rows of an array that
has rows by its declaration is a loop over the rows, with loops over what is in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed_or_lent
from chatmpi.analysis.lowering.block_sizes import Size, block_size, extents_below, product
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Call, Expr, Node, Program, Symbol, VarDecl

_COPYING = ("memcpy", "memmove")
_INT, _LONG = tree.Scalar("int"), tree.Scalar("long")


@dataclass(frozen=True, slots=True)
class _Address:
    """`&array[rows[0]][rows[1]]…[offset]`; `offset` None is 0."""

    array: tree.Name
    rows: tuple[Expr, ...]
    offset: Expr | None


def follow_blocks(program: Program) -> Program:
    """The program with loops for the block operations of its main function."""
    main = program.function("main")
    if main is None or any(f.symbol.name in (*_COPYING, "memset") for f in program.functions):
        return program
    lowering = _Lowering(program, main)
    body = rewritten(main.body, lowering.statement)
    if body is main.body:
        return program
    others = tuple(replace(f, body=body) if f is main else f for f in program.functions)
    return replace(program, functions=others)


class _Lowering:
    """`around` holds the variables that the loops around a statement step, by the statement's number."""

    def __init__(self, program: Program, main: tree.Function) -> None:
        nodes = [n for root in (*program.globals, *program.functions) for n in tree.walk(root)]
        self.declared = {n.symbol: n for n in nodes if isinstance(n, VarDecl)}
        self.ids = count(1 + max(n.id for n in nodes if isinstance(n, tree.Stmt)))
        self.uids = count(1 + max((n.symbol.uid for n in nodes if isinstance(n, tree.Name | VarDecl)), default=0))
        self.fixed = _settled(nodes)
        self.stepped = dict(_stepped(main.body, frozenset()))

    def statement(self, node: Node) -> Node:
        if not isinstance(node, tree.ExprStmt) or node.in_macro:
            return node
        call = bare(node.expr)
        if not isinstance(call, Call) or call.in_macro or len(call.arguments) < 3:
            return node
        if call.name == "fwrite":
            made = self._write(node, call)
        elif call.name == "memset":
            made = self._set(node, call)
        elif call.name in _COPYING:
            made = self._copy(node, call)
        else:
            return node
        return node if made is None else made

    def _write(self, s: tree.ExprStmt, call: Call) -> tree.BlockLoop | None:
        at = _address(call.arguments[0])
        _, size, count_, stream = call.arguments
        if at is None or not isinstance(call.callee, tree.Name):
            return None
        total = _binary("*", count_, size, tree.Scalar("unsigned long"))
        callee = replace(call.callee, symbol=replace(call.callee.symbol, name="fprintf"))
        text = tree.StringLiteral(span=call.span, in_macro=True, type=tree.Pointer(tree.Scalar("char")), value="")
        output = replace(call, callee=callee, arguments=(stream, text))
        return self._loop(s, call, total, at, None, output)

    def _set(self, s: tree.ExprStmt, call: Call) -> tree.BlockLoop | None:
        to = _address(call.arguments[0])
        value = bare(call.arguments[1])
        if to is None or not isinstance(value, tree.IntLiteral | tree.Unary):
            return None
        number = polynomial(value)
        kind = _element(to.array.type)
        byte = None if number is None or value.in_macro else number.constant
        stored = _value_of_bytes(byte, kind, call.span)
        return None if stored is None else self._loop(s, call, call.arguments[2], to, None, stored)

    def _copy(self, s: tree.ExprStmt, call: Call) -> tree.BlockLoop | None:
        to, source = _address(call.arguments[0]), _address(call.arguments[1])
        if to is None or source is None or _element(to.array.type) != _element(source.array.type):
            return None
        return self._loop(s, call, call.arguments[2], to, source, None)

    def _loop(
        self, s: tree.ExprStmt, call: Call, amount: Expr, to: _Address, source: _Address | None, stored: Expr | None
    ) -> tree.BlockLoop | None:
        """The loop over what `to` points to, and its neighbours, as many as the amount of bytes says.

        `stored` goes to each of them; or it is a call that is given each of them.
        """
        size = block_size(amount, self.declared, self.fixed)
        kind = _element(to.array.type)
        if size is None or kind is None or not size.counts(kind):
            return None
        found = self._rows(s, to, size, call.span)
        if found is None:
            return None
        to, number, inner = found
        if source is not None:
            other = self._rows(s, source, size, call.span)
            if other is None or not _same(other[1:], (number, inner)):
                return None
            source = other[0]
        backwards = call.name == "memmove" and source is not None and _direction(to, source)
        if backwards is None:
            return None
        return self._made(s, call, to, source, stored, number, inner, bool(backwards))

    def _rows(
        self, s: tree.Stmt, at: _Address, size: Size, span: Span
    ) -> tuple[_Address, list[Expr], list[Expr]] | None:
        """The pieces of a block: the first one's address, their number (as factors), the extents of one."""
        extents = extents_below(at.array.symbol, self.declared, span)
        piece: _Address | None = at
        while extents is not None and piece is not None:
            depth = len(piece.rows)
            number = _without(list(size.factors), extents[depth:])
            if number is not None and self._fits(s, piece, number, extents):
                return piece, number, extents[depth:]
            piece = _outwards(piece)
        return None

    def _fits(self, s: tree.Stmt, at: _Address, number: list[Expr], extents: list[Expr]) -> bool:
        """Whether so many pieces lie in one row of the array, or in one block where it has no rows around them."""
        if at.rows:
            return _inside(at, number, extents[len(at.rows) - 1]) or self._is_row_by_row(s, at, number)
        return self.declared[at.array.symbol].rows is None

    def _is_row_by_row(self, s: tree.Stmt, at: _Address, number: list[Expr]) -> bool:
        """Whether a loop does the same to one row after another: what it does to the first elements of each, as many as
        one variable says, does not reach into the next."""
        steps = self.stepped.get(s.id, frozenset())
        length = polynomial(number[0]) if len(number) == 1 else None
        if at.offset is not None or length is None or length.symbols & steps:
            return False
        in_loop = any(n.symbol in steps for n in tree.walk(at.rows[-1]) if isinstance(n, tree.Name))
        return in_loop and len(length.symbols) == 1 and all(len(m) <= 1 for m, _ in length.terms)

    def _made(
        self,
        s: tree.ExprStmt,
        call: Call,
        to: _Address,
        source: _Address | None,
        stored: Expr | None,
        number: list[Expr],
        inner: list[Expr],
        backwards: bool,
    ) -> tree.BlockLoop:
        span = call.span
        limit = product(number, span)
        start = self._start(s, to, number)
        kind = _INT if all(e.type == _INT for e in (limit, *([] if start is None else [start]))) else _LONG
        limit = limit if kind == _INT else _as_long(limit)
        if start is not None:
            limit = _binary("+", _copied(start, span), limit, kind)
        names = "ijklmn"[: 1 + len(inner)]
        variables = [Symbol(f"{call.name}::{v}", next(self.uids), kind, "local") for v in names]
        target = _element_at(to, variables, start, span)
        value = stored if source is None or stored is not None else _element_at(source, variables, start, span)
        assert value is not None
        done: Expr = tree.Assign(span=span, in_macro=True, type=target.type, op="=", target=target, value=value)
        if isinstance(value, Call):
            done = replace(value, arguments=(*value.arguments, target))
        body: tree.Stmt = tree.ExprStmt(span=s.span, in_macro=True, id=next(self.ids), expr=done)
        for v, extent in reversed(list(zip(variables[1:], inner, strict=False))):
            init, test, step = self._header(v, _zero(span), extent if v.type == _INT else _as_long(extent), False, span)
            body = tree.For(
                span=s.span, in_macro=True, id=next(self.ids), init=init, condition=test, step=step, body=body
            )
        first = _zero(span) if start is None else _copied(start, span)
        init, test, step = self._header(variables[0], first, limit, backwards, span)
        return tree.BlockLoop(
            span=s.span, in_macro=s.in_macro, id=s.id, init=init, condition=test, step=step, body=body, call=call
        )

    def _start(self, s: tree.ExprStmt, to: _Address, number: list[Expr]) -> Expr | None:
        """What the loop's variable starts from, if not from 0: the first index of a part of an array that has no rows,
        unless the part is itself a row of so many elements."""
        if to.rows or to.offset is None:
            return None
        first, length = polynomial(to.offset), polynomial(product(number, to.offset.span))
        if first is None or length is None or first.constant is not None or not first.divided(length)[1].terms:
            return None
        names = {n.symbol for n in tree.walk(to.offset) if isinstance(n, tree.Name)}
        return None if names & self.stepped.get(s.id, frozenset()) else to.offset

    def _header(self, v: Symbol, first: Expr, limit: Expr, backwards: bool, span: Span) -> tuple[tree.Stmt, Expr, Expr]:
        """The parts of `for (v = first; v < limit; v++)`, or of the loop over the same range from its end."""
        name = tree.Name(span=span, in_macro=True, type=v.type, symbol=v)
        low, high = first, limit
        if backwards:
            one = tree.IntLiteral(span=span, in_macro=True, type=_INT, value=1)
            low, high = _binary("-", limit, one, v.type), first
        declared = VarDecl(span=span, in_macro=True, symbol=v, name_span=span, init=low)
        init = tree.Declaration(span=span, in_macro=True, id=next(self.ids), variables=(declared,))
        relation, op = (">=", "x--") if backwards else ("<", "x++")
        test = tree.Binary(span=span, in_macro=True, type=_INT, op=relation, left=name, right=high)
        return init, test, tree.Unary(span=span, in_macro=True, type=v.type, op=op, operand=name)


# --------------------------------------------------------------------------------------------- addresses


def _address(expr: Expr) -> _Address | None:
    """What a pointer points to, as elements of an array that is known by name."""
    expr = bare(expr)
    match expr:
        case tree.Name(symbol=symbol) if _element(symbol.type) is not None:
            return _Address(expr, (), None)
        case tree.Unary(op="&", operand=tree.Index() as index):
            path = _path(index)
            return None if path is None else _Address(path[0], path[1][:-1], path[1][-1])
        case tree.Index(type=tree.Array()):
            path = _path(expr)
            return None if path is None else _Address(path[0], path[1], None)
        case tree.Binary(op="+" | "-" as op, left=left, right=right) if isinstance(right.type, tree.Scalar):
            return _moved(_address(left), op, right)
        case tree.Binary(op="+", left=left, right=right) if isinstance(left.type, tree.Scalar):
            return _moved(_address(right), "+", left)
    return None


def _moved(at: _Address | None, op: str, by: Expr) -> _Address | None:
    """An address some elements further on, or further back."""
    if at is None:
        return None
    if at.offset is None:
        return replace(at, offset=by) if op == "+" else None
    kind = _INT if at.offset.type == by.type == _INT else _LONG
    return replace(at, offset=_binary(op, at.offset, by, kind))


def _path(index: Expr) -> tuple[tree.Name, tuple[Expr, ...]] | None:
    subscripts: list[Expr] = []
    while isinstance(index, tree.Index):
        subscripts.insert(0, index.subscript)
        index = index.base
    known = isinstance(index, tree.Name) and _element(index.symbol.type) is not None
    return (index, tuple(subscripts)) if known and isinstance(index, tree.Name) else None


def _element(kind: tree.CType) -> tree.Scalar | None:
    """The type of the elements of an array, or of arrays that one pointer leads to."""
    inner = kind.target if isinstance(kind, tree.Pointer) else kind
    while isinstance(inner, tree.Array):
        inner = inner.element
    return inner if isinstance(inner, tree.Scalar) and inner is not kind else None


def _outwards(at: _Address) -> _Address | None:
    """The same address, of the piece that begins there and is one level larger."""
    zero = at.offset is None or polynomial(at.offset) == Polynomial()
    return _Address(at.array, at.rows[:-1], at.rows[-1]) if at.rows and zero else None


def _inside(at: _Address, number: list[Expr], extent: Expr) -> bool:
    """Whether so many elements from an address on surely lie in one row."""
    first = Polynomial() if at.offset is None else polynomial(at.offset)
    length, whole = polynomial(product(number, extent.span)), polynomial(extent)
    if first is None or length is None or whole is None:
        return False
    left = (whole - first - length).constant
    return left is not None and left >= 0


def _without(factors: list[Expr], extents: list[Expr]) -> list[Expr] | None:
    """The factors that are left when those of `extents` are taken away; None if they are not among them."""
    rest = list(factors)
    for extent in extents:
        wanted = polynomial(extent)
        k = next((k for k, f in enumerate(rest) if wanted is not None and polynomial(f) == wanted), None)
        if k is None:
            return None
        del rest[k]
    return rest


def _same(a: tuple[list[Expr], list[Expr]], b: tuple[list[Expr], list[Expr]]) -> bool:
    """Whether two divisions of one size into pieces are alike."""
    return all(len(x) == len(y) and all(map(_equal, x, y)) for x, y in zip(a, b, strict=True))


def _equal(a: Expr, b: Expr) -> bool:
    return polynomial(a) == polynomial(b) is not None


def _direction(to: _Address, source: _Address) -> bool | None:
    """Whether a block that may overlap with its copy is moved from its end; None if that is not known."""
    if to.array.symbol != source.array.symbol:
        return False
    if [polynomial(r) for r in to.rows] != [polynomial(r) for r in source.rows]:
        return None if len(to.rows) != len(source.rows) or not to.rows else _apart(to, source)
    ends = [Polynomial() if a.offset is None else polynomial(a.offset) for a in (to, source)]
    if ends[0] is None or ends[1] is None:
        return None
    distance = (ends[0] - ends[1]).constant
    return None if distance is None else distance > 0


def _apart(to: _Address, source: _Address) -> bool | None:
    """False where the two lie in rows that are surely others."""
    for a, b in zip(to.rows, source.rows, strict=True):
        x, y = polynomial(a), polynomial(b)
        if x is not None and y is not None and (x - y).constant not in (None, 0):
            return False
    return None


# ------------------------------------------------------------------------------------------------- nodes


def _element_at(at: _Address, variables: list[Symbol], start: Expr | None, span: Span) -> Expr:
    """`array[rows…][offset + i][j]…`, where i counts from `start`."""
    own = tree.Name(span=span, in_macro=True, type=variables[0].type, symbol=variables[0])
    first: Expr = own
    if start is not None and at.offset is not None:
        if polynomial(at.offset) != polynomial(start):
            first = _binary("-", _binary("+", own, at.offset, own.type), _copied(start, span), own.type)
    elif start is not None:
        first = _binary("-", own, _copied(start, span), own.type)
    elif at.offset is not None and polynomial(at.offset) != Polynomial():
        first = _binary("+", at.offset, own, own.type)
    others = [tree.Name(span=span, in_macro=True, type=v.type, symbol=v) for v in variables[1:]]
    node: Expr = at.array
    for subscript in (*at.rows, first, *others):
        kind = node.type
        assert isinstance(kind, tree.Pointer | tree.Array)
        inner = kind.target if isinstance(kind, tree.Pointer) else kind.element
        node = tree.Index(span=span, in_macro=True, type=inner, base=node, subscript=subscript)
    return node


def _value_of_bytes(byte: int | None, kind: tree.CType | None, span: Span) -> Expr | None:
    """The value of an element all of whose bytes are `byte`, for the bytes that give one everywhere."""
    if byte is None or not isinstance(kind, tree.Scalar) or (kind.name == "_Bool" and byte != 0):
        return None
    if kind.is_floating:
        return tree.FloatLiteral(span=span, in_macro=True, type=kind, value=0.0, text="0.0") if byte == 0 else None
    if byte == 0 or (byte == -1 and not kind.is_unsigned) or (kind.name.endswith("char") and 0 <= byte < 128):
        return tree.IntLiteral(span=span, in_macro=True, type=kind, value=byte)
    return None


def _zero(span: Span) -> Expr:
    return tree.IntLiteral(span=span, in_macro=True, type=_INT, value=0)


def _binary(op: str, left: Expr, right: Expr, kind: tree.CType) -> Expr:
    return tree.Binary(span=left.span, in_macro=True, type=kind, op=op, left=left, right=right)


def _as_long(expr: Expr) -> Expr:
    return tree.Cast(span=expr.span, in_macro=True, type=_LONG, operand=expr)


def _copied(expr: Expr, span: Span) -> Expr:
    """The expression once more, at no place of its own in the text."""
    return rewritten(expr, lambda n: replace(n, span=span, in_macro=True))


# --------------------------------------------------------------------------------------- what is around


def _stepped(s: Node, inside: frozenset[Symbol]) -> Iterator[tuple[int, frozenset[Symbol]]]:
    """For each statement, what the loops around it assign."""
    if isinstance(s, tree.Stmt):
        yield s.id, inside
    if isinstance(s, tree.For | tree.While | tree.DoWhile):
        inside |= {symbol for n in tree.walk(s) if (symbol := _written(n)) is not None}
    for part in tree.children(s):
        yield from _stepped(part, inside)


def _written(node: Node) -> Symbol | None:
    """The variable that a node gives a value to."""
    match node:
        case VarDecl(symbol=symbol, init=tree.Expr()):
            return symbol
    return changed_or_lent(node)


def _settled(nodes: list[Node]) -> Mapping[Symbol, Expr]:
    """Variables that hold their initialiser's value for good, which itself is made of variables that have theirs then
    (`if (argc > 1) n = atoi(argv[1]); size_t bytes = n * sizeof(double);`)."""
    writes: dict[Symbol, list[int]] = {}
    lent: set[Symbol] = set()
    for k, n in enumerate(nodes):
        if (symbol := _written(n)) is not None:
            writes.setdefault(symbol, []).append(k)
            lent |= {symbol} if isinstance(n, tree.Unary) and n.op == "&" else set()
    once = {s for s, places in writes.items() if len(places) == 1}
    found: dict[Symbol, Expr] = {}
    for k, n in enumerate(nodes):
        if isinstance(n, VarDecl) and n.init is not None and n.symbol in once and n.symbol.storage == "local":
            names = {m.symbol for m in tree.walk(n.init) if isinstance(m, tree.Name)}
            plain = not any(isinstance(m, Call | tree.Index | tree.Member) for m in tree.walk(n.init))
            known = (s in once or (s in writes and s not in lent and writes[s][-1] < k) for s in names)
            if plain and all(known) and all(s.storage in {"local", "parameter"} for s in names):
                found[n.symbol] = n.init
    return found
