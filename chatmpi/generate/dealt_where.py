"""Where a partition's variables are defined: before the first statement that needs them, where its sizes are known.

That is a statement of main, as a rule: the allocation, or the call of the function that allocates. Where this function
finds the sizes itself (it reads them from the command line), it is the first allocation in its own text.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import takewhile

from chatmpi.analysis import tree
from chatmpi.analysis.touches import ScalarTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Blocks, Layout
from chatmpi.plan.candidates import making_statement
from chatmpi.plan.used_part import first_use


def first_statement(blocks: Blocks, layout: Layout) -> int | None:
    """The statement before which the block's variables are defined; None for main's start. Raises Uneditable."""
    if blocks.used:
        place = first_use(frozenset(blocks.arrays), layout.facts)
        assert place is not None
        return layout.in_main(place)
    found = [making_statement(s, layout.facts) for s in blocks.arrays]
    made = {s: m for s, m in zip(blocks.arrays, found, strict=True) if m is not None}
    if len(made) < len(blocks.arrays):
        return None
    places = {s: _in_main(s, m, layout) for s, m in made.items()}
    late = [s for s, place in places.items() if place != made[s] and _finds_size(s, place, layout) is not None]
    return _in_function(made, late[0], layout) if late else min(places.values())


def found_inside(blocks: Blocks, layout: Layout) -> int | None:
    """That statement where it stands in a function other than main."""
    place = first_statement(blocks, layout)
    return None if place is None or layout.in_main(place) == place else place


def _in_main(symbol: Symbol, made: int, layout: Layout) -> int:
    """The statement of main in which an array is made, with all loops around it."""
    facts = layout.facts
    if not facts.arrays.allocations[symbol].loops:
        return layout.in_main(made)
    return next(s.id for s in facts.function.body.body if any(n.id == made for n in tree.statements(s)))


def _finds_size(symbol: Symbol, place: int, layout: Layout) -> tree.Node | None:
    """Where a statement in which an array is made, a call or a loop perhaps, or one behind it, finds out its size; None
    if it can be dealt out before."""
    facts = layout.facts
    sizes = {s for d in facts.extents[symbol].dimensions for s in d.symbols}
    for t in facts.touches.items[_begin(place, layout) :]:
        if isinstance(t, ScalarTouch) and t.write and t.symbol in sizes:
            return t.node
    return None


def _begin(place: int, layout: Layout) -> int:
    """The position among the touches at which a statement begins, with what it calls."""
    facts = layout.facts
    inside = {i for s in facts.scopes if s.call == place for i in s.statements}
    return min(facts.touches.ranges[i][0] for i in {place, *inside} if i in facts.touches.ranges)


def _in_function(made: Mapping[Symbol, int], late: Symbol, layout: Layout) -> int:
    """The statement in which the first array is made, in the outermost function that knows the sizes: a step that
    control surely comes to, once, on its way to the others. `late`: an array whose size main does not know in time."""
    steps = {s.id for f in layout.facts.written.functions for s in f.body.body}
    way = _way_to(min(made.values(), key=partial(_begin, layout=layout)), layout)
    inner = list(takewhile(steps.__contains__, way))[1:]
    for place in inner:
        if all(_finds_size(s, place, layout) is None for s in made):
            return place
    node = _finds_size(late, layout.in_main(made[late]), layout)
    raise Uneditable("its size is only known in the function that makes it", node or layout.main, array=late)


def _way_to(statement: int, layout: Layout) -> list[int]:
    """The statements that lead to one from main: calls, and itself."""
    found = [statement]
    while (scope := next((s for s in reversed(layout.facts.scopes) if found[0] in s.statements), None)) is not None:
        found.insert(0, scope.call)
    return found
