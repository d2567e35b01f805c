"""Variables that tell the levels of several arrays, given to each array once more: then each has its own.

h[next][i] = h[cur][i];        h[h_next][i] = h[h_cur][i];
q[next][i] = q[cur][i];        q[q_next][i] = q[q_cur][i];
cur = 1 - cur;                 h_cur = 1 - h_cur; q_cur = 1 - q_cur;
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.levels import Levels
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Node, Stmt, Symbol, VarDecl

_Own = dict[tuple[Symbol, Symbol], str]  # by array and variable: the name of the array's own


def told_apart(every: list[Levels]) -> list[Edit]:
    """The edits that give each array variables of its own, for the first variables that several share."""
    for levels in every:
        variables = _names(levels)
        if not variables:
            continue
        steps = _closure(variables, levels.main)
        group = [x for x in every if _names(x) & variables]
        if len(group) > 1 and steps is not None and _is_all(variables, group, steps, levels):
            return list(_edits(variables, group, levels))
    return []


def _names(levels: Levels) -> set[Symbol]:
    return {n.symbol for u in levels.uses for n in tree.walk(u.subscript) if isinstance(n, tree.Name)}


def _closure(variables: set[Symbol], main: tree.Function) -> list[Stmt] | None:
    """Add what takes a level over or hands it on; the statements that do, None if one does more."""
    while True:
        steps = [s for s in tree.statements(main.body) if _changes(s) & variables]
        more = {s for step in steps for s in _mentioned(step)} | variables
        if more == variables:
            return None if any(not _is_step(s, variables) for s in steps) else steps
        variables |= more


def _changes(s: Stmt) -> set[Symbol]:
    """Variables that a statement itself sets."""
    match s:
        case tree.ExprStmt(expr=tree.Assign(target=tree.Name(symbol=symbol))):
            return {symbol}
        case tree.Declaration(variables=variables) if all(isinstance(v.init, tree.Name) for v in variables):
            return {n.symbol for v in variables if isinstance(n := v.init, tree.Name)} | {v.symbol for v in variables}
    return set()


def _mentioned(s: Stmt) -> set[Symbol]:
    found = {n.symbol for n in tree.walk(s) if isinstance(n, tree.Name)}
    return found | {n.symbol for n in tree.walk(s) if isinstance(n, VarDecl)}


def _is_step(s: Stmt, variables: set[Symbol]) -> bool:
    plain = all(isinstance(n, tree.Name | tree.IntLiteral | tree.Binary | tree.Unary | tree.Assign | VarDecl | Stmt)
                for n in tree.walk(s))  # fmt: skip
    calm = not any(isinstance(n, tree.Unary) and n.op not in ("!", "-", "~") for n in tree.walk(s))
    return plain and calm and _mentioned(s) <= variables and not any(n.in_macro for n in tree.walk(s))


def _is_all(variables: set[Symbol], group: list[Levels], steps: list[Stmt], levels: Levels) -> bool:
    """Whether the variables are integers of main, and nothing but levels."""
    allowed = {id(n) for x in group for u in x.uses for n in tree.walk(u.subscript)}
    allowed |= {id(n) for s in steps for n in tree.walk(s)}
    for f in levels.program.functions:
        for n in tree.walk(f):
            if isinstance(n, tree.Name) and n.symbol in variables and id(n) not in allowed:
                return False
    own = [v for n in tree.walk(levels.main.body) if isinstance(n, tree.Declaration) for v in n.variables]
    mine = [v for v in own if v.symbol in variables]
    blocks = [b for b in tree.walk(levels.main.body) if isinstance(b, tree.Block)]
    inside = {s.id for b in blocks for s in b.body}
    return (
        {v.symbol for v in mine} == variables
        and all(isinstance(v.symbol.type, tree.Scalar) and v.symbol.type.is_integer for v in mine)
        and all(v.symbol.storage == "local" and not v.symbol.const and not v.in_macro for v in mine)
        and all(isinstance(v.init, tree.IntLiteral | tree.Name | None) for v in mine)
        and all(s.id in inside for s in steps)
    )


def _edits(variables: set[Symbol], group: list[Levels], levels: Levels) -> Iterator[Edit]:
    source, fresh = levels.program.source, Fresh(levels.program.source.text)
    own = {
        (x.array.symbol, v): fresh.take(f"{x.array.symbol.name}_{v.name}")
        for x in group
        for v in sorted(variables, key=lambda s: s.uid)
    }
    for x in group:
        for u in x.uses:
            for n in tree.walk(u.subscript):
                if isinstance(n, tree.Name):
                    yield Edit(n.span, own[x.array.symbol, n.symbol])
    arrays = [x.array.symbol for x in group]
    for b in tree.walk(levels.main.body):
        if isinstance(b, tree.Block):
            for run in _runs(b, variables):
                indent = f"\n{source.indentation(run[0].span.begin)}"
                lines = [_renamed(s, a, own, levels) for a in arrays for s in run]
                yield Edit(Span(run[0].span.begin, run[-1].span.end), indent.join(lines))
    for n in tree.walk(levels.main.body):
        if isinstance(n, tree.Declaration) and not _changes(n) & variables:
            mine = [v for v in n.variables if v.symbol in variables]
            if mine:
                yield _declared(n, mine, arrays, own, levels)


def _runs(block: tree.Block, variables: set[Symbol]) -> Iterator[list[Stmt]]:
    """Neighbouring statements that change levels."""
    run: list[Stmt] = []
    for s in block.body:
        if _changes(s) & variables:
            run.append(s)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _renamed(s: Stmt, array: Symbol, own: _Own, levels: Levels) -> str:
    """The text of a statement with an array's own variables."""
    source = levels.program.source
    pieces, done = [], s.span.begin
    for begin, end, symbol in sorted(_places(s)):
        pieces += [source.shown_at(Span(done, begin)), own[array, _by_uid(symbol, own)]]
        done = end
    return "".join([*pieces, source.shown_at(Span(done, s.span.end))])


def _places(s: Node) -> Iterator[tuple[int, int, int]]:
    for n in tree.walk(s):
        if isinstance(n, tree.Name):
            yield n.span.begin, n.span.end, n.symbol.uid
        elif isinstance(n, VarDecl):
            yield n.name_span.begin, n.name_span.end, n.symbol.uid


def _by_uid(uid: int, own: _Own) -> Symbol:
    return next(v for _, v in own if v.uid == uid)


def _declared(
    n: tree.Declaration,
    mine: list[VarDecl],
    arrays: list[Symbol],
    own: _Own,
    levels: Levels,
) -> Edit:
    source = levels.program.source
    head = source.shown_at(Span(n.span.begin, n.variables[0].span.begin))
    shown = [source.shown_at(v.span) for v in n.variables if v not in mine]
    for a in arrays:
        for v in mine:
            rest = source.shown_at(Span(v.name_span.end, v.span.end))
            shown.append(f"{own[a, v.symbol]}{rest}")
    return Edit(n.span, f"{head}{', '.join(shown)};")
