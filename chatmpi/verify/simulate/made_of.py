"""What a program's values are made of: by assignments, initialisers, arguments and returns, and by bodies of macros.

It is followed from holder to holder, with no regard to order or branches: rather too much is found than too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Program

_WORD = re.compile(r"[A-Za-z_]\w*")
_DESIGNATED = re.compile(r"\.\s*(\w+)\s*=")


@dataclass(frozen=True, slots=True)
class Holder:
    """What holds a value: a variable by its name and `uid`, a structure's member as `struct.member`, a macro, an
    enumerator or a function by its name."""

    name: str
    uid: int | None = None


class MadeOf:
    """What each holder of a program is made of."""

    def __init__(self, program: Program) -> None:
        self._source, self._layouts = program.source, program.layouts
        self._macros = {m.name: set(_WORD.findall(program.source.at(m.body_span))) for m in program.macros}
        self._parameters = {f.symbol.name: f.parameters for f in program.functions}
        self._named: dict[str, set[Holder]] = {}
        self._parts: dict[Holder, list[tree.Node]] = {}
        for top in (*program.globals, *program.functions):
            for node in tree.walk(top):
                if isinstance(node, tree.Name):
                    self._named.setdefault(node.symbol.name, set()).add(holder_of(node.symbol))
                for holder, part in self._kept(node):
                    self._parts.setdefault(holder, []).append(part)
        for function in program.functions:
            values = [n.value for n in tree.walk(function.body) if isinstance(n, tree.Return)]
            self._parts.setdefault(holder_of(function.symbol), []).extend(v for v in values if v is not None)

    def reached(self, holders: Iterable[Holder]) -> set[Holder]:
        """The holders, and all that they are made of."""
        found: set[Holder] = set()
        stack = list(holders)
        while stack:
            holder = stack.pop()
            if holder not in found:
                found.add(holder)
                stack.extend(h for part in self._parts.get(holder, ()) for h in self.named_by(part))
                if holder.uid is None:
                    stack.extend(h for word in self._macros.get(holder.name, ()) for h in self._called(word))
        return found

    def parts(self, holder: Holder) -> tuple[tree.Node, ...]:
        """What a holder is given."""
        return tuple(self._parts.get(holder, ()))

    def named_by(self, node: tree.Node) -> Iterator[Holder]:
        """The holders that an expression names for their values."""
        yield from (Holder(word) for word in set(_WORD.findall(self._source.at(node.span))) if word in self._macros)
        stack = [node]
        while stack:
            top = stack.pop()
            member = _member(top) if isinstance(top, tree.Member) else None
            if member in self._parts:
                assert member is not None
                yield member
                continue
            if isinstance(top, tree.Name):
                yield holder_of(top.symbol)
            stack.extend(top.extents if isinstance(top, tree.Sizeof) else tree.children(top))

    def _called(self, word: str) -> Iterable[Holder]:
        """What a word in a macro's body may stand for."""
        return (Holder(word),) if word in self._macros else self._named.get(word, ())

    def _kept(self, node: tree.Node) -> Iterator[tuple[Holder, tree.Node]]:
        """What a node gives to holders."""
        match node:
            case tree.VarDecl(symbol=symbol, init=init) if init is not None:
                yield holder_of(symbol), init
            case tree.Assign(target=target, value=value) if (holder := _root(target)) is not None:
                yield holder, value
            case tree.Call(name=name, arguments=arguments) if name in self._parameters:
                for parameter, argument in zip(self._parameters[name], arguments, strict=False):
                    yield holder_of(parameter.symbol), argument
            case tree.Call(name=None, arguments=arguments):
                for parameters in self._parameters.values():
                    if len(parameters) == len(arguments):
                        yield from ((holder_of(p.symbol), a) for p, a in zip(parameters, arguments, strict=True))
            case tree.InitList(type=tree.OtherType(name=kind), items=items) if kind in self._layouts:
                names = [f.name for f in self._layouts[kind].fields]
                for item, name in zip(items, names, strict=False):
                    designated = _DESIGNATED.match(self._source.at(item.span))
                    yield Holder(f"{kind}.{designated[1] if designated else name}"), item


def holder_of(symbol: tree.Symbol) -> Holder:
    """The variable, enumerator or function that a name means."""
    is_alone = symbol.storage in ("enumerator", "function")
    return Holder(symbol.name, None if is_alone else symbol.uid)


def _root(target: tree.Expr) -> Holder | None:
    """What an assignment gives a value: a member of whichever structure, or the variable that leads there."""
    match target:
        case tree.Member():
            return _member(target)
        case tree.Name(symbol=symbol):
            return holder_of(symbol)
        case tree.Index(base=inner) | tree.Unary(op="*", operand=inner):
            return _root(inner)
    return None


def _member(node: tree.Member) -> Holder:
    kind = node.base.type.target if isinstance(node.base.type, tree.Pointer) else node.base.type
    return Holder(f"{kind.name if isinstance(kind, tree.OtherType) else ''}.{node.field}")
