"""What a call does beside giving a value: summaries of the program's own functions, over the call graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import networkx as nx

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import KEEPING, LIBRARY, Does
from chatmpi.analysis.expressions import bare, variable_of
from chatmpi.analysis.outside.answers import answering
from chatmpi.analysis.touches import BareUse, CallTouch, ElementTouch, OpaqueTouch, ScalarTouch, Touches
from chatmpi.analysis.tree import Call, Expr, Symbol

FILE_SCOPE = frozenset({"global", "static"})
INDIRECT = "*"  # stands for every function that a pointer may lead to


@dataclass(frozen=True, slots=True)
class Effects:
    """`does`: the library effects reached. `reads`, `writes`: variables that outlive a call. `looks`, `memory`: it
    reads, writes through pointers that it was given. `captures`: it may keep such a pointer. `unknown`:
    functions whose body is not to be seen."""

    does: frozenset[Does] = frozenset()
    reads: frozenset[Symbol] = frozenset()
    writes: frozenset[Symbol] = frozenset()
    looks: bool = False
    memory: bool = False
    captures: bool = False
    unknown: frozenset[str] = frozenset()

    def union(self, other: Effects) -> Effects:
        return Effects(
            self.does | other.does,
            self.reads | other.reads,
            self.writes | other.writes,
            self.looks or other.looks,
            self.memory or other.memory,
            self.captures or other.captures,
            self.unknown | other.unknown,
        )

    @property
    def without_assertions(self) -> Effects:
        """What is done where all assertions hold. (One that does not ends the program on whichever rank meets it.)"""
        return replace(self, does=self.does - {Does.ASSERTS})

    @property
    def is_pure(self) -> bool:
        """Gives a value and does nothing else; it may read file-scope variables, and memory it is given."""
        return self.does <= {Does.NOTHING} and not (self.writes or self.memory or self.captures or self.unknown)


NO_EFFECTS = Effects()


def summarise(program: tree.Program, touched: dict[str, Touches]) -> dict[str, Effects]:
    """The effects of each function of the program, calls included, and of a call through a pointer: all functions whose
    address is taken may be meant."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    own: dict[str, Effects] = {}
    taken = _taken(program)
    graph.add_edges_from((INDIRECT, name) for name in taken if name in touched)
    if taken:
        own[INDIRECT] = _union(_behind_pointer(name) for name in taken if name not in touched)
        graph.add_node(INDIRECT)
    for function in program.functions:
        name = function.symbol.name
        items = touched[name].items
        graph.add_node(name)
        called = [t.call for t in items if isinstance(t, CallTouch)]
        graph.add_edges_from((name, other) for c in called for other in (c.name, *_called_back(c)) if other in touched)
        if taken and any(c.name is None for c in called):
            graph.add_edge(name, INDIRECT)
            called = [c for c in called if c.name is not None]
        own[name] = _own_effects(items, called, set(touched))
        if answering(function):
            own[name] = own[name].union(Effects(frozenset({Does.ANSWERS})))
    return {name: _union(own[n] for n in {name, *nx.descendants(graph, name)}) for name in own}


def _behind_pointer(name: str) -> Effects:
    """A function of the library that a pointer may lead to: one that only some ranks may call has to be called by its
    name."""
    if LIBRARY.get(name) in {Does.NOTHING, Does.WRITES_ARGUMENTS, Does.ALLOCATES}:
        return _of_library(name)
    return Effects(unknown=frozenset({"a function pointer"}), memory=True, captures=True)


def _taken(program: tree.Program) -> set[str]:
    """The functions that are named otherwise than to be called there."""
    nodes = [n for part in (*program.globals, *(f.body for f in program.functions)) for n in tree.walk(part)]
    direct = {id(n.callee) for n in nodes if isinstance(n, Call)}
    names = (n for n in nodes if isinstance(n, tree.Name) and id(n) not in direct)
    return {n.symbol.name for n in names if n.symbol.storage == "function"}


def effects_of(call: Call, summaries: Mapping[str, Effects]) -> Effects:
    name = INDIRECT if call.name is None else call.name
    if name in summaries:
        return summaries[name]
    return _union((_library_effects(call), *(summaries[name] for name in _called_back(call) if name in summaries)))


def _called_back(call: Call) -> Iterator[str]:
    """Functions that a function of the library is handed, and may call: a comparison of `qsort`."""
    for argument in call.arguments:
        if isinstance(argument, tree.Name) and argument.symbol.storage == "function":
            yield argument.symbol.name


def _library_effects(call: Call) -> Effects:
    if call.name is None:
        return Effects(unknown=frozenset({"a function pointer"}), memory=True, captures=True)
    return _of_library(call.name)


def _of_library(name: str) -> Effects:
    does = LIBRARY.get(name)
    if does is None:
        return Effects(unknown=frozenset({name}), memory=True, captures=True)
    return Effects(does=frozenset({does}), memory=does is Does.WRITES_ARGUMENTS, captures=name in KEEPING)


def _own_effects(items: Iterable[object], called: list[Call], functions: set[str]) -> Effects:
    reads: set[Symbol] = set()
    writes: set[Symbol] = set()
    looks = memory = captures = False
    for t in items:
        match t:
            case ScalarTouch(symbol=s, read=r, write=w) | ElementTouch(symbol=s, read=r, write=w):
                if s.storage in FILE_SCOPE:
                    reads |= {s} if r else set()
                    writes |= {s} if w else set()
                elif isinstance(t, ElementTouch) and s.storage == "parameter":
                    looks, memory = looks or t.read, memory or t.write
            case BareUse(symbol=s, role=role):
                if s.storage in FILE_SCOPE:
                    reads.add(s)
                    writes.add(s)
                captures = captures or (role in {"value", "assigned"} and s.storage == "parameter")
            case OpaqueTouch(node=node) if not _is_own_member(node):
                memory = captures = True
    outside = _union(_library_effects(c) for c in called if c.name not in functions)
    return Effects(frozenset(), frozenset(reads), frozenset(writes), looks, memory, captures).union(outside)


def _is_own_member(node: Expr) -> bool:
    """`t.seconds` of a structure that the function itself declares."""
    own = variable_of(node)
    return own is not None and own.symbol.storage == "local" and isinstance(own.type, tree.OtherType)


def _union(many: Iterable[Effects]) -> Effects:
    total = NO_EFFECTS
    for e in many:
        total = total.union(e)
    return total


def is_output(expr: Expr, summaries: dict[str, Effects]) -> bool:
    """Whether an expression statement is a call that only prints, so that rank 0 alone can execute it."""
    call = bare(expr)
    if not isinstance(call, Call):
        return False
    effects = effects_of(call, summaries)
    return (
        Does.OUTPUT in effects.does
        and effects.does <= {Does.NOTHING, Does.OUTPUT}
        and not (effects.writes or effects.captures or effects.unknown)
        and (call.name in LIBRARY or not effects.memory)
    )
