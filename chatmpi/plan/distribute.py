"""The search: which arrays to distribute and which loops, so that the whole program costs least.

For a given set of distributed arrays every statement has a best treatment of its own. The set is improved one
class of arrays at a time, from all distributed and from none, until no single change helps.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.touches import ElementTouch, clears
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.accumulate import is_repetition
from chatmpi.plan.blocks import is_written, left_to_owner, shared_out
from chatmpi.plan.candidates import Candidates
from chatmpi.plan.copies import Copied, copied, steady
from chatmpi.plan.cost import CUT, HELD, IMPOSSIBLE, LATENCY, SHOWN, TOUCH, WORD, Sizes, trips, unevenness, work
from chatmpi.plan.elements import Fetched, Guarded, fetch, guard
from chatmpi.plan.fit import Fit, Misfit, fit
from chatmpi.plan.freshness import outermost_steady
from chatmpi.plan.irregular import UNFAIR, in_chunks, is_irregular
from chatmpi.plan.keeping import Kept, kept
from chatmpi.plan.printing import Printed, printed
from chatmpi.plan.scattered import Scattered, added_to, can_scatter
from chatmpi.plan.whole import Whole, obstacle, unaligned


@dataclass(frozen=True, slots=True)
class Treated:
    """The treatment of a statement and all below it: its cost for one execution, and what it consists of. `price` is
    what of the cost is no time, but stands for memory."""

    cost: float = 0.0
    fits: tuple[Fit, ...] = ()
    guards: tuple[Guarded, ...] = ()
    fetches: tuple[Fetched, ...] = ()
    copies: tuple[Copied, ...] = ()  # rows broadcast for loops that every rank runs
    prints: tuple[Printed, ...] = ()
    problems: tuple[tuple[tree.Node, Symbol, str], ...] = ()
    wholes: tuple[Whole, ...] = ()
    price: float = 0.0
    kept: tuple[Kept, ...] = ()
    scattered: tuple[Scattered, ...] = ()

    @property
    def seconds(self) -> float:
        return self.cost - self.price

    def plus(self, other: Treated, times: float = 1.0) -> Treated:
        return Treated(
            self.cost + times * other.cost,
            self.fits + other.fits,
            self.guards + other.guards,
            self.fetches + other.fetches,
            self.copies + other.copies,
            self.prints + other.prints,
            self.problems + other.problems,
            self.wholes + other.wholes,
            self.price + times * other.price,
            self.kept + other.kept,
            self.scattered + other.scattered,
        )


@dataclass(frozen=True)
class Choice:
    """A set of distributed arrays with the treatment of the whole program, and its neighbours' costs."""

    distributed: frozenset[Symbol]
    treated: Treated
    flips: tuple[tuple[frozenset[Symbol], Treated], ...]


@dataclass
class Search:
    """Treatments found so far, by statement and the distributed arrays that it touches."""

    facts: Facts
    sizes: Sizes
    serial: frozenset[int] = frozenset()  # loops that are to stay whole
    forced: frozenset[int] = frozenset()  # loops that are to be distributed
    plain: bool = False  # only treatments whose text the stage "read" follows
    price: float = 0.0  # of a byte that a rank holds, in seconds
    because: Mapping[int, str] = field(default_factory=dict)  # why loops of `serial` are to stay whole
    _known: dict[tuple[int, frozenset[Symbol]], Treated] = field(default_factory=dict)
    _touched: dict[int, frozenset[Symbol]] = field(default_factory=dict)

    def program(self, distributed: Set[Symbol], arrays: Set[Symbol]) -> Treated:
        """The whole program; memory for those of `arrays` that are not distributed costs a little too."""
        extents = self.facts.extents
        held = sum(self.sizes.of(extents[s].words) * HELD for s in arrays if s not in distributed)
        price = sum(map(self._price, (s for s in arrays if s not in distributed)))
        return self.treat(self.facts.function.body, distributed).plus(Treated(held + price, price=price))

    def _price(self, array: Symbol) -> float:
        """Of a whole copy of an array."""
        return self.price * self.sizes.of(self.facts.extents[array].words) if self.price else 0.0

    def treat(self, s: tree.Stmt, distributed: Set[Symbol]) -> Treated:
        ours = self.arrays(s) & distributed
        key = (s.id, ours)
        if key not in self._known:
            self._known[key] = self._treat(s, ours)
        return self._known[key]

    def arrays(self, s: tree.Stmt) -> frozenset[Symbol]:
        """The arrays with elements that a statement or one below it touches."""
        if s.id not in self._touched:
            found = frozenset(t.symbol for t in self.facts.touches.of(s.id) if isinstance(t, ElementTouch))
            self._touched[s.id] = found
        return self._touched[s.id]

    def _treat(self, s: tree.Stmt, ours: frozenset[Symbol]) -> Treated:
        found = self._with_copies(s, ours)
        other = self._scattering(s, ours)
        return other if other is not None and self._reckoned(s, other) < self._reckoned(s, found) else found

    def _reckoned(self, s: tree.Stmt, treated: Treated) -> float:
        """What a statement costs, and a share of it for the arrays that it needs whole, twice for sums."""
        whole = [w.array for w in treated.wholes] + 2 * [x.array for x in treated.scattered]
        return treated.cost * (1 + _WORTH * self.held(s, whole, self.facts.extents.keys()))

    def held(self, s: tree.Stmt, whole: Collection[Symbol], arrays: Set[Symbol]) -> float:
        """Which share of the words of a statement's `arrays` those have that are held whole."""
        words = {a: self.sizes.of(self.facts.extents[a].words) for a in self.arrays(s) & arrays}
        return sum(words.get(a, 0.0) for a in whole) / max(sum(words.values()), 1.0)

    def _scattering(self, s: tree.Stmt, ours: frozenset[Symbol]) -> Treated | None:
        """A loop that adds up divided arrays, in whole ones; None if it does not."""
        info = self.facts.loops.get(s.id)
        summed = added_to(info, ours, self.facts) if info is not None and not self.plain else frozenset()
        if not summed:
            return None
        within = self.treat(s, ours - summed)
        sums = next((f.sums for f in within.fits if f.loop == s.id), ())
        if not summed <= {x.array for x in sums if can_scatter(x)}:
            return None
        words = sum(self.sizes.of(self.facts.extents[a].words) for a in summed)
        price = sum(map(self._price, summed))
        saved = words * WORD - 3 * LATENCY  # nothing is spread; few words are not worth an array more
        parts = tuple(Scattered(s.id, a) for a in sorted(summed, key=lambda a: a.uid))
        return within.plus(Treated(price - saved, price=price, scattered=parts))

    def _with_copies(self, s: tree.Stmt, ours: frozenset[Symbol]) -> Treated:
        """The treatment of a statement; whole copies are gathered where that is best."""
        found = self._in_place(s, ours)
        wanted = {symbol for _, symbol, _ in found.problems} | {c.array for c in found.wholes}
        wanted |= unaligned(s, ours, self.facts)
        if s.id in self.facts.loops:
            wanted |= {f.access.touch.symbol for f in found.fetches}
        read = frozenset(a for a in wanted & ours if not obstacle(s, a, self.facts))
        if self.plain or not read:
            return found
        words = sum(self._sent(a) for a in read)
        wholes = tuple(Whole(s.id, a) for a in sorted(read, key=lambda a: a.uid))
        price = sum(self._price(a) for a in read if self.facts.extents[a].packed is None)
        cost = 3 * LATENCY * len(read) + words * WORD
        gathering = Treated(cost + price, wholes=wholes, price=price)
        other = gathering.plus(self.treat(s, ours - read))
        return other if other.cost < found.cost else found

    def _sent(self, array: Symbol) -> float:
        """The words of a whole copy; twice as many as where the array is shared out, which is preferred where it does
        as well: one array is then all that a rank holds. So it is where there is room for all of it anyway."""
        extents = self.facts.extents[array]
        return self.sizes.of(extents.words) * (2 if extents.packed is None else 1)

    def _in_place(self, s: tree.Stmt, ours: frozenset[Symbol]) -> Treated:
        """The treatment of a statement in which no divided array is gathered for all of it."""
        info = self.facts.loops.get(s.id)
        if isinstance(s, tree.BlockLoop):
            return self._block(s, ours)
        if info is None:
            return self._own(s, ours).plus(self._parts(s, ours))
        inside = self._own(s, ours).plus(self._parts(s, ours))
        inside, lifted = (inside, Treated()) if self.plain else self._lifted(info, inside)
        whole = lifted.plus(inside, trips(info, self.sizes))
        whole = self._printed(info, ours, whole)
        if info.canonical is None or s.id in self.serial:
            return whole
        found = fit(info, ours, self.facts, self.plain)
        if isinstance(found, Misfit) or (self.plain and found.pieced) or (found.visit is not None and not self.price):
            return whole
        if found.sums and inside.fits and is_repetition(info):
            return whole
        price = self._visiting_price(found)
        divided = Treated(self._distributed_cost(found, s) + price, (found,), price=price)
        return divided if divided.cost <= whole.cost or s.id in self.forced else whole

    def _printed(self, info: LoopInfo, ours: frozenset[Symbol], whole: Treated) -> Treated:
        """The loop left to rank 0, if it prints and that is better than `whole`."""
        if self.plain or info.stmt.id in self.serial or not ours:
            return whole
        found = printed(info, ours, self.facts)
        if isinstance(found, Misfit):
            return whole
        words = sum(self.sizes.of(self.facts.extents[s].words) for s in found.arrays)
        held = 0.0 if found.extent is not None else words * (WORD + HELD)
        price = sum(map(self._price, found.arrays)) if found.extent is None else 0.0
        cost = work(info.stmt, self.facts, self.sizes) + words * SHOWN + LATENCY + held + price
        return Treated(cost, prints=(found,), price=price) if cost < whole.cost else whole

    def _block(self, s: tree.BlockLoop, ours: frozenset[Symbol]) -> Treated:
        """One call for a whole block of memory."""
        whole = work(s, self.facts, self.sizes)
        if not ours:
            return Treated(whole)
        elements = [t for t in self.facts.touches.of(s.id) if isinstance(t, ElementTouch) and t.symbol in ours]
        if is_written(s):
            return self._printed(self.facts.loops[s.id], ours, self._problem(s, elements, "rank 0 alone writes it"))
        found = shared_out(s, ours, self.facts) if s.id not in self.serial else Misfit("it is to stay whole")
        if isinstance(found, Fit):
            return Treated(self._distributed_cost(found, s), (found,))
        owned = left_to_owner(s, ours, self.facts)
        if isinstance(owned, Misfit):
            return self._problem(s, elements, found.reason)
        return Treated(whole + 2 * LATENCY * len(owned.needs), guards=(owned,))

    def _parts(self, s: tree.Stmt, ours: frozenset[Symbol]) -> Treated:
        total = Treated()
        for part in tree.children(s):
            if isinstance(part, tree.Stmt):
                total = total.plus(self.treat(part, ours))
        return total

    def _own(self, s: tree.Stmt, ours: frozenset[Symbol]) -> Treated:
        """What a statement itself does, executed by every rank."""
        touches = [t for t in self.facts.touches.of(s.id) if t.context.statement is s]
        cost = sum(map(self.sizes.weight, touches)) * TOUCH
        elements = [
            t for t in touches if isinstance(t, ElementTouch) and t.symbol in ours and id(t) in self.facts.accesses
        ]
        elements = [t for t in elements if not clears(t)]  # each rank clears what it holds
        if not elements:
            return Treated(cost)
        if any(t.context.opaque for t in elements):
            return self._problem(s, elements, "control flow is not understood there")
        if any(t.write for t in elements):
            read = Misfit("") if self.plain else kept(s, ours, self.facts)
            if not isinstance(read, Misfit):
                others = [self.facts.accesses[id(t)] for t in elements if not t.write]
                return Treated(cost, kept=read).plus(self._fetched(s, others, ours))
            guarded = guard(s, ours, self.facts)
            if isinstance(guarded, Misfit):
                return self._problem(s, elements, guarded.reason)
            own, reads = guarded
            if self.plain and any(g.value is not None for g in own):
                return self._problem(s, elements, "it calls a function with effects, which every rank must call")
            messages = 2 * LATENCY * sum(len(g.needs) for g in own)
            return Treated(cost + messages, (), tuple(own)).plus(self._fetched(s, reads, ours))
        accesses = [self.facts.accesses[id(t)] for t in elements]
        return Treated(cost).plus(self._fetched(s, accesses, ours))

    def _fetched(self, s: tree.Stmt, accesses: list[Access], ours: Set[Symbol]) -> Treated:
        total = Treated()
        for access in accesses:
            found = fetch(s, access, ours, self.facts)
            if isinstance(found, Misfit):
                total = total.plus(self._problem(s, [access.touch], found.reason))
            else:
                total = total.plus(Treated(3 * LATENCY, fetches=(found,)))
        return total

    def _problem(self, s: tree.Stmt, elements: list[ElementTouch], reason: str) -> Treated:
        return Treated(IMPOSSIBLE, problems=tuple((t.node, t.symbol, reason) for t in elements))

    def _fair(self, found: Fit) -> float:
        """How much longer the longest block takes than a fair share, where iterations take different times."""
        uneven = not self.plain and is_irregular(self.facts.loops[found.loop], self.facts)
        return UNFAIR if uneven and not in_chunks(found, self.facts) else 1.0

    def _distributed_cost(self, found: Fit, s: tree.Stmt) -> float:
        facts, sizes = self.facts, self.sizes
        cost = CUT + self._fair(found) * work(s, facts, sizes) / sizes.ranks * unevenness(
            trips(facts.loops[s.id], sizes), sizes.ranks
        )
        for symbol, halo in found.needs.items():
            words = sizes.of(facts.extents[symbol].row_words) * (halo.lower + halo.upper)
            cost += (2 * LATENCY + words * WORD) / self._repeats_unchanged(s.id, symbol)
        for gather in found.gathers:
            around, place = facts.loops[s.id].around, gather.place(s.id)
            times = math.prod(trips(facts.loops[i], sizes) for i in around[around.index(place) : -1])
            cost += (3 * LATENCY + sizes.of(gather.words(facts.extents[gather.array])) * WORD) / times
        for sum_ in found.sums:  # cleared before, and sent twice: to be combined, and to be spread
            seldom = trips(facts.loops[sum_.span.place], sizes) if sum_.span is not None else 1.0
            cost += 3 * LATENCY / seldom + sizes.of(sum_.words) * (2 * WORD + TOUCH)
        changing = {a.touch.symbol for a in found.turning}
        cost += sum(6 * LATENCY + 2 * WORD * sizes.of(facts.extents[a].row_words) for a in changing)
        for copy in found.copies:
            around = facts.loops[s.id].around
            steady = around[around.index(copy.statement) : -1] if copy.statement in around else ()
            cost += self._copy_cost(copy) / math.prod(trips(facts.loops[i], sizes) for i in steady)
        for array in found.visit.arrays if found.visit is not None else ():  # with nothing to overlap it
            cost += 3 * LATENCY * sizes.ranks + 3 * WORD * sizes.of(facts.extents[array].words)
        cost += 3 * LATENCY if facts.loop_facts[s.id].exit is not None else 0.0
        cost += sum(3 * LATENCY * (1 + len(x.symbols)) for x in facts.loop_facts[s.id].lasting)
        cost += sum(3 * LATENCY * (1 + len(x.companions)) for x in facts.loop_facts[s.id].located)
        for scan in facts.loop_facts[s.id].scans:  # a message, and another pass over what is kept
            count = trips(facts.loops[s.id], sizes)
            cost += 3 * LATENCY + len(scan.kept) * 2 * TOUCH * count / sizes.ranks
        return cost + 3 * LATENCY * len(facts.loop_facts[s.id].reductions)

    def _visiting_price(self, found: Fit) -> float:
        """Of the block that visits, and of what is carried on."""
        if found.visit is None or found.extent is None or not self.price:
            return 0.0
        carried = self.sizes.of(found.extent * found.visit.each) * len(found.visit.carried)
        return (sum(map(self._price, found.visit.arrays)) + self.price * carried) / self.sizes.ranks

    def costs(self, found: Fit, distributed: Set[Symbol]) -> tuple[float, float]:
        """What a loop costs divided as `found` says, and what it costs as every rank would run it."""
        s = self.facts.loops[found.loop].stmt
        alone = replace(self, serial=self.serial | {found.loop}, _known={})
        return self._distributed_cost(found, s), alone.treat(s, distributed).cost

    def _copy_cost(self, copy: Copied) -> float:
        return 3 * LATENCY + self.sizes.of(copy.words(self.facts)) * WORD

    def _lifted(self, info: LoopInfo, inside: Treated) -> tuple[Treated, Treated]:
        """The treatment of a loop's inside without the reads that copies of rows made before the loop can serve;
        and these copies."""
        fetches = [f for f in inside.fetches if steady(f.access, info, self.facts)]
        copies = [c for c in inside.copies if all(steady(a, info, self.facts) for a in c.accesses)]
        if not fetches and not copies:
            return inside, Treated()
        accesses = [f.access for f in fetches] + [a for c in copies for a in c.accesses]
        made = copied(info, accesses, self.facts)
        saved = 3 * LATENCY * len(fetches) + sum(map(self._copy_cost, copies))
        cost = sum(map(self._copy_cost, made))
        if cost > saved * trips(info, self.sizes):
            return inside, Treated()
        rest = replace(
            inside,
            cost=inside.cost - saved,
            fetches=tuple(f for f in inside.fetches if f not in fetches),
            copies=tuple(c for c in inside.copies if c not in copies),
        )
        return rest, Treated(cost, copies=made)

    def _repeats_unchanged(self, loop: int, array: Symbol) -> float:
        """How often the loop runs without the array changing in between: its halo is exchanged only once for all."""
        outer = outermost_steady(loop, array, self.facts)
        around = self.facts.loops[loop].around
        steady = around[around.index(outer) : -1] if outer in around else ()
        return math.prod(trips(self.facts.loops[i], self.sizes) for i in steady)


_WORTH = 0.1  # of the time of a part of the program: what it may cost that no rank holds whole arrays there


def _score(state: Search, treated: Treated, distributed: Set[Symbol], arrays: Set[Symbol]) -> float:
    """The cost of the program, and a share of what each of its parts costs for the arrays in it that are held whole."""
    whole = (arrays - distributed) | {w.array for w in treated.wholes} | {x.array for x in treated.scattered}
    return treated.cost + sum(_worth(state, s, distributed, arrays, whole) for s in _steps(state.facts.function.body))


def _worth(state: Search, s: tree.Stmt, distributed: Set[Symbol], arrays: Set[Symbol], whole: Set[Symbol]) -> float:
    held = state.held(s, whole, arrays)
    return _WORTH * state.treat(s, distributed).cost * held if held else 0.0


def _steps(s: tree.Stmt) -> Iterator[tree.Stmt]:
    """The statements that a block consists of, those of blocks within it too."""
    if not isinstance(s, tree.Block):
        yield s
        return
    for part in s.body:
        yield from _steps(part)


def search(candidates: Candidates, state: Search) -> Choice:
    """The best set of distributed arrays that single changes lead to."""
    classes = list(candidates.classes)
    arrays = frozenset(s for c in classes for s in c)
    found = [_descend(state, classes, start) for start in (arrays, frozenset())]
    return min(found, key=lambda c: _score(state, c.treated, c.distributed, arrays))


def _descend(state: Search, classes: list[frozenset[Symbol]], start: frozenset[Symbol]) -> Choice:
    arrays = frozenset(s for c in classes for s in c)
    current, treated = start, state.program(start, arrays)
    improved = True
    while improved:
        improved = False
        for c in classes:
            other = state.program(current ^ c, arrays)
            if _score(state, other, current ^ c, arrays) < _score(state, treated, current, arrays) * (1 - 1e-9):
                current, treated, improved = current ^ c, other, True
    return Choice(current, treated, tuple((c, state.program(current ^ c, arrays)) for c in classes))
