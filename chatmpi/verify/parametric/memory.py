"""Arrays of a program whose every use can be followed: what memory they have, and which names lead to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.pieces import Condition
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.tree import Call, Expr, Name, Node, Program, Symbol, Unary
from chatmpi.verify.parametric.messages import element_of, parts_of
from chatmpi.verify.parametric.quantities import Unfit, memory_of

_TESTS = frozenset({"==", "!=", "&&", "||"})


@dataclass(frozen=True)
class Object:
    """Memory that `array` is given where the conditions hold: `extents`, outermost first, with what is not known as
    None. `factors`: what the outermost one is written as a product of."""

    array: int
    extents: tuple[Polynomial | None, ...]
    where: tuple[Condition, ...]
    factors: tuple[Polynomial, ...] = ()


@dataclass
class Memory:
    """`lost` are arrays of which not every use is understood; `leads` joins pointers that may be one array."""

    declared: dict[int, tree.VarDecl] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    leads: dict[int, int] = field(default_factory=dict)

    def group(self, uid: int) -> int:
        while uid in self.leads:
            uid = self.leads[uid]
        return uid

    def join(self, a: Symbol, b: Symbol) -> None:
        """Two names for one array. Of arrays of arrays, both have to say the same."""
        if _target(a) != _target(b) or not _is_plain(_target(a)):
            self.lost |= {a.uid, b.uid}
        x, y = self.group(a.uid), self.group(b.uid)
        if x != y:
            self.leads[x] = y

    def place(self, buffer: Expr) -> tuple[int, tuple[Expr, ...]] | None:
        """Where a buffer begins: the array, and the subscripts of its first element or row; None if it is not told."""
        match buffer:
            case Name(symbol=symbol) if isinstance(symbol.type, tree.Pointer | tree.Array):
                return symbol.uid, ()
            case tree.Cast(operand=operand):
                return self.place(operand)
            case Unary(op="&", operand=tree.Index() as element):
                uid, subscripts = root_of(element)
                return None if uid is None else (uid, subscripts)
            case tree.Index(type=tree.Array() | tree.Pointer()):
                uid, subscripts = root_of(buffer)
                return None if uid is None else (uid, subscripts)
            case tree.Binary(op="+", left=Name(symbol=symbol), right=right):
                return (symbol.uid, (right,)) if isinstance(symbol.type, tree.Pointer | tree.Array) else None
        return None

    def elements(self, symbol: Symbol, sizes: Sequence[Polynomial | None]) -> Polynomial | None:
        """How many elements of a pointer's target there are in memory of so many bytes."""
        try:
            each = memory_of(symbol.type.target) if isinstance(symbol.type, tree.Pointer) else None
        except Unfit:
            return None
        total: Polynomial | None = None
        for s in sizes:
            if s is None:
                return None
            total = s if total is None else total * s
        if total is None or each is None:
            return None
        quotient, rest = total.divided(each)
        return None if rest.terms else quotient


def memory_in(program: Program) -> Memory:
    found = Memory()
    for v in program.globals:
        _declare(found, program, v)
    for f in program.functions:
        for p in f.parameters:
            found.declared[p.symbol.uid] = p
        _scan(found, program, f.body)
    return found


def root_of(e: Expr) -> tuple[int | None, tuple[Expr, ...]]:
    """The array of an element and its subscripts, outermost first."""
    subscripts: list[Expr] = []
    while isinstance(e, tree.Index):
        subscripts.insert(0, e.subscript)
        e = e.base
    return (e.symbol.uid if isinstance(e, Name) else None), tuple(subscripts)


def made_by(value: Call) -> tuple[Expr, ...] | None:
    """The sizes whose product is the memory that a call makes, in bytes."""
    match value.name, value.arguments:
        case "malloc", (size,):
            return (size,)
        case "calloc", (number, size):
            return number, size
        case "aligned_alloc", (_, size):
            return (size,)
    return None


def factors_of(sizes: Sequence[Expr]) -> Iterator[Expr]:
    """What an amount of memory is written as a product of."""
    for s in sizes:
        match s:
            case tree.Binary(op="*", left=left, right=right):
                yield from factors_of((left, right))
            case tree.Cast(operand=operand):
                yield from factors_of((operand,))
            case _:
                yield s


def inner_extents(
    declared: tree.VarDecl | None, value: Callable[[Expr], Polynomial | None]
) -> tuple[Polynomial | None, ...]:
    """Of a pointer to arrays."""
    if declared is None or not isinstance(declared.symbol.type, tree.Pointer):
        return ()
    return tuple(None if e is None else value(e) for e in declared.extents)


def _declare(found: Memory, program: Program, v: tree.VarDecl) -> None:
    found.declared[v.symbol.uid] = v
    if v.rows is not None:
        found.lost.add(v.symbol.uid)
    for e in v.extents:
        if e is not None:
            _scan(found, program, e)
    if v.init is None:
        return
    if isinstance(v.symbol.type, tree.Pointer):
        _given(found, program, v.symbol, v.init)
    else:
        _scan(found, program, v.init)


def _given(found: Memory, program: Program, symbol: Symbol, value: Expr) -> None:
    """A pointer gets a value."""
    match value:
        case Call() if made_by(value) is not None:
            _scan(found, program, *value.arguments)
        case Name(symbol=other) if isinstance(other.type, tree.Pointer | tree.Array):
            found.join(symbol, other)
        case tree.Cast(operand=operand):
            _given(found, program, symbol, operand)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            _scan(found, program, condition)
            _given(found, program, symbol, then)
            _given(found, program, symbol, otherwise)
        case tree.IntLiteral(value=0):
            pass
        case _:
            found.lost.add(symbol.uid)
            _scan(found, program, value)


def _scan(found: Memory, program: Program, *nodes: Node) -> None:
    """Uses of arrays; what is no subscript, no test and no buffer of a call that is known is not followed."""
    for node in nodes:
        match node:
            case tree.VarDecl():
                _declare(found, program, node)
            case tree.Sizeof():
                pass
            case Name(symbol=symbol):
                if isinstance(symbol.type, tree.Pointer | tree.Array):
                    found.lost.add(symbol.uid)
            case tree.Index():
                uid, subscripts = root_of(node)
                if uid is None:
                    _scan(found, program, *tree.children(node))
                elif isinstance(node.type, tree.Array | tree.Pointer):
                    found.lost.add(uid)  # a row that goes anywhere
                _scan(found, program, *subscripts)
            case tree.Assign(op="=", target=Name(symbol=symbol), value=value) if isinstance(symbol.type, tree.Pointer):
                _given(found, program, symbol, value)
            case Call():
                _scan_call(found, program, node)
            case tree.Binary(op=op) if op in _TESTS:
                _scan(found, program, *(c for c in tree.children(node) if not isinstance(c, Name)))
            case Unary(op="!", operand=Name()):
                pass
            case tree.If() | tree.While() | tree.Conditional():
                _scan(found, program, *(c for c in tree.children(node) if not isinstance(c, Name)))
            case _:
                _scan(found, program, *tree.children(node))


def _scan_call(found: Memory, program: Program, call: Call) -> None:
    if call.name == "free" and isinstance(call.arguments[0], Name):
        return
    known = set()
    for p in parts_of(call):
        place = found.place(call.arguments[p.buffer])
        if place is not None:
            known.add(p.buffer)
            _scan(found, program, *place[1])
            if not _is_of(call.arguments[p.type], found, place[0], call.arguments[p.buffer]):
                found.lost.add(place[0])
    function = program.function(call.name) if call.name else None
    for k, a in enumerate(call.arguments):
        if k in known:
            continue
        if function is not None and k < len(function.parameters) and isinstance(a, Name):
            if isinstance(a.symbol.type, tree.Pointer | tree.Array):
                found.join(a.symbol, function.parameters[k].symbol)
            continue
        _scan(found, program, a)


def _is_of(kind: Expr, found: Memory, uid: int, buffer: Expr) -> bool:
    """Whether a message's type is that of the array's elements."""
    name = element_of(kind)
    return name is not None and any(
        tree.array_core(_target(n.symbol)) == tree.Scalar(name)
        for n in tree.walk(buffer)
        if isinstance(n, Name) and n.symbol.uid == uid
    )


def _target(symbol: Symbol) -> tree.CType:
    match symbol.type:
        case tree.Pointer(target=target):
            return target
        case tree.Array(element=element):
            return element
    return symbol.type


def _is_plain(kind: tree.CType) -> bool:
    """Whether two arrays of this are divided into elements in one way."""
    while isinstance(kind, tree.Array):
        if kind.extent is None:
            return False
        kind = kind.element
    return True
