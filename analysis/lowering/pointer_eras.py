"""In which statements a pointer has the memory of another one, which nobody looks at meanwhile.

double *r = a, *t = b;      the era of r and t begins
for (…) { … x = t; t = r; r = x; }
out = steps & 1 ? a : b;    that of out begins: which of a and b has which memory was left open
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed_or_lent
from chatmpi.analysis.memory.pointer_exchanges import Swap, pointer_exchanges
from chatmpi.analysis.tree import Block, Expr, Node, Program, Stmt, Symbol


@dataclass(frozen=True)
class Copy:
    """The statement at `place` of a block that gives `target` what `source` holds; with a `condition`, where that does
    not hold what `other` holds."""

    place: int
    target: Symbol
    source: Symbol
    condition: Expr | None = None
    other: Symbol | None = None

    @property
    def sources(self) -> frozenset[Symbol]:
        return frozenset({self.source} if self.other is None else {self.source, self.other})


@dataclass(frozen=True)
class Era:
    """The statements `begin` to `end` of a block, in which `copies` are made and all use of their targets lies.
    `left_open`: the sources of which nobody knows afterwards which holds what."""

    block: Block
    begin: int
    end: int
    copies: tuple[Copy, ...]
    left_open: tuple[Symbol, ...] = ()

    @property
    def statements(self) -> tuple[Stmt, ...]:
        return self.block.body[self.begin : self.end]


def eras(main: tree.Function, program: Program) -> Iterator[Era]:
    """The eras of the pointers of a function in which all others stand."""
    swaps = list(pointer_exchanges(main.body))
    outside = {n.symbol for f in program.functions if f is not main for n in tree.walk(f) if isinstance(n, tree.Name)}
    outside |= {n.symbol for v in program.globals for n in tree.walk(v) if isinstance(n, tree.Name)}
    for block in tree.walk(main.body):
        if isinstance(block, Block):
            copies = [c for place, s in enumerate(block.body) for c in _copies(place, s)]
            for group in _groups(copies, swaps):
                era = _era(block, group, swaps, main)
                if era is not None and not outside & {s for c in group for s in (c.target, *c.sources)}:
                    yield era


def _copies(place: int, s: Stmt) -> Iterator[Copy]:
    match s:
        case tree.Declaration(variables=variables):
            given = [(v.symbol, v.init) for v in variables if v.init is not None]
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=given_value)):
            given = [(symbol, given_value)]
        case _:
            return
    for target, value in given:
        if target.storage != "local" or not _leads_to_numbers(target.type):
            continue
        match bare(value):
            case tree.Name(symbol=source) if source.type == target.type:
                yield Copy(place, target, source)
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise) if len(given) == 1:
                one, other = bare(then), bare(otherwise)
                if not (isinstance(one, tree.Name) and isinstance(other, tree.Name)):
                    continue
                if one.symbol != other.symbol and one.symbol.type == other.symbol.type == target.type:
                    yield Copy(place, target, one.symbol, condition, other.symbol)


def _leads_to_numbers(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Pointer) and (isinstance(kind.target, tree.Scalar) or _leads_to_numbers(kind.target))


def _groups(copies: Sequence[Copy], swaps: Sequence[Swap]) -> Iterator[tuple[Copy, ...]]:
    """The copies whose targets are exchanged with each other; single ones where nothing is exchanged."""
    done: set[Symbol] = set()
    for c in copies:
        if c.target not in done:
            together = _together(c.target, swaps)
            done |= together
            yield tuple(o for o in copies if o.target in together)


def _together(symbol: Symbol, swaps: Sequence[Swap]) -> frozenset[Symbol]:
    found = frozenset({symbol})
    while True:
        more = found.union(*(frozenset(t for t, _ in s.moves) for s in swaps if found & {t for t, _ in s.moves}))
        if more == found:
            return found
        found = more


def _era(block: Block, group: tuple[Copy, ...], swaps: Sequence[Swap], main: tree.Function) -> Era | None:
    """The era of a group of copies; None where something else looks at what they lead to."""
    targets = [c.target for c in group]
    sources = [s for c in group for s in c.sources]
    if len(set(targets)) < len(targets) or len(set(sources)) < len(sources) or set(sources) & set(targets):
        return None
    together = _together(targets[0], swaps)
    if set(sources) & together or (len(together) > 1 and any(c.other for c in group)):
        return None
    mentioned = [k for k, s in enumerate(block.body) if _names(s, targets)]
    begin, end = min(c.place for c in group), mentioned[-1] + 1 if mentioned else 0
    if begin == end or end == 0 or mentioned[0] < begin:
        return None
    era = Era(block, begin, end, group)
    everywhere = _names(main, targets)
    if len(everywhere) > sum(len(_names(s, targets)) for s in era.statements):
        return None
    if len(_names_of_sources(era, sources)) > len(sources) or _is_lent([*targets, *sources], main):
        return None
    last_copy = max(c.place for c in group)
    if any(_names(s, targets) and not any(c.place == k for c in group)
           for k, s in enumerate(block.body[begin:last_copy], begin)):  # fmt: skip
        return None
    return _closed(era, sources, together, swaps, main)


def _names(node: Node, symbols: Sequence[Symbol]) -> list[tree.Name | tree.VarDecl]:
    """Where these are named; declarations with a value count."""
    return [
        n
        for n in tree.walk(node)
        if (isinstance(n, tree.Name) and n.symbol in symbols)
        or (isinstance(n, tree.VarDecl) and n.symbol in symbols and n.init is not None)
    ]


def _names_of_sources(era: Era, sources: Sequence[Symbol]) -> list[tree.Name | tree.VarDecl]:
    return [n for s in era.statements for n in _names(s, sources)]


def _is_lent(symbols: Sequence[Symbol], main: tree.Function) -> bool:
    lent = (n for n in tree.walk(main.body) if isinstance(n, tree.Unary) and n.op == "&")
    unknown = any(isinstance(s, tree.UnknownStmt) for s in tree.statements(main.body))
    return unknown or any(changed_or_lent(n) in symbols for n in lent)


def _closed(
    era: Era, sources: Sequence[Symbol], together: frozenset[Symbol], swaps: Sequence[Swap], main: tree.Function
) -> Era | None:
    """The era with what it leaves open; None if that is more than who holds which of the memory."""
    targets = {c.target for c in era.copies}
    exchanging = {i for s in swaps for i in s.statements}
    exchanges = (t for s in era.statements for t in tree.statements(s) if t.id in exchanging)
    given = _given(main, targets)
    exchanged = {i for t in exchanges for i in _given(t, targets)}
    kept = given == {i for c in era.copies for i in _given(era.block.body[c.place], targets)}
    if not _looked_at_after(era, sources, main) or (kept and not any(c.other for c in era.copies)):
        return era
    if len(given) > len(era.copies) + len(exchanged) or not together <= targets or _may_leave(era):
        return None
    return replace(era, left_open=tuple(sources))


def _given(node: Node, pointers: Set[Symbol]) -> set[int]:
    """By id, what gives pointers a value below a node."""
    return {
        id(n)
        for n in tree.walk(node)
        if changed_or_lent(n) in pointers
        or (isinstance(n, tree.VarDecl) and n.init is not None and n.symbol in pointers)
    }


def _looked_at_after(era: Era, sources: Sequence[Symbol], main: tree.Function) -> bool:
    """Whether anything but a call of free may look at the sources once the era is over."""
    nodes = list(tree.walk(main.body))
    loops = [n for n in nodes if isinstance(n, tree.For | tree.While | tree.DoWhile)]
    if any(n is era.block for loop in loops for n in tree.walk(loop)):
        return True
    begin = next(k for k, n in enumerate(nodes) if n is era.statements[-1])
    passed = {id(n) for s in era.statements for n in tree.walk(s)}
    passed |= {id(n) for c in nodes if isinstance(c, tree.Call) and c.name == "free" for n in tree.walk(c)}
    return any(isinstance(n, tree.Name) and n.symbol in sources and id(n) not in passed for n in nodes[begin:])


def _may_leave(era: Era) -> bool:
    """Whether control may come out of the era otherwise than at its end."""
    blocks = {s.id for part in era.statements for s in tree.statements(part)}
    for part in era.statements:
        loops = [n for n in tree.walk(part) if isinstance(n, tree.For | tree.While | tree.DoWhile)]
        within = {id(n) for loop in loops for n in tree.walk(loop)}
        for n in tree.walk(part):
            if isinstance(n, tree.Leave) and n.block not in blocks:
                return True
            if isinstance(n, tree.Break | tree.Continue) and id(n) not in within:
                return True
    return False
