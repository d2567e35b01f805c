"""Runs that are watched: in which line of which rank each value is computed and each item printed, and what every MPI
call had to do with."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from chatmpi.verify.simulate.as_python.compiled import FILE, Compiled
from chatmpi.verify.simulate.formats import Item
from chatmpi.verify.simulate.mpi.world import Rank, World
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.terms import Table, Term, Terms
from chatmpi.verify.simulate.values import Object

_CELLS, _OBJECTS = 100, 200  # that are looked at for pointers
_VARIABLE = re.compile(r"\b[A-Za-z_]\w*_\d+\b|\b_\d+\b")


@dataclass(frozen=True)
class Site:
    """A line of C, the rank that ran it (-1 in the sequential program), and the memory that the line names."""

    line: int
    rank: int
    objects: tuple[Object, ...] = ()


@dataclass(frozen=True)
class Called:
    """An MPI call of a rank, with the memory that its arguments point to."""

    name: str
    line: int
    rank: int
    objects: tuple[Object, ...]


@dataclass
class Watch:
    """What is seen of one program. `trap`: the serial of a term of which the memory is to be known too."""

    trap: int = -1
    sites: dict[int, Site] = field(default_factory=dict)
    calls: list[Called] = field(default_factory=list)
    compiled: Compiled | None = None
    processes: list[Process] = field(default_factory=list)
    world: World | None = None

    def begin(self, compiled: Compiled, processes: list[Process], world: World | None = None) -> None:
        """Another program; what was seen of the one before goes."""
        self.sites, self.calls = {}, []
        self.compiled, self.processes, self.world = compiled, processes, world
        for process in processes:
            process.output = Output(self)
        if world is not None:
            world.watch = self.call

    def see(self, term: Term) -> None:
        if term.serial not in self.sites:
            self.sites[term.serial] = self.here(with_objects=term.serial == self.trap)

    def call(self, rank: Rank, arguments: tuple[Any, ...]) -> None:
        self.calls.append(Called(rank.call, rank.line, rank.number, tuple(_memory(arguments))))

    def here(self, with_objects: bool = True) -> Site:
        """The line that is being run, or the MPI call that is being carried out."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != FILE:
            frame = frame.f_back
        if frame is not None:
            return self._site(frame, frame.f_lineno, with_objects)
        if self.world is None:
            return Site(0, -1)
        return Site(self.world.ranks[self.world.running].line, self.world.running)

    def of_error(self, error: BaseException) -> Site | None:
        """The line of C that raised an error."""
        inner = error.__context__ if isinstance(error.__context__, IndexError | UnboundLocalError) else error
        frames = [f for f in traceback.walk_tb(inner.__traceback__) if f[0].f_code.co_filename == FILE]
        return self._site(*frames[-1], True) if frames else None

    def _site(self, frame: FrameType, line: int, with_objects: bool) -> Site:
        assert self.compiled is not None
        process = getattr(frame.f_globals["tick"], "__self__", None)
        rank = self.processes.index(process) if self.world is not None and process in self.processes else -1
        objects = tuple(_named(self.compiled.text, frame, line)) if with_objects else ()
        return Site(self.compiled.c_line(line), rank, objects)


class Output(list[Item]):
    """An output that knows where each item was printed."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch
        self.sites: list[Site] = []

    def append(self, item: Item) -> None:
        self.extend((item,))

    def extend(self, items: Any) -> None:
        before = len(self)
        super().extend(items)
        self.sites += [self._watch.here()] * (len(self) - before)


class WatchedTerms(Terms):
    """Terms that tell of each that is computed, be it new or not."""

    def __init__(self, watch: Watch, shuffle: int) -> None:
        super().__init__(shuffle=shuffle)
        self._watch = watch
        for name in ("add", "sub", "mul", "div", "addf", "subf", "mulf", "divf", "_larger", "_smaller"):
            table = getattr(self, name)
            table.__class__ = _watched(type(table), watch.see)

    def applied(self, name: str, value: float, *arguments: Any) -> Term:
        found = super().applied(name, value, *arguments)
        self._watch.see(found)
        return found


def _watched(kind: type[Table], see: Callable[[Term], None]) -> type[Table]:
    class Watched(kind):  # type: ignore[valid-type,misc]
        __slots__ = ()

        def __getitem__(self, key: tuple[Term, Term]) -> Term:
            found: Term = kind.__getitem__(self, key)
            see(found)
            return found

    return Watched


def _named(text: str, frame: FrameType, line: int) -> Iterator[Object]:
    """The objects that a line of Python names, and those that their pointers lead to."""
    names = {**frame.f_globals, **frame.f_locals}
    yield from _memory([names.get(name) for name in _VARIABLE.findall(text.split("\n")[line - 1])])


def _memory(values: Any) -> Iterator[Object]:
    """The objects among values, by themselves or pointed to, each once."""
    seen: set[int] = set()
    waiting = list(values)
    while waiting:
        value = waiting.pop(0)
        target = value[0] if isinstance(value, tuple) and len(value) == 2 else value
        if isinstance(target, Object) and id(target) not in seen and len(seen) < _OBJECTS:
            seen.add(id(target))
            yield target
            cells = list.__getitem__(target, slice(0, _CELLS))  # what guards the memory does not see it
            waiting.extend(v for v in cells if isinstance(v, tuple))
