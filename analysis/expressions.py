"""What an expression is, whatever is written around it, and which variable it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Expr, Node, Symbol

COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "==": int.__eq__, "!=": int.__ne__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__,
}  # fmt: skip
STEPS = frozenset({"x++", "++x", "x--", "--x"})


def bare(expr: Expr) -> Expr:
    """Without the conversions around it."""
    while isinstance(expr, tree.Cast):
        expr = expr.operand
    return expr


def variable_of(expr: Expr) -> tree.Name | None:
    """The variable that an expression is, or is a member of."""
    while isinstance(expr, tree.Member) and not expr.arrow:
        expr = expr.base
    return expr if isinstance(expr, tree.Name) else None


def truth(use: Expr, value: bool) -> Expr:
    """0 or 1, at the place where a test is known to give it."""
    return tree.IntLiteral(span=use.span, in_macro=True, type=tree.Scalar("int"), value=int(value))


INT_MAX = 2**31 - 1


def is_small_number(expr: Expr) -> bool:
    """Whether it is a number that all integer types hold which are not narrower than `int`."""
    number = bare(expr)
    return isinstance(number, tree.IntLiteral) and 0 <= number.value <= INT_MAX


def is_null(expr: Expr | None) -> bool:
    """Whether a value is a null pointer, as `NULL` and `0` are."""
    value = bare(expr) if expr is not None else None
    return isinstance(value, tree.IntLiteral) and value.value == 0


def compared(op: str, one: int, other: int) -> bool:
    """What a comparison of two numbers gives."""
    return COMPARISONS[op](one, other)


def is_step(node: Node) -> bool:
    """Whether a node is `i++` or its like."""
    return isinstance(node, tree.Unary) and node.op in STEPS


def only_reads(expr: Expr) -> bool:
    """Whether an expression calls and changes nothing: the order of two of them makes no difference."""
    return not any(isinstance(n, tree.Assign | tree.Call | tree.UnknownExpr) or is_step(n) for n in tree.walk(expr))


def is_narrow_unsigned(expr: Expr) -> bool:
    """Whether less than zero is another number in an expression's type than it is for a pointer."""
    return isinstance(expr.type, tree.Scalar) and expr.type.name == "unsigned int"


def changed(node: Node) -> Symbol | None:
    """The variable that a node itself assigns or steps."""
    match node:
        case tree.Assign(target=tree.Name(symbol=symbol)):
            return symbol
        case tree.Unary(op=op, operand=tree.Name(symbol=symbol)) if op in STEPS:
            return symbol
    return None


def changed_or_lent(node: Node) -> Symbol | None:
    """The variable that a node itself assigns or steps, or whose address it takes."""
    match node:
        case tree.Unary(op="&", operand=tree.Name(symbol=symbol)):
            return symbol
    return changed(node)


def read_names(node: Node) -> Iterator[tree.Name]:
    """The names below a node that are not only set by a statement, `k = 0;`."""
    nodes = list(tree.walk(node))
    made = (n.expr for n in nodes if isinstance(n, tree.ExprStmt))
    only_set = {id(e.target) for e in made if isinstance(e, tree.Assign) and e.op == "="}
    return (n for n in nodes if isinstance(n, tree.Name) and id(n) not in only_set)


def operands(expr: Expr, op: str) -> Iterator[Expr]:
    """What an operator stands between, `a`, `b` and `c` of `a op b op c`; the expression itself if it is another."""
    if isinstance(expr, tree.Binary) and expr.op == op:
        yield from operands(expr.left, op)
        yield from operands(expr.right, op)
    else:
        yield expr


def comma_parts(expr: Expr) -> Iterator[Expr]:
    """The parts of a comma."""
    return operands(expr, ",")


def allocation(expr: Expr | None) -> tree.Call | None:
    """The call of malloc or calloc that an expression is, conversions aside."""
    call = bare(expr) if expr is not None else None
    return call if isinstance(call, tree.Call) and call.name in {"malloc", "calloc"} else None
