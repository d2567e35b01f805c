"""A variable that several loops use, each for values of its own, becomes a variable of each loop's body:

    for (…) { k = i*n + j; … a[k] … }      becomes      for (…) { int k = i*n + j; … a[k] … }

The first loop that reads it keeps the variable that the program declares.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import read_names
from chatmpi.analysis.flow import after, live_after
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import BareUse, ScalarTouch, Touches, touches
from chatmpi.analysis.tree import Function, Program, Symbol

_Place = tuple[tree.For, tree.ExprStmt | None]


def own_values(program: Program) -> list[Edit]:
    """The edits that declare them there."""
    defined = frozenset(f.symbol.name for f in program.functions)
    return [e for f in program.functions if not f.in_macro for e in _edits(f, defined)]


def _edits(function: Function, defined: frozenset[str]) -> Iterator[Edit]:
    shared = {symbol: places for symbol in _candidates(function) if (places := _places(function, symbol))}
    own = {symbol: found for symbol, places in shared.items() if (found := _own(symbol, places))}
    if not own:
        return
    touched = touches(function.body, defined)
    live = live_after(function.body, touched)
    for symbol, firsts in own.items():
        needed = any(symbol in live.get(after(loop), {symbol}) for loop, _ in shared[symbol])
        if not needed and _is_plain(symbol, touched):
            for first in firsts:
                yield Edit(Span(first.span.begin, first.span.begin), f"{type_text(symbol.type)} ")


def _own(symbol: Symbol, places: list[_Place]) -> list[tree.ExprStmt]:
    """The statements that declare the variable of a loop's body; one of the loops keeps the program's."""
    read = [f for loop, f in places if f is not None and any(n.symbol == symbol for n in read_names(loop))]
    return read if any(first is None for _, first in places) else read[1:]


def _candidates(function: Function) -> list[Symbol]:
    """Local variables that are declared outside of loops and get no value there."""
    loops = [n for n in tree.walk(function.body) if isinstance(n, tree.For | tree.While | tree.DoWhile)]
    inside = {id(n) for loop in loops for n in tree.walk(loop.body)}
    declared = [n for n in tree.walk(function.body) if isinstance(n, tree.VarDecl) and id(n) not in inside]
    return [
        v.symbol
        for v in declared
        if v.init is None and isinstance(v.symbol.type, tree.Scalar) and v.symbol.storage == "local"
    ]


def _places(function: Function, symbol: Symbol) -> list[_Place]:
    """The loops that hold all uses of a variable, each with the statement that sets it first in the body, None where it
    counts the iterations; nothing where a use stands elsewhere."""
    found: list[_Place] = []
    pending: list[tree.Node] = [function.body]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.For) and _counts(node, symbol):
            found.append((node, None))
        elif isinstance(node, tree.For) and (first := _first(node, symbol)) is not None:
            found.append((node, first))
        elif isinstance(node, tree.Name) and node.symbol == symbol:
            return []
        else:
            pending.extend(tree.children(node))
    return sorted(found, key=lambda place: place[0].span.begin)


def _counts(loop: tree.For, symbol: Symbol) -> bool:
    match loop.init:
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=target), value=value)):
            return target == symbol and not _names(symbol, value)
    return False


def _first(loop: tree.For, symbol: Symbol) -> tree.ExprStmt | None:
    """The statement of a loop's body that sets a variable before all its uses there."""
    if not isinstance(loop.body, tree.Block) or _names(symbol, loop.init, loop.condition, loop.step):
        return None
    first = next((s for s in loop.body.body if _names(symbol, s)), None)
    match first:
        case tree.ExprStmt(in_macro=False, expr=tree.Assign(op="=", target=tree.Name() as target, value=value) as made):
            plain = target.symbol == symbol and not _names(symbol, value) and not (made.in_macro or target.in_macro)
            return first if plain else None
    return None


def _names(symbol: Symbol, *nodes: tree.Node | None) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol == symbol for node in nodes if node for n in tree.walk(node))


def _is_plain(symbol: Symbol, touched: Touches) -> bool:
    """Whether it is only read and set, and nothing knows its address."""
    mine = [t for t in touched.items if isinstance(t, ScalarTouch | BareUse) and t.symbol == symbol]
    return all(isinstance(t, ScalarTouch) and (not t.write or t.update is not None) for t in mine)
