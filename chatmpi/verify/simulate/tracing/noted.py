"""A program's Python, made to tell of every value that it sets, every test, and every call of its functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import TypeGuard

from chatmpi.verify.simulate.as_python.compiled import FILE, Compiled

NOTES = "_h"
_TEMPORARY = re.compile(r"_\d+$")
_TABLES = frozenset(("add", "sub", "mul", "div", "addf", "subf", "mulf", "divf"))
_OWN = frozenset({"_n", "_w", "_g", NOTES})


@dataclass(frozen=True)
class Noted:
    """`uses`: the names that a line of Python reads, `places` those in its subscripts, `passed` those that it only
    gives to functions of the program; `around`: the line of the test that decides whether it is run; `elements`: the
    array of which it sets an element; `setters`: the lines that set a variable."""

    code: CodeType
    uses: Mapping[int, tuple[str, ...]]
    places: Mapping[int, tuple[str, ...]]
    passed: Mapping[int, frozenset[str]]
    around: Mapping[int, int]
    elements: Mapping[int, str]
    setters: Mapping[str, tuple[int, ...]]


def noted(compiled: Compiled) -> Noted:
    tree = ast.parse(compiled.text)
    uses: dict[int, tuple[str, ...]] = {}
    places: dict[int, tuple[str, ...]] = {}
    passed: dict[int, frozenset[str]] = {}
    around: dict[int, int] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            _surround(function.body, 0, around)
    for statement in ast.walk(tree):
        if isinstance(statement, ast.stmt) and not isinstance(statement, ast.FunctionDef | ast.Break):
            head = _head(statement)
            subscripts = [s.slice for h in head for s in ast.walk(h) if isinstance(s, ast.Subscript) and _is_memory(s)]
            inner = {id(n) for part in subscripts for n in ast.walk(part)}
            names = [n for h in head for n in ast.walk(h) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
            at = statement.lineno
            uses[at] = _each(n.id for n in names if id(n) not in inner)
            places[at] = _each(n.id for n in names if id(n) in inner)
            given = {id(n) for h in head for c in ast.walk(h) if _is_own_call(c) for a in c.args for n in ast.walk(a)}
            passed[at] = frozenset(n.id for n in names if id(n) in given) - {n.id for n in names if id(n) not in given}
    elements, setters = dict(_elements(tree)), _setters(tree)
    changed = ast.fix_missing_locations(_Notes().visit(tree))
    return Noted(compile(changed, FILE, "exec"), uses, places, passed, around, elements, setters)


def _setters(program: ast.Module) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for node in ast.walk(program):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = (*found.get(name, ()), node.lineno)
    return found


def _elements(program: ast.Module) -> Iterator[tuple[int, str]]:
    arrays: dict[str, ast.expr] = {}
    for node in ast.walk(program):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=array) if _TEMPORARY.match(name):
                arrays[name] = array
    for node in ast.walk(program):
        match node:
            case ast.Assign(targets=[ast.Subscript(value=array)]):
                while isinstance(array, ast.Subscript) or (isinstance(array, ast.Name) and array.id in arrays):
                    array = array.value if isinstance(array, ast.Subscript) else arrays[array.id]
                if isinstance(array, ast.Name):
                    yield node.lineno, re.sub(r"_\d+$", "", array.id)


def _each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names if n not in _OWN))


def _is_memory(s: ast.Subscript) -> bool:
    """Arithmetic of floating values is written as subscripts of its tables."""
    return not isinstance(s.value, ast.Name) or s.value.id not in _TABLES


def _is_own_call(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether a function of the program is called."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("f_")


def _head(statement: ast.stmt) -> list[ast.AST]:
    """A statement without those inside of it."""
    if isinstance(statement, ast.If | ast.While):
        return [statement.test]
    if isinstance(statement, ast.Try):
        return []
    return [statement]


def _surround(body: list[ast.stmt], test: int, around: dict[int, int]) -> None:
    for s in body:
        if isinstance(s, ast.FunctionDef):
            continue
        around[s.lineno] = test
        if isinstance(s, ast.If | ast.While):
            own = s.lineno if _is_told(s.test) else test
            _surround(s.body, own, around)
            _surround(s.orelse, own, around)
        elif isinstance(s, ast.Try):
            _surround(s.body, test, around)


def _is_told(test: ast.expr) -> bool:
    """Whether a test is one of the program."""
    return not isinstance(test, ast.Constant) and not (
        isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id in _OWN
    )


def _call(method: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(NOTES, ast.Load()), method, ast.Load()), list(arguments), [])


class _Notes(ast.NodeTransformer):
    """Puts calls of `history.Notes` in."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        if node.name == "make":
            return node
        names = [a.arg for a in node.args.args]
        given = ast.Tuple([ast.Name(n, ast.Load()) for n in names], ast.Load())
        entry = _call(
            "enters", ast.Constant(node.lineno), ast.Tuple([ast.Constant(n) for n in names], ast.Load()), given
        )
        first = 1 if isinstance(node.body[0], ast.Nonlocal) else 0
        node.body.insert(first, ast.copy_location(ast.Expr(entry), node))
        last = node.body[-1]
        node.body.append(ast.copy_location(ast.Expr(_call("leaves")), last))
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        self.generic_visit(node)
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Name) and target.id not in _OWN:
            node.value = _call("sets", ast.Constant(node.lineno), ast.Constant(target.id), node.value)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.NamedExpr:
        self.generic_visit(node)
        if not _TEMPORARY.match(node.target.id):
            node.value = _call("sets", ast.Constant(node.lineno), ast.Constant(node.target.id), node.value)
        return node

    def visit_Break(self, node: ast.Break) -> list[ast.stmt]:
        return [ast.copy_location(ast.Expr(_call("breaks", ast.Constant(node.lineno))), node), node]

    def visit_Try(self, node: ast.Try) -> ast.Try:
        """What ends local variables comes after what is returned was read."""
        node.body = [self.visit(s) for s in node.body]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        self.generic_visit(node)
        node.value = _call("done", node.value)
        return node

    def visit_Return(self, node: ast.Return) -> ast.Return:
        self.generic_visit(node)
        node.value = _call("returns", ast.Constant(node.lineno), node.value or ast.Constant(None))
        return node

    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        if _is_told(node.test):
            node.test = _call("tests", ast.Constant(node.lineno), node.test)
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        if _is_told(node.test):
            node.test = _call("tests", ast.Constant(node.lineno), node.test)
        return node
