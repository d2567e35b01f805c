"""Declarations of arrays of structs and of pointers to structs, as declarations of one array for each member."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.struct_members import Holder, Key, Member
from chatmpi.analysis.scan import closing, declarator_begin, skip_space
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Expr, Function, Program, VarDecl

_WORDS = re.compile(r"(?P<before>(?:(?:static|const)\s+)*)(?:struct\s+)?\w+(?P<after>\s+const)?\s*\Z")
_DEFINES = re.compile(r"(?P<before>(?:static\s+)?)(?P<whole>struct\s*(?P<tag>\w*)\s*\{.*\})\s*\Z", re.DOTALL)

_LONGEST_LINE = 100


class KeepsItsStructs(Exception):
    """A struct type is used in a way that arrays of its members cannot stand for."""


class Uses(Protocol):
    """What declarations must know of the uses of a struct type."""

    program: Program
    source: Source
    masked: str
    holders: dict[Key, Holder]
    members: tuple[Member, ...]

    def members_needed(self, holder: Holder) -> list[Member]: ...
    def name(self, holder: Holder, member: Member) -> str: ...
    def text(self, node: tree.Node) -> str: ...
    def pointer_value(self, holder: Holder, value: Expr) -> Callable[[Member], str]: ...


def declared_anew(variables: tuple[VarDecl, ...], statement: tree.Declaration | None, uses: Uses) -> Iterator[Edit]:
    """The edits of all declarations, each with its declarators, that declare a holder."""
    keys = {h.declaration.name_span: h for h in uses.holders.values()}
    for group in _groups(variables, uses.masked):
        if not any(v.name_span in keys for v in group):
            continue
        first = _begin(group[0], uses.masked)
        begin = statement.span.begin if statement is not None else _specifiers_begin(uses.masked, first)
        end = statement.span.end if statement is not None else _closed(group[-1], uses.masked)
        qualifiers, definition = _specifiers(uses.masked[begin:first], uses.source.shown_at(Span(begin, first)))
        if any(v.in_macro for v in group):
            raise KeepsItsStructs
        lines = [definition] if definition else []
        for v in group:
            holder = keys.get(v.name_span)
            if holder is None:
                shown = uses.source.shown_at(Span(begin, first)) if not definition else ""
                if not shown:
                    raise KeepsItsStructs
                lines.append(f"{shown.rstrip()} {uses.text(v)};")
            else:
                lines += _lines(holder, v, qualifiers, uses)
        yield Edit(Span(begin, end), f"\n{uses.source.indentation(begin)}".join(lines))


def _groups(variables: tuple[VarDecl, ...], masked: str) -> Iterator[list[VarDecl]]:
    """The variables that share a declaration."""
    group: list[VarDecl] = []
    for v in variables:
        if group and masked[skip_space(masked, group[-1].span.end)] != ",":
            yield group
            group = []
        group.append(v)
    if group:
        yield group


def _begin(v: VarDecl, masked: str) -> int:
    return min(v.span.begin, declarator_begin(masked, v.name_span.begin))


def _specifiers_begin(masked: str, declarator: int) -> int:
    """Where the declaration begins whose first declarator is at `declarator`, outside functions."""
    depth, place = 0, declarator
    while place > 0:
        c = masked[place - 1]
        if c == "}":
            if depth == 0 and not re.fullmatch(r"\s*", masked[place:declarator]):
                break
            depth += 1
        elif c == "{":
            if depth == 0:
                break
            depth -= 1
        elif c in ";" and depth == 0:
            break
        place -= 1
    return skip_space(masked, place)


def _closed(v: VarDecl, masked: str) -> int:
    place = skip_space(masked, v.span.end)
    if masked[place] != ";":
        raise KeepsItsStructs
    return place + 1


def _specifiers(masked: str, shown: str) -> tuple[str, str]:
    """The qualifiers, and the definition of a struct that has a name, if it stands among the specifiers."""
    if m := _WORDS.match(masked):
        return f"{m['before']}{'const ' if m['after'] else ''}", ""
    if m := _DEFINES.match(masked):
        return m["before"], f"{shown[m.start('whole') : m.end('whole')]};" if m["tag"] else ""
    raise KeepsItsStructs


def _lines(holder: Holder, v: VarDecl, qualifiers: str, uses: Uses) -> Iterator[str]:
    qualifiers = " ".join(qualifiers.split())
    head = f"{qualifiers} " if qualifiers else ""
    values = _values(holder, v, uses)
    shown: dict[str, list[str]] = {}
    for m in uses.members_needed(holder):
        declarator = _declarator(holder, m, uses)
        if values is not None:
            yield f"{head}{m.type} {declarator} = {values(m)};"
        else:
            shown.setdefault(m.type, []).append(declarator)
    for kind, declarators in shown.items():
        yield from _in_short_lines(f"{head}{kind} ", declarators)


def _in_short_lines(specifiers: str, declarators: list[str]) -> Iterator[str]:
    line = specifiers
    for k, d in enumerate(declarators):
        separator = "" if line == specifiers else ", "
        if separator and len(line) + len(d) > _LONGEST_LINE:
            yield f"{line};"
            line, separator = specifiers, ""
        line += separator + d
        if k == len(declarators) - 1:
            yield f"{line};"


def _declarator(holder: Holder, member: Member, uses: Uses) -> str:
    v = holder.declaration
    begin = _begin(v, uses.masked)
    end = uses.masked.rindex("=", v.name_span.end, v.init.span.begin) if v.init is not None else v.span.end
    before = uses.source.shown_at(Span(begin, v.name_span.begin))
    after = uses.source.shown_at(Span(v.name_span.end, end)).rstrip()
    return member.declarator(f"{before}{uses.name(holder, member)}{after}")


def _values(holder: Holder, v: VarDecl, uses: Uses) -> Callable[[Member], str] | None:
    if v.init is None:
        return None
    if not isinstance(v.init, tree.InitList):
        return uses.pointer_value(holder, v.init)
    rows = v.init.items
    if all(isinstance(r, tree.IntLiteral) and r.value == 0 for r in rows) and len(rows) <= 1:
        return lambda _: "{0}"
    if holder.depth != 1 or any(m.brackets for m in uses.members):
        raise KeepsItsStructs
    listed = [_flat(r, v.symbol.type.element, uses) for r in rows if isinstance(v.symbol.type, tree.Array)]
    return lambda m: f"{{{', '.join(row.get(m.path, '0') for row in listed)}}}"


def _flat(row: Expr, kind: tree.CType, uses: Uses, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """The text of each member's value in the initialiser of one struct."""
    record = uses.program.records.get(kind.name) if isinstance(kind, tree.OtherType) else None
    if record is None or not isinstance(row, tree.InitList) or len(row.items) > len(record.fields):
        raise KeepsItsStructs
    found: dict[tuple[str, ...], str] = {}
    for item, field in zip(row.items, record.fields, strict=False):
        inner = (*path, field.symbol.name)
        if isinstance(field.symbol.type, tree.OtherType):
            found |= _flat(item, field.symbol.type, uses, inner)
        elif isinstance(item, tree.InitList) or (isinstance(item, tree.UnknownExpr) or item.in_macro):
            raise KeepsItsStructs
        else:
            found[inner] = uses.text(item)
    return found


# ------------------------------------------------------------------------------------------- parameters


def parameter_anew(holder: Holder, uses: Uses) -> Edit:
    """A parameter, as one for each member that the function needs."""
    v = holder.declaration
    begin = _begin(v, uses.masked)
    start = begin
    while uses.masked[start - 1] not in "(,":
        start -= 1
    start = skip_space(uses.masked, start)
    qualifiers, definition = _specifiers(uses.masked[start:begin], "")
    if v.in_macro or definition:
        raise KeepsItsStructs
    shown = [f"{qualifiers}{m.type} {_declarator(holder, m, uses)}" for m in uses.members_needed(holder)]
    return Edit(Span(start, v.span.end), ", ".join(shown))


def prototypes(f: Function, parameters: str, uses: Uses) -> Iterator[Edit]:
    """Declarations of a function before its definition get the definition's parameters."""
    inside = [g.body.span for g in uses.program.functions]
    for m in re.finditer(rf"\b{f.symbol.name}\s*(?=\()", uses.masked):
        end = closing(uses.masked, m.end())
        if m.start() == f.name_span.begin or any(s.begin <= m.start() < s.end for s in inside):
            continue
        if end is None or uses.masked[skip_space(uses.masked, end)] != ";":
            raise KeepsItsStructs
        yield Edit(Span(m.end(), end), parameters)
