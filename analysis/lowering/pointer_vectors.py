"""A few vectors that pointers lead to (`double *v[K]`, a basis, diagonals, the fields of a grid) as one array.

    double *v[K];
    for (k = 0; k < K; k++) v[k] = malloc(n * sizeof(double));      or      v[0] = malloc(…);  v[1] = malloc(…);

Their elements are what is many: it is those that are dealt to the ranks, so that each rank has a part of every vector.
`RowStorage.vectors` says so. What gives them memory, and takes it away, stays in the tree as a call of malloc or free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation
from chatmpi.analysis.lowering.in_place import Laid, in_place
from chatmpi.analysis.lowering.pointer_rows import sizes_of
from chatmpi.analysis.memory.row_storage import (
    counted_up,
    elements_of,
    is_outermost,
    leaving_functions,
    only_leaves,
    room_for,
    row_number,
    statement_of,
)
from chatmpi.analysis.numbers.naming import numbers_of_macros
from chatmpi.analysis.numbers.polynomial import Polynomial, constant, of_atom, variable
from chatmpi.analysis.numbers.values import Naming
from chatmpi.analysis.parents import out_of_casts, parents
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program, RowStorage, Stmt, Symbol, VarDecl

MOST = 64  # that are still a few beside vectors of any length


@dataclass
class _Vectors:
    """An array of pointers, or a pointer to some, and what the program does with them beside using elements."""

    declaration: VarDecl
    table: Expr | None = None  # the value in `v = malloc(…)`
    made: list[tree.Assign] = field(default_factory=list)  # `v[k] = malloc(…)`
    freed: list[tree.Call] = field(default_factory=list)  # `free(v[k])`
    tests: list[Node] = field(default_factory=list)  # `v[k] == NULL`

    @property
    def symbol(self) -> Symbol:
        return self.declaration.symbol

    @property
    def element(self) -> tree.CType:
        inner = _led_to(self.symbol.type)
        assert isinstance(inner, tree.Pointer)
        return inner.target


@dataclass(frozen=True)
class _Settled:
    """Vectors that are understood: `extent` says how many elements each has; `checks` see whether one is there."""

    vectors: _Vectors
    extent: Expr
    checks: tuple[Stmt, ...]

    @property
    def calls(self) -> tuple[tree.Call, ...]:
        return tuple(call for m in self.vectors.made if (call := allocation(m.value)) is not None)

    @property
    def laid(self) -> Laid:
        storage = RowStorage((), None, checks=self.checks, depth=2, vectors=self.calls)
        many = () if self.vectors.table is not None else self.vectors.declaration.extents
        gone = frozenset(s.id for s in self.checks)
        zeroed = all(c.name == "calloc" for c in self.calls)
        return Laid(
            self.vectors.symbol, self.vectors.table, (*many, self.extent), zeroed, storage, gone, frozenset()
        )  # fmt: skip


def follow_vectors(program: Program) -> Program:
    """The program with arrays for the vectors of its main function that are few, and made once and for all."""
    main = program.function("main")
    if main is None:
        return program
    around = parents([*program.globals, *program.functions])
    found = _found(program, main, around)
    if not found:
        return program
    known, leaving = sizes_of(program, main), leaving_functions(program)
    numbers = sizes_of(program, main, with_numbers(Naming(), program))
    settled = [s for v in found if (s := _settled(v, around, known, numbers, leaving)) is not None]
    if not settled:
        return program
    laid = {s.vectors.symbol: s.laid for s in settled}
    kept = {id(m): m.value for s in settled for m in s.vectors.made}
    freed = {id(c) for s in settled for c in s.vectors.freed}

    def memory_alone(node: Node) -> Node:
        if id(node) in kept:
            return kept[id(node)]
        if id(node) in freed and isinstance(node, tree.Call):
            return replace(node, arguments=tuple(_nothing(a) for a in node.arguments))
        if isinstance(node, VarDecl) and node.symbol in laid and isinstance(node.init, tree.InitList):
            return replace(node, init=None)
        return node

    functions = tuple(rewritten(f, memory_alone) for f in program.functions)
    return in_place(replace(program, functions=functions), laid)


def _nothing(argument: Expr) -> Expr:
    return tree.Cast(
        span=argument.span,
        in_macro=True,
        type=tree.Pointer(tree.VOID),
        operand=tree.IntLiteral(span=argument.span, in_macro=True, type=tree.Scalar("int"), value=0),
    )


def _led_to(kind: tree.CType) -> tree.CType | None:
    """What an array of pointers, or a pointer to some, leads to."""
    if isinstance(kind, tree.Array):
        return kind.element
    return kind.target if isinstance(kind, tree.Pointer) else None


# -------------------------------------------------------------------------------------- what the program does


def _found(program: Program, main: tree.Function, around: Mapping[int, Node]) -> list[_Vectors]:
    """The arrays of pointers of which every use is understood."""
    declared = [n for n in (*program.globals, *tree.walk(main.body)) if isinstance(n, VarDecl)]
    found = {v.symbol: _Vectors(v) for v in declared if _leads_to_vectors(v.symbol.type) and not v.in_macro}
    for v in declared:
        if v.symbol in found and v.init is not None and not _given(found[v.symbol], v.init):
            del found[v.symbol]
    for root in (*program.globals, *program.functions):
        for n in tree.walk(root):
            if isinstance(n, tree.Name) and n.symbol in found and not _understood(n, found[n.symbol], around):
                del found[n.symbol]
    return list(found.values())


def _leads_to_vectors(kind: tree.CType) -> bool:
    match _led_to(kind):
        case tree.Pointer(target=tree.Scalar()):
            return True
    return False


def _given(vectors: _Vectors, value: Expr) -> bool:
    """Note the memory of the pointers themselves; nothing else may be given to them but that all are NULL."""
    if isinstance(vectors.symbol.type, tree.Array) and isinstance(value, tree.InitList):
        return all(isinstance(v, tree.IntLiteral) and v.value == 0 for v in value.items)
    if allocation(value) is None or vectors.table is not None or isinstance(vectors.symbol.type, tree.Array):
        return False
    vectors.table = value
    return True


def _understood(name: tree.Name, vectors: _Vectors, around: Mapping[int, Node]) -> bool:
    node, above = out_of_casts(name, around)
    match above:
        case tree.Index(base=base) if base is node:
            return _use_of_one(above, vectors, around)
        case tree.Assign(op="=", target=target, value=value) if target is node:
            return _given(vectors, value)
        case tree.Call(name="free"):
            return vectors.table is not None
        case tree.Unary(op="*"):
            return isinstance(around[id(above)], tree.Sizeof)
        case tree.Unary(op="!") | tree.Binary(op="==" | "!=" | "||" | "&&") | tree.If():
            return vectors.table is not None
    return False


def _use_of_one(vector: tree.Index, vectors: _Vectors, around: Mapping[int, Node]) -> bool:
    node, above = out_of_casts(vector, around)
    match above:
        case tree.Assign(op="=", target=target, value=value) if target is node and allocation(value) is not None:
            vectors.made.append(above)
            return isinstance(around[id(above)], tree.ExprStmt)
        case tree.Call(name="free"):
            vectors.freed.append(above)
            return True
        case tree.Unary(op="!") | tree.Binary(op="==" | "!=") | tree.If():
            vectors.tests.append(above)
            return True
        case tree.Index(base=base):
            return base is node
        case tree.Unary(op="*"):
            return True
    return False


# --------------------------------------------------------------------------------------- what is understood


def with_numbers(known: Naming, program: Program) -> Naming:
    """The same, with macros and enumerators as the numbers that they stand for."""
    parts = [n for f in program.functions for n in tree.walk(f.body)]
    parts += [n for v in program.globals for n in tree.walk(v)]
    named = {
        n.symbol: constant(program.enumerators[n.symbol.uid])
        for n in parts
        if isinstance(n, tree.Name) and n.symbol.uid in program.enumerators
    }
    return replace(
        known, fixed_macros={**known.fixed_macros, **numbers_of_macros(program)}, derived={**known.derived, **named}
    )


def _settled(
    vectors: _Vectors, around: Mapping[int, Node], known: Naming, numbers: Naming, leaving: frozenset[str]
) -> _Settled | None:
    """The vectors, if they are few, all are made, with as many elements each, in main itself."""
    number = _number(vectors, numbers)
    calls = [call for m in vectors.made if (call := allocation(m.value)) is not None]
    words = {room_for(call, vectors.element, known) for call in calls}
    many = words.pop() if len(words) == 1 else None
    if number is None or many is None or many.constant is not None:
        return None
    length = room_for(calls[0], vectors.element, numbers)
    if not _are_few(number, length.constant if length is not None else None):
        return None
    extent = elements_of(calls[0], vectors.element, known)
    checks = tuple(dict.fromkeys(statement_of(t, around) for t in vectors.tests))
    if extent is None or not all(isinstance(c, tree.If) and only_leaves(c, leaving) for c in checks):
        return None
    if len({c.name for c in calls}) > 1 or not _all_made(vectors, number, many, around, numbers):
        return None
    return _Settled(vectors, extent, checks)


def _are_few(number: int, length: int | None) -> bool:
    """Whether vectors are few beside how long each is, where that is known: else a matrix is made of them."""
    return 1 < number <= MOST and (length is None or 4 * number * number <= length)


def _number(vectors: _Vectors, numbers: Naming) -> int | None:
    """How many vectors there are."""
    kind = vectors.symbol.type
    if isinstance(kind, tree.Array):
        return kind.extent if vectors.declaration.extents else None
    table = allocation(vectors.table)
    count = room_for(table, tree.Pointer(vectors.element), numbers) if table is not None else None
    return count.constant if count is not None else None


def _all_made(vectors: _Vectors, number: int, many: Polynomial, around: Mapping[int, Node], numbers: Naming) -> bool:
    """Whether each vector is given memory once: in one loop of main over all, or by a statement of main for each."""
    if len(vectors.made) > 1:
        rows = [row_number(m.target, numbers) for m in vectors.made]
        alone = all(is_outermost(around[id(m)], around) for m in vectors.made)
        return alone and sorted(r.constant if r is not None and r.constant is not None else -1 for r in rows) == [
            *range(number)
        ]
    (made,) = vectors.made
    above = around[id(around[id(made)])]
    loop = around[id(above)] if isinstance(above, tree.Block) else above
    counted = counted_up(loop, numbers) if isinstance(loop, tree.For) else None
    if counted is None or not is_outermost(loop, around) or counted[0] in many.symbols:
        return False
    own = of_atom(variable(counted[0]))
    return counted[1:] == (0, constant(number)) and row_number(made.target, numbers) == own
