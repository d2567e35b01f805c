"""Conditions of which only a part happens, where that part is a call that the analysis has to follow, as statements
that need no variable for it. (What is left is computed in steps: see `calls/short_circuits.py`.)

if (init(&a) != 0 || init(&b) != 0) return 1;    if (init(&a) != 0) return 1;  if (init(&b) != 0) return 1;
if (n > 0 && init(&a)) use(a);                   if (n > 0) { if (init(&a)) use(a); }
while (k < most && step(u) > eps) { … }          while (k < most) { if (!(step(u) > eps)) break; … }
return init(&a) || init(&b);                     if (init(&a)) return 1;  return (init(&b)) != 0;
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import Expandable, calls_in, expandable
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.calls.short_circuits import is_followed, works_on_memory
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.restyle.respelling import declares_static, end_of, with_semicolon
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Expr, Program, Stmt

_OPPOSITE = {"&&": "||", "||": "&&"}
_MOST_REPEATED = 8  # statements that are written once more


def conditions_apart(program: Program) -> list[Edit]:
    """The edits for the first such condition; none if there is none."""
    worth = [(f, s) for f in program.functions if not f.in_macro for s in tree.statements(f.body) if _may_matter(s)]
    if not worth:
        return []
    possible = expandable(program)
    for f, s in worth:
        condition = _condition(s)
        if condition is not None and _calls_later(condition, possible):
            edits = _Apart(s, condition, parents([f]), program.source, possible).edits()
            if edits:
                return edits
    return []


def _condition(s: Stmt) -> Expr | None:
    match s:
        case tree.If(condition=condition) | tree.While(condition=condition):
            return condition
        case tree.Return(value=tree.Expr() as value) if value.type == tree.Scalar("int"):
            return value
    return None


def _may_matter(s: Stmt) -> bool:
    condition = _condition(s)
    return condition is not None and not s.in_macro and any(
        isinstance(n, tree.Binary) and n.op in _OPPOSITE and any(isinstance(c, tree.Call) for c in tree.walk(n.right))
        for n in tree.walk(condition)
    )  # fmt: skip


def _calls_later(part: Expr, possible: Expandable) -> bool:
    """Whether a call that can be expanded happens only where a part of the condition before it says so."""
    match part:
        case tree.Unary(op="!", operand=operand):
            return _calls_later(operand, possible)
        case tree.Binary(op="&&" | "||", left=left, right=right):
            return _is_followed(right, possible) or _calls_later(left, possible)
    return False


def _is_followed(part: Expr, possible: Expandable) -> bool:
    calls = list(calls_in(part, possible.whole))
    return any(works_on_memory(c, possible) for c in calls) and all(is_followed(c, possible) for c in calls)


class _Apart:
    """One statement, to be written as several."""

    def __init__(self, s: Stmt, condition: Expr, around: Parents, source: Source, possible: Expandable) -> None:
        self.s, self.condition, self.around, self.source, self.possible = s, condition, around, source, possible
        self.indent = source.indentation(s.span.begin)

    def edits(self) -> list[Edit]:
        op, parts = _parts(self.condition, False)
        groups = list(self._groups(op, parts))
        if len(groups) < 2 or any(e.in_macro for e, _ in parts):
            return []
        match self.s:
            case tree.Return():
                return self._returns(op, groups)
            case tree.While(body=tree.Block() as body) if op == "&&":
                return self._leaves_loop(groups, body)
            case tree.If(then=then, otherwise=None) if op == "&&":
                return self._nested(groups, then)
            case tree.If(then=then) if op == "||" and _is_brief(then):
                return self._repeated(groups, then)
            case tree.If(then=then, otherwise=tree.Stmt() as otherwise) if op == "&&" and _is_brief(otherwise):
                return self._failing(groups, then, otherwise)
        return []

    def _groups(self, op: str, parts: list[tuple[Expr, bool]]) -> Iterator[str]:
        """The parts of the condition as text, those together that need not be apart."""
        shown: list[str] = []
        for part, negated in parts:
            if shown and _is_followed(part, self.possible):
                yield f" {op} ".join(shown)
                shown = []
            text = self.source.shown_at(part.span)
            shown.append(f"!({text})" if negated else f"({text})" if _is_loose(part) else text)
        yield f" {op} ".join(shown)

    def _returns(self, op: str, groups: list[str]) -> list[Edit]:
        *first, last = groups
        tests = [f"if ({g if op == '||' else f'!({g})'}) return {int(op == '||')};" for g in first]
        return self._as_lines([*tests, f"return ({last}) != 0;"], with_semicolon(self.s, self.source))

    def _nested(self, groups: list[str], then: Stmt) -> list[Edit]:
        *first, last = groups
        end = end_of(then, self.source)
        return [
            Edit(self.condition.span, first[0]),
            Edit(Span(then.span.begin, then.span.begin),
                 "".join(f"{{ if ({g}) " for g in [*first[1:], last])),
            Edit(Span(end, end), " }" * len(first)),
        ]  # fmt: skip

    def _leaves_loop(self, groups: list[str], body: tree.Block) -> list[Edit]:
        first = body.body[0].span.begin if body.body else body.span.end - 1
        inside = self.source.line_begin(first) > body.span.begin
        unit = self.source.indentation(first) if inside else self.indent + "    "
        tests = "".join(f"\n{unit}if (!({g})) break;" for g in groups[1:])
        brace = body.span.begin + 1
        return [Edit(self.condition.span, groups[0]), Edit(Span(brace, brace), tests)]

    def _repeated(self, groups: list[str], then: Stmt) -> list[Edit]:
        """A branch that leaves: once for each group."""
        *first, last = groups
        shown = self.source.shown_at(Span(then.span.begin, end_of(then, self.source)))
        before = "".join(f"if ({g}) {shown}\n{self.indent}" for g in first)
        return self._led_by(before, [Edit(self.condition.span, last)])

    def _failing(self, groups: list[str], then: Stmt, otherwise: Stmt) -> list[Edit]:
        """The branch for what fails leaves: it comes first, once for each group."""
        shown = self.source.shown_at(Span(otherwise.span.begin, end_of(otherwise, self.source)))
        before = "".join(f"if (!({g})) {shown}\n{self.indent}" for g in groups)
        head, tail = (
            Span(self.s.span.begin, then.span.begin),
            Span(end_of(then, self.source), end_of(otherwise, self.source)),
        )
        return self._led_by(before, [Edit(head, ""), Edit(tail, "")])

    def _led_by(self, before: str, edits: list[Edit]) -> list[Edit]:
        begin, end = self.s.span.begin, end_of(self.s, self.source)
        if isinstance(self.around[id(self.s)], tree.Block):
            head, *others = edits
            if head.span.begin == begin:
                return [Edit(head.span, before + head.text), *others]
            return [Edit(Span(begin, begin), before), *edits]
        head, *others = edits
        closing = Edit(Span(end, end), " }")
        if head.span.begin == begin:
            return [Edit(head.span, f"{{ {before}{head.text}"), *others, closing]
        return [Edit(Span(begin, begin), f"{{ {before}"), *edits, closing]

    def _as_lines(self, lines: list[str], place: Span) -> list[Edit]:
        shown = f"\n{self.indent}".join(lines)
        return [Edit(place, shown if isinstance(self.around[id(self.s)], tree.Block) else f"{{ {shown} }}")]


def _is_loose(part: Expr) -> bool:
    """Whether its operator binds less than `&&` or as much, so that it stands in parentheses beside one."""
    return isinstance(part, tree.Assign | tree.Conditional) or (
        isinstance(part, tree.Binary) and part.op in {"&&", "||", ","}
    )


def _parts(expr: Expr, negated: bool, op: str = "") -> tuple[str, list[tuple[Expr, bool]]]:
    """The parts that `&&` or `||` joins, each with whether its opposite is meant."""
    if isinstance(expr, tree.Unary) and expr.op == "!":
        return _parts(expr.operand, not negated, op)
    if isinstance(expr, tree.Binary) and expr.op in _OPPOSITE and not expr.in_macro:
        own = _OPPOSITE[expr.op] if negated else expr.op
        if op in ("", own):
            return own, [*_parts(expr.left, negated, own)[1], *_parts(expr.right, negated, own)[1]]
    return op, [(expr, negated)]


def _is_brief(s: Stmt) -> bool:
    """Whether a branch leaves what is around it, and is short."""
    parts = list(tree.statements(s))
    plain = not any(isinstance(p, tree.UnknownStmt) for p in parts) and not declares_static(s)
    return plain and len(parts) <= _MOST_REPEATED and _leaves(s)


def _leaves(s: Stmt) -> bool:
    match s:
        case tree.Return() | tree.Break() | tree.Continue():
            return True
        case tree.ExprStmt(expr=tree.Call(name=name)):
            return LIBRARY.get(name or "") is Does.EXITS
        case tree.Block(body=(*_, last)):
            return _leaves(last)
        case tree.DoWhile(condition=tree.IntLiteral(value=0), body=tree.Block(body=body)):
            return bool(body) and isinstance(body[-1], tree.Return) and not any(
                isinstance(n, tree.Break | tree.Continue) for n in tree.statements(s)
            )  # fmt: skip
    return False
