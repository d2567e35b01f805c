"""Numbers of elements that are measured, as they are declared: an array that is divided has other sizes.

for (i = 0; i < sizeof a / sizeof a[0]; i++)        for (i = 0; i < N; i++)        (of double a[N])
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.loops import index_step, starting
from chatmpi.analysis.numbers.values import is_natural
from chatmpi.analysis.restyle.respelling import as_compared
from chatmpi.analysis.source import Edit, Source
from chatmpi.analysis.tree import Expr, Node, Program, Symbol


def element_counts(program: Program) -> list[Edit]:
    """The edits for all quotients of an array's size and that of its elements."""
    roots: tuple[Node, ...] = (*program.globals, *program.functions)
    declared = {n.symbol: n for root in roots for n in tree.walk(root) if isinstance(n, tree.VarDecl)}
    inside = [e for f in program.functions for e in _inside(f.body, False, declared, program.source)]
    return [*_constants(program), *inside]


def _constants(program: Program) -> Iterator[Edit]:
    """Enumerators that count what initialisers list: `enum { COUNT = sizeof list / sizeof list[0] }`."""
    arrays = {v.symbol.name: v for v in program.globals if isinstance(v.symbol.type, tree.Array)}
    for c in program.constants:
        shown = program.source.shown_at(c.value)
        measured = {name for name in re.findall(r"\w+", shown) if name in arrays} if "sizeof" in shown else set()
        if measured and all(arrays[name].extents[:1] == (None,) for name in measured):
            yield Edit(c.value, str(c.number))


def _inside(node: Node, counts: bool, declared: dict[Symbol, tree.VarDecl], source: Source) -> Iterator[Edit]:
    """The edits below a node; `counts`: it is what a counter that is never negative is compared with."""
    if isinstance(node, tree.Binary) and (array := measured(node)) is not None and not node.in_macro:
        shown = _declared_count(declared.get(array), array, source)
        if shown is not None:
            yield Edit(node.span, shown if counts else f"(size_t){shown if shown.isalnum() else f'({shown})'}")
            return
    bound = _bound(node) if isinstance(node, tree.For) else None
    for part in tree.children(node):
        inner = tree.children(part) if bound is not None and part is getattr(node, "condition", None) else ()
        if any(p is bound for p in inner):
            yield from (e for p in inner for e in _inside(p, p is bound, declared, source))
        else:
            yield from _inside(part, False, declared, source)


def measured(expr: Expr) -> Symbol | None:
    """The array of which `sizeof a / sizeof a[0]`, or `sizeof *a`, is the number of elements."""
    match expr:
        case tree.Binary(op="/", left=tree.Sizeof(operand=tree.Name(symbol=symbol)), right=tree.Sizeof() as part):
            kind = part.of if part.of is not None else part.operand.type if part.operand is not None else None
            if isinstance(symbol.type, tree.Array) and symbol.type.element == kind and symbol.type.extent is not None:
                return symbol
    return None


def _declared_count(v: tree.VarDecl | None, array: Symbol, source: Source) -> str | None:
    """The number of elements as its declaration says it; a plain number where it says none."""
    assert isinstance(array.type, tree.Array)
    extent = v.extents[0] if v is not None and v.extents else None
    if v is None or array.storage == "parameter":
        return None
    if extent is None or extent.in_macro or v.in_macro:
        return str(array.type.extent)
    return as_compared(extent, source.shown_at(extent.span))


def _bound(loop: tree.For) -> Expr | None:
    """What the counter of a loop that counts up from no negative number is compared with."""
    begin, step = starting(loop.init), index_step(loop.step)
    match loop.condition:
        case tree.Binary(op="<" | "<=", left=tree.Name(symbol=symbol), right=bound):
            upwards = step is not None and step[0] == symbol and step[1] > 0
            return bound if upwards and begin is not None and begin[0] == symbol and is_natural(begin[1]) else None
    return None
