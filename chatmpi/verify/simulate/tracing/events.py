"""What happens in a run, each with what it was made from: a dynamic dependence graph over all ranks (B. Korel,
J. Laski: Dynamic program slicing, 1988)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from chatmpi.verify.simulate.values import Object

Kind = Literal["set", "argument", "step", "test", "call", "message", "print", "return", "break"]

LOCAL = ("MPI_Type_", "MPI_Comm_rank", "MPI_Comm_size", "MPI_Wtime", "MPI_Get_count")  # calls without messages


@dataclass(frozen=True, eq=False)
class Blank:
    """An element of memory without a value, and what set it to that: a copy, a receive that is under way."""

    target: Object
    cell: int
    by: Event | None


@dataclass(slots=True, eq=False, repr=False)
class Event:
    """`at` is the line of Python (0: MPI did it) of the line of C; `what` is set: a variable, or an element of memory
    (its number is `cell`, -1 else). `reads` are the events that set what went into the value, `places` those of its
    subscripts, `under` the test that let it happen. Of a call of MPI: `value` are its arguments, `given` is the memory
    among them, `called_in` the line that calls the function it stands in (0: main). Of a message: `sender` and the line
    of its call. `blank`: the element that was copied or sent without a value.
    """

    serial: int
    kind: Kind
    rank: int
    line: int
    at: int
    what: str
    value: Any
    reads: tuple[Event, ...] = ()
    places: tuple[Event, ...] = ()
    under: Event | None = None
    target: Object | None = None
    cell: int = -1
    sender: int = -1
    sent_in: int = 0
    blank: Blank | None = None
    given: tuple[Object, ...] = ()
    called_in: int = 0

    def __repr__(self) -> str:
        return f"<{self.kind} {self.what} of line {self.line} on rank {self.rank}>"


@dataclass(frozen=True, eq=False)
class Returned:
    """A call of a function of the program that came to its end: what it was `given`, from which line it was called,
    the event that made what it returns, and the serial of its first event."""

    function: str
    given: tuple[Any, ...]
    line: int
    first: int
    result: Event
