"""Memory that a local pointer gets and a member keeps: after `double *p = malloc(…); … v->at = p;`, `p` is `v->at`.

Only where both get nothing else, and nobody looks at the other before. The text stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.expansion import Scope
from chatmpi.analysis.expressions import allocation, bare, is_null
from chatmpi.analysis.parents import parents
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program, Symbol

_REPEATING = (tree.For, tree.While, tree.DoWhile, tree.UnknownStmt)


def moved_pointers(program: Program) -> Program:
    """The program with the pointer that keeps the memory in the place of the one that got it."""
    main = program.function("main")
    if main is None:
        return program
    moves = _moves(main)
    if not moves:
        return program

    def change(node: Node) -> Node:
        match node:
            case tree.Declaration(variables=(v,)) if v.symbol in moves and v.init is not None:
                keeper = _name(moves[v.symbol], v)
                made = tree.Assign(span=v.span, type=keeper.type, op="=", target=keeper, value=v.init)
                return tree.ExprStmt(span=node.span, id=node.id, expr=made, in_macro=node.in_macro)
            case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)) if _same(target, value):
                return tree.Empty(span=node.span, id=node.id, in_macro=node.in_macro)
            case tree.Name(symbol=symbol) if symbol in moves:
                return replace(node, symbol=moves[symbol])
        return node

    functions = tuple(rewritten(f, change) if f is main else f for f in program.functions)
    return replace(program, functions=functions, moved={s.name: keeper.name for s, keeper in moves.items()})


def by_their_own_names(scopes: tuple[Scope, ...], program: Program) -> tuple[Scope, ...]:
    """The functions with such pointers by the names that their texts have for them."""
    return tuple(_speaking(s, program.moved) for s in scopes)


def _speaking(scope: Scope, moved: Mapping[str, str]) -> Scope:
    mine = {keeper: name.removeprefix(scope.prefix) for name, keeper in moved.items() if name.startswith(scope.prefix)}
    return replace(scope, spellings={**scope.spellings, **mine}) if mine else scope


def _same(one: Expr, other: Expr) -> bool:
    return isinstance(one, tree.Name) and isinstance(other, tree.Name) and one.symbol == other.symbol


def _name(symbol: Symbol, at: tree.VarDecl) -> tree.Name:
    return tree.Name(span=at.name_span, type=symbol.type, symbol=symbol, in_macro=at.in_macro)


@dataclass
class _Uses:
    """Where a pointer stands, as positions in the order of the source."""

    everywhere: list[int] = field(default_factory=list)
    given: list[tuple[int, Expr]] = field(default_factory=list)
    nulls: list[int] = field(default_factory=list)
    declared: int = 0


def _moves(main: tree.Function) -> dict[Symbol, Symbol]:
    """By the pointer that gets memory: the one that keeps it."""
    nodes = list(tree.walk(main))
    repeated = {id(n) for loop in nodes if isinstance(loop, _REPEATING) for n in tree.walk(loop)}
    alone = {id(s.expr) for s in nodes if isinstance(s, tree.ExprStmt)}
    single = {id(s.variables[0]) for s in nodes if isinstance(s, tree.Declaration) and len(s.variables) == 1}
    uses = _uses(nodes, alone, single)
    around = parents([main])
    found: dict[Symbol, Symbol] = {}
    for k, n in enumerate(nodes):
        if id(n) not in alone or id(n) in repeated or not isinstance(n, tree.Assign) or n.op != "=":
            continue
        target, value = n.target, bare(n.value)
        if not isinstance(target, tree.Name) or not isinstance(value, tree.Name) or target.type != value.type:
            continue
        getter, keeper = value.symbol, target.symbol
        if getter.storage != "local" or keeper.storage != "local" or {getter, keeper} & {*found, *found.values()}:
            continue
        named = "::" in getter.name and ("." in keeper.name or "->" in keeper.name)  # main knows the member only
        if named and _is_moved(uses[getter], uses[keeper], k, nodes, repeated) and _is_sure(n, getter, around):
            found[getter] = keeper
    return found


def _is_sure(move: Node, getter: Symbol, around: Mapping[int, Node]) -> bool:
    """Whether nothing but a test whether there is memory can leave it out."""
    below, above = move, around.get(id(move))
    while above is not None:
        if isinstance(above, tree.If) and not _has_memory(above, below, getter):
            return False
        below, above = above, around.get(id(above))
    return True


def _has_memory(test: tree.If, branch: Node, getter: Symbol) -> bool:
    """Whether a branch is taken just where the pointer is not NULL."""
    condition, taken = bare(test.condition), branch is test.then
    while isinstance(condition, tree.Unary) and condition.op == "!":
        condition, taken = bare(condition.operand), not taken
    if isinstance(condition, tree.Binary) and condition.op in {"==", "!="} and is_null(condition.right):
        taken = taken if condition.op == "!=" else not taken
        condition = bare(condition.left)
    return taken and isinstance(condition, tree.Name) and condition.symbol == getter


def _uses(nodes: Sequence[Node], alone: set[int], single: set[int]) -> dict[Symbol, _Uses]:
    uses: dict[Symbol, _Uses] = {}
    for k, n in enumerate(nodes):
        match n:
            case tree.Name(symbol=symbol):
                uses.setdefault(symbol, _Uses()).everywhere.append(k)
            case tree.VarDecl(symbol=symbol, init=init):
                mine = uses.setdefault(symbol, _Uses())
                mine.declared += 1
                if init is not None:
                    mine.given.append((k if id(n) in single else -1, init))
            case tree.Assign(target=tree.Name(symbol=symbol), value=value, op="=") if id(n) in alone:
                mine = uses.setdefault(symbol, _Uses())
                if is_null(value):
                    mine.nulls.append(k)
                else:
                    mine.given.append((k, value))
            case tree.Assign(target=tree.Name(symbol=symbol)):
                uses.setdefault(symbol, _Uses()).given.append((-1, n))
            case tree.Unary(op="&" | "x++" | "++x" | "x--" | "--x", operand=tree.Name(symbol=symbol)):
                uses.setdefault(symbol, _Uses()).given.append((-1, n))
    return uses


def _is_moved(getter: _Uses, keeper: _Uses, move: int, nodes: Sequence[Node], repeated: set[int]) -> bool:
    """Whether the one gets fresh memory just once, and the other just what the one has, before anybody looks at it."""
    if len(getter.given) != 1 or len(keeper.given) != 1 or getter.nulls or (getter.declared, keeper.declared) != (1, 1):
        return False
    made, value = getter.given[0]
    fresh = allocation(value) is not None and 0 <= made < move and id(nodes[made]) not in repeated
    between = [k for k in keeper.everywhere if made < k < move]
    return fresh and keeper.given[0][0] == move and not between and all(k < made or k > move for k in keeper.nulls)
