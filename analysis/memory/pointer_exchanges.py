"""Rows of pointer assignments that permute pointers: `t = u; u = v; v = t;`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, comma_parts
from chatmpi.analysis.tree import Expr, Stmt, Symbol


@dataclass(frozen=True, slots=True)
class Swap:
    """A row of pointer assignments that permutes pointers: afterwards `target` holds what `source` held.

    `statements` are those of the row; `spare` the pointers used in between.
    """

    statements: tuple[int, ...]
    moves: tuple[tuple[Symbol, Symbol], ...]
    spare: frozenset[Symbol]


def pointer_exchanges(body: Stmt) -> Iterator[Swap]:
    """The exchanges in a statement: each is a longest row of copies in a block."""
    for s in tree.statements(body):
        if isinstance(s, tree.Block):
            run: list[Stmt] = []
            for part in (p for p in s.body if not isinstance(p, tree.Empty)):
                if pointer_copies(part):
                    run.append(part)
                    continue
                yield from _as_swap(run)
                run = []
            yield from _as_swap(run)


def pointer_copies(s: Stmt) -> list[tuple[Symbol, Symbol]]:
    """The copies `a = b` between pointers that a statement consists of, in order; [] if it does anything else."""
    match s:
        case tree.ExprStmt(expr=expr):
            copies = [_copy(e) for e in comma_parts(expr)]
        case tree.Declaration(variables=variables):
            copies = [_pair(v.symbol, v.init) for v in variables]
        case _:
            return []
    found = [c for c in copies if c is not None]
    return found if len(found) == len(copies) else []


def _copy(expr: Expr) -> tuple[Symbol, Symbol] | None:
    if isinstance(expr, tree.Assign) and expr.op == "=" and isinstance(expr.target, tree.Name):
        return _pair(expr.target.symbol, expr.value)
    return None


def _pair(target: Symbol, value: Expr | None) -> tuple[Symbol, Symbol] | None:
    source = bare(value) if value is not None else None
    if isinstance(source, tree.Name) and isinstance(target.type, tree.Pointer):
        return (target, source.symbol) if isinstance(source.type, tree.Pointer | tree.Array) else None
    return None


def _as_swap(run: Sequence[Stmt]) -> Iterator[Swap]:
    holds: dict[Symbol, Symbol] = {}
    for s in run:
        for target, source in pointer_copies(s):
            holds[target] = holds.get(source, source)
    originals = set(holds.values())
    moved = {t: s for t, s in holds.items() if t in originals}
    if holds and set(moved) == set(moved.values()) == originals:
        spare = frozenset(holds) - frozenset(moved)
        yield Swap(tuple(s.id for s in run), tuple(moved.items()), spare)
