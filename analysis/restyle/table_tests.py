"""Tests of whether an entry of a constant table has a function, decided.

static const struct { double (*f)(double); double (*g)(double); } list[] = { {sin}, {sin, cos} };
if (list[0].g)                                     ;
    s += list[0].g(s);
if (list[1].g != NULL)                             s += list[1].g(s);
    s += list[1].g(s);
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_null
from chatmpi.analysis.restyle.respelling import end_of
from chatmpi.analysis.restyle.struct_tables import is_function_name, struct_tables
from chatmpi.analysis.restyle.told_entries import ToldEntries
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Expr, Node, Program


def table_tests(program: Program) -> list[Edit]:
    """The edits that put the branch taken in the place of such tests; tests inside of others wait."""
    tables = struct_tables(program)
    return [e for f in program.functions if tables
            for e in _inside(f.body, True, ToldEntries(f, tables), program.source)]  # fmt: skip


def _inside(node: Node, alone: bool, told: ToldEntries, source: Source) -> Iterator[Edit]:
    """The edits below a node; `alone`: nothing that may stand behind it belongs to it."""
    match node:
        case tree.If(condition=condition, then=then, otherwise=otherwise, in_macro=False):
            outcome = _outcome(condition, told)
            if outcome is not None and not any(isinstance(n, tree.UnknownStmt) for n in tree.walk(node)):
                whole = Span(node.span.begin, end_of(node, source))
                yield Edit(whole, _shown(then if outcome else otherwise, alone, source))
                return
        case tree.Conditional(condition=condition, then=chosen, otherwise=other, in_macro=False):
            outcome = _outcome(condition, told)
            if outcome is not None and chosen.type == other.type == node.type:
                yield Edit(node.span, f"({source.shown_at((chosen if outcome else other).span)})")
                return
    for part in tree.children(node):
        yield from _inside(part, isinstance(node, tree.Block), told, source)


def _shown(branch: tree.Stmt | None, alone: bool, source: Source) -> str:
    if branch is None:
        return "" if alone else "{ }"
    shown = source.shown_at(Span(branch.span.begin, end_of(branch, source)))
    return shown if alone or isinstance(branch, tree.Block) else f"{{ {shown} }}"


def _outcome(condition: Expr, told: ToldEntries) -> bool | None:
    """How a test of a member that points at a function comes out; None where that is not known."""
    match condition:
        case tree.Unary(op="!", operand=operand):
            inner = _outcome(operand, told)
            return None if inner is None else not inner
        case tree.Binary(op="==" | "!=" as op, left=left, right=right) if is_null(right):
            inner = _outcome(left, told)
            return None if inner is None else inner == (op == "!=")
    held = told.held(condition)
    if held is None or condition.in_macro or not isinstance(held[1], tree.Pointer):
        return None
    if held[0] is None or is_null(held[0]):
        return False
    return True if is_function_name(held[0]) else None
