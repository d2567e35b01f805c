"""Levels of time that are told by one variable which turns: `u[cur]` and `u[1 - cur]`, `u[v]` and `u[(v + 1) % 3]`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent
from chatmpi.analysis.restyle.levels import Levels, exchange, freed_by_names, is_before
from chatmpi.analysis.restyle.respelling import Fresh, removal, with_semicolon
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr, Symbol


def turning(levels: Levels) -> list[Edit]:
    """The edits for an array whose levels are told by one variable."""
    symbols = {n.symbol for u in levels.uses for n in tree.walk(u.subscript) if isinstance(n, tree.Name)}
    if len(symbols) != 1:
        return []
    (symbol,) = symbols
    steps = [n for n in tree.walk(levels.main.body) if isinstance(n, tree.ExprStmt) and _step(n.expr, symbol, levels)]
    start = _start(symbol, levels)
    if not steps or start is None or symbol.storage != "local" or any(n.in_macro for n in steps):
        return []
    if not 0 <= start.value < levels.number or _turns_elsewhere(symbol, steps, start):
        return []
    found = {id(u): _pointer_of(u, symbol, steps, start, levels) for u in levels.uses}
    which = {k: p for k, p in found.items() if p is not None}
    place = _place(start, levels)
    if len(which) < len(found) or 0 not in which.values() or place is None:
        return []
    if any(u.span.begin < place for u in (*levels.uses, *levels.freed)) and not levels.are_pointers:
        return []
    return _edits(levels, symbol, steps, start, which)


@dataclass(frozen=True)
class _Start:
    """The statement of main that gives the variable its first value, a number."""

    statement: tree.Declaration | tree.ExprStmt
    value: int
    body: tree.Block


def _start(symbol: Symbol, levels: Levels) -> _Start | None:
    body = levels.main.body
    for s in body.body:
        match s:
            case tree.Declaration(variables=variables):
                own = next((v for v in variables if v.symbol == symbol), None)
                if own is not None and own.init is not None:
                    number = own.init.value if isinstance(own.init, tree.IntLiteral) else -1
                    return _Start(s, number, body)
            case tree.ExprStmt(
                expr=tree.Assign(op="=", target=tree.Name(symbol=target), value=tree.IntLiteral(value=number)),
                in_macro=False,
            ) if target == symbol:
                return _Start(s, number, body)
            case _ if any(isinstance(n, tree.Name) and n.symbol == symbol for n in tree.walk(s)):
                return None
    return None


def _turns_elsewhere(symbol: Symbol, steps: list[tree.ExprStmt], start: _Start) -> bool:
    """Whether anything but the steps changes the variable, or may."""
    known = {id(n) for s in (*steps, start.statement) for n in tree.walk(s)}
    return any(changed_or_lent(n) == symbol and id(n) not in known for n in tree.walk(start.body))


def _pointer_of(u: tree.Index, symbol: Symbol, steps: list[tree.ExprStmt], start: _Start, levels: Levels) -> int | None:
    """Which pointer a use of a level becomes: how far it is from the variable's own level."""
    if isinstance(u.subscript, tree.IntLiteral):
        return (u.subscript.value - start.value) % levels.number if is_before(u, steps, levels.main) else None
    return shift(u.subscript, symbol, levels.number)


def _place(start: _Start, levels: Levels) -> int | None:
    """Where the pointers are declared: behind the variable's first value and the levels, in main."""
    if levels.array.symbol.storage == "global":
        return start.statement.span.end
    own = next((s for s in start.body.body if s.span.begin <= levels.array.span.begin < s.span.end), None)
    return None if own is None else max(start.statement.span.end, own.span.end)


def _edits(
    levels: Levels, symbol: Symbol, steps: list[tree.ExprStmt], start: _Start, which: dict[int, int]
) -> list[Edit]:
    source, name, number = levels.program.source, levels.array.symbol.name, levels.number
    fresh = Fresh(source.text)
    ends = [symbol.name, "other"] if number == 2 else [symbol.name, *(f"{symbol.name}_{k}" for k in range(1, number))]
    pointers = [fresh.take(f"{name}_{end}") for end in ends]
    swap = fresh.take(f"{name}_swap")
    homes = [fresh.take(f"{name}_{k}") for k in range(number)]
    names = [pointers[(k - start.value) % number] for k in range(number)]
    kept = _is_used(levels, symbol, steps, start)
    declared: Iterator[Edit] | list[Edit] | None = []
    if levels.are_pointers:
        if not kept:
            declared = _removed(levels, symbol, start, "")
    else:
        lines = [f"{levels.pointer(p)} = {homes[(start.value + k) % number]};" for k, p in enumerate(pointers)]
        indent = source.indentation(start.statement.span.begin)
        shown = f"\n{indent}".join(lines)
        place = _place(start, levels)
        if kept or place != start.statement.span.end:
            assert place is not None
            declared = [Edit(Span(place, place), f"\n{indent}{shown}")]
            if not kept:
                more = _removed(levels, symbol, start, "")
                declared = None if more is None else [*declared, *more]
        else:
            declared = _removed(levels, symbol, start, shown)
    turned = [_turned(levels, pointers, swap, _step(s.expr, symbol, levels)) for s in steps]
    if declared is None or any(t is None for t in turned):
        return []
    edits = [levels.apart(names if levels.are_pointers else homes), *declared, *freed_by_names(levels, names)]
    for s, shown_turn in zip(steps, turned, strict=True):
        place_of = with_semicolon(s, source)
        before = f"{source.shown_at(place_of)} " if kept else ""
        edits.append(Edit(place_of, f"{{ {before}{shown_turn} }}"))
    return [*edits, *(Edit(u.span, pointers[which[id(u)]]) for u in levels.uses)]


def _removed(levels: Levels, symbol: Symbol, start: _Start, instead: str) -> list[Edit] | None:
    """The variable is nothing but a level: it goes."""
    if isinstance(start.statement, tree.Declaration):
        if not instead:
            return undeclared(levels.program, {symbol})
        return undeclared(levels.program, {symbol}, start.statement.span, instead)
    gone = undeclared(levels.program, {symbol})
    source = levels.program.source
    here = Edit(with_semicolon(start.statement, source), instead) if instead else removal(start.statement, source)
    return None if gone is None else [*gone, here]


def _is_used(levels: Levels, symbol: Symbol, steps: list[tree.ExprStmt], start: _Start) -> bool:
    """Whether the variable is more than a level of this array."""
    known = {id(n) for x in (*steps, start.statement, *(u.subscript for u in levels.uses)) for n in tree.walk(x)}
    return any(
        isinstance(n, tree.Name) and n.symbol == symbol and id(n) not in known for n in tree.walk(levels.main.body)
    )


def _turned(levels: Levels, pointers: list[str], swap: str, step: int) -> str | None:
    """The statements that turn the pointers by a step, one way or the other."""
    if levels.number == 2:
        return exchange(levels, pointers[0], pointers[1], swap)
    if step not in (1, levels.number - 1):
        return None
    row = pointers if step == 1 else pointers[::-1]
    moves = [f"{a} = {b};" for a, b in zip(row, [*row[1:], swap], strict=True)]
    return " ".join([f"{levels.pointer(swap)} = {row[0]};", *moves])


def _step(e: Expr, symbol: Symbol, levels: Levels) -> int:
    """By how much an assignment turns the variable; 0 if it is none that does."""
    match e:
        case tree.Assign(op="^=", target=tree.Name(symbol=s), value=tree.IntLiteral(value=1)) if levels.number == 2:
            return int(s == symbol)
        case tree.Assign(op="=", target=tree.Name(symbol=s), value=value) if s == symbol:
            return shift(value, symbol, levels.number) or 0
    return 0


def shift(e: Expr, symbol: Symbol, number: int) -> int | None:
    """By how much an expression is ahead of a variable that is one of so many levels; None for anything else."""
    last = number - 1
    match e:
        case tree.Name(symbol=s) if s == symbol:
            return 0
        case tree.Binary(op="-", left=tree.IntLiteral(value=1), right=right) if number == 2:
            return _opposite(right, symbol)
        case tree.Unary(op="!", operand=operand) if number == 2:
            return _opposite(operand, symbol)
        case tree.Binary(op="^", left=left, right=tree.IntLiteral(value=1)) if number == 2:
            return _opposite(left, symbol)
        case tree.Conditional(condition=tree.Name() as c, then=tree.IntLiteral(value=0),
                              otherwise=tree.IntLiteral(value=1)) if number == 2:  # fmt: skip
            return _opposite(c, symbol)
        case tree.Conditional(condition=tree.Binary(op="==", left=tree.Name(symbol=s), right=tree.IntLiteral(value=v)),
                              then=tree.IntLiteral(value=t), otherwise=otherwise) if s == symbol:  # fmt: skip
            ahead = _ahead(otherwise, symbol, number)
            return ahead % number if (v, t, ahead) in ((last, 0, 1), (0, last, -1)) and ahead is not None else None
        case tree.Binary(op="%", left=left, right=tree.IntLiteral(value=n)) if n == number:
            ahead = _ahead(left, symbol, number)
            return ahead % number if ahead is not None and ahead >= 0 else None
        case tree.Binary(op="&", left=left, right=tree.IntLiteral(value=n)) if n == last and number in (2, 4):
            ahead = _ahead(left, symbol, number)
            return ahead % number if ahead is not None and ahead >= 0 else None
    return None


def _opposite(e: Expr, symbol: Symbol) -> int | None:
    own = shift(e, symbol, 2)
    return None if own is None else 1 - own


def _ahead(e: Expr, symbol: Symbol, number: int) -> int | None:
    """The number that is added to the variable, or to what is one of the levels itself."""
    match e:
        case tree.Binary(op="+" | "-" as op, left=left, right=tree.IntLiteral(value=value)):
            own = _ahead(left, symbol, number)
            return None if own is None else own + value if op == "+" else own - value
        case tree.Binary(op="+", left=tree.IntLiteral(value=value), right=right):
            own = _ahead(right, symbol, number)
            return None if own is None else own + value
    return shift(e, symbol, number)
