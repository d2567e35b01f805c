"""Parts of one block of memory that pointers lead to, and whether what is reached by each stays in its own part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.pointer_places import place_of
from chatmpi.analysis.memory.row_storage import room_for
from chatmpi.analysis.memory.subscripts import Access, is_inside
from chatmpi.analysis.numbers.polynomial import ZERO, Polynomial
from chatmpi.analysis.numbers.values import Naming, polynomial
from chatmpi.analysis.touches import BareUse, ElementTouch
from chatmpi.analysis.tree import Call, Expr, Function, Stmt, Symbol


@dataclass
class Block:
    """A pointer that gets memory once, and pointers that lead to later parts of it: what each gets, in their order."""

    function: Function
    name: Symbol
    call: Call
    parts: dict[Symbol, Expr] = field(default_factory=dict)
    freed: list[tree.ExprStmt] = field(default_factory=list)
    tests: list[tree.If] = field(default_factory=list)

    @property
    def element(self) -> tree.Scalar:
        assert isinstance(self.name.type, tree.Pointer)
        assert isinstance(self.name.type.target, tree.Scalar)
        return self.name.type.target


def given_values(s: Stmt) -> Iterator[tuple[Symbol, Expr]]:
    """The variables that a statement gives values to."""
    match s:
        case tree.Declaration(variables=variables):
            yield from ((v.symbol, v.init) for v in variables if v.init is not None)
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value)):
            yield symbol, value


def keep_apart(block: Block, facts: Facts) -> bool:
    """Whether in all places where the function stands, each pointer leads into its own part alone."""
    owner = "" if block.function.symbol.name == "main" else rf"{re.escape(block.function.symbol.name)}(#\d+)?::"
    declared = {s.name: s for s in facts.arrays.declared}
    prefixes = {
        m.group(1)
        for name in declared
        if (m := re.fullmatch(rf"({owner}){re.escape(block.name.name)}", name)) is not None
    }
    return (
        bool(prefixes)
        and not _is_called(block.function, facts)
        and all(_is_apart(block, prefix, declared, facts) for prefix in prefixes)
    )


def _is_called(f: Function, facts: Facts) -> bool:
    """Whether the function is still called somewhere, and so does more than is seen of it."""
    pending, reached = [facts.function], {"main"}
    for g in pending:
        named = {n.symbol.name for n in tree.walk(g.body) if isinstance(n, tree.Name)} - reached
        pending += [h for h in facts.program.functions if h.symbol.name in named]
        reached |= named
    return any(facts.program.copies.get(n, n).partition("#")[0] == f.symbol.name for n in reached - {"main"})


def _is_apart(block: Block, prefix: str, declared: dict[str, Symbol], facts: Facts) -> bool:
    symbols = {s: declared.get(prefix + s.name) for s in (block.name, *block.parts)}
    if any(s is None for s in symbols.values()):
        return False
    mine = {found: s for s, found in symbols.items() if found is not None}
    values = {s: v for n in tree.statements(facts.function.body) for s, v in given_values(n) if s in mine}
    sizes = [n for v in values.values() for n in tree.walk(v) if isinstance(n, tree.Name)]
    if any(isinstance(n.symbol.type, tree.Scalar) and id(n) not in facts.naming.settled for n in sizes):
        return False  # a size that changes is not the same for the block and for its parts
    begins = begins_of(mine, block, values, facts.naming)
    if begins is None:
        return False
    call = allocation(values[next(s for s, own in mine.items() if own == block.name)])
    words = room_for(call, block.element, facts.naming) if call is not None else None
    if words is None:
        return False
    ends = ends_of(begins, words)
    return all(_stays(s, begins[s], ends, values, facts) for s in mine)


def begins_of(
    mine: dict[Symbol, Symbol], block: Block, values: dict[Symbol, Expr], naming: Naming
) -> dict[Symbol, Polynomial] | None:
    """Where each pointer's part begins, in elements."""
    found: dict[Symbol, Polynomial] = {}
    for symbol in sorted(mine, key=lambda s: (mine[s] != block.name, [*block.parts, block.name].index(mine[s]))):
        if symbol not in values:
            return None
        if mine[symbol] == block.name:
            found[symbol] = ZERO
            continue
        place = place_of(values[symbol])
        if place is None or not isinstance(place.root, tree.Name) or place.root.symbol not in found:
            return None
        at = found[place.root.symbol]
        for term in place.terms:
            step = polynomial(term.expr, naming)
            if step is None:
                return None
            at = at - step if term.negative else at + step
        found[symbol] = at
    return found


def ends_of(begins: dict[Symbol, Polynomial], words: Polynomial) -> dict[Polynomial, Polynomial] | None:
    """Where each part ends, by where it begins: the parts are multiples of one length, in a row from the first."""
    parts = list(dict.fromkeys(begins.values()))
    lengths = [p for p in parts if p.terms and all((q.divided(p)[0].constant or 0) >= 1 and not q.divided(p)[1].terms
                                                   for q in parts if q.terms)]  # fmt: skip
    if len(lengths) != 1:
        return None
    (length,) = lengths
    whole, rest = words.divided(length)
    many = whole.constant
    if rest.terms or many is None:
        return None
    numbers = {p: p.divided(length)[0].constant or 0 for p in parts}
    return {p: length for p, k in numbers.items() if k < many} if max(numbers.values()) < many else None


def _stays(
    symbol: Symbol,
    begin: Polynomial,
    lengths: dict[Polynomial, Polynomial] | None,
    values: dict[Symbol, Expr],
    facts: Facts,
) -> bool:
    """Whether all that is done by a pointer reaches elements of its own part."""
    if lengths is None or symbol in facts.unstable or (symbol in facts.shapes and facts.shapes[symbol].assumed):
        return False
    length = lengths[begin]
    for t in facts.touches.items:
        if isinstance(t, ElementTouch) and t.symbol == symbol:
            access = facts.accesses.get(id(t))
            if access is None or t.context.opaque or not _is_within(access, length, facts):
                return False
        elif isinstance(t, BareUse) and t.symbol == symbol and not _is_harmless(t, values):
            return False
    return True


def _is_harmless(t: BareUse, values: dict[Symbol, Expr]) -> bool:
    """Whether a name stands where its pointer gets the one value that it has, is tested or freed, or where another of
    these pointers gets its value."""
    match t.role:
        case "argument":
            return t.call is not None and t.call.name == "free"
        case "value":
            return any(n is t.node for v in values.values() for n in tree.walk(v))
        case "assigned":
            update = t.update
            given = update.init if isinstance(update, tree.VarDecl) else getattr(update, "value", None)
            return given is not None and given is values.get(t.symbol)
    return t.role == "test"


def _is_within(access: Access, length: Polynomial, facts: Facts) -> bool:
    context = access.touch.context
    naming = facts.naming_at(context.loops)
    shape = facts.shapes.get(access.touch.symbol)
    if shape is not None and len(shape.strides) > 1 and access.subscripts[0] is not None:
        rows, rest = length.divided(shape.strides[0])
        return not rest.terms and is_inside(access.subscripts[0], rows, context, naming, facts.loops)
    return access.linear is not None and is_inside(access.linear, length, context, naming, facts.loops)
