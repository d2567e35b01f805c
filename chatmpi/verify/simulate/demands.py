"""What a program asks of its sizes before it runs: multiples (`rows % 16 != 0`), one number (`dims != 3`), powers of
two, or no more than an array of its own has room for (`double d[3]`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.made_of import Holder, MadeOf

_MOST = 64  # what is asked for beyond this is not small
_MOST_ROOM = 16
_FEW = 4


@dataclass(frozen=True)
class Demands:
    """By the name of a size: the number that it is to be a multiple of, and the one that it is compared with; `rooms`:
    the least extents that arrays are written with."""

    multiples: tuple[tuple[str, int], ...] = ()
    exact: tuple[tuple[str, int], ...] = ()
    rooms: tuple[int, ...] = ()

    def values(self, names: tuple[str, ...], size: int) -> Iterator[dict[str, int]]:
        """Values about `size` for names that are asked for something, the likeliest first."""
        around = {name: size + k for k, name in enumerate(names)}
        multiples = {n: _multiple(around[n], k) for n, k in self.multiples if n in around}
        exact = {n: v for n, v in self.exact if n in around}
        if multiples or exact:
            yield around | multiples
            yield around | multiples | exact
        for name in names:
            yield from (around | multiples | exact | {name: room} for room in self.rooms)
        yield {name: 1 << (value - 1).bit_length() for name, value in around.items()} | exact


NONE = Demands()


def _multiple(value: int, of: int) -> int:
    """One of the next two: sizes side by side are seldom the same so."""
    return (-(-value // of) + value % 2) * of


def demands(program: Program, made_of: MadeOf, sizes: Mapping[Holder, str]) -> Demands:
    """What the conditions of a program ask of these sizes."""
    multiples: dict[str, int] = {}
    exact: dict[str, int] = {}
    for compared in _conditions(program):
        match compared:
            case tree.Binary(op="%", left=left, right=tree.IntLiteral(value=value)) if 1 < value <= _MOST:
                multiples |= {sizes[h]: value for h in made_of.reached(made_of.named_by(left)) if h in sizes}
            case tree.Binary(op="==" | "!=", left=left, right=tree.IntLiteral(value=value)) if 1 < value <= _MOST:
                exact |= {sizes[h]: value for h in made_of.named_by(left) if h in sizes}
    return Demands(tuple(multiples.items()), tuple(exact.items()), tuple(sorted(_rooms(program))[:_FEW]))


def _conditions(program: Program) -> Iterator[tree.Node]:
    for function in program.functions:
        for n in tree.walk(function.body):
            if isinstance(n, tree.If | tree.Conditional):
                yield from tree.walk(n.condition)


def _rooms(program: Program) -> set[int]:
    declared = [n for top in (*program.globals, *program.functions) for n in tree.walk(top)]
    kinds = [n.symbol.type for n in declared if isinstance(n, tree.VarDecl) and n.init is None]
    kinds += [v.symbol.type for record in program.records.values() for v in record.fields]
    return {extent for kind in kinds for extent in _extents(kind) if 1 < extent <= _MOST_ROOM}


def _extents(kind: tree.CType) -> Iterator[int]:
    while isinstance(kind, tree.Array):
        if kind.extent is not None:
            yield kind.extent
        kind = kind.element
