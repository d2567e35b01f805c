"""How the rows of a matrix of pointers are made and freed: each by itself, or all in one piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.expressions import allocation, bare
from chatmpi.analysis.loops import starting
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import PLAIN, Naming, polynomial
from chatmpi.analysis.parents import out_of_casts
from chatmpi.analysis.tree import Expr, Node, RowStorage, Stmt, Symbol, VarDecl

_LEAVING = frozenset({"exit", "abort", "_exit", *(name for name, does in LIBRARY.items() if does is Does.ASSERTS)})


@dataclass
class Matrix:
    """A pointer to pointers, and what the program does with it beside using elements."""

    declaration: VarDecl
    makings: list[Expr] = field(default_factory=list)  # the values in `a = malloc(…)`, with their casts
    rows: list[tree.Assign] = field(default_factory=list)  # `a[i] = …`
    freed_rows: list[tree.Call] = field(default_factory=list)  # `free(a[i])`
    tests: list[Node] = field(default_factory=list)  # `a[i] == NULL`
    empty: list[tree.Assign] = field(default_factory=list)  # `a[0] = NULL`

    @property
    def symbol(self) -> Symbol:
        return self.declaration.symbol

    @property
    def element(self) -> tree.CType:
        kind = self.symbol.type
        assert isinstance(kind, tree.Pointer)
        assert isinstance(kind.target, tree.Pointer)
        return kind.target.target


@dataclass(frozen=True)
class Made:
    """A matrix whose rows are understood: `extent` is the number of elements of each; `makers` are the statements in
    the loop `making` that make a row and see that it is there, `gone` the ids of all that make or free rows, `named`
    the pointer that holds the block of all rows, if one does."""

    matrix: Matrix
    extent: Expr
    making: tree.For
    makers: tuple[Stmt, ...]
    freeing: tuple[tree.For, ...]
    block: tree.Call | None
    gone: frozenset[int]
    zeroed: bool
    named: Symbol | None
    checks: tuple[Stmt, ...]
    empty: tuple[Stmt, ...]

    def storage(self, gone: set[int]) -> RowStorage:
        spent = is_spent(self.making, gone)
        loops = (self.making, *self.freeing) if spent else self.freeing
        mixed, makers = (None, ()) if spent else (self.making, self.makers)
        return RowStorage(loops, self.block, self.named is not None, mixed, makers, self.checks, self.empty)


def settled(
    matrices: list[Matrix],
    main: tree.Function,
    around: Mapping[int, Node],
    known: Naming = PLAIN,
    leaving: frozenset[str] = _LEAVING,
) -> dict[Symbol, Made]:
    """Those whose rows are understood, and freed in loops that do nothing else; `known`: sizes by other names;
    `leaving`: functions that end the program."""
    made = {m.symbol: how for m in matrices if (how := _how(m, main, around, known, leaving)) is not None}
    while True:
        gone = {i for how in made.values() for i in how.gone}
        broken = [s for s, how in made.items() if not all(is_spent(loop, gone) for loop in how.freeing)]
        if not broken:
            return made
        for s in broken:
            del made[s]


def is_spent(loop: tree.For, gone: Set[int]) -> bool:
    """Whether nothing is left in a loop."""
    body = loop.body.body if isinstance(loop.body, tree.Block) else (loop.body,)
    return all(s.id in gone for s in body)


def _how(
    matrix: Matrix, main: tree.Function, around: Mapping[int, Node], known: Naming, leaving: frozenset[str]
) -> Made | None:
    pointers = allocation(matrix.makings[0]) if len(matrix.makings) == 1 else None
    count = room_for(pointers, tree.Pointer(matrix.element), known) if pointers is not None else None
    if count is None:
        return None
    found = _each(matrix, count, around, known) or _one_block(matrix, count, main, around, known)
    if found is None:
        return None
    first, loop, is_block, named = found
    counted = counted_up(loop, known)
    starts = (0,) if counted is None or is_block else (counted[1],)
    if matrix.empty and starts == (0,):
        return None
    made_rows = count if counted is None or (count - counted[2]).constant is not None else counted[2]
    freeing = _freed(matrix, made_rows, is_block, starts, around, main, known)
    extent = _row_extent(first, matrix, is_block, loop, known)
    if freeing is None or extent is None or not is_free_after(loop, main):
        return None
    checks: list[Stmt] = [statement_of(t, around) for t in matrix.tests]
    inside = set(map(id, tree.statements(loop.body)))
    if not all(isinstance(c, tree.If) and only_leaves(c, leaving) and (id(c) in inside or is_block) for c in checks):
        return None
    empty = [statement_of(e, around) for e in matrix.empty]
    if not all(is_outermost(s, around) and s.span.begin < loop.span.begin for s in empty):
        return None
    done = [statement_of(e, around) for e in (*matrix.rows, *matrix.freed_rows, *matrix.empty)]
    makers = [s for s in (*done, *checks) if id(s) in inside]
    return Made(
        matrix,
        extent,
        loop,
        tuple(sorted(dict.fromkeys(makers), key=lambda s: s.id)),
        tuple(freeing),
        first if is_block else None,
        frozenset(s.id for s in (*done, *checks)),
        first.name == "calloc",
        named,
        tuple(c for c in checks if id(c) not in inside),
        tuple(empty),
    )


def room_for(call: tree.Call, of: tree.CType, known: Naming) -> Polynomial | None:
    """How many of a type an allocation has room for."""
    size: Polynomial | None = ONE
    for argument in call.arguments:
        factor = polynomial(argument, known)
        size = None if size is None or factor is None else size * factor
    unit = polynomial(tree.Sizeof(span=call.span, type=tree.Scalar("unsigned long"), operand=None, of=of))
    if size is None or unit is None:
        return None
    count, rest = size.divided(unit)
    return None if rest.terms or count.atoms & unit.atoms else count


# The call that gives memory, the loop that makes rows of it, whether it is for all rows, and what name holds it.
Found = tuple[tree.Call, tree.For, bool, Symbol | None]


def _each(matrix: Matrix, count: Polynomial, around: Mapping[int, Node], known: Naming) -> Found | None:
    """A piece of memory for each row: `a[i] = malloc(…)`."""
    if len(matrix.rows) != 1:
        return None
    (row,) = matrix.rows
    made, loop = allocation(row.value), _loop_over(row, row.target, count, (0, 1), around, known)
    return None if made is None or loop is None else (made, loop, False, None)


def _one_block(
    matrix: Matrix, count: Polynomial, main: tree.Function, around: Mapping[int, Node], known: Naming
) -> Found | None:
    """Rows in one piece: `a[0] = malloc(…)`, or a pointer of its own; then each row some elements after the first."""
    *before, other = matrix.rows
    loop = _loop_over(other, other.target, count, (len(before),), around, known)
    counted = counted_up(loop, known) if loop is not None else None
    if loop is None or counted is None or not counted[2].terms or len(before) > 1:
        return None
    own = of_atom(variable(counted[0]))
    if before:
        (first,) = before
        if row_number(first.target, known) != ZERO or not is_outermost(around[id(first)], around):
            return None
        made, named = allocation(first.value), pointer_of(first.value)
        offset = _offset(other.value, matrix.symbol, own, known)
    else:
        made, named = None, _block_name(other.value)
        offset = _added(other.value, known)
    if named is not None:
        made = memory_of(named, matrix.rows, main, around)
    whole = room_for(made, matrix.element, known) if made is not None else None
    if made is None or whole is None or made.span.begin > loop.span.begin:
        return None
    width, rest = whole.divided(counted[2])
    return (made, loop, True, named) if not rest.terms and offset == own * width else None


def pointer_of(value: Expr) -> Symbol | None:
    pointer = bare(value)
    return pointer.symbol if isinstance(pointer, tree.Name) else None


def _block_name(value: Expr) -> Symbol | None:
    """The pointer in `block + x` and `&block[x]`."""
    found = base_and_offset(value)
    return pointer_of(found[0]) if found is not None else None


def _added(value: Expr, known: Naming) -> Polynomial | None:
    found = base_and_offset(value)
    return polynomial(found[1], known) if found is not None else None


def memory_of(
    block: Symbol, rows: Sequence[tree.Assign], main: tree.Function, around: Mapping[int, Node]
) -> tree.Call | None:
    """The call that gives main's own pointer its memory, if beside making rows of it the program only frees it."""
    made: list[tree.Call | None] = []
    made += [allocation(v.init) for v in _declared(main) if v.symbol == block and v.init is not None]
    for n in tree.walk(main.body):
        if not isinstance(n, tree.Name) or n.symbol != block:
            continue
        node, above = out_of_casts(n, around)
        match above:
            case tree.Assign(op="=", target=target, value=value) if target is node:
                if not is_outermost(around[id(above)], around):
                    return None
                made.append(allocation(value))
            case tree.Call(name="free") | tree.Unary(op="!") | tree.Binary(op="==" | "!=") | tree.Sizeof():
                pass
            case tree.Unary(op="*") if isinstance(around[id(above)], tree.Sizeof):
                pass
            case tree.Binary(op="+") | tree.Index() | tree.Assign() if _makes_a_row(above, rows, around):
                pass
            case _:
                return None
    mine = block.storage == "local" or (block.storage == "global" and not _is_named_outside(block, main, around))
    return made[0] if len(made) == 1 and mine else None


def _is_named_outside(symbol: Symbol, main: tree.Function, around: Mapping[int, Node]) -> bool:
    """Whether anything but main names a variable of the file."""
    inside = {id(n) for n in tree.walk(main)}
    parts = (part for node in {id(n): n for n in around.values()}.values() for part in tree.children(node))
    return any(isinstance(n, tree.Name) and n.symbol == symbol and id(n) not in inside for n in parts)


def _declared(main: tree.Function) -> list[VarDecl]:
    return [v for s in main.body.body if isinstance(s, tree.Declaration) for v in s.variables if v.init is not None]


def _makes_a_row(node: Node, rows: Sequence[tree.Assign], around: Mapping[int, Node]) -> bool:
    """Whether an expression is part of the value of one of just these rows."""
    below, above = node, around[id(node)]
    while isinstance(above, Expr) and not isinstance(above, tree.Assign):
        below, above = above, around[id(above)]
    if isinstance(node, tree.Assign):
        return any(node is row for row in rows)
    return isinstance(above, tree.Assign) and above.value is below and any(above is row for row in rows)


def _loop_over(
    row: Node,
    target: Expr,
    count: Polynomial,
    starts: tuple[int, ...],
    around: Mapping[int, Node],
    known: Naming,
    all_of_them: bool = False,
) -> tree.For | None:
    """The loop `for (i = start; i < count; i++)` of main's own body directly around what is done to row i.

    A program gives memory to no more rows than it has pointers for: what is not known of the numbers does not matter,
    but where it must be `all_of_them`.
    """
    statement = statement_of(row, around)
    above = around[id(statement)]
    loop = around[id(above)] if isinstance(above, tree.Block) else above
    counted = counted_up(loop, known) if isinstance(loop, tree.For) else None
    if not isinstance(loop, tree.For) or counted is None or not isinstance(statement, tree.ExprStmt):
        return None
    variable_, first, bound = counted
    room = (count - bound).constant
    covers = first in starts and (not all_of_them if room is None else room >= 0)
    own = row_number(target, known) == of_atom(variable(variable_))
    return loop if covers and own and is_outermost(loop, around) else None


def row_number(target: Expr, known: Naming) -> Polynomial | None:
    """The subscript of `a[i]`."""
    row = bare(target)
    return polynomial(row.subscript, known) if isinstance(row, tree.Index) else None


def counted_up(loop: tree.For, known: Naming) -> tuple[Symbol, int, Polynomial] | None:
    """The variable, the start and the bound of `for (i = start; i < bound; i++)`."""
    begin = starting(loop.init)
    if begin is None:
        return None
    symbol, start = begin
    match loop.condition, loop.step:
        case (
            tree.Binary(op="<" | "<=" as op, left=tree.Name(symbol=tested), right=bound),
            tree.Unary(op="x++" | "++x", operand=tree.Name(symbol=stepped)),
        ) if tested == stepped == symbol and not loop.in_macro and not bound.in_macro:
            first, past = polynomial(start, known), polynomial(bound, known)
            number = first.constant if first is not None else None
            if number is None or past is None or symbol in past.symbols:
                return None
            return symbol, number, past + ONE if op == "<=" else past
    return None


def is_outermost(s: Node, around: Mapping[int, Node]) -> bool:
    """Whether it is a statement of main's own body."""
    above = around.get(id(s))
    return isinstance(s, Stmt) and isinstance(above, tree.Block) and isinstance(around[id(above)], tree.Function)


def _offset(value: Expr, symbol: Symbol, own: Polynomial, known: Naming) -> Polynomial | None:
    """How many elements after `a[0]` the value points: `a[0] + x`, `&a[0][x]`, or `a[i-1] + width`."""
    found = base_and_offset(value)
    if found is None:
        return None
    base, added = found
    step, row = polynomial(added, known), row_number(base, known)
    match base:
        case tree.Index(base=tree.Name(symbol=s)) if s == symbol and step is not None and row is not None:
            if not row.terms:
                return step
            return own * step if row == own - ONE and not step.symbols & own.symbols else None
    return None


def base_and_offset(value: Expr) -> tuple[Expr, Expr] | None:
    """The parts of `p + x`, `p + x + y` (p and the sum) and `&p[x]`."""
    match bare(value):
        case tree.Binary(op="+", left=left, right=right):
            base, added = (left, right) if isinstance(left.type, tree.Pointer | tree.Array) else (right, left)
            inner = base_and_offset(base) if isinstance(base, tree.Binary) else None
            if inner is None:
                return base, added
            more = tree.Binary(span=added.span, in_macro=True, type=added.type, op="+", left=inner[1], right=added)
            return inner[0], more
        case tree.Unary(op="&", operand=tree.Index(base=base, subscript=added)):
            return base, added
    return None


def _row_extent(made: tree.Call, matrix: Matrix, is_block: bool, loop: tree.For, known: Naming) -> Expr | None:
    """The expression in an allocation, of a row or of the block of all, that says how many elements a row has."""
    words, counted = room_for(made, matrix.element, known), counted_up(loop, known)
    if words is None or counted is None:
        return None
    width, rest = words.divided(counted[2] if is_block else ONE)
    if rest.terms or counted[0] in width.symbols:
        return None
    return part_of(made, width, known)


def elements_of(made: tree.Call, element: tree.CType, known: Naming = PLAIN) -> Expr | None:
    """The expression in an allocation that says for how many elements it has room."""
    words = room_for(made, element, known)
    return None if words is None else part_of(made, words, known)


def part_of(made: tree.Call, value: Polynomial, known: Naming) -> Expr | None:
    parts = [n for a in made.arguments for n in tree.walk(a) if isinstance(n, Expr)]
    return next((n for n in parts if isinstance(n.type, tree.Scalar) and polynomial(n, known) == value), None)


def _freed(
    matrix: Matrix,
    count: Polynomial,
    is_block: bool,
    starts: tuple[int, ...],
    around: Mapping[int, Node],
    main: tree.Function,
    known: Naming,
) -> list[tree.For] | None:
    """The loops that free each row; None if rows are freed otherwise (`free(a[0])` is right for one block)."""
    loops: list[tree.For] = []
    for call in matrix.freed_rows:
        first = row_number(call.arguments[0], known) == ZERO
        if is_block and not (first and isinstance(around[id(call)], tree.ExprStmt)):
            return None
        if not is_block:
            loop = _loop_over(call, call.arguments[0], count, starts, around, known, all_of_them=True)
            if loop is None or not is_free_after(loop, main):
                return None
            loops.append(loop)
    return loops


def is_free_after(loop: tree.For, main: tree.Function) -> bool:
    """Whether nothing uses the value that the loop's variable has in the end."""
    counted = counted_up(loop, PLAIN)
    if counted is None:
        return False
    symbol = counted[0]
    if isinstance(loop.init, tree.Declaration):
        return True
    starting = [s for s in tree.statements(main.body) if isinstance(s, tree.For) and _starts(s, symbol)]
    covered = {id(n) for s in starting for n in tree.walk(s)}
    return all(id(n) in covered for n in tree.walk(main.body) if isinstance(n, tree.Name) and n.symbol == symbol)


def _starts(loop: tree.For, symbol: Symbol) -> bool:
    match loop.init:
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=s))):
            return s == symbol
    return False


def statement_of(node: Node, around: Mapping[int, Node]) -> Stmt:
    while not isinstance(node, Stmt):
        node = around[id(node)]
    return node


def leaving_functions(program: tree.Program) -> frozenset[str]:
    """The functions that surely end the program, or do not come back."""
    found = set(_LEAVING)
    while True:
        more = {f.symbol.name for f in program.functions if _ends(f, found)} - found
        if not more:
            return frozenset(found)
        found |= more


def _ends(f: tree.Function, leaving: set[str]) -> bool:
    last = f.body.body[-1] if f.body.body else None
    calls = isinstance(last, tree.ExprStmt) and isinstance(last.expr, tree.Call) and last.expr.name in leaving
    return calls and not any(isinstance(s, tree.Return | tree.UnknownStmt) for s in tree.statements(f.body))


def only_leaves(check: tree.If, leaving: frozenset[str]) -> bool:
    """Whether a test does nothing where it fails, and ends the program where it holds."""
    last = check.then.body[-1] if isinstance(check.then, tree.Block) and check.then.body else check.then
    calls = isinstance(last, tree.ExprStmt) and isinstance(last.expr, tree.Call) and last.expr.name in leaving
    return check.otherwise is None and (calls or isinstance(last, tree.Return))
