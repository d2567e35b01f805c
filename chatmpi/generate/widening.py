"""Variables of loops, narrower than int, where local indices may be negative or larger than all global ones."""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.loops import CanonicalLoop, is_index
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import ScalarTouch
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout


def widen(loop: CanonicalLoop, layout: Layout) -> None:
    """Declare a loop's variable as one that holds local indices. Its values are those that the header names, so that
    another type changes nothing where it is read."""
    declaration = _declaration(loop, layout)
    if declaration is None:
        raise Uneditable("its variable is too narrow for local indices", loop.stmt, loop=loop.stmt.id)
    wide = layout.widened.setdefault(declaration.id, [])
    if loop.variable in wide:
        return
    wide.append(loop.variable)
    if len(declaration.variables) == 1:
        before = Span(declaration.span.begin, declaration.variables[0].name_span.begin)
        layout.edits.append(Edit(before, f"{layout.index} "))
        return
    layout.edits[:] = [e for e in layout.edits if e.span != declaration.span]
    layout.edits.append(Edit(declaration.span, _apart(declaration, wide, layout)))


def _apart(declaration: tree.Declaration, wide: list[tree.Symbol], layout: Layout) -> str:
    """The declaration of several variables in two, or with another type for all of them."""
    source = layout.facts.program.source
    kind = source.shown_at(Span(declaration.span.begin, declaration.variables[0].name_span.begin)).rstrip()
    names = {v.symbol: source.shown_at(v.name_span) for v in declaration.variables}
    made = f"{layout.index} {', '.join(n for s, n in names.items() if s in wide)};"
    rest = [n for s, n in names.items() if s not in wide]
    indent = source.indentation(declaration.span.begin)
    return f"{made}\n{indent}{kind} {', '.join(rest)};" if rest else made


def _declaration(loop: CanonicalLoop, layout: Layout) -> tree.Declaration | None:
    """Where the variable is declared, alone or beside others like it."""
    for s in tree.statements(layout.facts.function.body):
        if isinstance(s, tree.Declaration) and any(v.symbol == loop.variable for v in s.variables):
            mine = all(_only_counts(v, layout) for v in s.variables) or s is loop.stmt.init
            begin, names = s.span.begin, s.variables[0].name_span.begin
            written = layout.facts.program.source.text[begin:names]
            plain = written.replace("_", "").replace(" ", "").isalnum() and "static" not in written.split()
            mine = mine and not _is_measured(loop.variable, layout)
            return s if mine and plain and not s.in_macro and not any(v.in_macro for v in s.variables) else None
    return None


def _is_measured(symbol: tree.Symbol, layout: Layout) -> bool:
    """Whether the program asks how many bytes the variable has."""
    sizes = [n for n in tree.walk(layout.facts.function.body) if isinstance(n, tree.Sizeof)]
    return any(isinstance(n, tree.Name) and n.symbol == symbol for size in sizes for n in tree.walk(size))


def _only_counts(v: tree.VarDecl, layout: Layout) -> bool:
    """Whether a variable is written in headers of loops that count, and nowhere else."""
    if v.init is not None or is_index(v.symbol) or not isinstance(v.symbol.type, tree.Scalar):
        return False
    headers = {id(n) for n in _headers(v.symbol, layout)}
    writes = (t for t in layout.facts.touches.items if isinstance(t, ScalarTouch) and t.symbol == v.symbol and t.write)
    return all(id(t.update) in headers for t in writes)


def _headers(symbol: tree.Symbol, layout: Layout) -> Iterator[tree.Node]:
    for info in layout.facts.loops.values():
        if info.counted is not None and info.counted.variable == symbol:
            init, step = info.counted.stmt.init, info.counted.stmt.step
            yield from (init.expr,) if isinstance(init, tree.ExprStmt) else ()
            yield from (step,) if step is not None else ()
