"""Blocks that visit every rank in turn: where a loop reads all rows of a divided array, and nobody is to hold it whole.

    for each turn                              a rank's block is broadcast
        for (i, own rows)                      the loop
            for (j …)                          the path
                first statements               in the first turn
                for (k, rows of the block)     the visited loop
                last statements                in the last turn

The rows come in order, so that what the visited loop adds up is added up as in the sequential program. Between turns
it is carried in memory of its own. That the order of all else does not matter is what the loops of the path, which
must be parallel, are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.domains import Parameters, Space, holds_nowhere
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, of_atom, variable
from chatmpi.analysis.touches import ElementTouch, ScalarTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.coverage import covered
from chatmpi.plan.freshness import swapped_in


@dataclass(frozen=True, slots=True)
class Visit:
    """`loops` run through visiting rows, one after the other: iteration k reads row k + `offsets`[its place] by
    `accesses`. `path`: the loops between, outermost first. `first`, `last`: the statements of these two turns alone.
    `carried`: what goes on from turn to turn, a value for each iteration of the loop and its path; `each`: at most how
    many there are for one iteration of the loop."""

    loops: tuple[int, ...]
    offsets: tuple[int, ...]
    accesses: tuple[Access, ...]
    path: tuple[int, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    carried: tuple[Symbol, ...]
    each: Polynomial

    @property
    def arrays(self) -> tuple[Symbol, ...]:
        return tuple(sorted({a.touch.symbol for a in self.accesses}, key=lambda s: s.uid))


@dataclass(frozen=True, slots=True)
class _Nest:
    """What stands around the visited loops: `before` and `after` them, on all levels."""

    path: tuple[tree.For, ...]
    before: tuple[tree.Stmt, ...]
    visited: tuple[tree.For, ...]
    after: tuple[tree.Stmt, ...]


def visit(info: LoopInfo, far: Sequence[Access], facts: Facts) -> Visit | str:
    """How the rows that `far` accesses read can come to a parallel loop in turn; or why they cannot."""
    problem = next((p for a in far if (p := _unsuited(a, info, facts))), "")
    if problem:
        return problem
    followed = {id(a): _followed(a, info, facts) for a in far}
    if any(f is None for f in followed.values()):
        return "it reads rows that no loop inside it follows"
    offsets = {f for f in followed.values() if f is not None}
    wanted = {loop for loop, _ in offsets}
    if len(offsets) > len(wanted):
        return "one iteration inside it reads several visiting rows"
    nest = _nest(info, wanted, facts)
    if isinstance(nest, str):
        return nest
    offset = dict(offsets)
    if not all(_inside(s, offset[s.id], facts) for s in nest.visited):
        return "a loop inside it may run beyond the rows that visit it"
    if not all(_in_order(a, b, offset, facts) for a, b in zip(nest.visited, nest.visited[1:], strict=False)):
        return "two loops inside it read visiting rows in no common order"
    repeated = [s for s in nest.before if _sets_scalars(s, info, facts)]
    carried = _carried(info, nest, repeated, facts)
    if isinstance(carried, str):
        return carried
    each = _each(info, nest, facts) if carried else ONE
    if each is None:
        return "how many values are to be carried from turn to turn is not known"
    return Visit(
        loops=tuple(s.id for s in nest.visited),
        offsets=tuple(offset[s.id] for s in nest.visited),
        accesses=tuple(far),
        path=tuple(s.id for s in nest.path),
        first=tuple(s.id for s in nest.before if s not in repeated),
        last=tuple(s.id for s in nest.after),
        carried=carried,
        each=each,
    )


def _unsuited(access: Access, info: LoopInfo, facts: Facts) -> str:
    touch = access.touch
    name = touch.symbol.name
    rows = facts.arrays.declared[touch.symbol].rows
    if rows is not None and rows.depth > 1:
        return f"the rows in a plane of '{name}' are reached by pointers"
    if rows is not None and len(touch.subscripts) != 2:
        return f"a row of '{name}' is used as a whole"
    if not isinstance(touch.node, tree.Index) or touch.node.in_macro or not touch.subscripts:
        return f"the text of an element of '{name}' cannot be changed"
    if touch.write or touch.symbol in info.written or swapped_in(info.stmt.id, touch.symbol, facts):
        return f"'{name}' changes while its rows would visit"
    return ""


def _followed(access: Access, info: LoopInfo, facts: Facts) -> tuple[int, int] | None:
    """The outermost loop inside whose iteration k reads row k + number; and the number."""
    around = access.touch.context.loops
    row = access.subscripts[0]
    if row is None or info.stmt.id not in around:
        return None
    for i in around[around.index(info.stmt.id) + 1 :]:
        loop = facts.loops[i].canonical
        distance = None if loop is None else (row - of_atom(variable(loop.variable))).constant
        if loop is not None and loop.step == 1 and distance is not None and not loop.stmt.in_macro:
            return i, distance
    return None


def _nest(info: LoopInfo, wanted: set[int], facts: Facts) -> _Nest | str:
    path: list[tree.For] = []
    before: list[tree.Stmt] = []
    after: list[tree.Stmt] = []
    body: tree.Stmt = info.stmt.body
    while True:
        level = list(body.body) if isinstance(body, tree.Block) else [body]
        holding = [k for k, s in enumerate(level) if any(t.id in wanted for t in tree.statements(s))]
        first, past = holding[0], holding[-1] + 1
        visited = [s for s in level[first:past] if isinstance(s, tree.For) and s.id in wanted]
        before += level[:first]
        after = level[past:] + after
        if len(visited) == past - first:
            break
        inner = level[first]
        if len(holding) > 1 or not isinstance(inner, tree.For | tree.Block):
            return "the loops that read visiting rows stand apart, or under a condition"
        if isinstance(inner, tree.For):
            if inner.in_macro or isinstance(inner, tree.BlockLoop) or not _keeps_apart(inner.id, wanted, info, facts):
                return "a loop around what reads visiting rows must run in order"
            path.append(inner)
        body = inner.body if isinstance(inner, tree.For) else inner
    if len(visited) != len(wanted) or any(isinstance(s, tree.BlockLoop) for s in visited):
        return "loops that read visiting rows lie inside each other"
    jumps = (tree.Break, tree.Continue, tree.Return, tree.Leave, tree.UnknownStmt)
    if any(isinstance(t, jumps) or t.in_macro for s in (*before, *after) for t in tree.statements(s)):
        return "control flow beside the loops that read visiting rows"
    return _Nest(tuple(path), tuple(before), tuple(visited), tuple(after))


def _keeps_apart(loop: int, wanted: set[int], info: LoopInfo, facts: Facts) -> bool:
    """Whether the iterations of a loop of the path can be run in any order, as far as they touch visiting rows."""
    judged = facts.loop_facts[loop]
    if not judged.is_parallel or judged.located or judged.scans or judged.accumulated or judged.lasting:
        return False
    ours = {r.symbol for r in facts.loop_facts[info.stmt.id].reductions}
    reduced = {r.symbol for r in judged.reductions} - ours
    return not any(isinstance(t, ScalarTouch) and t.symbol in reduced for i in wanted for t in facts.touches.of(i))


def _inside(loop: tree.For, offset: int, facts: Facts) -> bool:
    """Whether every iteration belongs to a row of all arrays that it reads so."""
    info = facts.loops[loop.id]
    accesses = facts.accesses_in(loop.id)
    assert info.canonical is not None
    own = of_atom(variable(info.canonical.variable))
    rows = {
        facts.extents[s].dimensions[0]
        for s, many in accesses.items()
        for a in many
        if s in facts.extents and a.subscripts[0] is not None and (a.subscripts[0] - own).constant == offset
    }
    return bool(rows) and all(covered(info, offset, extent, accesses, facts) for extent in rows)


def _in_order(one: tree.For, other: tree.For, offset: dict[int, int], facts: Facts) -> bool:
    """Whether no row of the first loop comes behind a row of the second."""
    a, b = facts.loops[one.id], facts.loops[other.id]
    assert a.canonical is not None
    assert b.canonical is not None
    parameters = Parameters()
    naming = facts.naming_at(a.around)
    here = Space({variable(a.canonical.variable): "x"}, parameters, frozenset(), naming)
    there = Space({variable(b.canonical.variable): "y"}, parameters, frozenset(), naming)
    wrong = f"x + {offset[one.id]} > y + {offset[other.id]}"
    holds = [here.range(a.canonical), there.range(b.canonical), wrong]
    return holds_nowhere(parameters, ["x", "y"], holds)


# ------------------------------------------------------------------------------------------------------- values


def _scalars(statements: Sequence[tree.Stmt], facts: Facts) -> Iterator[ScalarTouch]:
    for s in statements:
        yield from (t for t in facts.touches.of(s.id) if isinstance(t, ScalarTouch))


def _sets_scalars(s: tree.Stmt, info: LoopInfo, facts: Facts) -> bool:
    """Whether a statement only sets variables of one iteration: it can be executed in every turn."""
    if not isinstance(s, tree.Declaration | tree.ExprStmt):
        return False
    touches = facts.touches.of(s.id)
    written = {t.symbol for t in touches if isinstance(t, ScalarTouch) and t.write}
    ours = {r.symbol for r in facts.loop_facts[info.stmt.id].reductions}
    elements = any(isinstance(t, ElementTouch) and t.write for t in touches)
    return not elements and not written & ours and (bool(written) or isinstance(s, tree.Declaration))


def _carried(info: LoopInfo, nest: _Nest, repeated: Sequence[tree.Stmt], facts: Facts) -> tuple[Symbol, ...] | str:
    """The variables whose values go on from turn to turn."""
    declared = [v for s in nest.before if isinstance(s, tree.Declaration) for v in s.variables]
    if any(isinstance(v.symbol.type, tree.Array) for v in declared):
        return "every iteration has an array of its own"
    ours = {r.symbol for r in facts.loop_facts[info.stmt.id].reductions}
    settled = ours | _counters(info, facts)
    carried: list[Symbol] = []
    for t in _scalars(nest.visited, facts):
        if t.write and t.symbol not in settled and t.symbol not in carried and not _is_own(t.symbol, nest, facts):
            carried.append(t.symbol)
    once = [s for s in nest.before if s not in repeated]
    elsewhere = [s for s in (*nest.visited, *nest.after, *nest.path) if s not in nest.path]
    for s in once:
        others = {t.symbol for o in (*nest.before, *elsewhere) if o is not s for t in _scalars([o], facts)}
        if any(t.write and t.symbol in others - settled for t in _scalars([s], facts)):
            return "a value of the first turn would be needed in later ones"
    set_before = {t.symbol for t in _scalars(repeated, facts) if t.write}
    if any(s not in set_before or not isinstance(s.type, tree.Scalar) for s in carried):
        return "what a loop inside it leaves to the next is not set before"
    bounds = {s for i in (*nest.path, *nest.visited) for s in _header_symbols(facts.loops[i.id])}
    if bounds & (set(carried) | {t.symbol for t in _scalars(nest.after, facts) if t.write}):
        return "how far a loop inside it runs changes from turn to turn"
    changing = _written_arrays(info, facts)
    for s in repeated:
        written = {t.symbol for t in _scalars([s], facts) if t.write}
        if written <= set(carried):
            continue
        read = {t.symbol for t in _scalars([s], facts) if t.read}
        moving = (
            set(carried) | {t.symbol for t in _scalars([*nest.visited, *nest.after, *once], facts) if t.write} - settled
        )
        if read & moving or any(isinstance(t, ElementTouch) and t.symbol in changing for t in facts.touches.of(s.id)):
            return "a value that is set anew in every turn would not be the same"
    headers = [i for i in (*nest.path, *nest.visited) if _reads_arrays(facts.loops[i.id], changing)]
    return "how far a loop inside it runs changes from turn to turn" if headers else tuple(carried)


def _counters(info: LoopInfo, facts: Facts) -> set[Symbol]:
    """Variables that only count loops: none is looked at behind its loop."""
    loops = [x for x in facts.loops.values() if info.stmt.id in x.around]
    counting = {x.canonical.variable for x in loops if x.canonical is not None}
    left = {
        x.canonical.variable
        for x in loops
        if x.canonical is not None
        and (
            facts.loop_facts[x.stmt.id].counter_lasts
            or any(b.variable == x.canonical.variable.name for b in facts.loop_facts[x.stmt.id].blockers)
        )
    }
    set_otherwise = {
        t.symbol
        for t in facts.touches.of(info.stmt.id)
        if isinstance(t, ScalarTouch) and t.write and t.symbol in counting and not _steps_a_loop(t, facts)
    }
    return counting - left - set_otherwise


def _steps_a_loop(t: ScalarTouch, facts: Facts) -> bool:
    """Whether a touch is by the header of a loop that the variable counts."""
    for x in facts.loops.values():
        if x.canonical is not None and x.canonical.variable == t.symbol and isinstance(x.stmt, tree.For):
            header = [n for part in (x.stmt.init, x.stmt.step) if part is not None for n in tree.walk(part)]
            if any(n is t.node or n is t.update for n in header):
                return True
    return False


def _is_own(symbol: Symbol, nest: _Nest, facts: Facts) -> bool:
    """Whether no value of a variable goes from one iteration of a visited loop to another, or beyond."""
    for s in nest.visited:
        touched = any(t.symbol == symbol and t.write for t in _scalars([s], facts))
        scoped = s.id in facts.touches.scopes.get(symbol, ())
        if touched and not scoped and symbol not in facts.loop_facts[s.id].private:
            return False
    return True


def _header_symbols(info: LoopInfo) -> set[Symbol]:
    loop = info.canonical
    if loop is None:
        return set()
    return {n.symbol for e in (loop.start, loop.bound) for n in tree.walk(e) if isinstance(n, tree.Name)}


def _reads_arrays(info: LoopInfo, arrays: set[Symbol]) -> bool:
    return bool(_header_symbols(info) & arrays)


def _written_arrays(info: LoopInfo, facts: Facts) -> set[Symbol]:
    return {t.symbol for t in facts.touches.of(info.stmt.id) if isinstance(t, ElementTouch) and t.write}


def _each(info: LoopInfo, nest: _Nest, facts: Facts) -> Polynomial | None:
    """How many iterations the path has for one of the loop, if that is the same for all."""
    total = ONE
    for s in nest.path:
        loop = facts.loops[s.id].canonical
        if loop is None or loop.lower is None or loop.upper is None or abs(loop.step) != 1:
            return None
        trips = loop.upper - loop.lower
        if trips.symbols & info.written or any(x.name in facts.shadowed for x in trips.symbols):
            return None
        total = total * trips
    return total
