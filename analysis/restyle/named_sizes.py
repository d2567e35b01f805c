"""Sizes that main writes as numbers where it calls a function that allocates memory of that size, as constants.

    grid_init(&g, 200, 170);          const int nx = 200, ny = 170;
                                      grid_init(&g, nx, ny);

So there is one place to change them in what is written. A number that stands elsewhere too stays a number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import networkx as nx

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import ALLOCATING
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Call, Program, Stmt, Symbol

_LEAST = 8  # smaller numbers are seldom sizes that somebody changes


def named_sizes(program: Program) -> list[Edit]:
    """The edits that give these sizes names."""
    main = program.function("main")
    if main is None or main.in_macro:
        return []
    sizes = _size_parameters(program)
    found: dict[int, tuple[Symbol, Stmt, list[tree.IntLiteral]]] = {}
    for s in main.body.body:
        for literal, parameter in _literals(s, program, sizes):
            found.setdefault(literal.value, (parameter, s, []))[2].append(literal)
    everywhere = Counter(
        n.value
        for root in (*program.globals, *program.functions)
        for n in tree.walk(root)
        if isinstance(n, tree.IntLiteral)
    )
    return list(_edits({v: f for v, f in found.items() if everywhere[v] == len(f[2])}, program))


def _literals(s: Stmt, program: Program, sizes: set[Symbol]) -> Iterator[tuple[tree.IntLiteral, Symbol]]:
    """The numbers that a statement gives for sizes, with the parameters that get them."""
    for n in tree.walk(s):
        f = program.function(n.name or "") if isinstance(n, Call) else None
        if not isinstance(n, Call) or f is None or n.in_macro:
            continue
        for argument, parameter in zip(n.arguments, f.parameters, strict=False):
            plain = isinstance(argument, tree.IntLiteral) and argument.macro is None and not argument.in_macro
            if plain and parameter.symbol in sizes and argument.value >= _LEAST:  # type: ignore[attr-defined]
                yield argument, parameter.symbol  # type: ignore[misc]


def _edits(found: dict[int, tuple[Symbol, Stmt, list[tree.IntLiteral]]], program: Program) -> Iterator[Edit]:
    names = Fresh(" ".join(_words_of_main(program)))
    lines: dict[int, list[str]] = {}
    for value, (parameter, s, literals) in found.items():
        name = names.take(parameter.name)
        lines.setdefault(s.span.begin, []).append(f"const {type_text(parameter.type)} {name} = {value};")
        yield from (Edit(literal.span, name) for literal in literals)
    for begin, many in lines.items():
        indent = program.source.indentation(begin)
        yield Edit(Span(begin, begin), "".join(f"{line}\n{indent}" for line in many))


def _words_of_main(program: Program) -> Iterator[str]:
    """The names that a new variable of main must not have: what main's text says, and what holds in the whole file."""
    main = program.function("main")
    assert main is not None
    text = re.sub(r'"(\\.|[^"\\])*"', "", program.source.at(main.span))
    yield re.sub(r"(\.|->)\s*\w+", "", text)  # a member's name is no variable's
    yield from (v.symbol.name for v in program.globals)
    yield from (f.symbol.name for f in program.functions)
    yield from (m.name for m in program.macros)
    yield from program.system_functions | program.declared_functions


def _size_parameters(program: Program) -> set[Symbol]:
    """The integer parameters that sizes of memory are computed from."""
    flow: nx.DiGraph[Symbol] = nx.DiGraph()
    sizes: set[Symbol] = set()
    for f in program.functions:
        mine = {p.symbol for p in f.parameters if isinstance(p.symbol.type, tree.Scalar) and p.symbol.type.is_integer}
        for n in tree.walk(f.body):
            callee = program.function(n.name or "") if isinstance(n, Call) else None
            if not isinstance(n, Call):
                continue
            if n.name in ALLOCATING:
                sizes |= {s for a in n.arguments for s in _named(a) & mine}
            for argument, parameter in zip(n.arguments, callee.parameters if callee else (), strict=False):
                flow.add_edges_from((parameter.symbol, s) for s in _named(argument) & mine)
    return {s for start in sizes for s in ({start} | (nx.descendants(flow, start) if start in flow else set()))}


def _named(expr: tree.Node) -> set[Symbol]:
    return {n.symbol for n in tree.walk(expr) if isinstance(n, tree.Name)}
