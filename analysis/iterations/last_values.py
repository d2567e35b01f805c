"""Variables that iterations only set, and of which the last value is used after the loop: `if (a[i] > 0) last = i;`.

The last iteration that sets them decides. Where iterations run apart, it has to be known whether any of them did:
something is noted where they are set, just as often.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.loops import CanonicalLoop
from chatmpi.analysis.touches import ScalarTouch
from chatmpi.analysis.tree import Stmt, Symbol


@dataclass(frozen=True, slots=True)
class LastValue:
    """`symbols` are set together; `marks`: the statements that set them, or the first of each group that does."""

    symbols: tuple[Symbol, ...]
    marks: tuple[Stmt, ...]

    @property
    def names(self) -> str:
        return ", ".join(s.name for s in self.symbols)


def last_values(body: Stmt, wanted: Mapping[Symbol, Sequence[ScalarTouch]]) -> Iterator[LastValue]:
    """The groups of these variables (with their writes in a loop's body), but for those that cannot be followed."""
    loops = [s for s in tree.statements(body) if isinstance(s, tree.For) and s.init is not None]
    headers = {s.init.id: s for s in loops if s.init is not None}
    groups: dict[object, list[tuple[Symbol, Stmt]]] = {}
    for symbol, writes in wanted.items():
        found = [_mark(t, headers) for t in writes]
        marks = {m.id: m for m in found if m is not None and not m.in_macro}
        if any(m is None or m.in_macro for m in found):
            continue
        if len(writes) == 1:
            groups.setdefault(_place(writes[0]), []).append((symbol, next(iter(marks.values()))))
        else:
            yield LastValue((symbol,), tuple(marks.values()))
    for together in groups.values():
        first = min((m for _, m in together), key=lambda m: m.span.begin)
        yield LastValue(tuple(s for s, _ in together), (first,))


def _mark(t: ScalarTouch, headers: Mapping[int, tree.For]) -> Stmt | None:
    """The statement with a write, if the write is made whenever that is run; the loop, of a write in its header."""
    s, update = t.context.statement, t.update
    plain = isinstance(update, tree.Assign) and update.op == "=" and not t.context.sometimes and not t.context.opaque
    if s.id in headers or isinstance(s, tree.For):
        return headers.get(s.id, s)
    return s if isinstance(s, tree.ExprStmt) and plain else None


def _place(t: ScalarTouch) -> object:
    guards = tuple((id(g.condition), g.holds) for g in t.context.guards)
    return t.context.loops, guards


def has_end(loop: CanonicalLoop) -> bool:
    """Whether it can be said what a loop's own variable is after the loop."""
    return abs(loop.step) == 1 and loop.start_poly is not None and loop.bound_poly is not None
