"""Webs of a local variable: the definitions and uses that belong together, because a use sees one of the definitions.

Two webs of one variable have nothing in common but the name (Muchnick, Advanced Compiler Design and Implementation,
16.3.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.memory.struct_values import is_value_list
from chatmpi.analysis.tree import Node, Symbol

State = frozenset[int]
NOTHING: State = frozenset()
AT_ENTRY = 0
"""The definition that stands for a parameter's value before the first statement. (A variable without a value has no
definition: no program that is defined reads it.)"""


class Unfollowed(Exception):
    """The variable's address is taken, or control goes where it is not followed."""


@dataclass(frozen=True)
class Web:
    """`definitions`: declarations with an initialiser, assignments and steps, by id(); `uses`: names, by id().
    `entered`: the value before the first statement belongs to it."""

    symbol: Symbol
    definitions: Mapping[int, Node]
    uses: frozenset[int]

    @property
    def entered(self) -> bool:
        return AT_ENTRY in self.definitions

    def __hash__(self) -> int:
        return hash((self.symbol, min(self.definitions)))


def webs_of(symbol: Symbol, body: Node) -> list[Web]:
    """The webs of a variable in a function's body. Raises Unfollowed."""
    reaching = Reaching(symbol)
    reaching.run(body, frozenset({AT_ENTRY}) if symbol.storage == "parameter" else NOTHING)
    leader: dict[int, int] = {d: d for d in (AT_ENTRY, *reaching.definitions)}

    def find(d: int) -> int:
        while leader[d] != d:
            d = leader[d]
        return d

    for use, seen in reaching.uses.items():
        if not seen:
            raise Unfollowed
        together = [find(d) for d in (*seen, *([reaching.steps[use]] if use in reaching.steps else []))]
        for d in together:
            leader[find(d)] = find(together[0])
    groups: dict[int, set[int]] = {}
    for d in leader:
        groups.setdefault(find(d), set()).add(d)
    nodes = {**reaching.definitions, AT_ENTRY: body}
    found = []
    for group in groups.values():
        uses = frozenset(u for u, seen in reaching.uses.items() if seen & group)
        if group != {AT_ENTRY} or uses:
            found.append(Web(symbol, {d: nodes[d] for d in sorted(group)}, uses))
    return found


def is_closed(web: Web, statements: Iterable[Node]) -> bool:
    """Whether no use of the web in these statements sees a value from before them."""
    reaching = Reaching(web.symbol)
    reaching.run_all(statements, frozenset({AT_ENTRY}))
    return not any(AT_ENTRY in seen for use, seen in reaching.uses.items() if use in web.uses)


@dataclass
class _Jumps:
    breaks: set[int] = field(default_factory=set)
    continues: set[int] = field(default_factory=set)


class Reaching:
    """The definitions of a variable that reach each of its uses, and each loop (behind a for's first part).

    `steps`: the definition that a use is part of (`p++`, `p += 2`).
    """

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.uses: dict[int, State] = {}
        self.definitions: dict[int, Node] = {}
        self.steps: dict[int, int] = {}
        self.loops: dict[int, State] = {}
        self._jumps: list[_Jumps] = [_Jumps()]
        self._leaving: dict[int, State] = {}  # by the id of the block whose end control goes to

    def run(self, body: Node, state: State) -> State:
        return self._statement(body, state) if isinstance(body, tree.Stmt) else self._expression(body, state)

    def run_all(self, statements: Iterable[Node], state: State) -> State:
        for s in statements:
            state = self.run(s, state)
        return state

    def _statement(self, s: Node, state: State) -> State:
        match s:
            case tree.Declaration(variables=variables):
                for v in variables:
                    state = self._declared(v, state)
                return state
            case tree.Block(body=body):
                return self.run_all(body, state) | self._leaving.pop(s.id, NOTHING)
            case tree.If(condition=condition, then=then, otherwise=otherwise):
                state = self._expression(condition, state)
                branch = self._statement(then, state)
                return branch | (state if otherwise is None else self._statement(otherwise, state))
            case tree.For(init=init):
                state = state if init is None else self._statement(init, state)
                return self._loop(s, state)
            case tree.While() | tree.DoWhile():
                return self._loop(s, state)
            case tree.Return(value=value):
                if value is not None:
                    self._expression(value, state)
                return NOTHING
            case tree.Break():
                self._jumps[-1].breaks |= state
                return NOTHING
            case tree.Continue():
                self._jumps[-1].continues |= state
                return NOTHING
            case tree.Leave(block=block):
                self._leaving[block] = self._leaving.get(block, NOTHING) | state
                return NOTHING
            case tree.UnknownStmt():
                raise Unfollowed
        for part in tree.children(s):
            state = self._expression(part, state)
        return state

    def _loop(self, loop: tree.For | tree.While | tree.DoWhile, state: State) -> State:
        self._jumps.append(_Jumps())
        self.loops[id(loop)] = self.loops.get(id(loop), NOTHING) | state
        condition = loop.condition
        step = loop.step if isinstance(loop, tree.For) else None
        left = state
        while True:
            before = state
            if not isinstance(loop, tree.DoWhile) and condition is not None:
                state = self._expression(condition, state)
            left = state
            state = self._statement(loop.body, state) | self._jumps[-1].continues
            if isinstance(loop, tree.DoWhile):
                assert condition is not None
                left = state = self._expression(condition, state)
            if step is not None:
                state = self._expression(step, state)
            if state <= before:
                break
            state = state | before
        endless = condition is None and not isinstance(loop, tree.DoWhile)
        return (NOTHING if endless else left) | self._jumps.pop().breaks

    def _declared(self, v: tree.VarDecl, state: State) -> State:
        for extent in v.extents:
            state = state if extent is None else self._expression(extent, state)
        if v.init is not None:
            state = self._expression(v.init, state)
        if v.symbol != self.symbol or v.symbol.storage == "static":
            return state
        return self._defined(v) if v.init is not None else NOTHING

    def _defined(self, node: Node) -> State:
        self.definitions[id(node)] = node
        return frozenset({id(node)})

    def _expression(self, expr: Node, state: State) -> State:
        match expr:
            case tree.Name(symbol=symbol):
                if symbol == self.symbol:
                    self.uses[id(expr)] = self.uses.get(id(expr), NOTHING) | state
                return state
            case tree.Assign(op=op, target=tree.Name(symbol=symbol) as target, value=value) if symbol == self.symbol:
                state = self._expression(value, state)
                return self._changed(expr, target, state) if op != "=" else self._defined(expr)
            case tree.Unary(op="++x" | "--x" | "x++" | "x--", operand=tree.Name(symbol=symbol) as target) if (
                symbol == self.symbol
            ):
                return self._changed(expr, target, state)
            case tree.Unary(op="&", operand=tree.Name(symbol=symbol)) if symbol == self.symbol:
                raise Unfollowed
            case tree.Binary(op="&&" | "||", left=left, right=right):
                state = self._expression(left, state)
                return state | self._expression(right, state)
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                state = self._expression(condition, state)
                return self._expression(then, state) | self._expression(otherwise, state)
            case tree.UnknownExpr() if not is_value_list(expr) and any(
                isinstance(n, tree.Name) and n.symbol == self.symbol for n in tree.walk(expr)
            ):
                raise Unfollowed
        for part in tree.children(expr):
            state = self._expression(part, state)
        return state

    def _changed(self, node: Node, target: tree.Name, state: State) -> State:
        self._expression(target, state)
        self.steps[id(target)] = id(node)
        return self._defined(node)


def is_dead_after(counter: Symbol, loop: tree.Stmt, function: tree.Function) -> bool:
    """Whether what a loop leaves in its counter is never looked at."""
    inside = {id(n) for n in tree.walk(loop)}
    reaching = Reaching(counter)
    try:
        reaching.run(function.body, frozenset())
    except Unfollowed:
        return False
    outside = any(seen & inside for use, seen in reaching.uses.items() if use not in inside)
    first = loop.init if isinstance(loop, tree.For) else None
    inside -= {id(n) for n in tree.walk(first)} if first is not None else set()
    return not outside and not reaching.loops[id(loop)] & inside
