"""The stage "proved": a plan is right for all sizes, numbers of ranks and block boundaries.

What a rank owns is `begin <= row < end` with `0 <= begin <= end <= extent`, all three free. Each obligation is
an isl set of violations: empty means proved, and a point of it is the counterexample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.iterations.dependence import loops_from
from chatmpi.analysis.iterations.reductions import ScalarReduction
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, isl_set, sample
from chatmpi.analysis.numbers.pieces import is_pieced
from chatmpi.analysis.numbers.polynomial import ONE, variable
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.outside.answers import answers_of_root
from chatmpi.analysis.outside.varying import agreed_calls
from chatmpi.analysis.touches import ElementTouch, clears
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.cyclic import takes_all_words
from chatmpi.plan.decide import opening_statements, output_statements
from chatmpi.plan.elements import Guarded, fetch, guard
from chatmpi.plan.fit import Fit, Misfit, fit
from chatmpi.plan.freshness import Exchange, Reader, loops_around, stale_reads
from chatmpi.plan.groups import end_rows, required
from chatmpi.plan.kept_apart import not_kept
from chatmpi.plan.only_printed import only_printed
from chatmpi.plan.plan import Communication, Halo, LoopPlan, Partition, Place, Plan
from chatmpi.plan.scan import carried_reads
from chatmpi.plan.whole import obstacle, whole_at, wholes_of
from chatmpi.verify.proving.balance import wrong_loops, wrong_partitions
from chatmpi.verify.proving.copies import copied_reads, wrong_copies
from chatmpi.verify.proving.cyclic import leaves_its_row, wrong_dealing
from chatmpi.verify.proving.exits import wrong_exits
from chatmpi.verify.proving.keeping import is_kept
from chatmpi.verify.proving.last_values import wrong_last_values
from chatmpi.verify.proving.locations import wrong_locations
from chatmpi.verify.proving.owned_loops import wrong_owned_loops
from chatmpi.verify.proving.places import passed_by
from chatmpi.verify.proving.printing import printed_loops, printing_faults
from chatmpi.verify.proving.ring import near_row, ring_failures
from chatmpi.verify.proving.scans import wrong_scans
from chatmpi.verify.proving.sums import wrong_sums
from chatmpi.verify.proving.vectors import reads_one_vector
from chatmpi.verify.proving.visits import visiting_reads, wrong_visits
from chatmpi.verify.proving.work import wrong_work
from chatmpi.verify.verdict import Check, Counterexample

EVERYWHERE = "all sizes, ranks and block boundaries"


@dataclass(frozen=True)
class Proof:
    """What the obligations speak about. `fits`: how each distributed loop of the plan runs."""

    facts: Facts
    plan: Plan
    of_array: dict[Symbol, Partition]
    fits: dict[int, Fit]
    whole: Mapping[int, frozenset[Symbol]]
    copied: frozenset[int] = frozenset()  # touches, by id, that read broadcast copies

    def distributed_at(self, statement: int) -> frozenset[Symbol]:
        """The arrays that a statement knows by their blocks only."""
        return frozenset(self.of_array) - self.whole.get(statement, frozenset())


def prove(facts: Facts, plan: Plan) -> tuple[tuple[Check, ...], tuple[Counterexample, ...]]:
    """The checks that hold, and a counterexample for each that does not."""
    by_uid = {s.uid: s for s in facts.arrays.declared}
    of_array = {
        by_uid[a.uid]: plan.partition(a.partition) for a in plan.arrays if a.partition is not None and a.uid in by_uid
    }
    loops = [loop for loop in plan.loops if loop.treatment == "distributed"]
    whole = whole_at(plan, facts)
    fits: dict[int, Fit] = {}
    wrong: list[Counterexample] = []
    for loop in loops:
        here = frozenset(of_array) - whole.get(loop.place.statement, frozenset())
        found = _fit_of(loop, here, facts)
        if isinstance(found, Misfit):
            wrong.append(_at(loop.place, f"the loop cannot be distributed so: {found.reason}", facts))
        else:
            fits[loop.place.statement] = found
    proof = Proof(facts, plan, of_array, fits, whole, copied_reads(plan, of_array, facts))
    claims = [
        (
            "iterations of distributed loops are independent, or read what later ones overwrite; one rank runs each",
            _loops(proof),
        ),
        ("every row that a rank touches is its own or lies in its halo", _containment(proof)),
        ("every halo row is up to date when it is read", _freshness(proof)),
        ("every reduction is combined over all ranks", _reductions(proof)),
        (
            "every rank holds the same copy of what is replicated",
            chain(_gathers(proof), _work(proof), passed_by(facts, plan)),
        ),
        ("a whole copy of a divided array is only read, and is gathered right before", _copies(proof)),
        ("outside distributed loops only a row's owner writes it, and reads are broadcast", _elements(proof)),
        ("blocks that visit every rank hold the rows that are read, in the sequential order", _visits(proof)),
        ("what is printed is printed once", chain(_outputs(proof), printing_faults(facts, plan, of_array))),
        ("no block is narrower than the halo, so a neighbour has all the rows that are asked for", _widths(proof)),
    ]
    checks = []
    for claim, failures in claims:
        found_wrong = list(failures)
        wrong += found_wrong
        if not found_wrong:
            checks.append(Check("proved", claim, EVERYWHERE))
    return tuple(checks), tuple(wrong)


def _fit_of(loop: LoopPlan, distributed: frozenset[Symbol], facts: Facts) -> Fit | Misfit:
    info = facts.loops.get(loop.place.statement)
    if info is None:
        return Misfit("there is no such loop")
    return fit(info, distributed, facts)


def _at(place: Place, message: str, facts: Facts, witness: str = "") -> Counterexample:
    return _where(_node(place.statement, facts), message, facts, witness)


def _where(node: tree.Node | None, message: str, facts: Facts, witness: str = "") -> Counterexample:
    location = facts.program.source.location(node.span.begin) if node is not None else None
    return Counterexample("proved", message, location, witness)


def _node(statement: int, facts: Facts) -> tree.Node | None:
    return next((s for f in facts.program.functions for s in tree.statements(f.body) if s.id == statement), None)


# ----------------------------------------------------------------------------------------------- loops


def _loops(proof: Proof) -> Iterator[Counterexample]:
    facts = proof.facts
    if problem := not_kept(proof.plan, facts):
        yield Counterexample("proved", problem, None)
    for loop in proof.plan.loops:
        found = proof.fits.get(loop.place.statement)
        if found is None:
            continue
        partition = {proof.of_array[s].name for s in found.arrays}
        if partition != ({loop.partition} if loop.partition else set()):
            yield _at(loop.place, "the loop's partition is not that of the arrays it touches", facts)
        if (loop.shift, loop.scale) != (found.shift, found.scale.text()):
            message = f"iterations belong to rows shifted by {found.shift}, not by {loop.shift}"
            yield _at(loop.place, message, facts)
        if loop.split != (found.split.text() if found.split is not None else ""):
            yield _at(loop.place, "the loop is not divided at the iteration that changes what the others read", facts)
        around = facts.loops[loop.place.statement].around[:-1]
        if any(o in proof.fits for o in around):
            yield _at(loop.place, "the loop is inside another distributed loop", facts)


# ----------------------------------------------------------------------------------------- containment


def _containment(proof: Proof) -> Iterator[Counterexample]:
    for i, found in proof.fits.items():
        info = proof.facts.loops[i]
        for symbol, accesses in proof.facts.accesses_in(i).items():
            if symbol in proof.distributed_at(i):
                elsewhere = proof.copied | carried_reads(i, proof.facts) | visiting_reads(found)
                for access in (a for a in accesses if id(a.touch) not in elsewhere):
                    yield from _contained(access, info, found, proof.of_array[symbol], proof)


def _contained(
    access: Access, info: LoopInfo, found: Fit, partition: Partition, proof: Proof
) -> Iterator[Counterexample]:
    """Writes stay in the rank's own rows, reads in its rows and halo, for every iteration it runs."""
    if partition.kind == "cyclic":
        if not takes_all_words(found, found.arrays, proof.facts) and leaves_its_row(access, info, proof.facts):
            yield _where(access.touch.node, f"'{text(access.touch.node)}' may be in a row of another rank", proof.facts)
        return
    row = access.subscripts[0]
    if row is None:
        if found.scale == ONE:
            yield _where(access.touch.node, "the row of this element is not known", proof.facts)
        return  # a loop over the words of whole rows: word w of row w / words, by construction of its bounds
    facts = proof.facts
    for failure in ring_failures(access, info, partition, facts):
        yield _where(access.touch.node, f"'{text(access.touch.node)}' {failure}", facts)
    row = near_row(access, info, facts)
    around = loops_from(info, access, facts.loops)
    dims = {variable(c.variable): f"x{k}" for k, c in enumerate(around)}
    own = frozenset(c.variable for c in around)
    space = Space(dims, Parameters(), info.written - own, facts.naming_at(info.around))
    here = space.affine(row)
    if here is None or info.canonical is None:
        yield _where(access.touch.node, "the row of this element is not affine", facts)
        return
    mine = f"begin <= x0 + {found.shift} < end and 0 <= begin <= end"
    halo = Halo() if access.touch.write else partition.halo
    outside = f"({here} < begin - {halo.lower} or {here} >= end + {halo.upper})"
    known = [space.range(c) for c in around] + [space.guards(access.touch.context.guards, info, facts.loops)]
    known += _inside_array(access, space, facts) if is_pieced(row) else []
    bad = isl_set(space.parameters, list(dims.values()), [*known, mine, outside], ("begin", "end"))
    if not bad.is_empty():
        values = sample(bad)
        shown = {name: values.get(p, 0) for p, name in space.parameters.shown().items()}
        shown |= {"begin": values["begin"], "end": values["end"]}
        shown |= {c.variable.name: values[f"d{k}"] for k, c in enumerate(around)}
        witness = ", ".join(f"{name} = {value}" for name, value in shown.items())
        verb = "writes a row that it does not own" if access.touch.write else "reads a row beyond its halo"
        yield _where(access.touch.node, f"'{text(access.touch.node)}' {verb}", facts, witness)


def _inside_array(access: Access, space: Space, facts: Facts) -> list[str]:
    """An access that happens lies inside its array, or the sequential program is itself undefined."""
    row, extent = space.affine(access.subscripts[0]), space.affine(facts.extents[access.touch.symbol].dimensions[0])
    return [f"0 <= {row} < {extent}"] if row is not None and extent is not None else []


# ------------------------------------------------------------------------------------------- freshness


def _freshness(proof: Proof) -> Iterator[Counterexample]:
    facts, plan = proof.facts, proof.plan
    by_uid = {s.uid: s for s in proof.of_array}
    guards, _ = _guarded(proof)
    readers = [Reader(f.loop, f.needs) for f in proof.fits.values()]
    readers += [Reader(g, needs) for g, needs in guards.items()]
    exchanges = []
    for c in plan.communications:
        if c.kind != "halo":
            continue
        if c.uid not in by_uid:
            yield _at(c.start, f"'{c.subject}' is not distributed, it has no halo to exchange", facts)
            continue
        if not proof.of_array[by_uid[c.uid]].halo.covers(c.halo):
            yield _at(c.start, f"the exchange is wider than the halo that '{c.subject}' has", facts)
        if c.element and not reads_one_vector(c, by_uid[c.uid], proof.fits, facts):
            yield _at(c.start, f"vector {c.element} of '{c.subject}' is not the one that is read here", facts)
        exchanges.append(Exchange(c.start.statement, by_uid[c.uid], c.halo, bool(c.element)))
    whole = frozenset(proof.fits) | frozenset(guards)
    for stale in stale_reads(facts, whole, readers, exchanges):
        message = f"'{stale.array}' is read beyond its own rows, and these copies may be out of date"
        need, fresh = stale.needs, stale.fresh
        witness = (
            f"rows needed: {need.lower} before and {need.upper} after the block; "
            f"up to date: {fresh.lower} and {fresh.upper}"
        )
        yield _where(_node(stale.statement, facts), message, facts, witness)


# ------------------------------------------------------------------------------ reductions and gathers


def _reductions(proof: Proof) -> Iterator[Counterexample]:
    facts = proof.facts
    for i in proof.fits:
        loop = next(p for p in proof.plan.loops if p.place.statement == i)
        for r in facts.loop_facts[i].reductions:
            yield from _reduction(r, loop, proof)
        wrong = [*wrong_sums(proof.fits[i], loop, proof.plan), *wrong_locations(loop, proof.plan, facts)]
        wrong += wrong_last_values(loop, proof.plan, facts)
        wrong += wrong_exits(loop, proof.plan, facts)
        for message in (*wrong, *wrong_scans(loop, proof.plan, facts)):
            yield _at(loop.place, message, facts)


def _reduction(r: ScalarReduction, loop: LoopPlan, proof: Proof) -> Iterator[Counterexample]:
    i = loop.place.statement
    combined = [
        c
        for c in proof.plan.communications
        if c.uid == r.symbol.uid and c.start.statement == i and c.kind in {"allreduce", "reduce"} and c.when == "after"
    ]
    declared = any(p.uid == r.symbol.uid and p.operation == r.operation for p in loop.reductions)
    if len(combined) != 1 or not declared:
        yield _at(loop.place, f"the parts of '{r.symbol}' are not combined after the loop", proof.facts)
    elif combined[0].operation != r.operation:
        message = f"'{r.symbol}' is combined by {combined[0].operation}, the loop computes a {r.operation}"
        yield _at(loop.place, message, proof.facts)
    elif combined[0].kind == "reduce" and not only_printed(r.symbol, i, proof.facts):
        yield _at(loop.place, f"'{r.symbol}' is combined on rank 0 only, and other ranks use it", proof.facts)


def _gathers(proof: Proof) -> Iterator[Counterexample]:
    expected = {(g.place(f.loop), g.array.uid) for f in proof.fits.values() for g in f.gathers}
    planned: list[Communication] = [c for c in proof.plan.communications if c.kind == "allgather"]
    found = {(c.start.statement, c.uid) for c in planned if c.when == "after"}
    for i, uid in sorted(expected - found):
        array = next(s for s in proof.facts.arrays.declared if s.uid == uid)
        message = f"the loop writes parts of '{array}', which every rank holds whole, and they are not shared after it"
        yield _where(_node(i, proof.facts), message, proof.facts)
    for i, _ in sorted(found - expected):
        yield _where(_node(i, proof.facts), "the loop writes no replicated array to gather", proof.facts)


def _work(proof: Proof) -> Iterator[Counterexample]:
    for i in proof.fits:
        for message in wrong_work(i, proof.distributed_at(i), proof.facts):
            yield _where(_node(i, proof.facts), message, proof.facts)


def _copies(proof: Proof) -> Iterator[Counterexample]:
    for c in wholes_of(proof.plan, proof.facts):
        s = _node(c.statement, proof.facts)
        problem = obstacle(s, c.array, proof.facts) if isinstance(s, tree.Stmt) else "there is no such statement"
        if problem:
            yield _where(s, f"a copy of '{c.array}' does not do: {problem}", proof.facts)
        around = loops_around(c.statement, proof.facts)
        if any(o in proof.fits for o in around):
            yield _where(s, f"'{c.array}' is gathered where ranks do different things", proof.facts)


# -------------------------------------------------------------------------------------------- elements


def _guarded(proof: Proof) -> tuple[dict[int, dict[Symbol, Halo]], list[Counterexample]]:
    """The halos that guarded statements read; and what is wrong with the guards."""
    facts = proof.facts
    needs: dict[int, dict[Symbol, Halo]] = {}
    wrong = []
    planned: dict[int, set[tuple[str, str]]] = {}
    for g in proof.plan.guards:
        planned.setdefault(g.place.statement, set()).add((g.partition, g.row))
    for loop, message in wrong_owned_loops(proof.plan, frozenset(proof.of_array), facts):
        wrong.append(_where(_node(loop, facts), message, facts))
    for i, parts in planned.items():
        s = _node(i, facts)
        found = guard(s, proof.distributed_at(i), facts) if isinstance(s, tree.Stmt) else Misfit("no such statement")
        if isinstance(found, Misfit):
            wrong.append(_where(s, f"the statement cannot be left to its owners: {found.reason}", facts))
            continue
        expected = {(p.name, g.row.text()) for g in found[0] for p in {proof.of_array[a] for a in g.arrays}}
        if parts != expected:
            rows = ", ".join(sorted(f"{row} of {name}" for name, row in expected))
            wrong.append(_where(s, f"the statement belongs to the owners of row {rows}", facts))
        needs[i] = {a: h for g in found[0] for a, h in g.needs.items()}
        if any(len({proof.of_array[a] for a in g.arrays}) > 1 for g in found[0]):
            wrong.append(_where(s, "the statement touches arrays that are divided differently", facts))
    return needs, wrong


def _elements(proof: Proof) -> Iterator[Counterexample]:
    facts = proof.facts
    guards, wrong = _guarded(proof)
    yield from wrong
    yield from wrong_copies(proof.plan, proof.of_array, facts)
    broadcast = {(c.start.statement, c.uid, c.element) for c in proof.plan.communications if c.kind == "broadcast"}
    root = printed_loops(proof.plan)
    divided = {s: p.name for s, p in proof.of_array.items()}
    for t in facts.touches.items:
        if not isinstance(t, ElementTouch) or id(t) not in facts.accesses:
            continue
        statement = t.context.statement
        if t.symbol not in proof.distributed_at(statement.id):
            continue
        if any(i in proof.fits or i in root for i in t.context.loops) or (
            statement.id in proof.fits and statement.id in loops_around(statement.id, facts)
        ):
            continue
        yield from _element(t, statement.id in guards or is_kept(t, proof.plan, divided, facts), broadcast, proof)


def _element(
    t: ElementTouch, guarded: bool, broadcast: set[tuple[int, int, str]], proof: Proof
) -> Iterator[Counterexample]:
    facts = proof.facts
    statement = t.context.statement
    shown = text(t.node)
    if t.write and not guarded and not clears(t):
        yield _where(t.node, f"every rank would write '{shown}', which only its row's owner holds", facts)
    if not t.read or t.write or id(t) in proof.copied:
        return
    access = facts.accesses[id(t)]
    if guarded:
        found = guard(statement, proof.distributed_at(statement.id), facts)
        if not isinstance(found, Misfit) and access not in found[1]:
            return
    if (statement.id, t.symbol.uid, shown) not in broadcast:
        yield _where(t.node, f"'{shown}' is read where not every rank holds it", facts)
    elif isinstance(problem := fetch(statement, access, proof.distributed_at(statement.id), facts), Misfit):
        yield _where(t.node, f"'{shown}' cannot be broadcast before the statement: {problem.reason}", facts)


def _visits(proof: Proof) -> Iterator[Counterexample]:
    for place, message in wrong_visits(proof.plan, proof.fits, proof.of_array, proof.facts):
        yield _at(place, message, proof.facts)


# -------------------------------------------------------------------------------------- outputs, widths


def _outputs(proof: Proof) -> Iterator[Counterexample]:
    planned = {p.statement for p in proof.plan.opens}
    for s in opening_statements(proof.facts):
        if s.id not in planned:
            yield _where(s, "every rank would write this file", proof.facts)
    if proof.plan.agreed != tuple(sorted({c.name or "" for c in agreed_calls(proof.facts)})):
        yield Counterexample("proved", "a value that differs between ranks decides, and not every rank takes one", None)
    if proof.plan.answered != tuple(
        sorted({c.name or "" for c in answers_of_root(proof.facts.program, proof.facts.streams)[0]})
    ):
        yield Counterexample("proved", "what only rank 0 writes answers something that other ranks use", None)
    if proof.plan.input_shared != proof.facts.input_shared:
        yield Counterexample("proved", "standard input is read on every rank, and rank 0 alone has it", None)
    for i in sorted(proof.facts.inputs.keys() ^ {p.statement for p in proof.plan.inputs}):
        yield _where(_node(i, proof.facts), "standard input is read here, and not by rank 0 alone", proof.facts)
    planned = {p.statement for p in proof.plan.outputs}
    expected = {s.id for s in output_statements(proof.facts, printed_loops(proof.plan))}
    for i in sorted(expected - planned):
        yield _where(_node(i, proof.facts), "every rank would print this", proof.facts)
    for i in sorted(planned - expected):
        yield _where(_node(i, proof.facts), "only rank 0 would execute this, and it is more than output", proof.facts)


def _widths(proof: Proof) -> Iterator[Counterexample]:
    facts = proof.facts
    guards = [g for i in {g.place.statement for g in proof.plan.guards} for g in _parts(i, proof)]
    for p in proof.plan.partitions:
        members = {s for s, q in proof.of_array.items() if q is p}
        extents = {facts.extents[s].dimensions[0] for s in members}
        whole = next((e for e in extents if e.text() == p.extent), None)
        if whole is None or any(((whole - e).constant or 0) < 0 or (whole - e).constant is None for e in extents):
            node = facts.arrays.declared[min(members, key=lambda s: s.uid)] if members else None
            yield _where(node, f"partition '{p.name}' has not the extent of its arrays", facts)
            continue
        if p.kind == "cyclic":
            for i, problem in wrong_dealing(p, members, proof.fits, facts):
                yield _where(_node(i, facts) if i is not None else None, problem, facts)
        narrowest = max(1, p.halo.width, end_rows(whole, guards, members, facts))
        asked = required(members, proof.fits.values(), facts)
        missing = [f"{e.text()} >= {least}" for e, least in asked if f"{e.text()} >= {least}" not in p.requires]
        if missing:
            yield Counterexample("proved", f"partition '{p.name}' rests on {missing[0]} and does not say so", None)
        if p.min_block < narrowest:
            message = f"blocks of {p.min_block} rows are too narrow: {narrowest} rows must lie in one block"
            yield Counterexample("proved", message, None, f"extent = {p.extent}")
    for message in wrong_partitions(proof.plan, proof.of_array, proof.fits, guards, facts):
        yield Counterexample("proved", message, None)
    for loop, message in wrong_loops(proof.plan, proof.fits, facts):
        yield _at(loop.place, message, facts)


def _parts(statement: int, proof: Proof) -> list[Guarded]:
    s = _node(statement, proof.facts)
    found = guard(s, proof.distributed_at(statement), proof.facts) if isinstance(s, tree.Stmt) else Misfit("")
    return [] if isinstance(found, Misfit) else found[0]
