"""C integer expressions of the candidate as piecewise polynomials in the sequential program's variables.

Functions that the candidate adds are looked into: what they give is their body's value, so that `larger(a, b)` is
understood by what it does, not by what it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.pieces import Table
from chatmpi.analysis.numbers.polynomial import Atom, Polynomial, of_atom
from chatmpi.analysis.numbers.values import Naming, polynomial
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.verify.reading.counts import is_count
from chatmpi.verify.reading.kinds import is_integer, is_narrow, narrows, width
from chatmpi.verify.reading.piecewise import (
    Alternatives,
    Case,
    Piecewise,
    TooManyCases,
    always,
    both,
    chosen,
    compared,
    conjunction,
    negation,
)
from chatmpi.verify.reading.terms import Quotient, Terms

_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_DEEPEST_CALLS = 8


class Names(Mapping[Symbol, Polynomial]):
    """What the candidate's names stand for; a name that is not known stands for itself, equal to nothing else."""

    def __init__(self, look_up: Callable[[Symbol], Polynomial]) -> None:
        self._look_up = look_up

    def __getitem__(self, symbol: Symbol) -> Polynomial:
        return self._look_up(symbol)

    def __iter__(self) -> Iterator[Symbol]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Tables(Mapping[Symbol, Table]):
    """The sequential program's tables of numbers, by the names that the candidate has for them."""

    def __init__(self, look_up: Callable[[Symbol], Table | None]) -> None:
        self._look_up = look_up

    def __getitem__(self, symbol: Symbol) -> Table:
        found = self._look_up(symbol)
        if found is None:
            raise KeyError(symbol)
        return found

    def __iter__(self) -> Iterator[Symbol]:
        return iter(())

    def __len__(self) -> int:
        return 0


# Gives the value of a call that has a known law (block boundaries), None for any other.
Law = Callable[[tree.Function, Sequence[Piecewise], tree.Call], Piecewise | None]


@dataclass(frozen=True)
class Evaluator:
    """`functions` are those that only the candidate defines; `macros` the size macros taken as numbers; `tables`
    the tables of numbers that both programs have."""

    terms: Terms
    functions: Mapping[str, tree.Function]
    macros: Mapping[str, int] = field(default_factory=dict)
    law: Law = lambda function, arguments, call: None
    known: Callable[[Expr], Polynomial | None] = lambda expr: None
    tables: Mapping[Symbol, Table] = field(default_factory=dict)

    def value(
        self, expr: Expr, names: Names, depth: int = 0, known: Callable[[Expr], Polynomial | None] | None = None
    ) -> Piecewise | None:
        """The value of an integer expression; None if it is not understood. `known` may tell that of parts."""
        try:
            return replace(self, known=known or self.known)._value(expr, names, depth)
        except TooManyCases:
            return None

    def truth(self, expr: Expr, names: Names, depth: int = 0) -> Alternatives | None:
        """When a condition holds; None if it is not understood."""
        try:
            return self._truth(expr, names, depth)
        except TooManyCases:
            return None

    # ------------------------------------------------------------------------------------------ values

    def _value(self, expr: Expr, names: Names, depth: int) -> Piecewise | None:
        plain = self.plain(expr, names)
        if plain is None:
            plain = self.known(expr)
        if plain is not None:
            return always(plain)
        match expr:
            case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
                test = self._truth(condition, names, depth)
                a, b = self._value(then, names, depth), self._value(otherwise, names, depth)
                return None if test is None or a is None or b is None else chosen(test, a, b)
            case tree.Binary(op="+" | "-" | "*" as op, left=left, right=right) if is_integer(expr.type):
                return self._combined(op, self._value(left, names, depth), self._value(right, names, depth))
            case tree.Unary(op="-" | "+" as op, operand=operand):
                inner = self._value(operand, names, depth)
                return (
                    inner
                    if inner is None or op == "+"
                    else tuple(Case(c.conditions, c.value.scaled(-1)) for c in inner)
                )
            case tree.Cast(operand=operand) if is_integer(expr.type) and not is_narrow(expr.type):
                return self._value(operand, names, depth)
            case tree.Call(name=str() as name, arguments=arguments) if name in self.functions:
                return self._call(expr, self.functions[name], arguments, names, depth)
        return None

    def plain(self, expr: Expr, names: Names) -> Polynomial | None:
        """The value as one polynomial; None if it is none."""
        naming = Naming(self.macros, names, tables=self.tables)
        found = polynomial(expr, naming)
        if found is not None:
            self.note_quotients(expr, naming)
        return found

    def note_quotients(self, expr: Expr, naming: Naming) -> None:
        """Remember what the quotients inside an expression are quotients of."""
        for node in tree.walk(expr):
            if isinstance(node, tree.Binary) and node.op in {"/", "%"}:
                whole = polynomial(node, naming)
                a, b = polynomial(node.left, naming), polynomial(node.right, naming)
                if whole is not None and a is not None and b is not None and len(whole.atoms) == 1:
                    (atom,) = whole.atoms
                    self.terms.quotients.setdefault(atom, Quotient(node.op, a, b))

    @staticmethod
    def _combined(op: str, a: Piecewise | None, b: Piecewise | None) -> Piecewise | None:
        if a is None or b is None:
            return None
        found = []
        for x in a:
            for y in b:
                around = both(x.conditions, y.conditions)
                if around is not None:
                    value = x.value + y.value if op == "+" else x.value - y.value if op == "-" else x.value * y.value
                    found.append(Case(around, value))
        return tuple(found)

    def _call(
        self, call: tree.Call, function: tree.Function, arguments: Sequence[Expr], names: Names, depth: int
    ) -> Piecewise | None:
        if any(width(a.type) > width(p.symbol.type) for a, p in zip(arguments, function.parameters, strict=False)):
            return None
        values = [self._value(a, names, depth) for a in arguments]
        given = [v for v in values if v is not None]
        if len(given) != len(values) or len(given) != len(function.parameters) or depth > _DEEPEST_CALLS:
            return None
        if is_count(function):
            return given[0]
        known = self.law(function, given, call)
        if known is None and (narrows(function.body) or _returns_less(function)):
            return None
        return known if known is not None else self.inlined(function, given, depth + 1)

    def inlined(self, function: tree.Function, arguments: Sequence[Piecewise], depth: int = 0) -> Piecewise | None:
        """What a function returns for these arguments; None if it is not understood."""
        found: list[Case] = []
        for given in _combinations(arguments):
            values = {p.symbol: c.value for p, c in zip(function.parameters, given, strict=True)}
            around = both((), tuple(k for c in given for k in c.conditions))
            if around is None:
                continue
            result = self._body(function.body.body, values, depth)
            if result is None:
                return None
            found += [Case(k, c.value) for c in result if (k := both(around, c.conditions)) is not None]
        return tuple(found)

    def _body(self, body: Sequence[tree.Stmt], values: dict[Symbol, Polynomial], depth: int) -> Piecewise | None:
        """What a row of statements returns: constants, ifs that return, and a return at the end."""
        names = Names(lambda s: values[s] if s in values else unknown(s))
        match body:
            case [tree.Return(value=tree.Expr() as value), *_]:
                return self._value(value, names, depth)
            case [tree.Block(body=inner), *rest]:
                return self._body([*inner, *rest], values, depth)
            case [tree.Declaration(variables=variables), *rest]:
                for v in variables:
                    one = self.plain(v.init, names) if v.init is not None else None
                    if one is None or not v.symbol.const:
                        return None
                    values = {**values, v.symbol: one}
                return self._body(rest, values, depth)
            case [tree.If(condition=condition, then=then, otherwise=otherwise), *rest]:
                test = self._truth(condition, names, depth)
                a = self._body([then, *rest], values, depth)
                b = self._body([otherwise, *rest] if otherwise is not None else rest, values, depth)
                return None if test is None or a is None or b is None else chosen(test, a, b)
        return None

    # -------------------------------------------------------------------------------------- conditions

    def _truth(self, expr: Expr, names: Names, depth: int) -> Alternatives | None:
        match expr:
            case tree.Unary(op="!", operand=operand):
                inner = self._truth(operand, names, depth)
                return None if inner is None else negation(inner)
            case tree.Binary(op="&&" | "||" as op, left=left, right=right):
                a, b = self._truth(left, names, depth), self._truth(right, names, depth)
                if a is None or b is None:
                    return None
                return conjunction(a, b) if op == "&&" else (*a, *b)
            case tree.Binary(op=op, left=left, right=right) if op in _COMPARISONS:
                if not is_integer(left.type) or not is_integer(right.type):
                    return None
                x, y = self._value(left, names, depth), self._value(right, names, depth)
                return None if x is None or y is None else compared(x, op, y)
        return None


def _returns_less(function: tree.Function) -> bool:
    """Whether the type that a function returns may not hold what it computes."""
    kinds = [s.value.type for s in tree.statements(function.body) if isinstance(s, tree.Return) and s.value is not None]
    return any(width(kind) > width(function.returns) for kind in kinds)


def unknown(symbol: Symbol) -> Polynomial:
    """A value that equals no other name's."""
    return of_atom(Atom(f"?{symbol.name}#{symbol.uid}", symbol.name))


def _combinations(arguments: Sequence[Piecewise]) -> Iterator[tuple[Case, ...]]:
    if not arguments:
        yield ()
        return
    for case in arguments[0]:
        for rest in _combinations(arguments[1:]):
            yield (case, *rest)
