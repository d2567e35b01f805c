"""A C program as Python code: written once, made anew for each rank."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from chatmpi.analysis import tree
from chatmpi.analysis.source import Source
from chatmpi.analysis.tree import Program
from chatmpi.verify.simulate.as_python.scope import scope_of
from chatmpi.verify.simulate.as_python.statements import Statements
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.layouts import Layouts
from chatmpi.verify.simulate.library import shared_names
from chatmpi.verify.simulate.terms import Terms
from chatmpi.verify.simulate.ways import Ways

FILE = "<simulated>"


@dataclass(frozen=True)
class Compiled:
    """`names` are those in the code, `constants` what stands for them in every process alike; `c_lines[i]` is the line
    of C that line i + 1 of the Python stands for; `is_coroutine`: main may call MPI; `ways` tell where its runs went.
    """

    source: Source
    code: CodeType
    constants: Mapping[str, Any]
    names: frozenset[str]
    c_lines: tuple[int, ...]
    is_coroutine: bool
    parameters: int
    text: str
    ways: Ways

    def namespace(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """What the names in the code mean in one process; `own` are those that mean something else in each."""
        return {**{name: value for name, value in own.items() if name in self.names}, **self.constants}

    def main(self, namespace: dict[str, Any]) -> Callable[..., Any]:
        """The program's main function with memory of its own; runs the initialisers of its variables."""
        exec(self.code, namespace)
        made: Callable[..., Any] = namespace["make"]()
        return made

    def c_line(self, python_line: int) -> int:
        return self.c_lines[python_line - 1] if 0 < python_line <= len(self.c_lines) else 0


def compile_program(program: Program, terms: Terms, joined_rows: bool = False) -> Compiled:
    """`joined_rows`: see `Limits`. Raises Unsupported where the program as a whole is not understood."""
    main = program.function("main")
    if main is None:
        raise Unsupported("a program without main")
    scope = scope_of(program, Layouts(program.layouts, terms), joined_rows)
    statics = [
        v
        for f in program.functions
        for node in tree.walk(f.body)
        if isinstance(node, tree.Declaration)
        for v in node.variables
        if v.symbol.storage == "static"
    ]
    outer = [*_defined(program), *statics]
    scope.outer |= {v.symbol.uid for v in outer}
    writer = Statements(scope)
    writer.begin("def make():")
    writer.put("_n = 0")
    late = [v for v in outer if _names_function(v)]
    for variable in outer:
        if variable not in late:
            writer.static(variable)
    for function in program.functions:
        writer.function(function, scope.outer)
    for variable in late:  # functions are what comes before
        writer.static(variable)
    writer.put("return f_main")
    text = "\n".join(writer.lines) + "\n"
    try:
        code = _code(text)
    except (SyntaxError, RecursionError, MemoryError):
        raise Unsupported("a program that nests this deeply") from None
    taken, used = len(main.parameters), names_in(code)
    constants = {name: value for name, value in (shared_names(terms) | scope.namespace).items() if name in used}
    return Compiled(
        *(program.source, code, constants, used, tuple(writer.c_lines), "main" in scope.coroutines, taken, text),
        scope.ways,
    )


@lru_cache(maxsize=16)
def _code(text: str) -> CodeType:
    """Of text that comes again with other data, or for another purpose."""
    return compile(text, FILE, "exec")


def names_in(code: CodeType) -> frozenset[str]:
    """All names in code and in the functions that it makes."""
    inner = [names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return frozenset(code.co_names).union(*inner)


def _names_function(v: tree.VarDecl) -> bool:
    """Whether the initial value has a function of the program in it."""
    names = (n for n in tree.walk(v) if isinstance(n, tree.Name))
    return v.init is not None and any(n.symbol.storage == "function" for n in names)


def _defined(program: Program) -> list[tree.VarDecl]:
    """The program's variables, each once: the declaration that has an initialiser, or the last."""
    found: dict[int, tree.VarDecl] = {}
    for v in program.globals:
        known = found.get(v.symbol.uid)
        if known is None or known.init is None:
            found[v.symbol.uid] = v
    return list(found.values())
