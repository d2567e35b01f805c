"""Vectors counted from another number than zero, by a pointer that leads before their memory (Numerical Recipes).

    double *v = malloc(n * sizeof(double));     malloc((n + nl) * sizeof(double));
    return v - nl;                                          return v;
    free(v + nl);                                           free(v);

They get room for the elements before their first, which nobody uses: then they are counted from zero. Only where the
number is not negative, and all that is freed so was made so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare, changed, is_null
from chatmpi.analysis.parents import Parents, out_of_casts, parents
from chatmpi.analysis.restyle.respelling import removal
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Symbol


def displaced_vectors(program: Program) -> list[Edit]:
    """The edits for all such vectors of a program; none if one of them is not followed."""
    found = _Found(program, parents(f for f in program.functions))
    try:
        found.look()
    except _Unfollowed:
        return []
    return found.edits if found.moved or found.makers else []


class _Unfollowed(Exception):
    """A pointer is moved, or memory freed, in a way that is not followed."""


@dataclass
class _Found:
    """`moved`: the variables that lead before their memory; `makers`: the functions that give such pointers."""

    program: Program
    around: Parents
    edits: list[Edit] = field(default_factory=list)
    moved: set[Symbol] = field(default_factory=set)
    makers: dict[str, Function] = field(default_factory=dict)

    def look(self) -> None:
        for f in self.program.functions:
            for n in tree.walk(f.body):
                self._node(n, f)
        freed = self._freed()
        if not self.makers and not self.moved:
            return
        for f in self.makers.values():
            if any(c.in_macro for c in self._calls(f)):
                raise _Unfollowed
        for symbol in freed:
            self._check(symbol)

    # ------------------------------------------------------------------------------ what is made, and moved

    def _node(self, n: Node, f: Function) -> None:
        match n:
            case tree.Binary(op="-" | "+") if _is_flat(n.type) and self._is_outermost(n):
                self._sum(n, f)
            case tree.Unary(op="x--" | "--x" | "x++" | "++x", operand=tree.Name(symbol=symbol)) if _is_flat(n.type):
                self._step(n, symbol, f)
            case tree.Assign(op="-=", target=tree.Name(symbol=symbol), value=value) if _is_flat(n.type):
                self._moved_after(n, symbol, _terms(value, 1), f)

    def _is_outermost(self, n: Node) -> bool:
        _, above = out_of_casts(n, self.around)
        return not (isinstance(above, tree.Binary) and above.op in {"+", "-"} and _is_flat(above.type))

    def _sum(self, n: tree.Binary, f: Function) -> None:
        """`malloc(…) - 1`, `return v - nl;`, `v = v - 1;`; what is freed is looked at apart, all else stays."""
        base, terms = _based(n)
        _, above = out_of_casts(n, self.around)
        call = allocation(base)
        if call is not None:
            holder = _holder(above)
            if holder is None:
                raise _Unfollowed
            self._made(call, n, terms, f)
            self.moved.add(holder)
            self.edits.append(Edit(Span(base.span.end, n.span.end), ""))
            self._is_plain(n, base)
        elif isinstance(base, tree.Name) and isinstance(above, tree.Return):
            made = self._only_memory(base.symbol, f)
            if made is None:
                return
            self._made(made, n, terms, f)
            self.makers[f.symbol.name] = f
            self.edits.append(Edit(n.span, base.symbol.name))
            self._is_plain(n, base)
        elif isinstance(base, tree.Name) and isinstance(above, tree.Assign) and changed(above) == base.symbol:
            self._moved_after(above, base.symbol, terms, f)

    def _step(self, n: tree.Unary, symbol: Symbol, f: Function) -> None:
        _, above = out_of_casts(n, self.around)
        one: list[tuple[int, Expr | None]] = [(1, None)]
        if isinstance(above, tree.ExprStmt) and "--" in n.op:
            self._moved_after(n, symbol, one, f)

    def _moved_after(self, n: Expr, symbol: Symbol, terms: list[tuple[int, Expr | None]], f: Function) -> None:
        """A statement that moves a pointer once, right after it got its memory."""
        statement = self.around[id(n)]
        made = self._only_memory(symbol, f, n)
        if made is None:
            return  # it walks
        block = self.around.get(id(statement))
        if not isinstance(statement, tree.ExprStmt) or block is not f.body or statement.in_macro:
            raise _Unfollowed
        before = f.body.body[: next(k for k, s in enumerate(f.body.body) if s is statement)]
        if any(isinstance(x, tree.Index) and isinstance(x.base, tree.Name) and x.base.symbol == symbol
               for s in before for x in tree.walk(s)):  # fmt: skip
            raise _Unfollowed
        if not any(x is made for s in before for x in tree.walk(s)):
            raise _Unfollowed
        self._made(made, n, terms, f)
        self.moved.add(symbol)
        self.edits.append(removal(statement, self.program.source))

    def _only_memory(self, symbol: Symbol, f: Function, but: Node | None = None) -> Call | None:
        """The call that gives a local variable all that it ever holds, but for one statement."""
        nodes = (n for n in tree.walk(f.body) if n is not but and not self._is_freed(n))
        given = [v for n in nodes for v in _given(n, symbol) if not is_null(v)]
        call = allocation(given[0]) if len(given) == 1 else None
        return call if symbol.storage == "local" else None

    def _is_freed(self, n: Node) -> bool:
        """Whether it is `++v` in `free(++v)`."""
        if not isinstance(n, tree.Unary) or n.op != "++x":
            return False
        _, above = out_of_casts(n, self.around)
        return isinstance(above, Call) and above.name == "free"

    def _made(self, call: Call, n: Expr, terms: list[tuple[int, Expr | None]], f: Function) -> None:
        """More room, for the elements before the first."""
        if call.in_macro or n.in_macro or not self._not_negative(terms, f):
            raise _Unfollowed
        source = self.program.source
        first, more = call.arguments[0], self._shown(terms)
        kind = n.type
        assert isinstance(kind, tree.Pointer)
        assert isinstance(kind.target, tree.Scalar)
        unit = f" * sizeof({kind.target.name})" if call.name == "malloc" else ""
        given = source.shown_at(first.span)
        if not isinstance(first, tree.Binary | tree.Name | tree.IntLiteral) or getattr(first, "op", "+") not in "+-*/":
            given = f"({given})"
        room = f"{given} + {more}{unit}"
        if any(e.span == first.span for e in self.edits) or first.in_macro:
            raise _Unfollowed
        self.edits.append(Edit(first.span, room))

    def _shown(self, terms: list[tuple[int, Expr | None]]) -> str:
        """The sum, as an operand."""
        source = self.program.source
        if len(terms) == 1 and terms[0][0] > 0:
            (_, e) = terms[0]
            return "1" if e is None else source.shown_at(e.span)
        parts = [f"{'-' if sign < 0 else '+'} {'1' if e is None else source.shown_at(e.span)}" for sign, e in terms]
        return f"({' '.join(parts).removeprefix('+ ')})"

    def _not_negative(self, terms: list[tuple[int, Expr | None]], f: Function) -> bool:
        """Whether a sum is not negative in any call of the function: of numbers, and parameters that are numbers."""
        positions = {p.symbol: k for k, p in enumerate(f.parameters)}
        fixed = all(changed(n) not in positions for n in tree.walk(f.body))
        calls: list[Call | None] = [*self._calls(f)] or [None]
        for call in calls:
            total = 0
            for sign, e in terms:
                value = bare(e) if e is not None else None
                if isinstance(value, tree.Name) and value.symbol in positions and fixed and call is not None:
                    value = bare(call.arguments[positions[value.symbol]])
                if e is not None and not isinstance(value, tree.IntLiteral):
                    return False
                total += sign * (value.value if isinstance(value, tree.IntLiteral) else 1)
            if total < 0:
                return False
        return True

    def _calls(self, f: Function) -> list[Call]:
        named = [n for g in self.program.functions for n in tree.walk(g.body) if isinstance(n, tree.Name)
                 and n.symbol == f.symbol]  # fmt: skip
        calls = [c for n in named if isinstance(c := self.around[id(n)], Call) and c.callee is n]
        if len(calls) < len(named):
            raise _Unfollowed
        return calls

    def _is_plain(self, n: Expr, base: Expr) -> None:
        if n.in_macro or base.in_macro or n.span.begin > base.span.begin:
            raise _Unfollowed

    # --------------------------------------------------------------------------------------- what is freed

    def _freed(self) -> set[Symbol]:
        """The variables of which memory is freed by a pointer that is moved back; their names alone are left."""
        found: set[Symbol] = set()
        for n, f in ((n, function) for function in self.program.functions for n in tree.walk(function.body)):
            if isinstance(n, Call) and n.name == "realloc" and _moved_back(bare(n.arguments[0])) is not None:
                raise _Unfollowed
            if not isinstance(n, Call) or n.name != "free" or len(n.arguments) != 1:
                continue
            given = bare(n.arguments[0])
            name = _moved_back(given)
            if name is not None:
                if given.in_macro or n.in_macro:
                    raise _Unfollowed
                found.add(name.symbol)
                self._free(n, name, f)
            elif isinstance(given, tree.Name):
                self._check_plain(given.symbol)
        return found

    def _free(self, call: Call, name: tree.Name, f: Function) -> None:
        """The name alone; parameters that nothing else needs are still named."""
        source = self.program.source
        inside = list(tree.walk(call))
        named = [n for n in tree.walk(f.body) if isinstance(n, tree.Name) and not any(n is i for i in inside)]
        idle = dict.fromkeys(
            n.symbol.name for n in inside if isinstance(n, tree.Name) and n.symbol.storage == "parameter"
            and n.symbol != name.symbol and all(n.symbol != other.symbol for other in named)
        )  # fmt: skip
        statement = self.around[id(call)]
        shown = "".join(f"(void){n}; " for n in idle)
        begin, end = source.text.index("(", call.callee.span.end) + 1, call.span.end - 1
        self.edits.append(Edit(Span(begin, end), name.symbol.name))
        if shown and isinstance(self.around[id(statement)], tree.Block):
            self.edits.append(Edit(Span(call.span.begin, call.span.begin), shown))

    def _check_plain(self, symbol: Symbol, seen: frozenset[Symbol] = frozenset()) -> None:
        """Whether what is freed by a name alone is no pointer that was moved back before."""
        for value in self._all_given(symbol) if symbol not in seen and symbol not in self.moved else ():
            if _moved_back(value) is not None:
                raise _Unfollowed
            if isinstance(value, tree.Name):
                self._check_plain(value.symbol, seen | {symbol})

    def _all_given(self, symbol: Symbol) -> list[Expr]:
        """What a variable is given anywhere, or a parameter in any call."""
        if symbol.storage == "parameter":
            f = next(f for f in self.program.functions if any(p.symbol == symbol for p in f.parameters))
            position = next(k for k, p in enumerate(f.parameters) if p.symbol == symbol)
            own = [v for n in tree.walk(f.body) for v in _given(n, symbol)]
            return [bare(v) for v in (*(c.arguments[position] for c in self._calls(f)), *own)]
        roots: list[Node] = [*self.program.globals, *(f.body for f in self.program.functions)]
        return [bare(v) for r in roots for n in tree.walk(r) for v in _given(n, symbol)]

    def _check(self, symbol: Symbol, seen: frozenset[Symbol] = frozenset()) -> None:
        """Whether all that a variable may hold was made to be counted so."""
        if symbol in seen or symbol in self.moved:
            return
        for value in self._all_given(symbol):
            match value:
                case Call(name=name) if name in self.makers:
                    continue
                case tree.Name(symbol=other) if _is_flat(value.type):
                    self._check(other, seen | {symbol})
                case _ if is_null(value):
                    continue
                case _:
                    raise _Unfollowed


def _is_flat(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Pointer) and isinstance(kind.target, tree.Scalar)


def _given(n: Node, symbol: Symbol) -> Iterator[Expr]:
    """What a node gives to a variable; the node itself, where that is no plain value."""
    match n:
        case tree.VarDecl(symbol=s, init=tree.Expr() as value) if s == symbol:
            yield value
        case tree.Assign(op="=", target=tree.Name(symbol=s), value=value) if s == symbol:
            yield value
        case (
            tree.Assign(target=tree.Name(symbol=s))
            | tree.Unary(op="&" | "x++" | "++x" | "x--" | "--x", operand=tree.Name(symbol=s))
        ) if s == symbol and isinstance(n, Expr):
            yield n


def _holder(above: Node) -> Symbol | None:
    match above:
        case tree.VarDecl(symbol=symbol):
            return symbol
        case tree.Assign(op="=", target=tree.Name(symbol=symbol)):
            return symbol
    return None


def _based(n: Expr) -> tuple[Expr, list[tuple[int, Expr | None]]]:
    """`v - nl + 1` as v and the terms of how far it leads before v, each with its sign."""
    inner = bare(n)
    if isinstance(inner, tree.Binary) and inner.op in {"+", "-"} and _is_flat(inner.left.type):
        base, terms = _based(inner.left)
        return base, [*terms, *_terms(inner.right, 1 if inner.op == "-" else -1)]
    return n if allocation(n) is not None else inner, []


def _terms(e: Expr, sign: int) -> list[tuple[int, Expr | None]]:
    if isinstance(e, tree.Binary) and e.op in {"+", "-"} and not e.in_macro:
        return [*_terms(e.left, sign), *_terms(e.right, sign if e.op == "+" else -sign)]
    return [(sign, e)]


def _moved_back(given: Expr) -> tree.Name | None:
    """The variable in `v + nl`, `&v[nl]`, `++v`."""
    match given:
        case tree.Binary(op="+" | "-") if _is_flat(given.type):
            base, _ = _based(given)
            return base if isinstance(base, tree.Name) else None
        case tree.Unary(op="&", operand=tree.Index(base=tree.Name() as base)) if _is_flat(base.type):
            return base
        case tree.Unary(op="++x", operand=tree.Name() as base) if _is_flat(base.type):
            return base
    return None
