"""Rows that wrap around the ends of an array: in a rank's block they are its halo, and the text says so.

`u[(i + 1) % n]` becomes `u[i + 1]`. A variable that is nothing but such a row (`int im = i > 0 ? i - 1 : n - 1;`)
becomes the local row itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.values import polynomial
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import ScalarTouch
from chatmpi.analysis.tree import Expr, Node, Symbol
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout
from chatmpi.plan.alignment import Aligned, alignment


@dataclass(frozen=True)
class Wrapping:
    """The parts of a loop's text that say wrapped rows, by node, with what is said instead; the variables that
    become local rows; and the nodes that are not to be looked at any more."""

    rows: Mapping[int, Polynomial] = field(default_factory=dict)
    variables: Mapping[Symbol, Polynomial] = field(default_factory=dict)
    done: frozenset[int] = frozenset()


def wrapping(info: LoopInfo, layout: Layout) -> Wrapping:
    facts = layout.facts
    rows: dict[int, Polynomial] = {}
    named: dict[Symbol, list[tree.Name]] = {}
    for symbol, accesses in facts.accesses_in(info.stmt.id).items():
        for access in accesses if symbol in layout.of_array else ():
            how = alignment(access, info, facts)
            if isinstance(how, Aligned) and how.near is not None:
                part = _row(access, facts, info)
                rows[id(part)] = how.near
                if isinstance(part, tree.Name):
                    named.setdefault(part.symbol, []).append(part)
    variables = {s: rows[id(many[0])] for s, many in named.items() if _only_rows(s, many, rows, info, layout)}
    done = {id(n) for s in variables for n in _define(s, variables[s], info, layout)}
    return Wrapping(rows, variables, frozenset(done))


def _row(access: Access, facts: Facts, info: LoopInfo) -> Expr:
    """The part of the subscript that is the row."""
    naming = facts.naming_at(info.around)
    subscript = access.touch.subscripts[facts.place_of_row(access.touch.symbol)]
    for node in tree.walk(subscript):
        if isinstance(node, Expr) and not node.in_macro and polynomial(node, naming) == access.subscripts[0]:
            return node
    raise Uneditable("a macro writes the subscript", access.touch.node, array=access.touch.symbol)


def _only_rows(
    symbol: Symbol, uses: list[tree.Name], rows: Mapping[int, Polynomial], info: LoopInfo, layout: Layout
) -> bool:
    """Whether a variable is nothing but one wrapped row, however often it is used."""
    facts = layout.facts
    touched = [t for t in facts.touches.items if isinstance(t, ScalarTouch) and t.symbol == symbol]
    inside = [t for t in facts.touches.of(info.stmt.id) if isinstance(t, ScalarTouch) and t.symbol == symbol]
    if len(touched) != len(inside) or len({rows[id(n)] for n in uses}) > 1:
        return False
    writes = [t for t in inside if t.write]
    known = {id(n) for n in uses} | {id(n) for t in writes for n in _definition(t, info)}
    return all(t.write or id(t.node) in known for t in inside) and bool(_statements(writes, info))


def _definition(write: ScalarTouch, info: LoopInfo) -> list[Node]:
    if isinstance(write.update, tree.VarDecl):
        return list(tree.walk(write.update))
    return [n for s in _statements([write], info) for n in tree.walk(s)]


def _statements(writes: list[ScalarTouch], info: LoopInfo) -> list[tree.Stmt]:
    """The statements that set a variable and do nothing else, in order; none if others are among them."""
    found: list[tree.Stmt] = []
    for t in writes:
        outer = _outermost(t, info)
        if outer is None:
            return []
        if outer not in found:
            found.append(outer)
    return found


def _outermost(write: ScalarTouch, info: LoopInfo) -> tree.Stmt | None:
    """The statement of a write, or the whole `if` around it if that holds nothing but writes of this variable."""
    for block in tree.statements(info.stmt):
        for s in block.body if isinstance(block, tree.Block) else ():
            holds = any(n is write.context.statement for n in tree.statements(s))
            if holds and _sets_only(s, write.symbol) and not isinstance(s, tree.Block):
                return s
    return None


def _sets_only(s: tree.Stmt, symbol: Symbol) -> bool:
    match s:
        case tree.Block(body=body):
            return all(_sets_only(b, symbol) for b in body)
        case tree.If(then=then, otherwise=otherwise):
            return _sets_only(then, symbol) and (otherwise is None or _sets_only(otherwise, symbol))
        case tree.ExprStmt(expr=tree.Assign(target=tree.Name(symbol=target))):
            return target == symbol
        case tree.ExprStmt(expr=tree.Unary(op="x++" | "++x" | "x--" | "--x", operand=tree.Name(symbol=target))):
            return target == symbol
        case tree.Declaration():
            return True
    return False


def _define(symbol: Symbol, near: Polynomial, info: LoopInfo, layout: Layout) -> list[Node]:
    """Set the variable to the local row where it is set first, and take away what corrects it."""
    writes = [
        t
        for t in layout.facts.touches.of(info.stmt.id)
        if isinstance(t, ScalarTouch) and t.symbol == symbol and t.write
    ]
    first, *others = _statements(writes, info)
    value = _value(first, writes[0])
    if first.in_macro or any(s.in_macro for s in others) or (value is not None and value.in_macro):
        raise Uneditable("a macro sets a wrapped row", first, loop=info.stmt.id)
    if value is not None:
        layout.edits.append(Edit(value.span, near.text()))
    else:
        layout.edits.append(Edit(first.span, f"{symbol.name} = {near.text()};"))
    source = layout.facts.program.source
    for s in others:
        begin = source.line_begin(s.span.begin)
        alone = not source.text[begin : s.span.begin].strip() and source.text[s.span.end : s.span.end + 1] == "\n"
        layout.edits.append(Edit(Span(begin, s.span.end + 1) if alone else s.span, ""))
    return [*([value] if value is not None else [first]), *others]


def _value(s: tree.Stmt, write: ScalarTouch) -> Expr | None:
    match s, write.update:
        case tree.Declaration() | tree.ExprStmt(), (tree.VarDecl(init=tree.Expr() as value) | tree.Assign(value=value)):
            return value
    return None
