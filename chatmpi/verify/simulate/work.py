"""What simulations do, counted in operations instead of timed: a verdict is then the same on every machine.

An operation is about one node of a C expression or statement that is run. `PER_SECOND` makes a number of them of a time
that people can imagine; a processor of today does somewhat more.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.verify.simulate.errors import OutOfBudget

PER_SECOND = 7_000_000
OF_A_CALL = 200  # of MPI
OF_A_START = 2_000  # of a rank
OF_A_TERM = 40  # that is new
BYTES_OF_MEMORY = 64  # that is allocated and takes one
BYTES_OF_A_CELL = 8  # of a structure, whose layout has each
_OF_A_CHARACTER = 100  # of a program that is parsed, and written as Python
_OF_A_LIBRARY_CALL = 50
_LOOPS = (tree.For, tree.While, tree.DoWhile)


@dataclass
class Work:
    """All that was done for one verdict."""

    done: int = 0

    def read(self, text: str) -> None:
        """Count a program that is parsed, and written as Python."""
        self.done += _OF_A_CHARACTER * len(text)


@dataclass(frozen=True)
class Limits:
    """A run is given up when so much work was done in all. `joined_rows`: a subscript may go on from one row of an
    array into the next, as compilers have it; else it is out of bounds there, as C has it."""

    work: Work
    most: int
    joined_rows: bool = False

    def spend(self, operations: int) -> None:
        """Raises OutOfBudget."""
        self.work.done += operations
        if self.work.done > self.most:
            raise OutOfBudget

    @property
    def is_reached(self) -> bool:
        return self.work.done > self.most


def in_words(count: int) -> str:
    return f"{count / 1e6:.3g} million operations"


def operations(node: tree.Node | None) -> int:
    """Of running a statement or an expression once, without the loops in it, with all of its branches."""
    if node is None:
        return 0
    own = _OF_A_LIBRARY_CALL if isinstance(node, tree.Call) else 1
    inner = (child for child in tree.children(node) if not isinstance(child, _LOOPS))
    return own + sum(map(operations, inner))
