"""Arrays that are known by pointers only, which are exchanged, as memory that the pointers hold from the start.

    double a[N], b[N];
    double *now = a, *next = b;         becomes     double *now = malloc(…), *next = malloc(…);
    … t = now; now = next; next = t;

An array that nothing but one initialiser names is reached by pointers alone; where it lies makes no difference to the
program. What had zeros from the start has them again. Where elements of the array are used by its own name before the
pointer is declared, the pointer takes the array's place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.respelling import pointer_to
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import is_zero
from chatmpi.analysis.tree import Program, Symbol, VarDecl


@dataclass(frozen=True)
class _Held:
    """An array, the pointer of main that begins at it, and the places that name the array before."""

    array: VarDecl
    pointer: VarDecl
    init: tree.Name
    uses: tuple[tree.Name, ...]


def exchanged_arrays(program: Program) -> list[Edit]:
    """The edits for all arrays whose pointers are exchanged."""
    main = program.function("main")
    if main is None:
        return []
    held = [h for h in _held(program, main) if _is_plain(h, program)]
    exchanged = _exchanged(main)
    held = [h for h in held if h.pointer.symbol in exchanged]
    if len(held) < 2:
        return []
    if any(h.uses for h in held):
        return _in_place(held, main, program)
    removed = undeclared(program, {h.array.symbol for h in held})
    if removed is None:
        return []
    return [*removed, *(Edit(h.init.span, _memory(h, program)) for h in held), *_header(program)]


def _exchanged(main: tree.Function) -> set[Symbol]:
    """Pointers that take over what other pointers hold, and do not change otherwise."""
    found: set[Symbol] = set()
    walking: set[Symbol] = set()
    for n in tree.walk(main.body):
        match n:
            case tree.Assign(op="=", target=tree.Name(symbol=s), value=tree.Name(symbol=other)) if isinstance(
                other.type, tree.Pointer
            ):
                found.add(s)
            case tree.Assign(target=tree.Name(symbol=s)):
                walking.add(s)
            case tree.Unary(op="x++" | "++x" | "x--" | "--x" | "&", operand=tree.Name(symbol=s)):
                walking.add(s)
    return found - walking


def _in_place(held: list[_Held], main: tree.Function, program: Program) -> list[Edit]:
    """The pointers are declared where the arrays were."""
    local = [s.span for s in _declarations(main) if any(v.symbol == h.array.symbol for v in s.variables for h in held)]
    place = max(local, default=None)
    begin = main.body.span.begin + 1 if place is None else place.end
    names = [h.pointer.symbol.name for h in held]
    declared = list(_declared_names(program))
    if any(declared.count(n) != 1 for n in names) or any(u.span.begin < begin for h in held for u in h.uses):
        return []
    lines = [f"{_declarator(h, program)} = {_memory(h, program)};" for h in held]
    indent = program.source.indentation(main.body.body[0].span.begin)
    shown = f"\n{indent}".join(lines)
    removed = undeclared(program, {s for h in held for s in (h.array.symbol, h.pointer.symbol)}, place, shown)
    if removed is None:
        return []
    if place is None:
        removed.append(Edit(Span(begin, begin), f"\n{indent}{shown}"))
    renamed = [Edit(u.span, h.pointer.symbol.name) for h in held for u in h.uses]
    return [*removed, *renamed, *_header(program)]


def _declared_names(program: Program) -> Iterator[str]:
    yield from (v.symbol.name for v in program.globals)
    yield from (n.symbol.name for f in program.functions for n in tree.walk(f) if isinstance(n, VarDecl))


def _declarator(h: _Held, program: Program) -> str:
    element = tree.array_core(h.array.symbol.type)
    assert isinstance(element, tree.Scalar)
    inner = "".join(program.source.shown_at(b) for b in h.array.brackets[1:])
    return pointer_to(element.name, h.pointer.symbol.name, inner)


def _held(program: Program, main: tree.Function) -> Iterator[_Held]:
    names: dict[Symbol, list[tree.Name]] = {}
    for top in (*program.globals, *program.functions):
        for n in tree.walk(top):
            if isinstance(n, tree.Name):
                names.setdefault(n.symbol, []).append(n)
    places = [n.base for n in tree.walk(main.body) if isinstance(n, tree.Index)]
    places += [a for n in tree.walk(main.body) if isinstance(n, tree.Call) for a in n.arguments]
    renamed = {id(e) for e in places if not e.in_macro}
    arrays = [*program.globals, *(v for s in _declarations(main) for v in s.variables)]
    by_symbol = {v.symbol: v for v in arrays if isinstance(v.symbol.type, tree.Array)}
    for s in _declarations(main):
        for v in s.variables:
            if isinstance(v.symbol.type, tree.Pointer) and isinstance(v.init, tree.Name):
                array = by_symbol.get(v.init.symbol)
                others = [] if array is None else [n for n in names[array.symbol] if n is not v.init]
                if array is not None and all(id(n) in renamed and n.span.begin < s.span.begin for n in others):
                    yield _Held(array, v, v.init, tuple(others))


def _declarations(main: tree.Function) -> list[tree.Declaration]:
    return [s for s in main.body.body if isinstance(s, tree.Declaration)]


def _is_plain(h: _Held, program: Program) -> bool:
    """Whether the array's sizes are written out, it begins with zeros or nothing, and its type is the pointer's."""
    type, pointer = h.array.symbol.type, h.pointer.symbol.type
    assert isinstance(type, tree.Array)
    assert isinstance(pointer, tree.Pointer)
    written = (
        bool(h.array.brackets) and all(b.end > b.begin for b in h.array.brackets) and h.array.extents[0] is not None
    )
    once = sum(v.symbol == h.array.symbol for v in program.globals) <= 1
    plain = not any(x.in_macro for x in (h.array, h.pointer, h.init)) and not h.array.symbol.const
    zero = h.array.init is None or is_zero(h.array.init)
    return written and once and plain and zero and type.element == pointer.target and not h.pointer.symbol.const


def _memory(h: _Held, program: Program) -> str:
    source, name = program.source, h.pointer.symbol.name
    extent = h.array.extents[0]
    assert extent is not None
    shown = source.shown_at(extent.span)
    if h.array.symbol.storage != "local" or h.array.init is not None:
        return f"calloc({shown}, sizeof *{name})"
    size = shown if isinstance(extent, tree.Name | tree.IntLiteral) else f"({shown})"
    return f"malloc({size} * sizeof *{name})"


def _header(program: Program) -> Iterator[Edit]:
    leading = program.leading_includes
    if leading and not any(i.name == "stdlib.h" for i in leading):
        end = leading[-1].span.end
        yield Edit(Span(end, end), "\n#include <stdlib.h>")
