"""Integer expressions of C as polynomials of the problem sizes, a rank, the number of ranks and iterations.

What is no polynomial, a quotient or a choice, is an atom that knows how its value comes about. Integers count as
unbounded: what holds, holds where no sum or product overflows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.pieces import Choice, Combined, Comparison, Condition, choice, negated
from chatmpi.analysis.numbers.polynomial import ONE, ZERO, Atom, Origin, Polynomial, constant, of_atom
from chatmpi.analysis.tree import (
    Binary,
    Call,
    Cast,
    Conditional,
    CType,
    Expr,
    Function,
    IntLiteral,
    Name,
    Program,
    Return,
    Scalar,
    Unary,
)

_DEPTH = 4  # of functions in functions
_LONGEST = 2000  # of an atom's key: what is longer is not worth its cost

RANK, RANKS = Atom("rank", "rank"), Atom("ranks", "ranks")

_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})

# Of the scalars that arrays usually hold, where C's own sizes are what compilers of today have.
SIZES = {
    "char": 1, "signed char": 1, "unsigned char": 1, "_Bool": 1, "short": 2, "unsigned short": 2, "int": 4,
    "unsigned int": 4, "float": 4, "long": 8, "unsigned long": 8, "long long": 8, "unsigned long long": 8, "double": 8,
}  # fmt: skip


class Unfit(Exception):
    """An expression that is of something that is not known."""


@dataclass(frozen=True, slots=True)
class OfSize(Origin):
    """A problem size, at least 1."""

    name: str


@dataclass(frozen=True, slots=True)
class Iteration(Origin):
    """What a loop counts, in so many others; the conditions where it is used say from where to where."""

    depth: int


@dataclass(frozen=True, slots=True)
class Divided(Origin):
    """A quotient (`/`) cut towards zero, or its remainder (`%`)."""

    op: str
    dividend: Polynomial
    divisor: Polynomial


Variables = dict[int, Polynomial | None]


def size(name: str) -> Polynomial:
    return of_atom(Atom(f"size {name}", name, origin=OfSize(name)))


@dataclass(frozen=True)
class Evaluator:
    """Values of expressions where the variables hold what is given; `sizes` are macros that are sizes, `pointed` are
    variables that pointers lead to."""

    program: Program
    sizes: frozenset[str]
    pointed: dict[int, int] = field(default_factory=dict)

    def value(self, e: Expr, variables: Variables, depth: int = 0) -> Polynomial:
        """Raises Unfit."""
        match e:
            case IntLiteral(value=value, macro=macro):
                return size(macro) if macro in self.sizes else constant(value)
            case Name(symbol=symbol) if symbol.storage == "enumerator":
                return self._enumerator(symbol)
            case Name(symbol=symbol) | Unary(op="*", operand=Name(symbol=symbol)):
                uid = symbol.uid if isinstance(e, Name) else self.pointed.get(symbol.uid, -1)
                known = variables.get(uid)
                if known is None:
                    raise Unfit(symbol.name)
                return known
            case Cast(operand=operand) if _is_integer(e) and _is_integer(operand):
                return self.value(operand, variables, depth)
            case Unary(op="-", operand=operand):
                return self.value(operand, variables, depth).scaled(-1)
            case Unary(op="+", operand=operand):
                return self.value(operand, variables, depth)
            case Binary(op="+" | "-" | "*" | "/" | "%", left=left, right=right) if _is_integer(e):
                a, b = self.value(left, variables, depth), self.value(right, variables, depth)
                return arithmetic(e.op, a, b)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                where = self.holds(condition, variables, depth)
                return chosen(where, *(self.value(x, variables, depth) for x in (then, otherwise)))
            case Binary(op="&&" | "||" | "<" | "<=" | ">" | ">=" | "==" | "!=") | Unary(op="!"):
                return chosen(self.holds(e, variables, depth), ONE, ZERO)
            case tree.Sizeof():
                return self._memory_of(e, variables, depth)
            case Call():
                return self._called(e, variables, depth)
        raise Unfit(type(e).__name__)

    def holds(self, e: Expr, variables: Variables, depth: int = 0) -> Condition:
        """Where a condition holds. Raises Unfit."""
        match e:
            case Binary(op=op, left=left, right=right) if op in _COMPARISONS:
                a, b = self.value(left, variables, depth), self.value(right, variables, depth)
                return Comparison(op, a - b)
            case Binary(op="&&" | "||", left=left, right=right):
                parts = tuple(self.holds(x, variables, depth) for x in (left, right))
                return Combined(e.op == "&&", parts)
            case Unary(op="!", operand=operand):
                return negated(self.holds(operand, variables, depth))
        return Comparison("!=", self.value(e, variables, depth))

    def _enumerator(self, symbol: tree.Symbol) -> Polynomial:
        if symbol.name in self.sizes:
            return size(symbol.name)
        known = self.program.enumerators.get(symbol.uid)
        if known is None:
            raise Unfit(symbol.name)
        return constant(known)

    def _memory_of(self, e: tree.Sizeof, variables: Variables, depth: int) -> Polynomial:
        """In bytes."""
        match e.operand:
            case None if e.extents:
                total = memory_of(tree.array_core(e.of)) if e.of is not None else ZERO
                for extent in e.extents:
                    total = total * self.value(extent, variables, depth)
                return total
            case None if e.of is not None:
                return memory_of(e.of)
            case tree.Expr() as operand:
                return memory_of(operand.type)
        raise Unfit("sizeof")

    def _called(self, e: Call, variables: Variables, depth: int) -> Polynomial:
        """A function that only returns an expression."""
        function = self.program.function(e.name) if e.name else None
        if function is None or depth >= _DEPTH or len(e.arguments) != len(function.parameters):
            raise Unfit(e.name or "a call")
        returned = returned_expression(function)
        given = [self.value(a, variables, depth) for a in e.arguments]
        inside: Variables = {p.symbol.uid: v for p, v in zip(function.parameters, given, strict=True)}
        return self.value(returned, inside, depth + 1)


def returned_expression(function: Function) -> Expr:
    """Raises Unfit if the function does more than return it."""
    match function.body.body:
        case (Return(value=value),) if value is not None:
            return value
    raise Unfit(function.symbol.name)


def arithmetic(op: str, a: Polynomial, b: Polynomial) -> Polynomial:
    """As C computes it, division cut towards zero. Raises Unfit."""
    match op:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
    x, y = a.constant, b.constant
    if y == 0:
        raise Unfit("a division by zero")
    if x is not None and y is not None:
        quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
        return constant(quotient if op == "/" else x - quotient * y)
    whole, rest = a.divided(b) if b.terms else (ZERO, ONE)
    if not rest.terms:
        return whole if op == "/" else ZERO
    key = f"({a.key()}){op}({b.key()})"
    if len(key) > _LONGEST:
        raise Unfit("a long expression")
    return of_atom(Atom(key, f"({a.operand_text()} {op} {b.operand_text()})", origin=Divided(op, a, b)))


def chosen(where: Condition, then: Polynomial, otherwise: Polynomial) -> Polynomial:
    """Raises Unfit."""
    made = choice(where, then, otherwise)
    if any(len(a.key) > _LONGEST for a in made.atoms):
        raise Unfit("a long expression")
    return made


def memory_of(kind: CType) -> Polynomial:
    """In bytes; of an array as an atom, as its extent may be a size. Raises Unfit."""
    match kind:
        case Scalar(name=name) if name in SIZES:
            return constant(SIZES[name])
        case tree.Array():
            return of_atom(Atom(f"sizeof {kind}", "sizeof"))
        case tree.Pointer():
            return constant(8)
    raise Unfit("sizeof")


def _is_integer(e: Expr) -> bool:
    return isinstance(e.type, Scalar) and e.type.is_integer


def with_rank(q: Polynomial, rank: Polynomial) -> Polynomial:
    """The same of another rank. Quotients and choices are made anew."""
    total = ZERO
    for monomial, factor in q.terms:
        product = constant(factor)
        for atom in monomial:
            product = product * _atom_with_rank(atom, rank)
        total = total + product
    return total


def _atom_with_rank(atom: Atom, rank: Polynomial) -> Polynomial:
    if atom == RANK:
        return rank
    match atom.origin:
        case Divided(op=op, dividend=a, divisor=b):
            return arithmetic(op, with_rank(a, rank), with_rank(b, rank))
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return choice(condition_with_rank(condition, rank), with_rank(then, rank), with_rank(otherwise, rank))
    return of_atom(atom)


def condition_with_rank(c: Condition, rank: Polynomial) -> Condition:
    match c:
        case Comparison(op=op, left=left):
            return Comparison(op, with_rank(left, rank))
        case Combined(every=every, parts=parts):
            return Combined(every, tuple(condition_with_rank(p, rank) for p in parts))


def depends_on(q: Polynomial, atom: Atom) -> bool:
    return any(a == atom or any(depends_on(p, atom) for p in _parts(a)) for a in q.atoms)


def atoms_of(q: Polynomial) -> set[Atom]:
    """Those in quotients and choices too, each looked into once: the same parts come again and again."""
    found: set[Atom] = set()
    seen: set[int] = set()
    waiting = [q]
    while waiting:
        for monomial, _ in waiting.pop().terms:
            for atom in monomial:
                if id(atom) not in seen:
                    seen.add(id(atom))
                    found.add(atom)
                    waiting += _parts(atom)
    return found


def atoms_of_condition(c: Condition) -> set[Atom]:
    return set().union(*map(atoms_of, _compared(c)))


def _parts(atom: Atom) -> tuple[Polynomial, ...]:
    match atom.origin:
        case Divided(dividend=a, divisor=b):
            return a, b
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (*_compared(condition), then, otherwise)
    return ()


def _compared(c: Condition) -> tuple[Polynomial, ...]:
    if isinstance(c, Comparison):
        return (c.left,)
    return tuple(q for p in c.parts for q in _compared(p))
