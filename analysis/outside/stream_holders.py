"""Variables that hold one stream after the other: `f = fopen(a, "w"); … fclose(f); f = fopen(b, "r"); …`.

Each row of uses that see the same values of such a variable (a web) is read as a variable of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.restyle.webs import Unfollowed, webs_of
from chatmpi.analysis.source import Span
from chatmpi.analysis.tree import Function, Program, Symbol


@dataclass(frozen=True)
class Holders:
    """The variables that each use of a name stands for, by its place, and that each declaration and assignment fills,
    by its id()."""

    used: Mapping[tuple[Symbol, Span], Symbol] = field(default_factory=dict)
    filled: Mapping[int, Symbol] = field(default_factory=dict)

    def of(self, name: tree.Name) -> Symbol:
        return self.used.get((name.symbol, name.span), name.symbol)


def is_stream(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Pointer) and kind.target in (tree.OtherType("struct _IO_FILE"), tree.OtherType("FILE"))


def stream_holders(program: Program) -> Holders:
    used: dict[tuple[Symbol, Span], Symbol] = {}
    filled: dict[int, Symbol] = {}
    for f in program.functions:
        for symbol in _reused(f):
            names = {id(n): n for n in tree.walk(f.body) if isinstance(n, tree.Name) and n.symbol == symbol}
            try:
                webs = webs_of(symbol, f.body)
            except Unfollowed:
                continue
            if any(n.in_macro for n in names.values()):
                continue  # one place may then be several uses
            for k, web in enumerate(webs):
                holder = replace(symbol, name=f"{symbol.name} ({k})")
                used |= {(symbol, names[use].span): holder for use in web.uses}
                filled |= dict.fromkeys(web.definitions, holder)
    return Holders(used, filled)


def _reused(f: Function) -> Iterator[Symbol]:
    """The local variables that are given more than one stream."""
    given: dict[Symbol, int] = {}
    for n in tree.walk(f.body):
        match n:
            case tree.VarDecl(symbol=symbol, init=tree.Call()) if is_stream(symbol.type):
                given[symbol] = given.get(symbol, 0) + 1
            case tree.Assign(target=tree.Name(symbol=symbol), value=tree.Call()) if is_stream(symbol.type):
                given[symbol] = given.get(symbol, 0) + 1
    yield from (s for s, count in given.items() if count > 1 and s.storage == "local")
