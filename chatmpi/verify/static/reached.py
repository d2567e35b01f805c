"""Which MPI calls some run certainly gets to: those of main with nothing before them that may end the program, and with
no condition around them but one on the rank, which holds for some rank if there are enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Call, Expr, Node, Program, Stmt
from chatmpi.verify.static.constants import Constants

_ENDS = frozenset({"exit", "abort", "_Exit", "quick_exit", "MPI_Abort", "__assert_fail", "longjmp"})
_MOST_RANKS = 64


@dataclass(frozen=True)
class Site:
    """An MPI call. `certain`: some run gets there; `always`: on every rank."""

    call: Call
    name: str
    certain: bool
    always: bool


def sites(program: Program, constants: Constants) -> list[Site]:
    """All MPI calls, those of main first, in the order of the text."""
    main = program.function("main")
    reading = _Reading(program, constants)
    found = list(reading.of(main.body, True, True)) if main is not None else []
    for function in program.functions:
        if function is not main:
            found += [Site(c, n, False, False) for c, n in mpi_calls(function.body)]
    return found


def mpi_calls(node: Node) -> Iterator[tuple[Call, str]]:
    for n in tree.walk(node):
        if isinstance(n, Call) and (n.name or "").startswith("MPI_"):
            yield n, n.name or ""


def may_end(program: Program) -> frozenset[str]:
    """Functions that may end the program, or that nothing is known of."""
    own = {f.symbol.name: {n.name for n in tree.walk(f.body) if isinstance(n, Call)} for f in program.functions}
    found = {None, *_ENDS, *(program.declared_functions - own.keys())}
    while True:
        more = {name for name, called in own.items() if name not in found and called & found}
        if not more:
            return frozenset(n for n in found if n is not None)
        found |= more


class RankVariables:
    """Variables that hold the rank in MPI_COMM_WORLD, and nothing else."""

    def __init__(self, program: Program, constants: Constants) -> None:
        given: dict[int, int] = {}
        others: set[int] = set()
        for function in program.functions:
            for call, name in mpi_calls(function.body):
                if name == "MPI_Comm_rank" and len(call.arguments) == 2:
                    target = call.arguments[1]
                    if isinstance(target, tree.Unary) and isinstance(target.operand, tree.Name):
                        uid = target.operand.symbol.uid
                        given[uid] = given.get(uid, 0) + 1
                        if constants.named(call.arguments[0]) != "MPI_COMM_WORLD":
                            others.add(uid)
            for n in tree.walk(function.body):
                match n:
                    case tree.Assign(target=tree.Name(symbol=symbol)):
                        others.add(symbol.uid)
                    case tree.Unary(op="++x" | "--x" | "x++" | "x--", operand=tree.Name(symbol=symbol)):
                        others.add(symbol.uid)
        addresses = [
            n.operand.symbol.uid
            for f in program.functions
            for n in tree.walk(f.body)
            if isinstance(n, tree.Unary) and n.op == "&" and isinstance(n.operand, tree.Name)
        ]
        self._uids = {uid for uid, count in given.items() if uid not in others and addresses.count(uid) == count}

    def is_rank(self, e: Expr) -> bool:
        return isinstance(e, tree.Name) and e.symbol.uid in self._uids


class _Reading:
    """Walks main in order; `self._going` is false after what may end the program."""

    def __init__(self, program: Program, constants: Constants) -> None:
        self._constants, self._ranks = constants, RankVariables(program, constants)
        self._ends = may_end(program)
        self._going = True

    def of(self, statement: Stmt, certain: bool, always: bool) -> Iterator[Site]:
        match statement:
            case tree.Block(body=body):
                for s in body:
                    yield from self.of(s, certain, always)
            case tree.If(condition=condition, then=then, otherwise=otherwise):
                yield from self._calls(condition, certain, always)
                for branch, taken in ((then, True), (otherwise, False)):
                    if branch is not None:
                        some = certain and self._some_rank(condition, taken)
                        yield from self.of(branch, some, False)
            case tree.ExprStmt() | tree.Declaration():
                yield from self._calls(statement, certain, always)
            case tree.DoWhile(body=body, condition=condition):
                yield from self.of(body, certain, always)
                yield from self._calls(condition, False, False)
            case _:
                yield from self._calls(statement, False, False)
        if self._leaves(statement):
            self._going = False

    def _calls(self, node: Node, certain: bool, always: bool) -> Iterator[Site]:
        """A call that only part of an expression's runs get to is not certain."""
        open_ = not any(isinstance(n, tree.Conditional) or _is_short(n) for n in tree.walk(node))
        for call, name in mpi_calls(node):
            yield Site(call, name, certain and self._going and open_, always and self._going and open_)

    def _leaves(self, statement: Stmt) -> bool:
        for n in tree.walk(statement):
            if isinstance(n, tree.Return | tree.UnknownStmt | tree.UnknownExpr):
                return True
            if isinstance(n, Call) and (n.name is None or n.name in self._ends):
                return True
        return False

    def _some_rank(self, condition: Expr, taken: bool) -> bool:
        """Whether the condition is (not) met by some rank, if there are enough."""
        match condition:
            case tree.Unary(op="!", operand=operand):
                return self._some_rank(operand, not taken)
            case tree.Binary(op="==" | "!=", left=left, right=right) if self._ranks.is_rank(left):
                value = self._constants.value(right)
                return value is not None and 0 <= value < _MOST_RANKS
            case tree.Binary(op="==" | "!=", left=left, right=right) if self._ranks.is_rank(right):
                value = self._constants.value(left)
                return value is not None and 0 <= value < _MOST_RANKS
        return self._ranks.is_rank(condition)


def _is_short(node: Node) -> bool:
    return isinstance(node, tree.Binary) and node.op in ("&&", "||")
