"""Struct types whose members can each have an array of their own, and what holds structs of such a type."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.source import Source
from chatmpi.analysis.tree import Program, Symbol, VarDecl

_FEW = 16
Key = Symbol | tuple[str, str]  # a variable, or a member of a struct


@dataclass(frozen=True, slots=True)
class Member:
    """A member that is no struct: the `path` to it, its type's text, and its brackets if it is an array, with the
    numbers in these (None: more than the compiler knows). `length`: how many elements it has, if those of all structs
    are to be one array of one dimension."""

    path: tuple[str, ...]
    type: str
    brackets: str
    extents: tuple[int | None, ...] = ()
    length: str = ""

    def elements(self) -> list[str] | None:
        """The subscripts of all its elements: of one that is no array, none; None if they are not just a few."""
        numbers = [e for e in self.extents if e is not None]
        if len(numbers) < len(self.extents) or math.prod(numbers) > _FEW or self.length:
            return None
        return ["".join(f"[{k}]" for k in place) for place in product(*map(range, numbers))]

    def declarator(self, written: str) -> str:
        """What declares it, where `written` declares the structs."""
        if self.brackets and written.startswith("*") and not self.length:
            return f"({written}){self.brackets}"
        return f"{written}{'' if self.length else self.brackets}"

    @property
    def size(self) -> str:
        """What one struct's part takes, as a factor."""
        return f"sizeof({self.type}) * {self.length}" if self.length else f"sizeof({self.type}{self.brackets})"


@dataclass(frozen=True, slots=True)
class Holder:
    """An array of structs, or a pointer to some: subscripts `depth` deep lead to one."""

    key: Key
    declaration: VarDecl
    depth: int


def members_of(record: str, program: Program) -> tuple[Member, ...]:
    """The members of a struct, those of structs in it too; nothing if one of them must stay what it is."""
    return tuple(_members(record, program, ())) if _all_plain(record, program, frozenset()) else ()


def _all_plain(record: str, program: Program, around: frozenset[str]) -> bool:
    found = program.records.get(record)
    if found is None or not found.is_plain or record in around:
        return False
    for field in found.fields:
        kind = field.symbol.type
        while isinstance(kind, tree.Array):
            kind = kind.element
        if isinstance(kind, tree.OtherType):
            if kind is not field.symbol.type or not _all_plain(kind.name, program, around | {record}):
                return False
        elif not isinstance(kind, tree.Scalar) or field.symbol.const or field.in_macro:
            return False
    return True


def _members(record: str, program: Program, path: tuple[str, ...]) -> Iterator[Member]:
    for field in program.records[record].fields:
        inner = (*path, field.symbol.name)
        kind = field.symbol.type
        if isinstance(kind, tree.OtherType):
            yield from _members(kind.name, program, inner)
            continue
        extents: list[int | None] = []
        while isinstance(kind, tree.Array):
            extents.append(kind.extent)
            kind = kind.element
        yield Member(inner, type_text(kind), _brackets(field, program.source), tuple(extents))


def in_one_dimension(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """The members, with the elements of those that are arrays in one array for all structs."""
    lengths = (re.fullmatch(r"\[\s*(\w+)\s*\]", m.brackets) for m in members)
    return tuple(m if found is None else replace(m, length=found[1]) for m, found in zip(members, lengths, strict=True))


def _brackets(field: VarDecl, source: Source) -> str:
    return "".join(source.shown_at(s) for s in field.brackets)


def holders_of(record: str, program: Program) -> tuple[Holder, ...]:
    """Everything that is declared to hold structs of this type or to point to some."""
    variables = [*program.globals, *(p for f in program.functions for p in f.parameters)]
    variables += [n for f in program.functions for n in tree.walk(f.body) if isinstance(n, VarDecl)]
    keyed: list[tuple[Key, VarDecl]] = [(v.symbol, v) for v in dict.fromkeys(variables)]
    keyed += [((r.name, v.symbol.name), v) for r in program.records.values() for v in r.fields]
    return tuple(Holder(key, v, depth) for key, v in keyed if (depth := _depth(v.symbol.type, record)))


def _depth(kind: tree.CType, record: str) -> int:
    """How many subscripts lead to a struct; 0 if none do."""
    depth = 0
    while isinstance(kind, tree.Pointer | tree.Array):
        depth += 1
        kind = kind.target if isinstance(kind, tree.Pointer) else kind.element
    return depth if isinstance(kind, tree.OtherType) and kind.name == record else 0
