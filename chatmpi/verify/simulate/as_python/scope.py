"""What the writer of Python code knows of the C program: which variables need memory, what calls MPI, constants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Array, CType, OtherType, Pointer, Program, Scalar, Symbol
from chatmpi.verify.simulate.errors import Line, line_at
from chatmpi.verify.simulate.function_types import INDIRECT
from chatmpi.verify.simulate.layouts import Layouts
from chatmpi.verify.simulate.values import Layout
from chatmpi.verify.simulate.ways import Ways

CHARACTERS = frozenset({Scalar("char"), Scalar("signed char"), Scalar("unsigned char")})


@dataclass
class Scope:
    """`addressed`: variables whose address is taken; `coroutines`: functions that may call MPI; `dims`: the extents
    of arrays of variable length, as code; `namespace`: the constants that the code names; `mixes_characters`: what is
    stored as one sort of characters is read as another; `joined_rows`: see `Limits`; `ways`: what is noted
    of where runs go."""

    program: Program
    layouts: Layouts
    addressed: frozenset[int]
    coroutines: frozenset[str]
    functions: dict[str, tree.Function]
    mixes_characters: bool = False
    joined_rows: bool = False
    dims: dict[int, list[str]] = field(default_factory=dict)
    namespace: dict[str, Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    outer: set[int] = field(default_factory=set)
    ways: Ways = field(init=False)
    _floats: dict[str, str] = field(default_factory=dict)
    _layouts: dict[int, str] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        self.ways = Ways(self.program)
        self.namespace |= {"_w": self.ways.gone, "went": self.ways.went}

    def float_constant(self, value: float) -> str:
        name = self._floats.get(value.hex())
        if name is None:
            name = self._floats[value.hex()] = f"K{len(self._floats)}"
            self.namespace[name] = self.layouts.terms.constant(value)
        return name

    def layout(self, kind: CType) -> str:
        found: Layout = self.layouts.of(kind)
        name = self._layouts.get(id(found))
        if name is None:
            name = self._layouts[id(found)] = f"L{len(self._layouts)}"
            self.namespace[name] = found
        return name

    def temporary(self) -> str:
        self._count += 1
        return f"_{self._count}"

    def line(self, node: tree.Node) -> Line:
        found = self.program.source.location(node.span.begin)
        return line_at(found.line, found.column)

    def end(self, node: tree.Node) -> Line:
        """Where a node's text ends."""
        found = self.program.source.location(node.span.end - 1)
        return line_at(found.line, found.column)

    def place(self, node: tree.Node) -> str:
        """The name of a node's line in the code."""
        line = self.line(node)
        name = f"P{line}_{line.column}"
        self.namespace[name] = line
        return name

    def in_memory(self, symbol: Symbol) -> bool:
        """Whether a variable is an object: an array, a structure, or something whose address is taken."""
        return is_aggregate(symbol.type) or symbol.uid in self.addressed


def is_aggregate(kind: CType) -> bool:
    return isinstance(kind, Array | OtherType)


def python_name(symbol: Symbol) -> str:
    plain = symbol.name.isascii() and symbol.name.isidentifier()
    return f"{symbol.name if plain else 'v'}_{symbol.uid}"


def scope_of(program: Program, layouts: Layouts, joined_rows: bool = False) -> Scope:
    functions = {f.symbol.name: f for f in program.functions}
    addressed: set[int] = set()
    taken: set[str] = set()  # functions that pointers may lead to
    direct: set[int] = set()
    calls: dict[str, set[str]] = {INDIRECT: taken}
    mixes = False
    for function in program.functions:
        called = calls[function.symbol.name] = set()
        for node in tree.walk(function):
            match node:
                case tree.Call(name=None):
                    called.add(INDIRECT)
                case tree.Call(callee=callee):
                    direct.add(id(callee))
                case tree.Cast():
                    mixes = mixes or _turns_characters(node)
            match node:
                case tree.Unary(op="&", operand=tree.Name(symbol=symbol)):
                    addressed.add(symbol.uid)
                case tree.Name(symbol=symbol) if symbol.storage == "function":
                    called.add(symbol.name)
                    if id(node) not in direct:
                        taken.add(symbol.name)
    for variable in program.globals:
        for node in tree.walk(variable):
            if isinstance(node, tree.Unary) and node.op == "&" and isinstance(node.operand, tree.Name):
                addressed.add(node.operand.symbol.uid)
            elif isinstance(node, tree.Name) and node.symbol.storage == "function":
                taken.add(node.symbol.name)
            elif isinstance(node, tree.Cast):
                mixes = mixes or _turns_characters(node)
    return Scope(program, layouts, frozenset(addressed), _callers_of_mpi(calls), functions, mixes, joined_rows)


def _turns_characters(cast: tree.Cast) -> bool:
    """Whether a pointer to characters becomes one to another sort of them."""
    source, to = cast.operand.type, cast.type
    inner = source.element if isinstance(source, Array) else source.target if isinstance(source, Pointer) else None
    return isinstance(to, Pointer) and to.target in CHARACTERS and inner in CHARACTERS and to.target != inner


def _callers_of_mpi(calls: dict[str, set[str]]) -> frozenset[str]:
    found = {name for name, called in calls.items() if any(c.startswith("MPI_") and c not in calls for c in called)}
    while True:
        more = {name for name, called in calls.items() if name not in found and called & found}
        if not more:
            return frozenset(found)
        found |= more
