"""A variable that a condition chooses, `*(c ? &x : &y) = v;`, as the branches that give each its value.

*(k == 1 ? &n : k == 2 ? &m : &t) = v;          if (k == 1) n = v; else if (k == 2) m = v; else t = v;
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import only_reads
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Expr, Program


def chosen_targets(program: Program) -> list[Edit]:
    """The edits for all such statements."""
    edits: list[Edit] = []
    for f in program.functions:
        for s in tree.statements(f.body) if not f.in_macro else ():
            match s:
                case tree.ExprStmt(
                    in_macro=False,
                    expr=tree.Assign(
                        in_macro=False, target=tree.Unary(op="*", operand=tree.Conditional() as chosen)
                    ) as a,
                ) if (shown := _branches(chosen, a, program.source)) is not None:
                    edits.append(Edit(Span(s.span.begin, a.span.end), shown.removesuffix(";")))
    return edits


def _branches(chosen: Expr, assign: tree.Assign, source: Source) -> str | None:
    """The statement; None where the choice does more than read, or is not between the addresses of variables."""
    match chosen:
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise) if (
            only_reads(condition) and not condition.in_macro
        ):
            one, other = _branches(then, assign, source), _branches(otherwise, assign, source)
            if one is None or other is None:
                return None
            one = f"{{ {one} }}" if isinstance(then, tree.Conditional) else one
            return f"if ({source.shown_at(condition.span)}) {one} else {other}"
        case tree.Unary(op="&", operand=tree.Name() | tree.Member() | tree.Index() as target) if not target.in_macro:
            given = source.shown_at(Span(assign.target.span.end, assign.span.end))
            return f"{source.shown_at(target.span)}{given};" if given.lstrip().startswith(assign.op) else None
    return None
