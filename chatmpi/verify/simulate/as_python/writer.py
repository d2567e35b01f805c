"""What the writers of the parts of expressions ask of the writer of the whole."""

from __future__ import annotations

from typing import Protocol

from chatmpi.analysis.tree import CType, Expr, Scalar


class Writer(Protocol):
    def value(self, e: Expr) -> str:
        """In its own type; an array's is a pointer."""

    def converted(self, e: Expr, to: CType, explicit: bool = False, name: str = "") -> str:
        """In another type. `name` is the variable that it is stored in, for messages."""

    def condition(self, e: Expr) -> str:
        """As a condition of Python's."""

    def operand(self, e: Expr, kind: Scalar) -> str:
        """In the type in which an operator works; signed integers stay unchecked."""

    def operation(self, op: str, a: str, b: str, kind: Scalar) -> str:
        """`a op b` of two operands of one type."""
