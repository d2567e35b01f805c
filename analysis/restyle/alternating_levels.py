"""Two levels of time that are told by the parity of a loop's variable: `u[t % 2]` and `u[(t + 1) % 2]`."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent
from chatmpi.analysis.loops import starting
from chatmpi.analysis.restyle.levels import Levels, exchange, freed_by_names, homes_of
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr, Symbol, VarDecl


def alternating(levels: Levels) -> list[Edit]:
    """Two levels told by the parity of a loop's variable."""
    if levels.number != 2:
        return []
    loop = _loop(levels, [u for u in levels.uses if _parity(u.subscript) is not None])
    if loop is None:
        return []
    variable, begin = _counted(loop)
    if variable is None or begin is None or not isinstance(loop.body, tree.Block):
        return []
    if _is_disturbed(loop, variable) or _changes_elsewhere(variable, loop, levels.main):
        return []
    same: dict[int, bool] = {}
    for u in levels.uses:
        which = _same_parity(u, loop, variable, begin, levels)
        if which is None:
            return []
        same[id(u)] = which
    fresh, name = Fresh(levels.program.source.text), levels.array.symbol.name
    here, other, swap = (fresh.take(f"{name}_{w}") for w in ("now", "next", "swap"))
    homes = homes_of(Fresh(levels.program.source.text), name)
    first, second = reversed(homes) if begin % 2 else homes
    source = levels.program.source
    top = next((s for s in levels.main.body.body if s.span.begin >= levels.array.span.end), loop)
    if any(u.span.begin < top.span.begin for u in levels.uses):
        return []
    names = [other, here] if begin % 2 else [here, other]
    declared = [levels.apart(names)]
    indent = source.indentation(top.span.begin)
    pointers = f"{levels.pointer(here)} = {first};\n{indent}{levels.pointer(other)} = {second};\n{indent}"
    last = loop.body.body[-1]
    inner = source.indentation(last.span.begin)
    end = loop.body.span.end - 1
    closing = source.line_begin(end)
    alone = not source.text[closing:end].strip()
    swapped = exchange(levels, here, other, swap)
    place = closing if alone else end
    shown = f"{inner}{swapped}\n" if alone else f"{swapped} "
    if not levels.are_pointers:
        declared = [levels.apart(homes), Edit(Span(top.span.begin, top.span.begin), pointers)]
    return [
        *declared,
        *freed_by_names(levels, names),
        Edit(Span(place, place), shown),
        *(Edit(u.span, here if same[id(u)] else other) for u in levels.uses),
    ]


def _same_parity(u: tree.Index, loop: tree.For, variable: Symbol, begin: int, levels: Levels) -> bool | None:
    """Whether a use is of the level of the loop's variable, and not of the other; None if that is not known."""
    parity, level = _parity(u.subscript), u.subscript
    if loop.span.begin <= u.span.begin < loop.span.end:
        return parity[1] == 0 if parity is not None and parity[0] == variable else None
    if u.span.end <= loop.span.begin:
        return level.value == begin % 2 if isinstance(level, tree.IntLiteral) else None
    if parity is not None and parity[0] == variable:  # what the loop leaves in it
        return parity[1] == 0 if not isinstance(loop.init, tree.Declaration) else None
    steps = _steps(loop, levels) if begin == 0 else None
    if steps is None:
        return None
    if isinstance(level, tree.IntLiteral):
        return level.value == steps.value % 2 if isinstance(steps, tree.IntLiteral) and steps.macro is None else None
    if parity is not None:
        return parity[1] == 0 if isinstance(steps, tree.Name) and parity[0] == steps.symbol else None
    shift = _macro_parity(level)
    known = shift is not None and isinstance(steps, tree.IntLiteral) and steps.macro == shift[0]
    return shift[1] == 0 if known and shift is not None else None


def _steps(loop: tree.For, levels: Levels) -> tree.IntLiteral | tree.Name | None:
    """How many steps a loop from 0 makes: a number, or a variable that always has the same, none of them negative."""
    if any(isinstance(n, tree.Break | tree.Return) for n in tree.walk(loop.body)):
        return None
    match loop.condition:
        case tree.Binary(op="<", left=tree.Name(), right=tree.IntLiteral() as steps):
            return steps
        case tree.Binary(op="<", left=tree.Name(), right=tree.Name(symbol=symbol) as steps):
            return steps if symbol.storage == "local" and _is_fixed(symbol, levels.main) else None
    return None


def _is_fixed(symbol: Symbol, main: tree.Function) -> bool:
    """Whether a variable has the number that it is declared with for good."""
    for n in tree.walk(main.body):
        match n:
            case VarDecl(symbol=s, init=init) if s == symbol:
                if not isinstance(init, tree.IntLiteral):
                    return False
            case _ if changed_or_lent(n) == symbol:
                return False
    return True


def _macro_parity(e: Expr) -> tuple[str, int] | None:
    """`STEPS % 2`, `(STEPS + 1) % 2`, where a macro stands for the number."""
    match e:
        case (
            tree.Binary(op="%", left=left, right=tree.IntLiteral(value=2))
            | tree.Binary(op="&", left=left, right=tree.IntLiteral(value=1))
        ):
            match left:
                case tree.IntLiteral(macro=str() as macro):
                    return macro, 0
                case tree.Binary(
                    op="+", left=tree.IntLiteral(macro=str() as macro), right=tree.IntLiteral(value=value, macro=None)
                ):
                    return macro, value % 2
    return None


def _parity(e: Expr) -> tuple[Symbol, int] | None:
    """`t % 2`, `(t + 1) % 2`, `(t - 1) & 1`, `1 - t % 2`, `!(t & 1)`: the variable, and whether it is the other."""
    match e:
        case tree.Binary(op="-", left=tree.IntLiteral(value=1), right=inner) | tree.Unary(op="!", operand=inner):
            found = _parity(inner)
            return None if found is None else (found[0], 1 - found[1])
        case tree.Binary(op="%", left=left, right=tree.IntLiteral(value=2)):
            return _shifted(left)
        case tree.Binary(op="&", left=left, right=tree.IntLiteral(value=1)):
            return _shifted(left)
    return None


def _shifted(e: Expr) -> tuple[Symbol, int] | None:
    match e:
        case tree.Name(symbol=symbol):
            return symbol, 0
        case tree.Binary(op="+" | "-", left=tree.Name(symbol=symbol), right=tree.IntLiteral(value=value)):
            return symbol, value % 2
    return None


def _loop(levels: Levels, uses: list[tree.Index]) -> tree.For | None:
    """The one loop of main whose variable's parity tells levels inside of it."""
    symbols = {s for u in uses for s, _ in [_parity(u.subscript) or (None, 0)]}
    found = [
        n
        for n in levels.main.body.body
        if isinstance(n, tree.For)
        and _counted(n)[0] in symbols
        and any(n.span.begin <= u.span.begin < n.span.end for u in uses)
    ]
    return found[0] if len(found) == 1 else None


def _counted(loop: tree.For) -> tuple[Symbol | None, int | None]:
    """The variable of a loop that counts up by one, and the number that it begins with."""
    first = starting(loop.init)
    if first is None or not isinstance(first[1], tree.IntLiteral):
        return None, None
    symbol, begin = first[0], first[1].value
    match loop.step:
        case tree.Unary(op="x++" | "++x", operand=tree.Name(symbol=s)) if s == symbol:
            return symbol, begin
        case tree.Assign(op="+=", target=tree.Name(symbol=s), value=tree.IntLiteral(value=1)) if s == symbol:
            return symbol, begin
    return None, None


def _is_disturbed(loop: tree.For, variable: Symbol) -> bool:
    """Whether a step may end without coming to its last statement, or the body changes the variable."""
    body = tree.walk(loop.body)
    disturbed = any(isinstance(n, tree.Continue | tree.UnknownStmt) or changed_or_lent(n) == variable for n in body)
    return disturbed or loop.in_macro or loop.body.in_macro


def _changes_elsewhere(variable: Symbol, loop: tree.For, main: tree.Function) -> bool:
    """Whether anything but the loop sets its variable, or may."""
    elsewhere = (n for n in tree.walk(main.body) if not loop.span.begin <= n.span.begin < loop.span.end)
    return any(changed_or_lent(n) == variable for n in elsewhere)
