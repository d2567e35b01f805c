"""What is known of the variables of the loops around a loop, in each run of it: each lies in its loop's range."""

from __future__ import annotations

from chatmpi.analysis.loops import CanonicalLoop, LoopInfo, LoopTable, reads_memory
from chatmpi.analysis.numbers.domains import Space
from chatmpi.analysis.numbers.polynomial import variable


def outer_ranges(info: LoopInfo, loops: LoopTable, space: Space) -> list[str]:
    """Formulas for those variables that formulas speak of already: more parameters would only cost time."""
    found = []
    for i in reversed(info.around[:-1]):
        loop = loops[i].counted
        if loop is not None and (variable(loop.variable),) in space.parameters.names:
            found += _range(loop, loops[i], space)
    return found


def _range(loop: CanonicalLoop, info: LoopInfo, space: Space) -> list[str]:
    name = space.parameters.names[(variable(loop.variable),)]
    lower, upper = loop.lower, loop.upper
    steady = not reads_memory(loop.start) and not reads_memory(loop.bound)
    found = []
    if lower is not None and steady and not lower.symbols & info.written and (low := space.affine(lower)) is not None:
        found.append(f"{low} <= {name}")
    if upper is not None and steady and not upper.symbols & info.written and (high := space.affine(upper)) is not None:
        found.append(f"{name} < {high}")
    return found
