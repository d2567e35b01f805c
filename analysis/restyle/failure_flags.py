"""Flags that say later that memory was missing: the program ends where that is seen.

    for (…) { a[i] = malloc(n); if (!a[i]) ok = 0; }       for (…) { a[i] = malloc(n); if (!a[i]) { return 1; } }
    if (!ok) { free(a); return 1; }

Only where nothing but memory is made in between, so that what the flag's test says can be said at once. What it frees
is left to the end, which comes right then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import ENDING, LIBRARY, Does
from chatmpi.analysis.calls.memory_failures import allocated_in, lacks_memory, makers
from chatmpi.analysis.expressions import bare, is_step
from chatmpi.analysis.lowering.frees import freed_in, freeing_functions
from chatmpi.analysis.restyle.respelling import end_of, removal
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Call, Expr, Program, Stmt, Symbol


@dataclass(frozen=True, slots=True)
class _Flag:
    """A flag: the `if` statements that set it, and the one that looks at it."""

    symbol: Symbol
    setters: tuple[tree.If, ...]
    test: tree.If


def failure_flags(program: Program) -> list[Edit]:
    """The edits for the first such flag; none if there is none."""
    for f in program.functions:
        for v in _declared(f):
            flag = _flag(v, f, program)
            gone = undeclared(program, {v.symbol}) if flag is not None else None
            if flag is not None and gone is not None:
                instead = [Edit(Span(s.then.span.begin, end_of(s, program.source)), _branch(s, flag.test, program))
                           for s in flag.setters]  # fmt: skip
                return [*gone, removal(flag.test, program.source), *instead]
    return []


def _declared(f: tree.Function) -> Iterator[tree.VarDecl]:
    """The integers of a function's own block that have a number from the start."""
    for s in f.body.body:
        for v in s.variables if isinstance(s, tree.Declaration) else ():
            number = bare(v.init) if v.init is not None else None
            own = isinstance(v.symbol.type, tree.Scalar) and v.symbol.storage == "local" and not v.in_macro
            if own and isinstance(number, tree.IntLiteral):
                yield v


def _flag(v: tree.VarDecl, f: tree.Function, program: Program) -> _Flag | None:
    """How the variable is used, if it is such a flag."""
    begun = _truth(v.init)
    setters = tuple(s for s in tree.statements(f.body) if isinstance(s, tree.If) and _sets(s, v.symbol, begun))
    tests = [s for s in f.body.body if isinstance(s, tree.If) and _holds_where_set(s.condition, v.symbol, begun)]
    uses = sum(isinstance(n, tree.Name) and n.symbol == v.symbol for n in tree.walk(f.body))
    if not setters or len(tests) != 1 or uses != len(setters) + 1 or any(s.in_macro for s in (*setters, *tests)):
        return None
    flag = _Flag(v.symbol, setters, tests[0])
    allocated = allocated_in(f.body, makers(program))
    lacking = all(lacks_memory(s, allocated) for s in setters)
    return flag if lacking and _is_quiet_between(flag, f) and _only_ends(flag, f, program) else None


def _truth(value: object) -> bool:
    number = bare(value) if isinstance(value, Expr) else None
    return isinstance(number, tree.IntLiteral) and number.value != 0


def _sets(s: tree.If, symbol: Symbol, begun: bool) -> bool:
    """Whether a branch gives the flag its other value, and leaves a loop at most."""
    body = s.then.body if isinstance(s.then, tree.Block) else (s.then,)
    if s.otherwise is not None or not body or len(body) > 2 or not all(isinstance(x, tree.Break) for x in body[1:]):
        return False
    match body[0]:
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=set_), value=tree.IntLiteral() as value)):
            return set_ == symbol and _truth(value) != begun
    return False


def _holds_where_set(condition: Expr, symbol: Symbol, begun: bool) -> bool:
    """Whether a condition holds just where the flag is not what it was at first: `!ok`, `ok == 0`, `failed`."""
    match condition:
        case tree.Name(symbol=tested):
            return tested == symbol and not begun
        case tree.Unary(op="!", operand=operand):
            return _holds_where_set(operand, symbol, not begun)
        case tree.Binary(op="==" | "!=" as op, left=left, right=tree.IntLiteral(value=0)):
            return _holds_where_set(left, symbol, begun if op == "!=" else not begun)
    return False


def _is_quiet_between(flag: _Flag, f: tree.Function) -> bool:
    """Whether only memory is made and filled from the first `if` that may set the flag up to its test."""
    begin, end = min(s.span.begin for s in flag.setters), flag.test.span.begin
    if any(s.span.begin > end for s in flag.setters):
        return False
    inside = [n for n in tree.walk(f.body) if begin <= n.span.begin < end]
    if any(isinstance(n, tree.Return | tree.UnknownStmt | tree.UnknownExpr) for n in inside):
        return False
    allowed = {Does.ALLOCATES, Does.NOTHING}
    return all(LIBRARY.get(n.name or "") in allowed or n.name == "memset" for n in inside if isinstance(n, Call))


def _only_ends(flag: _Flag, f: tree.Function, program: Program) -> bool:
    """Whether the test's branch frees, says something, and ends the function or the program, with values that are
    the same where the flag is set."""
    body = _said(flag.test, program)
    if flag.test.otherwise is not None or not body:
        return False
    begin, end = min(s.span.begin for s in flag.setters), flag.test.span.begin
    loops = [s for s in tree.statements(f.body) if any(n in flag.setters for n in tree.walk(s)) and s is not f.body]
    begin = min([begin, *(s.span.begin for s in loops)])
    inside = [n for n in tree.walk(f.body) if begin <= n.span.begin < end]
    changed = {t.symbol for n in inside if (t := _changes(n)) is not None}
    changed |= {n.symbol for n in inside if isinstance(n, tree.VarDecl)}
    for s in body:
        named = {n.symbol for n in tree.walk(s) if isinstance(n, tree.Name)}
        if named & changed or any(isinstance(n, tree.Assign) or is_step(n) for n in tree.walk(s)):
            return False
    *says, last = body
    return all(_call(s) is Does.OUTPUT for s in says) and (
        (isinstance(last, tree.Return) and last.value is not None) or _call(last) in ENDING
    )


def _changes(n: tree.Node) -> tree.Name | None:
    """The variable that a node gives another value."""
    match n:
        case tree.Assign(target=tree.Name() as target):
            return target
        case tree.Unary(operand=tree.Name() as operand) if is_step(n) or n.op == "&":
            return operand
    return None


def _call(s: Stmt) -> Does | None:
    match s:
        case tree.ExprStmt(expr=Call(name=name)) if name is not None and not s.in_macro:
            return LIBRARY.get(name)
    return None


def _said(test: tree.If, program: Program) -> list[Stmt]:
    """What the test's branch does beside freeing memory."""
    freeing = freeing_functions(program)
    body = test.then.body if isinstance(test.then, tree.Block) else (test.then,)
    return [s for s in body if freed_in([s], freeing) is None]


def _branch(setter: tree.If, test: tree.If, program: Program) -> str:
    source = program.source
    indent = source.indentation(setter.span.begin)
    lines = [source.shown_at(Span(s.span.begin, end_of(s, source))) for s in _said(test, program)]
    return "\n".join(["{", *(f"{indent}    {line}" for line in lines), f"{indent}}}"])
