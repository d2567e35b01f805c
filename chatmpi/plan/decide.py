"""From facts to the plan: choose, place the communication, and say why."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.parallel import LoopFacts
from chatmpi.analysis.memory.extents import Extents
from chatmpi.analysis.numbers.polynomial import ONE
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.outside.answers import answers_of_root
from chatmpi.analysis.outside.streams import READ, WRITTEN
from chatmpi.analysis.outside.varying import agreed_calls
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.alternatives import alternatives
from chatmpi.plan.balance import c_texts, partition_work, range_work
from chatmpi.plan.blocks import innermost, is_written
from chatmpi.plan.candidates import Candidates, candidates
from chatmpi.plan.communicate import communications
from chatmpi.plan.cost import RANKS, Sizes, nominal_sizes
from chatmpi.plan.cyclic import found_by_row, in_turn
from chatmpi.plan.distribute import Choice, Search, search
from chatmpi.plan.explain import dependences, loop_reason, pattern
from chatmpi.plan.families import array_family, composed, loop_family, parts_of
from chatmpi.plan.fit import Fit
from chatmpi.plan.groups import Group, groups
from chatmpi.plan.irregular import in_chunks
from chatmpi.plan.keeping import Kept
from chatmpi.plan.kept_apart import KEPT, OWN_ENTRIES, checks_note, dealt_alike, over_entries, totals_note
from chatmpi.plan.last import LAST
from chatmpi.plan.locate import operation
from chatmpi.plan.memory import PRICES, held_bytes, real_sizes, with_memory
from chatmpi.plan.needed import with_elements
from chatmpi.plan.only_printed import prints
from chatmpi.plan.owned_loops import with_owned_loops
from chatmpi.plan.plan import (
    ArrayPlan,
    Dimension,
    GuardPlan,
    Halo,
    KeptPlan,
    LoopPlan,
    Partition,
    Place,
    Plan,
    Reduction,
    Treatment,
)
from chatmpi.plan.printing import Printed, by_rounds
from chatmpi.plan.undivided import why_replicated, why_whole
from chatmpi.plan.undivided_work import undivided_work
from chatmpi.plan.used_part import used_part


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is settled from outside: arrays to replicate (with the reason), loops to leave whole (`because` has the
    reasons) or to divide; `notes` are added to the plan's. `plain`: only treatments whose text the stage "read"
    follows. `memory`: the bytes that a rank may hold; `ranks`: at how many ranks memory and time are reckoned."""

    replicated: tuple[tuple[Symbol, str], ...] = ()
    serial: frozenset[int] = frozenset()
    distributed: frozenset[int] = frozenset()
    because: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
    plain: bool = False
    memory: int | None = None
    ranks: int = RANKS

    def leaving(self, loops: Set[int], reason: str) -> Wishes:
        """The wishes, and some further loops to leave whole."""
        why = tuple((i, reason) for i in sorted(loops))
        return replace(self, serial=self.serial | loops, because=(*self.because, *why))


def decide(facts: Facts, wishes: Wishes = Wishes()) -> Plan:
    """The cheapest plan that the model finds; its loops may all be replicated."""
    possible = candidates(facts)
    barred = dict(wishes.replicated)
    if wishes.plain:
        barred |= dict.fromkeys(possible.unread - barred.keys(), "it is left whole in a plain plan")
    while True:
        allowed = _without(possible, barred)
        state, choice = _fitting(allowed, facts, wishes)
        together = groups(facts, choice.treated)
        apart = _several_rows_apart(together, facts) if isinstance(together, tuple) and wishes.plain else None
        if apart is not None:
            barred[apart] = "its rows lie apart, and several are needed at once"
            continue
        if isinstance(together, tuple):
            break
        barred[together.array] = together.reason
    refused = {**possible.refused, **barred}
    return _assemble(facts, choice, together, refused, state, wishes)


def _fitting(allowed: Candidates, facts: Facts, wishes: Wishes) -> tuple[Search, Choice]:
    """The cheapest choice; if memory is limited, the cheapest of those that fit, or the one that needs least."""
    best: tuple[float, Search, Choice] | None = None
    for price in PRICES if wishes.memory is not None else PRICES[:1]:
        sizes = nominal_sizes(facts, wishes.ranks)
        forced = wishes.distributed | {i for a in facts.kept_apart for i in a.loops}
        state = Search(facts, sizes, wishes.serial, forced, wishes.plain, price, dict(wishes.because))
        choice = search(allowed, state)
        needed = _needed_bytes(choice, facts, sizes)
        if best is None or needed < best[0]:
            best = needed, state, choice
        if wishes.memory is None or needed <= wishes.memory:
            return state, choice
    assert best is not None
    return best[1:]


def _needed_bytes(choice: Choice, facts: Facts, sizes: Sizes) -> float:
    return held_bytes(choice.treated, choice.distributed, _named_arrays(facts), facts, real_sizes(facts, sizes))


def _several_rows_apart(together: tuple[Group, ...], facts: Facts) -> Symbol | None:
    """An array of which a halo has several rows, each in memory of its own: one message for each, which "read" does
    not follow."""
    for g in together:
        for s in sorted(g.arrays, key=lambda s: s.uid) if g.halo.width > 1 else ():
            rows = facts.arrays.declared[s].rows
            if rows is not None and rows.block is None:
                return s
    return None


def place(node: tree.Node, facts: Facts, statement: int = -1) -> Place:
    location = facts.program.source.location(node.span.begin)
    return Place(node.id if isinstance(node, tree.Stmt) else statement, location.line, location.column)


def _without(possible: Candidates, barred: dict[Symbol, str]) -> Candidates:
    kept = tuple(c for c in possible.classes if not any(s in barred for s in c))
    members = {s for c in kept for s in c}
    return Candidates({s: e for s, e in possible.extents.items() if s in members}, possible.refused, kept)


def _assemble(
    facts: Facts,
    choice: Choice,
    together: tuple[Group, ...],
    refused: dict[Symbol, str],
    state: Search,
    wishes: Wishes,
) -> Plan:
    of_array = {s: g for g in together for s in g.arrays}
    loops = _loops(facts, choice, of_array, state)
    partitions = tuple(_partition(g, facts, choice, state) for g in together)
    plan = Plan(
        program=facts.program.source.name,
        partitions=partitions,
        arrays=tuple(
            _in_words(s, _array(s, facts, of_array, refused, choice), of_array.get(s), partitions, facts, choice)
            for s in _named_arrays(facts)
        ),
        loops=loops,
        guards=tuple(
            GuardPlan(place(g.statement, facts), of_array[min(g.arrays, key=lambda s: s.uid)].name, g.row.text())
            for g in choice.treated.guards
        ),
        communications=with_elements(communications(facts, choice.treated, of_array), facts, choice.treated, of_array),
        outputs=tuple(
            place(s, facts) for s in output_statements(facts, frozenset(p.loop for p in choice.treated.prints))
        ),
        cost=choice.treated.seconds,
        alternatives=alternatives(choice, loops, state),
        notes=(*wishes.notes, *_notes(facts, loops)),
        opens=tuple(place(s, facts) for s in opening_statements(facts)),
        inputs=tuple(place(i.statement, facts) for i in facts.inputs.values()),
        plain=state.plain,
        kept=tuple(_kept(k, facts, of_array) for k in choice.treated.kept),
        input_shared=facts.input_shared,
        agreed=tuple(sorted({c.name or "" for c in agreed_calls(facts)})),
        answered=tuple(sorted({c.name or "" for c in answers_of_root(facts.program, facts.streams)[0]})),
    )
    plan = with_owned_loops(plan, frozenset(of_array), facts)
    plan = replace(plan, undivided=undivided_work(plan, facts, state.sizes))
    return with_memory(plan, choice.treated, wishes.memory, facts, real_sizes(facts, state.sizes))


def _kept(k: Kept, facts: Facts, of_array: dict[Symbol, Group]) -> KeptPlan:
    touch = k.access.touch
    return KeptPlan(place(k.statement, facts), of_array[touch.symbol].name, k.row.text(), text(touch.node))


def _partition(g: Group, facts: Facts, choice: Choice, state: Search) -> Partition:
    equal = Partition(g.name, g.extent.text(), g.halo, g.min_block, g.conditions, periodic=g.periodic)
    if state.plain:
        return equal
    scattered = any(x.array in g.arrays for x in choice.treated.scattered)
    if scattered or any(facts.extents[s].packed is not None for s in g.arrays):
        return _of_equal_work(equal, g, facts, choice, state)
    used = used_part(g.arrays, g.extent, choice.treated.fits, facts, state.sizes)
    in_part = replace(equal, used=used.text()) if used is not None else equal
    if g.halo.width or g.min_block > 1:
        return in_part
    simple = found_by_row(choice.treated.guards, choice.treated.fetches, g.arrays)
    simple = simple and all(k.access.subscripts[0] is not None for k in choice.treated.kept)
    simple = simple and all(by_rounds(p) for p in choice.treated.prints if p.arrays & g.arrays)
    if simple and not g.requires and in_turn(g.arrays, choice.treated.fits, facts):
        return replace(equal, kind="cyclic")
    if used is not None:
        return in_part
    return _of_equal_work(equal, g, facts, choice, state)


def _of_equal_work(equal: Partition, g: Group, facts: Facts, choice: Choice, state: Search) -> Partition:
    """The partition in blocks of equal work, where rows do not weigh the same."""
    if g.halo.width or g.min_block > 1:
        return equal
    work = partition_work(g.arrays, g.extent, choice.treated.fits, choice.treated.guards, facts, state.sizes)
    return replace(equal, kind="balanced", work=c_texts(work)) if work else equal


def _named_arrays(facts: Facts) -> list[Symbol]:
    """Arrays and pointers that stand for data: those with elements touched."""
    touched = {a.touch.symbol for a in facts.accesses.values()}
    return sorted((s for s in facts.arrays.declared if s in touched), key=lambda s: s.uid)


def _array(
    symbol: Symbol, facts: Facts, of_array: dict[Symbol, Group], refused: dict[Symbol, str], choice: Choice
) -> ArrayPlan:
    declaration = facts.arrays.declared[symbol]
    where = place(declaration, facts)
    extents = facts.extents.get(symbol)
    if extents is None:
        reason = refused.get(symbol, "its size is not known")
        return ArrayPlan(symbol.name, symbol.uid, where, _element(symbol), (), Halo(), "?", "?", reason)
    group = of_array.get(symbol)
    words = extents.words.text()
    dimensions = tuple(Dimension(d.text()) for d in extents.dimensions)
    if group is None:
        reason = refused.get(symbol) or why_replicated(symbol, choice, facts)
        return ArrayPlan(symbol.name, symbol.uid, where, extents.element.name, dimensions, Halo(), words, words, reason)
    halo = group.halo
    rows = f"({group.extent.text()})/ranks" if group.extent.is_sum else f"{group.extent.text()}/ranks"
    local = f"{rows} + {halo.lower + halo.upper}" if halo.width else rows
    per_rank = local if extents.row_words == ONE else f"({local})*{extents.row_words.operand_text()}"
    if extents.packed is not None:
        per_rank = words
    first = Dimension(dimensions[0].extent, group.name)
    return ArrayPlan(
        symbol.name,
        symbol.uid,
        where,
        extents.element.name,
        (first, *dimensions[1:]),
        halo,
        words,
        per_rank,
        _kept_of(extents, halo),
    )


def _kept_of(extents: Extents, halo: Halo) -> str:
    """What a rank holds of a divided array."""
    if extents.packed is not None:
        return "each rank computes its own rows, of different lengths, in room for all"
    return "each rank keeps the rows that it computes" + (", and copies of its neighbours'" if halo.width else "")


def _in_words(
    s: Symbol, made: ArrayPlan, group: Group | None, partitions: tuple[Partition, ...], facts: Facts, choice: Choice
) -> ArrayPlan:
    """The array with what its decomposition is called."""
    if s not in facts.extents:
        return replace(made, family="replicated")
    if any(s in a.arrays for a in facts.kept_apart):
        return replace(made, family=KEPT)
    kind = next((p.kind for p in partitions if group is not None and p.name == group.name), "block")
    return replace(made, family=array_family(s, group, kind, facts, choice.treated))


def _element(symbol: Symbol) -> str:
    kind = symbol.type
    while isinstance(kind, tree.Pointer | tree.Array):
        kind = kind.target if isinstance(kind, tree.Pointer) else kind.element
    return kind.name if isinstance(kind, tree.Scalar | tree.OtherType) else "?"


def _loops(facts: Facts, choice: Choice, of_array: dict[Symbol, Group], state: Search) -> tuple[LoopPlan, ...]:
    """Every loop that is not inside a distributed one."""
    fits = {f.loop: f for f in choice.treated.fits}
    prints = {p.loop: p for p in choice.treated.prints}
    inside = {i for i, info in facts.loops.items() if any(o in fits or o in prints for o in info.around[:-1])}
    return tuple(
        _printed(prints[i], facts, of_array) if i in prints else _loop(i, facts, choice, fits, of_array, state)
        for i in facts.loops
        if i not in inside
    )


def _printed(p: Printed, facts: Facts, of_array: dict[Symbol, Group]) -> LoopPlan:
    info = facts.loops[p.loop]
    variable = info.canonical.variable.name if info.canonical else ""
    names = ", ".join(sorted(s.name for s in p.arrays))
    group = of_array[min(p.arrays, key=lambda s: s.uid)].name if p.extent is not None else None
    reason = f"rank 0 prints {names}, " + ("block by block" if group else "of which it gets all rows")
    where = place(info.stmt, facts)
    return LoopPlan(where, variable, "output", "printed", group, p.shift, p.scale.text(), (), reason)


def _loop(
    i: int, facts: Facts, choice: Choice, fits: dict[int, Fit], of_array: dict[Symbol, Group], state: Search
) -> LoopPlan:
    info, judged = facts.loops[i], facts.loop_facts[i]
    variable = info.canonical.variable.name if info.canonical else ""
    found = fits.get(i)
    where = place(info.stmt, facts)
    if found is not None:
        group = next((of_array[s].name for s in found.arrays), None)
        own = over_entries(i, facts)
        plain = state.plain or own or dealt_alike(i, facts)
        chunks = not plain and in_chunks(found, facts)
        return LoopPlan(
            where,
            variable,
            pattern(info, found, facts),
            "distributed",
            group,
            found.shift,
            found.scale.text(),
            tuple(_reductions(found, judged)),
            OWN_ENTRIES if own else loop_reason(found, facts),
            work=() if plain or chunks or group else c_texts(range_work(found, facts, state.sizes)),
            chunks=chunks,
            split=found.split.text() if found.split is not None else "",
            family=loop_family(info, found, facts),
            own=own,
        )
    holds = any(i in facts.loops[f].around[:-1] for f in fits)
    guarded = any(i in _around(g.statement, facts) for g in choice.treated.guards)
    treatment: Treatment = "control" if holds else "guarded" if guarded else "replicated"
    dep, *others = dependences(i, facts) or (None,)
    reason = dep.text if dep else why_whole(info, choice, facts, state)
    family = ""
    if treatment == "control":
        families = {f.loop: loop_family(facts.loops[f.loop], f, facts) for f in fits.values()}
        family = composed(info, families, facts)
        reason = f"loops inside it are distributed: {'; '.join(parts_of(info, families, facts))}"
    if treatment == "guarded":
        reason = "its writes go to single rows: each is left to the row's owner"
    named = pattern(info, None, facts)
    further = tuple(d for d in others if d is not None)
    return LoopPlan(where, variable, named, treatment, None, 0, "1", (), reason, dep, family=family, others=further)


def _reductions(found: Fit, judged: LoopFacts) -> Iterator[Reduction]:
    for r in judged.reductions:
        yield Reduction(r.symbol.name, r.symbol.uid, r.operation, _element(r.symbol))
    for a in found.sums:
        yield Reduction(a.array.name, a.array.uid, a.operation, _element(a.array), a.words.text())
    for x in judged.located:
        yield Reduction(x.symbol.name, x.symbol.uid, operation(x), _element(x.symbol))
    for last in judged.lasting:
        for symbol in last.symbols:
            yield Reduction(symbol.name, symbol.uid, LAST, _element(symbol))
    for s in judged.scans:
        if all(r.symbol != s.carrier for r in judged.reductions):
            yield Reduction(s.carrier.name, s.carrier.uid, s.operation, _element(s.carrier))


def _around(s: tree.Stmt, facts: Facts) -> tuple[int, ...]:
    return next((t.context.loops for t in facts.touches.of(s.id)), ())


def output_statements(facts: Facts, printed: frozenset[int]) -> list[tree.Stmt]:
    """Statements in all functions that only print: rank 0 alone executes them. Those in `printed` loops are not listed.

    A call of an own function that prints is guarded inside that function, a library call where it stands.
    """
    there = {s.id for i in printed for s in tree.statements(facts.loops[i].stmt)}
    every = [s for f in facts.program.functions for s in tree.statements(f.body)]
    there |= {innermost(s).id for s in every if isinstance(s, tree.BlockLoop)}
    return [s for s in every if s.id not in there and (prints(s, facts) or is_written(s))]


def opening_statements(facts: Facts, wanted: str = WRITTEN) -> list[tree.Stmt]:
    """The statements that open a file to write to it, or to read it."""
    calls = {id(c) for c, kind in facts.streams.opened if kind == wanted}
    found: dict[int, tree.Stmt] = {}
    for f in facts.program.functions:
        for s in tree.statements(f.body):  # parents first, so that the innermost statement is kept
            found |= {id(n): s for n in tree.walk(s) if id(n) in calls}
    return list({s.id: s for s in found.values()}.values())


def _notes(facts: Facts, loops: tuple[LoopPlan, ...]) -> tuple[str, ...]:
    notes = [
        f"'{r.variable}' is a floating-point {r.operation.lower()}: its last digits depend on the number of ranks"
        for loop in loops
        for r in loop.reductions
        if tree.Scalar(r.element).is_floating and r.operation in {"SUM", "PROD"}
    ]
    notes += [f"the value of {name} is built into subscripts' offsets" for name in sorted(facts.naming.fixed_macros)]
    notes += [totals_note(a) for a in facts.appended if a.totals]
    notes += [checks_note(a) for a in facts.compressed]
    named = sorted({c.name or "" for c in agreed_calls(facts)})
    notes += [f"every rank takes the value of '{name}' that rank 0 gets" for name in named]
    if any(kind == READ for _, kind in facts.streams.opened):
        notes.append("every rank reads the input files itself: they must be there for all of them")
    return tuple(dict.fromkeys(notes))
