"""Members, elements and pointers to structs that get memory within a condition, as statements of their own.

    if (!(m[i] = malloc(n)) || !(w[i] = malloc(n)))      m[i] = malloc(n);
        exit(1);                                         if (!m[i]) exit(1);
                                                         w[i] = malloc(n);
                                                         if (!w[i]) exit(1);

More than one only where the program ends, or the function does, if there is no memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare, is_null, is_step, operands
from chatmpi.analysis.memory.row_storage import leaving_functions, only_leaves
from chatmpi.analysis.parents import parents
from chatmpi.analysis.restyle.respelling import end_of, with_semicolon
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.tree import Expr, Program


def tested_memory(program: Program) -> list[Edit]:
    """The edits for the first such condition; none if there is none."""
    leaving: frozenset[str] | None = None
    for f in program.functions:
        for s in tree.statements(f.body):
            if not isinstance(s, tree.If) or any(n.in_macro for n in _inside(s)):
                continue
            found = [_made(part) for part in _alternatives(s.condition)]
            made = [m for m in found if m is not None]
            if not made or len(made) < len(found):
                continue
            leaving = leaving_functions(program) if leaving is None else leaving
            if len(made) > 1 and not only_leaves(s, leaving):
                continue
            in_block = isinstance(parents([f])[id(s)], tree.Block)
            return list(_apart(s, list(zip(_alternatives(s.condition), made, strict=True)), in_block, program.source))
    return []


def _inside(s: tree.If) -> Iterator[tree.Node]:
    """What is written anew: the statement, its condition down to the assignments."""
    yield s
    for part in _alternatives(s.condition):
        node: Expr | None = part
        while node is not None:
            yield node
            node = (
                node.operand if isinstance(node, tree.Unary) else node.left if isinstance(node, tree.Binary) else None
            )


def _alternatives(condition: Expr) -> list[Expr]:
    return list(operands(condition, "||"))


def _made(test: Expr) -> tree.Assign | None:
    """The assignment in `!(m[i] = malloc(n))` and `(m[i] = malloc(n)) == NULL`."""
    match test:
        case tree.Unary(op="!", operand=operand):
            return _made(operand)
        case tree.Binary(op="==" | "!=", left=left, right=right) if is_null(right):
            return _made(left)
        case tree.Assign(op="=", target=target, value=value) if (
            _holds_memory(target) and allocation(value) is not None and not test.in_macro
        ):
            inner = [n for n in tree.walk(target) if isinstance(n, tree.Call | tree.Assign | tree.UnknownExpr)]
            effects = inner or any(is_step(n) for n in tree.walk(target))
            return None if effects or bare(target).in_macro else test
    return None


def _holds_memory(target: Expr) -> bool:
    """Whether it is an element or a member that points to memory, or a variable that points to structs."""
    match target.type:
        case tree.Pointer(target=kind):
            structs = isinstance(kind, tree.OtherType) and kind != tree.VOID
            return isinstance(target, tree.Index | tree.Member) or (isinstance(target, tree.Name) and structs)
    return False


def _apart(s: tree.If, parts: list[tuple[Expr, tree.Assign]], in_block: bool, source: Source) -> Iterator[Edit]:
    indent = source.indentation(s.span.begin)
    lines: list[str] = []
    branch = source.shown_at(with_semicolon(s.then, source) if not isinstance(s.then, tree.Block) else s.then.span)
    for test, made in parts:
        lines.append(f"{source.shown_at(made.span)};")
        lines.append(f"if ({_shown(test, source)})")
    between = f"\n{indent}"
    head = between.join(f"{a}{between}{b} {branch}" for a, b in zip(lines[:-2:2], lines[1:-2:2], strict=True))
    begin = f"{head}{between}" if head else ""
    begin += f"{lines[-2]}{between}"
    labelled = source.text[: s.span.begin].rstrip().endswith(":")
    opened = not in_block or labelled
    yield Edit(Span(s.span.begin, s.span.begin), f"{{ {begin}" if opened else begin)
    yield Edit(s.condition.span, lines[-1][len("if (") : -1])
    if opened:
        end = end_of(s, source)
        yield Edit(Span(end, end), " }")


def _shown(test: Expr, source: Source) -> str:
    """The test with the place in the place of its assignment."""
    match test:
        case tree.Unary(operand=operand):
            shown = _shown(operand, source)
            return f"!({shown})" if isinstance(operand, tree.Binary) else f"!{shown}"
        case tree.Binary(op=op, left=left, right=right):
            return f"{_shown(left, source)} {op} {source.shown_at(right.span)}"
    assert isinstance(test, tree.Assign)
    return source.shown_at(test.target.span)
