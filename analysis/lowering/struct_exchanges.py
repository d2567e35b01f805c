"""Pointers to structs that are exchanged, as the exchange of what their members point at.

    Field *t = a; a = b; b = t;       is, for `struct { int n; double *u, *v; }`,
    double *t_u = a->u, *t_v = a->v; a->u = b->u, a->v = b->v; b->u = t_u, b->v = t_v;

where all else in the two structs (`n`) is given once, the same to both, before they are exchanged. The text stays as
it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_step
from chatmpi.analysis.lowering.given_once import Order
from chatmpi.analysis.memory.pointer_exchanges import Swap, pointer_copies, pointer_exchanges
from chatmpi.analysis.memory.struct_values import record_of
from chatmpi.analysis.tree import CType, Expr, Node, Program, Record, Stmt, Symbol

Path = tuple[tuple[str, CType], ...]  # the members that lead to one that is no struct itself


@dataclass(frozen=True)
class StructExchanges:
    """`statements`: those that the exchanges consist of, with their copies; `spare`: the pointers in between."""

    statements: Mapping[int, Sequence[tuple[Symbol, Symbol]]] = field(default_factory=dict)
    spare: frozenset[Symbol] = frozenset()
    groups: tuple[frozenset[Symbol], ...] = ()


def struct_exchanges(main: tree.Function, program: Program) -> StructExchanges:
    """The exchanges of pointers to structs in main; those of which something is not understood are left out."""
    swaps = [s for s in pointer_exchanges(main.body) if all(_leads_to_struct(t, program) for t, _ in s.moves)]
    return _without_doubt(swaps, main, program)


def without(exchanges: StructExchanges, main: tree.Function, lost: set[Symbol]) -> StructExchanges:
    """The exchanges without those of pointers that are not understood."""
    swaps = [s for s in pointer_exchanges(main.body) if _statements(s) <= exchanges.statements.keys()]
    groups = tuple(g for g in exchanges.groups if not g & lost)
    kept = [s for s in swaps if any(_moved(s) <= g for g in groups)]
    return _of(kept, main, groups)


def _leads_to_struct(pointer: Symbol, program: Program) -> bool:
    return isinstance(pointer.type, tree.Pointer) and record_of(pointer.type.target, program.records) is not None


def _statements(swap: Swap) -> set[int]:
    return set(swap.statements)


def _moved(swap: Swap) -> frozenset[Symbol]:
    return frozenset(t for t, _ in swap.moves)


def _of(swaps: Sequence[Swap], main: tree.Function, groups: tuple[frozenset[Symbol], ...]) -> StructExchanges:
    ids = {i for s in swaps for i in s.statements}
    copies = {s.id: pointer_copies(s) for s in tree.statements(main.body) if s.id in ids}
    return StructExchanges(copies, frozenset(p for s in swaps for p in s.spare), groups)


def _without_doubt(swaps: list[Swap], main: tree.Function, program: Program) -> StructExchanges:
    if not swaps:
        return StructExchanges()
    order = Order(main, program)
    groups = [g for g in _groups(swaps) if _is_exchangeable(order, g, [s for s in swaps if _moved(s) <= g])]
    kept = [s for s in swaps if any(_moved(s) <= g for g in groups)]
    return _of(kept, main, tuple(groups))


def _groups(swaps: Sequence[Swap]) -> list[frozenset[Symbol]]:
    """The pointers that exchanges connect."""
    groups: list[frozenset[Symbol]] = []
    for s in swaps:
        mine = _moved(s)
        mine = mine.union(*(g for g in groups if g & mine))
        groups = [g for g in groups if not g & mine] + [mine]
    return groups


def paths(kind: CType, records: Mapping[str, Record]) -> list[Path] | None:
    """The members of a struct that are none themselves; None where one is an array or cannot be told apart."""
    record = record_of(kind, records)
    if record is None:
        return None
    found: list[Path] = []
    for f in record.fields:
        step = (f.symbol.name, f.symbol.type)
        if isinstance(f.symbol.type, tree.Scalar | tree.Pointer):
            found.append((step,))
            continue
        deeper = paths(f.symbol.type, records)
        if deeper is None:
            return None
        found += [(step, *p) for p in deeper]
    return found


# ---------------------------------------------------------------------------------------- what stays the same


def _is_exchangeable(order: Order, group: frozenset[Symbol], swaps: Sequence[Swap]) -> bool:
    """Whether the pointers and those between them lead to one type of struct, and all members but pointers hold
    the same in all of them when they are exchanged."""
    kinds = {s.type for s in group} | {p.type for s in swaps for p in s.spare}
    kind = next(iter(kinds))
    if len(kinds) != 1 or not isinstance(kind, tree.Pointer) or group & order.named_elsewhere or not order.is_plain:
        return False
    ids = {i for s in swaps for i in s.statements}
    begin = min((order.position[id(n)] for n in order.nodes if isinstance(n, Stmt) and n.id in ids), default=0)
    leaves = paths(kind.target, order.program.records)
    if leaves is None or not any(isinstance(p[-1][1], tree.Pointer) for p in leaves):
        return False
    if not _are_spare(order, frozenset(p for s in swaps for p in s.spare), ids):
        return False
    return all(_is_same(order, p, group, begin) for p in leaves if not isinstance(p[-1][1], tree.Pointer))


def _are_spare(order: Order, spare: frozenset[Symbol], ids: set[int]) -> bool:
    """Whether the pointers in between are used for nothing else."""
    inside = {id(m) for n in order.nodes if isinstance(n, Stmt) and n.id in ids for m in tree.walk(n)}
    uses = (n for n in order.nodes if isinstance(n, tree.Name | tree.VarDecl) and n.symbol in spare)
    local = all(s.storage == "local" for s in spare)
    bare_ones = (isinstance(n, tree.VarDecl) and n.init is None for n in uses if id(n) not in inside)
    return local and all(bare_ones)


def _is_same(order: Order, path: Path, group: frozenset[Symbol], begin: int) -> bool:
    """Whether a member is given once in each struct, before they are exchanged first, and the same; or never."""
    given = [_given(order, path, pointer) for pointer in group]
    known = [g for g in given if g is not None]
    return len(known) == len(given) and order.are_same(known, begin)


def _given(order: Order, path: Path, pointer: Symbol) -> list[tree.Assign] | None:
    """The assignments of a member, each a statement that is always executed; None where it changes otherwise."""
    found: list[tree.Assign] = []
    for n in order.nodes:
        if not isinstance(n, tree.Member) or not _leads(n, path, pointer):
            continue
        above = order.around[id(n)]
        if isinstance(above, tree.UnknownExpr) or is_step(above) or _is_address(above):
            return None
        if isinstance(above, tree.Assign) and above.target is n:
            if above.op != "=" or not order.is_always_executed(above):
                return None
            found.append(above)
    return found


def _leads(node: tree.Member, path: Path, pointer: Symbol) -> bool:
    """Whether a node is the member of what a pointer leads to."""
    names = [name for name, _ in path]
    base: Expr = node
    while names:
        if not isinstance(base, tree.Member) or base.field != names.pop():
            return False
        if names and base.arrow:
            return False
        last, base = base, bare(base.base)
    return last.arrow and isinstance(base, tree.Name) and base.symbol == pointer


def _is_address(node: Node) -> bool:
    return isinstance(node, tree.Unary) and node.op == "&"
