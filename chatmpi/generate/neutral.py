"""What reduced variables and arrays held before their loop counts once: the other ranks start from what is neutral."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import effects_of
from chatmpi.analysis.iterations.updates import IDEMPOTENT, IDENTITY, same
from chatmpi.analysis.loops import written_in
from chatmpi.analysis.numbers.polynomial import ZERO, of_atom, variable
from chatmpi.analysis.touches import BareUse, CallTouch, ElementTouch, ScalarTouch, Touch
from chatmpi.analysis.tree import Expr, Stmt, Symbol
from chatmpi.generate.layout import Layout


def count_once(uid: int, name: str, operation: str, statement: int, layout: Layout) -> None:
    if operation in IDEMPOTENT or _starts_neutral(uid, operation, statement, layout):
        return
    line = (
        f"if ({layout.rank_used()} > 0)\n{layout.unit}{name} = {IDENTITY[operation]};  /* its old value counts once */"
    )
    layout.insertions.before.setdefault(statement, []).append(line)


def _starts_neutral(uid: int, operation: str, statement: int, layout: Layout) -> bool:
    """Whether the variable surely holds the operation's neutral value when the loop starts."""
    for s in reversed(_earlier_neighbours(layout.facts.function.body, statement)):
        written = {symbol.uid for symbol in written_in(s, layout.facts.touches, layout.facts.summaries)}
        if uid not in written:
            continue
        touched = [
            t for t in layout.facts.touches.of(s.id) if isinstance(t, ScalarTouch) and t.symbol.uid == uid and t.write
        ]
        if not touched or any(_meddles(t, layout) for t in layout.facts.touches.of(s.id)):
            return False
        last = touched[-1]
        value = _assigned(last.update)
        simple = last.context.statement is s and not last.read and not last.context.sometimes
        return simple and value is not None and _number(value) == float(IDENTITY[operation])
    return False


def array_starts_zero(array: Symbol, statement: int, layout: Layout) -> bool:
    """Whether the array was surely filled with zeros just before a loop, and not touched since."""
    facts = layout.facts
    for s in reversed(_earlier_neighbours(facts.function.body, statement)):
        touched = [t for t in facts.touches.of(s.id) if isinstance(t, ElementTouch | BareUse) and t.symbol == array]
        if any(_meddles(t, layout) for t in facts.touches.of(s.id)):
            return False
        if len(touched) == 1 and isinstance(touched[0], ElementTouch):
            return _fills_with_zeros(touched[0], s, layout)
        if touched:
            return False
    return False


def element_starts_zero(element: Expr, array: Symbol, statement: int, layout: Layout) -> bool:
    """Whether the statement before a loop that last touches an array gives one element of it a zero."""
    facts = layout.facts
    named = {n.symbol for n in tree.walk(element) if isinstance(n, tree.Name)}
    for s in reversed(_earlier_neighbours(facts.function.body, statement)):
        touched = [t for t in facts.touches.of(s.id) if isinstance(t, ElementTouch | BareUse) and t.symbol == array]
        changed = {t.symbol for t in facts.touches.of(s.id) if isinstance(t, ScalarTouch) and t.write}
        if any(_meddles(t, layout) for t in facts.touches.of(s.id)) or changed & named:
            return False
        match touched:
            case []:
                continue
            case [ElementTouch(update=tree.Assign(value=value) as update, context=context) as one]:
                alone = context.statement is s and not one.read and not context.sometimes
                return alone and update.op == "=" and same(one.node, element) and _number(value) == 0
        return False
    return False


def _fills_with_zeros(t: ElementTouch, s: Stmt, layout: Layout) -> bool:
    """Whether one assignment, in a nest of loops that is all of `s`, gives every element of its array a zero."""
    facts = layout.facts
    value = _assigned(t.update) if isinstance(t.update, tree.Assign) else None
    extents = facts.extents.get(t.symbol)
    nest = [facts.loops[i].canonical for i in facts.loops if i in t.context.loops and s.id in facts.loops[i].around]
    if value is None or _number(value) != 0 or extents is None or len(nest) != len(extents.dimensions):
        return False
    divided = {x.place.statement for x in layout.plan.loops if x.treatment != "replicated"}
    if any(c is None or c.stmt.id in divided for c in nest):
        return False
    if t.context.sometimes or any(s.id in g.loops for g in t.context.guards) or t.context.opaque:
        return False
    counted = {of_atom(variable(c.variable)): c for c in nest if c is not None and c.step == 1}
    subscripts = facts.accesses[id(t)].subscripts
    loops = [counted.pop(p, None) if p is not None else None for p in subscripts]
    return len(loops) == len(extents.dimensions) and all(
        c is not None and c.lower == ZERO and c.upper == d for c, d in zip(loops, extents.dimensions, strict=True)
    )


def _meddles(t: Touch, layout: Layout) -> bool:
    """Whether a touch is a call that may write variables."""
    if not isinstance(t, CallTouch):
        return False
    effects = effects_of(t.call, layout.facts.summaries)
    return bool(effects.writes or effects.unknown or effects.captures)


def _earlier_neighbours(body: Stmt, statement: int) -> tuple[Stmt, ...]:
    """The statements before a statement in its own block."""
    for s in tree.statements(body):
        if isinstance(s, tree.Block):
            for k, part in enumerate(s.body):
                if part.id == statement:
                    return s.body[:k]
    return ()


def _assigned(update: tree.Node | None) -> Expr | None:
    match update:
        case tree.VarDecl(init=init):
            return init
        case tree.Assign(op="=", value=value):
            while isinstance(value, tree.Assign):
                value = value.value
            return value
    return None


def _number(expr: Expr) -> float | None:
    match expr:
        case tree.IntLiteral(value=value, macro=None):
            return float(value)
        case tree.FloatLiteral(value=number, macro=None):
            return number
        case tree.Cast(operand=operand):
            return _number(operand)
    return None
