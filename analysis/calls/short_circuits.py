"""Conditions in which a function is called only sometimes, as statements one after the other. (Those that need no
variable for it are spelled so before: see `restyle/conditions_apart.py`.)

if (write(u) != 0 || write(v) != 0)     int holds = write(u) != 0;
    return 1;                           if (!holds)
                                            holds = write(v) != 0;
                                        if (holds)
                                            return 1;
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import Expandable
from chatmpi.analysis.restyle.respelling import Fresh
from chatmpi.analysis.source import Edit, Source, Span
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Call, Expr, Stmt

_TRUTHS = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||"})


def is_followed(call: Call, possible: Expandable) -> bool:
    """Whether a call can be read as if the function's body stood there, with its value in a variable."""
    f = possible.whole.get(call.name or "")
    return f is not None and not call.in_macro and isinstance(f.returns, tree.Scalar) and possible.binds(call, f)


def works_on_memory(call: Call, possible: Expandable) -> bool:
    """Whether there is something in a function that ranks could share: it is given memory, or reaches it by name."""
    if not is_followed(call, possible):
        return False
    f = possible.whole[call.name or ""]
    names = (n.symbol for n in tree.walk(f.body) if isinstance(n, tree.Name))
    return any(is_memory(p.symbol.type) for p in f.parameters) or any(s.storage == "global" for s in names)


def in_steps(
    s: Stmt, parent: tree.Node, wanted: Callable[[Call], bool], source: Source, names: Fresh
) -> Iterator[Edit]:
    """The edits that compute the condition of an if or a while in steps, if a `wanted` call stands behind && or ||."""
    if not isinstance(s, tree.If | tree.While) or s.in_macro or not _has_steps(s.condition, wanted):
        return
    if isinstance(s, tree.While) and not isinstance(s.body, tree.Block):
        return
    name = names.take("holds")
    inner = source.indentation(s.span.begin)
    condition = s.condition.span
    if isinstance(s, tree.While):
        assert isinstance(s.body, tree.Block)
        first = s.body.body[0].span.begin if s.body.body else s.body.span.end - 1
        own_line = source.line_begin(first) > s.body.span.begin
        unit = source.indentation(first) if own_line else inner + "    "
        steps = "".join(f"\n{unit}{line}" for line in _steps(s.condition, name, wanted, source))
        head = f"while (1) {{{steps}\n{unit}if (!{name})\n{unit}{unit[len(inner) :]}break;"
        behind = "" if own_line else f"\n{unit.removesuffix(' ')}"
        yield Edit(Span(s.span.begin, s.body.span.begin + 1), head + behind)
        return
    steps = "".join(f"{line}\n{inner}" for line in _steps(s.condition, name, wanted, source))
    labelled = source.text[: s.span.begin].rstrip().endswith(":")
    alone = labelled or not isinstance(parent, tree.Block)
    yield Edit(Span(s.span.begin, s.span.begin), f"{{ {steps}" if alone else steps)
    yield Edit(condition, name)
    if alone:
        yield Edit(Span(s.span.end, s.span.end), " }")


def _has_steps(condition: Expr, wanted: Callable[[Call], bool]) -> bool:
    match condition:
        case tree.Binary(op="&&" | "||", left=left, right=right) if not any(n.in_macro for n in tree.walk(condition)):
            return _has_steps(left, wanted) or any(isinstance(n, Call) and wanted(n) for n in tree.walk(right))
    return False


def _steps(condition: Expr, name: str, wanted: Callable[[Call], bool], source: Source) -> Iterator[str]:
    first, *others = _set(condition, name, wanted, source)
    yield f"int {first}"
    yield from others


def _set(condition: Expr, name: str, wanted: Callable[[Call], bool], source: Source) -> Iterator[str]:
    """Statements that put the truth of a condition into a variable."""
    if isinstance(condition, tree.Binary) and _has_steps(condition, wanted):
        yield from _set(condition.left, name, wanted, source)
        yield f"if ({name if condition.op == '&&' else f'!{name}'}) {{"
        yield from (f"    {line}" for line in _set(condition.right, name, wanted, source))
        yield "}"
        return
    shown = source.shown_at(condition.span)
    if isinstance(condition, Call | tree.Name):
        shown += " != 0"
    elif not (isinstance(condition, tree.Binary) and condition.op in _TRUTHS):
        shown = shown if isinstance(condition, tree.Unary) and condition.op == "!" else f"({shown}) != 0"
    yield f"{name} = {shown};"
