"""What stands around a statement or a name of a function: blocks, loops, and what may change a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import ENDING, LIBRARY, Does
from chatmpi.analysis.expressions import STEPS, changed
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, Symbol


@dataclass
class Surroundings:
    """One function of a program, with the node around each node."""

    program: Program
    function: tree.Function
    parents: Parents = field(init=False)

    def __post_init__(self) -> None:
        self.parents = parents([self.function])

    def parent(self, node: Node) -> Node:
        return self.parents[id(node)]

    def above(self, node: Node) -> Iterator[Node]:
        """The nodes around a node, innermost first."""
        while (found := self.parents.get(id(node))) is not None:
            yield found
            node = found

    def before(self, s: Stmt) -> tuple[Stmt, ...]:
        """The statements before `s` in its block, nearest first."""
        around = self.parents.get(id(s))
        if not isinstance(around, tree.Block):
            return ()
        return tuple(reversed(around.body[: next(k for k, b in enumerate(around.body) if b is s)]))

    def mentions(self, symbol: Symbol) -> list[tree.Name]:
        return [n for n in tree.walk(self.function.body) if isinstance(n, tree.Name) and n.symbol == symbol]

    def is_private(self, symbol: Symbol) -> bool:
        """Whether only the function's own text can change a variable."""
        return symbol.storage in {"local", "parameter"} and not any(
            isinstance(n, tree.Unary) and n.op == "&" and _is_named(n.operand, symbol)
            for n in tree.walk(self.function.body)
        )

    def _is_own(self, structure: Symbol) -> bool:
        """Whether only the function's own text, by this name, can change a structure or a member of it."""
        return structure.storage in {"local", "parameter"} and not any(
            isinstance(n, tree.Unary) and n.op == "&" and _root_of(n.operand) == structure
            for n in tree.walk(self.function.body)
        )

    def is_steady(self, expr: Expr, nodes: Iterable[Node]) -> bool:
        """Whether an expression keeps its value while `nodes` are carried out: they change none of its variables, nor
        of the members of structures that it reads."""
        names: set[Symbol] = set()
        structures: set[Symbol] = set()
        members: set[tree.Scalar] = set()
        through_pointers = False
        for n in tree.walk(expr):
            match n:
                case tree.Member(base=tree.Name(symbol=symbol), type=tree.Scalar() as kind, arrow=False):
                    structures.add(symbol)
                    members.add(kind)
                case tree.Name(symbol=symbol):
                    if symbol.storage != "enumerator" and not symbol.const:
                        names.add(symbol)
                case tree.Member(base=tree.Name(), type=tree.Scalar() as kind):
                    members.add(kind)
                    through_pointers = True
                case tree.IntLiteral() | tree.Sizeof() | tree.Cast():
                    continue
                case tree.Binary(op="+" | "-" | "*" | "/" | "%") | tree.Unary(op="+" | "-"):
                    continue
                case _:
                    return False
        many = list(nodes)
        own = {s for s in structures if self._is_own(s)}
        if own:
            if any(_root_of(target) in own for n in many if (target := _stored_to(n)) is not None):
                return False
            if own == structures and not through_pointers:
                structures, members = set(), set()
        shared = {s for s in names - structures if not self.is_private(s)}
        of_file = {s for s in shared if s.storage in {"global", "static"}}
        if shared != of_file:
            return False
        if any(changed(n) in names for n in many):
            return False
        if not (of_file or members):
            return True
        return not of_file & self._pointed_to() and self._leave(many, of_file | structures, members)

    def _leave(self, nodes: list[Node], names: set[Symbol], members: set[tree.Scalar]) -> bool:
        """Whether `nodes`, and the functions that they call, leave variables and members of structures as they are.
        Members may change wherever something of their type is stored through a pointer or by element."""
        reached = self._reached(nodes)
        if reached is None:
            return False
        for n in reached:
            target = _stored_to(n)
            if target is None:
                continue
            if isinstance(target, tree.Name):
                if target.symbol in names:
                    return False
                continue
            if members and any(_may_share(target.type, kind) for kind in members):
                return False
        return True

    def _reached(self, nodes: list[Node]) -> list[Node] | None:
        """The nodes, and those of all functions that they may call; None if not all of them are known."""
        quiet = {Does.NOTHING, Does.OUTPUT, Does.ALLOCATES}
        defined = {g.symbol.name: g for g in self.program.functions}
        found, seen, waiting = [], set[str](), list(nodes)
        while waiting:
            n = waiting.pop()
            found.append(n)
            if not isinstance(n, tree.Call) or n.name in seen:
                continue
            if n.name in defined:
                seen.add(n.name)
                waiting += tree.walk(defined[n.name].body)
            elif LIBRARY.get(n.name or "") not in quiet:
                return None
        return found

    def _pointed_to(self) -> set[Symbol]:
        """The variables of file scope whose address is taken somewhere."""
        return {
            n.operand.symbol
            for part in (*self.program.globals, *(g.body for g in self.program.functions))
            for n in tree.walk(part)
            if isinstance(n, tree.Unary) and n.op == "&" and isinstance(n.operand, tree.Name)
        }

    def may_end(self, nodes: Iterable[Node]) -> bool:
        """Whether a call may end the program, or never come back, in the program's own functions too."""
        defined = {g.symbol.name: g for g in self.program.functions}
        seen, waiting = set[str](), list(nodes)
        while waiting:
            n = waiting.pop()
            if not isinstance(n, tree.Call) or n.name in seen:
                continue
            if n.name is None or (n.name not in defined and LIBRARY.get(n.name) in {None, *ENDING}):
                return True
            if n.name in defined:
                seen.add(n.name)
                waiting += tree.walk(defined[n.name].body)
        return False


def _root_of(expr: Node) -> Symbol | None:
    """The variable that an expression is, or is a member of."""
    while isinstance(expr, tree.Member) and not expr.arrow:
        expr = expr.base
    return expr.symbol if isinstance(expr, tree.Name) else None


def _is_named(expr: Node, symbol: Symbol) -> bool:
    return isinstance(expr, tree.Name) and expr.symbol == symbol


def _stored_to(node: Node) -> Expr | None:
    """What a node itself assigns or steps."""
    match node:
        case tree.Assign(target=target):
            return target
        case tree.Unary(op=op, operand=operand) if op in STEPS:
            return operand
    return None


def _may_share(stored: tree.CType, kind: tree.Scalar) -> bool:
    """Whether something that is stored with one type may be read with another (C11, 6.5:7)."""
    if not isinstance(stored, tree.Scalar):
        return not isinstance(stored, tree.Pointer)
    plain = stored.name.removeprefix("unsigned ").removeprefix("signed ")
    return plain in {"char", kind.name.removeprefix("unsigned ").removeprefix("signed ")}


def stepping(expr: Node) -> tuple[Symbol, tree.Expr | int, bool] | None:
    """`k++`, `k -= c`, `k = k + c`: the variable, by how much it changes, and whether downward."""
    match expr:
        case tree.Unary(op="x++" | "++x", operand=tree.Name(symbol=symbol)):
            return symbol, 1, False
        case tree.Unary(op="x--" | "--x", operand=tree.Name(symbol=symbol)):
            return symbol, 1, True
        case tree.Assign(op="+=" | "-=" as op, target=tree.Name(symbol=symbol), value=value):
            return symbol, _amount(value), op == "-="
        case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=tree.Binary(op="+" | "-" as op) as sum_):
            if isinstance(sum_.left, tree.Name) and sum_.left.symbol == symbol:
                return symbol, _amount(sum_.right), op == "-"
            if op == "+" and isinstance(sum_.right, tree.Name) and sum_.right.symbol == symbol:
                return symbol, _amount(sum_.left), False
    return None


def _amount(value: Expr) -> Expr | int:
    return value.value if isinstance(value, tree.IntLiteral) and value.macro is None else value


def is_counter(symbol: Symbol) -> bool:
    """An integer at least as wide as int."""
    kind = symbol.type
    return isinstance(kind, tree.Scalar) and kind.is_integer and kind.name.split()[-1] in {"int", "long"}


def statements_of(body: Stmt) -> tuple[Stmt, ...]:
    return body.body if isinstance(body, tree.Block) else (body,)


def jumps_on(body: Stmt) -> bool:
    """Whether a `continue` of this loop stands in its body."""
    if isinstance(body, tree.For | tree.While | tree.DoWhile):
        return False
    if isinstance(body, tree.Continue | tree.UnknownStmt):
        return True
    return any(jumps_on(p) for p in tree.children(body) if isinstance(p, Stmt))


def is_always_evaluated(expr: Node, part: Node) -> bool:
    """Whether evaluating `expr` evaluates `part`, just once."""
    if expr is part:
        return True
    parts = tree.children(expr)
    match expr:
        case tree.Binary(op="&&" | "||"):
            parts = parts[:1]
        case tree.Conditional():
            parts = parts[:1]
        case tree.Sizeof() | tree.UnknownExpr():
            return False
    return any(is_always_evaluated(p, part) for p in parts)
