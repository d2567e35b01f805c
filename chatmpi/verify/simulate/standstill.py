"""Whether a run that does not end in time never ends: a rank comes to a state in which it was before, with nothing done
meanwhile that anybody else could see. What is told is the loop that it goes round in."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from types import CellType, CodeType, FrameType, FunctionType
from typing import Any

from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.as_python.compiled import FILE, Compiled, compile_program
from chatmpi.verify.simulate.errors import Fault, Kind, OutOfBudget, Unsupported
from chatmpi.verify.simulate.inputs import MANY, Input
from chatmpi.verify.simulate.job import Reference
from chatmpi.verify.simulate.mpi.ranks import run_together
from chatmpi.verify.simulate.mpi.world import make_world
from chatmpi.verify.simulate.process import File, Process
from chatmpi.verify.simulate.terms import Term
from chatmpi.verify.simulate.text_inputs import reads_text
from chatmpi.verify.simulate.values import Handle, Object, Poison
from chatmpi.verify.simulate.work import Limits, Work

_LOOKS, _CELLS = 400, 20_000  # at states, and what a state may consist of
_WINDOWS = "MPI_Win_"
_COUNTERS = frozenset({"_n"})  # of the simulation itself


def standstill(reference: Reference, program: Program, number: int) -> Fault | None:
    """None if no rank is found to stand still, in the order of messages that comes first."""
    terms, textual = reference.terms, reads_text(reference.program)
    compiled = compile_program(program, terms, reference.joined_rows)
    if _WINDOWS in compiled.text:
        return None  # others may change a rank's memory
    limits = Limits(Work(), _LOOKS * 5000)

    def process(rank: int) -> _Watched:
        source = Input("stdin", terms, reference.size, 0 if rank else MANY, textual)
        return _Watched(terms, limits, source, arguments=reference.arguments, compiled=compiled)

    world, processes = make_world(terms, number), [process(r) for r in range(number)]
    world.watch = lambda rank, _: processes[rank.number].seen.clear()
    try:
        run_together(compiled, list(processes), world)
    except Fault as fault:
        return fault if isinstance(fault, _Stands) else None
    except (OutOfBudget, Unsupported):
        return None
    return None


class _Stands(Fault):
    pass


@dataclass
class _Watched(Process):
    """Looks at its state as often as its operations are counted; `seen`: the states since the last call of MPI, each
    with the lines of the innermost function that was run then and of those that called it."""

    compiled: Compiled | None = None
    seen: dict[Hashable, tuple[int, ...]] = field(default_factory=dict)

    def tick(self) -> int:
        operations = super().tick()
        frames = list(_frames(sys._getframe(1)))
        state, lines = self._state(frames), tuple(f.f_lineno for f in frames)
        if state is not None and state in self.seen:
            since = list(self.seen)[list(self.seen).index(state) :]
            raise self._standing([self.seen[s] for s in since])
        if state is not None:
            self.seen[state] = lines
        return operations

    def _state(self, frames: list[FrameType]) -> Hashable | None:
        waiting: list[Any] = [self.word, self.errno, self.seed, self.moments, len(self.output), len(self.allocations)]
        waiting += [*(len(items) for items in self.written.values()), *vars(self.options).values()]
        waiting += [self.standard_input.position()]
        for frame in frames:
            waiting.append((frame.f_code, frame.f_lasti))
            waiting += [v for name, v in sorted(frame.f_locals.items()) if name not in _COUNTERS]
        return _flat(waiting)

    def _standing(self, lines: list[tuple[int, ...]]) -> _Stands:
        """Of the loops that are around all that is done, the innermost, in the outermost function."""
        assert self.compiled is not None
        text = self.compiled.text.split("\n")
        depth = min(map(len, lines))
        loops = [list(_loops(text, each[-depth])) for each in lines]
        common = next((at for at in loops[0] if all(at in found for found in loops)), 0) or lines[0][-depth]
        message = "a loop never ends: it comes to where it was, with nothing changed"
        return _Stands(message, self.compiled.c_line(common), kind=Kind.USAGE)


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Of the program's functions, the innermost first."""
    while frame is not None:
        if frame.f_code.co_filename == FILE:
            yield frame
        frame = frame.f_back


def _loops(text: list[str], at: int) -> Iterator[int]:
    """The lines of the loops around a line of Python, the innermost first."""
    depth = len(text[at - 1]) - len(text[at - 1].lstrip()) + 1
    for line in range(at, 0, -1):
        indent = len(text[line - 1]) - len(text[line - 1].lstrip())
        if indent < depth and text[line - 1].strip():
            depth = indent
            if text[line - 1].lstrip().startswith("while "):
                yield line


def _flat(waiting: list[Any]) -> Hashable | None:
    """What values are made of; None if it cannot be told whether they are the same again."""
    found: list[Hashable] = []
    known: dict[int, int] = {}  # what is pointed at, numbered as it is come to
    while waiting:
        value = waiting.pop()
        match value:
            case None | int() | float() | str() | bytes():
                found.append(value)
            case Term():
                found.append(value.serial)
            case File(source=source):
                found += (id(value), len(value.items), value.closed)
                waiting += [] if source is None else [source.position()]
            case Handle():
                found.append(id(value))
            case Object() | FunctionType() | list() if id(value) in known:
                found.append(("known", known[id(value)]))
            case Object() | list():
                known[id(value)] = len(known)
                found.append((value.state if isinstance(value, Object) else "", list.__len__(value)))
                waiting += list.__iter__(value)
            case FunctionType():
                known[id(value)] = len(known)
                found.append(value.__code__)
                waiting += value.__closure__ or ()
            case CellType():
                waiting.append(_content(value))
            case tuple():
                found.append(("tuple", len(value)))
                waiting += value
            case CodeType() | Poison():
                found.append(id(value))
            case _:
                return None
        if len(found) > _CELLS:
            return None
    return tuple(found)


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
