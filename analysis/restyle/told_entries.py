"""Entries of constant tables that a function tells by numbers, `list[1]`."""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.struct_tables import StructTable
from chatmpi.analysis.tree import CType, Expr, Function, Symbol


class ToldEntries:
    """The entries that one function tells so, also by constants of its own, `const long at = 1;`."""

    def __init__(self, f: Function, tables: Mapping[Symbol, StructTable]) -> None:
        self._tables = tables
        self._numbers = {
            v.symbol: number.value
            for v in tree.walk(f.body)
            if isinstance(v, tree.VarDecl) and v.symbol.const and v.symbol.storage == "local"
            and isinstance(number := v.init, tree.IntLiteral) and number.macro is None
        }  # fmt: skip

    def held(self, member: Expr) -> tuple[Expr | None, CType] | None:
        """What a member of an entry that is told by a number was given (None: it is zero), and its type."""
        names: list[str] = []
        while isinstance(member, tree.Member) and not member.arrow:
            names.insert(0, member.field)
            member = member.base
        table, number = self._entry(member)
        path = ".".join(names)
        if table is None or not 0 <= number < len(table.entries) or path not in table.kinds:
            return None
        entry = table.entries[number]
        given = all(isinstance(entry.get(".".join(names[:k])), tree.InitList | None) for k in range(1, len(names)))
        return (entry.get(path), table.kinds[path]) if given else None

    def _entry(self, base: Expr) -> tuple[StructTable | None, int]:
        match base:
            case tree.Index(base=tree.Name(symbol=symbol), subscript=tree.IntLiteral(value=number)):
                return self._tables.get(symbol), number
            case tree.Index(base=tree.Name(symbol=symbol), subscript=tree.Name(symbol=at)):
                return self._tables.get(symbol), self._numbers.get(at, -1)
        return None, -1
