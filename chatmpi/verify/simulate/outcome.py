"""What a run did: its output and exit status, or why it ended."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from chatmpi.verify.simulate.as_python.compiled import FILE, Compiled
from chatmpi.verify.simulate.errors import Exit, Fault, Kind, Unsupported
from chatmpi.verify.simulate.failed_access import failed_access
from chatmpi.verify.simulate.formats import Item
from chatmpi.verify.simulate.memory import literal
from chatmpi.verify.simulate.process import Process
from chatmpi.verify.simulate.values import NULL, Layout, Object


@dataclass(frozen=True)
class Outcome:
    """Output and files as sequences of texts and terms; `kept`: memory that was not freed, see `Process.kept`;
    `refuses`: it ended by itself with a status, before the ranks had anything to do with each other."""

    output: list[Item]
    written: dict[str, list[Item]]
    status: int
    kept: tuple[tuple[str, int], ...] = ()
    refuses: bool = False


_ARGUMENTS = Layout("pointer", 8, ("pointer",), (0,), [NULL])


def started(compiled: Compiled, process: Process, names: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """Call main; where it may call MPI, this gives a coroutine that has not begun. `names` are MPI's constants."""
    process.namespace = compiled.namespace({**process.primitives(), **names})
    main = compiled.main(process.namespace)
    taken = compiled.parameters
    words = ("program", *process.arguments)
    vector = Object([*map(literal, words), NULL], _ARGUMENTS, "argv", 8 * len(words) + 8)
    given: tuple[Any, ...] = (len(words), (vector, 0))
    return main(*given[:taken])


class explained:
    """What Python raises inside, as what it means in C, with the line where it happened."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            _explain(error, self._compiled)


def _explain(error: BaseException, compiled: Compiled) -> None:
    """Raises what is said instead."""
    match error:
        case Fault() | Unsupported():
            error.line = error.line or line_of(error, compiled)
        case IndexError():
            message = "memory is accessed beyond the end of an object, after free, or by a null pointer"
            fault = failed_access(error, compiled) or Fault(message, kind=Kind.MEMORY)
            fault.line = line_of(error, compiled)
            raise fault from None
        case ZeroDivisionError():
            raise Fault("division by zero", line_of(error, compiled), kind=Kind.ARITHMETIC) from None
        case RecursionError():
            raise Unsupported("calls that nest this deeply") from None
        case UnboundLocalError():
            message = "a variable is used that was never set"
            raise Fault(message, line_of(error, compiled), kind=Kind.UNINITIALISED) from None
        case NameError(name=str(name)) if name.startswith("X_"):
            raise Unsupported(f"the constant {name[2:]}", line_of(error, compiled)) from None
        case TypeError() | AttributeError() | ValueError() | NameError() | AssertionError():
            what = f"something that the simulation does not know ({error})"
            raise Unsupported(what, line_of(error, compiled)) from error


def line_of(error: BaseException, compiled: Compiled) -> int:
    """The innermost line of C that was being run."""
    found = 0
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == FILE:
            found = compiled.c_line(line)
    return found


def run_alone(compiled: Compiled, process: Process) -> Outcome:
    """Run a program that calls no MPI. Raises Fault, Unsupported, OutOfBudget."""
    if compiled.is_coroutine:
        raise Unsupported("MPI in the sequential program")
    with explained(compiled):
        status = ended(lambda: started(compiled, process))
    process.forget()
    return Outcome(process.output, process.written, status, tuple(process.kept()))


def ended(run: Callable[[], Any]) -> int:
    """The exit status of what runs to its end."""
    try:
        return int(run()) % 256
    except Exit as left:
        return left.status
