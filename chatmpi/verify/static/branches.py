"""Collective calls that only some ranks come to: under a condition that depends on the rank."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.tree import Expr, Node, Program
from chatmpi.verify.simulate.errors import Kind
from chatmpi.verify.simulate.mpi.calls.collective_calls import collective
from chatmpi.verify.static.constants import Constants
from chatmpi.verify.static.findings import Finding
from chatmpi.verify.static.reached import mpi_calls

_OF_ALL = frozenset({"MPI_COMM_WORLD"})
_AGREES = {"MPI_Allreduce": 1, "MPI_Bcast": 0}  # what every rank has the same after it, by its place


def check(program: Program, constants: Constants) -> Iterator[Finding]:
    """None where both branches make the same collective calls in the same order."""
    ranks = _rank_dependent(program)
    for function in program.functions:
        for node in tree.walk(function.body):
            if isinstance(node, tree.If) and _depends(node.condition, ranks):
                yield from _of_branches(node, constants)
            elif isinstance(node, tree.For | tree.While | tree.DoWhile):
                condition = node.condition
                if condition is not None and _depends(condition, ranks):
                    for call, name in _collectives(node.body, constants):
                        yield _finding(f"{name} in a loop whose end depends on the rank", call)


def _of_branches(node: tree.If, constants: Constants) -> Iterator[Finding]:
    then = list(_collectives(node.then, constants))
    otherwise = list(_collectives(node.otherwise, constants)) if node.otherwise is not None else []
    if [name for _, name in then] == [name for _, name in otherwise]:
        return
    for call, name in (*then, *otherwise):
        yield _finding(f"{name} under a condition that depends on the rank: not all ranks may come to it", call)


def _finding(message: str, node: Node) -> Finding:
    return Finding(Kind.CALL_MATCHING, message, node, certain=False)


def _collectives(node: Node, constants: Constants) -> Iterator[tuple[tree.Call, str]]:
    """On MPI_COMM_WORLD: of other communicators it is not known which ranks they have."""
    for call, name in mpi_calls(node):
        where = collective(name)
        if where is None or where >= len(call.arguments):
            continue
        if constants.named(call.arguments[where]) in _OF_ALL:
            yield call, name


def _rank_dependent(program: Program) -> frozenset[int]:
    """Integers that may differ from rank to rank as they come from MPI_Comm_rank, by uid; not those that a collective
    call makes the same everywhere."""
    agreed = {
        symbol.uid
        for f in program.functions
        for call, name in mpi_calls(f.body)
        if name in _AGREES and len(call.arguments) > _AGREES[name]
        for symbol in (_pointed(call.arguments[_AGREES[name]]),)
        if symbol is not None
    }
    found = {
        target.operand.symbol.uid
        for f in program.functions
        for call, name in mpi_calls(f.body)
        if name == "MPI_Comm_rank" and len(call.arguments) == 2
        for target in (call.arguments[1],)
        if isinstance(target, tree.Unary) and isinstance(target.operand, tree.Name)
    }
    sets = [pair for f in program.functions for n in tree.walk(f.body) if (pair := _set_from(n)) is not None]
    while True:
        known = frozenset(found)
        more = {uid for uid, value in sets if uid not in found | agreed and _depends(value, known)}
        if not more:
            return frozenset(found)
        found |= more


def _set_from(node: Node) -> tuple[int, Expr] | None:
    match node:
        case tree.Assign(target=tree.Name(symbol=symbol), value=value) if _is_integer(symbol):
            return symbol.uid, value
        case tree.VarDecl(symbol=symbol, init=init) if init is not None and _is_integer(symbol):
            return symbol.uid, init
    return None


def _is_integer(symbol: tree.Symbol) -> bool:
    return isinstance(symbol.type, tree.Scalar) and symbol.type.is_integer


def _pointed(e: Expr) -> tree.Symbol | None:
    """The variable whose address an argument is."""
    e = bare(e)
    return e.operand.symbol if isinstance(e, tree.Unary) and isinstance(e.operand, tree.Name) else None


def _depends(e: Expr, ranks: frozenset[int]) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol.uid in ranks for n in tree.walk(e))
