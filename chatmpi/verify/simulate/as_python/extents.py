"""How large arrays are, those of variable length too: extents, cells, bytes, as code."""

from __future__ import annotations

from collections.abc import Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import STEPS
from chatmpi.analysis.tree import Array, CType, Expr, Pointer
from chatmpi.verify.simulate.as_python.pieces import VOID, decayed, multiplied
from chatmpi.verify.simulate.as_python.scope import Scope
from chatmpi.verify.simulate.as_python.writer import Writer
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.layouts import POINTER_BYTES


class Extents:
    """Writes the sizes of one program's objects."""

    def __init__(self, scope: Scope, writer: Writer) -> None:
        self._scope, self._writer = scope, writer

    def of(self, e: Expr) -> list[str]:
        """The extents of an array, as code, outermost first."""
        known: list[str] = []
        kind = e.type
        while isinstance(kind, Array) and kind.extent is not None:
            known.append(str(kind.extent))
            kind = kind.element
        if not isinstance(kind, Array):
            return known
        match e:
            case tree.Name(symbol=symbol) if symbol.uid in self._scope.dims:
                return self._scope.dims[symbol.uid]
            case tree.Index(base=base) if isinstance(base.type, Array):
                return self.of(base)[1:]
            case tree.Index(base=base):
                return self._of_target(base)
            case tree.Unary(op="*", operand=operand):
                return self._of_target(operand)
        raise Unsupported("an array of variable length here", self._scope.line(e))

    def _of_target(self, e: Expr) -> list[str]:
        """The extents of the array that a pointer points to; none if it points to no array."""
        if isinstance(e.type, Array):
            return self.of(e)[1:]
        kind = e.type.target if isinstance(e.type, Pointer) else e.type
        known: list[str] = []
        while isinstance(kind, Array) and kind.extent is not None:
            known.append(str(kind.extent))
            kind = kind.element
        if not isinstance(kind, Array):
            return known
        match e:
            case tree.Name(symbol=symbol) if symbol.uid in self._scope.dims:
                return self._scope.dims[symbol.uid]
            case tree.Binary(op="+" | "-", left=left, right=right):
                return self._of_target(left if isinstance(decayed(left.type), Pointer) else right)
            case tree.Unary(op="&", operand=operand):
                return self.of(operand)
            case tree.Unary(op=op, operand=operand) if op in STEPS:
                return self._of_target(operand)
        raise Unsupported("a pointer to an array of variable length here", self._scope.line(e))

    def size(self, kind: CType, extents: Sequence[str]) -> str:
        """The number of cells of an element whose own extents are given."""
        code = str(len(self._scope.layouts.of(kind).kinds))
        for extent in extents:
            code = multiplied(extent, code)
        return code

    def stride(self, pointer: Expr) -> str:
        kind = decayed(pointer.type)
        if not isinstance(kind, Pointer):
            raise Unsupported("pointer arithmetic here", self._scope.line(pointer))
        if kind.target == VOID:
            raise Unsupported("arithmetic with a pointer to void", self._scope.line(pointer))
        return self.size(kind.target, self._of_target(pointer))

    def sizeof(self, e: tree.Sizeof) -> str:
        if e.operand is None:
            if e.of is None:
                raise Unsupported("this sizeof", self._scope.line(e))
            if not e.extents:
                return str(self._scope.layouts.size(e.of))
            code = str(self._scope.layouts.of(e.of).size)
            for size in map(self._writer.value, e.extents):
                code = multiplied(size, code)
            return code
        kind = e.operand.type
        if not isinstance(kind, Array):
            return str(POINTER_BYTES if isinstance(kind, Pointer) else self._scope.layouts.size(kind))
        code = str(self._scope.layouts.of(kind).size)
        for extent in self.of(e.operand):
            code = multiplied(extent, code)
        return code
