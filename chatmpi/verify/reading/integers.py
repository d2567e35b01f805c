"""Running small integer functions of a candidate on numbers, to find a case in which they break a law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr, Symbol

_DEEPEST_CALLS = 16


class NotComputable(Exception):
    """The function does more than compute with its arguments, or divides by zero."""


def run(
    function: tree.Function, arguments: Sequence[int], functions: Mapping[str, tree.Function], depth: int = 0
) -> int:
    """What the function returns; raises NotComputable."""
    if depth > _DEEPEST_CALLS or len(arguments) != len(function.parameters):
        raise NotComputable
    values = {p.symbol: a for p, a in zip(function.parameters, arguments, strict=True)}
    result = _Run(values, functions, depth).statement(function.body)
    if result is None:
        raise NotComputable
    return result


class _Run:
    def __init__(self, values: dict[Symbol, int], functions: Mapping[str, tree.Function], depth: int) -> None:
        self.values, self.functions, self.depth = values, functions, depth

    def statement(self, s: tree.Stmt) -> int | None:
        """The value that a statement returns, None if control goes on behind it."""
        match s:
            case tree.Return(value=Expr() as value):
                return self.value(value)
            case tree.Block(body=body):
                return next((result for part in body if (result := self.statement(part)) is not None), None)
            case tree.If(condition=condition, then=then, otherwise=otherwise):
                part = then if self.value(condition) else otherwise
                return self.statement(part) if part is not None else None
            case tree.Declaration(variables=variables):
                for v in variables:
                    if v.init is None:
                        raise NotComputable
                    self.values[v.symbol] = self.value(v.init)
                return None
        raise NotComputable

    def value(self, expr: Expr) -> int:
        match expr:
            case tree.IntLiteral(value=value):
                return value
            case tree.Name(symbol=symbol) if symbol in self.values:
                return self.values[symbol]
            case tree.Cast(operand=operand) if isinstance(expr.type, tree.Scalar) and expr.type.is_integer:
                return self.value(operand)
            case tree.Unary(op="-" | "+" | "!" as op, operand=operand):
                x = self.value(operand)
                return -x if op == "-" else x if op == "+" else int(x == 0)
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                return self.value(then) if self.value(condition) else self.value(otherwise)
            case tree.Binary(op="&&", left=left, right=right):
                return int(bool(self.value(left)) and bool(self.value(right)))
            case tree.Binary(op="||", left=left, right=right):
                return int(bool(self.value(left)) or bool(self.value(right)))
            case tree.Binary(op=op, left=left, right=right):
                return _operation(op, self.value(left), self.value(right))
            case tree.Call(name=str() as name, arguments=arguments) if name in self.functions:
                return run(self.functions[name], [self.value(a) for a in arguments], self.functions, self.depth + 1)
        raise NotComputable


def _operation(op: str, x: int, y: int) -> int:
    match op:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
        case "/" | "%" if y:
            quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
            return quotient if op == "/" else x - quotient * y
        case "<":
            return int(x < y)
        case "<=":
            return int(x <= y)
        case ">":
            return int(x > y)
        case ">=":
            return int(x >= y)
        case "==":
            return int(x == y)
        case "!=":
            return int(x != y)
    raise NotComputable
