"""The arrays of a function: which of its names stand for memory of their own that nothing else can reach.

A name is *tracked* if it is an array, or a pointer that only ever holds fresh allocations, possibly exchanged
with other such pointers (`t = u; u = v; v = t;`). Two tracked names never stand for the same memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.branches import exclusive
from chatmpi.analysis.calls.effects import Effects, effects_of
from chatmpi.analysis.expressions import allocation, is_null
from chatmpi.analysis.memory.made_anew import made_anew
from chatmpi.analysis.memory.pointer_exchanges import Swap, pointer_exchanges
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.touches import BareUse, ElementTouch, Touches, is_memory
from chatmpi.analysis.tree import Expr, Symbol


@dataclass(frozen=True, slots=True)
class Allocation:
    """`malloc`, `calloc` or the declaration that gives the array its memory. `call` is None for a declaration.
    `instead`: statements that give it the same amount where control does not come to `statement`; `loops`: those that
    make it again and again."""

    statement: int
    call: tree.Call | None
    instead: tuple[int, ...] = ()
    loops: tuple[int, ...] = ()

    @property
    def zeroed(self) -> bool:
        return self.call is not None and self.call.name == "calloc"


@dataclass(frozen=True, slots=True)
class Untracked:
    """Why a name is not tracked; `node` is where, None for the name's own declaration."""

    reason: str
    node: tree.Node | None = None


@dataclass(frozen=True)
class Arrays:
    """`declared`: the declarator of each array or pointer; `allocations`: of each tracked heap array;
    `passed`: tracked arrays handed to a function as a whole, with the calls."""

    declared: Mapping[Symbol, tree.VarDecl]
    allocations: Mapping[Symbol, Allocation]
    untracked: Mapping[Symbol, Untracked]
    swaps: tuple[Swap, ...]
    passed: Mapping[Symbol, tuple[tree.Call, ...]]

    def is_tracked(self, symbol: Symbol) -> bool:
        return symbol in self.allocations


def find_arrays(
    program: tree.Program,
    function: tree.Function,
    touches: Touches,
    summaries: dict[str, Effects],
    leaks: Mapping[Symbol, str],
) -> Arrays:
    """The arrays of `function`; `leaks` are names whose address other parts of the program take, with the reason."""
    declared = {v.symbol: v for v in [*program.globals, *_declared_in(function)] if is_memory(v.symbol.type)}
    swaps = tuple(pointer_exchanges(function.body))
    swapped = {s for swap in swaps for s in swap.statements}
    spare = frozenset(s for swap in swaps for s in swap.spare)
    uses: dict[Symbol, list[BareUse]] = {}
    for t in touches.items:
        if isinstance(t, BareUse) and t.context.statement.id not in swapped:
            uses.setdefault(t.symbol, []).append(t)
    elements = {t.symbol for t in touches.items if isinstance(t, ElementTouch)}
    allocations: dict[Symbol, Allocation] = {}
    untracked: dict[Symbol, Untracked] = {}
    passed: dict[Symbol, tuple[tree.Call, ...]] = {}
    for symbol, declaration in declared.items():
        if symbol in spare and symbol not in elements and not uses.get(symbol):
            continue
        found = _allocation(declaration, uses.get(symbol, []), summaries, touches, function.body)
        exchanged = any(symbol in (t, s) for swap in swaps for t, s in swap.moves)
        if isinstance(found, Allocation) and found.loops and (exchanged or declaration.rows is not None):
            found = Untracked("it is allocated in a loop")
        if _is_volatile(declaration, program):
            found = Untracked("it is volatile")
        if symbol in leaks:
            found = Untracked(leaks[symbol])
        if isinstance(found, Untracked):
            untracked[symbol] = found
        else:
            allocations[symbol] = found
        passed[symbol] = tuple(u.call for u in uses.get(symbol, []) if u.call is not None and not _is_free(u))
    leaky = frozenset(s for s in spare if s in elements or uses.get(s))
    _drop_broken_swaps(swaps, leaky, untracked, allocations)
    return Arrays(declared, allocations, untracked, swaps, passed)


def _declared_in(function: tree.Function) -> Iterable[tree.VarDecl]:
    yield from function.parameters
    for node in tree.walk(function.body):
        if isinstance(node, tree.VarDecl):
            yield node


def _is_volatile(declaration: tree.VarDecl, program: tree.Program) -> bool:
    """Judged by the text between the declaration before and the declarator: the tree's types have no qualifiers."""
    text = program.source.text[: declaration.name_span.begin]
    begin = max(text.rfind(";"), text.rfind("}"), text.rfind("{")) + 1
    return re.search(r"\b(volatile|_Atomic)\b", text[begin:]) is not None


def _allocation(
    declaration: tree.VarDecl,
    uses: list[BareUse],
    summaries: dict[str, Effects],
    touches: Touches,
    body: tree.Stmt,
) -> Allocation | Untracked:
    symbol = declaration.symbol
    for use in uses:
        problem = _problem(use, summaries)
        if problem:
            return Untracked(problem, use.node)
    if symbol.storage == "parameter":
        return Untracked("it is a parameter: what it points to is the caller's")
    if isinstance(symbol.type, tree.Array):
        return Allocation(-1, None)
    fresh = [u for u in uses if u.role == "assigned" and not is_null(_assigned_value(u))]
    if not fresh:
        return Untracked("it is never given memory")
    if any(not _is_instead(a, b, body) for k, a in enumerate(fresh) for b in fresh[:k]):
        return Untracked("it is given memory in more than one place", fresh[-1].node)
    call = allocation(_assigned_value(fresh[0]))
    assert call is not None
    loops = fresh[0].context.loops
    anew = len(fresh) == 1 and made_anew(fresh[0], call, touches)
    if any(u.context.loops for u in fresh) and not anew:
        return Untracked("it is allocated in a loop", fresh[0].node)
    instead = tuple(u.context.statement.id for u in fresh[1:])
    return Allocation(fresh[0].context.statement.id, call, instead, loops)


def _is_instead(a: BareUse, b: BareUse, body: tree.Stmt) -> bool:
    """Whether only one of two allocations is ever made, and either asks for the same."""
    one, other = allocation(_assigned_value(a)), allocation(_assigned_value(b))
    assert one is not None
    assert other is not None
    same = text(one) == text(other) and _names(one) == _names(other)
    return same and exclusive(body, a.context.statement.id, b.context.statement.id)


def _names(call: tree.Call) -> list[Symbol]:
    return [n.symbol for n in tree.walk(call) if isinstance(n, tree.Name)]


def _problem(use: BareUse, summaries: dict[str, Effects]) -> str:
    """Why a use of the bare name lets its memory escape; "" if it does not."""
    if use.context.opaque:
        return "it is used where control flow is not understood"
    match use.role:
        case "value":
            return "its address is used as a value, so other names may reach its memory"
        case "argument" if use.call is not None and not _is_free(use):
            effects = effects_of(use.call, summaries)
            if effects.captures:
                return f"it is handed to '{use.call.name or 'a function pointer'}', which may keep its address"
        case "assigned":
            value = _assigned_value(use)
            if not is_null(value) and allocation(value) is None:
                return "it is assigned something other than a fresh allocation"
    return ""


def _is_free(use: BareUse) -> bool:
    return use.role == "argument" and use.call is not None and use.call.name == "free"


def _assigned_value(use: BareUse) -> Expr | None:
    match use.update:
        case tree.Assign(op="=", value=value):
            return value
        case tree.VarDecl(init=init):
            return init
    return None


# ----------------------------------------------------------------------------------------------- swaps


def _drop_broken_swaps(
    swaps: tuple[Swap, ...],
    leaky: frozenset[Symbol],
    untracked: dict[Symbol, Untracked],
    allocations: dict[Symbol, Allocation],
) -> None:
    """Names exchanged with an untracked name, or by way of a pointer that is used elsewhere too, are untracked."""
    changed = True
    while changed:
        changed = False
        for swap in swaps:
            names = [t for t, _ in swap.moves]
            bad = next((n for n in [*names, *swap.spare] if n in leaky or (n in names and n not in allocations)), None)
            for name in names if bad is not None else ():
                if allocations.pop(name, None) is not None:
                    untracked[name] = Untracked(f"it is exchanged by way of '{bad}', which is used elsewhere too")
                    changed = True
