"""By which text each function knows the variables that edits speak of.

Edits are made in the names of the view in which helper functions stand in main: main's own names, and `dot::s` for
what a helper declares. Where an edit lies in a helper's text, it must say there what the helper calls it. What an edit
quotes of the program's own text says that already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from chatmpi.analysis import tree
from chatmpi.analysis.calls.expansion import Scope
from chatmpi.analysis.numbers.polynomial import of_atom, variable
from chatmpi.analysis.source import Edit
from chatmpi.analysis.touches import ScalarTouch
from chatmpi.analysis.tree import Symbol
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Layout

_QUOTE, _UNQUOTE = "\ue000", "\ue001"  # around what edits quote; no C program has these characters
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(
    rf'{_QUOTE}[^{_UNQUOTE}]*{_UNQUOTE}|"(?:\\.|[^"\\])*"'  # quoted text and strings stay
    r"|struct \{[^}]*\}"  # so do the members of a structure that an edit makes
    r"|(?P<before>(?:\.|->)\s*)?(?P<name>(?:[A-Za-z_][\w#]*::)*[A-Za-z_]\w*(?:(?:\.|->)[A-Za-z_]\w*)*)"
)


_MEMBER = re.compile(r"\(\*(\w+)\)\.")  # what a pointer parameter stands for, as people write it
_MEMBER_OF = re.compile(r"(.+)((?:\.|->)\w+)$")  # greedy: the last member
_ADDRESS = re.compile(r"&\(\*(\w+)\)(?![\w.\[(]|->)")


class _Unspeakable(Exception):
    """A function has no name for a variable."""


def quoted(text: str) -> str:
    """The program's own text, for use in an edit's."""
    return f"{_QUOTE}{text}{_UNQUOTE}"


def within_quote(text: str) -> str:
    """What an edit puts into the midst of quoted text."""
    return f"{_UNQUOTE}{text}{_QUOTE}"


def unnamed_sizes(edits: Iterable[Edit], layout: Layout) -> frozenset[Symbol]:
    """Sizes of main that edits in helper functions speak of, and that these have no names for."""
    sizes = {s.name: s for s in _sizes(layout)}
    found: set[Symbol] = set()
    spoken = [(s, _known_in(s, layout)) for s in layout.facts.scopes]
    for edit in edits:
        for scope, known in spoken:
            if _is_inside(edit, scope):
                words = {m["name"] for m in _TOKEN.finditer(edit.text) if m["name"] and not m["before"]}
                found |= {sizes[w] for w in words if w in sizes and _member_of(w, known) is None}
    return frozenset(found)


def _sizes(layout: Layout) -> set[Symbol]:
    """The local variables in the extents of divided arrays: they do not change once the blocks are dealt out."""
    extents = [layout.facts.extents[s] for s in layout.of_array]
    symbols = {s for e in extents for d in e.dimensions for s in d.symbols}
    inner = layout.facts.program.inner_enumerators
    mine = {s for s in symbols if s.storage in {"local", "parameter"} or s.uid in inner}
    return {s for s in mine if "::" not in s.name}


def respelled(edits: Iterable[Edit], layout: Layout) -> Iterator[Edit]:
    """The edits, each in the names that hold where it stands. Raises Uneditable."""
    spoken = [(s, _known_in(s, layout)) for s in layout.facts.scopes]
    mine = _own_names(layout)
    others = _other_names(layout)

    macros = {m.name: m.span.begin for m in layout.facts.program.macros}

    def spelled(edit: Edit) -> str:
        found = _scope_of(edit, spoken)
        later = next((w for w in re.findall(r"\w+", edit.text) if macros.get(w, 0) > edit.span.begin), None)
        if found is not None and later is not None:
            raise _Unspeakable(f"'{later}' is defined further down")
        if found is None:
            return _in_main(_renamed(edit.text, {k: m for k, m in others.items() if "::" not in m}))
        return _inside(edit.text, found[0], {**layout.shared_sizes, **found[1]}, mine)

    every = [_by_own_names(e, layout) for e in edits]
    for edit in every:
        try:
            text = spelled(edit)
        except _Unspeakable as e:
            calls = {scope.prefix.removesuffix("::") for scope in _at_a_loss(every, spelled, spoken)}
            raise _blame(edit, layout, str(e), frozenset(calls)) from None
        yield Edit(edit.span, text.replace(_QUOTE, "").replace(_UNQUOTE, ""))


def _by_own_names(edit: Edit, layout: Layout) -> Edit:
    """An edit where pointers are known by their own names, and the view has others for them."""
    around = [c for c in layout.facts.program.coalesced if c.span.begin <= edit.span.begin <= c.span.end]
    names: dict[str, str] = {}
    for c in sorted(around, key=lambda c: c.span.begin - c.span.end):
        names.update(c.names)
    return Edit(edit.span, _renamed(edit.text, names)) if names else edit


_Spoken = list[tuple[Scope, dict[str, str]]]


def _scope_of(edit: Edit, spoken: _Spoken) -> tuple[Scope, dict[str, str]] | None:
    return next(((s, known) for s, known in spoken if _is_inside(edit, s)), None)


def _at_a_loss(edits: Iterable[Edit], spelled: Callable[[Edit], str], spoken: _Spoken) -> Iterator[Scope]:
    """The functions in which something cannot be said."""
    for edit in edits:
        found = _scope_of(edit, spoken)
        try:
            spelled(edit)
        except _Unspeakable:
            yield from () if found is None else (found[0],)


def _other_names(layout: Layout) -> dict[str, str]:
    """Variables of main, and members, that were given the value of a helper function's variable, by what the view calls
    that: `int n = ask("rows");`."""
    known = reversed(list(_with_one_value(layout)))
    return {name: other.name for name, other in known if "::" in name and "::" not in other.name}


def _members_of_variables(layout: Layout) -> Iterator[tuple[str, Symbol]]:
    return ((name, other) for name, other in _with_one_value(layout) if _MEMBER_OF.match(other.name))


def _with_one_value(layout: Layout) -> Iterator[tuple[str, Symbol]]:
    """The variables and members that have the value of another variable, with its name."""
    for symbol, value in layout.facts.naming.derived.items():
        for same in value.symbols:
            if value == of_atom(variable(same)):
                yield same.name, symbol


def _known_in(scope: Scope, layout: Layout) -> dict[str, str]:
    """What a function can name, by what the view calls it: as a parameter, or as a member that has the value since
    before the call."""
    named = _known(scope, layout.facts.scopes)
    touches = layout.facts.touches
    begins = [touches.ranges[i][0] for i in {scope.call, *scope.statements} if i in touches.ranges]
    before = {t.symbol for t in touches.items[: min(begins, default=0)] if isinstance(t, ScalarTouch) and t.write}
    for name, member in _members_of_variables(layout):
        there = _member_of(member.name, named) if name not in named and member in before else None
        if there is not None:
            named[name] = there
    return named


def _renamed(text: str, others: Mapping[str, str]) -> str:
    return _TOKEN.sub(lambda m: m[0] if m["before"] else others.get(m["name"] or "", m[0]), text)


def _member_of(name: str, known: Mapping[str, str]) -> str | None:
    """What a function calls a member of a variable that it knows."""
    whole, rest = name, ""
    while whole:
        if whole in known:
            return known[whole] + rest
        found = _MEMBER_OF.match(whole)
        whole, rest = (found[1], found[2] + rest) if found else ("", "")
    return None


def _is_inside(edit: Edit, scope: Scope) -> bool:
    """Whether an edit lies in a function's text; what is inserted right before it does not."""
    first = scope.span.begin + (1 if edit.span.begin == edit.span.end else 0)
    return first <= edit.span.begin < scope.span.end


def _known(scope: Scope, scopes: tuple[Scope, ...]) -> dict[str, str]:
    """What a function can name, by what the view calls it; through the functions that call it too."""
    known = dict(scope.spellings)
    for outer in reversed(scopes[: scopes.index(scope)]):
        for name, there in outer.spellings.items():
            if f"{outer.prefix}{there}" in known:
                known.setdefault(name, known[f"{outer.prefix}{there}"])
    return known


def _own_names(layout: Layout) -> frozenset[str]:
    main = layout.main
    declared = [v.symbol for v in main.parameters]
    declared += [n.symbol for n in tree.walk(main.body) if isinstance(n, tree.VarDecl)]
    inner = layout.facts.program.inner_enumerators
    declared += [n.symbol for n in tree.walk(main.body) if isinstance(n, tree.Name) and n.symbol.uid in inner]
    return frozenset(s.name for s in declared)


def _in_main(text: str) -> str:
    if "::" in text and any(m["name"] and "::" in m["name"] for m in _TOKEN.finditer(text)):
        raise _Unspeakable("main does not see a helper function's variable")
    return text


def _inside(text: str, scope: Scope, known: Mapping[str, str], mains: frozenset[str]) -> str:
    comments = [c.span() for c in _COMMENT.finditer(text)]

    def spell(m: re.Match[str]) -> str:
        name = m["name"]
        if name is None or m["before"]:
            return m[0]
        if "::" not in name and any(begin <= m.start() < end for begin, end in comments):
            word = known.get(name, name)  # a word of English may be some variable's name
            return name if word.startswith("(") else word
        if name.startswith(scope.prefix) and "::" not in name[len(scope.prefix) :]:
            return name[len(scope.prefix) :]
        there = _member_of(name, known)  # a member is known by itself, or as part of what it is in
        if there is not None:
            return there
        if "::" in name or re.split(r"\.|->", name)[0] in mains:
            raise _Unspeakable(f"'{scope.prefix.removesuffix('::')}' has no name for '{name}'")
        return m[0]

    spelled = _TOKEN.sub(spell, text)
    return _ADDRESS.sub(r"\1", _MEMBER.sub(r"\1->", spelled))


def _blame(edit: Edit, layout: Layout, reason: str, calls: frozenset[str]) -> Uneditable:
    """The loop around or nearest behind an edit is what has to stay whole; failing that, an array that it names."""
    node = tree.Node(span=edit.span)
    loops = [layout.facts.loops[x.place.statement].stmt for x in layout.plan.loops if x.treatment == "distributed"]
    near = [s for s in loops if s.span.begin <= edit.span.begin < s.span.end]
    near += sorted((s for s in loops if s.span.begin >= edit.span.begin), key=lambda s: s.span.begin)
    scope = next((s for s in layout.facts.scopes if s.span.begin <= edit.span.begin < s.span.end), None)
    inside = [s for s in near if scope is None or s.span.begin < scope.span.end]
    words = set(re.findall(r"[\w#:]+", edit.text))
    array = next((s for s in layout.of_array if s.name in words), None)
    return Uneditable(reason, node, array, inside[0].id if inside else None, calls)
