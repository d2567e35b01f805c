"""Sizes that a program writes as numbers: `run(&state, 200, 170)`, `double a[500]`, a probe `u[80][45]`.

A number stands for a size wherever it is written: both programs are given another one in all of these places, and in
what is one or two more or less the same difference to it. Texts and comments stay, but for what is written into a file
where one is read; so do definitions that are given another value by their name. What is tried so is as good a trial as
any if the sequential program runs cleanly with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import ALLOCATING
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.front_end.literals import integer_value
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Program

_PREFIX = "the number "
_SMALL, _LARGEST = 8, 1 << 27  # a number beyond is no size
NEAR = 2  # a loop to 199 goes with an array of 200
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z_]\w*|(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)""",
    re.DOTALL,
)

# A number that stands by itself in a text; what is before it may be an escape.
_PRINTED = re.compile(r"(?:(?<![\w.%*+\\-])|(?<=\\n)|(?<=\\t))\d+(?![\w.])")
# Which argument the stream is.
_READS = {"fscanf": 0, "fgets": 2, "fgetc": 0, "getc": 0, "getline": 2}
_WRITES = {"fprintf": 0, "fputs": 1}
_STANDARD = frozenset({"stdin", "stdout", "stderr"})


def is_number(name: str) -> bool:
    """Whether a size has no name but the number that is written for it."""
    return name.startswith(_PREFIX)


def number_name(number: int) -> str:
    """What a number is called that is made small."""
    return f"{_PREFIX}{number}"


def told(name: str, value: int) -> str:
    """`7 for 200`."""
    return f"{value} for {number_of(name)}"


def written_sizes(program: Program, taken: Iterable[Span]) -> tuple[str, ...]:
    """Numbers that bound loops, are extents of arrays, or are handed over to functions and kept in members.

    Those that are `taken` as definitions of a name are not among them, nor those of tables with a value for each entry.
    """
    named = _names(program, _sizes(program), tuple(taken))
    filed = {number_name(int(m[0])) for m in _filed(program) if _SMALL < int(m[0]) < _LARGEST}
    tables = {number_name(number) for number in _of_tables(program)}
    return tuple(sorted({*named, *filed} - tables, key=number_of, reverse=True))


def written_places(program: Program) -> tuple[str, ...]:
    """Numbers in subscripts, of a probe or a source, and in what functions of the program are given for them."""
    own = {f.symbol.name for f in program.functions}
    nodes = [n for f in program.functions for n in tree.walk(f)]
    found = [n.subscript for n in nodes if isinstance(n, tree.Index)]
    found += [a for n in nodes if isinstance(n, tree.Call) and n.name in own for a in n.arguments]
    return _names(program, found, ())


def number_edits(
    source: Source, original: Source | None, values: Mapping[str, int], taken: Iterable[Span]
) -> Iterator[Edit]:
    """Write the values of `values` for the numbers, but where something else is `taken`.

    Where the `original` does not write a product of two numbers, this program may.
    """
    given = {number_of(name): value for name, value in values.items() if is_number(name)}
    if not given:
        return
    new = {n + d: max(value + d, 0) for n, value in given.items() for d in range(-NEAR, NEAR + 1)} | given
    if original is not None:
        written = {value for _, value in integers(original.text)}
        new = {n * m: new[n] * new[m] for n in new for m in new if n * m not in written} | new
    spans = tuple(taken)
    for token, number in integers(source.text):
        if number in new and not any(s.begin <= token.start() < s.end for s in spans):
            yield Edit(Span(token.start(), token.end()), f"{new[number]}{token[0].lstrip('0123456789')}")


def filed_edits(program: Program, values: Mapping[str, int]) -> Iterator[Edit]:
    """Write the values for the numbers in what the program writes into a file."""
    given = {number_of(name): value for name, value in values.items() if is_number(name)}
    for found in _filed(program) if given else ():
        if int(found[0]) in given:
            yield Edit(Span(found.start(), found.end()), str(given[int(found[0])]))


def _filed(program: Program) -> Iterator[re.Match[str]]:
    """The numbers in texts that a program writes into a file, where it reads one."""
    calls = [n for f in program.functions for n in tree.walk(f) if isinstance(n, tree.Call)]
    if not any(c.name in _READS and _is_file(c, _READS[c.name]) for c in calls):
        return
    seen: set[Span] = set()  # a function that is read in the place of its call may be there twice
    for call in calls:
        if call.name not in _WRITES or not _is_file(call, _WRITES[call.name]):
            continue
        for text in call.arguments:
            if isinstance(text, tree.StringLiteral) and not text.in_macro and text.span not in seen:
                seen.add(text.span)
                yield from _PRINTED.finditer(program.source.text, text.span.begin, text.span.end)


def _is_file(call: tree.Call, position: int) -> bool:
    """Whether the stream that a call is given is not known to be a standard one."""
    stream = bare(call.arguments[position]) if position < len(call.arguments) else None
    return not (isinstance(stream, tree.Name) and stream.symbol.name in _STANDARD)


def integers(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """The integers that a text writes, but for comments and strings."""
    for token in _TOKEN.finditer(text):
        value = None if token["number"] is None else integer_value(token["number"])
        if value is not None:
            yield token, value


def number_of(name: str) -> int:
    return int(name.removeprefix(_PREFIX))


def _names(program: Program, found: Iterable[tree.Node], taken: tuple[Span, ...]) -> tuple[str, ...]:
    """The numbers that are written in expressions, without the neighbours of larger ones."""
    values = {
        n.value
        for e in found
        for n in _terms(e)
        if isinstance(n, tree.IntLiteral)
        and _SMALL < n.value < _LARGEST
        and program.source.at(n.span).rstrip("uUlL") == str(n.value)
        and n.span not in taken
    }
    apart = [v for v in values if not any(v < w <= v + NEAR for w in values)]
    return tuple(number_name(v) for v in sorted(apart, reverse=True))


def _terms(node: tree.Node) -> Iterator[tree.Node]:
    """An expression's parts, but for remainders."""
    yield node
    if not (isinstance(node, tree.Binary) and node.op in ("%", "&")):
        for child in tree.children(node):
            yield from _terms(child)


def _sizes(program: Program) -> Iterator[tree.Node]:
    own = {f.symbol.name for f in program.functions} | ALLOCATING
    for top in (*program.globals, *program.functions):
        for node in tree.walk(top):
            match node:
                case tree.For(condition=condition) | tree.While(condition=condition) if condition is not None:
                    yield condition
                case tree.VarDecl(symbol=symbol, extents=extents, init=init):
                    yield from (e for e in extents if e is not None)
                    if init is not None and not extents:
                        yield from _kept(symbol.type, init)
                case tree.Call(name=name, arguments=arguments) if name in own:
                    yield from (a for a in arguments if name in ALLOCATING or isinstance(a, tree.IntLiteral))
                case tree.Assign(op="=", target=tree.Member(), value=value):
                    yield from _chosen(value)
                case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value):
                    yield from _kept(symbol.type, value)


def _of_tables(program: Program) -> Iterator[int]:
    """The extents of arrays that are given more values than one, `int d[9] = {0, 1, …}`."""
    for top in (*program.globals, *program.functions):
        for node in tree.walk(top):
            if isinstance(node, tree.VarDecl) and isinstance(node.init, tree.InitList):
                given: list[tree.Expr] = [node.init]
                for extent in node.extents:
                    lists = [g for g in given if isinstance(g, tree.InitList)]
                    if isinstance(extent, tree.IntLiteral) and any(len(g.items) > 1 for g in lists):
                        yield extent.value
                    given = [item for g in lists for item in g.items]


def _kept(type: tree.CType, init: tree.Expr) -> Iterator[tree.Expr]:
    """What an integer, or a structure's members, begin with, where it is a number."""
    if isinstance(init, tree.InitList):
        yield from (number for item in init.items for number in _chosen(item))
    elif isinstance(type, tree.Scalar) and type.is_integer:
        yield from _chosen(init)


def _chosen(value: tree.Expr) -> Iterator[tree.Expr]:
    """A number, for a member perhaps (`.n = 40`), or those between which a condition chooses (`argc > 1 ?
    atoi(argv[1]) : 40`)."""
    match value:
        case tree.IntLiteral():
            yield value
        case tree.UnknownExpr(kind="designated initializer", children=(*_, tree.Expr() as given)):
            yield from _chosen(given)
        case tree.Conditional(then=then, otherwise=otherwise):
            yield from (*_chosen(then), *_chosen(otherwise))
