"""Where the text says how much memory an allocation asks for: in the call, or where a variable gets the size.

    void *xmalloc(size_t bytes) { return malloc(bytes); }        a = xmalloc(n * sizeof *a);

The second is where the size of `a` can be changed, and `xmalloc` stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.memory_failures import where_memory_lacks
from chatmpi.analysis.memory.rooms import asked_for
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.touches import ScalarTouch
from chatmpi.analysis.tree import Call, Expr, Node, Symbol
from chatmpi.generate.layout import Layout


@dataclass(frozen=True, slots=True)
class Asked:
    """The call as it reads with the sizes in the place of the variables that hold them, and the statement of the
    outermost of these."""

    call: Call
    statement: int


def asked(said: Asked, layout: Layout) -> Asked:
    """The allocation with its sizes where they are said first, as far as no variable on the way has another use."""
    call, statement = said.call, said.statement
    while True:
        given = {s: v for s in _named(call) if (v := _only_given(s, call, layout)) is not None}
        if not given:
            return Asked(call, statement)
        values = {s: v.init for s, (v, _) in given.items()}

        def change(node: Node, values: dict[Symbol, tree.Expr | None] = values) -> Node:
            found = values.get(node.symbol) if isinstance(node, tree.Name) else None
            return node if found is None else found

        plain = replace(call, arguments=tuple(asked_for(a) for a in call.arguments))
        call = rewritten(plain, change)
        statement = min(place for _, place in given.values())


def factors(size: Expr) -> list[Expr]:
    """What a size is the product of."""
    match size:
        case tree.Binary(op="*", left=left, right=right):
            return [*factors(left), *factors(right)]
        case tree.Cast(operand=operand):
            return factors(operand)
    return [size]


def _named(call: Call) -> set[Symbol]:
    """The variables that are factors of the sizes in a call, and stand nowhere else in it."""
    sizes = [f for a in call.arguments for f in factors(asked_for(a))]
    named = {f.symbol for f in sizes if isinstance(f, tree.Name)}
    return named - {
        n.symbol for f in sizes if not isinstance(f, tree.Name) for n in tree.walk(f) if isinstance(n, tree.Name)
    }


def _making_rows(layout: Layout) -> Iterator[Node]:
    """What stands in the loops over rows, which the tree does not show, but for the bounds that are rewritten there."""
    for symbol, declared in layout.facts.arrays.declared.items():
        for loop in declared.rows.loops if declared.rows is not None else ():
            condition = loop.condition
            bound = condition.right if symbol in layout.of_array and isinstance(condition, tree.Binary) else None
            kept = {id(n) for n in tree.walk(bound)} if bound is not None else set()
            yield from (n for n in tree.walk(loop) if id(n) not in kept)
        for maker in declared.rows.makers if declared.rows is not None else ():
            yield from tree.walk(maker)


def _only_given(symbol: Symbol, call: Call, layout: Layout) -> tuple[tree.VarDecl, int] | None:
    """The declaration of a helper function's variable that is there for this call alone (and for what is said where it
    fails), with the statement where its value stands."""
    facts = layout.facts
    if not isinstance(symbol.type, tree.Scalar) or "::" not in symbol.name:
        return None
    touched = [t for t in facts.touches.items if isinstance(t, ScalarTouch) and t.symbol == symbol]
    writes = [t for t in touched if t.write]
    inside = {id(n) for n in tree.walk(call)}
    if len(writes) != 1 or not all(t.write or id(t.node) in inside or where_memory_lacks(t) for t in touched):
        return None
    if any(isinstance(n, tree.Name) and n.symbol == symbol for n in _making_rows(layout)):
        return None
    v = writes[0].update
    if not isinstance(v, tree.VarDecl) or v.init is None or v.init.in_macro or v.in_macro:
        return None
    statement = writes[0].context.statement.id
    scope = next(s for s in facts.scopes if symbol.name.rpartition("::")[0] + "::" == s.prefix)
    return v, statement if statement in scope.statements else scope.call
