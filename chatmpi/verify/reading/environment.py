"""The start and end of MPI: MPI_Init before all else, rank and number of ranks, MPI_Finalize before every end."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_null
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.reading import Position, Where
from chatmpi.verify.reading.roles import RANK_VALUE, SIZE_VALUE
from chatmpi.verify.reading.row import Row
from chatmpi.verify.reading.state import State


def check_call(row: Row, call: tree.Call, name: str, where: Where, at: Position) -> None:
    match name:
        case "MPI_Init":
            _init(call, where, at)
        case "MPI_Comm_rank" | "MPI_Comm_size":
            _asked(row, call, name, where, at)
        case "MPI_Finalize":
            _finalize(call, where, at)
        case "MPI_Abort":
            _abort(call, where, at)


def check_collective(call: tree.Call, name: str, where: Where, state: State) -> None:
    """All ranks come here together, and MPI is running."""
    if state.phase != "running":
        raise Mismatch(call, f"{name} is called while MPI is not running")
    if where.root or where.owner is not None:
        who = "rank 0" if where.root else "the owner of a row"
        raise Mismatch(call, f"only {who} calls {name}", "with 2 ranks, one waits for the other for ever")
    if where.varies:
        raise Mismatch(call, f"not every rank may come to this call of {name}: {where.varies}")


def _init(call: tree.Call, where: Where, at: Position) -> None:
    if at.state.phase != "before" or not where.in_main:
        raise Mismatch(call, "MPI_Init is called once more, or outside main")
    addresses = [address_of(a) for a in call.arguments]
    mains = [p.symbol for p in at.reading.candidate_main.parameters][:2]
    given = [a.symbol for a in addresses if a is not None]
    if not (len(given) == 2 and given == mains) and not all(is_null(a) for a in call.arguments):
        raise Mismatch(call, "MPI_Init gets something other than main's parameters")
    at.state = replace(at.state, phase="running")
    at.reading.findings.holds("MPI_Init comes before everything else in main")


def _asked(row: Row, call: tree.Call, name: str, where: Where, at: Position) -> None:
    """The rank or the number of ranks goes to a variable that keeps it."""
    if at.state.phase != "running" or where.varies or where.root or where.owner is not None or where.loops:
        raise Mismatch(call, f"{name} is not called once by every rank while MPI runs")
    if len(call.arguments) != 2 or not is_world(call.arguments[0], at):
        raise Mismatch(call, f"{name} is not asked about MPI_COMM_WORLD")
    place = address_of(call.arguments[1])
    if place is None or place.symbol in at.reading.pairs.source or not where.in_main:
        raise Mismatch(call, f"{name} does not set a variable of its own")
    symbol = place.symbol
    if symbol in at.reading.changed or at.reading.addressed.get(symbol) != 1:
        raise Mismatch(call, f"'{symbol}' is set elsewhere too")
    if symbol.storage != "local" and not (row.outermost and row.at == 0):
        raise Mismatch(call, f"functions may use '{symbol}' before it is set here")
    value = RANK_VALUE if name == "MPI_Comm_rank" else SIZE_VALUE
    at.reading.roles.add(symbol, value)


def _finalize(call: tree.Call, where: Where, at: Position) -> None:
    if at.state.phase != "running":
        raise Mismatch(call, "MPI_Finalize is called while MPI is not running")
    if where.root or where.owner is not None or where.varies:
        raise Mismatch(
            call, f"not every rank may come to this MPI_Finalize: {where.varies or 'a condition on the rank'}"
        )
    at.state = replace(at.state, phase="finalized")


def _abort(call: tree.Call, where: Where, at: Position) -> None:
    if at.state.phase != "running" or len(call.arguments) != 2 or not is_world(call.arguments[0], at):
        raise Mismatch(call, "MPI_Abort does not end all ranks here")
    if not where.failing:
        raise Mismatch(call, "MPI_Abort ends the program where no allocation has failed")
    status = call.arguments[1]
    if not isinstance(status, tree.IntLiteral) or status.value == 0:
        raise Mismatch(call, "MPI_Abort reports success")
    at.state = replace(at.state, phase="aborted")


# ------------------------------------------------------------------------------------------- arguments


def is_constant(expr: Expr, names: str | frozenset[str], at: Position) -> bool:
    """Whether an argument is one of MPI's own constants."""
    wanted = {names} if isinstance(names, str) else names
    match expr:
        case tree.Cast(operand=operand):
            return is_constant(operand, names, at)
        case tree.Name(symbol=symbol):
            return symbol.name in wanted and symbol.storage in {"global", "enumerator"} and not _is_own(symbol, at)
    return False


def _is_own(symbol: Symbol, at: Position) -> bool:
    """Whether the candidate's own file declares it."""
    return any(v.symbol == symbol for v in at.reading.candidate.globals)


def is_world(expr: Expr, at: Position) -> bool:
    return is_constant(expr, "MPI_COMM_WORLD", at)


def address_of(expr: Expr) -> tree.Name | None:
    """`x` of `&x`."""
    match expr:
        case tree.Unary(op="&", operand=tree.Name() as name):
            return name
    return None
