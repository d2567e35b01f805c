"""Whether an expression of the candidate has, on every rank, the value of its counterpart."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import cast

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import FILE_SCOPE, INDIRECT
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.numbers.values import polynomial, text
from chatmpi.analysis.source import Source
from chatmpi.analysis.touches import element
from chatmpi.analysis.tree import Expr, Symbol
from chatmpi.verify.reading.findings import Mismatch
from chatmpi.verify.reading.kinds import is_integer, same_type, widens
from chatmpi.verify.reading.numbers import trial
from chatmpi.verify.reading.reading import Copies, Reading, Where
from chatmpi.verify.reading.state import RootOnly, Shifted, State

_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_STEPS = frozenset({"++x", "--x", "x++", "x--"})


@dataclass
class Values:
    """Compares expressions at one place of both programs. Raises Mismatch at the candidate's first difference."""

    reading: Reading
    where: Where
    state: State
    copies: Copies

    @abstractmethod
    def assign(self, s: tree.Assign, c: tree.Assign) -> None:
        """Both set the same to the same value."""

    @abstractmethod
    def step(self, s: tree.Unary, c: tree.Unary) -> None:
        """Both step the same up or down."""

    # ------------------------------------------------------------------------------------------ values

    def same(self, s: Expr, c: Expr) -> None:
        """Both have one value and the same effects."""
        if is_integer(s.type) and is_integer(c.type):
            wanted = polynomial(s, self.where.naming)
            if wanted is not None and not any(isinstance(n, tree.Conditional) for n in tree.walk(s)):
                self._same_number(s, c, wanted)
                return
        if element(s) is not None and isinstance(s, tree.Index | tree.Unary):
            self.access(s, c)
            return
        if type(s) is not type(c):
            raise self.different(s, c)
        self._structure(s, c)

    def _same_number(self, s: Expr, c: Expr, wanted: Polynomial) -> None:
        found = self.reading.plain(c, self.where, self.state)
        if found is None:
            raise self.different(s, c)
        if found != wanted and self._is_own_line(s, c):
            return
        if found != wanted:
            raise self.unequal(s, c, wanted, found)
        if _kinds(s, self.reading.findings.sequential) != _kinds(c, self.reading.findings.candidate):
            raise Mismatch(c, f"'{text(c)}' is computed in other types than '{text(s)}' at {self.place(s)}")
        self._types(s, c)

    def _is_own_line(self, s: Expr, c: Expr) -> bool:
        """Whether both are what `__LINE__` stands for."""
        if not isinstance(s, tree.IntLiteral) or not isinstance(c, tree.IntLiteral) or not (s.in_macro and c.in_macro):
            return False
        mine, theirs = self.reading.findings.sequential, self.reading.findings.candidate
        return s.value == mine.location(s.span.begin).line and c.value == theirs.location(c.span.begin).line

    def _types(self, s: Expr, c: Expr) -> None:
        """One type, or a signed integer that is wider."""
        if not same_type(s.type, c.type) and not widens(s.type, c.type):
            raise Mismatch(c, f"'{text(c)}' has another type than '{text(s)}' at {self.place(s)}")

    def unequal(self, s: Expr, c: Expr, wanted: Polynomial, found: Polynomial) -> Mismatch:
        """Two integer expressions that are not equal, with a case that shows it."""
        lost = self._reason(c)
        if lost:
            return Mismatch(c, lost)
        message = f"'{text(c)}' is not what '{text(s)}' is at {self.place(s)}"
        return Mismatch(c, message, trial(found, wanted, self.reading.terms))

    def _reason(self, c: Expr) -> str:
        """Why a name in an expression means nothing here."""
        for node in tree.walk(c):
            if isinstance(node, tree.Name):
                apart = self.state.apart.get(node.symbol)
                if apart is not None and not isinstance(apart, Shifted):
                    return f"'{node.symbol}' is used, but {apart.why}"
        return ""

    def different(self, s: Expr, c: Expr) -> Mismatch:
        lost = self._reason(c)
        return Mismatch(c, lost or f"'{text(c)}' stands where '{text(s)}' stands at {self.place(s)}")

    def place(self, s: tree.Node) -> str:
        return self.reading.findings.place(s)

    # --------------------------------------------------------------------------------------- structure

    def _structure(self, s: Expr, c: Expr) -> None:
        """Nodes of one kind: same operator, same type, and corresponding parts."""
        match s, c:
            case tree.Name(), tree.Name():
                self.name(s, c)
            case tree.Binary(op=op), tree.Binary(op=other) if op == other:
                self._types(s, c)
                self._binary(s, c)
            case tree.Assign(op=op), tree.Assign(op=other) if op == other:
                self.assign(s, c)
            case tree.Unary(op=op), tree.Unary(op=other) if op == other and op in _STEPS:
                self.step(s, c)
            case tree.Unary(op="&"), tree.Unary(op="&"):
                self._address(s.operand, c.operand)
            case tree.Call(), tree.Call():
                self._call(s, c)
            case tree.Sizeof(), tree.Sizeof():
                self._sizeof(s, c)
            case tree.UnknownExpr(), tree.UnknownExpr():
                self._unknown(s, c)
            case _:
                if not self._alike(s, c):
                    raise self.different(s, c)
                if not isinstance(s, tree.StringLiteral):
                    self._types(s, c)
                self._parts(s, c)

    def _alike(self, s: Expr, c: Expr) -> bool:
        """Whether two nodes agree in what they say beside their parts."""
        match s, c:
            case tree.IntLiteral(value=x), tree.IntLiteral(value=y):
                return x == y
            case tree.FloatLiteral(text=x), tree.FloatLiteral(text=y):
                return x == y
            case tree.StringLiteral(value=x), tree.StringLiteral(value=y):
                return self._same_string(s, c, x, y)
            case tree.Unary(op=x), tree.Unary(op=y):
                return x == y
            case tree.Member(field=x, arrow=a), tree.Member(field=y, arrow=b):
                return (x, a) == (y, b)
            case ((tree.Conditional() | tree.Index() | tree.Cast() | tree.InitList()), _):
                return True
        return False

    def _same_string(self, s: Expr, c: Expr, x: str, y: str) -> bool:
        """Strings are known up to a NUL; `__FILE__` is another one in each program."""
        sequential, candidate = self.reading.findings.sequential, self.reading.findings.candidate
        if (x, y) == (sequential.name, candidate.name):
            return True
        return (
            x == y
            and (s.type == c.type or s.in_macro)
            and ("\\0" not in candidate.at(c.span) or sequential.at(s.span) == candidate.at(c.span))
        )

    def _parts(self, s: Expr, c: Expr) -> None:
        mine, theirs = tree.children(s), tree.children(c)
        if len(mine) != len(theirs):
            raise self.different(s, c)
        for x, y in zip(mine, theirs, strict=True):
            self.same(cast(Expr, x), cast(Expr, y))

    def _binary(self, s: tree.Binary, c: tree.Binary) -> None:
        if s.op in _COMPARISONS and self._same_difference(s, c):
            return
        self._parts(s, c)

    def _same_difference(self, s: tree.Binary, c: tree.Binary) -> bool:
        """Whether both compare the same two numbers, perhaps moved by one amount (signed, so without wrapping)."""
        sides = (s.left, s.right, c.left, c.right)
        if not all(isinstance(e.type, tree.Scalar) and e.type.is_integer and not e.type.is_unsigned for e in sides):
            return False
        a, b = polynomial(s.left, self.where.naming), polynomial(s.right, self.where.naming)
        if a is None or b is None:
            return False
        x = self.reading.plain(c.left, self.where, self.state)
        y = self.reading.plain(c.right, self.where, self.state)
        return x is not None and y is not None and x - y == a - b

    def name(self, s: tree.Name, c: tree.Name) -> None:
        wanted = self.reading.pairs.target.get(s.symbol)
        if s.symbol.storage in {"function", "enumerator"} or wanted is None:
            outside = c.symbol.storage == s.symbol.storage and c.symbol not in self.reading.pairs.source
            if not outside or c.symbol.name != s.symbol.name:
                raise self.different(s, c)
            return
        if c.symbol != wanted:
            raise self.different(s, c)
        apart = self.state.apart.get(c.symbol)
        if apart is not None and not (self.where.root and isinstance(apart, RootOnly)):
            why = "it holds a local index" if isinstance(apart, Shifted) else apart.why
            raise Mismatch(c, f"'{c.symbol}' is used, but {why}")
        if s.symbol in self.reading.intent.partition_of and id(s) not in self.reading.intent.bare:
            raise Mismatch(c, f"'{c.symbol}' is used as a whole, but each rank has only a part of it")

    def _address(self, s: Expr, c: Expr) -> None:
        """`&x`: what becomes of the variable is not followed."""
        self.same(s, c)
        if isinstance(c, tree.Name):
            self.state = self.state.with_number(c.symbol, None)

    def _sizeof(self, s: tree.Sizeof, c: tree.Sizeof) -> None:
        mine = s.of or (s.operand.type if s.operand is not None else None)
        theirs = c.of or (c.operand.type if c.operand is not None else None)
        alike = mine is not None and theirs is not None and same_type(mine, theirs)
        if not alike or len(s.extents) != len(c.extents):
            raise self.different(s, c)
        for x, y in zip(s.extents, c.extents, strict=True):
            self.same(x, y)
        if not isinstance(mine, tree.Scalar | tree.Pointer) and s.operand is not None and c.operand is not None:
            self.same(s.operand, c.operand)

    def _unknown(self, s: tree.UnknownExpr, c: tree.UnknownExpr) -> None:
        """What the tree has no form for must be the same text, about variables that hold the same values."""
        self.same_text(s, c)

    def same_text(self, s: tree.Node, c: tree.Node) -> None:
        findings = self.reading.findings
        if findings.sequential.at(s.span).split() != findings.candidate.at(c.span).split():
            raise Mismatch(c, f"it is not the text of {self.place(s)}, and what it does is not understood")
        mine = [n for n in tree.walk(s) if isinstance(n, tree.Name)]
        theirs = [n for n in tree.walk(c) if isinstance(n, tree.Name)]
        if len(mine) != len(theirs):
            raise Mismatch(c, f"it is not the text of {self.place(s)}, and what it does is not understood")
        inside = {v.symbol for v in tree.walk(c) if isinstance(v, tree.VarDecl)}
        for x, y in zip(mine, theirs, strict=True):
            if y.symbol in inside and x.symbol.name == y.symbol.name:
                continue
            self.name(x, y)

    # ------------------------------------------------------------------------------------------- calls

    def _call(self, s: tree.Call, c: tree.Call) -> None:
        if s.name is None or c.name is None:
            self.same(s.callee, c.callee)
        elif s.name != c.name or s.name in self.reading.functions or not same_type(s.callee.type, c.callee.type):
            raise self.different(s, c)
        if len(s.arguments) != len(c.arguments):
            raise self.different(s, c)
        variadic = isinstance(s.callee.type, tree.OtherType) and "..." in s.callee.type.name
        for x, y in zip(s.arguments, c.arguments, strict=True):
            self.same(x, y)
            if variadic and is_integer(x.type) and x.type != y.type:
                raise Mismatch(y, f"'{text(y)}' is passed with another type than '{text(x)}' at {self.place(x)}")
        self._effects(s, c)

    def _effects(self, s: tree.Call, c: tree.Call) -> None:
        """What the called function reads must be the same, and what it writes is then unknown but equal."""
        pairs = self.reading.pairs
        summary = self.reading.facts.summaries.get(s.name or INDIRECT)
        for symbol in summary.reads if summary else ():
            apart = self.state.apart.get(pairs.target.get(symbol, symbol))
            if apart is not None and not isinstance(apart, Shifted):
                raise Mismatch(c, f"'{s.name}' reads '{symbol}', but {apart.why}")
        changeable = {t for t in self.state.numbers if t.storage in FILE_SCOPE}
        self.state = self.state.without_numbers(changeable)

    # --------------------------------------------------------------------------------------- elements

    def access(self, s: Expr, c: Expr) -> None:
        """An element of an array: the same one, by its row in the rank's block where the array is distributed."""
        wanted = element(s)
        assert wanted is not None
        array, subscripts = wanted
        if isinstance(c, tree.Name) and c.symbol in self.copies:
            if self.copies[c.symbol] != (array.uid, text(s)):
                raise Mismatch(c, f"'{c.symbol}' is a copy of another element than '{text(s)}' at {self.place(s)}")
            return
        found = element(c)
        if found is None or self.reading.pairs.source.get(found[0]) != array:
            raise self.different(s, c)
        if len(subscripts) != len(found[1]):
            raise self.different(s, c)
        partition = self.reading.intent.partition_of.get(array)
        if partition is None:
            for x, y in zip(subscripts, found[1], strict=True):
                self.same(x, y)
            return
        self._of_share(s, c, partition.name, found[0])

    def _of_share(self, s: Expr, c: Expr, partition: str, array: Symbol) -> None:
        if not self.where.owns(partition):
            raise Mismatch(c, f"'{text(c)}' is touched on every rank, but only one rank owns the row")
        self.local_element(s, c, array)

    def local_element(self, s: Expr, c: Expr, array: Symbol) -> None:
        """The first subscript is the sequential one, less the rank's offset."""
        mine, theirs = element(s), element(c)
        assert mine is not None
        assert theirs is not None
        if array not in self.state.memory:
            raise Mismatch(c, f"'{array}' has no memory here")
        partition = self.reading.intent.partition_of[mine[0]]
        share = self.reading.roles.share(partition, c)
        rows = self.reading.facts.extents[mine[0]]
        shift = share.offset if len(mine[1]) > 1 else share.offset * rows.row_words
        first = mine[1][0] if mine[1] else None
        wanted = polynomial(first, self.where.naming) if first is not None else Polynomial()
        other = theirs[1][0] if theirs[1] else None
        found = self.reading.plain(other, self.where, self.state) if other is not None else Polynomial()
        if wanted is None or found is None:
            raise Mismatch(c, f"the row of '{text(c)}' is not understood")
        if found + shift != wanted:
            lost = self._reason(c)
            message = f"'{text(c)}' is not the local place of '{text(s)}' at {self.place(s)}"
            raise Mismatch(c, lost or message, "" if lost else trial(found, wanted - shift, self.reading.terms))
        for x, y in zip(mine[1][1:], theirs[1][1:], strict=True):
            self.same(x, y)


def _kinds(expr: Expr, source: Source) -> list[str]:
    """What a polynomial does not tell of an expression: casts and constants that make it unsigned, sizes of arrays."""
    found = []
    for n in tree.walk(expr):
        if isinstance(n, tree.Cast | tree.IntLiteral) and isinstance(n.type, tree.Scalar) and n.type.is_unsigned:
            found.append(n.type.name)
        elif isinstance(n, tree.Sizeof) and isinstance(n.of, tree.Array):
            found.append(" ".join(source.at(n.span).split()))
    return sorted(found)
