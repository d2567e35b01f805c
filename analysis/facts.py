"""Everything that the analysis knows of a program, computed once: the input of every decision and proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import Effects, summarise
from chatmpi.analysis.calls.expansion import Expansion, Scope, expand
from chatmpi.analysis.calls.selecting import selecting
from chatmpi.analysis.flow import Point, live_after
from chatmpi.analysis.iterations.parallel import Judge, LoopFacts, judge
from chatmpi.analysis.iterations.strided import strided
from chatmpi.analysis.loops import LoopInfo, LoopTable, canonical, loop_nests, written_in
from chatmpi.analysis.lowering.asserted_memory import asserted_memory
from chatmpi.analysis.lowering.coalesced_pointers import by_what_holds
from chatmpi.analysis.lowering.frees import plain_frees
from chatmpi.analysis.lowering.lowerings import lowered
from chatmpi.analysis.lowering.mentions import without_mentions
from chatmpi.analysis.lowering.moved_pointers import by_their_own_names
from chatmpi.analysis.lowering.pointer_vectors import with_numbers
from chatmpi.analysis.lowering.switches import chained_switches
from chatmpi.analysis.lowering.zeroed_structs import zeroed_structs
from chatmpi.analysis.memory.appended import Appended, find_appended
from chatmpi.analysis.memory.arrays import Arrays, find_arrays
from chatmpi.analysis.memory.compressed import Compressed, find_compressed
from chatmpi.analysis.memory.entries import Seen, are_settled
from chatmpi.analysis.memory.extents import Extents, find_extents, fits_in
from chatmpi.analysis.memory.known_objects import known_objects
from chatmpi.analysis.memory.leaks import leaks
from chatmpi.analysis.memory.over_rows import Rows, in_declared_rows, staying_in_rows
from chatmpi.analysis.memory.packed_rows import packed, symbols_of
from chatmpi.analysis.memory.rooms import has_rooms, touched_when_empty
from chatmpi.analysis.memory.shared_shapes import Reached, with_shared_shapes
from chatmpi.analysis.memory.struct_values import with_plain_lists
from chatmpi.analysis.memory.subscripts import ONE_DIMENSION, Access, Shape, as_they_are, delinearise, own_subscripts
from chatmpi.analysis.numbers.constants import held_values
from chatmpi.analysis.numbers.naming import namings, numbers_of_macros, steady_variables
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.tables import number_tables
from chatmpi.analysis.numbers.values import Naming, polynomial
from chatmpi.analysis.outside.inputs import Input, input_statements, reads_more
from chatmpi.analysis.outside.streams import Streams, find_streams
from chatmpi.analysis.outside.times import own_values, timings
from chatmpi.analysis.scopes import shadowed_names
from chatmpi.analysis.touches import ElementTouch, ScalarTouch, Touches, touches
from chatmpi.analysis.tree import Symbol


@dataclass(frozen=True)
class Facts:
    """`function` is the one analysed: main, with the helper functions that it calls in it. `program` has these in main
    only; `written` has all functions as they stand in the text, and `scopes` tells which of them are read in main.
    `namings` by outermost loop; `accesses` by the touch's id;
    `shapes` of the arrays whose subscripts were split; `shadowed` names mean different variables in different
    places, so that no text with them can be put anywhere; `headers` are the statements that start a for.
    `inputs`: statements that read standard input, on one rank; `input_shared`: it is read elsewhere too. `appended`,
    `compressed`: entries that each rank may keep for itself. `timings`: arrays of times, of which every rank has its
    own."""

    program: tree.Program
    written: tree.Program
    scopes: tuple[Scope, ...]
    function: tree.Function
    touches: Touches
    summaries: dict[str, Effects]
    naming: Naming
    namings: Mapping[int, Naming]
    loops: LoopTable
    arrays: Arrays
    accesses: Mapping[int, Access]
    shapes: Mapping[Symbol, Shape]
    extents: Mapping[Symbol, Extents]
    loop_facts: Mapping[int, LoopFacts]
    live: Mapping[Point, frozenset[Symbol]]
    unstable: frozenset[Symbol]
    shadowed: frozenset[str]
    headers: frozenset[int]
    streams: Streams
    timings: frozenset[Symbol]
    inputs: Mapping[int, Input]
    input_shared: bool = False
    appended: tuple[Appended, ...] = ()
    compressed: tuple[Compressed, ...] = ()

    @property
    def kept_apart(self) -> tuple[Appended | Compressed, ...]:
        """All entries that each rank may keep for itself."""
        return (*self.appended, *self.compressed)

    def apart_in(self, loop: int) -> frozenset[Symbol]:
        """The variables and arrays of which each rank has its own where it runs its iterations of a loop."""
        return _apart_in(loop, self.kept_apart)

    def naming_at(self, loops: tuple[int, ...]) -> Naming:
        """How names are read inside these loops (outermost first)."""
        return self.namings[loops[0]] if loops else self.naming

    def place_of_row(self, symbol: Symbol) -> int:
        """Which subscript in the text tells the row: the first, or that of the element in a few vectors."""
        rows = self.arrays.declared[symbol].rows if symbol in self.arrays.declared else None
        return -1 if rows is not None and rows.vectors else 0

    def accesses_in(self, statement: int) -> dict[Symbol, tuple[Access, ...]]:
        """The accesses of a statement and all below it, by array."""
        found: dict[Symbol, list[Access]] = {}
        for t in self.touches.of(statement):
            if isinstance(t, ElementTouch) and id(t) in self.accesses:
                found.setdefault(t.symbol, []).append(self.accesses[id(t)])
        return {s: tuple(many) for s, many in found.items()}


def _apart_in(loop: int, kept: tuple[Appended | Compressed, ...]) -> frozenset[Symbol]:
    return frozenset(s for a in kept if loop in a.loops for s in a.apart)


def analyze(
    written: tree.Program, expanding: bool = True, appending: bool = False, coalescing: bool = True
) -> Facts | None:
    """The facts about a program's main function; None if it has none. Without `expanding`, calls stay calls, those of
    memcpy and its like too. With `appending`, each rank may have its own entries of what loops append or put into
    compressed rows. Without `coalescing`, pointers that take over others' memory keep their names."""
    seen = with_plain_lists(known_objects(plain_frees(zeroed_structs(without_mentions(asserted_memory(written))))))
    expansion = expand(chained_switches(seen)) if expanding else Expansion(seen, ())
    program = lowered(expansion.program, blocks=expanding, structs=expanding, coalescing=coalescing)
    function = program.function("main")
    if function is None:
        return None
    defined = frozenset(f.symbol.name for f in program.functions)
    every = {f.symbol.name: touches(f.body, defined) for f in program.functions}
    summaries = summarise(program, every)
    touched = every["main"]
    leaking = leaks(program, "main", every)
    own = own_values(function.body, summaries)
    timed = timings(function.body, own, touched, summaries)
    unstable = frozenset(t.symbol for t in touched.items if isinstance(t, ScalarTouch) and t.write and t.update is None)
    unstable |= leaking.keys()
    steady = steady_variables(program, every, unstable)
    live = live_after(function.body, touched)
    top, inside = namings(function.body, touched, summaries, unstable, steady, live, number_tables(program, every))
    loops = _loop_table(function, touched, summaries, unstable, inside)
    own_times = dict.fromkeys(timed, "it holds times, and every rank has its own")
    arrays = find_arrays(program, function, touched, summaries, own_times | dict(leaking))
    flat = find_extents(arrays, {}, top, inside)
    vectors = frozenset(s for s, v in arrays.declared.items() if v.rows is not None and v.rows.vectors)
    numbers = with_numbers(Naming(), program) if vectors else Naming()
    adjoining = frozenset(s for s, v in arrays.declared.items() if v.rows is not None and v.rows.in_blocks)
    seen_whole = Seen(function, touched, loops, arrays, {}, summaries, unstable)
    rows = DeclaredRows(Vectors(vectors, numbers), adjoining, numbers_of_macros(program))
    shapes, accesses = _accesses(touched, loops, top, inside, flat, rows, seen_whole)
    extents = _used_extents(find_extents(arrays, shapes, top, inside), arrays, accesses, loops, inside)
    inputs = input_statements(function.body, touched, summaries)
    shared = reads_more(program, inputs.values(), touched)
    held = held_values(function.body, touched, summaries, unstable)
    seen_whole = replace(seen_whole, accesses=accesses)
    appended = find_appended(seen_whole) if appending else ()
    compressed = find_compressed(seen_whole) if appending else ()
    apart = {i: _apart_in(i, (*appended, *compressed)) for i in loops}
    judged = judge(
        Judge(
            touched,
            summaries,
            loops,
            arrays,
            accesses,
            live,
            inside,
            unstable,
            held,
            selecting(program),
            extents,
            apart,
            own,
        )
    )
    loops = {i: judged[i].info for i in loops}
    return Facts(
        program=program,
        written=written,
        scopes=by_what_holds(by_their_own_names(expansion.scopes, program), program),
        function=function,
        touches=touched,
        summaries=summaries,
        naming=top,
        namings=inside,
        loops=loops,
        arrays=arrays,
        accesses=accesses,
        shapes=shapes,
        extents=extents,
        loop_facts=judged,
        live=live,
        unstable=unstable,
        shadowed=shadowed_names(program, function),
        headers=frozenset(
            s.init.id for s in tree.statements(function.body) if isinstance(s, tree.For) and s.init is not None
        ),
        streams=find_streams(program),
        timings=timed,
        inputs={} if shared else inputs,
        input_shared=shared,
        appended=appended,
        compressed=compressed,
    )


def _used_extents(
    found: dict[Symbol, Extents],
    arrays: Arrays,
    accesses: Mapping[int, Access],
    loops: LoopTable,
    inside: Mapping[int, Naming],
) -> dict[Symbol, Extents]:
    """The extents without those of arrays that have room for an element more when they have none, and may use it."""
    lost = [
        s
        for s, e in found.items()
        if has_rooms(arrays.allocations[s].call)
        and touched_when_empty(s, e.words, accesses.values(), arrays, loops, inside)
    ]
    return {s: e for s, e in found.items() if s not in lost}


def _loop_table(
    function: tree.Function,
    touched: Touches,
    summaries: dict[str, Effects],
    unstable: frozenset[Symbol],
    inside: Mapping[int, Naming],
) -> LoopTable:
    table: dict[int, LoopInfo] = {}
    for s, around in loop_nests(function.body):
        form = None
        if isinstance(s, tree.For):
            reading = (s, touched, summaries, unstable, inside[around[0]])
            form = canonical(*reading) or strided(*reading)
        table[s.id] = LoopInfo(s, form, written_in(s, touched, summaries) | unstable, around)
    return table


@dataclass(frozen=True)
class Vectors:
    """Arrays that are a few vectors; `numbers` reads the names of single ones as the numbers that they stand for."""

    symbols: frozenset[Symbol]
    numbers: Naming

    def number(self, touch: ElementTouch, value: Polynomial | None) -> Polynomial | None:
        known = polynomial(touch.subscripts[0], self.numbers)
        return known if known is not None and known.constant is not None else value


@dataclass(frozen=True)
class DeclaredRows:
    """What is known of the rows of arrays that are declared with more than one size; those of `adjoining` arrays lie
    one behind the other in one block. `numbers`: what macros stand for."""

    vectors: Vectors
    adjoining: frozenset[Symbol]
    numbers: Mapping[str, int]


def _of_vectors(
    several: list[tuple[ElementTouch, tuple[Polynomial | None, ...], Naming]], length: Polynomial, loops: LoopTable
) -> tuple[Shape, tuple[Access, ...]]:
    """The shape of each of a few vectors, and the accesses to these: where in the vector, then which vector it is."""
    linear = [(t, subscripts[1], naming) for t, subscripts, naming in several]
    shape, accesses = delinearise(linear, loops)
    if not fits_in(length, shape):
        shape, accesses = ONE_DIMENSION, as_they_are(linear)
    numbers = [subscripts[0] for _, subscripts, _ in several]
    placed = zip(accesses, numbers, strict=True)
    return shape, tuple(replace(a, subscripts=(*a.subscripts, which)) for a, which in placed)


def _first(touches_of_one: Sequence[tuple[ElementTouch, object, object]], seen: Seen) -> int:
    """Where the first of some touches may come, among all touches: at the beginning of the loop that is around it."""
    index = {id(t): k for k, t in enumerate(seen.touches.items)}
    return min(
        seen.touches.ranges[t.context.loops[0]][0] if t.context.loops else index[id(t)] for t, _, _ in touches_of_one
    )


def _accesses(
    touched: Touches,
    loops: LoopTable,
    top: Naming,
    inside: Mapping[int, Naming],
    flat: Mapping[Symbol, Extents],
    rows: DeclaredRows,
    seen: Seen,
) -> tuple[dict[Symbol, Shape], dict[int, Access]]:
    """The shapes of arrays, and all accesses; of vectors the element comes first, and which vector it is, last."""
    vectors = rows.vectors
    by_symbol: dict[Symbol, list[tuple[ElementTouch, Naming]]] = {}
    for t in touched.items:
        if isinstance(t, ElementTouch):
            naming = inside[t.context.loops[0]] if t.context.loops else top
            by_symbol.setdefault(t.symbol, []).append((t, naming))
    shapes: dict[Symbol, Shape] = {}
    found: dict[int, Access] = {}
    reached: dict[Symbol, tuple[Access, ...]] = {}
    asked: dict[Symbol, Shape] = {}
    for symbol, many in by_symbol.items():
        several = [(t, own_subscripts(t, naming), naming) for t, naming in many]
        if all(len(subscripts) == 1 for _, subscripts, _ in several):
            linear = [(t, s[0], naming) for t, s, naming in several]
            shapes[symbol], accesses = delinearise(linear, loops)
            if symbol in flat and not fits_in(flat[symbol].words, shapes[symbol]):
                shapes[symbol], accesses = ONE_DIMENSION, as_they_are(linear)
            words = flat[symbol].words if symbol in flat else None
            triangle = packed(linear, words, loops) if shapes[symbol] == ONE_DIMENSION else None
            if triangle is not None and are_settled(symbols_of(triangle[0]), _first(several, seen), seen):
                shapes[symbol], accesses = replace(ONE_DIMENSION, packed=triangle[0]), triangle[1]
            reached[symbol] = accesses
        else:
            if symbol in vectors.symbols:
                several = [(t, (vectors.number(t, s[0]), *s[1:]), naming) for t, s, naming in several]
                if symbol in flat and all(len(subscripts) == 2 for _, subscripts, _ in several):
                    shapes[symbol], accesses = _of_vectors(several, flat[symbol].dimensions[0], loops)
                    found |= {id(a.touch): a for a in accesses}
                    continue
                several = [(t, (*subscripts[1:], subscripts[0]), naming) for t, subscripts, naming in several]
            depth = max(len(subscripts) for _, subscripts, _ in several)
            accesses = tuple(Access(t, None, s if len(s) == depth else (None,) * depth) for t, s, _ in several)
            if symbol in flat and len(flat[symbol].dimensions) == depth:
                sizes = flat[symbol].dimensions
                placed = zip(accesses, (naming for _, _, naming in several), strict=True)
                if symbol in rows.adjoining:
                    assumed: dict[Polynomial, int] = {}
                    accesses = tuple(staying_in_rows(a, sizes, naming, loops, assumed) for a, naming in placed)
                    asked[symbol] = replace(ONE_DIMENSION, assumed=tuple(assumed.items()))
                else:
                    declared = Rows(sizes, rows.numbers)
                    accesses = tuple(in_declared_rows(a, declared, naming, loops) for a, naming in placed)
        found |= {id(a.touch): a for a in accesses}
    shared = with_shared_shapes(Reached(shapes, reached), {s: e.words for s, e in flat.items()}, loops)
    found |= {id(a.touch): a for many in shared.accesses.values() for a in many}
    return {**shared.shapes, **asked}, found
