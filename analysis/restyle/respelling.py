"""Pieces of text for programs that are spelled anew before they are analysed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.scan import for_header, mask
from chatmpi.analysis.source import Edit, OverlappingEdits, Source, Span
from chatmpi.analysis.tree import Expr, Node


@dataclass
class Fresh:
    """Names that a text does not have yet."""

    text: str

    def take(self, wanted: str) -> str:
        name, number = wanted, 2
        while re.search(rf"\b{name}\b", self.text):
            name, number = f"{wanted}{number}", number + 1
        self.text += f" {name}"
        return name


def pointer_to(element: str, name: str, inner: str) -> str:
    """The declarator of a pointer, with its type: to elements, or to arrays of the sizes `inner`, `[m][k]`."""
    return f"{element} (*{name}){inner}" if inner else f"{element} *{name}"


@dataclass(frozen=True)
class Respelled:
    """The text of a node with the edits made that belong to it."""

    source: Source
    edits: Callable[[Node], Iterable[Edit]]

    def __call__(self, node: Node) -> str:
        shown: list[str] = []
        done = node.span.begin
        for edit in sorted(set(self.edits(node)), key=lambda e: (e.span.begin, e.span.end)):
            if edit.span.begin < done:
                raise OverlappingEdits(edit, edit)
            shown += self.source.shown_at(Span(done, edit.span.begin)), edit.text
            done = edit.span.end
        return "".join([*shown, self.source.shown_at(Span(done, node.span.end))])


_TIGHT = frozenset({"*", "/", "%"})


def as_operand(expr: Expr, shown: str, op: str) -> str:
    """The text of an expression as the right operand of `op` (`+`, `-` or `*`), or as the left one of `*`."""
    match expr:
        case tree.Binary(op=inner):
            safe = not expr.in_macro and (inner in _TIGHT or (inner in {"+", "-"} and op == "+"))
            return shown if safe and op != "*" else f"({shown})"
        case tree.Conditional() | tree.Assign():
            return f"({shown})"
        case tree.Unary(op="-" | "+" | "++x" | "--x"):
            return f"({shown})"
        case _ if expr.in_macro or re.fullmatch(r"[\w.]+", shown) is None:
            return shown if isinstance(expr, tree.Name | tree.IntLiteral | tree.Index | tree.Member | tree.Call
                                       | tree.Unary | tree.Sizeof) and not expr.in_macro else f"({shown})"  # fmt: skip
    return shown


def as_compared(expr: Expr, shown: str) -> str:
    """The text of an expression as an operand of a comparison, or as the left one of a sum."""
    loose = isinstance(expr, tree.Binary) and expr.op not in _TIGHT | {"+", "-"}
    return f"({shown})" if loose or isinstance(expr, tree.Conditional | tree.Assign) else shown


def declares_static(node: Node) -> bool:
    """Whether a variable is declared inside that outlives it: two copies of the text would have two of it."""
    return any(isinstance(n, tree.VarDecl) and n.symbol.storage == "static" for n in tree.walk(node))


def within(source: Source, brace: int, first: int) -> str:
    """The indentation of what is inserted before the statement at `first`, inside the brace at `brace`."""
    outer = source.indentation(brace)
    inner = source.indentation(first)
    return inner if len(inner) > len(outer) and source.line_begin(first) > brace else outer + "    "


def with_semicolon(s: tree.Stmt, source: Source) -> Span:
    """A statement with its semicolon."""
    end = s.span.end
    return Span(s.span.begin, end if source.text[end - 1] == ";" else source.text.index(";", end) + 1)


def end_of(s: tree.Stmt, source: Source) -> int:
    """Where a statement ends, with the semicolon that it may need."""
    return s.span.end if source.text[s.span.end - 1] in ";}" else with_semicolon(s, source).end


def header_of(loop: tree.For, source: Source) -> Span:
    """The `for (…)` of a loop that no macro writes, without the comments behind it."""
    whole = Span(loop.span.begin, loop.body.span.begin)
    found = for_header(mask(source.at(whole)), 0)
    return whole if found is None else Span(whole.begin, whole.begin + found[-1] + 1)


def removal(s: tree.Stmt, source: Source) -> Edit:
    """A statement goes, with its line where it has one of its own."""
    begin, end = s.span.begin, s.span.end
    line = source.line_begin(begin)
    tail = end
    while tail < len(source.text) and source.text[tail] in " \t\r":
        tail += 1
    if not source.text[line:begin].strip() and tail < len(source.text) and source.text[tail] == "\n":
        return Edit(Span(line, tail + 1), "")
    return Edit(Span(begin, tail), "")
