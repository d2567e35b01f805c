"""One process: what a run of the program, or one rank of it, has for itself beside its memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chatmpi.verify.simulate import variadic
from chatmpi.verify.simulate.disk import Disk, Use
from chatmpi.verify.simulate.errors import Exit, Fault, TimeStands, Unsupported
from chatmpi.verify.simulate.formats import Item, PrintedCharacter, character, items_of, printed
from chatmpi.verify.simulate.inputs import Input, scanned
from chatmpi.verify.simulate.libc.blocks import free, memory_functions
from chatmpi.verify.simulate.libc.complex_numbers import PARTS, Complex
from chatmpi.verify.simulate.libc.conversions import conversion_functions
from chatmpi.verify.simulate.libc.options import Options
from chatmpi.verify.simulate.libc.strings import next_word
from chatmpi.verify.simulate.libc.times import time_functions
from chatmpi.verify.simulate.memory import CHARS, allocated, codes, run_of_bytes, store, string_at
from chatmpi.verify.simulate.terms import Term, Terms
from chatmpi.verify.simulate.text_inputs import InputCharacter, Text, characters_at, scanned_text
from chatmpi.verify.simulate.values import NULL, Handle, Layout, Object, Pointer
from chatmpi.verify.simulate.work import BYTES_OF_MEMORY, OF_A_TERM, Limits

_PID, _MOMENT = 4242, 1e-3
_MOST_MOMENTS = 2_000  # times that a program asks for the time before it is held to wait
_OPERATIONS_PER_LOOK = 5000


class File(Handle):
    """An open file: what is written to it, or what is read from it; standard ones have no `use`."""

    __slots__ = ("closed", "items", "source", "use")

    def __init__(self, name: str, items: list[Item], source: Input | None = None, use: Use | None = None) -> None:
        super().__init__(name)
        self.items, self.source, self.use, self.closed = items, source, use, False

    def spoil(self) -> None:
        """What is written is not known as text, see `disk`."""
        if self.use is not None:
            self.use.spoil()


@dataclass
class Process:
    """`written` holds what each file was given, `output` what went to standard output; `allocations` what malloc gave,
    with the line of Python that asked for it. `reached_end`: whether the last statement of main was come to; `left_at`:
    the line of the `return` of main that was; `has_lacked_memory`: whether malloc gave nothing; `namespace`: what the
    names in the written code mean; `disk`: the files that it shares with the other ranks, of which it is `rank`."""

    terms: Terms
    limits: Limits
    standard_input: Input
    size: int = 1
    output: list[Item] = field(default_factory=list)
    written: dict[str, list[Item]] = field(default_factory=dict)
    seed: int = 1
    addresses: dict[int, tuple[int, Object]] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    allocations: list[tuple[Object, int]] = field(default_factory=list)
    reached_end: bool = False
    left_at: int = 0
    has_lacked_memory: bool = False
    time_passes: bool = False
    moments: int = 0
    options: Options = field(default_factory=Options)
    namespace: dict[str, Any] = field(default_factory=dict)
    word: Object = field(default_factory=lambda: Object([NULL], None, "where strtok is"))
    errno: Object = field(default_factory=lambda: Object([0], Layout("int", 4, ("int",), (0,), [0]), "errno", 4))
    disk: Disk = field(default_factory=Disk)
    rank: int = 0

    def now(self) -> Term:
        """The time; with `time_passes` a later one each time it is asked for, for loops that wait."""
        moment = self.moment()
        if not self.time_passes:
            return self.terms.applied("time", 0.0)
        return self.terms.applied("time", moment * _MOMENT, moment)

    def moment(self) -> int:
        """How often the time was asked for, 1 if it does not pass. Raises TimeStands where it has to."""
        self.moments += 1
        if not self.time_passes and self.moments > _MOST_MOMENTS:
            raise TimeStands
        return self.moments if self.time_passes else 1

    def address(self, pointer: Pointer) -> int:
        """A number for a place in memory: places in one object are apart as their bytes are."""
        target, index = pointer
        layout = target.layout
        if layout is None:
            raise Unsupported("the address of memory without a type")
        base, _ = self.addresses.setdefault(id(target), ((len(self.addresses) + 1) << 32, target))
        return base + index // len(layout.kinds) * layout.size + layout.offsets[index % len(layout.kinds)]

    def allocated(self, size: int, zeroed: bool = False) -> Pointer:
        made = allocated(size, zeroed)
        self.has_lacked_memory |= made is NULL
        if made is not NULL:
            self.limits.spend(size // BYTES_OF_MEMORY)
            self.allocations.append((made[0], sys._getframe(2).f_lineno))
        return made

    def kept(self) -> list[tuple[str, int]]:
        """What was allocated and not freed: its name, and the line of Python."""
        return [(target.name, line) for target, line in self.allocations if target.state == "live"]

    def freed(self, pointer: Pointer) -> None:
        free(pointer)

    def primitives(self) -> dict[str, Any]:
        """What the written code names and is this process's own, see `library.shared_names` for the rest."""
        return {
            **_library(self),
            **self._names(),
            "tick": self.tick,
            "leaves": self.leaves,
        }

    def leaves(self, line: int, at_end: bool) -> None:
        """A `return` of main."""
        self.left_at, self.reached_end = line, at_end

    def forget(self) -> None:
        """The run is over. The code's functions and its names hold each other, and all terms: Python would not free
        them by itself."""
        self.namespace.clear()
        self.disk = Disk()

    def tick(self) -> int:
        self.limits.spend(_OPERATIONS_PER_LOOK + OF_A_TERM * self.terms.uncounted())
        return _OPERATIONS_PER_LOOK

    def _names(self) -> dict[str, Any]:
        return {
            "X_stdout": File("stdout", self.output),
            "X_stderr": File("stderr", []),
            "X_options": self.options,
            "X_stdin": File("stdin", [], self.standard_input),
        }

    # --------------------------------------------------------------------------- files and output

    def printf(self, text: Any, arguments: tuple[Any, ...]) -> int:
        self.output.extend(printed(_format(text), arguments, characters_at))
        return 1

    def fprintf(self, file: Any, text: Any, arguments: tuple[Any, ...]) -> int:
        into = _open(file)

        def characters(pointer: Any) -> list[int]:
            found = characters_at(pointer)
            if any(isinstance(c, InputCharacter) for c in found):
                into.spoil()
            return found

        if any(isinstance(a, InputCharacter) for a in arguments):
            into.spoil()
        into.items.extend(printed(_format(text), arguments, characters))
        return 1

    def fopen(self, name: Any, mode: Any) -> Any:
        path, how = string_at(name), string_at(mode)
        if how[:1] in ("w", "a"):
            anew = how[:1] == "w"
            items = self.written[path] = [] if anew else self.written.get(path, [])
            return File(path, items, use=self.disk.written(path, self.rank, items, anew))
        if "+" in how:
            raise Unsupported(f"reading the file {path!r}")
        use, text = self.disk.read(path, self.rank)
        textual = self.standard_input.text is not None
        return File(path, [], Input(path, self.terms, self.standard_input.size, textual=textual, content=text), use)

    def remove(self, name: Any) -> int:
        path = string_at(name)
        self.disk.changed(path, self.rank)
        return 0 if self.written.pop(path, None) is not None else -1

    def rename(self, old: Any, new: Any) -> int:
        before, after = string_at(old), string_at(new)
        for path in (before, after):
            self.disk.changed(path, self.rank)
        items = self.written.pop(before, None)
        if items is None:
            return -1
        self.written[after] = items
        return 0

    def system(self, _command: Any) -> int:
        self.disk.lose_all()
        return 0

    def fclose(self, file: Any) -> int:
        closed = _open(file)
        closed.closed = True
        if closed.use is not None:
            self.disk.closed(closed.use)
        return 0

    def fscanf(self, file: Any, text: Any, targets: tuple[Any, ...]) -> int:
        return scanned(_source(file), string_at(text), targets)

    def fgets(self, target: Any, size: int, file: Any) -> Any:
        text, (cells, index) = _source(file).as_text, target
        if index < 0 or index + size > len(cells):
            raise Fault("fgets may store out of bounds")
        line = text.line(size - 1)
        if line:
            cells[index : index + len(line) + 1] = [*line, 0]
        return target if line else NULL

    def fwrite(self, source: Any, size: int, count: int, file: Any) -> int:
        """Each value is one item, however many are written at a time."""
        items = _open(file).items
        file.spoil()
        if size * count:
            target, first, many = run_of_bytes(source, size * count)
            if any(isinstance(v, PrintedCharacter) for v in target[first : first + many]):
                items.extend(items_of(target[first : first + many]))
                return count
            for v in target[first : first + many]:
                parts = (v.re, v.im) if isinstance(v, Complex) else (v,)
                items.extend(("%a", p) if isinstance(p, Term) else f"<{int(p)}>" for p in parts)
        return count

    def fread(self, target: Any, size: int, count: int, file: Any) -> int:
        source = _source(file)
        if source.text is not None:
            raise Unsupported("text that is read as numbers in binary form")
        cells, first, many = run_of_bytes(target, size * count)
        if cells.layout is not None and PARTS.keys() & set(cells.layout.kinds):
            raise Unsupported("complex numbers that are read in binary form")
        kinds = cells.layout.kinds if cells.layout is not None else ()
        done = 0
        while done < many and not source.ended():
            real = kinds[(first + done) % len(kinds)] in ("float", "double", "long double")
            cells[first + done] = source.real() if real else source.integer()
            done += 1
        return done * count // many if many else 0

    def getc(self, file: Any) -> Any:
        return _source(file).as_text.get()

    def ungetc(self, c: int, file: Any) -> int:
        _source(file).as_text.back()
        return c

    def getline(self, line: Pointer, room: Pointer, file: Any) -> int:
        """The characters go to new memory, however much there was."""
        found = _source(file).as_text.line()
        if not found:
            return -1
        made = Object([*found, 0], CHARS, "a line", len(found) + 1)
        store(*line, (made, 0))
        store(*room, len(made))
        return len(found)

    def rewind(self, file: Any) -> None:
        _source(file).rewind()

    def fseek(self, file: Any, offset: int, whence: int) -> int:
        if offset or whence:
            raise Unsupported("fseek to another place than the beginning")
        self.rewind(file)
        return 0

    def feof(self, file: Any) -> int:
        return int(_source(file).as_text.ended)

    # ------------------------------------------------------------------------------------ numbers

    def rand(self) -> int:
        """A fixed generator: the sequential program and the ranks draw the same numbers from the same seed."""
        self.seed = (self.seed * 1103515245 + 12345) % 2**31
        return self.seed

    def srand(self, seed: int) -> None:
        self.seed = seed % 2**31

    def drand(self) -> Term:
        return self.terms.constant(self.rand() / 2**31)


def _format(text: Any) -> str:
    if isinstance(text, tuple) and any(isinstance(c, PrintedCharacter) for c in characters_at(text)):
        raise Unsupported("a format that floating values were printed into")
    return string_at(text)


def _source(file: Any) -> Input:
    source = _open(file).source
    if source is None:
        raise Fault("a file is read that was opened for writing")
    return source


def _open(file: Any) -> File:
    if file is NULL:
        raise Fault("a null pointer is used as a file")
    if not isinstance(file, File):
        raise Unsupported("a file of another kind")
    if file.closed:
        raise Fault(f"the file {file.name!r} is used after fclose")
    return file


def _library(process: Process) -> dict[str, Callable[..., Any]]:
    """What of the C library belongs to one process, by the names that the written code has for it."""
    terms = process.terms
    found = memory_functions(process.allocated) | _process_functions(process)
    found |= conversion_functions(terms, process.errno) | time_functions(terms, process.now, process.moment)
    return {f"F_{name}": function for name, function in found.items()}


def _process_functions(process: Process) -> dict[str, Callable[..., Any]]:
    def leave(status: int) -> None:
        raise Exit(status % 256)

    def failed(*_: object) -> None:
        raise Fault("an assertion fails")

    def host_name(target: Pointer, size: int) -> int:
        name = codes("node")[:size]
        target[0][target[1] : target[1] + len(name)] = name
        return 0

    def drawn(seed: Pointer) -> int:
        cells, index = seed
        found = cells[index] = (cells[index] * 1103515245 + 12345) % 2**31
        return int(found)

    def stepped(state: Pointer) -> int:
        cells, index = state
        cells[index] = (cells[index] * 25173 + 13849) % 2**16
        cells[index + 1] = (cells[index + 1] * 5 + cells[index]) % 2**16
        cells[index + 2] = (cells[index + 2] * 3 + cells[index + 1]) % 2**16
        return int(cells[index + 2] << 15 | cells[index + 1] >> 1)

    def put_char(c: int) -> int:
        process.output.append(character(c))
        return c

    return {
        **{"printf": process.printf, "fprintf": process.fprintf, "fopen": process.fopen, "fclose": process.fclose},
        "vprintf": lambda text, given: process.printf(text, variadic.arguments(given)),
        "vfprintf": lambda file, text, given: process.fprintf(file, text, variadic.arguments(given)),
        **{"__builtin_va_end": variadic.ended, "__builtin_va_copy": variadic.copied},
        "strtok": lambda text, letters: next_word(text, letters, (process.word, 0)),
        **dict.fromkeys(("omp_get_max_threads", "omp_get_num_threads", "omp_get_num_procs"), lambda: 1),
        **{"omp_get_thread_num": lambda: 0, "omp_set_num_threads": lambda _: None, "sysconf": lambda _: 1},
        **{"mkdir": lambda _name, _mode: 0, "system": process.system, "access": lambda _name, _mode: 0},
        **{"remove": process.remove, "rename": process.rename},
        **{"getopt": process.options.next, "__errno_location": lambda: (process.errno, 0)},
        **{"fscanf": process.fscanf, "fflush": lambda _file: 0, "perror": lambda _text: None},
        "scanf": lambda text, targets: scanned(process.standard_input, string_at(text), targets),
        "sscanf": lambda text, form, targets: scanned_text(
            Text(characters_at(text)), string_at(form), targets, process.terms
        ),
        **{"fgets": process.fgets, "fgetc": process.getc, "getc": process.getc, "feof": process.feof},
        "getchar": lambda: process.standard_input.as_text.get(),
        **{"ungetc": process.ungetc, "getline": process.getline, "rewind": process.rewind, "fseek": process.fseek},
        **{"imaxabs": abs, "ffs": lambda x: (x & -x).bit_length(), "isatty": lambda _: 0, "clearerr": lambda _: None},
        **{"fwrite": process.fwrite, "fread": process.fread},
        **{"ferror": lambda _file: 0},
        "puts": lambda text: process.printf("%s\n", (text,)),
        "fputs": lambda text, file: process.fprintf(file, "%s", (text,)),
        "putchar": put_char,
        "fputc": lambda c, file: process.fprintf(file, "%c", (c,)),
        "putc": lambda c, file: process.fprintf(file, "%c", (c,)),
        **dict.fromkeys(("exit", "_Exit", "_exit", "quick_exit"), leave),
        **{"abort": lambda: leave(134), "__assert_fail": failed},
        **{"rand": process.rand, "srand": process.srand, "random": process.rand, "srandom": process.srand},
        "erand48": lambda state: process.terms.constant(stepped(state) / 2**31),
        **{"nrand48": stepped, "mrand48": lambda: process.rand() * 2 - 2**31},
        **{"drand48": process.drand, "srand48": process.srand, "lrand48": process.rand},
        **{"abs": abs, "labs": abs, "llabs": abs, "usleep": lambda _: 0, "sleep": lambda _: 0},
        **{"setbuf": lambda *_: None, "setvbuf": lambda *_: 0, "nanosleep": lambda *_: 0},
        **{"gethostname": host_name, "getpid": lambda: _PID, "getppid": lambda: _PID - 1, "rand_r": drawn},
    }
