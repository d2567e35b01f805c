"""Whether a loop can be distributed when certain arrays are, and what that asks for: shift, halos, gathers."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import CanonicalLoop, LoopInfo
from chatmpi.analysis.memory.extents import Extents
from chatmpi.analysis.memory.packed_rows import fills
from chatmpi.analysis.memory.subscripts import Access, PackedRows, strictest
from chatmpi.analysis.numbers.pieces import is_pieced
from chatmpi.analysis.numbers.polynomial import ONE, Atom, Polynomial, of_atom
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.accumulate import NO_REDUCTION, Sum, sums
from chatmpi.plan.alignment import Aligned, Alignment, Flat, alignment
from chatmpi.plan.candidates import MPI_TYPES, changing_size
from chatmpi.plan.columns import Columns, columns
from chatmpi.plan.copies import Copied, copied, moved_out, steady
from chatmpi.plan.coverage import covered, idle_outside
from chatmpi.plan.exits import unsuited_exit
from chatmpi.plan.kept_apart import over_entries
from chatmpi.plan.last import unsuited_last
from chatmpi.plan.locate import unsuited_location
from chatmpi.plan.plan import Halo
from chatmpi.plan.scan import carried_reads, unsuited_scan
from chatmpi.plan.split import may_split, turning, turning_point
from chatmpi.plan.visits import Visit, visit

ROW = Atom("", "i")  # the number of a row; no variable has this key


@dataclass(frozen=True, slots=True)
class Gather:
    """Rows of a replicated array that the loop writes: iteration i writes row i + offset of `unit` words; or, in the
    same way, its `columns`, perhaps gathered only after a loop around."""

    array: Symbol
    offset: int
    unit: Polynomial
    columns: Columns | None = None

    def words(self, extents: Extents) -> Polynomial:
        """How many words every rank then has."""
        one_row = self.columns is not None and self.columns.rows is not None
        return self.unit * extents.dimensions[self.columns.dimension] if self.columns and one_row else extents.words

    def place(self, loop: int) -> int:
        """The loop after which it is gathered, if `loop` writes it."""
        return loop if self.columns is None else self.columns.place


@dataclass(frozen=True, slots=True)
class Fit:
    """How a loop is distributed: iteration i runs where row i + shift is owned (`scale`: words per iteration's
    row, 1 unless the loop runs over the words of whole rows). `extent` is the range of rows, None if the loop
    touches no distributed array and its own range is dealt out. `sums`: the arrays that every rank adds to. `copies`:
    rows that every rank reads. `turning`: reads of a row that iteration `split` changes. `wraps`: arrays of which it
    reads the first rows as the neighbours of the last, or the other way round. `pieced`: whether rows are affine in
    pieces only. `visit`: the rows that come to every rank in turn. `packed`: it runs over the words of
    rows that have different lengths."""

    loop: int
    arrays: frozenset[Symbol]
    extent: Polynomial | None
    shift: int
    scale: Polynomial
    needs: Mapping[Symbol, Halo]
    gathers: tuple[Gather, ...]
    sums: tuple[Sum, ...] = ()
    copies: tuple[Copied, ...] = ()
    turning: tuple[Access, ...] = ()
    split: Polynomial | None = None
    wraps: frozenset[Symbol] = frozenset()
    pieced: bool = False
    visit: Visit | None = None
    packed: PackedRows | None = None

    @property
    def words(self) -> Polynomial:
        """How many iterations row `ROW` takes."""
        return self.scale if self.packed is None else self.packed.length(of_atom(ROW)) or ONE


@dataclass(frozen=True, slots=True)
class Misfit:
    reason: str


def fit(info: LoopInfo, distributed: Set[Symbol], facts: Facts, plain: bool = False) -> Fit | Misfit:
    """How `info`'s loop would be distributed if exactly the arrays `distributed` are. `plain`: the least."""
    loop = info.canonical
    judged = facts.loop_facts[info.stmt.id]
    in_order = not plain and (judged.reads_old_values or may_split(info, facts))
    if loop is None or not (judged.is_parallel or in_order):
        return Misfit("its iterations depend on each other")
    added = _results(info, loop, distributed, facts, plain)
    if isinstance(added, Misfit):
        return added
    summed = {a.array for a in added}
    replaced = carried_reads(info.stmt.id, facts)
    left_out = summed | facts.apart_in(info.stmt.id)
    accesses = {
        s: tuple(a for a in many if id(a.touch) not in replaced)
        for s, many in facts.accesses_in(info.stmt.id).items()
        if s not in left_out
    }
    touched = {s: [(a, alignment(a, info, facts)) for a in many] for s, many in accesses.items() if s in distributed}
    if (uneven := _leaves_packed_row(touched, facts)) is not None:
        return Misfit(f"the rows of '{uneven}' have different lengths, and one iteration touches several")
    aligned, far = (touched, []) if plain else _parted(touched, info, facts)
    apart = [a for many in aligned.values() for a, how in many if how is None and turning(a, info, facts)]
    if plain or not may_split(info, facts):
        apart = []
    if apart:
        aligned = {s: [(a, how) for a, how in many if a not in apart] for s, many in aligned.items()}
    elif not (judged.is_parallel or (judged.reads_old_values and not plain)):
        return Misfit("its iterations depend on each other")
    visiting = _visiting(aligned, info, facts) if judged.is_parallel and not (plain or apart) else None
    if visiting is not None:
        aligned = {s: [(a, how) for a, how in many if how is not None] for s, many in aligned.items()}
        aligned = {s: many for s, many in aligned.items() if many}
    ours = {s: accesses[s] for s in aligned}
    found = _shift(aligned)
    if isinstance(found, Misfit):
        return found
    shift, scale = found
    point = turning_point(info, apart, shift, accesses, facts) if apart and scale == ONE else None
    if apart and point is None:
        return Misfit("its iterations depend on each other")
    if not ours:
        relying = next((s for s, many in accesses.items() if _relies(s, many, facts)), None)
        if relying is not None:
            return Misfit(f"the rows of '{relying}' are distinct only if they are not too short")
    extent = _common_extent([facts.extents[s] for s in ours])
    if isinstance(extent, Misfit):
        return extent
    packed = _packed_words(ours.keys(), scale, facts)
    if isinstance(packed, Misfit):
        return packed
    spared = not plain and scale == ONE and extent is not None and idle_outside(info, shift, extent, ours, facts)
    words = packed[1] if packed is not None else extent * scale if extent is not None else None
    if words is not None and extent is not None and not spared and not covered(info, shift, words, accesses, facts):
        return Misfit(f"its range may reach beyond the {extent.text()} rows that are distributed")
    gathers = _gathers(info, accesses, distributed, scale, facts, plain)
    if isinstance(gathers, Misfit):
        return gathers
    if over_entries(info.stmt.id, facts) and (ours or gathers):
        return Misfit("it does more with entries that each rank keeps for itself than to add up")
    needs = {s: h for s, many in aligned.items() if (h := _halo(many, shift)).width}
    if any(facts.extents[s].packed is not None for s in needs):
        return Misfit("it reads neighbouring rows, which have different lengths")
    copies = moved_out(copied(info, far, facts), facts)
    wraps = frozenset(s for s, many in aligned.items() if any(isinstance(h, Aligned) and h.near for _, h in many))
    if any(facts.extents[s].dimensions[0] != extent for s in wraps):
        return Misfit("it reads around the ends of an array that is shorter than others")
    pieced = any(is_pieced(a.subscripts[0]) for many in ours.values() for a in many)
    ends = tuple(apart), point
    if visiting is not None and (
        extent is None or scale != ONE or added or wraps or pieced or judged.located or judged.lasting
    ):
        return Misfit("the rows that it reads of other arrays do not follow its variable")
    return Fit(
        info.stmt.id,
        frozenset(ours),
        extent,
        shift,
        scale,
        needs,
        gathers,
        added,
        copies,
        *ends,
        wraps,
        pieced,
        visiting,
        packed[0] if packed is not None else None,
    )


def _results(
    info: LoopInfo, loop: CanonicalLoop, distributed: Set[Symbol], facts: Facts, plain: bool
) -> tuple[Sum, ...] | Misfit:
    """The arrays that a loop adds to, if all that it leaves behind can be put together again."""
    judged = facts.loop_facts[info.stmt.id]
    problem = (
        _unwritable_header(loop)
        or _untyped_reduction(info, facts)
        or unsuited_location(info, facts)
        or unsuited_last(info, facts)
        or unsuited_exit(info, facts)
    )
    if problem:
        return Misfit(problem)
    added = sums(info, facts)
    if isinstance(added, str):
        return Misfit(added)
    if problem := unsuited_scan(info, distributed, facts):
        return Misfit(problem)
    if plain and (added or judged.located or judged.scans or judged.lasting or judged.counter_lasts or judged.exit):
        return Misfit("it reduces more than scalars")
    shared = next((s for s in judged.work if plain or s in distributed), None)
    if shared is not None:
        return Misfit(f"every iteration needs all of '{shared}' to work in")
    divided = next((a.array for a in added if a.array in distributed), None)
    if divided is not None:
        return Misfit(f"every iteration may add to any row of '{divided}', so every rank needs all of it")
    return added


def _leaves_packed_row(touched: AlignedAccesses, facts: Facts) -> Symbol | None:
    """An array with rows of different lengths of which an iteration touches more than one row."""
    if all(isinstance(how, Flat) for many in touched.values() for _, how in many):
        return None
    for symbol, many in touched.items():
        if facts.extents[symbol].packed is not None:
            rows = {how for _, how in many}
            if len(rows) > 1 or not all(isinstance(h, Aligned) and h.least == h.most and not h.near for h in rows):
                return symbol
    return None


def _packed_words(ours: Set[Symbol], scale: Polynomial, facts: Facts) -> tuple[PackedRows, Polynomial] | Misfit | None:
    """The rows of different lengths that a loop over words goes through, and how many words they have."""
    found = {(facts.extents[s].packed, facts.extents[s].words) for s in ours}
    packed = [(rows, words) for rows, words in found if rows is not None]
    if scale == ONE or not packed:
        return None
    if len(found) > 1 or not fills(*packed[0]):
        return Misfit("it runs over the words of arrays with different rows, or beyond them")
    return packed[0]


def _visiting(aligned: AlignedAccesses, info: LoopInfo, facts: Facts) -> Visit | None:
    """How the rows that do not follow the loop's variable can visit every rank in turn."""
    far = [a for many in aligned.values() for a, how in many if how is None]
    found = visit(info, far, facts) if far else ""
    return None if isinstance(found, str) else found


def _parted(touched: AlignedAccesses, info: LoopInfo, facts: Facts) -> tuple[AlignedAccesses, list[Access]]:
    """The accesses that follow the loop's variable, and those that can read copies of rows."""
    far = [a for many in touched.values() for a, how in many if how is None and steady(a, info, facts, whenever=True)]
    near = {s: [(a, how) for a, how in many if a not in far] for s, many in touched.items()}
    return {s: many for s, many in near.items() if many}, far


@dataclass(frozen=True, slots=True)
class Rows:
    """Iteration i of a loop touches nothing of some arrays but row i + shift of the `extent` rows that they share."""

    extent: Polynomial
    shift: int
    scale: Polynomial


def aligned_rows(info: LoopInfo, arrays: Set[Symbol], facts: Facts) -> Rows | Misfit:
    """The rows of `arrays` that a loop's iterations touch, in order, whatever else the loop does."""
    loop = info.canonical
    if loop is None:
        return Misfit("it is not a counted loop")
    problem = _unwritable_header(loop)
    if problem:
        return Misfit(problem)
    accesses = facts.accesses_in(info.stmt.id)
    aligned = {s: [(a, alignment(a, info, facts)) for a in accesses.get(s, ())] for s in arrays}
    found = _shift(aligned)
    if isinstance(found, Misfit):
        return found
    shift, scale = found
    if any(isinstance(how, Aligned) and how != Aligned(shift, shift) for many in aligned.values() for _, how in many):
        return Misfit("one iteration touches several rows")
    extent = _common_extent([facts.extents[s] for s in arrays])
    if isinstance(extent, Misfit) or extent is None:
        return extent or Misfit("it touches no rows")
    if not covered(info, shift, extent * scale, {s: accesses.get(s, ()) for s in arrays}, facts):
        return Misfit(f"its range may reach beyond the {extent.text()} rows that are distributed")
    return Rows(extent, shift, scale)


def _relies(symbol: Symbol, accesses: tuple[Access, ...], facts: Facts) -> bool:
    """Whether the independence of iterations rests on an extent being large enough."""
    shape = facts.shapes.get(symbol)
    return shape is not None and bool(shape.assumed) and any(a.touch.write for a in accesses)


def requirements(found: Fit, facts: Facts) -> dict[Polynomial, int]:
    """The least values of inner extents on which a distributed loop rests."""
    shapes = [facts.shapes[s] for s in facts.accesses_in(found.loop) if s in facts.shapes]
    return strictest(dict(shape.assumed) for shape in shapes)


def _unwritable_header(loop: CanonicalLoop) -> str:
    if isinstance(loop.stmt, tree.BlockLoop):
        return ""
    if loop.stmt.in_macro or loop.is_fixed_text:
        return "a macro writes its bounds"
    if loop.step < -1 and isinstance(kind := loop.variable.type, tree.Scalar) and kind.is_unsigned:
        return "it runs downwards in steps, with an unsigned variable"
    return ""


def _untyped_reduction(info: LoopInfo, facts: Facts) -> str:
    for r in facts.loop_facts[info.stmt.id].reductions:
        kind = r.symbol.type
        if not isinstance(kind, tree.Scalar) or kind.name not in MPI_TYPES or kind.name in NO_REDUCTION:
            return f"MPI has no reduction for the type of '{r.symbol}'"
    return ""


AlignedAccesses = Mapping[Symbol, list[tuple[Access, Alignment]]]


def _shift(aligned: AlignedAccesses) -> tuple[int, Polynomial] | Misfit:
    """The row that an iteration belongs to, as its distance from the loop variable; and the scale."""
    everything = [(a, how) for many in aligned.values() for a, how in many]
    for access, how in everything:
        if how is None:
            name = access.touch.symbol.name
            return Misfit(f"the rows of '{name}' that it touches do not follow its variable")
    flat = {how.parts for _, how in everything if isinstance(how, Flat)}
    if flat:
        if len(flat) > 1 or any(isinstance(how, Aligned) for _, how in everything):
            return Misfit("it runs over the words of arrays with different rows")
        return 0, flat.pop()
    ranges = [(a, how) for a, how in everything if isinstance(how, Aligned)]
    written = {(how.least, how.most) for a, how in ranges if a.touch.write}
    if len(written) > 1 or any(least != most for least, most in written):
        return Misfit("one iteration writes to several rows")
    if written:
        return written.pop()[0], ONE
    least = min((how.least for _, how in ranges), default=0)
    most = max((how.most for _, how in ranges), default=0)
    return (0 if least <= 0 <= most else least if least > 0 else most), ONE


def _common_extent(extents: list[Extents]) -> Polynomial | Misfit | None:
    """The largest outermost extent, where all differ by numbers."""
    if not extents:
        return None
    best = extents[0].dimensions[0]
    for e in extents[1:]:
        difference = (e.dimensions[0] - best).constant
        if difference is None:
            return Misfit(f"it touches arrays of {best.text()} and of {e.dimensions[0].text()} rows")
        best = e.dimensions[0] if difference > 0 else best
    return best


def _halo(many: list[tuple[Access, Alignment]], shift: int) -> Halo:
    halo = Halo()
    for access, how in many:
        if access.touch.read and isinstance(how, Aligned):
            halo = halo.union(Halo(max(0, shift - how.least), max(0, how.most - shift)))
    return halo


def _gathers(
    info: LoopInfo,
    accesses: Mapping[Symbol, tuple[Access, ...]],
    distributed: Set[Symbol],
    scale: Polynomial,
    facts: Facts,
    plain: bool,
) -> tuple[Gather, ...] | Misfit:
    found = []
    for symbol, many in accesses.items():
        writes = [a for a in many if a.touch.write]
        private = info.stmt.id in facts.touches.scopes.get(symbol, ()) or symbol in facts.loop_facts[info.stmt.id].work
        if symbol in distributed or not writes or private or not facts.arrays.is_tracked(symbol):
            continue
        gather = _gather(symbol, writes, info, scale, facts, plain)
        if isinstance(gather, Misfit):
            return gather
        found.append(gather)
    if found and info.canonical is not None and (info.canonical.lower is None or info.canonical.upper is None):
        return Misfit("its range is not known")
    return tuple(found)


def _gather(
    symbol: Symbol, writes: list[Access], info: LoopInfo, scale: Polynomial, facts: Facts, plain: bool
) -> Gather | Misfit:
    hows = {alignment(a, info, facts) for a in writes}
    how = hows.pop() if len(hows) == 1 else None
    extents = facts.extents.get(symbol)
    element = extents.element.name if extents else ""
    if facts.arrays.declared[symbol].rows is not None:
        return Misfit(f"the rows of '{symbol}' are reached by pointers: they cannot be gathered at once")
    if symbol in facts.program.led_into:
        return Misfit(f"pointers that '{symbol}' holds, or that lead into it, are no other rank's")
    if isinstance(how, Flat) and scale == ONE and extents is not None and element in MPI_TYPES:
        return _inside(Gather(symbol, 0, how.words), extents.words.divided(how.words)[0], info, facts)
    if extents is not None and extents.packed is not None:
        return Misfit(f"the rows of '{symbol}' have different lengths, and every rank would need them all")
    if not isinstance(how, Aligned) or how.least != how.most:
        beside = columns(symbol, writes, info, facts) if how is None and not plain and element in MPI_TYPES else None
        if beside is not None and extents is not None and scale == ONE:
            return _nameable(Gather(symbol, beside.offset, extents.inner_words(beside.dimension), beside), facts)
        return Misfit(f"what it writes to '{symbol}' does not follow its variable")
    if scale != ONE:
        return Misfit(f"'{symbol}' is written by rows, other arrays by words")
    if element not in MPI_TYPES or extents is None:
        return Misfit(f"the size of '{symbol}' is not known")
    return _inside(Gather(symbol, how.least, extents.row_words), extents.dimensions[0], info, facts)


def _inside(gather: Gather, rows: Polynomial, info: LoopInfo, facts: Facts) -> Gather | Misfit:
    """The gather, if the loop's whole range lies inside the array and the array's sizes can be named after it."""
    if not covered(info, gather.offset, rows, facts.accesses_in(info.stmt.id), facts):
        return Misfit(f"its range may reach beyond '{gather.array}', which is written under a condition")
    return gather if gather.unit.constant is not None else _nameable(gather, facts)


def _nameable(gather: Gather, facts: Facts) -> Gather | Misfit:
    """The gather, if the sizes of its array can be named after the loop."""
    problem = changing_size(gather.array, facts)
    return Misfit(problem) if problem else gather
