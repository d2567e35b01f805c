"""Pointers into one array, written as that array and an offset: `*p++ = x` becomes `a[p_at++] = x`.

The offset is a variable of its own (`long p_at = i*n;`), so that it keeps its value as the pointer did. A pointer that
is but another name of an array gives way to the array's name. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_null
from chatmpi.analysis.memory.pointer_places import Place, Term, element, place_of, symbols_in
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.restyle.aliases import Aliases, Target, find_aliases
from chatmpi.analysis.restyle.offset_types import defined_by, unsigned_offsets
from chatmpi.analysis.restyle.respelling import Fresh, Respelled, as_operand, removal, within
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr, Node, Program, Symbol


class _Refused(Exception):
    """A pointer is used in a way that an offset cannot stand for."""

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol


def offset_pointers(program: Program) -> list[Edit]:
    """The edits that replace pointers by offsets, in all functions."""
    return [e for f in program.functions if not f.in_macro for e in _in_function(f, program)]


def _in_function(f: tree.Function, program: Program) -> list[Edit]:
    refused: frozenset[Symbol] = frozenset()
    while True:
        aliases = find_aliases(f, program, refused)
        if not aliases.targets:
            return []
        try:
            return list(_Writer(f, program, aliases).function())
        except _Refused as e:
            refused |= {e.symbol}


@dataclass(frozen=True)
class _Written:
    """An operand as an offset: the array's text and the offset's."""

    array: str
    key: tuple[str, ...]
    offset: str


class _Writer:
    def __init__(self, f: tree.Function, program: Program, aliases: Aliases) -> None:
        self.f, self.source, self.aliases = f, program.source, aliases
        self.fresh = Fresh(program.source.text)
        self.names: dict[str, str] = {}
        self.text = Respelled(program.source, self.edits)
        self.in_blocks = {s.id for b in tree.walk(f.body) if isinstance(b, tree.Block) for s in b.body}
        defined = ((defined_by(n) or _named(n), aliases.targets.get(id(n))) for n in tree.walk(f))
        self.with_offset = {symbol for symbol, target in defined if symbol and target is not None and target.offset}
        self.unsigned = unsigned_offsets(f, aliases, self.with_offset)

    def function(self) -> Iterator[Edit]:
        yield from self.edits(self.f.body)
        entered = [s for s in dict.fromkeys(p.symbol for p in self.f.parameters) if s in self.aliases.entered]
        if entered:
            begin = self.f.body.span.begin + 1
            first = self.f.body.body[0].span.begin if self.f.body.body else begin
            line = f"long {', '.join(f'{self.at(s)} = 0' for s in entered)};"
            yield Edit(Span(begin, begin), f"\n{within(self.source, self.f.body.span.begin, first)}{line}")

    def at(self, symbol: Symbol) -> str:
        """The name of a pointer's offset. It is declared where the pointer is: one hides another as the pointers do."""
        if symbol.name not in self.names:
            self.names[symbol.name] = self.fresh.take(f"{symbol.name}_at")
        return self.names[symbol.name]

    # --------------------------------------------------------------------------------------- traversal

    def edits(self, node: Node) -> Iterator[Edit]:
        """The edits of a node and all below it."""
        if node.in_macro and next(self._involved(node), None) is None:
            return
        special = self._special(node)
        if special is not None:
            self._check(node)
            yield from special
            return
        for part in tree.children(node):
            yield from self.edits(part)

    def _check(self, node: Node) -> None:
        for n in tree.walk(node):
            if n.in_macro and isinstance(n, tree.Name) and id(n) in self.aliases.targets:
                raise _Refused(n.symbol)
        if node.in_macro:
            raise _Refused(next(self._involved(node)))

    def _involved(self, node: Node) -> Iterator[Symbol]:
        """The pointers that are named or declared below a node."""
        declared = self.with_offset | self.aliases.whole
        for n in tree.walk(node):
            named = isinstance(n, tree.Name) and id(n) in self.aliases.targets
            if named or (isinstance(n, tree.VarDecl) and n.symbol in declared):
                yield n.symbol  # type: ignore[attr-defined]

    def _special(self, node: Node) -> Iterator[Edit] | None:
        match node:
            case tree.Declaration() if any(v.symbol in self.with_offset | self.aliases.whole for v in node.variables):
                return self._declaration(node)
            case tree.ExprStmt(expr=expr):
                target = None if isinstance(expr, tree.Name) else self.aliases.targets.get(id(expr))
                return self._removed(node) if target is not None and not target.offset else self._discarded(expr)
            case tree.For():
                return self._loop(node)
            case (
                tree.Assign(target=tree.Name(symbol=symbol))
                | tree.Unary(op="x++" | "++x" | "x--" | "--x", operand=tree.Name(symbol=symbol))
            ) if id(node) in self.aliases.targets:
                raise _Refused(symbol)
            case tree.Index(base=base, subscript=subscript) if (place := self._place(base)) is not None:
                return self._indexed(node, place, subscript)
            case tree.Unary(op="*", operand=operand) if (place := self._place(operand)) is not None:
                written = self._written(place)
                return self._replaced(node, f"{written.array}[{written.offset}]")
            case tree.Member(arrow=True, base=base) if (place := self._place(base)) is not None:
                return self._arrow(node, place)
            case tree.Binary(op="<" | "<=" | ">" | ">=" | "==" | "!=" | "-" as op, left=left, right=right) if (
                element(left.type) is not None and element(right.type) is not None
            ):
                return self._compared(op, left, right)
            case tree.Name(symbol=symbol) if (target := self.aliases.targets.get(id(node))) is not None:
                whole = self._array(target)
                return self._replaced(node, f"({whole} + {self.at(symbol)})" if target.offset else whole)
            case tree.Sizeof(operand=tree.Name() as name) if id(name) in self.aliases.targets:
                raise _Refused(name.symbol)
            case (
                tree.Unary(op="!", operand=tested)
                | tree.If(condition=tested)
                | tree.While(condition=tested)
                | (tree.DoWhile(condition=tested) | tree.Conditional(condition=tested))
            ):
                self._refuse_tested(tested)
            case tree.Binary(op="&&" | "||", left=left, right=right):
                self._refuse_tested(left)
                self._refuse_tested(right)
        return None

    def _refuse_tested(self, tested: Expr) -> None:
        """No offset tells whether a pointer is there."""
        if isinstance(tested, tree.Name) and id(tested) in self.aliases.targets:
            raise _Refused(tested.symbol)

    # ----------------------------------------------------------------------------------------- places

    def _place(self, value: Expr) -> Place | None:
        """The place of a value that begins with an alias."""
        found = place_of(value)
        return found if found is not None and id(found.root) in self.aliases.targets and not found.rows else None

    def _array(self, target: Target) -> str:
        root = target.root.symbol.name if isinstance(target.root, tree.Name) else self._shown(target.root)
        return root + "".join(f"[{self._shown(r)}]" for r in target.rows)

    def _shown(self, expr: Expr) -> str:
        """The text of an expression with its edits; what a macro writes is written out, if nothing changes in it."""
        if not expr.in_macro:
            return self.text(expr)
        if any(id(n) in self.aliases.targets for n in tree.walk(expr)):
            raise _Refused(next(self._involved(expr)))
        return text(expr)

    def _written(self, place: Place, defining: bool = False) -> _Written:
        target = self.aliases.targets.get(id(place.root))
        terms = [self._term(t) for t in place.terms]
        if target is None:
            array = self._shown(place.root)
            key = Target(place.root, place.rows, False).key
            return _Written(array, key, _sum(terms))
        assert isinstance(place.root, tree.Name)
        zero = defining and id(place.root) in self.aliases.at_begin
        if target.offset and not zero:
            name = self.at(place.root.symbol)
            if place.step is not None:
                name = f"{name}{place.step.op[1:]}" if place.step.op[0] == "x" else f"{place.step.op[:2]}{name}"
            terms.insert(0, ("+", name))
        return _Written(self._array(target), target.key, _sum(terms))

    def _term(self, term: Term) -> tuple[str, str]:
        expr, sign = term.expr, "-" if term.negative else "+"
        if isinstance(expr, tree.Unary) and expr.op == "-" and not expr.in_macro:
            return ("+" if term.negative else "-"), as_operand(expr.operand, self._shown(expr.operand), "*")
        shown = self._shown(expr)
        if isinstance(expr, tree.IntLiteral) and expr.value == 0:
            return sign, "0"
        return sign, as_operand(expr, shown, "-" if term.negative else "+")

    def _offset_of(self, value: Expr) -> str:
        if is_null(value):
            return "0"
        place = place_of(value)
        assert place is not None
        return self._written(place, defining=True).offset

    # ------------------------------------------------------------------------------------------ edits

    def _replaced(self, node: Node, text: str) -> Iterator[Edit]:
        if node.in_macro:
            raise _Refused(next(self._involved(node)))
        yield Edit(node.span, text)

    def _removed(self, s: tree.Stmt) -> Iterator[Edit]:
        yield removal(s, self.source)

    def _loop(self, loop: tree.For) -> Iterator[Edit]:
        if loop.condition is not None:
            self._refuse_tested(loop.condition)
        for part in tree.children(loop):
            yield from self._discarded(part) if part is loop.step else self.edits(part)

    def _discarded(self, expr: Node) -> Iterator[Edit]:
        """An expression whose value is not looked at."""
        if isinstance(expr, tree.Binary) and expr.op == ",":
            yield from self._discarded(expr.left)
            yield from self._discarded(expr.right)
            return
        if id(expr) not in self.aliases.targets or isinstance(expr, tree.Name):
            yield from self.edits(expr)
            return
        self._check(expr)
        match expr:
            case tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value):
                yield Edit(expr.span, f"{self.at(symbol)} = {self._offset_of(value)}")
            case tree.Assign(target=tree.Name(symbol=symbol) as name, value=value):
                yield Edit(name.span, self.at(symbol))
                yield from self.edits(value)
            case tree.Unary(operand=tree.Name(symbol=symbol) as name):
                yield Edit(name.span, self.at(symbol))

    def _indexed(self, node: tree.Index, place: Place, subscript: Expr) -> Iterator[Edit]:
        written = self._written(Place(place.root, place.rows, (*place.terms, Term(subscript)), place.step))
        yield Edit(node.span, f"{written.array}[{written.offset}]")

    def _arrow(self, node: tree.Member, place: Place) -> Iterator[Edit]:
        written = self._written(place)
        yield Edit(node.span, f"{written.array}[{written.offset}].{node.field}")

    def _compared(self, op: str, left: Expr, right: Expr) -> Iterator[Edit]:
        places = place_of(left), place_of(right)
        mine = [p for p in places if p is not None and id(p.root) in self.aliases.targets]
        if not mine:
            yield from self.edits(left)
            yield from self.edits(right)
            return
        root = mine[0].root
        assert isinstance(root, tree.Name)
        if op == "-" and any(isinstance(side, tree.Index) for side in (left, right)):  # an entry of a table of pointers
            yield from self.edits(left)
            yield from self.edits(right)
            return
        if places[0] is None or places[1] is None:
            raise _Refused(root.symbol)
        first, second = self._written(places[0]), self._written(places[1])
        if first.key != second.key:
            raise _Refused(root.symbol)
        for side, place, written in ((left, places[0], first), (right, places[1], second)):
            shown = written.offset
            terms = any(isinstance(t.expr.type, tree.Scalar) and t.expr.type.is_unsigned for t in place.terms)
            if terms or (isinstance(place.root, tree.Name) and place.root.symbol in self.unsigned):
                shown = f"(long){shown}" if shown.isidentifier() else f"(long)({shown})"
            elif op == "-" and re.search(r"[-+] ", shown):
                shown = f"({shown})"
            yield Edit(side.span, shown)

    # ------------------------------------------------------------------------------------ declarations

    def _declaration(self, d: tree.Declaration) -> Iterator[Edit]:
        mine = [v for v in d.variables if v.symbol in self.with_offset | self.aliases.whole]
        kept = [v for v in d.variables if v.symbol not in self.aliases.whole]
        offsets = [v for v in mine if v.symbol in self.with_offset]
        if d.in_macro or any(v.in_macro for v in mine):
            raise _Refused(mine[0].symbol)
        new = self._offsets(offsets)
        old = self._remaining(d, kept)
        if d.id not in self.in_blocks:
            if kept or not new:
                raise _Refused(mine[0].symbol)
            yield Edit(d.span, new)
            return
        if not new and not old:
            yield removal(d, self.source)
            return
        both = [new, old]
        if _initialised_with(offsets) & {v.symbol for v in kept}:
            both = [old, new]
            if _initialised_with(kept) & {v.symbol for v in mine}:
                raise _Refused(mine[0].symbol)
        yield Edit(d.span, f"\n{self.source.indentation(d.span.begin)}".join(b for b in both if b))

    def _offsets(self, variables: list[tree.VarDecl]) -> str:
        if not variables:
            return ""
        parts = []
        for v in variables:
            target = self.aliases.targets.get(id(v))
            begins = v.init is not None and target is not None and target.offset
            parts.append(self.at(v.symbol) + (f" = {self._offset_of(v.init)}" if begins and v.init else ""))
        constant = all(v.symbol in self.aliases.constant for v in variables)
        unsigned = all(v.symbol in self.unsigned for v in variables)
        return f"{'const ' if constant else ''}{'unsigned ' if unsigned else ''}long {', '.join(parts)};"

    def _remaining(self, d: tree.Declaration, kept: list[tree.VarDecl]) -> str:
        if not kept:
            return ""
        specifiers = self.source.shown_at(Span(d.span.begin, min(v.span.begin for v in d.variables)))
        parts = []
        for v in kept:
            if id(v) in self.aliases.targets:
                parts.append(self.source.shown_at(Span(v.span.begin, v.name_span.end)))
            else:
                parts.append(self.text(v))
        return f"{specifiers}{', '.join(parts)};"


def _sum(terms: list[tuple[str, str]]) -> str:
    shown = ""
    for sign, term in terms:
        if term == "0":
            continue
        shown = f"{shown} {sign} {term}" if shown else (term if sign == "+" else f"-{term}")
    return shown or "0"


def _named(node: Node) -> Symbol | None:
    return node.symbol if isinstance(node, tree.Name) else None


def _initialised_with(variables: list[tree.VarDecl]) -> set[Symbol]:
    return {s for v in variables if v.init is not None for s in symbols_in(v.init)}
