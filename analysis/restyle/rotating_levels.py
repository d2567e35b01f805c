"""Levels of time that are told by variables which take over each other's: `tmp = old; old = now; now = new; …`."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.levels import Levels, is_before
from chatmpi.analysis.restyle.respelling import Fresh, removal
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr, Symbol, VarDecl


def rotating(levels: Levels) -> list[Edit]:
    """Levels told by variables that take over each other's."""
    variables = {u.subscript.symbol for u in levels.uses if isinstance(u.subscript, tree.Name)}
    constants = [u for u in levels.uses if isinstance(u.subscript, tree.IntLiteral)]
    if not variables or any(not isinstance(u.subscript, tree.Name | tree.IntLiteral) for u in levels.uses):
        return []
    statements = [n for n in tree.walk(levels.main.body) if isinstance(n, tree.ExprStmt)]
    moves = [n for n in statements if _move(n) is not None]
    declared = [n for n in tree.walk(levels.main.body) if isinstance(n, tree.Declaration)]
    while True:  # what takes a level over, or hands it on
        more = {s for n in moves for pair in [_move(n)] if pair is not None and variables & set(pair) for s in pair}
        more |= {
            v.symbol
            for n in declared
            for v in n.variables
            if isinstance(v.init, tree.Name) and v.init.symbol in variables
        }
        if more <= variables:
            break
        variables |= more
    own = {v.symbol: v for n in declared for v in n.variables if v.symbol in variables}
    if set(own) != variables or not _are_levels_only(variables, levels, moves, own):
        return []
    first = {v.init.value: v.symbol for v in own.values() if isinstance(v.init, tree.IntLiteral)}
    beginning = [v for v in own.values() if isinstance(v.init, tree.IntLiteral)]
    if set(first) != set(range(levels.number)) or len(beginning) != len(first):
        return []
    changing = [n for n in moves if set(_move(n) or ()) & variables]
    if not changing or any(not is_before(u, changing, levels.main) for u in constants):
        return []
    top = {v.symbol: s.span for s in levels.main.body.body if isinstance(s, tree.Declaration) for v in s.variables}
    known = [first[_number(u.subscript)] for u in constants if _number(u.subscript) in first]
    if len(known) < len(constants) or any(
        s not in top or top[s].end > u.span.begin for s, u in zip(known, constants, strict=True)
    ):
        return []
    early = levels.array.symbol.storage != "global" and any(v.span.begin < levels.array.span.end for v in beginning)
    if early and not levels.are_pointers:
        return []
    ready = max((u.span.end for u in levels.set_anew()), default=0) if levels.are_pointers else 0
    if any(isinstance(v.init, tree.Name) and v.span.begin < ready for v in own.values()):
        return []
    fresh = Fresh(levels.program.source.text)
    homes = {k: fresh.take(f"{levels.array.symbol.name}_{first[k].name}") for k in sorted(first)}
    if levels.are_pointers:
        homes = {k: first[k].name for k in homes}
    edits = [levels.apart([homes[k] for k in sorted(homes)])]
    edits += [removal(s, levels.program.source) for s in _freeing(levels)]
    for n in declared:
        mine = [v for v in n.variables if v.symbol in variables]
        if mine:
            edits.append(_declared_anew(n, mine, levels, homes))
    for u in levels.uses:
        level = u.subscript
        name = level.symbol.name if isinstance(level, tree.Name) else first[_number(level)].name
        edits.append(Edit(u.span, name))
    return edits


def _number(e: Expr) -> int:
    assert isinstance(e, tree.IntLiteral)
    return e.value


def _move(s: tree.Stmt) -> tuple[Symbol, Symbol] | None:
    """`a = b;` between two variables."""
    match s:
        case tree.ExprStmt(
            expr=tree.Assign(op="=", target=tree.Name(symbol=a), value=tree.Name(symbol=b)), in_macro=False
        ):
            return a, b
    return None


def _are_levels_only(
    variables: set[Symbol], levels: Levels, moves: list[tree.ExprStmt], own: dict[Symbol, VarDecl]
) -> bool:
    """Whether the variables are used for levels of this array, and to take them over, and for nothing else."""
    allowed = {id(u.subscript) for u in levels.uses}
    for n in moves:
        assert isinstance(n.expr, tree.Assign)
        allowed |= {id(n.expr.target), id(n.expr.value)}
    allowed |= {id(v.init) for v in own.values() if v.init is not None}
    for f in levels.program.functions:
        for node in tree.walk(f):
            if isinstance(node, tree.Name) and node.symbol in variables and id(node) not in allowed:
                return False
    plain = all(
        not v.in_macro and v.symbol.storage == "local" and not v.symbol.const and isinstance(v.symbol.type, tree.Scalar)
        for v in own.values()
    )
    return plain and all(v.init is None or isinstance(v.init, tree.Name | tree.IntLiteral) for v in own.values())


def _declared_anew(n: tree.Declaration, mine: list[VarDecl], levels: Levels, homes: dict[int, str]) -> Edit:
    source = levels.program.source
    lines = []
    kept = [source.shown_at(v.span) for v in n.variables if v not in mine]
    if kept:
        lines.append(f"{source.shown_at(Span(n.span.begin, n.variables[0].span.begin))}{', '.join(kept)};")
    for v in mine:
        match v.init:
            case tree.IntLiteral() if levels.are_pointers:
                pass
            case tree.IntLiteral(value=value):
                lines.append(f"{levels.pointer(v.symbol.name)} = {homes[value]};")
            case tree.Name(symbol=symbol):
                lines.append(f"{levels.pointer(v.symbol.name)} = {symbol.name};")
            case _:
                lines.append(f"{levels.pointer(v.symbol.name)};")
    return Edit(n.span, f"\n{source.indentation(n.span.begin)}".join(lines)) if lines else removal(n, source)


def _freeing(levels: Levels) -> list[tree.Stmt]:
    """The statements that give levels back: variables that took over each other's may hold one twice."""
    return [s for s in levels.main.body.body if any(n is u for n in tree.walk(s) for u in levels.freed)]
