"""What the generated program calls things, and the text that several parts of it share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.insertions import Insertions
from chatmpi.generate.names import Names
from chatmpi.plan.plan import Halo, Partition, Plan
from chatmpi.plan.whole import whole_at

_ADDED = re.compile(r"(.+) ([+-]) (\d+)")


@dataclass(frozen=True, slots=True)
class Blocks:
    """The variables that describe a rank's block of one partition."""

    begin: str
    end: str
    count: str
    offset: str
    owners: str  # of rows dealt in turn: all ranks
    above: str
    below: str
    extent: Polynomial
    halo: Halo
    min_block: int
    requires: tuple[str, ...]
    work: tuple[str, ...]
    arrays: tuple[Symbol, ...]
    cyclic: bool
    rank: str
    periodic: bool = False
    used: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """What stands in the text for what is read of a broadcast copy: a row's buffer, or a variable for one element."""

    name: str
    scalar: bool
    turning: bool = False  # the row changes in the loop
    column: bool = False  # all rows of one column
    base: str = ""  # words before the row within `name`


@dataclass(frozen=True)
class Layout:
    """`index` is the C type of row numbers; `helpers` collects the helper functions that turn out to be needed,
    `headers` the library headers;
    `whole_at`, for statements that read copies
    of divided arrays, which; `file_scope` and `at_start` are lines for there and for main's start;
    `shared_sizes`: sizes of main that helper functions use, under names that all know."""

    facts: Facts
    plan: Plan
    index: str
    unit: str
    rank: str
    size: str
    names: Names
    blocks: Mapping[str, Blocks]
    of_array: Mapping[Symbol, Blocks]
    insertions: Insertions
    edits: list[Edit] = field(default_factory=list)
    helpers: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    named: dict[tuple[int, str], str] = field(default_factory=dict)  # values computed before loops, by type and text
    chunks: dict[int, str] = field(default_factory=dict)  # by loop, the variable that holds its chunks' length
    widened: dict[int, list[Symbol]] = field(default_factory=dict)  # by declaration, variables of a wider type
    copied: dict[int, Copy] = field(default_factory=dict)  # by id of the node that reads it
    kept: dict[Span, str] = field(default_factory=dict)  # addresses of elements of which each rank keeps its own
    visiting: set[int] = field(default_factory=set)  # nodes, by id, that read a visiting row
    at_start: list[str] = field(default_factory=list)  # lines for main's start, behind the partitions
    whole_at: Mapping[int, frozenset[Symbol]] = field(default_factory=dict)
    file_scope: list[str] = field(default_factory=list)
    shared_sizes: dict[str, str] = field(default_factory=dict)
    unsigned_macros: frozenset[str] = frozenset()

    def distributed_at(self, statement: int) -> frozenset[Symbol]:
        """The arrays that a statement knows by their blocks only."""
        return frozenset(self.of_array) - self.whole_at.get(statement, frozenset())

    def in_main(self, statement: int) -> int:
        """The statement of main's own text in which a statement happens: itself, or the call that leads to it."""
        for scope in reversed(self.facts.scopes):
            if statement in scope.statements:
                statement = scope.call
        return statement

    @property
    def main(self) -> tree.Function:
        """The main function as it stands in the text."""
        found = self.facts.written.function("main")
        assert found is not None
        return found

    def helper(self, name: str) -> str:
        """The name under which a helper function is called; it will be defined."""
        self.helpers.add(name)
        return self.names.fixed(name)

    def is_constant_at(self, symbol: Symbol, statement: int) -> bool:
        """Whether the function in whose text a statement stands promises not to write the array."""
        return any(symbol.name in s.constant and statement in s.statements for s in self.facts.scopes)

    def rank_used(self) -> str:
        self.used.add("rank")
        return self.rank

    def size_used(self) -> str:
        self.used.add("size")
        return self.size


def make_layout(facts: Facts, plan: Plan, unit: str) -> Layout:
    names = Names.beside(facts.program.source.text)
    names.taken |= facts.program.system_functions | facts.program.declared_functions
    rank, size = names.fixed("rank"), names.fixed("size")
    by_uid = {s.uid: s for s in facts.arrays.declared}
    blocks: dict[str, Blocks] = {}
    of_array: dict[Symbol, Blocks] = {}
    for p in plan.partitions:
        arrays = tuple(by_uid[a.uid] for a in plan.arrays if a.partition == p.name)
        blocks[p.name] = _blocks(p, arrays, facts, names, rank, size)
        of_array |= dict.fromkeys(arrays, blocks[p.name])
    names.settle()
    return Layout(
        facts, plan, index_type(facts), unit, rank, size, names, blocks, of_array,
        Insertions(facts.program.source, unit),
        whole_at=whole_at(plan, facts), unsigned_macros=_unsigned_macros(facts.program),
    )  # fmt: skip


def _blocks(p: Partition, arrays: tuple[Symbol, ...], facts: Facts, names: Names, rank: str, size: str) -> Blocks:
    stem = "row" if any(len(facts.extents[s].dimensions) > 1 for s in arrays) else "my"
    number = "".join(c for c in p.name if c.isdigit())
    extents = [facts.extents[s].dimensions[0] for s in arrays]
    extent = next(e for e in extents if e.text() == p.extent)
    owners = names.fresh(f"owners{number}") if p.halo.width or p.min_block > 1 or p.requires else size
    return Blocks(
        begin=names.fresh(f"{stem}_begin{number}"),
        end=names.fresh(f"{stem}_end{number}"),
        count=names.fresh(f"{'rows' if stem == 'row' else 'my_count'}{number}"),
        offset=names.fresh(f"{stem}0{'_' + number if number else ''}" if stem == "row" else f"my_offset{number}"),
        owners=owners,
        above=names.fresh(f"above{number}"),
        below=names.fresh(f"below{number}"),
        extent=extent,
        halo=p.halo,
        min_block=p.min_block,
        requires=p.requires,
        work=p.work,
        arrays=arrays,
        cyclic=p.kind == "cyclic",
        rank=rank,
        periodic=p.periodic,
        used=p.used,
    )


def index_type(facts: Facts) -> str:
    """`long` if any loop variable or size is wider than int, or any subscript is computed so."""
    symbols = {info.canonical.variable for info in facts.loops.values() if info.canonical is not None}
    symbols |= {s for e in facts.extents.values() for d in e.dimensions for s in d.symbols}
    wide = any(tree.is_long(s.type) for s in symbols) or _has_long_subscripts(facts)
    return "long" if wide else "int"


def _has_long_subscripts(facts: Facts) -> bool:
    parts = (n for f in facts.program.functions for n in tree.walk(f.body))
    return any(tree.is_long(n.subscript.type) for n in parts if isinstance(n, tree.Index))


def times(factor: str, words: Polynomial) -> str:
    """`factor*words` as C, without a factor of one."""
    return factor if words == ONE else f"{factor}*{words.operand_text()}"


def plus(text: str, number: int) -> str:
    added = _ADDED.fullmatch(text)
    if added is not None:
        text, number = added[1], number + int(f"{added[2]}{added[3]}")
    return text if number == 0 else f"{text} {'+' if number > 0 else '-'} {abs(number)}"


def without_parentheses(shown: str) -> str:
    """The text of a value without what is around the whole of it."""
    return shown[1:-1] if re.fullmatch(r"\([^()]*\)", shown) else shown


def row_text(shown: str, symbols: Iterable[Symbol], layout: Layout) -> str:
    """A row number as an operand of comparisons with the block's ends, which are signed."""
    if not may_be_unsigned(shown, symbols, layout):
        return shown
    return f"({layout.index}){shown}" if shown.replace("_", "a").isalnum() else f"({layout.index})({shown})"


def may_be_unsigned(shown: str, symbols: Iterable[Symbol], layout: Layout) -> bool:
    """Whether the text of a value may have an unsigned type."""
    if any(isinstance(s.type, tree.Scalar) and s.type.is_unsigned for s in symbols):
        return True
    return any(w == "sizeof" or w in layout.unsigned_macros for w in re.findall(r"[A-Za-z_]\w*", shown))


def _unsigned_macros(program: tree.Program) -> frozenset[str]:
    """The macros that stand for unsigned numbers."""
    roots = (*program.globals, *program.functions)
    numbers = (n for root in roots for n in tree.walk(root) if isinstance(n, tree.IntLiteral))
    return frozenset(n.macro for n in numbers if n.macro and isinstance(n.type, tree.Scalar) and n.type.is_unsigned)


def local_rows(blocks: Blocks) -> str:
    """How many rows a rank allocates."""
    return plus(blocks.count, blocks.halo.lower + blocks.halo.upper)
