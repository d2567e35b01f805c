"""Two levels of time that are told by one variable: `u[cur]` and `u[1 - cur]`."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.levels import Levels, exchange, freed_by_names, homes_of, is_before
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit
from chatmpi.analysis.tree import Expr, Symbol


def flipping(levels: Levels) -> list[Edit]:
    """Two levels told by one variable that is 0 or 1."""
    if levels.number != 2:
        return []
    symbols = {n.symbol for u in levels.uses for n in tree.walk(u.subscript) if isinstance(n, tree.Name)}
    if len(symbols) != 1:
        return []
    (symbol,) = symbols
    flips = [n for n in tree.walk(levels.main.body) if isinstance(n, tree.ExprStmt) and _is_flip(n.expr, symbol)]
    declaration = next(
        (
            s
            for s in levels.main.body.body
            if isinstance(s, tree.Declaration) and any(v.symbol == symbol for v in s.variables)
        ),
        None,
    )
    if not flips or declaration is None or symbol.storage != "local" or any(n.in_macro for n in flips):
        return []
    begun = next(v for v in declaration.variables if v.symbol == symbol)
    if not isinstance(begun.init, tree.IntLiteral) or begun.init.value not in (0, 1):
        return []
    allowed = {id(n) for x in (*flips, *(u.subscript for u in levels.uses)) for n in tree.walk(x)}
    if any(
        isinstance(n, tree.Name) and n.symbol == symbol and id(n) not in allowed for n in tree.walk(levels.main.body)
    ):
        return []
    same: dict[int, bool] = {}
    for u in levels.uses:
        which = _compared(u.subscript, symbol)
        if which is None:
            if not isinstance(u.subscript, tree.IntLiteral) or not is_before(u, flips, levels.main):
                return []
            which = u.subscript.value == begun.init.value
        same[id(u)] = which
    late = levels.array.span.begin > declaration.span.begin and not levels.are_pointers
    if not any(same.values()) or late:
        return []
    fresh, name = Fresh(levels.program.source.text), levels.array.symbol.name
    here, other, swap = (fresh.take(f"{name}_{w}") for w in (symbol.name, "other", "swap"))
    reverse = begun.init.value == 1
    names = [other, here] if reverse else [here, other]
    if levels.are_pointers:
        removed = undeclared(levels.program, {symbol})
    else:
        shown = _begun(levels, here, other, reverse, declaration)
        removed = undeclared(levels.program, {symbol}, declaration.span, shown)
    if removed is None:
        return []
    edits = [levels.apart(names if levels.are_pointers else homes_of(fresh, name)), *removed]
    edits += freed_by_names(levels, names)
    edits += [Edit(n.span, f"{{ {exchange(levels, here, other, swap)} }}") for n in flips]
    return [*edits, *(Edit(u.span, here if same[id(u)] else other) for u in levels.uses)]


def _begun(levels: Levels, here: str, other: str, reverse: bool, declaration: tree.Declaration) -> str:
    """The two pointers, at the levels that they begin with."""
    homes = homes_of(Fresh(levels.program.source.text), levels.array.symbol.name)
    first, second = reversed(homes) if reverse else homes
    indent = levels.program.source.indentation(declaration.span.begin)
    return f"{levels.pointer(here)} = {first};\n{indent}{levels.pointer(other)} = {second};"


def _is_flip(e: Expr, symbol: Symbol) -> bool:
    """`c = 1 - c`, `c = !c`, `c ^= 1`."""
    match e:
        case tree.Assign(op="^=", target=tree.Name(symbol=s), value=tree.IntLiteral(value=1)):
            return s == symbol
        case tree.Assign(op="=", target=tree.Name(symbol=s), value=value):
            return s == symbol and _compared(value, symbol) is False
    return False


def _compared(e: Expr, symbol: Symbol) -> bool | None:
    """True for `c`, False for `1 - c`, `!c`, `c ^ 1`, `(c + 1) % 2`; None for anything else."""
    match e:
        case tree.Name(symbol=s) if s == symbol:
            return True
        case tree.Binary(op="-", left=tree.IntLiteral(value=1), right=tree.Name(symbol=s)) if s == symbol:
            return False
        case tree.Unary(op="!", operand=tree.Name(symbol=s)) if s == symbol:
            return False
        case tree.Binary(op="^", left=tree.Name(symbol=s), right=tree.IntLiteral(value=1)) if s == symbol:
            return False
        case tree.Binary(
            op="%",
            left=tree.Binary(op="+", left=tree.Name(symbol=s), right=tree.IntLiteral(value=1)),
            right=tree.IntLiteral(value=2),
        ) if s == symbol:
            return False
    return None
