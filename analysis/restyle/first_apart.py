"""Loops that carry a value on and ask in each iteration whether it is the first, with the first one before them.

for (i = 0; i < n; i++)                         if (0 < n)
    s[i] = (i ? s[i - 1] : 0) + a[i];               s[0] = (0) + a[0];
                                                for (i = 1; i < n; i++)
                                                    s[i] = (s[i - 1]) + a[i];
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_null, is_step
from chatmpi.analysis.loops import index_step, starting
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.respelling import Respelled, declares_static
from chatmpi.analysis.restyle.webs import is_dead_after
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.surroundings import Surroundings, statements_of
from chatmpi.analysis.touches import element
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, Symbol


def first_apart(program: Program) -> list[Edit]:
    """The edits for one such loop; none if there is none."""
    for f in program.functions:
        for loop in tree.statements(f.body):
            if isinstance(loop, tree.For) and not loop.in_macro and (asked := _asked(loop)) is not None:
                around = Surroundings(program, f)
                if _may_be_apart(loop, asked, around, f):
                    return list(_apart(loop, asked, around))
    return []


@dataclass(frozen=True)
class _Asked:
    """`statement`: the body; `node`: what asks in it; `first` and `later`: what it takes in the first iteration, and
    in the others."""

    statement: Stmt
    node: tree.If | tree.Conditional
    first: Node
    later: Node
    counter: Symbol


def _asked(loop: tree.For) -> _Asked | None:
    begin, body = starting(loop.init), statements_of(loop.body)
    if begin is None or len(body) != 1 or not is_null(begin[1]) or index_step(loop.step) != (begin[0], 1):
        return None
    if not isinstance(loop.init, tree.Declaration | tree.ExprStmt) or declares_static(loop.body):
        return None
    counter, (statement,) = begin[0], body
    asking = [n for n in tree.walk(statement) if isinstance(n, tree.If | tree.Conditional)]
    if len(asking) != 1 or not isinstance(statement, tree.If | tree.ExprStmt):
        return None
    (node,) = asking
    later = _is_later(node.condition, counter)
    if later is None or node.otherwise is None or (isinstance(node, tree.If) and node is not statement):
        return None
    then, otherwise = (node.otherwise, node.then) if later else (node.then, node.otherwise)
    found = _Asked(statement, node, then, otherwise, counter)
    return found if _carries(found) else None


def _is_later(condition: Expr, counter: Symbol) -> bool | None:
    """Whether a condition holds in all iterations but the first (True) or in that alone (False), from 0 on."""
    match condition:
        case tree.Name(symbol=symbol) if symbol == counter:
            return True
        case tree.Unary(op="!", operand=operand):
            inner = _is_later(operand, counter)
            return None if inner is None else not inner
        case tree.Binary(op="!=" | ">" | "==" as op, left=tree.Name(symbol=symbol), right=right) if (
            symbol == counter and is_null(right)
        ):
            return op != "=="
        case tree.Binary(op=">=" | "<" as op, left=tree.Name(symbol=symbol), right=tree.IntLiteral(value=1)) if (
            symbol == counter
        ):
            return op == ">="
    return None


def _carries(asked: _Asked) -> bool:
    """Whether the later iterations read the array that the loop writes."""
    written = {found[0] for n in tree.walk(asked.statement) if isinstance(n, tree.Assign)
               and (found := element(n.target)) is not None}  # fmt: skip
    targets = {id(n.target) for n in tree.walk(asked.statement) if isinstance(n, tree.Assign)}
    read = {n.base.symbol for n in tree.walk(asked.later) if isinstance(n, tree.Index) and id(n) not in targets
            and isinstance(n.base, tree.Name)}  # fmt: skip
    return bool(written & read)


def _may_be_apart(loop: tree.For, asked: _Asked, around: Surroundings, f: tree.Function) -> bool:
    match loop.condition:
        case tree.Binary(op="<", left=tree.Name(symbol=tested), right=bound) if tested == asked.counter:
            pass
        case _:
            return False
    body = list(tree.walk(loop.body))
    if any(n.in_macro for n in (loop.condition, *(n for n in body if isinstance(n, tree.Name) and n.symbol == tested))):
        return False
    if any(isinstance(n, tree.Call | tree.UnknownExpr) for n in body) or any(
        isinstance(n, tree.Assign | tree.Unary) and _changes(n, tested) for n in body
    ):
        return False
    plain = not any(isinstance(n, tree.Call | tree.Assign) or is_step(n) for n in tree.walk(bound))
    own = isinstance(loop.init, tree.Declaration) or is_dead_after(tested, loop, f)
    signed = isinstance(tested.type, tree.Scalar) and not tested.type.is_unsigned
    return plain and own and signed and tested.storage == "local" and around.is_steady(bound, body)


def _changes(node: Node, symbol: Symbol) -> bool:
    target = node.target if isinstance(node, tree.Assign) else node.operand if isinstance(node, tree.Unary) else None
    op = node.op if isinstance(node, tree.Unary) else "="
    return (is_step(node) or op in {"=", "&"}) and isinstance(target, tree.Name) and target.symbol == symbol


def _apart(loop: tree.For, asked: _Asked, around: Surroundings) -> Iterator[Edit]:
    source = around.program.source
    begin = starting(loop.init)
    assert begin is not None
    assert isinstance(loop.condition, tree.Binary)
    indent = source.indentation(loop.span.begin)
    bound = source.shown_at(loop.condition.right.span)
    in_block = isinstance(around.parent(loop), tree.Block) and not source.text[: loop.span.begin].rstrip().endswith(":")
    head = f"if (0 < {bound})\n{indent}    {_body(asked, asked.first, source)}\n{indent}"
    yield Edit(Span(loop.span.begin, loop.span.begin), head if in_block else f"{{ {head}")
    yield Edit(begin[1].span, "1")
    yield Edit(asked.statement.span, _body(asked, asked.later, source))
    if not in_block:
        yield Edit(Span(loop.span.end, loop.span.end), " }")


def _body(asked: _Asked, taken: Node, source: Source) -> str:
    """The body with one of the branches in the place of the question; the counter is 0 in the first iteration."""

    def zeros(node: Node) -> list[Edit]:
        names = (n for n in tree.walk(node) if isinstance(n, tree.Name) and n.symbol == asked.counter)
        return [Edit(n.span, "0") for n in names] if taken is asked.first else []

    branch = Respelled(source, zeros)(taken)
    if isinstance(asked.node, tree.If) or not isinstance(taken, Expr):
        return branch
    if taken.type != asked.node.type:
        branch = f"({type_text(asked.node.type)})({branch})"
    inside = asked.node.span
    beside = [e for e in zeros(asked.statement) if not inside.begin <= e.span.begin < inside.end]
    return Respelled(source, lambda _: [*beside, Edit(inside, branch)])(asked.statement)
