"""Which elements make a communication necessary: what a rank needs and does not own, as sets people can read."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import islpy as isl

from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space
from chatmpi.analysis.numbers.few_operations import few_operations
from chatmpi.analysis.numbers.polynomial import variable
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.alignment import Aligned, alignment
from chatmpi.plan.copies import Copied
from chatmpi.plan.distribute import Treated
from chatmpi.plan.element_sets import PART, Rows, image, inside, ordinary, texts
from chatmpi.plan.elements import Guarded
from chatmpi.plan.fit import Fit
from chatmpi.plan.freshness import Exchange, Reader, loops_around, stale_reads
from chatmpi.plan.groups import Group
from chatmpi.plan.plan import Communication

MANY = 60  # accesses looked at, before the text says less
_OF_A_TEXT = 100_000  # operations of isl


def with_elements(
    found: Iterable[Communication], facts: Facts, treated: Treated, of_array: Mapping[Symbol, Group]
) -> tuple[Communication, ...]:
    """The communications, each with the elements that make it necessary."""
    planned = tuple(found)
    needs = _Needs(facts, treated, of_array, planned)
    return tuple(replace(c, elements=needs.of(c)) for c in planned)


@dataclass
class _Collected:
    """The elements of one array that are touched, in one naming of the parameters."""

    array: Symbol
    facts: Facts
    parameters: Parameters = field(default_factory=Parameters)
    rows: list[Rows] = field(default_factory=list)
    sets: list[isl.Set] = field(default_factory=list)
    partly: bool = False  # which elements they are is settled by data

    def add(self, access: Access, running: tuple[int, ...], own: tuple[Fit, Rows] | None = None) -> None:
        """What an access touches while the loops `running` run; with `own`, in the iterations of one rank."""
        facts = self.facts
        loops = {i: c for i in running if (c := facts.loops[i].counted) is not None}
        dims = {variable(c.variable): f"x{k}" for k, c in enumerate(loops.values())}
        changing = frozenset(s for i in running for s in facts.loops[i].written) - {c.variable for c in loops.values()}
        around = access.touch.context.loops
        parameters = Parameters(self.parameters.names)  # what is affine in pieces is so in this access's own loops
        space = Space(dims, parameters, changing, facts.naming_at(around))
        holds = {dims[variable(c.variable)]: f"({space.range(c)})" for c in loops.values()}
        if running and holds:
            first = next(iter(holds))
            holds[first] += f" and ({space.guards(access.touch.context.guards, facts.loops[running[0]], facts.loops)})"
        subscripts = list(access.subscripts)
        if own is not None:
            found, rows = own
            info = facts.loops[found.loop]
            how = alignment(access, info, facts)
            if isinstance(how, Aligned) and how.near is not None:
                subscripts[0] = how.near
            assert info.canonical is not None
            dim = dims[variable(info.canonical.variable)]
            holds[dim] += f" and {rows.holds(f'{dim} + {found.shift}')}"
            if rows not in self.rows:
                self.rows.append(rows)
        shown = [space.affine(p) for p in subscripts]
        self.partly |= any(p is None for p in shown)
        self.sets.append(image(parameters, holds, shown, self.rows))

    def not_owned(self, rows: Rows) -> list[isl.Set]:
        """The rows before a rank's block, and those behind it."""
        if rows not in self.rows:
            self.rows.append(rows)
        dims = [f"e{k}" for k in range(len(self.facts.extents[self.array].dimensions))]
        sides = (f"e0 < {rows.begin}", f"e0 >= {rows.end}")
        return [isl.Set(f"[{rows.begin}, {rows.end}] -> {{ [{', '.join(dims)}] : {side} }}") for side in sides]

    def text(self, within: Iterable[isl.Set] = ()) -> tuple[str, ...]:
        """All elements; of them those `within` other sets, where they can be put in words."""
        total = _union(self.sets)
        if total is None:
            return ()
        extents = self.facts.extents[self.array]
        space = Space({}, self.parameters, frozenset(), self.facts.naming)
        known = ordinary(self.parameters, space, self.rows, [extents])
        bounds = inside(self.parameters, space, extents)
        whole = f"{PART}{self.array.name}" + "".join(f"[0..{d.text()}-1]" for d in extents.dimensions)
        found: tuple[str, ...] = (whole,)
        with few_operations(total.get_ctx(), _OF_A_TEXT):
            here = [texts(self.array.name, total.intersect(w), bounds, known, self.parameters) for w in within]
            others = tuple(dict.fromkeys(t for side in here for t in side or ())) if None not in here else ()
            found = others or texts(self.array.name, total, bounds, known, self.parameters) or found
        return tuple(t if t.startswith(PART) or not self.partly else PART + t for t in found)


def _union(sets: list[isl.Set]) -> isl.Set | None:
    return functools.reduce(lambda a, b: a.union(b), sets) if sets else None


@dataclass(frozen=True)
class _Needs:
    facts: Facts
    treated: Treated
    of_array: Mapping[Symbol, Group]
    planned: tuple[Communication, ...]

    def of(self, c: Communication) -> tuple[str, ...]:
        array = next((s for s in self.facts.arrays.declared if s.uid == c.uid), None)
        if array is None or array not in self.facts.extents:
            return (c.subject, *filter(None, c.element.split(", "))) if c.kind == "locate" else (c.subject,)
        match c.kind:
            case "halo":
                return self._halo(c, array)
            case "allgather":
                return self._read_in(c, array) if c.when == "before" else self._parts(c, array)
            case "row_broadcast" | "column_gather":
                return self._copied(c, array)
            case "broadcast":
                return (c.element,)
            case "collect":
                return self._touched(c.start.statement, array)
            case "visit":
                return self._visiting(c, array)
            case "allreduce" | "reduce" | "reduce_scatter":
                return (c.element,) if c.element else self._added(c, array)
        return (c.subject,)

    def _rows(self, array: Symbol) -> Rows:
        return rows_of(self.of_array[array])

    def _fit_around(self, access: Access) -> Fit | None:
        return next((f for f in self.treated.fits if f.loop in access.touch.context.loops), None)

    def _own(self, access: Access) -> tuple[tuple[int, ...], tuple[Fit, Rows] | None]:
        """The loops that run while one rank reads, and its own iterations among them."""
        around = access.touch.context.loops
        found = self._fit_around(access)
        if found is None:
            return around, None
        inside = around[around.index(found.loop) :]
        group = next((self.of_array[s] for s in found.arrays), None)
        if group is None or found.scale.constant != 1:
            return inside, None
        return inside, (found, rows_of(group))

    def _halo(self, c: Communication, array: Symbol) -> tuple[str, ...]:
        """What the readers read that would find old copies, were the exchange not made."""
        readers = [Reader(f.loop, f.needs) for f in self.treated.fits]
        readers += [Reader(g.statement.id, g.needs) for g in self.treated.guards]
        whole = frozenset(r.statement for r in readers)
        by_uid = {s.uid: s for s in self.of_array}
        others = [
            Exchange(o.start.statement, by_uid[o.uid], o.halo, bool(o.element))
            for o in self.planned
            if o.kind == "halo" and o is not c
        ]
        missed = {s.statement for s in stale_reads(self.facts, whole, readers, others) if s.array == array}
        collected = _Collected(array, self.facts)
        for f in (f for f in self.treated.fits if f.loop in missed):
            for a in _distinct(self.facts.accesses_in(f.loop).get(array, ())):
                if f.loop in a.touch.context.loops and f.scale.constant == 1:
                    inside = a.touch.context.loops
                    collected.add(a, inside[inside.index(f.loop) :], (f, self._rows(array)))
        near = [t for g in self.treated.guards if g.statement.id in missed for t in self._beside(g, array)]
        return (*collected.text(collected.not_owned(self._rows(array))), *dict.fromkeys(near))

    def _beside(self, g: Guarded, array: Symbol) -> list[str]:
        """The elements that a single statement reads beside the row that its owner writes."""
        found = []
        for a in self.facts.accesses_in(g.statement.id).get(array, ()):
            if a.touch.read and all(p is not None for p in a.subscripts) and a.subscripts[0] != g.row:
                found.append(array.name + "".join(f"[{p.text()}]" for p in a.subscripts if p is not None))
        return found

    def _read_in(self, c: Communication, array: Symbol) -> tuple[str, ...]:
        """What is read of a whole copy in a region, less a rank's own rows."""
        collected = _Collected(array, self.facts)
        outside = loops_around(c.start.statement, self.facts)
        for a in _distinct(self.facts.accesses_in(c.start.statement).get(array, ())):
            inside, own = self._own(a)
            collected.add(a, tuple(i for i in inside if i not in outside), own)
        return collected.text(collected.not_owned(self._rows(array)))

    def _parts(self, c: Communication, array: Symbol) -> tuple[str, ...]:
        """What a loop writes of a replicated array, less a rank's own part."""
        theirs, mine = _Collected(array, self.facts), _Collected(array, self.facts)
        for f in self.treated.fits:
            if not any(g.array == array and g.place(f.loop) == c.start.statement for g in f.gathers):
                continue
            group = next((self.of_array[s] for s in f.arrays), None)
            form = self.facts.loops[f.loop].canonical
            rows = rows_of(group) if group is not None else Rows("begin", "end", form.upper if form else None)
            outside = loops_around(c.start.statement, self.facts)
            mine.parameters = theirs.parameters
            for a in _distinct(self.facts.accesses_in(f.loop).get(array, ()), written=True):
                inside = tuple(i for i in a.touch.context.loops if i not in outside)
                theirs.add(a, inside)
                if f.scale.constant == 1:
                    mine.add(a, inside, (f, rows))
        theirs.rows = mine.rows
        own = _union(mine.sets)
        return theirs.text([own.complement()] if own is not None else [])

    def _copied(self, c: Communication, array: Symbol) -> tuple[str, ...]:
        """What is read of a broadcast row or a gathered column."""
        collected = _Collected(array, self.facts)
        copies: list[Copied] = [*self.treated.copies, *(x for f in self.treated.fits for x in f.copies)]
        reads = [a for x in copies if x.statement == c.start.statement and x.array == array for a in x.accesses]
        reads += [a for f in self.treated.fits if f.loop == c.start.statement for a in f.turning]
        outside = loops_around(c.start.statement, self.facts)
        for a in _distinct(a for a in reads if a.touch.symbol == array and _names(a, c)):
            collected.add(a, tuple(i for i in a.touch.context.loops if i not in outside))
        return collected.text(collected.not_owned(self._rows(array)) if c.kind == "column_gather" else ())

    def _visiting(self, c: Communication, array: Symbol) -> tuple[str, ...]:
        """What comes to a rank in turn."""
        collected = _Collected(array, self.facts)
        for f in self.treated.fits:
            reads = f.visit.accesses if f.loop == c.start.statement and f.visit is not None else ()
            for a in _distinct(a for a in reads if a.touch.symbol == array):
                collected.add(a, *self._own(a))
        return collected.text(collected.not_owned(self._rows(array)))

    def _touched(self, statement: int, array: Symbol) -> tuple[str, ...]:
        collected = _Collected(array, self.facts)
        outside = loops_around(statement, self.facts)
        for a in _distinct(self.facts.accesses_in(statement).get(array, ())):
            collected.add(a, tuple(i for i in a.touch.context.loops if i not in outside))
        return collected.text()

    def _added(self, c: Communication, array: Symbol) -> tuple[str, ...]:
        """The elements that some rank may have added to."""
        collected = _Collected(array, self.facts)
        outside = loops_around(c.start.statement, self.facts)
        for f in self.treated.fits:
            if any(x.array == array and x.place(f.loop) == c.start.statement for x in f.sums):
                for a in _distinct(self.facts.accesses_in(f.loop).get(array, ()), written=True):
                    collected.add(a, tuple(i for i in a.touch.context.loops if i not in outside))
        collected.partly = False
        return collected.text() or (c.subject,)


def rows_of(group: Group) -> Rows:
    """The names that a block's ends have in the generated program, as long as the user's own names leave them free."""
    stem = "row" if group.name.startswith("row") else "my"
    number = "".join(c for c in group.name if c.isdigit())
    return Rows(f"{stem}_begin{number}", f"{stem}_end{number}", group.extent)


def _names(access: Access, c: Communication) -> bool:
    """Whether an access is to the row or column that a communication names."""
    if c.kind == "row_broadcast":
        return access.subscripts[0] is not None and access.subscripts[0].text() == c.element
    return "][".join(p.text() for p in access.subscripts[1:] if p is not None) == c.element


def _distinct(accesses: Iterable[Access], written: bool = False) -> list[Access]:
    """One access for all that are the same to a set; reads, or writes."""
    found: dict[object, Access] = {}
    for a in accesses:
        if a.touch.write if written else a.touch.read:
            known = (a.subscripts, a.touch.context.loops, a.touch.context.guards)
            found.setdefault(known, a)
    return list(found.values())[:MANY]
