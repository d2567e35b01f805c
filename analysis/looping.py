"""Functions that loop: a call of one takes a time that the call does not show."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.loops import Loop


def looping(program: tree.Program) -> frozenset[str]:
    """The names of the program's functions that loop, themselves or in what they call."""
    calls = {f.symbol.name: {n.name for n in tree.walk(f.body) if isinstance(n, tree.Call)} for f in program.functions}
    found = {f.symbol.name for f in program.functions if any(isinstance(n, Loop) for n in tree.walk(f.body))}
    while True:
        more = {name for name, called in calls.items() if called & found} - found
        if not more:
            return frozenset(found)
        found |= more
