"""Assignments and steps, as statements and inside of expressions."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr, Pointer, Scalar
from chatmpi.verify.simulate.as_python.conversions import Conversions
from chatmpi.verify.simulate.as_python.extents import Extents
from chatmpi.verify.simulate.as_python.pieces import decayed, is_atom
from chatmpi.verify.simulate.as_python.places import Places
from chatmpi.verify.simulate.as_python.scope import Scope
from chatmpi.verify.simulate.as_python.writer import Writer
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.layouts import limits, promoted, usual

_STEP = {"++x": 1, "x++": 1, "--x": -1, "x--": -1}


class Assignments:
    """Writes the assignments of one program."""

    def __init__(
        self, scope: Scope, writer: Writer, conversions: Conversions, extents: Extents, places: Places
    ) -> None:
        self._scope, self._writer = scope, writer
        self._conversions, self._extents, self._places = conversions, extents, places

    def assigned(self, e: tree.Assign) -> str:
        """An assignment inside an expression: its value."""
        if isinstance(e.target, tree.Name) and not self._scope.in_memory(e.target.symbol):
            name = self._writer.value(e.target)
            return f"({name} := {self.new_value(e, name)})"
        target, index = self._places.of(e.target)
        if e.op == "=":
            return f"store({target}, {index}, {self.new_value(e, '')})"
        o, k = self._scope.temporary(), self._scope.temporary()
        return f"store(({o} := {target}), ({k} := {index}), {self.new_value(e, f'{o}[{k}]')})"

    def new_value(self, e: tree.Assign, old: str) -> str:
        """What is stored; `old` is code for the old value."""
        kind = e.target.type
        if e.op == "=":
            return self._writer.converted(e.value, kind, name=_root(e.target))
        op = e.op[:-1]
        if isinstance(kind, Pointer):
            steps = f"{'-' if op == '-' else ''}{self._writer.value(e.value)}"
            return f"moved({old}, {steps}, {self._extents.stride(e.target)})"
        value = decayed(e.value.type)
        if not isinstance(kind, Scalar) or not isinstance(value, Scalar):
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        common = promoted(kind) if op in ("<<", ">>") else usual(kind, value)
        a = old if not common.is_floating else self._conversions.in_type(old, kind, common)
        if not common.is_floating and common.is_unsigned and not kind.is_unsigned:
            a = f"({old} & {limits(common)[1]})"
        b = self._writer.value(e.value) if op in ("<<", ">>") else self._writer.operand(e.value, common)
        return self._conversions.in_type(self._writer.operation(op, a, b, common), common, kind)

    def stepped(self, e: tree.Unary) -> str:
        before = e.op.startswith("x")
        if isinstance(e.operand, tree.Name) and not self._scope.in_memory(e.operand.symbol):
            name = self._writer.value(e.operand)
            stored = f"({name} := {self.step_value(e, name)})"
            return f"first({name}, {stored})" if before else stored
        target, index = self._places.of(e.operand)
        o, k = self._scope.temporary(), self._scope.temporary()
        new = self.step_value(e, f"{o}[{k}]")
        old = f"({o} := {target})[({k} := {index})]"
        if before:
            return f"first({old}, store({o}, {k}, {new}))"
        return f"store(({o} := {target}), ({k} := {index}), {new})"

    def step_value(self, e: tree.Unary, old: str) -> str:
        """The value after `++` or `--`."""
        step, kind = _STEP[e.op], e.operand.type
        if isinstance(kind, Pointer):
            return f"moved({old}, {step}, {self._extents.stride(e.operand)})"
        if not isinstance(kind, Scalar):
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        if kind.is_complex:
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        if kind.is_floating:
            return self._writer.operation("+", old, self._scope.float_constant(float(step)), kind)
        common = promoted(kind)
        new = self._conversions.in_type(self._writer.operation("+", old, str(step), common), common, kind)
        if is_atom(old) and step > 0 and kind == common and not kind.is_unsigned:
            return f"({old} + 1 if {old} < {limits(kind)[1]} else {new})"  # most steps of loops: no call
        return new


def _root(e: Expr) -> str:
    while isinstance(e, tree.Index):
        e = e.base
    return e.symbol.name if isinstance(e, tree.Name) else ""
