"""Calls: of the program's own functions, of the C library, of MPI, through pointers."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.tree import Expr, OtherType, Pointer, Scalar
from chatmpi.verify.simulate.as_python.conversions import Conversions, addressed
from chatmpi.verify.simulate.as_python.pieces import decayed, is_null
from chatmpi.verify.simulate.as_python.scope import Scope
from chatmpi.verify.simulate.as_python.writer import Writer
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.function_types import INDIRECT, parameters
from chatmpi.verify.simulate.layouts import DOUBLE, INT, promoted
from chatmpi.verify.simulate.libc.functions import SIGNATURES
from chatmpi.verify.simulate.variadic import REST, START, takes_more

# Functions that store a pointer to memory that they allocate, by the place of that argument.
_ALLOCATES = {"posix_memalign": 0, "MPI_Alloc_mem": 2, "MPI_Win_allocate": 4, "MPI_Win_allocate_shared": 4}


class Calls:
    """Writes the calls of one program."""

    def __init__(self, scope: Scope, writer: Writer, conversions: Conversions) -> None:
        self._scope, self._writer, self._conversions = scope, writer, conversions

    def call(self, e: tree.Call) -> str:
        name = e.name
        if name is None:
            return self._indirect_call(e)
        own = self._scope.functions.get(name)
        if own is not None:
            return self._own_call(e, own)
        if name.startswith("MPI_"):
            arguments = "".join(f"{a}, " for a in (*map(self._argument, e.arguments), *self._elements(e)))
            return f"(yield ({name!r}, {self._scope.place(e)}, ({arguments})))"
        if name == START:
            return f"started({self._writer.value(e.arguments[0])}, {REST})"
        signature = SIGNATURES.get(name)
        if signature is None:
            raise Unsupported(f"the function {name}", self._scope.line(e))
        self._scope.used.add(name)
        arguments = ", ".join((*self._library_arguments(e, signature), *self._elements(e)))
        return f"F_{name}({arguments})"

    def _elements(self, e: tree.Call) -> list[str]:
        """What the memory that a call allocates consists of, as one more argument: what the pointer to it points to."""
        position = _ALLOCATES.get(e.name or "", len(e.arguments))
        if position >= len(e.arguments):
            return []
        to = decayed(bare(e.arguments[position]).type)
        element = to.target.target if isinstance(to, Pointer) and isinstance(to.target, Pointer) else None
        known = element is not None and not (isinstance(element, OtherType) and element.name == "void")
        return [self._scope.layout(element)] if known and element is not None else []

    def _own_call(self, e: tree.Call, own: tree.Function) -> str:
        more = len(e.arguments) - len(own.parameters)
        if more < 0 or (more and not takes_more(own.symbol)):
            raise Unsupported(f"a call of {own.symbol} with other arguments than it takes", self._scope.line(e))
        passed = [
            self._writer.converted(a, p.symbol.type, name=p.symbol.name)
            for a, p in zip(e.arguments, own.parameters, strict=False)
        ]
        passed += [self._argument(a) for a in e.arguments[len(own.parameters) :]]
        code = f"f_{own.symbol.name}({', '.join(passed)})"
        return f"(yield from {code})" if own.symbol.name in self._scope.coroutines else code

    def _indirect_call(self, e: tree.Call) -> str:
        wanted = parameters(e.callee.type)
        if wanted is not None and len(wanted) != len(e.arguments):
            raise Unsupported("a call through a pointer with other arguments than it takes", self._scope.line(e))
        passed = [
            self._argument(a) if to is None else self._writer.converted(a, to)
            for a, to in zip(e.arguments, wanted or [None] * len(e.arguments), strict=True)
        ]
        callee = self._writer.value(e.callee)
        if INDIRECT in self._scope.coroutines:
            return f"(yield from indirect({', '.join((callee, *passed))}))"
        return f"pointed({callee})({', '.join(passed)})"

    def _argument(self, e: Expr) -> str:
        """An argument of a function that takes anything."""
        if is_null(e) and isinstance(decayed(e.type), Pointer):
            return "NULL"
        kind = decayed(e.type)
        if isinstance(kind, Scalar) and not kind.is_floating:
            return self._conversions.in_type(self._writer.value(e), kind, promoted(kind), e)
        return self._writer.value(e)

    def _library_arguments(self, e: tree.Call, signature: str) -> list[str]:
        """By the letters of `libc.functions.SIGNATURES`; what `.` stands for in one tuple."""
        codes: list[str] = []
        kinds = {
            **{"d": DOUBLE, "f": Scalar("float"), "i": INT, "l": Scalar("long"), "u": Scalar("unsigned long")},
            **{"c": Scalar("_Complex double"), "g": Scalar("_Complex float")},
        }
        for position, letter in enumerate(signature):
            if letter == ".":
                rest = "".join(f"{self._argument(a)}, " for a in e.arguments[position:])
                codes.append(f"({rest})")
                return codes
            if position >= len(e.arguments):
                raise Unsupported(f"{e.name} with {len(e.arguments)} arguments", self._scope.line(e))
            a = addressed(e.arguments[position]) if letter == "p" else e.arguments[position]
            if letter in kinds:
                codes.append(self._writer.converted(a, kinds[letter]))
            elif letter == "s" and isinstance(a, tree.StringLiteral):
                codes.append(repr(a.value))
            else:
                codes.append(self._argument(a) if not is_null(a) else "NULL")
        return codes
