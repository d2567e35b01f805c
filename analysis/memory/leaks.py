"""Names whose address is taken outside the function that is analysed, so that others may reach their memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.touches import BareUse, ScalarTouch, Touches, is_memory
from chatmpi.analysis.tree import Symbol


def leaks(program: tree.Program, function: str, touched: Mapping[str, Touches]) -> dict[Symbol, str]:
    """Arrays, pointers and scalars of file scope that other functions or initialisers take the address of."""
    found: dict[Symbol, str] = {}
    for v in program.globals:
        for symbol in _addresses(v.init) if v.init is not None else ():
            found[symbol] = f"the initialiser of '{v.symbol}' takes its address"
    for name, touches in touched.items():
        if name == function:
            continue
        for t in touches.items:
            passes = isinstance(t, BareUse) and t.role not in {"test", "sizeof"}
            points = isinstance(t, ScalarTouch) and t.write and t.update is None
            if (passes or points) and isinstance(t, BareUse | ScalarTouch) and t.symbol.storage == "global":
                found[t.symbol] = f"function '{name}' uses its address"
    return found


def _addresses(init: tree.Node) -> Iterator[Symbol]:
    """The variables that an initialiser names otherwise than by their value (which must be constant there)."""
    for node in tree.walk(init):
        if isinstance(node, tree.Name) and (is_memory(node.symbol.type) or node.symbol.storage == "global"):
            yield node.symbol
