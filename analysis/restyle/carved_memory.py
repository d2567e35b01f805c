"""Vectors that lie one behind the other in one block of memory, each in memory of its own.

    double *buf = malloc(3*n * sizeof(double));         double *buf = malloc((n) * sizeof(double));
    double *r = buf, *p = r + n, *q = buf + 2*n;        double *r = buf, *p = malloc((n) * sizeof(double)), *q = …;
    free(buf);                                          free(buf); free(p); free(q);

Shown first: whatever is reached by a pointer lies in its own part of the block, up to where the next part begins. The
facts are those of the program with its functions in the place of their calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare, changed_or_lent, is_null
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.pointer_places import place_of
from chatmpi.analysis.memory.row_storage import room_for
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.values import Naming, polynomial, type_text
from chatmpi.analysis.restyle.block_parts import Block, begins_of, ends_of, given_values, keep_apart
from chatmpi.analysis.restyle.respelling import end_of
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Stmt, Symbol


def carved_memory(program: Program, facts_of: Callable[[], Facts | None]) -> list[Edit]:
    """The edits for one block; none if there is none."""
    facts = None
    for f in program.functions:
        for block in _blocks(f):
            facts = facts or facts_of()
            if facts is not None and keep_apart(block, facts):
                edits = _edits(block, program)
                if edits:
                    return edits
    return []


# ----------------------------------------------------------------------------------- what the text says


def _blocks(f: Function) -> Iterator[Block]:
    given = [pair for s in f.body.body for pair in given_values(s)]
    for symbol, value in given:
        call = allocation(value)
        flat = isinstance(symbol.type, tree.Pointer) and isinstance(symbol.type.target, tree.Scalar)
        if call is None or call.in_macro or symbol.storage != "local" or not flat:
            continue
        block = Block(f, symbol, call)
        for other, where in given:
            place = place_of(where)
            root = place.root if place is not None and not place.rows and place.step is None else None
            led = isinstance(root, tree.Name) and (root.symbol == symbol or root.symbol in block.parts)
            if led and other.storage == "local" and other.type == symbol.type and not where.in_macro:
                block.parts[other] = where
        if block.parts and _is_plain(block):
            yield block


def _is_plain(block: Block) -> bool:
    """Whether each pointer is given its value once, and the block is given back by its name, if at all."""
    nodes = list(tree.walk(block.function.body))
    every = {block.name, *block.parts}
    times = dict.fromkeys(every, 0)
    for n in nodes:
        if isinstance(n, tree.VarDecl) and n.symbol in every and n.init is not None:
            times[n.symbol] += 1
        if (symbol := changed_or_lent(n)) in every and symbol is not None:
            times[symbol] += 1
    block.tests += [t for t in block.function.body.body if isinstance(t, tree.If) and _is_test(t, block.name)]
    tested = {id(n) for t in block.tests for n in tree.walk(t.condition)}
    for n in nodes:
        match n:
            case tree.ExprStmt(expr=Call(arguments=(argument,)) as call) if call.name == "free" and not n.in_macro:
                given = bare(argument)
                if isinstance(given, tree.Name) and given.symbol == block.name:
                    block.freed.append(n)
                elif isinstance(given, tree.Name) and given.symbol in block.parts:
                    return False
            case tree.Return(value=tree.Expr() as value):
                named = bare(value)
                if isinstance(named, tree.Name) and named.symbol in every:
                    return False
            case (
                tree.Unary(op="!", operand=tree.Name(symbol=symbol))
                | tree.If(condition=tree.Name(symbol=symbol))
                | tree.Binary(op="==" | "!=", left=tree.Name(symbol=symbol))
            ) if symbol in every and id(n) not in tested:
                return False
    ready = _ready(block).span.end
    jumps = any(isinstance(n, tree.UnknownStmt) for n in nodes)
    late = all(n.span.begin > ready for n in block.freed) and not (block.freed and jumps)
    return late and all(n == 1 for n in times.values()) and all(t.span.begin < ready for t in block.tests)


def _is_test(s: tree.If, name: Symbol) -> bool:
    """`if (!buf) …`, which does something only where there is no memory."""
    match s.condition:
        case tree.Unary(op="!", operand=tree.Name(symbol=symbol)):
            tested = symbol
        case tree.Binary(op="==", left=tree.Name(symbol=symbol), right=right) if is_null(right):
            tested = symbol
        case _:
            return False
    named = any(isinstance(n, tree.Name) and n.symbol == name for n in tree.walk(s.then))
    return tested == name and s.otherwise is None and not s.in_macro and not named and _leaves(s.then)


def _leaves(s: Stmt) -> bool:
    last = s.body[-1] if isinstance(s, tree.Block) and s.body else s
    ends = isinstance(last, tree.ExprStmt) and isinstance(last.expr, Call) and last.expr.name in {"exit", "abort"}
    return ends or isinstance(last, tree.Return)


def _ready(block: Block) -> Stmt:
    """The statement behind which all pointers have their values."""
    body = block.function.body.body
    return next(s for s in reversed(body) if any(v is p for _, v in given_values(s) for p in block.parts.values()))


# ----------------------------------------------------------------------------------------------- the edits


def _edits(block: Block, program: Program) -> list[Edit]:
    """Memory for each part that does not begin where the block does."""
    mine = {block.name: block.name, **{s: s for s in block.parts}}
    values: dict[Symbol, Expr] = {block.name: block.call, **block.parts}
    begins = begins_of(mine, block, values, Naming())
    words = room_for(block.call, block.element, Naming())
    ends = ends_of(begins, words) if begins is not None and words is not None else None
    if begins is None or ends is None:
        return []
    length = next(iter(ends.values()))
    shown = _shown(length, block, program)
    if shown is None:
        return []
    edits = [Edit(block.call.span, _memory(shown, block))]
    others = [s for s in block.parts if begins[s].terms]
    edits += [Edit(block.parts[s].span, _memory(shown, block)) for s in others]
    if len({begins[s] for s in others}) < len(others):
        return []
    source = program.source
    in_blocks = {id(s) for b in tree.walk(block.function.body) if isinstance(b, tree.Block) for s in b.body}
    for freed in block.freed:
        end = end_of(freed, source)
        more = "".join(f" free({o.name});" for o in others)
        if id(freed) not in in_blocks:
            edits.append(Edit(Span(freed.span.begin, freed.span.begin), "{ "))
            more += " }"
        edits.append(Edit(Span(end, end), more))
    ready = end_of(_ready(block), source)
    for test in block.tests:
        missing = " || ".join(f"!{o.name}" for o in others)
        shown = source.shown_at(Span(test.then.span.begin, end_of(test.then, source)))
        edits.append(Edit(Span(ready, ready), f"\n{source.indentation(test.span.begin)}if ({missing}) {shown}"))
    return edits


def _memory(length: str, block: Block) -> str:
    element = type_text(block.element)
    return (
        f"calloc({length}, sizeof({element}))"
        if block.call.name == "calloc"
        else f"malloc({length} * sizeof({element}))"
    )


def _shown(length: Polynomial, block: Block, program: Program) -> str | None:
    """The text of what says how long a part is, as a size."""
    parts: list[Node] = [n for v in (*block.parts.values(), block.call) for n in tree.walk(v)]
    for n in parts:
        integer = isinstance(n, Expr) and isinstance(n.type, tree.Scalar) and n.type.is_integer
        if integer and isinstance(n, Expr) and not n.in_macro and polynomial(n) == length:
            shown = program.source.shown_at(n.span)
            return shown if isinstance(n, tree.Name) else f"(size_t)({shown})"
    return None
