"""Arrays of levels of time, `u[3][N][M]`: what is common to the ways in which a level is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.respelling import Fresh, pointer_to
from chatmpi.analysis.source import Edit
from chatmpi.analysis.touches import is_zero
from chatmpi.analysis.tree import Program, Symbol, VarDecl


@dataclass(frozen=True)
class Levels:
    """An array of levels that main alone uses, and the subscripts that tell a level, with the whole `u[level]`.

    `freed`: where each level is given back by its number, once and at the end.
    """

    program: Program
    main: tree.Function
    array: VarDecl
    number: int
    uses: tuple[tree.Index, ...]
    freed: tuple[tree.Index, ...] = ()

    @property
    def are_pointers(self) -> bool:
        """Whether the levels are kept in memory of their own: `double *u[2]`."""
        type = self.array.symbol.type
        return isinstance(type, tree.Array) and isinstance(type.element, tree.Pointer)

    @property
    def sizes(self) -> str:
        return "".join(self.program.source.shown_at(b) for b in self.array.brackets[1:])

    def set_anew(self) -> list[tree.Index]:
        """Where a level that is a pointer is set itself, or may be."""
        found = []
        for n in tree.walk(self.main.body):
            match n:
                case (
                    tree.Assign(target=tree.Index() as place)
                    | tree.Unary(op="&" | "x++" | "++x" | "x--" | "--x", operand=tree.Index() as place)
                ) if any(place is u for u in self.uses):
                    found.append(place)
        return found

    def pointer(self, name: str) -> str:
        """The declarator of a pointer to a level, with its type."""
        inner = "".join(self.program.source.shown_at(b) for b in self.array.brackets[2:])
        return pointer_to(self.element, name, inner)

    @property
    def element(self) -> str:
        type = tree.array_core(self.array.symbol.type)
        if isinstance(type, tree.Pointer):
            type = type.target
        assert isinstance(type, tree.Scalar)
        return type.name

    def apart(self, names: list[str]) -> Edit:
        """The levels declared one by one; pointers by the names that they then have."""
        if self.are_pointers:
            return Edit(self.array.span, ", ".join(f"*{n}" for n in names))
        zeros = "" if self.array.init is None else " = {0}"
        return Edit(self.array.span, ", ".join(f"{n}{self.sizes}{zeros}" for n in names))


def level_arrays(program: Program, main: tree.Function) -> Iterator[VarDecl]:
    found = [*program.globals, *(v for s in main.body.body if isinstance(s, tree.Declaration) for v in s.variables)]
    for v in found:
        type = v.symbol.type
        zero = v.init is None or is_zero(v.init)
        plain = not v.in_macro and zero and all(b.end > b.begin for b in v.brackets)
        if plain and isinstance(type, tree.Array) and type.extent in (2, 3, 4):
            inner = type.element
            apart = isinstance(inner, tree.Pointer) and isinstance(inner.target, tree.Scalar) and v.init is None
            if (isinstance(inner, tree.Array) and len(v.brackets) > 1) or (apart and v.symbol.storage == "local"):
                yield v


def levels_of(array: VarDecl, program: Program, main: tree.Function) -> Levels | None:
    type = array.symbol.type
    assert isinstance(type, tree.Array)
    named = [
        n for f in program.functions for n in tree.walk(f) if isinstance(n, tree.Name) and n.symbol == array.symbol
    ]
    uses = {id(n.base): n for n in tree.walk(main.body) if isinstance(n, tree.Index) and isinstance(n.base, tree.Name)}
    found = [uses.get(id(n)) for n in named]
    if not found or type.extent is None or any(u is None or u.in_macro or u.subscript.in_macro for u in found):
        return None
    if sum(v.symbol == array.symbol for v in program.globals) > 1 or array.symbol.const:
        return None
    known = [u for u in found if u is not None]
    freed = _freed(array.symbol, known, main)
    if len({u.subscript.value for u in freed if isinstance(u.subscript, tree.IntLiteral)}) < type.extent:
        freed = ()
    measured = (n for f in program.functions for n in tree.walk(f) if isinstance(n, tree.Sizeof))
    if any(isinstance(x, tree.Name) and x.symbol == array.symbol for n in measured for x in tree.walk(n)):
        return None
    kept = tuple(u for u in known if u not in freed)
    levels = Levels(program, main, array, type.extent, kept, freed)
    set_anew = levels.set_anew() if levels.are_pointers else []
    return None if any(not isinstance(u.subscript, tree.IntLiteral) for u in set_anew) else levels


def _freed(array: Symbol, uses: list[tree.Index], main: tree.Function) -> tuple[tree.Index, ...]:
    """`free(u[0]); free(u[1]);` in main, behind all other uses."""
    found = []
    for s in main.body.body:
        match s:
            case tree.ExprStmt(
                expr=tree.Call(
                    arguments=(tree.Index(base=tree.Name(symbol=symbol), subscript=tree.IntLiteral()) as level,)
                ) as call
            ) if symbol == array and call.name == "free":
                found.append(level)
    last = max((u.span.end for u in uses if u not in found), default=0)
    return tuple(u for u in found if u.span.begin > last)


def is_before(u: tree.Index, changing: list[tree.ExprStmt], main: tree.Function) -> bool:
    """Whether a use stands before the first statement of main in which a level changes."""
    first = min(n.span.begin for n in changing)
    around = next((s for s in main.body.body if s.span.begin <= first < s.span.end), None)
    return around is not None and u.span.end <= around.span.begin


def homes_of(fresh: Fresh, name: str) -> list[str]:
    return [fresh.take(f"{name}_0"), fresh.take(f"{name}_1")]


def freed_by_names(levels: Levels, names: list[str]) -> list[Edit]:
    """All levels are given back; two that were exchanged are so in whatever order."""
    return [Edit(u.span, names[u.subscript.value]) for u in levels.freed if isinstance(u.subscript, tree.IntLiteral)]


def exchange(levels: Levels, here: str, other: str, swap: str) -> str:
    return f"{levels.pointer(swap)} = {here}; {here} = {other}; {other} = {swap};"
