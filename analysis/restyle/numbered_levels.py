"""Levels of time that pointers in one array lead to, which are exchanged by their numbers, as pointers of their own.

double *lev[3];                                          double *lev_0, *lev_1, *lev_2;
for (int l = 0; l < 3; l++) lev[l] = calloc(n, 8);       lev_0 = calloc(n, 8); lev_1 = calloc(n, 8); …
… old = lev[0]; lev[0] = lev[1]; lev[1] = old;           … old = lev_0; lev_0 = lev_1; lev_1 = old;
"""

from __future__ import annotations

from collections.abc import Iterator

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed_or_lent
from chatmpi.analysis.loops import starting
from chatmpi.analysis.restyle.levels import level_arrays
from chatmpi.analysis.restyle.respelling import Fresh, Respelled, declares_static, end_of
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Node, Program, Stmt, Symbol, VarDecl


def numbered_levels(program: Program) -> list[Edit]:
    """The edits for the first array of pointers that main alone uses, and exchanges."""
    main = program.function("main")
    for array in level_arrays(program, main) if main is not None else ():
        kind = array.symbol.type
        if isinstance(kind, tree.Array) and isinstance(kind.element, tree.Pointer) and kind.extent is not None:
            assert main is not None
            found = _Levels(program, main, array, kind.extent).edits()
            if found:
                return found
    return []


class _Levels:
    def __init__(self, program: Program, main: tree.Function, array: VarDecl, number: int) -> None:
        self.program, self.main, self.array, self.number = program, main, array, number
        fresh = Fresh(program.source.text)
        self.names = [fresh.take(f"{array.symbol.name}_{k}") for k in range(number)]
        self.loops = [s for s in tree.statements(main.body) if isinstance(s, tree.For) and self._runs_through(s)]

    def edits(self) -> list[Edit]:
        symbol = self.array.symbol
        named = [n for f in self.program.functions for n in tree.walk(f) if isinstance(n, tree.Name)]
        named = [n for n in named if n.symbol == symbol]
        indices = {id(n.base): n for n in tree.walk(self.main.body) if isinstance(n, tree.Index)}
        uses = [indices.get(id(n)) for n in named]
        if not uses or not self._are_exchanged() or any(self._uses_whole(n) for n in tree.walk(self.main.body)):
            return []
        edits = [Edit(self.array.span, ", ".join(f"*{n}" for n in self.names))]
        taken: set[int] = set()
        for loop in self.loops:
            inside = {id(n) for n in tree.walk(loop)}
            if any(u is not None and id(u) in inside for u in uses) and not inside & taken:
                taken |= inside
                written = self._written_out(loop)
                if written is None:
                    return []
                edits.append(Edit(Span(loop.span.begin, end_of(loop, self.program.source)), written))
        for u in uses:
            if u is None or u.in_macro or (id(u) not in taken and self._number(u.subscript) is None):
                return []
            if id(u) not in taken:
                edits.append(Edit(u.span, self.names[self._number(u.subscript) or 0]))
        return edits

    def _number(self, subscript: tree.Expr) -> int | None:
        known = isinstance(subscript, tree.IntLiteral) and 0 <= subscript.value < self.number
        return subscript.value if known and isinstance(subscript, tree.IntLiteral) else None

    def _are_exchanged(self) -> bool:
        """Whether one of the pointers takes over what another pointer holds."""
        return any(
            isinstance(n, tree.Assign) and self._is_level(n.target) and _is_pointer(bare(n.value))
            for n in tree.walk(self.main.body)
        )

    def _is_level(self, e: tree.Expr) -> bool:
        return isinstance(e, tree.Index) and isinstance(e.base, tree.Name) and e.base.symbol == self.array.symbol

    def _uses_whole(self, n: Node) -> bool:
        """Whether the address of one of the pointers is taken, or their size."""
        if not isinstance(n, tree.Sizeof) and not (isinstance(n, tree.Unary) and n.op == "&"):
            return False
        operand = n.operand
        if isinstance(n, tree.Unary):
            return operand is not None and self._is_level(operand)
        return isinstance(operand, tree.Name) and operand.symbol == self.array.symbol

    def _runs_through(self, loop: tree.For) -> bool:
        """`for (int l = 0; l < 3; l++)`, with nothing that leaves the loop alone or changes its variable."""
        begin = starting(loop.init)
        if begin is None or not isinstance(loop.init, tree.Declaration) or loop.in_macro or loop.body.in_macro:
            return False
        symbol, start = begin
        match loop.condition, loop.step:
            case (
                tree.Binary(op="<", left=tree.Name(symbol=tested), right=tree.IntLiteral(value=past)),
                tree.Unary(op="x++" | "++x", operand=tree.Name(symbol=stepped)),
            ):
                whole = tested == stepped == symbol and past == self.number
            case _:
                whole = False
        first = isinstance(start, tree.IntLiteral) and start.value == 0
        return whole and first and not any(_leaves(n) or changed_or_lent(n) == symbol for n in tree.walk(loop.body))

    def _written_out(self, loop: tree.For) -> str | None:
        """The loop's body for each level."""
        begin = starting(loop.init)
        assert begin is not None
        source = self.program.source
        inside = list(tree.walk(loop.body))
        if declares_static(loop.body):
            return None
        if any(isinstance(n, tree.Name) and n.symbol == begin[0] and n.in_macro for n in inside):
            return None
        levels = (n.subscript for n in inside if isinstance(n, tree.Index) and self._is_level(n))
        if any(self._number(e) is None and not (isinstance(e, tree.Name) and e.symbol == begin[0]) for e in levels):
            return None
        body = loop.body.body if isinstance(loop.body, tree.Block) else (loop.body,)
        alone = not any(isinstance(s, tree.Declaration) for s in body)
        lines = []
        for k in range(self.number):
            shown = Respelled(source, lambda n, k=k: self._at(n, begin[0], k))  # type: ignore[misc]
            lines += (
                [f"{shown(s)}{_ending(s, source.text)}" for s in body]
                if alone
                else ["{ " + " ".join(f"{shown(s)}{_ending(s, source.text)}" for s in body) + " }"]
            )
        between = f"\n{source.indentation(loop.span.begin)}"
        stands_alone = any(loop is s for b in tree.walk(self.main.body) if isinstance(b, tree.Block) for s in b.body)
        return between.join(lines) if stands_alone else None

    def _at(self, node: Node, variable: Symbol, k: int) -> Iterator[Edit]:
        """The edits in a part of the body, for one level."""
        levels = {id(n.base): n for n in tree.walk(node) if isinstance(n, tree.Index) and self._is_level(n)}
        inner = {id(m) for n in levels.values() for m in tree.walk(n)}
        for n in levels.values():
            own = isinstance(n.subscript, tree.Name) and n.subscript.symbol == variable
            number = k if own else self._number(n.subscript)
            if number is not None:
                yield Edit(n.span, self.names[number])
        for m in tree.walk(node):
            if isinstance(m, tree.Name) and m.symbol == variable and id(m) not in inner:
                yield Edit(m.span, str(k))


def _is_pointer(value: tree.Expr) -> bool:
    return isinstance(value, tree.Name | tree.Index) and isinstance(value.type, tree.Pointer)


def _leaves(n: Node) -> bool:
    return isinstance(n, tree.Break | tree.Continue | tree.UnknownStmt)


def _ending(s: Stmt, text: str) -> str:
    return "" if text[s.span.end - 1] in ";}" else ";"
