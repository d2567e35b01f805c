"""Reading small C programs and looking into their trees, for tests."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TypeVar

from chatmpi.analysis import tree
from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source, Span
from chatmpi.analysis.tree import (
    Binary,
    Call,
    Expr,
    ExprStmt,
    FloatLiteral,
    IntLiteral,
    Name,
    Node,
    Program,
    Scalar,
    Stmt,
    VarDecl,
    walk,
)

N = TypeVar("N", bound=Node)
DEFAULT = ParseOptions()
INT, DOUBLE = Scalar("int"), Scalar("double")


def program(text: str, options: ParseOptions = DEFAULT) -> Program:
    return parse(Source.from_str("t.c", textwrap.dedent(text)), options)


def nodes(p: Program) -> Iterator[Node]:
    for root in (*p.globals, *p.functions):
        yield from walk(root)


def every(p: Program, kind: type[N]) -> list[N]:
    return [n for n in nodes(p) if isinstance(n, kind)]


def only(p: Program, kind: type[N], text: str) -> N:
    """The one node of a kind that stands at `text`."""
    found = [n for n in every(p, kind) if p.source.at(n.span) == text]
    assert len(found) == 1, [p.source.at(n.span) for n in every(p, kind)]
    return found[0]


def variable(p: Program, name: str) -> VarDecl:
    found = [v for v in every(p, VarDecl) if v.symbol.name == name]
    assert len(found) == 1
    return found[0]


def body(statements_text: str, before: str = "") -> Program:
    """The statements in a function with some variables."""
    return program(f"{before}\nvoid f(int n, int i, int j, double *u, double x, double y) {{\n{statements_text}\n}}\n")


def first_statement(p: Program) -> Stmt:
    return p.functions[0].body.body[0]


def spelled(p: Program, spans: tuple[Span, ...]) -> list[str]:
    return [p.source.at(s) for s in spans]


def expression_of(p: Program) -> Expr:
    statement = first_statement(p)
    assert isinstance(statement, ExprStmt)
    return statement.expr


def outline(node: Node) -> str:
    """An expression with all its parentheses."""
    match node:
        case Name(symbol=symbol):
            return symbol.name
        case IntLiteral(value=value):
            return str(value)
        case FloatLiteral(text=text):
            return text
        case tree.StringLiteral(value=value):
            return repr(value)
        case tree.Unary(op=op, operand=operand):
            return f"({op.replace('x', outline(operand))})" if "x" in op else f"({op}{outline(operand)})"
        case Binary(op=op, left=a, right=b) | tree.Assign(op=op, target=a, value=b):
            return f"({outline(a)} {op} {outline(b)})"
        case tree.Index(base=base, subscript=subscript):
            return f"{outline(base)}[{outline(subscript)}]"
        case Call(callee=callee, arguments=arguments):
            return f"{outline(callee)}({', '.join(map(outline, arguments))})"
        case tree.Conditional(condition=c, then=a, otherwise=b):
            return f"({outline(c)} ? {outline(a)} : {outline(b)})"
        case tree.Cast(type=to, operand=operand):
            return f"(({to.name if isinstance(to, Scalar) else to}){outline(operand)})"
        case tree.Member(base=base, field=field, arrow=arrow):
            return f"{outline(base)}{'->' if arrow else '.'}{field}"
    return f"<{type(node).__name__}>"
