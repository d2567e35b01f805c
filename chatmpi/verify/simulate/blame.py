"""Where a refuted program goes wrong first, found by running it once more, watched.

What is printed is a term. Followed down beside the term that the sequential program prints, it leads to the place where
a value is used that should not be, or where values are put together in another way: in a line, on a rank. The memory
that the line names leads to the MPI calls that should have brought something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.as_python.compiled import compile_program
from chatmpi.verify.simulate.canonical import Canonical
from chatmpi.verify.simulate.comparison import Equals
from chatmpi.verify.simulate.differing import Difference, difference
from chatmpi.verify.simulate.errors import Fault, Kind, OutOfBudget, Unsupported
from chatmpi.verify.simulate.formats import Item
from chatmpi.verify.simulate.inputs import MANY, Input
from chatmpi.verify.simulate.mpi.communicators import Call
from chatmpi.verify.simulate.mpi.ranks import run_together
from chatmpi.verify.simulate.mpi.world import World, make_world
from chatmpi.verify.simulate.outcome import Outcome, run_alone
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Term, Terms
from chatmpi.verify.simulate.text_inputs import reads_text
from chatmpi.verify.simulate.tracing.case import Case
from chatmpi.verify.simulate.tracing.traced import traced
from chatmpi.verify.simulate.values import POISON, Object
from chatmpi.verify.simulate.watched import Output, Site, Watch, WatchedTerms
from chatmpi.verify.simulate.work import Limits, Work

_OPERATIONS = 40_000_000
_CALLS = 3  # of MPI that are told
_PARTIAL = frozenset({"+", "+f", "max", "min", "const"})


@dataclass(frozen=True)
class Blame:
    """The line (0: none is known) and what can be told of it, a sentence each; `calls`: the calls that have part."""

    line: int
    told: tuple[str, ...]
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Run:
    """Both programs, watched: `known` is the serial of the first term that the sequential program has not, `computed`
    the lines of its terms; the ranks' outcomes, or the fault that ended them."""

    watch: Watch
    world: World
    known: int
    computed: dict[int, Site]
    expected: Outcome
    outcomes: Sequence[Outcome]
    fault: Fault | None
    terms: Terms
    sources: tuple[Source, Source]

    def same_lines(self, line: int) -> list[int]:
        """The lines of the candidate with the text of a line of the sequential program."""
        before, after = (s.text.split("\n") for s in self.sources)
        return [k for k, text in enumerate(after, 1) if text.split() == before[line - 1].split()]


def blame(case: Case) -> Blame | None:
    """None if nothing is found: another order of messages was refuted, or too much would have to be done."""
    found, more = _watched(case), traced(case)
    if found is None:
        return Blame(0, more) if more else None
    return Blame(found.line, tuple(dict.fromkeys((*found.told, *more, *found.calls))))


def _watched(case: Case) -> Blame | None:
    try:
        run = _run(case)
        if (run.fault.message if run.fault is not None else "") != case.fault:
            return None
        if run.fault is not None:
            return _of_fault(run, run.fault)
        found = _first_difference(run)
        if found is None:
            return None
        printed, pair = found
        strange = _first_strange(run) if pair is None else None
        if pair is None and strange is None:
            return Blame(printed.line, (), tuple(_calls(run, printed)))
        at = Difference(strange, None, None) if pair is None else difference(*pair, run.known)
        if at.made is None or at.made.serial not in run.watch.sites:
            return Blame(printed.line, tuple(_values(run, at)), tuple(_calls(run, printed)))
        trapped = _run(case, at.made.serial)
        site = trapped.watch.sites.get(at.made.serial)
        if site is None:
            return None
        return Blame(site.line, (*_first(site), *_values(run, at)), tuple(_calls(trapped, site)))
    except (Fault, Unsupported, OutOfBudget):
        return None


def _run(case: Case, trap: int = -1) -> _Run:
    watch, limits, textual = Watch(trap), Limits(Work(), _OPERATIONS), reads_text(case.before)
    terms = WatchedTerms(watch, case.shuffle)

    def process(numbers: int) -> Process:
        source = Input("stdin", terms, case.size, numbers, textual)
        return Process(terms, limits, source, arguments=case.arguments)

    alone, compiled = process(MANY), compile_program(case.before, terms, case.joined_rows)
    watch.begin(compiled, [alone])
    expected = run_alone(compiled, alone)
    known, computed = len(terms.everything), watch.sites
    ranks, compiled = (
        [process(0 if r else MANY) for r in range(case.ranks)],
        compile_program(case.after, terms, case.joined_rows),
    )
    world = make_world(terms, case.ranks)
    watch.begin(compiled, ranks, world)
    outcomes: Sequence[Outcome] = ()
    ended: Fault | None = None
    sources = (case.before.source, case.after.source)
    try:
        outcomes = run_together(compiled, ranks, world)
    except Fault as fault:
        ended = fault
    return _Run(watch, world, known, computed, expected, outcomes, ended, terms, sources)


def _first_difference(run: _Run) -> tuple[Site, tuple[Term, Term] | None] | None:
    """Where the first wrong item is printed, with the two terms if it is a number."""
    equals = Equals(run.terms)
    wanted = [part for item in run.expected.output for part in _parts(item)]
    got = [
        (part, site)
        for outcome in run.outcomes
        if isinstance(outcome.output, Output)
        for item, site in zip(outcome.output, outcome.output.sites, strict=True)
        for part in _parts(item)
    ]
    for a, (b, site) in zip(wanted, got, strict=False):
        if isinstance(a, str) or isinstance(b, str):
            if a != b:
                return site, None
        elif a[0] != b[0] or equals.equality(a, b) in ("different", "unclear"):
            return site, (a[1], b[1]) if isinstance(a[1], Term) and isinstance(b[1], Term) else None
    return (got[len(wanted)][1], None) if len(got) > len(wanted) else None


def _parts(item: Item) -> Sequence[Item]:
    """Of a text its characters: programs may print it in other pieces."""
    return list(item) if isinstance(item, str) else (item,)


def _of_fault(run: _Run, fault: Fault) -> Blame | None:
    apart = tuple(
        f"{_called(b)} meets that of line {int(a.line)} on rank {a.world_rank}" for a, b in run.world.apart[:1]
    )
    site = run.watch.of_error(fault)
    if fault.kind == Kind.UNINITIALISED and site is not None:
        unset = tuple(o for o in site.objects if any(v is POISON for v in list.__iter__(o)))
        return Blame(0, apart, tuple(_calls(run, replace(site, objects=unset or site.objects))))
    if fault.kind == Kind.MEMORY and site is not None:
        return Blame(0, tuple(_memory(run, site)))
    return Blame(0, apart)


def _called(call: Call) -> str:
    return f"the {call.name} of line {int(call.line)} on rank {call.world_rank}"


def _first_strange(run: _Run) -> Term | None:
    """The first value that the sequential program has not, in any order of its sums; partial sums and extremes are of
    the ranks' own making."""
    everything, canonical = run.terms.everything, Canonical(run.terms)
    known = {canonical.of(t) for t in everything[: run.known]}
    new = (everything[serial] for serial in run.watch.sites if serial >= run.known)
    return next((t for t in new if t.op not in _PARTIAL and canonical.of(t) not in known), None)


# ----------------------------------------------------------------------------------------------- words


def _first(site: Site) -> tuple[str]:
    return (f"rank {site.rank} computes in line {int(site.line)} what the sequential program does not",)


def _values(run: _Run, at: Difference) -> Sequence[str]:
    """Where the value comes from that was expected, and which rank has it."""
    if at.expected is None or at.expected.serial not in run.computed:
        return ()
    own = run.watch.sites.get(at.expected.serial)
    line = int(run.computed[at.expected.serial].line)
    where = f"rank {own.rank} computes it in line {int(own.line)}" if own is not None else "no rank computes it"
    same = run.same_lines(line) if own is None else []
    if len(same) == 1:
        where += f", though line {same[0]} is the same"
    return (f"what should be used is computed in line {line} of the sequential program; {where}",)


def _memory(run: _Run, site: Site) -> Iterator[str]:
    """How large the memory is that a line uses, and where it is from."""
    for o in site.objects:
        if o.name and o.state == "live":
            at = next((line for p in run.watch.processes for made, line in p.allocations if made is o), 0)
            assert run.watch.compiled is not None
            line = int(run.watch.compiled.c_line(at))
            origin = f", from line {line}" if line else ""
            yield f"'{o.name}' has {list.__len__(o)} elements on rank {site.rank}{origin}"


def _calls(run: _Run, site: Site) -> Sequence[str]:
    """The MPI calls that had to do with the memory that a line names: the rank's own, or else those of others."""
    ids, names = {id(o) for o in site.objects}, {o.name for o in site.objects if o.name}
    calls = [c for c in run.watch.calls if c.rank == site.rank and any(id(o) in ids for o in c.objects)]
    calls = calls or [c for c in run.watch.calls if any(o.name in names for o in c.objects)]
    latest: dict[tuple[str, int], tuple[int, list[Object]]] = {}
    for c in reversed(calls):
        latest.setdefault((c.name, int(c.line)), (c.rank, [o for o in c.objects if id(o) in ids or o.name in names]))
    told = []
    for (name, line), (rank, objects) in list(latest.items())[:_CALLS]:
        memory = ", ".join(dict.fromkeys(f"'{o.name}'" for o in objects if o.name)) or "the memory"
        sent = sorted({s for r, at, s in run.world.mailboxes.pairs if (r, int(at)) == (rank, line) and int(s) != line})
        message = f", with a message of line {', '.join(str(int(s)) for s in sent)}" if sent else ""
        told.append(f"{memory} takes part in the {name} of line {line} on rank {rank}{message}")
    return told
