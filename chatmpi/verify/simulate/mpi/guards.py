"""Buffers that a request uses: until it is complete, what it receives may not be touched, what it sends not changed.

An object with such a buffer is of another class for that time, so that all others cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatmpi.verify.simulate.errors import Fault, Kind
from chatmpi.verify.simulate.values import Object


@dataclass(frozen=True, eq=False)
class Hold:
    """Cells of an object that a call of some line uses."""

    target: Object
    cells: range | frozenset[int]
    is_receive: bool
    what: str
    line: int

    def touches(self, key: Any) -> bool:
        if isinstance(key, slice):
            keys = range(*key.indices(len(self.target)))
            if isinstance(self.cells, range) and self.cells.step == 1:
                return keys.start < self.cells.stop and self.cells.start < keys.stop
            return any(k in self.cells for k in keys)
        return key in self.cells

    def sees(self, key: Any, writes: bool, value: Any = None) -> None:
        """Told of every access before it is checked; `value` is what is stored."""

    def freed(self) -> None:
        """The object is freed, or ends with the function whose variable it is."""
        raise self.violated("no more, as its function returns," if self.target.state == "over" else "freed")

    def violated(self, how: str) -> Fault:
        name = f"'{self.target.name}'" if self.target.name else "a buffer"
        message = f"{name} is {how} while {self.what} of line {self.line} uses it"
        return Fault(message, kind=Kind.CONCURRENCY, others=(self.line,))


class Guarded(Object):
    """An object that requests use."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        for hold in self.holds:
            hold.sees(key, False)
            if hold.is_receive and hold.touches(key):
                raise hold.violated("read")
        return list.__getitem__(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        for hold in self.holds:
            hold.sees(key, True, value)
            if hold.touches(key):
                raise hold.violated("changed")
        list.__setitem__(self, key, value)

    def clear(self) -> None:
        for hold in list(self.holds):
            hold.freed()
        list.clear(self)


def hold(target: Object, cells: Sequence[int], is_receive: bool, what: str, line: int) -> Hold | None:
    """Guard cells; None if there are none."""
    if not cells:
        return None
    made = Hold(target, cells if isinstance(cells, range) else frozenset(cells), is_receive, what, line)
    guard(made)
    return made


def guard(made: Hold) -> None:
    if made.target.__class__ is Guarded:
        made.target.holds.append(made)
    else:
        made.target.holds = [made]
        made.target.__class__ = Guarded


def release(made: Hold) -> None:
    made.target.holds.remove(made)
    if not made.target.holds:
        made.target.__class__ = Object
