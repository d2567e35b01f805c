"""Functions that loop: a call of one takes a time that the call does not show."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed_or_lent
from chatmpi.analysis.loops import Loop, starting
from chatmpi.analysis.tree import Expr, Function, Node, Symbol


def looping(program: tree.Program) -> frozenset[str]:
    """The names of the program's functions that loop, themselves or in what they call."""
    calls = {f.symbol.name: {n.name for n in tree.walk(f.body) if isinstance(n, tree.Call)} for f in program.functions}
    found = {f.symbol.name for f in program.functions if any(isinstance(n, Loop) for n in tree.walk(f.body))}
    while True:
        more = {name for name, called in calls.items() if called & found} - found
        if not more:
            return frozenset(found)
        found |= more


def evenly_looping(program: tree.Program) -> dict[str, frozenset[int]]:
    """Of the functions that loop, those that do it equally often whenever the parameters at these places are equal:
    their loops count, from and to what depends on nothing else, and nothing decides whether they run or go on."""
    slow = looping(program)
    found = {}
    for f in program.functions:
        calls = {n.name for n in tree.walk(f.body) if isinstance(n, tree.Call)}
        if f.symbol.name in slow and not calls & slow:
            needed = _needed(f.body, _constant(f), frozenset())
            if needed is not None:
                places = {p.symbol: i for i, p in enumerate(f.parameters)}
                found[f.symbol.name] = frozenset(places[s] for s in needed if s in places)
    return found


def _constant(f: Function) -> frozenset[Symbol]:
    """The parameters that a function does not write, and what has one value in all of the program."""
    written = {s for n in tree.walk(f.body) if (s := changed_or_lent(n)) is not None}
    named = {n.symbol for n in tree.walk(f.body) if isinstance(n, tree.Name)}
    fixed = {s for s in named if s.storage == "enumerator" or (s.storage == "global" and s.const)}
    return frozenset({p.symbol for p in f.parameters} - written | fixed)


def _needed(node: Node, known: frozenset[Symbol], counting: frozenset[Symbol]) -> set[Symbol] | None:
    """What decides how often the loops below run, but for the counters around; None if that is more than `known`."""
    match node:
        case tree.For():
            counted = _counted(node)
            if counted is None:
                return None
            counter, bounds = counted
            names = {n.symbol for b in bounds for n in tree.walk(b) if isinstance(n, tree.Name)}
            if not names <= known | counting or any(not _is_plain(n) for b in bounds for n in tree.walk(b)):
                return None
            inside = _needed(node.body, known, counting | {counter})
            left = any(isinstance(n, tree.Break | tree.Return | tree.UnknownStmt) for n in tree.walk(node.body))
            stepped = sum(changed_or_lent(n) == counter for n in tree.walk(node.body))
            return None if inside is None or left or stepped else inside | (names - counting)
        case tree.If() | tree.While() | tree.DoWhile():
            return None if any(isinstance(n, Loop) for n in tree.walk(node)) else set()
    total: set[Symbol] = set()
    for part in tree.children(node):
        found = _needed(part, known, counting)
        if found is None:
            return None
        total |= found
    return total


def _counted(loop: tree.For) -> tuple[Symbol, tuple[Expr, Expr]] | None:
    """The counter of a loop, and what it counts from and to."""
    first = starting(loop.init)
    if first is None:
        return None
    counter, start = first
    match loop.condition, loop.step:
        case (
            tree.Binary(op="<" | "<=" | ">" | ">=", left=tree.Name(symbol=tested), right=bound),
            tree.Unary(operand=tree.Name(symbol=stepped)) | tree.Assign(target=tree.Name(symbol=stepped), value=_),
        ) if tested == stepped == counter:
            by = loop.step.value if isinstance(loop.step, tree.Assign) else None
            return (counter, (start, bound)) if by is None or isinstance(by, tree.IntLiteral) else None
    return None


def _is_plain(node: Node) -> bool:
    return isinstance(node, tree.Name | tree.IntLiteral | tree.Binary | tree.Cast)
