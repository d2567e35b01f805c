"""Which element of which object an access of the written code went for, when Python only says that there is none."""

from __future__ import annotations

import ast
import itertools
import re
from types import FrameType
from typing import Any

from chatmpi.verify.simulate.as_python.compiled import FILE, Compiled
from chatmpi.verify.simulate.errors import Fault
from chatmpi.verify.simulate.values import Object, bad_access

# What may be computed once more without doing anything.
_QUIET = (
    *(ast.Subscript, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Tuple),
    *(ast.operator, ast.unaryop, ast.cmpop, ast.expr_context),
)
_CHECKS = frozenset({"below", "outside", "inside", "i32", "i64"})
_TEMPORARY = re.compile(r"_\d+")


def failed_access(error: IndexError, compiled: Compiled) -> Fault | None:
    """None where it cannot be told."""
    frames = [t for t in _tracebacks(error) if t[0].f_code.co_filename == FILE]
    if not frames:
        return None
    frame, instruction = frames[-1]
    found = _subscript(compiled.text, frame, instruction)
    if found is None:
        return None
    target, index = found
    if 0 <= index < list.__len__(target):
        return None
    return bad_access(target, index)


def _tracebacks(error: BaseException) -> list[tuple[FrameType, int]]:
    found, here = [], error.__traceback__
    while here is not None:
        found.append((here.tb_frame, here.tb_lasti))
        here = here.tb_next
    return found


def _subscript(text: str, frame: FrameType, instruction: int) -> tuple[Object, int] | None:
    """What stands before the bracket of the instruction's text, and what in it."""
    positions = itertools.islice(frame.f_code.co_positions(), instruction // 2, None)
    first, last, begin, end = next(positions, (None, None, None, None))
    if first is None or first != last or begin is None or end is None:
        return None
    try:
        read = ast.parse(text.split("\n")[first - 1].encode()[begin:end].decode(), mode="eval")
    except (SyntaxError, IndexError):
        return None
    if not isinstance(read.body, ast.Subscript):
        return None
    target, index = (_value(part, frame) for part in (read.body.value, read.body.slice))
    return (target, index) if isinstance(target, Object) and isinstance(index, int) else None


def _value(part: ast.expr, frame: FrameType) -> Any:
    if not all(map(_is_quiet, ast.walk(part))):
        return None
    try:
        return eval(compile(ast.Expression(part), FILE, "eval"), frame.f_globals, dict(frame.f_locals))
    except Exception:
        return None


def _is_quiet(n: ast.AST) -> bool:
    match n:
        case ast.Name():
            return True
        case ast.NamedExpr(target=ast.Name(id=name)):
            return _TEMPORARY.fullmatch(name) is not None
        case ast.Call(func=ast.Name(id=name)):
            return name in _CHECKS
    return isinstance(n, _QUIET)
