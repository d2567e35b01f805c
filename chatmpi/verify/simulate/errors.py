"""What ends a simulation early."""

from __future__ import annotations

from enum import StrEnum


class Line(int):
    """A line of the program, 0 where it is not known, that knows the column too."""

    column: int = 1


def line_at(line: int, column: int) -> Line:
    made = Line(line)
    made.column = column
    return made


class Kind(StrEnum):
    """What sort of fault it is; those of MPI as the suites of faulty MPI programs sort them."""

    MEMORY = "memory"
    ARITHMETIC = "arithmetic"
    UNINITIALISED = "uninitialised value"
    USAGE = "C usage"
    INVALID_ARGUMENT = "invalid argument"
    CALL_MATCHING = "call ordering and matching"
    DATATYPE = "datatype"
    COUNT = "count"
    TAG = "tag"
    ROOT = "root"
    OPERATION = "operation"
    COMMUNICATOR = "communicator"
    REQUEST = "request life cycle"
    LEAK = "resource leak"
    BUFFERING = "buffering hazard"
    CONCURRENCY = "buffer in use"
    RACE = "message race"
    EPOCH = "epoch life cycle"
    DATA_RACE = "data race"


class Unsupported(Exception):
    """Something that the simulation has no model of: its result is then unknown. `line` is 0 where it is not known."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.what, self.line = what, line


class OutOfBudget(Exception):
    """The time or the memory allowed is used up."""


class TimeStands(OutOfBudget):
    """The program waits for a time, and time does not pass."""


class Fault(Exception):
    """The program does something that C or MPI does not allow.

    `line` is 0 and `rank` -1 where only the caller knows them; `state` says what every rank was doing, where it
    matters; `others` are lines that have part in it; `absent` is a rank that is named and would be there among more.
    """

    def __init__(
        self,
        message: str,
        line: int = 0,
        rank: int = -1,
        state: tuple[str, ...] = (),
        kind: Kind = Kind.USAGE,
        others: tuple[int, ...] = (),
        absent: int = -1,
    ) -> None:
        super().__init__(message)
        self.message, self.line, self.rank, self.state = message, line, rank, state
        self.kind, self.others, self.absent = kind, others, absent


class Exit(Exception):
    """The program ends by itself: `exit`, `abort`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Abort(Exit):
    """MPI_Abort: all ranks end."""
