"""Files that a run writes and reads again: their text, where all of it is known, and which rank may read it.

A file is read as it was written only by a rank that knows, by messages and collectives, that it was closed; whatever
else is read while it may be written, or written while it may be read, the simulation has no model of.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.formats import Item
from chatmpi.verify.simulate.mpi.clocks import Clocks
from chatmpi.verify.simulate.terms import Term

_ADDRESS = "(an address)"


@dataclass(eq=False)
class Use:
    """A file that a rank opened; `end`: its stamp when it closed it, None until then."""

    record: Record
    rank: int
    writes: bool
    end: int | None = None

    def spoil(self) -> None:
        """Something is written that is not known as text."""
        if self.writes:
            self.record.items = None


@dataclass(eq=False)
class Record:
    """What is known of a file: `items` is all that it holds, None if that is not known; `is_changed`: the run wrote it;
    `is_lost`: more than one may have written at a time."""

    items: list[Item] | None = None
    is_changed: bool = False
    is_lost: bool = False
    uses: list[Use] = field(default_factory=list)


class Disk:
    """The files of a run, for all its ranks. `clocks` tell what one rank knows of another; there are none for a process
    that is alone."""

    def __init__(self, clocks: Callable[[], Clocks] | None = None) -> None:
        self._clocks, self._records = clocks, dict[str, Record]()

    def written(self, path: str, rank: int, items: list[Item], anew: bool) -> Use:
        """A rank opens a file to write to it, from its beginning if it is made `anew`; all that the rank itself wrote
        to it is in `items`. Raises Unsupported where a rank may still read it."""
        record = self._record(path)
        if not all(self._is_over(u, rank) for u in record.uses if not u.writes):
            raise Unsupported(f"writing the file {path!r}, which may be read at the same time,")
        record.is_lost |= not all(self._is_over(u, rank) for u in record.uses if u.writes)
        record.items = items if anew or record.items is items else None
        record.is_changed = True
        return self._begun(record, rank, writes=True)

    def read(self, path: str, rank: int) -> tuple[Use, str | None]:
        """A rank opens a file to read it: its text if the run wrote it. Raises Unsupported if that is not known."""
        record = self._record(path)
        if not all(self._is_over(u, rank) for u in record.uses if u.writes):
            raise Unsupported(f"reading the file {path!r}, which may be written at the same time,")
        text = None
        if record.is_changed:
            text = None if record.is_lost or record.items is None else _text(record.items)
            if text is None:
                raise Unsupported(f"reading the file {path!r}")
        return self._begun(record, rank, writes=False), text

    def closed(self, use: Use) -> None:
        use.end = self._clocks().stamp(use.rank) if self._clocks is not None else 0

    def changed(self, path: str, rank: int) -> None:
        """A rank removes a file, or gives its name to another: what it holds is not known then."""
        use = self.written(path, rank, [], anew=True)
        use.spoil()
        self.closed(use)

    def lose(self, path: str) -> None:
        """A file is written in a way that is not followed."""
        record = self._record(path)
        record.is_changed = record.is_lost = True

    def lose_all(self) -> None:
        """Something may have changed any file that the run wrote."""
        for record in self._records.values():
            record.is_lost |= record.is_changed

    def _record(self, path: str) -> Record:
        return self._records.setdefault(posixpath.normpath(path), Record())

    def _begun(self, record: Record, rank: int, writes: bool) -> Use:
        """Of a rank's uses of one kind, those that are over are known where the last one is."""
        use = Use(record, rank, writes)
        kept = (u for u in record.uses if u.end is None or (u.rank, u.writes) != (rank, writes))
        record.uses = [*kept, use]
        return use

    def _is_over(self, use: Use, rank: int) -> bool:
        """Whether a rank knows that a file was closed."""
        if use.end is None:
            return False
        return self._clocks is None or self._clocks().knows(rank, use.rank, use.end)


def _text(items: Iterable[Item]) -> str | None:
    """What was written, where it does not depend on values that stand for others; None otherwise."""
    found: list[str] = []
    for item in items:
        if isinstance(item, str):
            found.append(item)
            continue
        spec, value = item
        if not isinstance(value, Term) or value.op != "const" or spec[-1] in "aA":
            return None
        number = float.fromhex(value.args[0])
        if number - number != 0:  # neither a number that is infinite, nor one that is none
            return None
        found.append(spec % number)
    text = "".join(found)
    return text if text.isascii() and "\0" not in text and _ADDRESS not in text else None
