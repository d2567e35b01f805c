"""The communications of a plan: halo exchanges, reductions, gathers and broadcasts, each with its reason."""

from __future__ import annotations

from dataclasses import replace

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.early_exits import Exit
from chatmpi.analysis.iterations.last_values import LastValue
from chatmpi.analysis.iterations.locations import Location
from chatmpi.analysis.iterations.scans import Scan
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, constant
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.accumulate import Sum
from chatmpi.plan.copies import Copied, column_text
from chatmpi.plan.distribute import Treated
from chatmpi.plan.elements import Fetched
from chatmpi.plan.exits import exit_text
from chatmpi.plan.fit import Fit
from chatmpi.plan.freshness import Exchange, Reader, loops_around, place_exchanges, stale_reads
from chatmpi.plan.groups import Group
from chatmpi.plan.last import LAST
from chatmpi.plan.locate import companions_text, operation
from chatmpi.plan.only_printed import only_printed
from chatmpi.plan.plan import TURNING, Communication, Halo, Kind, Place
from chatmpi.plan.printing import Printed
from chatmpi.plan.scan import kept_arrays, kept_text
from chatmpi.plan.scattered import Scattered
from chatmpi.plan.vectors import one_vector
from chatmpi.plan.whole import Whole

NONE = Halo()


def communications(facts: Facts, treated: Treated, of_array: dict[Symbol, Group]) -> tuple[Communication, ...]:
    whole = whole_statements(treated)
    readers = [Reader(f.loop, f.needs) for f in treated.fits] + [
        Reader(g.statement.id, g.needs) for g in treated.guards
    ]
    exchanges = _narrowed(place_exchanges(facts, whole, readers), facts, treated, readers)
    found = [_halo(e, facts, treated, of_array) for e in exchanges]
    for f in treated.fits:
        found += [_reduction(f, r.symbol, r.operation, facts) for r in facts.loop_facts[f.loop].reductions]
        found += [_sum(f, a, treated, facts, of_array) for a in f.sums]
        found += [_location(f, x, facts) for x in facts.loop_facts[f.loop].located]
        found += [_last(f, x, facts) for x in facts.loop_facts[f.loop].lasting]
        found += [_exit(f, x, facts) for x in (facts.loop_facts[f.loop].exit,) if x is not None]
        found += [_scan(f, x, facts, of_array) for x in facts.loop_facts[f.loop].scans]
        found += [_gather(f, k, facts, of_array) for k in range(len(f.gathers))]
    found += [_visit(f, s, facts, of_array) for f in treated.fits if f.visit is not None for s in f.visit.arrays]
    found += [_whole(w, facts, of_array) for w in treated.wholes]
    found += [_broadcast(f, facts, of_array) for f in treated.fetches]
    found += dict.fromkeys(_turning(f, a, facts, of_array) for f in treated.fits for a in f.turning)
    copies = [*treated.copies, *(c for f in treated.fits for c in f.copies)]
    found += dict.fromkeys(_copy(c, facts, of_array) for c in copies)
    found += [_collect(p, s, facts, of_array) for p in treated.prints for s in p.arrays]
    return tuple(sorted(found, key=lambda c: (c.start.statement, c.when != "before", c.kind, c.uid)))


def _narrowed(exchanges: list[Exchange], facts: Facts, treated: Treated, readers: list[Reader]) -> list[Exchange]:
    """The exchanges, of one vector only where that is all that a loop needs, and no other relies on more."""
    for e in exchanges:
        alone = [replace(x, for_it_alone=True) if x is e else x for x in exchanges]
        served = _one_vector(e, treated, facts) is not None
        if served and not stale_reads(facts, whole_statements(treated), readers, alone):
            exchanges = alone
    return exchanges


def _one_vector(e: Exchange, treated: Treated, facts: Facts) -> Polynomial | None:
    reader = next((f for f in treated.fits if f.loop == e.statement), None)
    return None if reader is None else one_vector(reader.loop, e.array, reader.shift, facts)


def whole_statements(treated: Treated) -> frozenset[int]:
    """Statements that are one point in the flow of halos."""
    return frozenset(f.loop for f in treated.fits) | frozenset(g.statement.id for g in treated.guards)


def _place(statement: int, facts: Facts) -> Place:
    info = facts.loops.get(statement)
    node: tree.Node = info.stmt if info else statement_of(statement, facts)
    location = facts.program.source.location(node.span.begin)
    return Place(statement, location.line, location.column)


def statement_of(wanted: int, facts: Facts) -> tree.Stmt:
    return next(s for s in tree.statements(facts.function.body) if s.id == wanted)


def _times(statement: int, facts: Facts) -> str:
    """How often a place is reached: the loops around it."""
    around = loops_around(statement, facts)
    if not around:
        return "once"
    names = []
    for i in around:
        form = facts.loops[i].counted
        line = facts.program.source.location(facts.loops[i].stmt.span.begin).line
        names.append(f"each '{form.variable}'" if form else f"each iteration of the loop at line {line}")
    return ", ".join(names)


def _halo(e: Exchange, facts: Facts, treated: Treated, of_array: dict[Symbol, Group]) -> Communication:
    which = _one_vector(e, treated, facts) if e.for_it_alone else None
    row = facts.extents[e.array].row_words if which is None else facts.extents[e.array].line_words
    words = row * constant(e.halo.lower + e.halo.upper)
    where = _place(e.statement, facts)
    sides = [f"{e.halo.lower} below" if e.halo.lower else "", f"{e.halo.upper} above" if e.halo.upper else ""]
    rows = "element" if row == ONE else "row"
    reason = f"'{e.array}' is read up to {' and '.join(s for s in sides if s)} its own {rows}s"
    reason += ", around the ends" if of_array[e.array].periodic else ""
    return Communication(
        "halo", e.array.name, e.array.uid, where, where, "before", of_array[e.array].name, e.halo, "",
        "" if which is None else which.text(), words.text(), _times(e.statement, facts), reason,
    )  # fmt: skip


def _reduction(f: Fit, symbol: Symbol, operation: str, facts: Facts) -> Communication:
    where = _place(f.loop, facts)
    printed = only_printed(symbol, f.loop, facts)
    reason = (
        f"each rank has its part of '{symbol}', and only rank 0 prints it"
        if printed
        else f"each rank has its part of '{symbol}', and every rank needs the whole"
    )
    return Communication(
        "reduce" if printed else "allreduce", symbol.name, symbol.uid, where, where, "after", None, NONE, operation,
        "", "1", _times(f.loop, facts), reason,
    )  # fmt: skip


def _sum(f: Fit, added: Sum, treated: Treated, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    where = _place(added.place(f.loop), facts)
    if Scattered(f.loop, added.array) in treated.scattered:
        return Communication(
            "reduce_scatter", added.array.name, added.array.uid, where, where, "after", of_array[added.array].name,
            NONE, added.operation, "", added.words.text(), _times(f.loop, facts),
            f"any rank may have added to any row of '{added.array}', and each needs the sums of its own",
        )  # fmt: skip
    element = "" if added.element is None or added.span is not None else text(added.element)
    reason = f"each rank has added up its part of '{element or added.array}' in a copy of its own"
    words = added.words if added.span is None else added.span.count
    return Communication(
        "allreduce", added.array.name, added.array.uid, where, where, "after", None, NONE, added.operation,
        element, words.text(), _times(where.statement, facts), reason,
    )  # fmt: skip


def _location(f: Fit, found: Location, facts: Facts) -> Communication:
    where = _place(f.loop, facts)
    others = companions_text(found)
    return Communication(
        "locate", found.symbol.name, found.symbol.uid, where, where, "after", None, NONE, operation(found),
        others, str(2 + len(found.companions)), _times(f.loop, facts),
        f"each rank has an extremum '{found.symbol}' of its own, and {others} with it",
    )  # fmt: skip


def _last(f: Fit, found: LastValue, facts: Facts) -> Communication:
    where = _place(f.loop, facts)
    first = found.symbols[0]
    return Communication(
        "last", first.name, first.uid, where, where, "after", None, NONE, LAST,
        found.names, str(1 + len(found.symbols)), _times(f.loop, facts),
        f"the last iteration that sets {found.names} is one rank's, and all need its value",
    )  # fmt: skip


def _exit(f: Fit, found: Exit, facts: Facts) -> Communication:
    where = _place(f.loop, facts)
    loop = facts.loops[f.loop].canonical
    assert loop is not None
    return Communication(
        "exit", loop.variable.name, loop.variable.uid, where, where, "after", None, NONE, "LOR",
        exit_text(found, facts), "1", _times(f.loop, facts),
        "one rank may find what the loop is left for, and all leave it then",
    )  # fmt: skip


def _scan(f: Fit, scan: Scan, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    where = _place(f.loop, facts)
    return Communication(
        "scan", scan.carrier.name, scan.carrier.uid, where, where, "after", of_array[kept_arrays(scan)[0]].name, NONE,
        scan.operation, kept_text(scan), "1", _times(f.loop, facts),
        f"'{scan.carrier}' runs on from the blocks before",
    )  # fmt: skip


def _gather(f: Fit, number: int, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    gather = f.gathers[number]
    where = _place(gather.place(f.loop), facts)
    group = next((of_array[s].name for s in f.arrays), None)
    parts = "computes parts" if gather.columns is None else "computes columns"
    return Communication(
        "allgather", gather.array.name, gather.array.uid, where, where, "after", group, NONE, "", "",
        gather.words(facts.extents[gather.array]).text(), _times(gather.place(f.loop), facts),
        f"every rank holds all of '{gather.array}', and the loop {parts}",
    )  # fmt: skip


def _whole(c: Whole, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    where = _place(c.statement, facts)
    return Communication(
        "allgather", c.array.name, c.array.uid, where, where, "before", of_array[c.array].name, NONE, "", "",
        facts.extents[c.array].words.text(), _times(c.statement, facts),
        f"'{c.array}' is read in rows that follow no loop",
    )  # fmt: skip


def _visit(f: Fit, array: Symbol, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    where = _place(f.loop, facts)
    return Communication(
        "visit", array.name, array.uid, where, where, "before", of_array[array].name, NONE, "", "",
        facts.extents[array].words.text(), _times(f.loop, facts),
        f"every rank reads all rows of '{array}', and none is to hold them all: they come block by block",
    )  # fmt: skip


def _broadcast(f: Fetched, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    symbol = f.access.touch.symbol
    where = _place(f.statement.id, facts)
    shown = text(f.access.touch.node)
    return Communication(
        "broadcast", symbol.name, symbol.uid, where, where, "before", of_array[symbol].name, NONE, "", shown,
        "1", _times(f.statement.id, facts), f"'{shown}' is used outside distributed loops",
    )  # fmt: skip


def _turning(f: Fit, access: Access, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    """The broadcast of a row that changes in one iteration of the loop that reads it."""
    array, row = access.touch.symbol, access.subscripts[0]
    assert row is not None
    where = _place(f.loop, facts)
    words = facts.extents[array].row_words * constant(2)
    reason = f"every rank reads row {row.text()} of '{array}', before and after the iteration that changes it"
    return Communication(
        "row_broadcast", array.name, array.uid, where, where, "before", of_array[array].name, NONE, TURNING,
        row.text(), words.text(), _times(f.loop, facts), reason,
    )  # fmt: skip


def _copy(c: Copied, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    where = _place(c.statement, facts)
    shown = text(c.accesses[0].touch.node)
    if c.row is None:
        column = column_text(c.element or ())
        reason = f"every rank reads column {column} of '{c.array}'"
        return Communication(
            "column_gather", c.array.name, c.array.uid, where, where, "before", of_array[c.array].name, NONE, "",
            column, c.words(facts).text(), _times(c.statement, facts), reason,
        )  # fmt: skip
    row = c.row.text()
    kind: Kind = "row_broadcast" if c.element is None else "broadcast"
    reason = f"every rank reads row {row} of '{c.array}'" if c.element is None else f"every rank reads '{shown}'"
    return Communication(
        kind, c.array.name, c.array.uid, where, where, "before", of_array[c.array].name, NONE, "",
        row if c.element is None else shown, c.words(facts).text(), _times(c.statement, facts), reason,
    )  # fmt: skip


def _collect(p: Printed, symbol: Symbol, facts: Facts, of_array: dict[Symbol, Group]) -> Communication:
    where = _place(p.loop, facts)
    how = "one block after the other" if p.extent is not None else "all at once"
    return Communication(
        "collect", symbol.name, symbol.uid, where, where, "before", of_array[symbol].name, NONE, "", "",
        facts.extents[symbol].words.text(), _times(p.loop, facts), f"rank 0 prints '{symbol}' and gets its rows {how}",
    )  # fmt: skip
