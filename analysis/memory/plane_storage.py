"""How the planes of a grid of pointers (`double ***`) and their rows are made and freed: each by itself, or all in one
piece. What is asked of rows (row_storage.py) is asked of planes, and of the rows in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare
from chatmpi.analysis.memory.row_storage import (
    base_and_offset,
    counted_up,
    is_free_after,
    is_outermost,
    is_spent,
    memory_of,
    only_leaves,
    part_of,
    pointer_of,
    room_for,
    statement_of,
)
from chatmpi.analysis.numbers.polynomial import ZERO, Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import Naming, polynomial
from chatmpi.analysis.tree import Expr, Node, RowStorage, Stmt, Symbol, VarDecl


@dataclass
class Grid:
    """A pointer to pointers to pointers, and what the program does with it beside using elements."""

    declaration: VarDecl
    makings: list[Expr] = field(default_factory=list)  # the values in `a = malloc(…)`, with their casts
    planes: list[tree.Assign] = field(default_factory=list)  # `a[i] = …`
    rows: list[tree.Assign] = field(default_factory=list)  # `a[i][j] = …`
    freed: list[tree.Call] = field(default_factory=list)  # `free(a[i])`, `free(a[i][j])`
    tests: list[Node] = field(default_factory=list)  # `a[i] == NULL`

    @property
    def symbol(self) -> Symbol:
        return self.declaration.symbol

    @property
    def row(self) -> tree.Pointer:
        """The type of `a[i][j]`."""
        kind = self.symbol.type
        assert isinstance(kind, tree.Pointer)
        assert isinstance(kind.target, tree.Pointer)
        assert isinstance(kind.target.target, tree.Pointer)
        return kind.target.target


@dataclass(frozen=True)
class Planes:
    """A grid whose planes are understood: `extents` of one; `loops` make or free them; `block` has
    the elements of all in one piece, `table` the pointers to all rows; `gone`: the ids of all statements that make or
    free planes and rows; `named`: pointers that hold these blocks."""

    grid: Grid
    extents: tuple[Expr, Expr]
    loops: tuple[tree.For, ...]
    block: tree.Call | None
    table: tree.Call | None
    zeroed: bool
    gone: frozenset[int]
    named: frozenset[Symbol]

    def storage(self, gone: Set[int]) -> RowStorage:
        spent = tuple(loop for loop in self.loops if is_spent(loop, gone))
        mixed = next((loop for loop in self.loops if loop not in spent), None)
        makers = tuple(_makers(mixed, gone)) if mixed is not None else ()
        return RowStorage(spent, self.block, bool(self.named), mixed, makers, depth=2, table=self.table)

    def may_be_mixed(self, loop: tree.For) -> bool:
        """Whether a loop makes all of each plane that it makes: it may do other things too, which are told apart."""
        inside = set(map(id, tree.walk(loop)))
        whole = id(self.grid.planes[-1]) in inside and id(self.grid.rows[-1]) in inside
        return whole and self.block is None and self.table is None


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of pointers is made: the call that gives memory, to each or, as a `block`, to all; for how many
    elements of it one pointer has room (as an expression in the call, and its value); the name of the block."""

    made: tree.Call
    width: Expr
    words: Polynomial
    block: bool
    named: Symbol | None


def settled_planes(
    grids: list[Grid], main: tree.Function, around: Mapping[int, Node], known: Naming, leaving: frozenset[str]
) -> dict[Symbol, Planes]:
    """The grids whose planes get and lose their memory in loops that do nothing else, or can be told apart from it;
    `known`: sizes by other names; `leaving`: functions that end the program."""
    made = {g.symbol: how for g in grids if (how := _how(g, main, around, known, leaving)) is not None}
    while True:
        gone = with_spent_loops(made.values())
        broken = [
            s
            for s, how in made.items()
            if not all(is_spent(loop, gone) or how.may_be_mixed(loop) for loop in how.loops)
        ]
        if not broken:
            return made
        for s in broken:
            del made[s]


def _makers(loop: tree.For, gone: Set[int]) -> Iterator[Stmt]:
    """What makes planes in a loop that does other things too: the outermost statements that do nothing else."""
    for s in loop.body.body if isinstance(loop.body, tree.Block) else (loop.body,):
        if s.id in gone:
            yield s
        elif isinstance(s, tree.For):
            yield from _makers(s, gone)


def with_spent_loops(made: Iterable[Planes]) -> set[int]:
    """The statements that make and free planes, with the loops over rows that do nothing else."""
    known = list(made)
    gone = {i for how in known for i in how.gone}
    inner = [s for how in known for loop in how.loops for s in tree.statements(loop.body) if isinstance(s, tree.For)]
    return gone | {s.id for s in inner if is_spent(s, gone)}


def _how(
    grid: Grid, main: tree.Function, around: Mapping[int, Node], known: Naming, leaving: frozenset[str]
) -> Planes | None:
    pointers = allocation(grid.makings[0]) if len(grid.makings) == 1 else None
    count = room_for(pointers, tree.Pointer(grid.row), known) if pointers is not None else None
    if count is None or not grid.planes or not grid.rows:
        return None
    reader = _Reader(grid, count, main, around, known)
    planes = reader.planes()
    rows = reader.rows(planes.words) if planes is not None else None
    if planes is None or rows is None or not reader.frees(planes, rows):
        return None
    checks = [statement_of(t, around) for t in grid.tests]
    inside = {s.id for loop in reader.loops for s in tree.statements(loop.body)}
    if not all(isinstance(c, tree.If) and only_leaves(c, leaving) and c.id in inside for c in checks):
        return None
    counters = [n for loop in reader.loops for n in tree.walk(loop) if isinstance(n, tree.For)]
    if not all(is_free_after(loop, main) for loop in counters):
        return None
    return Planes(
        grid,
        (planes.width, rows.width),
        tuple(reader.loops),
        rows.made if rows.block else None,
        planes.made if planes.block else None,
        rows.made.name == "calloc",
        frozenset(
            {statement_of(n, around).id for n in (*grid.planes, *grid.rows, *grid.freed)} | {c.id for c in checks}
        ),
        frozenset(level.named for level in (planes, rows) if level.named is not None),
    )


@dataclass
class _Reader:
    """Reads what is done to a grid of `count` planes; `loops`: those in which it is done."""

    grid: Grid
    count: Polynomial
    main: tree.Function
    around: Mapping[int, Node]
    known: Naming
    loops: list[tree.For] = field(default_factory=list)

    def planes(self) -> _Level | None:
        """`a[i] = malloc(…)` for each i; or `a[i] = table + i*m`, the table perhaps in `a[0]`."""
        *before, each = self.grid.planes
        nest = self._nest(each, 1, (0, 1) if before else (0,))
        if nest is None or len(before) > 1:
            return None
        return self._level(each, self.grid.planes, self.grid.row, nest, nest[0], self.count)

    def rows(self, words: Polynomial) -> _Level | None:
        """The same of the rows `a[i][j]`, `words` in a plane."""
        *before, each = self.grid.rows
        nest = self._nest(each, 2, (0,), words)
        if nest is None or len(before) > 1:
            return None
        place = nest[0] * words + nest[1]
        return self._level(each, self.grid.rows, self.grid.row.target, nest, place, self.count * words)

    def _level(
        self,
        each: tree.Assign,
        all_of_them: list[tree.Assign],
        of: tree.CType,
        counters: list[Polynomial],
        place: Polynomial,
        pieces: Polynomial,
    ) -> _Level | None:
        before, depth = all_of_them[:-1], len(counters)
        made = allocation(each.value)
        if made is not None:
            return None if before else self._measured(made, room_for(made, of, self.known), counters, None, False)
        found = base_and_offset(each.value)
        if found is None:
            return None
        base, offset = found
        named = pointer_of(base)
        if before:
            first = before[0]
            if named is not None or not self._is_first(first.target, depth) or not self._is_first(base, depth):
                return None
            if not is_outermost(statement_of(first, self.around), self.around):
                return None
            made, named = allocation(first.value), pointer_of(first.value)
        if named is not None:
            made = memory_of(named, all_of_them, self.main, self.around)
        whole = room_for(made, of, self.known) if made is not None else None
        if made is None or whole is None or made.span.begin > self.loops[-1].span.begin:
            return None
        width, rest = whole.divided(pieces)
        if rest.terms or polynomial(offset, self.known) != place * width:
            return None
        return self._measured(made, width, counters, named, True)

    def _measured(
        self, made: tree.Call, words: Polynomial | None, counters: list[Polynomial], named: Symbol | None, block: bool
    ) -> _Level | None:
        if words is None or any(words.symbols & c.symbols for c in counters):
            return None
        width = part_of(made, words, self.known)
        return None if width is None else _Level(made, width, words, block, named)

    def _is_first(self, target: Expr, depth: int) -> bool:
        """Whether it is `a[0]`, or `a[0][0]`."""
        subscripts = self._subscripts(target)
        return len(subscripts) == depth and all(s == ZERO for s in subscripts)

    def _subscripts(self, target: Expr) -> list[Polynomial | None]:
        found: list[Polynomial | None] = []
        node = bare(target)
        while isinstance(node, tree.Index):
            found.insert(0, polynomial(node.subscript, self.known))
            node = bare(node.base)
        return found if isinstance(node, tree.Name) and node.symbol == self.grid.symbol else []

    def _nest(
        self, done: tree.Assign | tree.Call, depth: int, starts: tuple[int, ...], words: Polynomial | None = None
    ) -> list[Polynomial] | None:
        """The counters of the loops around what is done to `a[i]` or `a[i][j]`: over all planes from one of `starts`
        on, and over all rows of one; the outermost is noted."""
        target = done.target if isinstance(done, tree.Assign) else done.arguments[0]
        loops: list[tree.For] = []
        node: Node = statement_of(done, self.around)
        while len(loops) < depth:
            node = self.around[id(node)]
            if isinstance(node, tree.For):
                loops.insert(0, node)
            elif not isinstance(node, tree.Block):
                return None
        counted = [counted_up(loop, self.known) for loop in loops]
        limits = [self.count, words]
        counters: list[Polynomial] = []
        for k, found in enumerate(counted):
            if found is None or found[1] not in (starts if k == 0 else (0,)) or found[2] != limits[k]:
                return None
            counters.append(of_atom(variable(found[0])))
        if self._subscripts(target) != counters or not is_outermost(loops[0], self.around):
            return None
        if loops[0] not in self.loops:
            self.loops.append(loops[0])
        return counters

    def frees(self, planes: _Level, rows: _Level) -> bool:
        """Whether pieces are freed one by one in loops over all of them, and blocks by their first pointer."""
        for call in self.grid.freed:
            depth = len(self._subscripts(call.arguments[0]))
            level = planes if depth == 1 else rows
            if level.block:
                first = self._is_first(call.arguments[0], depth)
                if not first or not is_outermost(statement_of(call, self.around), self.around):
                    return False
            elif self._nest(call, depth, (0,), planes.words) is None:
                return False
        return True
