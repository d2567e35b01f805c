"""What ends a simulation early."""

from __future__ import annotations


class Unsupported(Exception):
    """Something that the simulation has no model of: its result is then unknown. `line` is 0 where it is not known."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.what, self.line = what, line


class OutOfBudget(Exception):
    """The time or the memory allowed is used up."""


class Fault(Exception):
    """The program does something that C or MPI does not allow.

    `line` is 0 and `rank` -1 where only the caller knows them; `state` says what every rank was
    doing, where it matters.
    """

    def __init__(self, message: str, line: int = 0, rank: int = -1, state: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.line, self.rank, self.state = message, line, rank, state


class Exit(Exception):
    """The program ends by itself: `exit`, `abort`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Abort(Exit):
    """MPI_Abort: all ranks end."""
