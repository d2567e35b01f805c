"""Arrays whose first dimension counts a few levels or components, with their rows outermost.

    double u[3][N][M];                             double u[N][3][M];
    … u[c][i][j] …                   becomes       … u[i][c][j] …

Rows that are dealt out then have all their levels beside them: each rank holds its own, and ghost rows come from its
neighbours. The rows are counted by the first dimension that is not a small number. Only for arrays that are reached by
all their subscripts, in the text, wherever they are named. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.restyle.parameter_lists import parameter_lists
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import is_zero
from chatmpi.analysis.tree import Function, Program, Symbol, VarDecl

_FEW = 32  # more are rows rather than levels or components


def levels_inside(program: Program) -> list[Edit]:
    """The edits for all arrays of a program that can be so."""
    found = _Arrays(program)
    return [] if not found.turned else found.edits()


@dataclass
class _Arrays:
    """The arrays and parameters that are turned, each with the number of dimensions before its rows."""

    program: Program
    around: Parents = field(init=False)
    turned: dict[Symbol, int] = field(init=False)

    def __post_init__(self) -> None:
        self.around = parents((*self.program.globals, *self.program.functions))
        declared: dict[Symbol, list[VarDecl]] = {}
        for v in self._declared():
            declared.setdefault(v.symbol, []).append(v)
        self.turned = {s: k for s, many in declared.items() if (k := _few_of(many)) is not None}
        roots = (*self.program.globals, *self.program.functions)
        named = [n for root in roots for n in tree.walk(root) if isinstance(n, tree.Name)]
        uses: dict[Symbol, list[tree.Name]] = {}
        for n in named:
            uses.setdefault(n.symbol, []).append(n)
        while dropped := [s for s in self.turned if not self._may_be(s, uses)]:
            for s in dropped:
                del self.turned[s]

    def edits(self) -> list[Edit]:
        edits = [e for v in self._declared() if v.symbol in self.turned for e in self._declared_anew(v)]
        edits += [e for f in self.program.functions for e in self._declared_before(f)]
        for f in self.program.functions:
            for n in tree.walk(f):
                if isinstance(n, tree.Name) and n.symbol in self.turned and (chain := self._subscripts(n)):
                    edits += self._reached_anew(chain, self.turned[n.symbol])
        return edits

    def _declared(self) -> Iterator[VarDecl]:
        yield from self.program.globals
        for f in self.program.functions:
            yield from (n for n in tree.walk(f) if isinstance(n, tree.VarDecl))

    # ------------------------------------------------------------------------------------------- what may be turned

    def _may_be(self, symbol: Symbol, uses: Mapping[Symbol, list[tree.Name]]) -> bool:
        calls = [n for f in self.program.functions for n in tree.walk(f) if isinstance(n, tree.Call)]
        if symbol.storage == "parameter":
            f = next(f for f in self.program.functions if any(p.symbol == symbol for p in f.parameters))
            place = next(k for k, p in enumerate(f.parameters) if p.symbol == symbol)
            callees = {id(c.callee) for c in calls if c.name == f.symbol.name}
            others = uses.get(f.symbol, [])
            given = [c.arguments[place] for c in calls if c.name == f.symbol.name and place < len(c.arguments)]
            if any(id(n) not in callees for n in others) or not given:
                return False
            if any(not isinstance(e, tree.Name) or not self._go_together(e.symbol, symbol) for e in given):
                return False
        return all(self._is_followed(n) for n in uses.get(symbol, []))

    def _go_together(self, one: Symbol, other: Symbol) -> bool:
        return one in self.turned and self.turned[one] == self.turned.get(other)

    def _is_followed(self, n: tree.Name) -> bool:
        """Whether a use is an element with all subscripts, the whole array's size, or an argument that is turned."""
        above = self.around[id(n)]
        if isinstance(above, tree.Sizeof):
            return n.symbol.storage != "parameter"
        if isinstance(above, tree.Call) and above.callee is not n:
            f = self.program.function(above.name) if above.name is not None else None
            place = next(k for k, a in enumerate(above.arguments) if a is n)
            if f is None:
                return self._is_whole(above)
            return place < len(f.parameters) and self._go_together(f.parameters[place].symbol, n.symbol)
        chain = self._subscripts(n)
        if not chain or not isinstance(chain[-1].type, tree.Scalar) or _is_address(self.around[id(chain[-1])]):
            return False
        inside = [m for x in chain for m in tree.walk(x.subscript)]
        nested = any(isinstance(m, tree.Name) and m.symbol in self.turned for m in inside)
        return not nested and not any(x.in_macro or x.subscript.in_macro for x in chain)

    def _is_whole(self, call: tree.Call) -> bool:
        """Whether a call sets all bytes of an array, or copies one like it."""
        match call:
            case tree.Call(
                name="memset", arguments=(tree.Name(symbol=one), _, tree.Sizeof(operand=tree.Name(symbol=size)))
            ):
                return one == size and isinstance(one.type, tree.Array)
            case tree.Call(
                name="memcpy" | "memmove",
                arguments=(
                    tree.Name(symbol=one),
                    tree.Name(symbol=other),
                    tree.Sizeof(operand=tree.Name(symbol=size)),
                ),
            ):
                alike = self._go_together(one, other) and one.type == other.type
                return alike and size in {one, other} and isinstance(one.type, tree.Array) and _is_sized(one.type)
        return False

    def _subscripts(self, n: tree.Name) -> list[tree.Index]:
        """The elements, rows and planes of an array that a use of its name leads to, outermost dimension first."""
        chain: list[tree.Index] = []
        below: tree.Node = n
        while isinstance(above := self.around[id(below)], tree.Index) and above.base is below:
            chain.append(above)
            below = above
        return chain

    # ----------------------------------------------------------------------------------------------------- the text

    def _declared_anew(self, v: VarDecl) -> Iterator[Edit]:
        levels, source = self.turned[v.symbol], self.program.source
        shown = [source.shown_at(b) for b in v.brackets]
        for k, text in enumerate(shown):
            if k < levels and not text[1:-1].strip():  # the first one of a parameter's
                shown[k] = f"[{self._number_of(v.symbol)}]"
        yield from _moved(v.brackets, shown, levels)

    def _number_of(self, parameter: Symbol) -> int:
        """How many levels an array has that a parameter stands for."""
        f = next(f for f in self.program.functions if any(p.symbol == parameter for p in f.parameters))
        place = next(k for k, p in enumerate(f.parameters) if p.symbol == parameter)
        calls = (n for g in self.program.functions for n in tree.walk(g) if isinstance(n, tree.Call))
        given = next(c.arguments[place] for c in calls if c.name == f.symbol.name)
        assert isinstance(given, tree.Name)
        declared = next(v for v in self._declared() if v.symbol == given.symbol)
        first = _sizes(declared)[0]
        return self._number_of(given.symbol) if first is None or declared.extents[0] is None else first

    def _declared_before(self, f: Function) -> Iterator[Edit]:
        """The edits of a function's prototypes."""
        places = [k for k, p in enumerate(f.parameters) if p.symbol in self.turned]
        masked = mask(self.program.source.text)
        for parts in parameter_lists(f, self.program, masked) or () if places else ():
            if f.span.begin <= parts[0].begin < f.span.end:
                continue
            for k in places:
                part, v = parts[k], f.parameters[k]
                found = [Span(m.start(), m.end()) for m in _BRACKETS.finditer(masked, part.begin, part.end)]
                shown = [self.program.source.shown_at(b) for b in found]
                if len(found) == len(v.brackets):
                    if not shown[0][1:-1].strip():
                        shown[0] = f"[{self._number_of(v.symbol)}]"
                    yield from _moved(found, shown, self.turned[v.symbol])

    def _reached_anew(self, chain: list[tree.Index], levels: int) -> Iterator[Edit]:
        source = self.program.source
        places = [x.subscript.span for x in chain[: levels + 1]]
        yield from _moved(places, [source.shown_at(s) for s in places], levels)


_BRACKETS = re.compile(r"\[[^\[\]]*\]")


def _moved(places: tuple[Span, ...] | list[Span], shown: list[str], levels: int) -> Iterator[Edit]:
    """The text of the rows first, then that of the levels."""
    turned = [shown[levels], *shown[:levels]]
    return (Edit(place, text) for place, text in zip(places, turned, strict=False))


def _few_of(declarations: list[VarDecl]) -> int | None:
    """How many dimensions of a few levels come before the rows of an array; None if it has no such, or is not plain."""
    counts = {_levels_of(v) for v in declarations}
    return counts.pop() if len(counts) == 1 else None


def _levels_of(v: VarDecl) -> int | None:
    plain = not v.in_macro and v.rows is None and all(b.end > b.begin for b in v.brackets) and not v.symbol.const
    sizes = _sizes(v)
    if not plain or (v.init is not None and not is_zero(v.init)) or len(sizes) != len(v.brackets):
        return None
    levels = next((k for k, size in enumerate(sizes) if size is None or size > _FEW), None)
    return levels or None


def _sizes(v: VarDecl) -> list[int | None]:
    """The extents of an array, None where it is no number; that of a parameter that leaves its first open is few."""
    kind = v.symbol.type
    if v.symbol.storage == "parameter" and isinstance(kind, tree.Pointer) and v.extents:
        kind = tree.Array(kind.target, 1 if v.extents[0] is None else None)
    sizes: list[int | None] = []
    while isinstance(kind, tree.Array):
        said = v.extents[len(sizes)] if len(sizes) < len(v.extents) else None
        sizes.append(said.value if kind.extent is None and isinstance(said, tree.IntLiteral) else kind.extent)
        kind = kind.element
    return sizes if isinstance(kind, tree.Scalar) else []


def _is_address(node: tree.Node) -> bool:
    return isinstance(node, tree.Unary) and node.op == "&"


def _is_sized(kind: tree.CType) -> bool:
    """Whether the compiler knows all extents of an array."""
    while isinstance(kind, tree.Array):
        if kind.extent is None:
            return False
        kind = kind.element
    return True
