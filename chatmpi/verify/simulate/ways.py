"""Which ways the simulated runs of a program went: what none of them did was not looked at.

A way is a branch of an `if`, the body of a loop, or one of the two outcomes of a comparison with a number that is
written. A program that behaves otherwise from some size on has a way that small sizes never go; the numbers in its
condition tell where it may begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr, Program, Scalar, Stmt

SMALL = 17  # what is no larger is passed by the small sizes
_ENDS = frozenset({"exit", "abort", "_Exit", "_exit", "quick_exit", "MPI_Abort"})


@dataclass(frozen=True)
class Way:
    """Of the condition in `line`: what is done is in the lines `first` to `last` (0: the condition alone); `numbers`
    are those that the condition names. `gives_up`: all it does is to end the program."""

    line: int
    numbers: tuple[int, ...]
    first: int = 0
    last: int = 0
    gives_up: bool = False


@dataclass
class Ways:
    """All ways of a program; `gone` is written by its runs."""

    program: Program
    all: list[Way] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    _constants: dict[int, int] | None = None

    def of(self, condition: Expr | None, line: int, body: Stmt | None = None) -> int:
        """The number of a new way; no `condition` is for a function's body."""
        numbers = () if condition is None else tuple(sorted(set(self._numbers(condition))))
        first, last = (0, 0) if body is None else self._lines(body)
        self.all.append(Way(line, numbers, first, last, body is not None and _gives_up(body)))
        self.gone.append(0)
        return len(self.all) - 1

    def both(self, condition: Expr, line: int) -> int | None:
        """The number of the first of two new ways: that the condition is false, and that it is true; None where it
        compares with no number that is large."""
        if not any(self._numbers(condition)):
            return None
        self.of(condition, line)
        return self.of(condition, line) - 1

    def went(self, first: int, outcome: bool) -> bool:
        self.gone[first + bool(outcome)] = 1
        return outcome

    def _numbers(self, condition: tree.Node) -> Iterator[int]:
        match condition:
            case tree.IntLiteral(value=value) if value > SMALL:
                yield value
            case tree.Name(symbol=symbol) if (value := self._known().get(symbol.uid, 0)) > SMALL:
                yield value
            case tree.Binary(left=left, right=right) if any(_is_floating(e) for e in (left, right)):
                return  # of data, which no size changes
        for child in tree.children(condition):
            yield from self._numbers(child)

    def _known(self) -> dict[int, int]:
        """What enumerators are, and variables begin with."""
        if self._constants is None:
            self._constants = dict(self.program.enumerators)
            for top in (*self.program.globals, *self.program.functions):
                for node in tree.walk(top):
                    if isinstance(node, tree.VarDecl) and isinstance(node.init, tree.IntLiteral):
                        self._constants[node.symbol.uid] = node.init.value
        return self._constants

    def _lines(self, body: Stmt) -> tuple[int, int]:
        source = self.program.source
        inner = body.body if isinstance(body, tree.Block) else (body,)
        if not inner:
            return 0, 0
        return source.location(inner[0].span.begin).line, source.location(max(inner[-1].span.end - 1, 0)).line


def _is_floating(e: Expr) -> bool:
    return isinstance(e.type, Scalar) and e.type.is_floating


def _gives_up(body: Stmt) -> bool:
    """Whether a branch ends the program, or the function with a value that is written, and does nothing of worth."""
    last = body
    while isinstance(last, tree.Block) and last.body:
        last = last.body[-1]
    match last:
        case tree.Return(value=None | tree.IntLiteral() | tree.Unary(operand=tree.IntLiteral())):
            return True
    return any(isinstance(node, tree.Call) and node.name in _ENDS for node in tree.walk(body))


@dataclass
class Coverage:
    """What all runs of one program did: the ways by their number, whatever its sizes are."""

    all: list[Way] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    def add(self, ways: Ways) -> None:
        if not self.all:
            self.all, self.gone = ways.all, [0] * len(ways.all)
        if len(ways.gone) == len(self.gone):
            self.gone = [a | b for a, b in zip(self.gone, ways.gone, strict=True)]

    def left(self) -> list[Way]:
        """The ways that no run went."""
        return [w for w, gone in zip(self.all, self.gone, strict=True) if not gone]

    def numbers(self, known: Iterable[int]) -> list[int]:
        """The numbers at which ways may begin that no run went, ascending, but for those that are `known` sizes."""
        given = set(known)
        return sorted({n for w in self.left() for n in w.numbers} - given)

    def lines(self) -> list[tuple[int, int]]:
        """What no run executed, but for what gives up: the first and last lines of pieces that do not overlap."""
        left = [w for w in self.left() if w.first]
        ends = [(w.first, w.last) for w in left if w.gives_up]
        found: list[tuple[int, int]] = []
        for first, last in sorted((w.first, w.last) for w in left):
            if any(a <= first and last <= b for a, b in ends):
                continue
            if found and first <= found[-1][1] + 1:
                found[-1] = (found[-1][0], max(found[-1][1], last))
            else:
                found.append((first, last))
        return found
