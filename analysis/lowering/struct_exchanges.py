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
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.expressions import bare, changed_or_lent, is_null, is_step
from chatmpi.analysis.iterations.updates import same
from chatmpi.analysis.memory.pointer_exchanges import Swap, pointer_copies, pointer_exchanges
from chatmpi.analysis.memory.struct_values import record_of
from chatmpi.analysis.rewriting import rewritten
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
    order = _Order(main, program)
    groups = [g for g in _groups(swaps) if order.is_exchangeable(g, [s for s in swaps if _moved(s) <= g])]
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


class _Order:
    """Main's nodes in the order of the text, which is that of their execution outside of loops."""

    def __init__(self, main: tree.Function, program: Program) -> None:
        self.program = program
        self.nodes = list(tree.walk(main.body))
        self.position = {id(n): k for k, n in enumerate(self.nodes)}
        self.around = {id(part): n for n in self.nodes for part in tree.children(n)}
        self.is_plain = not any(isinstance(n, tree.UnknownStmt) for n in self.nodes)
        others = [n for f in program.functions if f is not main for n in tree.walk(f)]
        self.elsewhere = {s for n in others if (s := changed_or_lent(n)) is not None}
        self.named_elsewhere = {n.symbol for n in others if isinstance(n, tree.Name)}

    def is_exchangeable(self, group: frozenset[Symbol], swaps: Sequence[Swap]) -> bool:
        """Whether the pointers and those between them lead to one type of struct, and all members but pointers hold
        the same in all of them when they are exchanged."""
        kinds = {s.type for s in group} | {p.type for s in swaps for p in s.spare}
        kind = next(iter(kinds))
        if len(kinds) != 1 or not isinstance(kind, tree.Pointer) or group & self.named_elsewhere or not self.is_plain:
            return False
        ids = {i for s in swaps for i in s.statements}
        begin = min((self.position[id(n)] for n in self.nodes if isinstance(n, Stmt) and n.id in ids), default=0)
        leaves = paths(kind.target, self.program.records)
        if leaves is None or not any(isinstance(p[-1][1], tree.Pointer) for p in leaves):
            return False
        if not self._are_spare(frozenset(p for s in swaps for p in s.spare), ids):
            return False
        return all(self._is_same(p, group, begin) for p in leaves if not isinstance(p[-1][1], tree.Pointer))

    def _are_spare(self, spare: frozenset[Symbol], ids: set[int]) -> bool:
        """Whether the pointers in between are used for nothing else."""
        inside = {id(m) for n in self.nodes if isinstance(n, Stmt) and n.id in ids for m in tree.walk(n)}
        uses = (n for n in self.nodes if isinstance(n, tree.Name | tree.VarDecl) and n.symbol in spare)
        local = all(s.storage == "local" for s in spare)
        bare_ones = (isinstance(n, tree.VarDecl) and n.init is None for n in uses if id(n) not in inside)
        return local and all(bare_ones)

    def _is_same(self, path: Path, group: frozenset[Symbol], begin: int) -> bool:
        """Whether a member is given once in each struct, before they are exchanged first, and the same; or never."""
        given = [self._given(path, pointer) for pointer in group]
        if any(g is None for g in given):
            return False
        found = [g for g in given if g]
        if not found:
            return True
        if len(found) < len(given) or any(len(g) != 1 or self.position[id(g[0])] >= begin for g in found):
            return False
        places = [self.position[id(g[0])] for g in found]
        first, *others = (self._resolved(g[0].value) for g in found)
        return all(same(first, o) for o in others) and self._is_steady(first, min(places))

    def _given(self, path: Path, pointer: Symbol) -> list[tree.Assign] | None:
        """The assignments of a member, each a statement that is always executed; None where it changes otherwise."""
        found: list[tree.Assign] = []
        for n in self.nodes:
            if not isinstance(n, tree.Member) or not _leads(n, path, pointer):
                continue
            above = self.around[id(n)]
            if isinstance(above, tree.UnknownExpr) or is_step(above) or _is_address(above):
                return None
            if isinstance(above, tree.Assign) and above.target is n:
                if above.op != "=" or not self._is_always_executed(above):
                    return None
                found.append(above)
        return found

    def _is_always_executed(self, assign: tree.Assign) -> bool:
        """Whether a statement of its own is left out by nothing but a test for memory, and repeated by nothing."""
        below: Node = self.around[id(assign)]
        if not isinstance(below, tree.ExprStmt):
            return False
        while (above := self.around.get(id(below))) is not None:
            if isinstance(above, tree.If) and not _is_about_memory(above.condition):
                return False
            if isinstance(above, tree.For | tree.While | tree.DoWhile):
                return False
            below = above
        return True

    def _resolved(self, value: Expr) -> Expr:
        """A value, by what its variables were handed on from."""
        return rewritten(value, lambda n: self._source(n) if isinstance(n, tree.Name) else n)

    def _source(self, name: tree.Name) -> Expr:
        found: Expr = name
        while isinstance(found, tree.Name) and found.symbol.storage == "local":
            symbol = found.symbol
            inits = [n.init for n in self.nodes if isinstance(n, tree.VarDecl) and n.symbol == symbol]
            if len(inits) != 1 or inits[0] is None or any(changed_or_lent(n) == symbol for n in self.nodes):
                break
            handed = bare(inits[0])
            if not isinstance(handed, tree.Name | tree.IntLiteral | tree.FloatLiteral) or handed.type != found.type:
                break
            found = handed
        return found

    def _is_steady(self, value: Expr, begin: int) -> bool:
        """Whether a value is the same from a place on: made of constants and variables that do not change any more."""
        for n in tree.walk(value):
            if isinstance(n, tree.IntLiteral | tree.FloatLiteral | tree.Cast | tree.Sizeof):
                continue
            if isinstance(n, tree.Binary | tree.Unary) and n.op in {"+", "-", "*", "/", "%"}:
                continue
            if not isinstance(n, tree.Name) or not isinstance(n.type, tree.Scalar) or n.symbol in self.elsewhere:
                return False
            if not self._stays(n.symbol, begin):
                return False
        return True

    def _stays(self, symbol: Symbol, begin: int) -> bool:
        for k, n in enumerate(self.nodes):
            if isinstance(n, tree.VarDecl) and n.symbol == symbol and self._is_repeated(n):
                return False
            if changed_or_lent(n) == symbol:
                lent = isinstance(n, tree.Unary) and n.op == "&"
                if k >= begin or (lent and not self._is_given_by_library(n)):
                    return False
        return True

    def _is_repeated(self, node: Node) -> bool:
        while (above := self.around.get(id(node))) is not None:
            if isinstance(above, tree.For | tree.While | tree.DoWhile):
                return True
            node = above
        return False

    def _is_given_by_library(self, address: Node) -> bool:
        call = self.around.get(id(address))
        keeps_nothing = {Does.INPUT, Does.FILE, Does.WRITES_ARGUMENTS}
        return isinstance(call, tree.Call) and LIBRARY.get(call.name or "") in keeps_nothing


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


def _is_about_memory(condition: Expr) -> bool:
    match condition:
        case tree.Unary(op="!", operand=operand):
            return _is_about_memory(operand)
        case tree.Binary(op="==" | "!=", left=left, right=right):
            return is_null(right) and isinstance(left.type, tree.Pointer)
        case tree.Binary(op="&&" | "||", left=left, right=right):
            return _is_about_memory(left) and _is_about_memory(right)
    return isinstance(condition.type, tree.Pointer)
