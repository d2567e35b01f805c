"""Memory that a loop allocates in each of its iterations, like the work space of a function that is called there.

Such an array is one and the same all along, as far as anybody can tell, if it always has the same size: what it held
before is lost each time, so nobody may read that.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatmpi.analysis import tree
from chatmpi.analysis.touches import BareUse, ScalarTouch, Touches
from chatmpi.analysis.tree import Expr, Symbol


def made_anew(use: BareUse, call: tree.Call, touches: Touches) -> bool:
    """Whether the allocation `call`, in loops, has the same size each time."""
    written = _written(use.context.loops, touches)
    return all(_is_steady(a, written) for a in call.arguments)


def _written(loops: Iterable[int], touches: Touches) -> dict[Symbol, list[tree.Node | None]]:
    """The variables that these loops write, and by what."""
    inside = set(loops)
    found: dict[Symbol, list[tree.Node | None]] = {}
    for t in touches.items:
        around = inside & {*t.context.loops, t.context.statement.id}
        if isinstance(t, ScalarTouch) and t.write and around:
            found.setdefault(t.symbol, []).append(t.update)
    return found


def _is_steady(value: Expr, written: dict[Symbol, list[tree.Node | None]]) -> bool:
    """Whether an expression has one value in all iterations: it is made of what the loops leave alone, and of
    variables that are given such values only (parameters of a function that is called there)."""
    match value:
        case tree.Sizeof(operand=operand, extents=extents):
            kind = operand.type if operand is not None else value.of
            fixed = not isinstance(kind, tree.Array) or kind.extent is not None or bool(extents)
            return fixed and all(_is_steady(e, written) for e in extents)
        case tree.Call() | tree.Assign() | tree.Index() | tree.Member() | tree.UnknownExpr():
            return False
        case tree.Unary(op=op) if op not in {"-", "+", "!", "~"}:
            return False
        case tree.Name(symbol=symbol) if symbol in written:
            (*others, update) = written[symbol]
            start = update.init if isinstance(update, tree.VarDecl) else None
            return not others and start is not None and _is_steady(start, written)
    return all(_is_steady(part, written) for part in tree.children(value) if isinstance(part, Expr))
