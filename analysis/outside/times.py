"""What holds values that differ between ranks (a time, a process number), or what was computed from them."""

from __future__ import annotations

from collections.abc import Iterator, Set

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import Effects, effects_of
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.expressions import allocation, bare, is_null
from chatmpi.analysis.outside.stream_holders import is_stream
from chatmpi.analysis.touches import BareUse, ElementTouch, Touches, is_memory
from chatmpi.analysis.tree import Call, Node, Symbol

HANDED_ON = frozenset({"time", "getpid", "getenv", "access"})  # rank 0 can hand their values on to the others


def reads_clock(call: Call, summaries: dict[str, Effects]) -> bool:
    return Does.CLOCK in effects_of(call, summaries).does


def own_values(body: tree.Stmt, summaries: dict[str, Effects]) -> frozenset[Symbol]:
    """The variables and arrays of which every rank has its own, but for those that rank 0 can hand on."""
    return frozenset(tainted(body, summaries, _handed_on(body)))


def _handed_on(body: tree.Stmt) -> set[int]:
    return {id(n) for n in tree.walk(body) if isinstance(n, Call) and n.name in HANDED_ON}


def timings(body: tree.Stmt, own: Set[Symbol], touches: Touches, summaries: dict[str, Effects]) -> frozenset[Symbol]:
    """The arrays in which a program keeps the times that it measures, or what it computes from them."""
    found = {t.symbol for t in touches.items if isinstance(t, ElementTouch) and t.symbol in own}
    elsewhere = {t.symbol for t in touches.items if isinstance(t, BareUse) and not _stays(t)}
    counters = {s for loop in tree.statements(body) if isinstance(loop, tree.For) for s in _assigned_in(loop)}
    alike = _handed_on(body)

    def is_data(t: ElementTouch) -> bool:
        value = t.update.value if isinstance(t.update, tree.Assign) else t.node
        if is_tainted(value, own - {t.symbol}, summaries, alike):
            return False
        named = set(_named_beside(t.symbol, value))
        return isinstance(t.update, tree.Assign) and any(is_memory(s.type) or s in counters for s in named)

    data = {t.symbol for t in touches.items if isinstance(t, ElementTouch) and t.write and is_data(t)}
    return frozenset(s for s in found - elsewhere - data if not is_stream(s.type))


def _named_beside(array: Symbol, value: Node) -> Iterator[Symbol]:
    """The variables in a value, but for those in elements of the array."""
    root = value
    while isinstance(root, tree.Index):
        root = root.base
    if isinstance(root, tree.Name):
        if root.symbol == array:
            return
        yield root.symbol
    for part in tree.children(value):
        yield from _named_beside(array, part)


def _stays(use: BareUse) -> bool:
    """Whether an array's name is used only to give it memory, or to take that away."""
    match use.update:
        case tree.Assign(op="=", value=tree.Expr() as value) | tree.VarDecl(init=tree.Expr() as value):
            return use.role == "assigned" and (is_null(value) or allocation(value) is not None)
    freed = use.call is not None and use.call.name == "free"
    return use.role in {"test", "sizeof"} or (use.role == "argument" and freed)


def kept_times(summaries: dict[str, Effects]) -> set[Symbol]:
    """The variables of file scope in which functions that read a clock keep something."""
    timing = (e for name, e in summaries.items() if name != "main" and Does.CLOCK in e.does)
    return {s for effects in timing for s in effects.writes if s.storage == "global" and not is_stream(s.type)}


def tainted(body: tree.Stmt, summaries: dict[str, Effects], alike: Set[int]) -> set[Symbol]:
    """Variables and arrays that hold clock values, or what was computed from them, and variables that were given a
    value by their leave; calls in `alike` give every rank one value."""
    found: set[Symbol] = kept_times(summaries)
    size = -1
    while len(found) > size:
        size = len(found)
        for s in tree.statements(body):
            decided = decides(s)
            if any(is_tainted(part, found, summaries, alike) for part in decided):
                found |= {v for part in tree.statements(s) for v in _assigned_in(part) if not is_memory(v.type)}
            elif isinstance(s, tree.ExprStmt | tree.Declaration) and is_tainted(s, found, summaries, alike):
                found |= set(_assigned(s))
    return found


def decides(s: tree.Stmt) -> list[Node]:
    """The parts of a statement that settle what runs in it, or how often."""
    match s:
        case tree.If(condition=condition) | tree.While(condition=condition) | tree.DoWhile(condition=condition):
            return [condition]
        case tree.For(init=init, condition=condition, step=step):
            return [part for part in (init, condition, step) if part is not None]
    return []


def _assigned_in(s: tree.Stmt) -> Iterator[Symbol]:
    """Names that a statement may write, without those in its body."""
    for part in [s] if isinstance(s, tree.ExprStmt | tree.Declaration) else decides(s):
        yield from _assigned(part)


def is_tainted(node: Node, tainted: Set[Symbol], summaries: dict[str, Effects], alike: Set[int]) -> bool:
    return any(
        (isinstance(n, tree.Name) and n.symbol in tainted)
        or (isinstance(n, Call) and id(n) not in alike and reads_clock(n, summaries))
        or (isinstance(n, Call) and bool(effects_of(n, summaries).reads & tainted))
        for n in tree.walk(node)
    )


def _assigned(s: Node) -> Iterator[Symbol]:
    """Names that a simple statement or an expression may write: assigned, or handed by address."""
    for n in tree.walk(s):
        target: Node | None = None
        if isinstance(n, Call) and LIBRARY.get(n.name or "") is Does.CLOCK:
            for a in map(bare, n.arguments):  # `strftime(text, …)`, `gethostname(name, …)`
                if isinstance(a, tree.Name) and is_memory(a.type):
                    yield a.symbol
        if isinstance(n, tree.VarDecl) and n.init is not None:
            yield n.symbol
        elif isinstance(n, tree.Assign):
            target = n.target
        elif isinstance(n, tree.Unary) and ("x" in n.op or n.op == "&"):
            target = n.operand
        while isinstance(target, tree.Member | tree.Index):
            target = target.base
        if isinstance(target, tree.Name):
            yield target.symbol
