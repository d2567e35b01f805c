"""Mutants of an MPI program, made by edits on its C tree: each operator yields the places that it can break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.source import Edit, Source, apply_edits
from chatmpi.analysis.tree import Call, Expr, Node, Program, Stmt

_FEW = 5  # lines


@dataclass(frozen=True)
class Mutant:
    """`operator` broke line `line` of the program; `about` is the text before and after. `also`: the line where the
    other of two statements now begins that were exchanged; `inside`: the first and last line of the few that were
    under a guard that is lost; `called_in`: the lines that call the function that was broken."""

    operator: str
    line: int
    about: str
    source: Source
    also: tuple[int, ...] = ()
    inside: tuple[int, int] = (0, 0)
    called_in: tuple[int, ...] = ()


@dataclass(frozen=True)
class Site:
    """What stands at a node, and what takes its place; `also` are further edits, behind it; `guarded` is what the node
    was the guard of."""

    node: Node
    text: str
    also: tuple[Edit, ...] = ()
    guarded: Node | None = None


class Subject:
    """A program to be broken, with what the operators ask of it."""

    def __init__(self, program: Program) -> None:
        self.program, self.source = program, program.source
        self.nodes = [n for f in program.functions for n in tree.walk(f)]
        self.calls = [n for n in self.nodes if isinstance(n, Call) and (n.name or "").startswith("MPI_")]
        self.rank = self._names("MPI_Comm_rank")
        self.size = self._names("MPI_Comm_size")

    def _names(self, function: str) -> str | None:
        """The variable that a call fills."""
        for call in self.calls:
            if call.name == function and isinstance(call.arguments[1], tree.Unary):
                return self.text(call.arguments[1].operand)
        return None

    def text(self, node: Node) -> str:
        return self.source.at(node.span)

    def line(self, place: int) -> int:
        return self.source.location(place).line

    def lines(self, node: Node | None) -> tuple[int, int]:
        """The first and the last, of what has few."""
        first, last = (0, 0) if node is None else (self.line(node.span.begin), self.line(node.span.end - 1))
        return (first, last) if last - first < _FEW else (0, 0)

    def callers(self, node: Node) -> Iterator[int]:
        """The lines of the calls of the function that a node stands in."""
        name = next(f.symbol.name for f in self.program.functions if f.span.begin <= node.span.begin < f.span.end)
        return (self.line(n.span.begin) for n in self.nodes if isinstance(n, Call) and n.name == name)

    def of(self, *names: str) -> Iterator[Call]:
        return (c for c in self.calls if c.name in {f"MPI_{n}" for n in names} and not c.in_macro)

    def blocks(self) -> Iterator[tuple[Stmt, Stmt]]:
        """Neighbouring statements of one block."""
        for n in self.nodes:
            if isinstance(n, tree.Block):
                for a, b in zip(n.body, n.body[1:], strict=False):
                    if not (a.in_macro or b.in_macro or isinstance(a, tree.Declaration)):
                        yield a, b


Operator = Callable[[Subject], Iterator[Site]]
OPERATORS: dict[str, Operator] = {}


def mutants(program: Program) -> Iterator[Mutant]:
    """All mutants, by operator and place."""
    subject = Subject(program)
    for name, operator in OPERATORS.items():
        seen: set[tuple[int, int, str]] = set()
        for site in operator(subject):
            key = (site.node.span.begin, site.node.span.end, site.text)
            old = subject.text(site.node)
            if site.node.in_macro or key in seen or old == site.text:
                continue
            seen.add(key)
            source = apply_edits(subject.source, [Edit(site.node.span, site.text), *site.also])
            longer = site.text.count("\n") - old.count("\n")
            yield Mutant(
                name,
                subject.line(site.node.span.begin),
                f"{_short(old)} -> {_short(site.text)}",
                source,
                tuple(subject.line(e.span.begin) + longer for e in site.also),
                subject.lines(site.guarded),
                tuple(subject.callers(site.node)),
            )


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."


def operator(name: str) -> Callable[[Operator], Operator]:
    def add(function: Operator) -> Operator:
        OPERATORS[name] = function
        return function

    return add


def is_whole(e: Expr) -> bool:
    return isinstance(e.type, tree.Scalar) and e.type.is_integer


def exchanged(s: Subject, a: Stmt, b: Stmt) -> Site:
    return Site(a, s.text(b), (Edit(b.span, s.text(a)),))
