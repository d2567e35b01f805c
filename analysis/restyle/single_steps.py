"""What a loop's header steps beside its counter, at the end of its body, where no closed form of it is known.

for (k = start[i]; k < start[i + 1]; k++, q++) a[k] = q;
for (k = start[i]; k < start[i + 1]; k++) { a[k] = q; q++; }
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import changed, comma_parts
from chatmpi.analysis.restyle.respelling import end_of, within
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.surroundings import jumps_on, stepping
from chatmpi.analysis.tree import Expr, Program, Symbol


def single_steps(program: Program) -> list[Edit]:
    """The edits for the first such loop."""
    for f in program.functions:
        for s in tree.statements(f.body):
            if isinstance(s, tree.For) and not s.in_macro and (edits := list(_edits(s, program.source))):
                return edits
    return []


def _edits(loop: tree.For, source: Source) -> Iterator[Edit]:
    parts = [] if loop.step is None else list(comma_parts(loop.step))
    own = [e for e in parts if _is_step_of(e, _compared(loop.condition))]
    if len(parts) < 2 or len(own) != 1 or any(p.in_macro for p in (*parts, loop.body)) or jumps_on(loop.body):
        return
    counter, others = changed(own[0]), [e for e in parts if e is not own[0]]
    if any(stepping(e) is None or _mentions(e, counter) for e in others) or _shadowed(loop.body, others):
        return
    if any(_mentions(own[0], changed(e)) for e in others):
        return
    if not isinstance(loop.body, tree.Block) and "switch" in source.at(loop.body.span):
        return  # it is a chain of tests in the tree, which ends elsewhere
    assert loop.step is not None
    yield Edit(loop.step.span, source.shown_at(own[0].span))
    shown = [f"{source.shown_at(e.span)};" for e in others]
    body = loop.body
    if isinstance(body, tree.Block) and body.body:
        brace = body.span.end - 1
        indent = within(source, body.span.begin, body.body[0].span.begin)
        alone = not source.text[source.line_begin(brace) : brace].strip()
        lines = "".join(f"{indent}{line}\n" for line in shown)
        place = source.line_begin(brace) if alone else brace
        yield Edit(Span(place, place), lines if alone else f"{' '.join(shown)} ")
    elif isinstance(body, tree.Block):
        yield Edit(body.span, f"{{ {' '.join(shown)} }}")
    else:
        yield Edit(Span(body.span.begin, body.span.begin), "{ ")
        end = end_of(body, source)
        yield Edit(Span(end, end), f" {' '.join(shown)} }}")


def _compared(condition: Expr | None) -> set[Symbol]:
    """The variables that a comparison has on one of its sides."""
    sides = (condition.left, condition.right) if isinstance(condition, tree.Binary) else ()
    return {side.symbol for side in sides if isinstance(side, tree.Name)}


def _is_step_of(expr: Expr, variables: set[Symbol]) -> bool:
    found = stepping(expr)
    return found is not None and found[0] in variables


def _mentions(expr: Expr, symbol: Symbol | None) -> bool:
    return any(isinstance(n, tree.Name) and n.symbol == symbol for n in tree.walk(expr))


def _shadowed(body: tree.Stmt, exprs: list[Expr]) -> bool:
    """Whether a name of an expression is declared anew in a body."""
    names = {n.symbol.name for e in exprs for n in tree.walk(e) if isinstance(n, tree.Name)}
    return any(isinstance(n, tree.VarDecl) and n.symbol.name in names for n in tree.walk(body))
