"""Members of struct variables as variables of their own: `g.nx` is a name like any other where `g` is never used whole.

A member's symbol is called what its text is, so that inserted text can name it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.lowering.heap_structs import ARROW
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program, Record, Symbol, VarDecl

_DESIGNATOR = re.compile(r"\s*\.\s*(\w+)\s*=(?!=)")


@dataclass(frozen=True, slots=True)
class _Member:
    """A member that is no struct itself: `path` leads to it, `declaration` is where the innermost of the `structs`
    around it declares it."""

    path: tuple[str, ...]
    declaration: VarDecl
    structs: frozenset[str]


@dataclass(frozen=True)
class _Split:
    """The struct variables that are taken apart: the symbol of each member by its path; `single`: structs that
    nothing else has for its type, so that their text speaks of these variables alone."""

    members: Mapping[Symbol, Mapping[tuple[str, ...], Symbol]]
    single: frozenset[str]


def split_structs(program: Program) -> Program:
    """The program with members for struct variables, wherever it uses nothing but members of them."""
    split = _split(program)
    if not split.members:
        return program

    def change(node: Node) -> Node:
        match node:
            case tree.Member():
                return _as_name(node, split) or node
            case tree.Declaration(variables=variables):
                return replace(node, variables=tuple(_declared(variables, split, program)))
        return node

    return replace(
        program,
        functions=tuple(rewritten(f, change) for f in program.functions),
        globals=tuple(rewritten(v, change) for v in _declared(program.globals, split, program)),
    )


def _split(program: Program) -> _Split:
    roots: list[Node] = [*program.globals, *program.functions]
    nodes = [n for root in roots for n in tree.walk(root)]
    declarations = [n for n in nodes if isinstance(n, VarDecl) and isinstance(n.symbol.type, tree.OtherType)]
    whole = _used_whole(nodes, program)
    uid = 1 + max((n.symbol.uid for n in nodes if isinstance(n, tree.Name | VarDecl)), default=0)
    members: dict[Symbol, dict[tuple[str, ...], Symbol]] = {}
    for v in declarations:
        leaves = tuple(_leaves(v.symbol.type, program.records))
        separate = v.symbol not in whole and v.symbol.storage != "parameter" and not v.in_macro
        if not leaves or not separate or (v.init is not None and _values(v, program) is None):
            continue
        members[v.symbol] = {}
        for leaf in leaves:
            own = leaf.declaration.symbol
            name = v.symbol.name + ("" if v.symbol.name.endswith(ARROW) else ".") + ".".join(leaf.path)
            members[v.symbol][leaf.path] = Symbol(name, uid, own.type, v.symbol.storage, own.const or v.symbol.const)
            uid += 1
    twice = {v.symbol for k, v in enumerate(declarations) if v.symbol in {o.symbol for o in declarations[:k]}}
    split = {s: m for s, m in members.items() if s not in twice}
    return _Split(split, _single(nodes, split.keys(), program))


def _single(nodes: list[Node], split: Set[Symbol], program: Program) -> frozenset[str]:
    """The structs that stand in one type only, or in those of variables that are taken apart; pointers that are not
    used do not matter."""
    used = {n.symbol for n in nodes if isinstance(n, tree.Name)}
    kinds: list[tree.CType | None] = [f.returns for f in program.functions]
    kinds += [f.symbol.type for r in program.records.values() for f in r.fields]
    for n in nodes:
        match n:
            case VarDecl(symbol=symbol, init=init):
                if not isinstance(symbol.type, tree.Pointer) or symbol in used or init is not None:
                    kinds.append(symbol.type)
            case tree.Sizeof(of=of):
                kinds.append(of)
            case tree.Cast() | tree.UnknownExpr() | tree.Call():
                kinds.append(n.type)
    uses = Counter(_core(k) for k in kinds)
    apart = Counter(s.type.name for s in split if isinstance(s.type, tree.OtherType))
    return frozenset(name for name in program.records if uses[name] == max(1, apart[name]))


def _core(kind: tree.CType | None) -> str:
    """The name of what a type's pointers and arrays lead to."""
    while isinstance(kind, tree.Pointer | tree.Array):
        kind = kind.target if isinstance(kind, tree.Pointer) else kind.element
    return kind.name if isinstance(kind, tree.OtherType) else ""


def _leaves(
    kind: tree.CType,
    records: Mapping[str, Record],
    path: tuple[str, ...] = (),
    around: frozenset[str] = frozenset(),
) -> Iterator[_Member]:
    """The members of a struct that are none themselves; nothing if one of them cannot be told apart."""
    record = records.get(kind.name) if isinstance(kind, tree.OtherType) else None
    if record is None or not record.is_plain:
        return
    found: list[_Member] = []
    for field in record.fields:
        inner = (*path, field.symbol.name)
        if isinstance(field.symbol.type, tree.OtherType):
            deeper = list(_leaves(field.symbol.type, records, inner, around | {record.name}))
            if not deeper:
                return
            found += deeper
        else:
            found.append(_Member(inner, field, around | {record.name}))
    yield from found


def _used_whole(nodes: list[Node], program: Program) -> set[Symbol]:
    """Variables that stand somewhere otherwise than before `.member`, down to a member that is no struct."""
    proper: set[int] = set()
    for node in nodes:
        if isinstance(node, tree.Member) and not isinstance(node.type, tree.OtherType):
            found = _chain(node)
            if found is not None:
                proper.add(id(found[0]))
    return {n.symbol for n in nodes if isinstance(n, tree.Name) and id(n) not in proper}


def _chain(node: tree.Member) -> tuple[tree.Name, tuple[str, ...]] | None:
    """The variable and the path of `g.a.b`."""
    path: list[str] = []
    base: Expr = node
    while isinstance(base, tree.Member) and not base.arrow:
        path.insert(0, base.field)
        base = base.base
    return (base, tuple(path)) if isinstance(base, tree.Name) else None


def _as_name(node: tree.Member, split: _Split) -> tree.Name | None:
    found = _chain(node)
    symbol = split.members.get(found[0].symbol, {}).get(found[1]) if found is not None else None
    if symbol is None:
        return None
    return tree.Name(span=node.span, in_macro=node.in_macro, type=node.type, symbol=symbol)


# --------------------------------------------------------------------------------------- declarations


def _declared(variables: tuple[VarDecl, ...], split: _Split, program: Program) -> Iterator[VarDecl]:
    for v in variables:
        members = split.members.get(v.symbol)
        if members is None:
            yield v
            continue
        values = _values(v, program) if v.init is not None else None
        for leaf in _leaves(v.symbol.type, program.records):
            init = None
            if values is not None and v.init is not None:
                init = values.get(leaf.path) or _zero(leaf.declaration.symbol.type, v.init)
            yield _variable(leaf, members[leaf.path], v, init, split)


def _variable(leaf: _Member, symbol: Symbol, v: VarDecl, init: Expr | None, split: _Split) -> VarDecl:
    """The declaration of a member of `v`. One of an array in a struct of its own is where it may be edited."""
    own = leaf.declaration
    named = not v.symbol.name.endswith(ARROW)
    may_shrink = named and leaf.structs <= split.single and not own.in_macro and (init is None or init.in_macro)
    if isinstance(symbol.type, tree.Array) and may_shrink:
        return replace(own, symbol=symbol, init=init)
    return replace(v, symbol=symbol, extents=own.extents, brackets=(), init=init)


def _values(v: VarDecl, program: Program) -> dict[tuple[str, ...], Expr] | None:
    """What an initialiser gives to each member; those it leaves out are zero. None if it is not written out."""
    values: dict[tuple[str, ...], Expr] = {}
    if v.init is None or not _list(v.init, v.symbol.type, (), program, values):
        return None
    return values


def _list(
    init: Expr, kind: tree.CType, path: tuple[str, ...], program: Program, values: dict[tuple[str, ...], Expr]
) -> bool:
    record = program.records.get(kind.name) if isinstance(kind, tree.OtherType) else None
    if not isinstance(init, tree.InitList) or record is None:
        return False
    names = [f.symbol.name for f in record.fields]
    position = 0
    for item in init.items:
        if isinstance(item, tree.UnknownExpr) and item.kind == "designated initializer":
            found = _DESIGNATOR.match(program.source.at(item.span))
            if found is None or found.group(1) not in names or len(item.children) != 1 or item.in_macro:
                return False
            position = names.index(found.group(1))
            (value,) = item.children
        else:
            value = item
        if position >= len(names) or not isinstance(value, Expr):
            return False
        field = record.fields[position].symbol
        inner = (*path, field.name)
        if isinstance(field.type, tree.OtherType):
            if not _list(value, field.type, inner, program, values):
                return False
        elif isinstance(field.type, tree.Array) and not isinstance(value, tree.InitList | tree.StringLiteral):
            return False  # braces left out: the list's items belong to the array's elements
        else:
            values[inner] = value
        position += 1
    return True


def _zero(kind: tree.CType, init: Expr) -> Expr:
    """The value of a member that an initialiser leaves out."""
    number = tree.IntLiteral(span=init.span, in_macro=True, type=tree.Scalar("int"), value=0)
    if isinstance(kind, tree.Array):
        return tree.InitList(span=init.span, in_macro=True, type=kind, items=(number,))
    if isinstance(kind, tree.Pointer):
        return tree.Cast(span=init.span, in_macro=True, type=tree.Pointer(tree.VOID), operand=number)
    if isinstance(kind, tree.Scalar) and kind.is_floating:
        return tree.FloatLiteral(span=init.span, in_macro=True, type=kind, value=0.0, text="0.0")
    return number
