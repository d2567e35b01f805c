"""`goto` forward, as what it does: what follows the label, or ways out of loops.

    if (!x) goto out;  …  out: free(x); return rc;      if (!x) { free(x); return rc; }  …  free(x); return rc;

    for (…) for (…) if (…) goto found;                  int found_reached = 0;
    found: …                                            for (…) { for (…) if (…) { found_reached = 1; break; }
                                                            if (found_reached) break; } …

    for (…) { if (…) goto next; … next: ; }             for (…) { if (…) continue; … }
    for (…) { if (…) goto add; … add: s += x; }         for (…) { if (…) { s += x; continue; } … s += x; }

Only where all of a label's uses can be spelled so; a goto backward stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import ENDING, LIBRARY
from chatmpi.analysis.restyle.respelling import Fresh, declares_static, with_semicolon
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.surroundings import Surroundings
from chatmpi.analysis.tree import Program, Stmt

_GOTO, _LABEL = re.compile(r"goto\s+(\w+)\s*;?"), re.compile(r"(\w+)\s*:")
_LONGEST, _MOST = 800, 12  # characters that are copied, and how often
Loop = tree.For | tree.While | tree.DoWhile


def without_gotos(program: Program) -> list[Edit]:
    """The edits for one label less; none if there is none."""
    for f in program.functions:
        if f.in_macro or not isinstance(f.body, tree.Block) or not any(_of_kind(f.body, "goto")):
            continue
        around = Surroundings(program, f)
        for label in reversed(list(_labels(f, around))):
            edits = list(_leaving(label, around)) or list(_ending(label, around))
            if edits:
                return edits
        for loop, label in _inside(f, around):
            closes = len(label.tail) == 1 and isinstance(label.tail[0], tree.Empty)
            edits = list(_going_on(loop, label, around) if closes else _finishing(loop, label, around))
            if edits:
                return edits
    return []


@dataclass(frozen=True)
class _Label:
    """`name: statement` in a block; `tail` begins with its statement, `before` is what stands right before it."""

    name: str
    node: tree.UnknownStmt
    tail: tuple[Stmt, ...]
    before: Stmt | None
    gotos: tuple[tree.UnknownStmt, ...]


def _labels(f: tree.Function, around: Surroundings) -> Iterator[_Label]:
    yield from _labels_of(f.body.body, f, around)


def _inside(f: tree.Function, around: Surroundings) -> Iterator[tuple[Loop, _Label]]:
    """The labels of loops' bodies, the last of each first."""
    for loop in tree.walk(f.body):
        if isinstance(loop, Loop) and isinstance(loop.body, tree.Block) and not loop.in_macro:
            yield from ((loop, label) for label in reversed(list(_labels_of(loop.body.body, f, around))))


def _labels_of(body: tuple[Stmt, ...], f: tree.Function, around: Surroundings) -> Iterator[_Label]:
    text = around.program.source.text
    gotos = list(_of_kind(f.body, "goto"))
    for k, s in enumerate(body):
        found = _LABEL.match(text, s.span.begin) if isinstance(s, tree.UnknownStmt) and s.kind == "label" else None
        if found is None or s.in_macro or not isinstance(s, tree.UnknownStmt) or not isinstance(s.children[-1], Stmt):
            continue
        mine = tuple(g for g in gotos if (m := _GOTO.match(text, g.span.begin)) is not None and m[1] == found[1])
        plain = all(not g.in_macro and g.span.begin < s.span.begin for g in mine)
        named = len(re.findall(rf"\bgoto\s+{found[1]}\b", text[f.span.begin : f.span.end]))
        if mine and plain and named == len(mine):
            yield _Label(found[1], s, (s.children[-1], *body[k + 1 :]), body[k - 1] if k else None, mine)


# ------------------------------------------------------------------------------------- to the function's end


def _ending(label: _Label, around: Surroundings) -> Iterator[Edit]:
    """A copy of what follows the label in the place of each goto."""
    f = around.function
    yield from _copied(label, f.body.span.end - 1, _end(label.tail[-1], f), around)


def _finishing(loop: Loop, label: _Label, around: Surroundings) -> Iterator[Edit]:
    """The same for a label in a loop's body: the copies go on with the next iteration."""
    breaks = any(isinstance(n, tree.Break | tree.Leave) for s in label.tail for n in tree.walk(s))  # of a switch there
    if not breaks and all(next((n for n in around.above(g) if isinstance(n, Loop)), None) is loop for g in label.gotos):
        leaves = isinstance(label.tail[-1], tree.Continue | tree.Return)
        yield from _copied(label, loop.body.span.end - 1, "" if leaves else "\ncontinue;", around)


def _copied(label: _Label, end_of_block: int, end: str | None, around: Surroundings) -> Iterator[Edit]:
    source = around.program.source
    idle = len(label.tail) > 1 and isinstance(label.tail[-1], tree.Empty)
    span = Span(label.tail[0].span.begin, label.tail[-1].span.begin if idle else end_of_block)
    shown = _without_labels(span, label, source)
    simple = not re.search(r"^\s*#|\bgoto\b", shown, re.MULTILINE) and len(shown) <= _LONGEST
    if end is None or not simple or len(label.gotos) > _MOST:
        return
    if any(s.in_macro or declares_static(s) for s in label.tail):
        return
    if not all(_sees_the_same(label, g, around) for g in label.gotos):
        return
    indent = source.indentation(span.begin)
    lines = f"{shown}{end}".split("\n")
    lines = [line.removeprefix(indent) for line in lines if line.strip()]
    if '"' not in lines[-1]:
        lines[-1] = lines[-1].split("//")[0].rstrip()
    for g in label.gotos:
        yield _copy(lines, g, around, label)
    others = any(True for s in label.tail for _ in _of_kind(s, "label"))
    if isinstance(label.before, tree.Return) and not others:  # nothing but the gotos leads there
        begin = label.node.span.begin
        line = source.line_begin(begin)
        yield Edit(Span(begin if source.text[line:begin].strip() else line, source.line_begin(span.end)), "")
    else:
        yield _without(label, source)


def _copy(lines: list[str], goto: Stmt, around: Surroundings, label: _Label) -> Edit:
    """The lines in the place of a goto, in braces where they need them."""
    source, parent = around.program.source, around.parent(goto)
    whole, outer = with_semicolon(goto, source), source.indentation(goto.span.begin)
    ends_block = isinstance(parent, tree.Block) and parent.body[-1] is goto and not _declares(label)
    if ends_block or len(lines) == len(label.tail) == 1:
        return Edit(whole, f"\n{outer}".join(lines))
    before = len(source.text[: whole.begin].rstrip())
    opening = "{"
    if source.text[before - 1] == ")" and "\n" in source.text[before : whole.begin]:  # the brace follows the condition
        whole, outer, opening = Span(before, whole.end), source.indentation(parent.span.begin), " {"
    inner = f"\n{outer}    "
    return Edit(whole, f"{opening}{inner}{inner.join(lines)}\n{outer}}}")


def _declares(label: _Label) -> bool:
    return any(isinstance(s, tree.Declaration) for s in label.tail)


def _without(label: _Label, source: Source) -> Edit:
    """The label goes, with its line where it has one of its own."""
    begin, first = label.node.span.begin, label.tail[0].span.begin
    line, next_line = source.line_begin(begin), source.line_begin(first)
    alone = next_line > begin and not source.text[line:begin].strip()
    between = source.text[begin:next_line].split(":", 1)
    if alone and not between[-1].strip():
        return Edit(Span(line, next_line), "")
    return Edit(Span(begin, source.text.index(":", begin) + 1), "")


def _end(last: Stmt, f: tree.Function) -> str | None:
    """What has to stand behind a copy of the function's last statements; None if nothing does."""
    match last:
        case tree.Return():
            return ""
        case tree.ExprStmt(expr=tree.Call(name=name)) if LIBRARY.get(name or "") in ENDING:
            return ""
    if f.symbol.name == "main":
        return "\nreturn 0;"
    return "\nreturn;" if f.returns == tree.VOID else None


def _sees_the_same(label: _Label, goto: Stmt, around: Surroundings) -> bool:
    """Whether the names behind the label mean the same where the goto stands."""
    declared = {n.symbol: n for n in tree.walk(around.function) if isinstance(n, tree.VarDecl)}
    inside = {n.symbol for s in label.tail for n in tree.walk(s) if isinstance(n, tree.VarDecl)}
    hiding = _hiding(label, goto, around)
    for n in (n for s in label.tail for n in tree.walk(s) if isinstance(n, tree.Name)):
        there = declared.get(n.symbol)
        if n.symbol in inside:
            continue
        if there is not None and there.span.begin > goto.span.begin:
            return False
        if n.symbol.name in hiding:
            return False
    return True


def _hiding(label: _Label, goto: Stmt, around: Surroundings) -> set[str]:
    """The names that blocks and loops around a goto declare, and not those around the label."""
    outer = [id(n) for n in around.above(label.node)]
    inner = [n for n in around.above(goto) if id(n) not in outer]
    parts = (p for n in inner for p in (n.body if isinstance(n, tree.Block) else tree.children(n)))
    return {v.symbol.name for p in parts if isinstance(p, tree.Declaration) for v in p.variables}


def _without_labels(span: Span, label: _Label, source: Source) -> str:
    """What is written there, without the labels of its statements."""
    shown, done = [], span.begin
    for n in (n for s in label.tail for n in _of_kind(s, "label")):
        shown.append(source.shown_at(Span(done, n.span.begin)))
        done = source.text.index(":", n.span.begin) + 1
    return "".join([*shown, source.shown_at(Span(done, span.end))]).strip()


# --------------------------------------------------------------------------------- to the next iteration


def _going_on(loop: Loop, label: _Label, around: Surroundings) -> Iterator[Edit]:
    """The loop whose body the label ends goes on with its next iteration; loops inside it are left before."""
    source, text = around.program.source, around.program.source.text
    name = Fresh(text).take(f"{label.name}_reached")
    edits: list[Edit] = []
    inner: dict[int, tuple[Loop, str]] = {}
    for g in label.gotos:
        loops = [n for n in around.above(g) if isinstance(n, Loop)]
        if loop not in loops or any(n.in_macro for n in loops):
            return
        inside = loops[: loops.index(loop)]
        if inside and any(isinstance(n, tree.UnknownStmt) for n in around.above(g)):
            return
        edits.append(Edit(with_semicolon(g, source), f"{{ {name} = 1; break; }}" if inside else "continue;"))
        inner |= {id(n): (n, "continue" if n is inside[-1] else "break") for n in inside}
    for n, how in inner.values():
        edits += _left_too(n, name, around, how)
    yield from edits
    if inner:
        first = loop.body.body[0].span.begin if isinstance(loop.body, tree.Block) else loop.body.span.begin
        yield Edit(Span(first, first), f"int {name} = 0;\n{source.indentation(first)}")
    end = label.tail[0].span.end
    yield Edit(Span(label.node.span.begin, end + (text[end - 1] != ";")), ";")


# ------------------------------------------------------------------------------------------- out of loops


def _leaving(label: _Label, around: Surroundings) -> Iterator[Edit]:
    """A variable says that the loops before the label are left."""
    source, outer = around.program.source, label.before
    if not isinstance(outer, Loop) or outer.in_macro:
        return
    name = Fresh(source.text).take(f"{label.name}_reached")
    left: dict[int, Loop] = {}
    edits: list[Edit] = []
    several = any(isinstance(n, Loop) and n is not outer for g in label.gotos for n in around.above(g))
    for g in label.gotos:
        loops = [n for n in around.above(g) if isinstance(n, Loop)]
        switches = any(isinstance(n, tree.UnknownStmt) for n in around.above(g))
        if not loops or loops[-1] is not outer or switches or any(n.in_macro for n in loops):
            return
        block = around.parent(g)
        written = f"{name} = 1; break;" if several else "break;"
        is_last = isinstance(block, tree.Block) and block.body[-1] is g
        edits.append(Edit(with_semicolon(g, source), written if is_last or not several else f"{{ {written} }}"))
        left |= {id(n): n for n in loops[:-1]}
    for n in left.values():
        edits += _left_too(n, name, around)
    yield from edits
    begin = outer.span.begin
    if several:
        yield Edit(Span(begin, begin), f"int {name} = 0;\n{source.indentation(begin)}")
    yield _without(label, source)


def _left_too(loop: Loop, name: str, around: Surroundings, how: str = "break") -> Iterator[Edit]:
    """The loop around is left where this one was, or goes on."""
    source, parent = around.program.source, around.parent(loop)
    begin, end = loop.span.begin, loop.span.end
    end += source.text[end - 1] not in "};" and isinstance(loop, tree.DoWhile)
    indent = source.indentation(begin)
    test = f"\n{indent}if ({name})\n{indent}    {how};"
    if isinstance(parent, tree.Block):
        yield Edit(Span(end, end), test)
        return
    shown = mask(source.text[:begin]).rstrip()  # without the comments that may stand behind a loop's header
    before = len(shown)
    opening = Edit(Span(before, before), " {") if shown.endswith(")") else Edit(Span(begin, begin), "{ ")
    yield from (opening, Edit(Span(end, end), f"{test}\n{source.indentation(parent.span.begin)}}}"))


def _of_kind(s: tree.Node, kind: str) -> Iterator[tree.UnknownStmt]:
    return (n for n in tree.walk(s) if isinstance(n, tree.UnknownStmt) and n.kind == kind)
