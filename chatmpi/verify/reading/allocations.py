"""Memory of distributed arrays: the rank's rows and its copies of neighbours' rows fit."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, constant
from chatmpi.analysis.numbers.values import polynomial, text
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import same_type, width
from chatmpi.verify.reading.numbers import number_of
from chatmpi.verify.reading.piecewise import Condition
from chatmpi.verify.reading.reading import Position, Reading, Where
from chatmpi.verify.reading.row import Row
from chatmpi.verify.reading.state import State
from chatmpi.verify.reading.terms import NotAffine, Question, witness


def accept(row: Row, expr: Expr, where: Where, at: Position) -> bool:
    """Whether a statement gives memory to, or takes it from, an array that has its own in the sequential program."""
    match expr:
        case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value):
            source = at.reading.pairs.source.get(symbol)
            if source is None or not _becomes_pointer(source, at.reading):
                return False
            _unconditional(expr, where)
            if symbol in at.state.memory:
                raise Mismatch(expr, f"'{symbol}' is given memory once more")
            _given(source, symbol, value, source.storage != "local", where, at)
            return True
        case tree.Call(name="free", arguments=(tree.Name(symbol=symbol),)):
            source = at.reading.pairs.source.get(symbol)
            if source is None or not _becomes_pointer(source, at.reading):
                return False
            if symbol not in at.state.memory or where.distributed is not None or where.root or where.owner is not None:
                raise Mismatch(expr, f"'{symbol}' has no memory to give back here")
            at.state = freed(expr, at.state)
            return True
    return False


def _unconditional(node: tree.Node, where: Where) -> None:
    if where.loops or where.varies or where.root or where.owner is not None or not where.in_main:
        raise Mismatch(node, "memory for a distributed array is not allocated once, on every rank")


def _becomes_pointer(source: Symbol, reading: Reading) -> bool:
    return isinstance(source.type, tree.Array) and source in reading.intent.partition_of


def freed(call: tree.Call, state: State) -> State:
    symbols = {a.symbol for a in call.arguments if isinstance(a, tree.Name)}
    return replace(state, memory=state.memory - symbols)


def is_allocation(symbol: Symbol, value: Expr, reading: Reading) -> bool:
    """Whether the sequential program's `symbol = value` gives a distributed array its memory."""
    return symbol in reading.intent.partition_of and allocation(value) is not None


def _cast_to_others(expr: Expr, c: Symbol) -> bool:
    """Whether memory is converted to a pointer of another kind."""
    while isinstance(expr, tree.Cast):
        if not same_type(expr.type, c.type) and expr.type != tree.Pointer(tree.VOID):
            return True
        expr = expr.operand
    return False


def allocated(s: Symbol, c: Symbol, value: Expr, where: Where, at: Position) -> None:
    """An allocation that the sequential program makes too."""
    call = at.reading.facts.arrays.allocations[s].call
    _given(s, c, value, call is not None and call.name == "calloc", where, at)


def declared(v: tree.VarDecl, w: tree.VarDecl, where: Where, at: Position) -> None:
    """The declaration of a distributed array: a pointer, to rows of the same extents."""
    reading = at.reading
    wanted = v.symbol.type
    kind = tree.Pointer(wanted.element) if isinstance(wanted, tree.Array) else wanted
    inner = v.extents[1:] if isinstance(wanted, tree.Array) else v.extents
    if w.symbol.type != kind or len(inner) != len(w.extents):
        raise Mismatch(w, f"'{w.symbol}' is no pointer to rows as at {reading.findings.place(v)}")
    if (v.rows is None) != (w.rows is None) or (v.rows and v.rows.block is None) != (w.rows and w.rows.block is None):
        raise Mismatch(w, f"the rows of '{w.symbol}' get their memory otherwise than at {reading.findings.place(v)}")
    for x, y in zip(inner, w.extents, strict=True):
        a = polynomial(x, where.naming) if x is not None else None
        b = reading.plain(y, where, at.state) if y is not None else None
        if a is None or a != b:
            raise Mismatch(w, f"a row of '{w.symbol}' has another extent than at {reading.findings.place(v)}")
    if isinstance(wanted, tree.Array):
        if w.init is None:
            return
        zeroed = v.symbol.storage != "local" or v.init is not None
        if v.init is not None and not _is_zero(v.init):
            raise Mismatch(w, f"the values that '{v.symbol}' starts with are lost")
        _given(v.symbol, w.symbol, w.init, zeroed, where, at)
        return
    if v.init is None and w.init is None:
        return
    if v.init is not None and w.init is not None:
        if allocation(v.init) is not None:
            allocated(v.symbol, w.symbol, w.init, where, at)
            return
        if number_of(v.init) == 0 == number_of(w.init):
            return
    raise Mismatch(w, f"'{w.symbol}' starts otherwise than at {reading.findings.place(v)}")


def _is_zero(init: Expr) -> bool:
    return all(_is_zero(i) for i in init.items) if isinstance(init, tree.InitList) else number_of(init) == 0


def _given(s: Symbol, c: Symbol, value: Expr, zeroed: bool, where: Where, at: Position) -> None:
    """The memory holds the rank's rows and halos; it starts as zeros where the sequential array does."""
    state, reading = at.state, at.reading
    at.state = replace(state, memory=state.memory | {c})
    call = allocation(value)
    if call is None or _cast_to_others(value, c):
        raise Mismatch(value, f"'{c}' is given something other than memory of its own")
    if zeroed and call.name != "calloc":
        raise Mismatch(call, f"'{s}' starts as zeros in the sequential program, this memory does not")
    known = reading.facts.arrays.allocations[s].call
    if _short_products(call) and not (known is not None and _short_products(known)):
        raise Mismatch(
            call, f"the size of '{c}' is computed in 'int', which may overflow", "50000 rows of 50000 elements"
        )
    size = ONE
    for argument in call.arguments:
        factor = _bytes(argument, s, c, where, state, reading)
        if factor is None:
            raise Mismatch(call, f"the size '{text(argument)}' is not understood")
        size = size * factor
    _check_rows(s, c, call, size, reading)


def _short_products(call: tree.Call) -> bool:
    """Whether a size is a product of variables in less than 64 bits."""
    return any(
        isinstance(n, tree.Binary)
        and n.op == "*"
        and width(n.type) < 64
        and not any(isinstance(e, tree.IntLiteral | tree.Sizeof) for e in (n.left, n.right))
        for n in tree.walk(call)
    )


def _bytes(expr: Expr, s: Symbol, c: Symbol, where: Where, state: State, reading: Reading) -> Polynomial | None:
    """A factor of a size; `sizeof *c` is a row's elements."""
    match expr:
        case tree.Cast(operand=operand):
            return _bytes(operand, s, c, where, state, reading)
        case tree.Binary(op="*", left=left, right=right):
            a = _bytes(left, s, c, where, state, reading)
            b = _bytes(right, s, c, where, state, reading)
            return None if a is None or b is None else a * b
        case tree.Sizeof(operand=operand, of=of, extents=()):
            return _sizeof(operand, of, s, c, reading)
    return reading.plain(expr, where, state)


def _sizeof(operand: Expr | None, of: tree.CType | None, s: Symbol, c: Symbol, reading: Reading) -> Polynomial | None:
    """The size of an element, or of a row of the array at hand."""
    kind = of or (operand.type if operand is not None else None)
    extents = reading.facts.extents[s]
    if kind == extents.element:
        return _unit(s, reading)
    match operand:
        case tree.Unary(op="*", operand=tree.Name(symbol=symbol)):
            own = symbol == c
        case _:
            own = False
    known = isinstance(kind, tree.Array) and (own or kind.extent is not None)
    row = isinstance(c.type, tree.Pointer) and c.type.target == kind
    return _unit(s, reading) * extents.row_words if known and row else None


def _unit(s: Symbol, reading: Reading) -> Polynomial:
    """The size of an element."""
    element = reading.facts.extents[s].element
    sizeof = tree.Sizeof(span=reading.candidate_main.span, type=element, operand=None, of=element)
    value = polynomial(sizeof)
    assert value is not None
    return value


def _check_rows(s: Symbol, c: Symbol, call: tree.Call, size: Polynomial, reading: Reading) -> None:
    words, rest = size.divided(_unit(s, reading))
    rows, more = words.divided(reading.facts.extents[s].row_words)
    if rest.terms or more.terms:
        raise Mismatch(call, f"the size of '{c}' is no number of rows")
    partition = reading.intent.partition_of[s]
    share = reading.roles.share(partition, call, rows.atoms)
    kept = reading.intent.arrays[s].halo
    wanted = share.count + constant(partition.halo.lower + kept.upper)
    described = f"{reading.terms.text(wanted)} rows"
    _never(call, rows - wanted, f"'{c}' is given {reading.terms.text(rows)} rows, but needs {described}", reading)
    if s in reading.intent.tested:
        _never(call, rows - ONE, f"'{c}' may be given no memory, which the program takes for a failure", reading)
    reading.findings.holds(f"'{c}' holds the rank's own rows and their halo: {described}")


def _never(node: tree.Node, least: Polynomial, message: str, reading: Reading) -> None:
    """`least` is nowhere negative."""
    if (number := least.constant) is not None:
        if number >= 0:
            return
        raise Mismatch(node, message, f"{-number} row{'s' if number < -1 else ''} short on every rank")
    question = Question(reading.terms)
    try:
        point = question.point([question.condition(Condition(least, ">=").negated())])
    except NotAffine:
        raise Mismatch(node, message) from None
    if point is not None:
        raise Mismatch(node, message, witness(point))
