"""Uses of the program's own macros, written out: the text that the preprocessor would make of them.

Where a macro writes what has to change (`A(k, j)` for an element of another rank's row), its uses take its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set

from chatmpi.analysis import tree
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.restyle.element_counts import measured
from chatmpi.analysis.restyle.once import is_done_once
from chatmpi.analysis.scan import closing, mask, skip_space, split, strip
from chatmpi.analysis.source import Edit, OverlappingEdits, Source, Span, edited
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Macro, Program

_WORD = re.compile(r"[A-Za-z_]\w*")
_USED = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_LAST_WORD = re.compile(r"[A-Za-z_]\w*\Z")
_STRING = r'"(?:\\.|[^"\\])*"'
_QUOTED = rf"{_STRING}|'(?:\\.|[^'\\])*'"
_NUMBER = r"\.?\d(?:[eEpP][+-]|[\w.])*"  # `10L` is no use of L
_PIECE = re.compile(rf"{_QUOTED}|{_NUMBER}|,\s*##\s*__VA_ARGS__|#\s*(?P<shown>\w+)|(?P<word>[A-Za-z_]\w*)")
_REST = "__VA_ARGS__"
_SPACE = re.compile(rf"(?P<quoted>{_QUOTED})|(?:/\*.*?\*/|//[^\n]*|\s)+", re.DOTALL)
_DEEPEST = 8  # uses in the arguments of uses


def macro_at(program: Program, node: tree.Node) -> str | None:
    """The macro whose use stands where a node does, if its uses can be written out."""
    found = _WORD.match(program.source.text, node.span.begin)
    known = {m.name for m in _plain(program) if m.parameters is not None}
    return found.group() if found is not None and found.group() in known else None


def without_uses(source: Source, names: Set[str], options: ParseOptions) -> Source:
    """The source with all uses of some macros written out; raises UnreadableInput."""
    current = source
    for _ in range(_DEEPEST):
        edits = list(uses_written_out(parse(current, options), names))
        if not edits:
            break
        try:
            current = edited(current, edits)
        except OverlappingEdits:
            break
    return current


def loops_of_macros(program: Program) -> list[Edit]:
    """The edits that write out macros which write the bounds of a loop (`#define FOR(i, n) for (int i = 0; …`), the
    whole of a loop over elements (`DOT(s, x, y)`), statements that are done once (`SWAP(a, b);`), a sum of a pointer
    that gets subscripts (`COL(a, j)[i]`), or how many elements an array has (`LENGTH(a)`)."""
    names: set[str] = set()
    for f in program.functions:
        every = [n for n in tree.walk(f.body) if isinstance(n, tree.For)]
        loops = [n for n in every if (_is_whole(n) if n.body.in_macro else _is_bound(n))]
        sums = [n.base for n in tree.walk(f.body) if isinstance(n, tree.Index) and isinstance(n.base, tree.Binary)]
        counts = [n for n in tree.walk(f.body) if isinstance(n, tree.Binary) and n.in_macro and measured(n) is not None]
        once = [s for s in tree.statements(f.body) if is_done_once(s) and s.body.in_macro]
        names |= {name for node in (*loops, *sums, *counts, *once) if (name := macro_at(program, node)) is not None}
    return list(uses_written_out(program, names))


def jumps_of_macros(program: Program) -> list[Edit]:
    """The edits that write out macros with a `goto` or a label (`TRY(call)`), and those in whose bodies such stand."""
    names: set[str] = set()
    for f in program.functions:
        jumps = (n for n in tree.walk(f.body) if isinstance(n, tree.UnknownStmt) and n.kind in {"goto", "label"})
        names |= {name for n in jumps if n.in_macro and (name := _used_at(program, n)) is not None}
    return [_whole_statement(e, program.source) for e in uses_written_out(program, names)]


def _used_at(program: Program, node: tree.Node) -> str | None:
    """The macro whose use begins where a node does, if its uses can be written out."""
    return _before_or_at(node, program.source, {m.name for m in _plain(program)})


def declarations_of_macros(program: Program) -> list[Edit]:
    """The edits that write out macros which declare variables and parameters (`ARRAY_2D(a, n, m)`), name those that
    bound loops (`#define LAST BOUND(N, n)`), and hand memory over or free it (`REF(a)`)."""
    plain = {m.name for m in _plain(program)}
    names = {name for node in _declaring(program) if (name := _before_or_at(node, program.source, plain)) is not None}
    callable_ = {m.name for m in program.macros if m.name in plain and m.parameters is not None}
    bodies = {m.name: _body(m, program.source) for m in program.macros if m.name in names}
    wanted = names | {word for body in bodies.values() for word in _WORD.findall(body) if word in callable_}
    found = uses_written_out(program, names)
    return [_whole_statement(Edit(e.span, _expanded(e.text, wanted, program)), program.source) for e in found]


def _expanded(text: str, names: Set[str], program: Program) -> str:
    """A text with the uses of some macros in it written out, and those that come of them."""
    macros = {m.name: m for m in _plain(program) if m.name in names}
    bodies = {name: _body(m, program.source) for name, m in macros.items()}
    for _ in range(_DEEPEST):
        source = Source.from_str(program.source.name, text)
        edits = list(_uses(source, macros, bodies, frozenset()))
        if not edits:
            break
        text = edited(source, edits).text
    return text


def _whole_statement(edit: Edit, source: Source) -> Edit:
    """The edit, without the semicolon of a macro that has one behind it."""
    doubled = edit.text.endswith(";") and source.text.startswith(";", skip_space(source.text, edit.span.end))
    return Edit(edit.span, edit.text[:-1]) if doubled else edit


def _declaring(program: Program) -> Iterator[tree.Node]:
    """The nodes whose text has to be seen to be edited, and is a macro's."""
    yield from (v for v in program.globals if v.in_macro)
    for f in program.functions:
        yield from (p for p in f.parameters if not f.in_macro)
        for n in tree.walk(f.body):
            match n:
                case tree.VarDecl(in_macro=True):
                    yield n
                case tree.For(condition=tree.Expr() as condition, body=body) if not body.in_macro:
                    bounds = [b for b in tree.walk(condition) if isinstance(b, tree.Name) and b.in_macro]
                    yield from (b for b in bounds if program.source.text[b.span.begin : b.span.end] != b.symbol.name)
                case tree.Call(in_macro=False, arguments=arguments):
                    yield from (a for a in arguments if is_memory(a.type))
                case tree.Call(name="free", in_macro=True):
                    yield n


def _before_or_at(node: tree.Node, source: Source, plain: Set[str]) -> str | None:
    """The macro whose use a node is: its name stands where the node does, or before its arguments, if these are what
    is known of the node's place."""
    begin = node.span.begin
    if source.text.startswith("(", begin) and isinstance(node, tree.VarDecl):
        before = _LAST_WORD.search(source.text[source.line_begin(begin) : begin])
        return before.group() if before is not None and before.group() in plain else None
    found = _WORD.match(source.text, begin)
    return found.group() if found is not None and found.group() in plain else None


def _is_whole(loop: tree.For) -> bool:
    """Whether a macro writes a loop over elements with all that is in it."""
    return loop.in_macro and any(isinstance(n, tree.Index) for n in tree.walk(loop.body))


def _is_bound(loop: tree.For) -> bool:
    """Whether a macro, and none of its arguments, writes where a loop starts or ends."""
    ends: list[tree.Expr | None] = []
    match loop.init:
        case tree.Declaration(variables=(tree.VarDecl(init=start),)):
            ends.append(start)
        case tree.ExprStmt(expr=tree.Assign(value=start)):
            ends.append(start)
    match loop.condition:
        case tree.Binary(left=left, right=right):
            ends += [left, right]
    return any(e is not None and e.in_macro and not isinstance(e, tree.Name) for e in ends)


def uses_written_out(program: Program, names: Set[str]) -> Iterator[Edit]:
    """The edits for the outermost uses of some macros."""
    macros = {m.name: m for m in _plain(program) if m.name in names}
    bodies = {name: _body(m, program.source) for name, m in macros.items()}
    showing = {m.name for m in program.macros if "#" in _body(m, program.source)} - macros.keys()
    return _uses(program.source, macros, bodies, frozenset(showing))


def _uses(source: Source, macros: Mapping[str, Macro], bodies: Mapping[str, str], showing: Set[str]) -> Iterator[Edit]:
    """Edits for the outermost uses in a text; what is in the arguments of `showing` stays."""
    masked = mask(source.text)
    done = 0
    for word in _USED.finditer(masked) if macros else ():
        if word.start() < done:
            continue
        if word.group() in showing:  # it shows the text of its arguments, which has to stay
            done = closing(masked, skip_space(masked, word.end())) or done
        elif word.group() in macros:
            found = _written_out(macros[word.group()], bodies[word.group()], word.end(), source, masked)
            if found is not None:
                done, text = found
                yield Edit(Span(word.start(), done), text)


def _plain(program: Program) -> list[Macro]:
    """Macros with one definition, which do not glue words together nor use their own name."""
    text = program.source.text
    counts = [m.name for m in program.macros]
    return [
        m
        for m in program.macros
        if counts.count(m.name) == 1
        and re.search(rf"#\s*undef\s+{m.name}\b", text) is None
        and "##" not in re.sub(rf",\s*##\s*{_REST}", "", _body(m, program.source))
        and re.search(rf"\b{m.name}\b", _body(m, program.source)) is None
    ]


def _body(macro: Macro, source: Source) -> str:
    """A macro's text in one line, without comments."""
    joined = source.shown_at(macro.body_span).replace("\\\n", " ")
    return _SPACE.sub(lambda m: m["quoted"] or " ", joined).strip()


def _written_out(macro: Macro, body: str, end: int, source: Source, masked: str) -> tuple[int, str] | None:
    """Where the use whose name ends at `end` ends, and its text."""
    if macro.parameters is None:
        return end, body
    opening = skip_space(masked, end)
    past = closing(masked, opening) if masked.startswith("(", opening) else None
    if past is None:
        return None
    spans = [strip(masked, s) for s in split(masked, opening + 1, past - 1, ",")]
    named = [name for name in macro.parameters if name != _REST]
    if len(spans) < len(named) or (_REST not in macro.parameters and len(spans) > len(named)):
        return None
    values = dict(zip(named, map(source.shown_at, spans), strict=False))
    if _REST in macro.parameters:
        values[_REST] = ", ".join(map(source.shown_at, spans[len(named) :]))

    def piece(match: re.Match[str]) -> str:
        if match["shown"] in values:
            shown = " ".join(values[match["shown"]].split())
            return '"' + re.sub(rf"{_STRING}", lambda s: _escaped(s.group()), shown) + '"'
        if match["word"] is not None:
            return values.get(match["word"], match.group())
        if match.group().startswith(","):
            return f", {values[_REST]}" if values.get(_REST) else ""
        return match.group()

    return past, _PIECE.sub(piece, body)


def _escaped(string: str) -> str:
    return string.replace("\\", "\\\\").replace('"', '\\"')
