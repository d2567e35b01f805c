"""Static variables of functions: plain ones where no value outlives a call, and else variables of the file.

void add(int n, double *y) {                     void add(int n, double *y) {
    static int i;                                    int i;
    for (i = 0; i < n; i++) y[i] += 1;               for (i = 0; i < n; i++) y[i] += 1;
}                                                }
double next(void) {                              static unsigned next_x = 1;
    static unsigned x = 1;                       double next(void) {
    x = x * 69069 + 1;                               next_x = next_x * 69069 + 1;
    return x / 4294967296.0;                         return next_x / 4294967296.0;
}                                                }

What holds constants only is left as it is (`calls/statics.py`).
"""

from __future__ import annotations

import re

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import recursive_functions
from chatmpi.analysis.calls.statics import keeps_state, statics_of
from chatmpi.analysis.restyle.respelling import Fresh, removal
from chatmpi.analysis.restyle.webs import AT_ENTRY, Reaching, Unfollowed
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Declaration, Function, Program, Symbol

_STATIC = re.compile(r"\bstatic\s+")


def static_locals(program: Program) -> list[Edit]:
    """The edits for all helper functions with static variables."""
    recursive = recursive_functions(program)
    edits: list[Edit] = []
    for f in program.functions:
        if f.symbol.name != "main" and not f.in_macro and keeps_state(f) and not _declares_types(f):
            for d in tree.statements(f.body):
                if isinstance(d, Declaration) and d.variables and d.variables[0].symbol.storage == "static":
                    edits += _forgotten(d, f, program, f.symbol.name in recursive) or _moved(d, f, program)
    return edits


def _forgotten(d: Declaration, f: Function, program: Program, recursive: bool) -> list[Edit]:
    """The declaration without `static`, where every call writes its variables before it reads them."""
    scalars = all(isinstance(v.symbol.type, tree.Scalar) and not v.extents for v in d.variables)
    if recursive or not scalars or not all(_is_set_first(v.symbol, f) for v in d.variables):
        return []
    word = _STATIC.search(mask(program.source.text), d.span.begin, d.variables[0].name_span.begin)
    return [] if d.in_macro or word is None else [Edit(Span(word.start(), word.end()), "")]


def _is_set_first(symbol: Symbol, f: Function) -> bool:
    reaching = Reaching(symbol)
    try:
        reaching.run(f.body, frozenset({AT_ENTRY}))
    except Unfollowed:
        return False
    return not any(AT_ENTRY in seen for seen in reaching.uses.values())


def _moved(d: Declaration, f: Function, program: Program) -> list[Edit]:
    """The declaration before its function, its variables with names of their own."""
    source = program.source
    own = {v.symbol for v in statics_of(f)}
    inside = [n for n in tree.walk(d) if isinstance(n, tree.Name)]
    uses = [n for n in tree.walk(f.body) if isinstance(n, tree.Name) and n.symbol in {v.symbol for v in d.variables}]
    if d.in_macro or any(n.in_macro for n in (*uses, *d.variables)) or any(n.symbol in own for n in inside):
        return []
    if any(n.symbol.storage not in {"global", "function"} for n in inside) or not _has_place(f, program):
        return []
    fresh = Fresh(source.text)
    names = {v.symbol: fresh.take(f"{f.symbol.name}_{v.symbol.name}") for v in d.variables}
    text, begin = source.text[d.span.begin : d.span.end], d.span.begin
    for v in reversed(d.variables):
        span = v.name_span
        text = text[: span.begin - begin] + names[v.symbol] + text[span.end - begin :]
    edits = [Edit(Span(f.span.begin, f.span.begin), f"{text}\n"), removal(d, source)]
    return edits + [Edit(n.span, names[n.symbol]) for n in uses]


def _has_place(f: Function, program: Program) -> bool:
    """Whether a line can stand before the function."""
    text = program.source.text
    return text[program.source.line_begin(f.span.begin) : f.span.begin].strip() == ""


def _declares_types(f: Function) -> bool:
    return any(isinstance(n, Declaration) and not n.variables for n in tree.walk(f.body))
