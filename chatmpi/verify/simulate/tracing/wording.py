"""What the lines of a program's Python say, as words: without the checks of ranges that its memory asks for, and with
what temporaries stand for, so that lines can be told to be alike."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from chatmpi.verify.simulate.as_python.compiled import Compiled
from chatmpi.verify.simulate.terms import Term

Words = Counter[str]

_WORD = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/%<>=!&|]+")
_TEMPORARY = re.compile(r"_\d+")
_NUMBER = re.compile(r"K\d+")
_UNNAMED = re.compile(r"_\d+|[LP]\d+\w*")
_CHECKS = frozenset({"outside", "upto", "below", "i32", "i64"})
_LARGEST = frozenset({2**31 - 1, 2**63 - 1})


def wording(compiled: Compiled) -> dict[int, Words]:
    """The words of each line."""
    plain, found = _Plain(), {}
    for statement in _statements(ast.parse(compiled.text)):
        heads = [statement.test] if isinstance(statement, ast.If | ast.While) else [statement]
        if not isinstance(statement, ast.FunctionDef | ast.Try):
            text = " ".join(ast.unparse(plain.visit(h)) for h in heads)
            found[statement.lineno] = Counter(_named(w, compiled.constants) for w in _WORD.findall(text) if _is_said(w))
    return found


def likeness(a: Words, b: Words) -> float:
    """The share of words that two lines have in common."""
    return 2 * sum((a & b).values()) / max(1, sum(a.values()) + sum(b.values()))


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """In the order of the text."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
            yield from _statements(child)


def _is_said(word: str) -> bool:
    return not _UNNAMED.fullmatch(word)


def _named(word: str, constants: Mapping[str, Any]) -> str:
    """A name without the number that makes it unique, a floating constant as its value."""
    if _NUMBER.fullmatch(word) and isinstance(constants.get(word), Term):
        return f"{constants[word].value:g}"
    return re.sub(r"_\d+$", "", word)


class _Plain(ast.NodeTransformer):
    """Lines as C had them."""

    def __init__(self) -> None:
        self._known: dict[str, ast.expr] = {}

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        node.value = self.visit(node.value)
        target = node.targets[0]
        if isinstance(target, ast.Name) and _TEMPORARY.fullmatch(target.id):
            self._known[target.id] = node.value
        else:
            node.targets = [self.visit(t) for t in node.targets]
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        value: ast.expr = self.visit(node.value)
        if _TEMPORARY.fullmatch(node.target.id):
            self._known[node.target.id] = value
        return value

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._known.get(node.id, node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        check, test = _check(node), self.visit(node.test)
        body = self.visit(node.body)
        if not check:
            return ast.IfExp(test, body, self.visit(node.orelse))
        return body.right if check == "below" and isinstance(body, ast.BinOp) else body  # from where the pointer points

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        value, place = self.visit(node.value), self.visit(node.slice)
        if isinstance(value, ast.Subscript) and _is_first(value.slice):
            value = value.value  # of a pointer, its object
        if _is_first(place) and isinstance(value, ast.Name):
            return value  # a variable that has an address
        return ast.Subscript(value, place, node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="first"), args=[_, stored]):
                return stored
            case ast.Call(func=ast.Name(id="store"), args=[target, place, value]):
                return ast.Tuple([target, place, value], ast.Load())
        return node


def _check(e: ast.expr) -> str:
    """The name of the function that is called where a value is out of its range; "" where nothing of that kind is."""
    match e:
        case ast.IfExp(orelse=ast.Call(func=ast.Name(id=name))) if name in _CHECKS:
            return name
        case ast.IfExp(test=ast.Compare(comparators=[ast.Constant(value=most)]), orelse=more) if most in _LARGEST:
            return _check(more)
    return ""


def _is_first(place: ast.AST) -> bool:
    return isinstance(place, ast.Constant) and place.value == 0
