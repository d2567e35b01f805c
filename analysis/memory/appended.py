"""Entries that a loop appends, row by row, and that later loops go through again: COO, and CSR with its row starts.

    for (i = 0; i < n; i++) { ... col[nnz] = j; val[nnz++] = v; ... start[i + 1] = nnz; }
    for (i = 0; i < n; i++) for (k = start[i]; k < start[i + 1]; k++) y[i] += val[k]*x[col[k]];

Where an entry stands decides nothing but what it is found by: so each rank can count its own from 0, and keep those of
its rows alone. That holds if the counter is used for places of entries and starts of rows only, starts only as bounds
of the loops over a row's entries, and their variable only to find these. Or if a number is added to starts that is
below that of the row's entries, where this is stored:
`for (j = 0; j < count[i]; j++) … val[start[i] + j] …`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import FILE_SCOPE, INDIRECT
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.entries import Seen, are_settled, by_element_only
from chatmpi.analysis.memory.lockstep import in_step, is_zero_set
from chatmpi.analysis.memory.row_nests import RowNest, row_nest
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Polynomial, of_atom, variable
from chatmpi.analysis.surroundings import statements_of, stepping
from chatmpi.analysis.touches import ElementTouch, Guard, ScalarTouch
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True, slots=True)
class Appended:
    """`counter`: how many entries there are; `maker`: the loop that appends them to `arrays`; `starts`: where each row
    begins, and behind the last, its end, which the element touch `end` stores after the loop, or with `ends_stored`
    each iteration that of its row. An iteration of the maker has `words` rows. `rows`: loops over rows that go through
    their entries; `entries`: loops over all. `totals`: uses of the counter elsewhere, for which it is the number of all
    entries."""

    counter: Symbol
    maker: int
    arrays: frozenset[Symbol]
    starts: Symbol | None
    end: ElementTouch | None
    rows: frozenset[int]
    entries: frozenset[int]
    totals: tuple[tree.Name, ...]
    words: Polynomial = ONE
    ends_stored: bool = False

    @property
    def loops(self) -> frozenset[int]:
        return self.rows | self.entries | {self.maker}

    @property
    def apart(self) -> frozenset[Symbol]:
        """The variables and arrays of which each rank has its own."""
        return self.arrays | {self.counter} | ({self.starts} if self.starts is not None else set())


def find_appended(p: Seen) -> tuple[Appended, ...]:
    """The structures whose entries each rank can keep for itself, each with a loop of its own that makes it."""
    found: list[Appended] = []
    for info in p.loops.values():
        for counter in _counters(info, p):
            one = _Search(p, info, counter).structure()
            if one is not None and not any(one.apart & a.apart for a in found):
                found.append(one)
    return tuple(found)


def _counters(info: LoopInfo, p: Seen) -> Iterator[Symbol]:
    """What a loop at the top of the program only ever steps up by one."""
    loop = info.canonical
    if loop is None or info.around != (info.stmt.id,) or isinstance(loop.stmt, tree.BlockLoop) or loop.step != 1:
        return
    if loop.lower is None or loop.lower.constant != 0 or loop.upper is None or loop.relation != "<":
        return
    written = [t for t in p.touches.of(info.stmt.id) if isinstance(t, ScalarTouch) and t.write]
    for symbol in dict.fromkeys(t.symbol for t in written):
        whole = isinstance(symbol.type, tree.Scalar) and symbol.type.is_integer and _is_own(symbol, p)
        steps = (
            t.update is not None and stepping(t.update) == (symbol, 1, False) for t in written if t.symbol == symbol
        )
        if whole and symbol not in p.unstable and symbol != loop.variable and all(steps):
            yield symbol


class _Unfit(Exception):
    """Something is used in another way."""


@dataclass
class _Search:
    """One loop and its counter."""

    p: Seen
    info: LoopInfo
    counter: Symbol
    bounds: set[Symbol] = field(default_factory=set)  # variables that hold bounds of loops over entries
    counted: set[int] = field(default_factory=set)  # nodes, by id, that are such bounds
    counts: set[Symbol] = field(default_factory=set)  # arrays that hold how many entries rows have
    by_count: set[int] = field(default_factory=set)  # loops over rows in which entries are found by these
    rows_of: RowNest = field(default_factory=lambda: RowNest(ZERO, ONE))

    def structure(self) -> Appended | None:
        try:
            return self._structure()
        except _Unfit:
            return None

    def _structure(self) -> Appended:
        begin, end = self.p.touches.ranges[self.info.stmt.id]
        items = self.p.touches.items
        appends = [t for t in items[begin:end] if isinstance(t, ElementTouch) and self._mentions(t.subscripts)]
        stores = [t for t in items[begin:end] if isinstance(t, ElementTouch) and self._is_store(t)]
        arrays = frozenset(t.symbol for t in appends)
        starts = stores[0].symbol if stores else None
        _need(bool(appends) and len(stores) <= 1 and starts not in arrays)
        _need(all(t.write and not t.read and self._is_place(t) for t in appends))
        if stores:
            nest = row_nest(stores[0].context.loops, self.p)
            _need(nest is not None)
            assert nest is not None
            _need(are_settled(nest.words.symbols, begin, self.p))
            self.rows_of = nest
        differences = [t for t in items[begin:end] if isinstance(t, ElementTouch) and self._is_length(t, starts)]
        self._check_counter(begin, end, appends, [*stores, *differences])
        assert self.info.canonical is not None
        assert self.info.canonical.upper is not None
        _need(are_settled(self.info.canonical.upper.symbols, begin, self.p))
        after_rows = bool(stores) and self._stored_at_end(stores[0], begin, end)
        for array in arrays | ({starts} if starts is not None else set()):
            _need(by_element_only(array, begin, end, self.p))
        known: set[int] = {id(t) for t in (*appends, *stores)}
        arrays, finding = self._with_companions(arrays, starts, end, known)
        rows = frozenset(region for inner, region in finding.items() if region != inner)
        entries = frozenset(region for inner, region in finding.items() if region == inner)
        last = self._end(starts, end, known) if stores and not after_rows else None
        if starts is not None:
            _need(after_rows or last is not None or not rows)
            self._check_counts(stores[0], differences, begin, end, known)
            self._check_starts(starts, begin, known, after_rows)
        rows |= self.by_count
        _need(bool(rows or entries) and (starts is not None or not rows))
        totals = self._totals(end, last)
        words = self.rows_of.words
        return Appended(self.counter, self.info.stmt.id, arrays, starts, last, rows, entries, totals, words, after_rows)

    def _mentions(self, exprs: tuple[tree.Expr, ...]) -> bool:
        return any(isinstance(n, tree.Name) and n.symbol == self.counter for e in exprs for n in tree.walk(e))

    def _is_counter(self, expr: tree.Expr) -> bool:
        inner = bare(expr)
        return isinstance(inner, tree.Name) and inner.symbol == self.counter

    def _is_store(self, t: ElementTouch) -> bool:
        return (
            t.write
            and not t.passed_on
            and isinstance(t.update, tree.Assign)
            and t.update.op == "="
            and self._is_counter(t.update.value)
            and not self._mentions(t.subscripts)
        )

    def _is_place(self, t: ElementTouch) -> bool:
        """`a[nnz]`, `a[nnz++]`, `a[nnz][p][q]`."""
        first = bare(t.subscripts[0])
        if isinstance(first, tree.Unary) and first.op == "x++":
            return self._is_counter(first.operand) and len(t.subscripts) == 1
        return self._is_found_by(t, self.counter)

    def _is_found_by(self, t: ElementTouch, symbol: Symbol) -> bool:
        """Whether a variable is the entry that is touched, and nothing else."""
        access = self.p.accesses.get(id(t))
        if access is None or access.subscripts[0] != of_atom(variable(symbol)):
            return False
        return all(s is not None and symbol not in s.symbols for s in access.subscripts[1:])

    def _check_counter(self, begin: int, end: int, appends: list[ElementTouch], stores: list[ElementTouch]) -> None:
        """It is 0 when the loop begins, and what it counts to is used there for places and starts alone."""
        here = self._guards()
        items = self.p.touches.items
        writes = [
            (k, t) for k, t in enumerate(items) if isinstance(t, ScalarTouch) and t.write and t.symbol == self.counter
        ]
        before = [t for k, t in writes if k < begin]
        _need(bool(before) and all(_sets_zero(t) and not t.context.loops for t in before))
        _need(any(t.context.guards == here[: len(t.context.guards)] for t in before[-1:]))
        _need(all(k < end for k, _ in writes) and not any(t.context.opaque for _, t in writes))
        places = {id(n) for t in appends for s in t.subscripts for n in tree.walk(s)}
        allowed = places | {
            id(n) for t in stores if isinstance(t.update, tree.Assign) for n in tree.walk(t.update.value)
        }
        for k, t in writes:
            if k >= begin:
                _need(t.update is not None and (not t.passed_on or id(t.update) in places))
                allowed |= {id(n) for n in tree.walk(t.update)} if t.update is not None else set()
        names = (n for n in tree.walk(self.info.stmt) if isinstance(n, tree.Name) and n.symbol == self.counter)
        _need(all(id(n) in allowed for n in names))

    def _guards(self) -> tuple[Guard, ...]:
        """What was tested before the loop."""
        outside = [tuple(g for g in t.context.guards if not g.loops) for t in self.p.touches.of(self.info.stmt.id)]
        return min(outside, key=len, default=())

    def _stored_at_end(self, store: ElementTouch, begin: int, end: int) -> bool:
        """Whether each iteration stores the end of its row, once, behind its entries; else the start, before them."""
        assert self.info.canonical is not None
        row = self._number(store)
        always = not store.context.sometimes
        always = always and not any(self.info.stmt.id in g.loops for g in store.context.guards)
        kind, counted = store.node.type, self.counter.type
        whole = isinstance(kind, tree.Scalar) and kind.is_integer and isinstance(counted, tree.Scalar)
        _need(row is not None and always and whole)
        items = self.p.touches.items[begin:end]
        at = next(k for k, t in enumerate(items) if t is store)
        steps = [k for k, t in enumerate(items) if isinstance(t, ScalarTouch) and t.write and t.symbol == self.counter]
        within = all(items[k].context.loops[: len(store.context.loops)] == store.context.loops for k in steps)
        behind = row == self.rows_of.number + ONE and all(k < at for k in steps)
        _need(within and (behind or (row == self.rows_of.number and all(k > at for k in steps))))
        return behind

    def _number(self, t: ElementTouch) -> Polynomial | None:
        """Which element of an array with one subscript is touched."""
        access = self.p.accesses.get(id(t))
        return access.linear if access is not None and len(t.subscripts) == 1 else None

    def _uses(self, arrays: frozenset[Symbol], starts: Symbol | None, end: int, known: set[int]) -> dict[int, int]:
        """The loops whose variables find entries again, and for each the loop over rows of which it is a part; one over
        all entries is a part of itself."""
        found: dict[int, int] = {}
        for k, t in enumerate(self.p.touches.items):
            if not isinstance(t, ElementTouch) or t.symbol not in arrays or id(t) in known:
                continue
            _need(k >= end)
            finding = [i for i in t.context.loops if self._finds(i, t)]
            if not finding:
                self.by_count.add(self._row_by_count(t, starts, known))
                continue
            _need(len(finding) == 1)
            found[finding[0]] = self._row_loop(finding[0], starts, known)
        return found

    def _with_companions(
        self, arrays: frozenset[Symbol], starts: Symbol | None, end: int, known: set[int]
    ) -> tuple[frozenset[Symbol], dict[int, int]]:
        """The arrays with those that hold something more for each entry, and the loops in which entries are found."""
        found = self._uses(arrays, starts, end, known)
        touched = [t for i in found.values() for t in self.p.touches.of(i) if isinstance(t, ElementTouch)]
        beside = {t.symbol for t in touched if any(self._finds(i, t) for i in found if i in t.context.loops)}
        for symbol in sorted(beside - arrays, key=lambda s: s.uid):
            before = set(known), set(self.bounds), set(self.counted)
            try:
                _need(symbol != starts)
                _need(by_element_only(symbol, end, end, self.p))
                found = self._uses(arrays | {symbol}, starts, end, known)
                arrays |= {symbol}
            except _Unfit:
                known.clear()
                known |= before[0]
                self.bounds, self.counted = before[1:]
        for inner, region in found.items():
            self._check_variable(inner, region, set(found), arrays)
        self._check_bounds(set(found))
        return arrays, found

    def _finds(self, loop: int, t: ElementTouch) -> bool:
        form = self.p.loops[loop].canonical
        return form is not None and self._is_found_by(t, form.variable)

    def _row_loop(self, inner: int, starts: Symbol | None, known: set[int]) -> int:
        """The loop over rows around one over a row's entries; a loop over all entries itself."""
        info = self.p.loops[inner]
        form, made = info.canonical, self.info.canonical
        assert form is not None
        assert made is not None
        _need(form.step == 1 and form.relation == "<" and not isinstance(form.stmt, tree.BlockLoop))
        if self._is_counter(form.bound) or self._is_counter(self._held(form.bound)):
            _need(form.lower is not None and form.lower.constant == 0)
            self.counted |= {id(n) for e in (form.bound, self._held(form.bound)) for n in tree.walk(e)}
            return inner
        first, past = self._start(form.start, known), self._start(form.bound, known)
        _need(first is not None and past is not None and starts is not None)
        assert first is not None
        assert past is not None
        _need(first[0] == past[0] == starts)
        for i in info.around[:-1]:
            row = self.p.loops[i].canonical
            if row is not None and (first[1], past[1]) == (own := of_atom(variable(row.variable)), own + ONE):
                _need(self._goes_through_rows(i))
                return i
        raise _Unfit

    def _goes_through_rows(self, loop: int) -> bool:
        """Whether a loop goes through all rows."""
        row, made = self.p.loops[loop].canonical, self.info.canonical
        if row is None or made is None or made.upper is None or row.step != 1 or row.relation != "<":
            return False
        return (row.lower, row.upper) == (made.lower, made.upper * self.rows_of.words)

    def _row_by_count(self, t: ElementTouch, starts: Symbol | None, known: set[int]) -> int:
        """The loop over rows that is at the row of `a[start[i] + j]`, where j < count[i]."""
        entry = bare(t.subscripts[0])
        _need(isinstance(entry, tree.Binary) and entry.op == "+" and len(t.subscripts) == 1 and not t.context.opaque)
        assert isinstance(entry, tree.Binary)
        for base, number in ((entry.left, entry.right), (entry.right, entry.left)):
            found = self._element(base)
            inner = bare(number)
            if found is None or found.symbol != starts or not isinstance(inner, tree.Name):
                continue
            for i in t.context.loops:
                form = self.p.loops[i].canonical
                if form is None or self._number(found) != of_atom(variable(form.variable)):
                    continue
                _need(self._goes_through_rows(i))
                self._check_number(inner.symbol, t.context.loops[t.context.loops.index(i) + 1 :], self._number(found))
                known.add(id(found))
                return i
        raise _Unfit

    def _check_number(self, symbol: Symbol, loops: tuple[int, ...], row: Polynomial | None) -> None:
        """A loop counts it from 0 up to what a row has."""
        form = next((f for i in loops if (f := self.p.loops[i].canonical) is not None and f.variable == symbol), None)
        _need(form is not None)
        assert form is not None
        _need(form.lower is not None and form.lower.constant == 0 and form.step == 1 and form.relation == "<")
        bound = bare(form.bound)
        if isinstance(bound, tree.Name):
            writes = [t for t in self.p.touches.items if isinstance(t, ScalarTouch) and t.write]
            made = [t.update for t in writes if t.symbol == bound.symbol]
            _need(len(made) == 1 and isinstance(made[0], tree.VarDecl) and bound.symbol not in self.p.unstable)
            assert isinstance(made[0], tree.VarDecl)
            _need(made[0].init is not None)
            assert made[0].init is not None
            bound = bare(made[0].init)
        found = self._element(bound)
        _need(found is not None and self._number(found) == row)
        assert found is not None
        self.counts.add(found.symbol)

    def _element(self, expr: tree.Expr) -> ElementTouch | None:
        """The touch that reads an element of an array of whole numbers."""
        inner = bare(expr)
        for t in self.p.touches.items:
            if isinstance(t, ElementTouch) and t.node is inner and t.read and not t.write:
                return t
        return None

    def _is_length(self, t: ElementTouch, starts: Symbol | None) -> bool:
        """`count[i] = nnz - start[i];`"""
        if not (t.write and isinstance(t.update, tree.Assign) and t.update.op == "=" and not t.passed_on):
            return False
        value = bare(t.update.value)
        if not (isinstance(value, tree.Binary) and value.op == "-" and self._is_counter(value.left)):
            return False
        begins = self._element(value.right)
        row = self._number(t)
        return begins is not None and begins.symbol == starts and row is not None and self._number(begins) == row

    def _check_counts(
        self, store: ElementTouch, differences: list[ElementTouch], begin: int, end: int, known: set[int]
    ) -> None:
        """How many entries a row has is stored once, for the row whose start is, and is what was appended between."""
        known |= {id(e) for t in differences if isinstance(t.update, tree.Assign)
                  if (value := bare(t.update.value)) and isinstance(value, tree.Binary)
                  if (e := self._element(value.right)) is not None}  # fmt: skip
        _need(all(t.symbol in self.counts for t in differences))
        items = self.p.touches.items
        steps = [k for k, t in enumerate(items) if isinstance(t, ScalarTouch) and t.write and t.symbol == self.counter
                 and begin <= k < end]  # fmt: skip
        start = next(k for k, t in enumerate(items) if t is store)
        for symbol in self.counts:
            _need(by_element_only(symbol, begin, end, self.p))
            touched = [(k, t) for k, t in enumerate(items) if isinstance(t, ElementTouch) and t.symbol == symbol]
            _need(sum(t.write for _, t in touched) == 1)
            k, t = next((k, t) for k, t in touched if t.write)
            always = t.context.loops == store.context.loops and not t.context.sometimes and not t.context.opaque
            always = always and not any(self.info.stmt.id in g.loops for g in t.context.guards)
            _need(always and self._number(t) == self.rows_of.number == self._number(store))
            _need(all(start < step < k for step in steps) and start < k)
            if not any(t is d for d in differences):
                self._check_lockstep(t, store, start, k)

    def _check_lockstep(self, count: ElementTouch, store: ElementTouch, start: int, stored: int) -> None:
        """What is stored counts the entries that are appended, from 0."""
        value = bare(count.update.value) if isinstance(count.update, tree.Assign) and count.update.op == "=" else None
        _need(isinstance(value, tree.Name) and not count.passed_on)
        assert isinstance(value, tree.Name)
        _need(value.symbol not in self.p.unstable and value.symbol != self.counter)
        items = self.p.touches.items
        around = self.p.touches.ranges[store.context.loops[-1]]
        stepped = [(k, t) for k, t in enumerate(items[: around[1]]) if k >= around[0] and isinstance(t, ScalarTouch)]
        writes = [(k, t) for k, t in stepped if t.write and t.symbol == value.symbol]
        _need(bool(writes) and is_zero_set(writes[0][1].update))
        zero = writes[0][1].context
        _need(zero.loops == store.context.loops and not zero.sometimes)
        body = self.p.loops[store.context.loops[-1]].stmt.body
        block = statements_of(body)
        places = [next((n for n, s in enumerate(block) if s is c.statement), None)
                  for c in (zero, store.context, count.context)]  # fmt: skip
        _need(None not in places)
        first, begins, last = (n for n in places if n is not None)
        _need(max(first, begins) < last and all(start < k < stored for k, _ in writes[1:]))
        _need(in_step(block[max(first, begins) + 1 : last], self.counter, value.symbol))

    def _start(self, expr: tree.Expr, known: set[int]) -> tuple[Symbol, Polynomial] | None:
        """The array and the row of `start[i]`; perhaps by a variable that holds just that."""
        inner = bare(self._held(expr))
        for t in self.p.touches.items:
            if isinstance(t, ElementTouch) and t.node is inner and t.read and not t.write and id(t) in self.p.accesses:
                row = self._number(t)
                known.add(id(t))
                return (t.symbol, row) if row is not None else None
        return None

    def _held(self, expr: tree.Expr) -> tree.Expr:
        """What a bound is, if a variable holds it that is given it where it is declared (and must only hold bounds)."""
        inner = bare(expr)
        if not isinstance(inner, tree.Name) or inner.symbol == self.counter:
            return expr
        writes = [
            t for t in self.p.touches.items if isinstance(t, ScalarTouch) and t.write and t.symbol == inner.symbol
        ]
        made = writes[0].update if len(writes) == 1 and inner.symbol not in self.p.unstable else None
        _need(isinstance(made, tree.VarDecl) and isinstance(made.init, tree.Expr))
        self.bounds.add(inner.symbol)
        assert isinstance(made, tree.VarDecl)
        assert isinstance(made.init, tree.Expr)
        return made.init

    def _check_bounds(self, finding: set[int]) -> None:
        """What holds bounds is used in the headers of loops over entries alone."""
        headers = {id(n) for part in self._headers(finding) for n in tree.walk(part)}
        names = [n for n in tree.walk(self.p.function.body) if isinstance(n, tree.Name) and n.symbol in self.bounds]
        _need(all(id(n) in headers for n in names))

    def _headers(self, loops: Iterable[int]) -> Iterator[tree.Node]:
        for i in loops:
            s = self.p.loops[i].stmt
            if isinstance(s, tree.For):
                yield from (part for part in (s.init, s.condition, s.step) if part is not None)

    def _check_variable(self, inner: int, region: int, finding: set[int], arrays: frozenset[Symbol]) -> None:
        """The variable of a loop over entries is used in its header, and to find them; nowhere else around."""
        form = self.p.loops[inner].canonical
        assert form is not None
        headers = self._headers(i for i in finding if self._counts(i, form.variable))
        nodes = [
            t.node
            for t in self.p.touches.of(region)
            if isinstance(t, ElementTouch) and t.symbol in arrays and self._is_found_by(t, form.variable)
        ]
        allowed = {id(n) for part in (*headers, *nodes) for n in tree.walk(part)}
        names = (
            n for n in tree.walk(self.p.loops[region].stmt) if isinstance(n, tree.Name) and n.symbol == form.variable
        )
        _need(all(id(n) in allowed for n in names))

    def _counts(self, loop: int, symbol: Symbol) -> bool:
        form = self.p.loops[loop].canonical
        return form is not None and form.variable == symbol

    def _end(self, starts: Symbol | None, end: int, known: set[int]) -> ElementTouch | None:
        """`start[n] = nnz;` after the loop."""
        assert self.info.canonical is not None
        here = self._guards()
        for t in self.p.touches.items[end:]:
            if isinstance(t, ElementTouch) and t.symbol == starts and self._is_store(t) and id(t) in self.p.accesses:
                row, upper = self._number(t), self.info.canonical.upper
                plain = not t.context.loops and not t.context.sometimes and not t.subscripts[0].in_macro
                _need(upper is not None and row == upper * self.rows_of.words and plain and t.context.guards == here)
                known.add(id(t))
                return t
        return None

    def _check_starts(self, starts: Symbol, begin: int, known: set[int], after_rows: bool) -> None:
        """Row starts are used as bounds alone; the first is 0."""
        zero = starts.storage in FILE_SCOPE or not after_rows
        for k, t in enumerate(self.p.touches.items):
            if isinstance(t, ElementTouch) and t.symbol == starts and id(t) not in known:
                number = self._number(t)
                first = number is not None and number.constant == 0
                value = t.update.value if isinstance(t.update, tree.Assign) and t.update.op == "=" else None
                is_zero = value is not None and isinstance(bare(value), tree.IntLiteral) and bare(value).value == 0  # type: ignore[attr-defined]
                sure = not t.context.loops and not t.context.sometimes
                sure = sure and t.context.guards == self._guards()[: len(t.context.guards)]
                _need(k < begin and t.write and not t.passed_on and first and is_zero and sure)
                zero = True
        _need(zero)

    def _totals(self, end: int, last: ElementTouch | None) -> tuple[tree.Name, ...]:
        """Where else the counter is read after the loop."""
        allowed = set(self.counted)
        allowed |= {id(n) for n in tree.walk(last.update)} if last is not None and last.update is not None else set()
        found = []
        for t in self.p.touches.items[end:]:
            if isinstance(t, ScalarTouch) and t.symbol == self.counter and id(t.node) not in allowed:
                _need(isinstance(t.node, tree.Name) and not t.node.in_macro and "::" not in self.counter.name)
                assert isinstance(t.node, tree.Name)
                found.append(t.node)
        headers = {id(n) for part in self._headers(self.p.loops) for n in tree.walk(part)}
        _need(not any(id(n) in headers for n in found))
        return tuple(found)


def _is_own(symbol: Symbol, p: Seen) -> bool:
    """Whether only main, with the functions that are read in it, knows a variable."""
    return symbol.storage == "local" or not any(
        symbol in e.reads | e.writes for n, e in p.summaries.items() if n not in {"main", INDIRECT}
    )


def _need(holds: bool) -> None:
    if not holds:
        raise _Unfit


def _sets_zero(t: ScalarTouch) -> bool:
    match t.update:
        case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value):
            inner = bare(value)
            return isinstance(inner, tree.IntLiteral) and inner.value == 0 and not t.passed_on
    return False
