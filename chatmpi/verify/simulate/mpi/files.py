"""Files that several ranks have open: bytes as the scalars that were written, and what each rank sees of them.

Without atomic mode, what one rank wrote is there for another once the writer has synchronised or closed the file, and
two ranks may not write one place meanwhile (MPI 3.1, section 13.6.1): anything else is a data race.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind, Unsupported
from chatmpi.verify.simulate.formats import Item
from chatmpi.verify.simulate.mpi.communicators import Communicator
from chatmpi.verify.simulate.mpi.datatypes import Datatype, TypeMap, size_of
from chatmpi.verify.simulate.mpi.guards import Hold
from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.values import Handle

RDONLY, WRONLY = 2, 4  # modes, as headers/mpi/mpi.h numbers them
BYTE = TypeMap(("byte",), (0,), 1)


@dataclass
class Stored:
    """A scalar in a file: `writer` in MPI_COMM_WORLD, `line` where; `settled` once others may rely on it."""

    kind: str
    value: Any
    writer: int
    line: int
    settled: bool = False


@dataclass
class Content:
    """What is in a file, by the byte where each scalar begins; `is_known`: it was not there before."""

    name: str
    is_known: bool
    cells: dict[int, Stored] = field(default_factory=dict)
    size: int = 0

    def settle(self, writer: int) -> None:
        for cell in self.cells.values():
            if cell.writer == writer:
                cell.settled = True

    def store(self, at: int, made: Stored, atomic: bool) -> None:
        size = size_of(made.kind)
        for k in range(at - 15, at + size):
            old = self.cells.get(k)
            if old is None or k + size_of(old.kind) <= at:
                continue
            if not (old.settled or old.writer == made.writer or atomic):
                message = (
                    f"byte {k} of the file '{self.name}' is written by rank {made.writer}, and at the same time "
                    f"by rank {old.writer} (line {old.line})"
                )
                raise Fault(message, kind=Kind.DATA_RACE, others=(old.line,))
            if k != at or old.kind != made.kind:
                del self.cells[k]
        self.cells[at] = made
        self.size = max(self.size, at + size)

    def load(self, at: int, kind: str, reader: int, atomic: bool) -> Any:
        """The scalar at a byte; None where the file has ended."""
        found = self.cells.get(at)
        if found is None:
            if at >= self.size and self.is_known:
                return None
            raise Unsupported(f"what stands in the file {self.name!r}")
        if found.kind != kind:
            raise Fault(f"{kind} is read where {found.kind} was written (line {found.line})", kind=Kind.DATATYPE)
        if not (found.settled or found.writer == reader or atomic):
            message = (
                f"byte {at} of the file '{self.name}' is read while the MPI call of rank {found.writer} that wrote it "
                f"(line {found.line}) is not made visible by MPI_File_sync or MPI_File_close"
            )
            raise Fault(message, kind=Kind.DATA_RACE, others=(found.line,))
        return found.value

    def items(self) -> list[Item]:
        """As the C library would have written it."""
        found: list[Item] = []
        at = 0
        for place in sorted(self.cells):
            cell = self.cells[place]
            if place != at:
                raise Unsupported(f"a file with gaps ({self.name!r})")
            at += size_of(cell.kind)
            if isinstance(cell.value, Term):
                found.append(("%a", cell.value))
            elif cell.kind == "char":
                found.append(chr(cell.value % 256))
            else:
                found.append(f"<{int(cell.value)}>")
        return found


@dataclass
class View:
    """What a rank sees of a file: from a byte on, places of `file` one after the other; offsets count `unit`s."""

    begin: int = 0
    unit: TypeMap = BYTE
    file: TypeMap = BYTE
    position: int = 0

    @property
    def is_row(self) -> bool:
        """Whether it sees all bytes from its beginning on."""
        return self.file.extent == self.file.size and self.file.low == 0

    @property
    def unit_size(self) -> int:
        return max(self.unit.size, 1)

    def places(self, offset: int, kinds: Sequence[str]) -> Iterator[int]:
        """The bytes where scalars begin that are read or written at an offset."""
        if self.is_row:
            at = self.begin + offset * self.unit_size
            for kind in kinds:
                yield at
                at += size_of(kind)
            return
        first = offset * len(self.unit.kinds)
        for k, kind in enumerate(kinds):
            tile, within = divmod(first + k, len(self.file.kinds))
            if size_of(self.file.kinds[within]) != size_of(kind):
                raise Fault(
                    f"{kind} is read or written where the view of the file has another type", kind=Kind.DATATYPE
                )
            yield self.begin + tile * self.file.extent + self.file.offsets[within]

    def after(self, offset: int, kinds: Sequence[str]) -> int:
        return offset + -(-sum(map(size_of, kinds)) // self.unit_size)


class OpenFile(Handle):
    """A file that the ranks of `comm`, which is its own, have open. `views` by rank; `closed`: the ranks that closed
    it; `split`: what a rank has begun and not ended."""

    __slots__ = ("atomic", "closed", "comm", "content", "holds", "line", "mode", "shared", "split", "views")

    def __init__(self, comm: Communicator, content: Content, mode: int, line: int) -> None:
        super().__init__(f"the file '{content.name}' opened in line {line}")
        self.comm, self.content, self.mode, self.line = comm, content, mode, line
        self.views = {m: View() for m in comm.members}
        self.closed: set[int] = set()
        self.shared = 0
        self.atomic = False
        self.split: dict[int, tuple[str, int, Any]] = {}
        self.holds: dict[int, Hold | None] = {}


def map_of(value: Any) -> TypeMap:
    if not isinstance(value, Datatype):
        raise Fault("what is given as a datatype of a file is none", kind=Kind.INVALID_ARGUMENT)
    if not value.committed or value.freed:
        raise Fault("a datatype of a file is not committed", kind=Kind.DATATYPE)
    return value.map
