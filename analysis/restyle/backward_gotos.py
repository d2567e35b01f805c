"""`goto` backward, as the loop that it is.

again: …; if (err > tol) goto again;             do { …; } while (err > tol);
step: if (k == n) goto done; …; goto step;       while (1) { if (k == n) goto done; …; }
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.respelling import end_of, with_semicolon
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.surroundings import Surroundings
from chatmpi.analysis.tree import Program, Stmt, UnknownStmt

_GOTO, _LABEL = re.compile(r"goto\s+(\w+)\s*;?"), re.compile(r"(\w+)\s*:")
_LOOPS = (tree.For, tree.While, tree.DoWhile)


def without_backward_gotos(program: Program) -> list[Edit]:
    """The edits for one loop; none if there is none."""
    for f in program.functions:
        if f.in_macro or not any(isinstance(n, UnknownStmt) and n.kind == "goto" for n in tree.walk(f.body)):
            continue
        around = Surroundings(program, f)
        for block in tree.walk(f.body):
            for region in _regions(block, around) if isinstance(block, tree.Block) else ():
                edits = list(_as_loop(region, around)) if _is_closed(region, around) else []
                if edits:
                    return edits
    return []


@dataclass(frozen=True)
class _Region:
    """What a label and the last goto to it span: `body` are statements of one block, the first is the label's."""

    name: str
    label: UnknownStmt
    body: tuple[Stmt, ...]
    gotos: tuple[UnknownStmt, ...]
    rest: tuple[Stmt, ...]


def _regions(block: tree.Block, around: Surroundings) -> Iterator[_Region]:
    text = around.program.source.text
    gotos = [n for n in tree.walk(around.function.body) if isinstance(n, UnknownStmt) and n.kind == "goto"]
    for k, s in enumerate(block.body):
        if not isinstance(s, UnknownStmt) or s.kind != "label" or s.in_macro:
            continue
        found, inner = _LABEL.match(text, s.span.begin), s.children[-1]
        if found is None or not isinstance(inner, Stmt):
            continue
        f = around.function.span
        mine = tuple(g for g in gotos if (m := _GOTO.match(text, g.span.begin)) is not None and m[1] == found[1])
        named = len(re.findall(rf"\bgoto\s+{found[1]}\b", text[f.begin : f.end]))
        if not mine or named != len(mine) or any(g.in_macro or g.span.begin < s.span.begin for g in mine):
            continue
        last = [m for m in range(k, len(block.body)) if any(n is g for n in tree.walk(block.body[m]) for g in mine)]
        if last and last[-1] > k and all(g.span.begin < block.body[last[-1]].span.end for g in mine):
            body = (inner, *block.body[k + 1 : last[-1] + 1])
            yield _Region(found[1], s, body, mine, block.body[last[-1] + 1 :])


def _is_closed(region: _Region, around: Surroundings) -> bool:
    """Whether a loop in the place of the region changes nothing: no way out binds to it, no name is cut off, and
    nobody jumps into it."""
    text = around.program.source.text
    if any(isinstance(n, tree.Break | tree.Continue) for s in region.body for n in _outside_of_loops(s)):
        return False
    if any(isinstance(n, _LOOPS) for g in region.gotos for n in _up_to(g, region, around)):
        return False
    declared = {v.symbol for s in region.body if isinstance(s, tree.Declaration) for v in s.variables}
    if any(isinstance(n, tree.Name) and n.symbol in declared for s in region.rest for n in tree.walk(s)):
        return False
    inside = {id(n) for s in region.body for n in tree.walk(s)}
    labels = {m[1] for n in (n for s in region.body for n in tree.walk(s))
              if isinstance(n, UnknownStmt) and n.kind == "label"
              if (m := _LABEL.match(text, n.span.begin)) is not None}  # fmt: skip
    others = (n for n in tree.walk(around.function.body) if isinstance(n, UnknownStmt) and n.kind == "goto")
    return not any(
        id(n) not in inside and (m := _GOTO.match(text, n.span.begin)) is not None and m[1] in labels for n in others
    )


def _outside_of_loops(s: tree.Node) -> Iterator[tree.Node]:
    yield s
    if not isinstance(s, _LOOPS):
        for part in tree.children(s):
            yield from _outside_of_loops(part)


def _up_to(goto: Stmt, region: _Region, around: Surroundings) -> Iterator[tree.Node]:
    """The nodes around a goto that belong to the region."""
    for n in around.above(goto):
        if any(n is s for s in region.body) or n.span.begin >= region.label.span.begin:
            yield n


def _as_loop(region: _Region, around: Surroundings) -> Iterator[Edit]:
    source = around.program.source
    *_, last = region.body
    test = _test(last, region)
    begin, first = region.label.span.begin, region.body[0]
    end = first.span.end + (source.text[first.span.end - 1] != ";") if isinstance(first, tree.Empty) else None
    declared = {v.symbol for s in region.body if isinstance(s, tree.Declaration) for v in s.variables}
    whole = Span(with_semicolon(last, source).begin, end_of(last, source))
    indent = source.indentation(last.span.begin)
    own = test is not None and any(isinstance(n, tree.Name) and n.symbol in declared for n in tree.walk(test))
    if test is not None and len(region.gotos) == 1 and not own:
        opening, closing = "do {", [Edit(whole, f"}} while ({source.shown_at(test.span)});")]
    else:
        opening, before = "while (1) {", f"\n{indent}    "
        closing = [Edit(with_semicolon(g, source), "continue;") for g in region.gotos
                   if not last.span.begin <= g.span.begin < last.span.end or test is None]  # fmt: skip
        if any(last is g for g in region.gotos):
            closing = [e for e in closing if e.span.begin != whole.begin] + [Edit(whole, "}")]
        elif test is not None:
            closing.append(Edit(whole, f"    if (!({source.shown_at(test.span)})) break;\n{indent}}}"))
        else:
            closing.append(Edit(Span(whole.end, whole.end), f"{before}break;\n{indent}}}"))
    head = Span(begin, end if end is not None else source.text.index(":", begin) + 1)
    yield from closing
    lone = not source.text[source.line_begin(begin) : begin].strip()
    yield Edit(Span(source.line_begin(begin), head.end) if lone else head, f"{indent if lone else ''}{opening}")
    yield from _further_in(head.end, whole, source)


def _test(last: Stmt, region: _Region) -> tree.Expr | None:
    """The condition of the last statement, where it is `if (condition) goto label;`."""
    match last:
        case tree.If(condition=condition, then=then, otherwise=None) if not last.in_macro and not condition.in_macro:
            only = then.body[0] if isinstance(then, tree.Block) and len(then.body) == 1 else then
            return condition if any(only is g for g in region.gotos) else None
    return None


def _further_in(begin: int, last: Span, source: Source) -> Iterator[Edit]:
    """The lines of the body begin further to the right."""
    place = source.text.find("\n", begin, last.begin) + 1
    while 0 < place <= last.begin:
        end = source.text.find("\n", place)
        line = source.text[place:end]
        if line.strip() and not line.startswith("#") and place + len(line) - len(line.lstrip()) < last.begin:
            yield Edit(Span(place, place), "    ")
        place = source.text.find("\n", place, last.begin) + 1
