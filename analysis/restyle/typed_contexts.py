"""Parameters of type `void *` that lead to structs of one type, declared as pointers to these.

    static void decay(const double y[], double dy[], const void *ctx)      …, const struct par *ctx)
    {
        const struct par *p = ctx;

A context has no type of its own: the function that gets it at last says which, those between hand it on. Where such a
parameter is looked at in another way, or the types differ, or its function goes by a pointer, it keeps its type. The
edits are of the text, which is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_null
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.restyle.one_function import calls_of
from chatmpi.analysis.restyle.parameter_lists import parameter_lists
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Call, CType, Expr, Function, Node, Program, Symbol

_UNTYPED = tree.Pointer(tree.VOID)
_VOID = re.compile(r"\bvoid\b")


def typed_contexts(program: Program) -> list[Edit]:
    """The edits for all such parameters."""
    around = parents(program.functions)
    kinds: dict[Symbol, CType] = {}
    handed: dict[Symbol, Function] = {}
    functions: dict[Symbol, Function] = {}
    for f in program.functions:
        for p in (p.symbol for p in f.parameters if p.symbol.type == _UNTYPED and calls_of(f, program, around)):
            functions[p] = f
            uses = set(_uses(p, f, around))
            told = {k for k in uses if k is not None}
            if uses == {None}:
                handed[p] = f
            elif len(told) == 1 and _UNTYPED not in told:
                kinds[p] = next(iter(told))
    while more := dict(_from_callers(handed, kinds, program, around)):
        kinds |= more
        handed = {p: f for p, f in handed.items() if p not in more}
    kinds = {p: kind for p, kind in kinds.items() if _fits(p, kind, functions[p], kinds, program, around)}
    masked = mask(program.source.text)
    return [e for p, kind in kinds.items() for e in _declared(p, kind, functions[p], program, masked)]


def _uses(parameter: Symbol, f: Function, around: Parents) -> Iterator[CType | None]:
    """The types that a function's uses of a parameter tell: None where it is handed on, `void *` where a use tells
    another thing."""
    for n in tree.walk(f.body):
        if not isinstance(n, tree.Name) or n.symbol != parameter:
            continue
        value: Node = n
        while isinstance(above := around.get(id(value)), tree.Cast) and above.type == _UNTYPED:
            value = above
        match above:
            case tree.Cast(type=tree.Pointer(target=tree.OtherType()) as kind):
                yield kind
            case tree.Cast(type=tree.OtherType()):
                continue
            case tree.VarDecl(symbol=Symbol(type=tree.Pointer(target=tree.OtherType()) as kind)):
                yield kind
            case tree.Assign(op="=", target=tree.Name(type=tree.Pointer(target=tree.OtherType()) as kind)):
                yield kind
            case Call(arguments=arguments) if any(a is value for a in arguments):
                yield None
            case _:
                yield _UNTYPED


def _from_callers(
    handed: Mapping[Symbol, Function], kinds: Mapping[Symbol, CType], program: Program, around: Parents
) -> Iterator[tuple[Symbol, CType]]:
    """The types of what is handed on only: what all calls give."""
    for parameter, f in handed.items():
        place = next(k for k, p in enumerate(f.parameters) if p.symbol == parameter)
        given = {_given(c.arguments[place], kinds) for c in calls_of(f, program, around)}
        if len(given) == 1:
            yield from ((parameter, k) for k in given if isinstance(k, tree.Pointer) and k != _UNTYPED)


def _fits(
    parameter: Symbol, kind: CType, f: Function, kinds: Mapping[Symbol, CType], program: Program, around: Parents
) -> bool:
    """Whether all that is given to a parameter can be given to one of this type."""
    place = next(k for k, p in enumerate(f.parameters) if p.symbol == parameter)
    given = [c.arguments[place] for c in calls_of(f, program, around)]
    return all(is_null(a) or _given(a, kinds) in {kind, _UNTYPED} for a in given)


def _given(argument: Expr, kinds: Mapping[Symbol, CType]) -> CType:
    value = bare(argument)
    return kinds.get(value.symbol, value.type) if isinstance(value, tree.Name) else value.type


def _declared(parameter: Symbol, kind: CType, f: Function, program: Program, masked: str) -> list[Edit]:
    """The parameter with its type, wherever the function is declared; none where the type is not known there."""
    assert isinstance(kind, tree.Pointer)
    record = program.records.get(kind.target.name) if isinstance(kind.target, tree.OtherType) else None
    lists = parameter_lists(f, program, masked)
    place = next(k for k, p in enumerate(f.parameters) if p.symbol == parameter)
    if record is None or "unnamed" in record.name or lists is None or f.in_macro:
        return []
    known_from = max((field.span.end for field in record.fields), default=len(masked))
    edits = []
    for parts in lists:
        found = _VOID.findall(masked, parts[place].begin, parts[place].end)
        if len(found) != 1 or parts[place].begin < known_from:
            return []
        m = _VOID.search(masked, parts[place].begin, parts[place].end)
        assert m is not None
        edits.append(Edit(Span(m.start(), m.end()), record.name))
    return edits
