"""Global and local indices inside distributed loops: what stays as written, what becomes `i + offset`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.subscripts import Access
from chatmpi.analysis.numbers.polynomial import ONE, Polynomial, of_atom, variable
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.touches import element
from chatmpi.analysis.tree import Expr, Node, Symbol
from chatmpi.generate.copies import copy_edits
from chatmpi.generate.insertions import Uneditable
from chatmpi.generate.layout import Blocks, Layout, may_be_unsigned, times
from chatmpi.generate.ownership import global_row
from chatmpi.generate.wrapping import Wrapping
from chatmpi.plan.alignment import Flat, alignment
from chatmpi.plan.cyclic import values_only

_BARE_PARENTS = (tree.Assign, tree.VarDecl, tree.Call, tree.Index, tree.ExprStmt, tree.Return)
_COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}


@dataclass
class Localiser:
    """Edits the body of one distributed loop. `shifts`: local names, and by how many offsets each is smaller
    than its global value."""

    layout: Layout
    loop: LoopInfo
    blocks: Blocks
    shifts: Mapping[Symbol, Polynomial]
    wrapped: Wrapping = field(default_factory=Wrapping)
    kept: set[Span] = field(default_factory=set)
    changed: set[Span] = field(default_factory=set)

    def body(self) -> None:
        assert isinstance(self.loop.stmt, tree.For)
        self._visit(self.loop.stmt.body, self.loop.stmt)
        clash = self.kept & self.changed
        if clash:
            raise Uneditable(
                "a macro uses its argument both as a local and as a global index", self.loop.stmt, loop=self._id
            )

    @property
    def _id(self) -> int:
        return self.loop.stmt.id

    def _visit(self, node: Node, parent: Node) -> None:
        if id(node) in self.wrapped.done:
            return
        match node:
            case tree.Index() if id(node) in self.layout.visiting:
                found = element(node)
                assert found is not None
                for subscript in found[1]:
                    self._visit(subscript, node)
            case tree.Index() | tree.Unary(op="*") if id(node) in self.layout.copied:
                self._copied(node)
            case tree.Index() | tree.Unary(op="*") if (access := self._distributed(node)) is not None:
                self._subscripts(node, access)
            case tree.Name(symbol=symbol) if symbol in self.shifts:
                self._globalise(node, parent)
            case tree.VarDecl(symbol=symbol, init=tree.Expr() as init) if symbol in self.shifts:
                self._keep(init)
            case tree.Assign(target=tree.Name(symbol=symbol), value=value) if symbol in self.shifts:
                self._keep(value)
            case _:
                for part in tree.children(node):
                    self._visit(part, node)

    def _distributed(self, node: Expr) -> Access | None:
        """The access that `node` makes, if it is to a distributed array."""
        found = element(node)
        facts = self.layout.facts
        if found is None or found[0] not in self.layout.distributed_at(self._id):
            return None
        if facts.extents[found[0]].packed is not None:
            return None  # it is reached as an array that every rank holds whole
        return next(
            (
                facts.accesses[id(t)]
                for t in facts.touches.of(self._id)
                if getattr(t, "node", None) is node and id(t) in facts.accesses
            ),
            None,
        )

    def _copied(self, node: Expr) -> None:
        """A read of a row that was broadcast."""
        access = self._distributed(node)
        assert access is not None
        values = {s: self._global_value(s) for s in self.shifts if s == self._variable or not self.blocks.cyclic}
        self.layout.edits.extend(copy_edits(access, self.layout, values))
        found = element(node)
        assert found is not None
        copy = self.layout.copied[id(node)]
        row = found[1][self.layout.facts.place_of_row(found[0])] if found[1] else None
        left = found[1][1:] if not copy.column else (row,) if row is not None and len(found[1]) > 1 else ()
        for other in left if not copy.scalar else ():
            self._visit(other, node)

    def _subscripts(self, node: Expr, access: Access) -> None:
        found = element(node)
        assert found is not None
        others = list(found[1])
        place = self.layout.facts.place_of_row(found[0])
        first = others.pop(place)
        linear = not others or (place != 0 and len(others) == 1)
        part = next((n for n in tree.walk(first) if id(n) in self.wrapped.rows), None)
        if part is not None:
            self._unwrap(part, first, node)
            for other in others:
                self._visit(other, node)
            return
        own = variable(self._variable)
        value = access.linear if linear else access.subscripts[0]
        stride = self._stride(access) if linear else ONE
        if value is not None and value.coefficient(own) == stride and _is_linear(value, self._variable):
            self._keep(first)
        else:
            self._rewrite_linear(first, node, access, stride)
        for other in others:
            self._visit(other, node)

    def _unwrap(self, part: Node, subscript: Expr, parent: Node) -> None:
        """The row without its wrapping, in local indices; what stands beside it as anywhere."""
        near = self.wrapped.rows[id(part)]
        if not (isinstance(part, tree.Name) and part.symbol in self.wrapped.variables):
            shown = near.text()
            alone = part is subscript or self._in_parentheses(part.span)
            self.layout.edits.append(Edit(part.span, shown if alone or not near.is_sum else f"({shown})"))
            self._beside(part, subscript, parent)

    def _in_parentheses(self, span: Span) -> bool:
        source = self.layout.facts.program.source.text
        return source[: span.begin].rstrip().endswith("(") and source[span.end :].lstrip().startswith(")")

    def _beside(self, part: Node, node: Node, parent: Node) -> None:
        if node is part:
            return
        if any(n is part for n in tree.walk(node)):
            for inner in tree.children(node):
                self._beside(part, inner, node)
        else:
            self._visit(node, parent)

    def _stride(self, access: Access) -> Polynomial:
        """Words by which the linear subscript grows from one iteration to the next."""
        if access.subscripts[0] is None:
            how = alignment(access, self.loop, self.layout.facts)
            return how.words if isinstance(how, Flat) else ONE
        return self.layout.facts.extents[access.touch.symbol].line_words

    def _rewrite_linear(self, subscript: Expr, node: Expr, access: Access, stride: Polynomial) -> None:
        """The variable also stands in an inner dimension (`a[i*n + i]`): global everywhere, then shifted."""
        if subscript.in_macro and (node.in_macro or not isinstance(node, tree.Index)):
            raise Uneditable("a macro writes the subscript", subscript, array=access.touch.symbol)
        if subscript.in_macro and self.layout.facts.place_of_row(access.touch.symbol) != 0:
            raise Uneditable("a macro writes the subscript", subscript, array=access.touch.symbol)
        if subscript.in_macro:  # a macro that is the whole element: `A(i, i)`
            shown = f"{access.touch.symbol.name}[{self._written_out(access, stride)}]"
            self.layout.edits.append(Edit(node.span, shown))
            return
        if self.blocks.cyclic:
            self.layout.edits.append(Edit(subscript.span, self._written_out(access, stride)))
            return
        self._visit(subscript, subscript)
        self.layout.edits.append(
            Edit(Span(subscript.span.end, subscript.span.end), f" - {times(self.blocks.offset, stride)}")
        )

    def _written_out(self, access: Access, stride: Polynomial) -> str:
        """The subscript as the local row, and what stands behind it with the global value."""
        name = self._variable.name
        own = of_atom(variable(self._variable))
        assert access.linear is not None
        rest = access.linear - own * stride
        divided = any(self._variable in a.symbols and a.text != name for a in rest.atoms)
        if divided or any(s.name in self.layout.facts.shadowed for s in rest.symbols):
            raise Uneditable("its subscript divides a local index", access.touch.node, array=access.touch.symbol)
        value = f"({self._global_value(self._variable)})"
        inner = rest.text(lambda a: value if self._variable in a.symbols else a.text)
        return f"{times(name, stride)} + {inner}"

    @property
    def _variable(self) -> Symbol:
        assert self.loop.canonical is not None
        return self.loop.canonical.variable

    def _keep(self, expr: Expr) -> None:
        for n in tree.walk(expr):
            if isinstance(n, tree.Name) and n.symbol in self.shifts:
                self.kept.add(n.span)

    def _globalise(self, name: tree.Name, parent: Node) -> None:
        if name.in_macro:
            raise Uneditable(f"a macro's body uses '{name.symbol}'", name, loop=self._id)
        if self.blocks.cyclic and name.symbol != self._variable:
            raise Uneditable(f"'{name.symbol}' is used for more than to find an element", name, loop=self._id)
        bare = isinstance(parent, _BARE_PARENTS) or (isinstance(parent, tree.Binary) and parent.op in _COMPARISONS)
        if isinstance(parent, tree.Binary) and parent.op in {"+", "-"} and parent.left is name:
            bare = True
        if not self._stands_in_text(name, parent):
            bare = False
        self.changed.add(name.span)
        sum_ = self._global_value(name.symbol, id(name) in self._printed)
        self.layout.edits.append(Edit(name.span, sum_ if bare else f"({sum_})"))

    @functools.cached_property
    def _printed(self) -> frozenset[int]:
        """The names in arguments of calls that print, whose types are those that the format tells, and of `abs`, for
        which compilers warn of wider ones."""
        calls = (n for n in tree.walk(self.loop.stmt) if isinstance(n, tree.Call))
        printing = [c for c in calls if LIBRARY.get(c.name or "") == Does.OUTPUT or c.name == "abs"]
        return frozenset(id(n) for c in printing for a in c.arguments for n in tree.walk(a))

    def _global_value(self, symbol: Symbol, typed: bool = False) -> str:
        """What the local name's global value is; with `typed`, in the type of the name, where row numbers have a wider
        one."""
        if self.blocks.cyclic:
            return global_row(symbol.name, self.blocks)
        shift = self.shifts[symbol]
        behind = times(self.blocks.offset, shift)
        kind = symbol.type
        if (
            isinstance(kind, tree.Scalar)
            and not kind.is_unsigned
            and (
                may_be_unsigned(shift.text(), shift.symbols, self.layout)
                or (typed and self.layout.index == "long" and kind.name != "long")
            )
        ):
            behind = f"({type_text(kind)})({behind})"
        return f"{symbol.name} + {behind}"

    def _stands_in_text(self, name: tree.Name, parent: Node) -> bool:
        """Whether the parent's own text surrounds the name (not so for a macro's argument)."""
        return (
            not parent.in_macro
            and parent.span.begin <= name.span.begin <= name.span.end <= parent.span.end
            and (not _is_whole_use(parent, self.layout))
        )


def _is_whole_use(node: Node, layout: Layout) -> bool:
    """Whether the node is the expansion of a macro's whole use: its text begins with the macro's name."""
    source = layout.facts.program.source
    word = ""
    for c in source.text[node.span.begin : node.span.end]:
        if not (c.isalnum() or c == "_"):
            break
        word += c
    return any(m.name == word for m in layout.facts.program.macros)


def _is_linear(value: Polynomial, symbol: Symbol) -> bool:
    """Whether the variable occurs to the first power only, and in no quotient."""
    own = variable(symbol)
    rest = value - value.coefficient(own) * Polynomial((((own,), 1),))
    return symbol not in rest.symbols and symbol not in value.coefficient(own).symbols


def local_names(layout: Layout, loop: LoopInfo, scale: Polynomial, blocks: Blocks) -> dict[Symbol, Polynomial]:
    """The loop's variable and the scalars derived from it, with the factor of the row offset in each."""
    assert loop.canonical is not None
    own = loop.canonical.variable
    naming = layout.facts.naming_at(loop.around)
    found = {own: scale}
    inside = {n.symbol for n in tree.walk(loop.stmt) if isinstance(n, tree.Name)}
    judged = layout.facts.loop_facts[loop.stmt.id]
    leaving = {s for x in judged.located for s in x.companions} | {s for x in judged.lasting for s in x.symbols}
    if blocks.cyclic:
        leaving |= values_only(loop, frozenset(blocks.arrays), layout.facts)
    for symbol, value in naming.derived.items():
        if symbol in leaving or symbol not in inside or own not in value.symbols or not _is_linear(value, own):
            continue  # what is not linear is computed from global indices, as any other value
        found[symbol] = value.coefficient(variable(own)) * scale
    return found
