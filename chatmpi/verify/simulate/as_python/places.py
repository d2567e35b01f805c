"""Where lvalues are: the object and the cell in it, kept within bounds."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Array, Expr, OtherType, Pointer
from chatmpi.verify.simulate.as_python.extents import Extents
from chatmpi.verify.simulate.as_python.initialisers import Initialisers
from chatmpi.verify.simulate.as_python.pieces import added, decayed, is_atom, multiplied
from chatmpi.verify.simulate.as_python.scope import Scope, python_name
from chatmpi.verify.simulate.as_python.writer import Writer
from chatmpi.verify.simulate.errors import Unsupported


class Places:
    """Writes the places of one program's lvalues."""

    def __init__(self, scope: Scope, writer: Writer, extents: Extents) -> None:
        self._scope, self._writer, self._extents = scope, writer, extents

    def of(self, e: Expr) -> tuple[str, str]:
        """Code for the object that an lvalue is in, and for its cell there, in bounds below."""
        match e:
            case tree.Name(symbol=symbol):
                if symbol.storage == "global" and symbol.uid not in self._scope.outer:
                    raise Unsupported(f"the variable {symbol}, which is defined elsewhere", self._scope.line(e))
                if not self._scope.in_memory(symbol):
                    raise Unsupported(f"the memory of {symbol}", self._scope.line(e))
                return python_name(symbol), "0"
            case tree.Index(base=base, subscript=subscript) if isinstance(base.type, Array):
                target, index = self.of(base)
                extents = self._extents.of(base)
                if self._goes_on(base):
                    steps = multiplied(self._writer.value(subscript), self._extents.size(e.type, extents[1:]))
                    return target, self._from_zero(target, added(index, steps))
                return target, added(
                    index, multiplied(self._bounded(subscript, extents[0]), self._extents.size(e.type, extents[1:]))
                )
            case tree.Index(base=base, subscript=subscript):
                return self._beyond(base, self._writer.value(subscript))
            case tree.Unary(op="*", operand=operand):
                return self._beyond(operand, "0")
            case tree.Member(base=base, field=field, arrow=arrow):
                target, index = self._beyond(base, "0") if arrow else self.of(base)
                holder = decayed(base.type)
                inside = holder.target if arrow and isinstance(holder, Pointer) else base.type
                return target, added(index, str(self._scope.layouts.member(inside, field)[0]))
            case tree.StringLiteral():
                return f"{self._writer.value(e)}[0]", "0"
            case tree.UnknownExpr(kind="compound literal"):
                return Initialisers(self._scope, self._writer).compound(e), "0"
            case tree.Call() if isinstance(e.type, OtherType):
                return f"temporary({self._writer.value(e)}, {self._scope.layout(e.type)})", "0"
        raise Unsupported("an lvalue of this form", self._scope.line(e))

    def address(self, e: Expr) -> str:
        """The address of an lvalue; of an array's elements that one too that would follow the last."""
        if isinstance(e, tree.Index) and isinstance(e.base.type, Array):
            target, index = self.of(e.base)
            extents = self._extents.of(e.base)
            if self._goes_on(e.base):
                subscript = self._writer.value(e.subscript)
            else:
                subscript = self._bounded(e.subscript, extents[0], "upto")
            return f"({target}, {added(index, multiplied(subscript, self._extents.size(e.type, extents[1:])))})"
        target, index = self.of(e)
        return f"({target}, {index})"

    def _beyond(self, pointer: Expr, steps: str) -> tuple[str, str]:
        """The place `pointer[steps]`."""
        if isinstance(pointer.type, Array):  # a pointer to the first element
            target, index = self.of(pointer)
            extents = self._extents.of(pointer)
            bounded = steps if steps == "0" else f"inside({steps}, {extents[0]})"
            return target, added(index, multiplied(bounded, self._extents.size(pointer.type.element, extents[1:])))
        code = self._writer.value(pointer)
        name = code
        if not is_atom(code):
            name = self._scope.temporary()
            code = f"({name} := {code})"
        offset = multiplied(steps, self._extents.stride(pointer))
        return f"{code}[0]", self._from_zero(f"{name}[0]", added(f"{name}[1]", offset))

    def _goes_on(self, row: Expr) -> bool:
        """Whether other rows of the same array come before and behind this one, and may be reached from it."""
        array = row
        while isinstance(array, tree.Index):
            array = array.base
        return self._scope.joined_rows and array is not row and not isinstance(array, tree.Member)

    def _from_zero(self, target: str, at: str) -> str:
        """A cell that is not before the object's first."""
        k = self._scope.temporary()
        return f"({k} if ({k} := {at}) >= 0 else below({target}, {k}))"

    def _bounded(self, subscript: Expr, extent: str, check: str = "inside") -> str:
        code = self._writer.value(subscript)
        if code.isdigit() and extent.isdigit() and int(code) < int(extent):
            return code
        fails = "outside" if check == "inside" else check
        if is_atom(code):
            return f"({code} if 0 <= {code} < {extent} else {fails}({code}, {extent}))"
        k = self._scope.temporary()
        return f"({k} if 0 <= ({k} := {code}) < {extent} else {fails}({k}, {extent}))"
