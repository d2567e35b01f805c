"""C integer expressions as polynomials, and their C text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.numbers.pieces import (
    Combined,
    Comparison,
    Condition,
    Entry,
    LowBits,
    Quotient,
    Remainder,
    Table,
    choice,
    negated,
)
from chatmpi.analysis.numbers.polynomial import Atom, Origin, Polynomial, constant, macro, of_atom, variable
from chatmpi.analysis.tree import Expr, Symbol


@dataclass(frozen=True)
class Naming:
    """How names are read: which size macros stand for their number, which scalars for a known polynomial; `choices`:
    whether `?:` and `&` are values too; `settled`: names, by their nodes' ids, with a value that is kept to the end;
    `tables`: arrays whose elements are known numbers."""

    fixed_macros: Mapping[str, int] = field(default_factory=dict)
    derived: Mapping[Symbol, Polynomial] = field(default_factory=dict)
    choices: bool = False
    settled: frozenset[int] = frozenset()
    tables: Mapping[Symbol, Table] = field(default_factory=dict)


PLAIN = Naming()


def polynomial(expr: Expr, naming: Naming = PLAIN) -> Polynomial | None:
    """The normal form of an integer expression; None if it reads memory, calls, assigns, or is not an integer."""
    value = _polynomial(expr, naming)
    computed = isinstance(expr, tree.Binary | tree.Sizeof)  # from parts that are as wide as they need to be
    return value.widened() if value is not None and tree.is_long(expr.type) and not computed else value


def _polynomial(expr: Expr, naming: Naming) -> Polynomial | None:
    match expr:
        case tree.IntLiteral(value=value, macro=name):
            return constant(value) if name is None or name in naming.fixed_macros else of_atom(macro(name))
        case tree.Name(symbol=symbol) if _is_integer(expr.type) and symbol.storage != "function":
            known = naming.derived.get(symbol)
            return of_atom(variable(symbol)) if known is None else known
        case tree.Unary(op="-" | "+" as op, operand=operand):
            inner = polynomial(operand, naming)
            return None if inner is None else inner.scaled(-1) if op == "-" else inner
        case tree.Cast(operand=operand) if _is_wide(expr.type) and _is_integer(operand.type):
            return polynomial(operand, naming)
        case tree.Binary(op="+" | "-" | "*" as op, left=left, right=right) if _is_integer(expr.type):
            a, b = polynomial(left, naming), polynomial(right, naming)
            if a is None or b is None:
                return None
            if tree.is_long(expr.type) and not (op == "*" and (_is_size(a) or _is_size(b))):
                a, b = a.widened(), b.widened()
            return a + b if op == "+" else a - b if op == "-" else a * b
        case tree.Binary(op="/" | "%" | "<<" | ">>" | "&" as op) if _is_integer(expr.type):
            if op == "&" and not naming.choices:
                return None
            return _opaque(expr, naming)
        case tree.Conditional(condition=c, then=t, otherwise=e) if _is_integer(expr.type) and naming.choices:
            holds, a, b = condition(c, naming), polynomial(t, naming), polynomial(e, naming)
            return None if holds is None or a is None or b is None else choice(holds, a, b)
        case tree.Index():
            return _entry(expr, naming)
        case tree.Sizeof():
            return _size(expr, naming)
    return None


def _is_size(value: Polynomial) -> bool:
    """Whether it is a type's size: how many such things there are is computed before."""
    return bool(value.atoms) and all(a.is_long and not a.symbols for a in value.atoms)


def _entry(expr: tree.Index, naming: Naming) -> Polynomial | None:
    """An element of a table of numbers."""
    subscripts: list[Expr] = []
    base: Expr = expr
    while isinstance(base, tree.Index):
        subscripts.insert(0, base.subscript)
        base = base.base
    table = naming.tables.get(base.symbol) if isinstance(base, tree.Name) else None
    if table is None or len(subscripts) != len(table.extents):
        return None
    places = [p for e in subscripts if (p := polynomial(e, naming)) is not None]
    if len(places) < len(subscripts):
        return None
    numbers = [p.constant for p in places]
    at = 0
    for number, extent in zip(numbers, table.extents, strict=True):
        at = -1 if number is None or at < 0 or not 0 <= number < extent else at * extent + number
    if at >= 0:
        return constant(table.values[at])
    key = "".join(f"[{p.key()}]" for p in places)
    origin = Entry(table, tuple(places))
    symbols = frozenset(s for p in places for s in p.symbols)
    return of_atom(Atom(f"{table.key}{key}", text(expr), symbols, origin))


def _size(expr: tree.Sizeof, naming: Naming) -> Polynomial | None:
    """A type's size as an atom, times the extents where these are expressions."""
    of = expr.of if expr.of is not None else expr.operand.type if expr.operand is not None else None
    if of is None:
        return None
    if not expr.extents:
        return of_atom(Atom(f"sizeof({of})", text(expr), is_long=True))
    core = tree.array_core(of)
    total = of_atom(Atom(f"sizeof({core})", f"sizeof({type_text(core)})", is_long=True))
    for extent in expr.extents:
        factor = polynomial(extent, naming)
        if factor is None:
            return None
        total = total * factor
    return total


def _opaque(expr: tree.Binary, naming: Naming) -> Polynomial | None:
    """A quotient or shift as one atom, folded where both sides are numbers."""
    a, b = polynomial(expr.left, naming), polynomial(expr.right, naming)
    if a is None or b is None:
        return None
    x, y = a.constant, b.constant
    if x is not None and y is not None and x >= 0 and y > 0:
        match expr.op:
            case "/":
                return constant(x // y)
            case "%":
                return constant(x % y)
            case "<<" if y < 31:
                return constant(x << y)
            case ">>" if y < 31:
                return constant(x >> y)
            case "&":
                return constant(x & y)
    if tree.is_long(expr.type):
        a, b = a.widened(), b.widened()
    return _as_atom(a, expr.op, b, _origin(expr, a, b))


def quotient(a: Polynomial, b: Polynomial) -> Polynomial:
    """`a / b`, as an expression of the source would be read."""
    return _as_atom(a, "/", b)


def _as_atom(a: Polynomial, op: str, b: Polynomial, origin: Origin | None = None) -> Polynomial:
    key = f"({a.key()}){op}({b.key()})"
    shown = f"({a.operand_text()} {op} {b.operand_text()})"
    return of_atom(Atom(key, shown, a.symbols | b.symbols, origin))


def _origin(expr: tree.Binary, a: Polynomial, b: Polynomial) -> Origin | None:
    unsigned = isinstance(expr.type, tree.Scalar) and expr.type.is_unsigned
    if not _in_one_type(expr.left, expr.type) or not _in_one_type(expr.right, expr.type):
        return None
    match expr.op, b.constant:
        case "%", None:
            return Remainder(a, b, unsigned)
        case ("%" | "/") as op, int(number) if number > 0:
            return Remainder(a, b, unsigned) if op == "%" else Quotient(a, number, unsigned)
        case "&", int(number) if number > 0 and number & (number + 1) == 0:
            return LowBits(a, number + 1)
    return None


def _in_one_type(expr: Expr, kind: tree.CType) -> bool:
    """Whether all unsigned numbers are of the type of the whole: what wraps in a narrower one has another remainder."""
    return all(
        n.type == kind or not (isinstance(n.type, tree.Scalar) and n.type.is_unsigned) or is_natural(n)
        for n in tree.walk(expr)
        if isinstance(n, Expr)
    )


def condition(expr: Expr, naming: Naming = PLAIN) -> Condition | None:
    """A condition that compares polynomials; None if it is another."""
    match expr:
        case tree.Unary(op="!", operand=operand):
            inner = condition(operand, naming)
            return None if inner is None else negated(inner)
        case tree.Binary(op="&&" | "||" as op, left=left, right=right):
            a, b = condition(left, naming), condition(right, naming)
            return None if a is None or b is None else Combined(op == "&&", (a, b))
        case tree.Binary(op="<" | "<=" | ">" | ">=" | "==" | "!=" as op, left=left, right=right):
            if not compares_plainly(left, right, naming):
                return None
            x, y = polynomial(left, naming), polynomial(right, naming)
            return None if x is None or y is None else Comparison(op, x - y)
    value = polynomial(expr, naming)
    return None if value is None else Comparison("!=", value)


def compares_plainly(left: Expr, right: Expr, naming: Naming) -> bool:
    """Whether a comparison is that of the numbers: an unsigned one of what may be negative is not."""
    unsigned = any(isinstance(e.type, tree.Scalar) and e.type.is_unsigned for e in (left, right))
    return not unsigned or all(is_natural(e) and not _may_wrap(e, naming) for e in (left, right))


def _may_wrap(expr: Expr, naming: Naming) -> bool:
    """Whether a variable in it stands for a difference, which as an unsigned number may be another."""
    names = [n.symbol for n in tree.walk(expr) if isinstance(n, tree.Name)]
    known = [naming.derived[s] for s in names if s in naming.derived]
    return any(factor < 0 or any(a.origin is not None for a in monomial) for v in known for monomial, factor in v.terms)


def is_natural(expr: Expr) -> bool:
    """Whether an expression is surely not negative, and so has one value as signed and as unsigned."""
    match expr:
        case tree.IntLiteral(value=value):
            return value >= 0
        case (
            tree.Name(type=tree.Scalar(is_unsigned=True))
            | tree.Index(type=tree.Scalar(is_unsigned=True))
            | tree.Sizeof()
        ):
            return True
        case tree.Binary(op="+" | "*" | "/" | "%", left=left, right=right):
            return is_natural(left) and is_natural(right)
        case tree.Cast(operand=operand):
            return is_natural(operand)
    return False


def _is_integer(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Scalar) and kind.is_integer


def _is_wide(kind: tree.CType) -> bool:
    """An integer type to which an index can be converted without losing it."""
    return _is_integer(kind) and "char" not in type_text(kind) and "short" not in type_text(kind)


_SUFFIXES = {"unsigned int": "U", "long": "L", "unsigned long": "UL", "long long": "LL", "unsigned long long": "ULL"}


def suffix(kind: tree.CType) -> str:
    """What a number of an integer type ends with."""
    return _SUFFIXES.get(type_text(kind), "")


def text(expr: tree.Node) -> str:
    """An expression as C, for messages and inserted code; parenthesised generously."""
    match expr:
        case tree.IntLiteral(value=value, macro=name):
            return name or f"{value}{suffix(expr.type)}"
        case tree.FloatLiteral(text=spelling, macro=name):
            return name or spelling
        case tree.StringLiteral(value=value):
            return f'"{value}"'
        case tree.Name(symbol=symbol):
            return symbol.name
        case tree.Unary(op=op, operand=operand):
            return f"{text(operand)}{op[1:]}" if op in {"x++", "x--"} else f"{op.rstrip('x')}{_operand(operand)}"
        case tree.Binary(op=op, left=left, right=right):
            a, b = _side(left), _side(right)
            return f"{a}{op}{b}" if op == "*" else f"{a} {op} {b}"
        case tree.Assign(op=op, target=target, value=value):
            return f"{text(target)} {op} {text(value)}"
        case tree.Conditional(condition=c, then=t, otherwise=e):
            return f"{_operand(c)} ? {_operand(t)} : {_operand(e)}"
        case tree.Index(base=base, subscript=subscript):
            return f"{_operand(base)}[{text(subscript)}]"
        case tree.Call(callee=callee, arguments=arguments):
            return f"{text(callee)}({', '.join(map(text, arguments))})"
        case tree.Cast(operand=operand):
            return f"({type_text(expr.type)}){_operand(operand)}"
        case tree.Sizeof(operand=operand, of=of):
            if operand is not None:
                return f"sizeof {_operand(operand)}"
            sizes = "".join(f"[{text(e)}]" for e in expr.extents)
            return f"sizeof({type_text(tree.array_core(of) if sizes and of else of)}{sizes})"
        case tree.Member(base=base, field=name, arrow=arrow):
            return f"{_operand(base)}{'->' if arrow else '.'}{name}"
    return "…"


def _operand(expr: tree.Expr) -> str:
    simple = isinstance(
        expr, tree.IntLiteral | tree.FloatLiteral | tree.Name | tree.Index | tree.Call | tree.Member | tree.Unary
    )
    return text(expr) if simple else f"({text(expr)})"


def _side(expr: tree.Expr) -> str:
    """One side of an operator, which binds less than a conversion."""
    return text(expr) if isinstance(expr, tree.Cast) else _operand(expr)


def type_text(kind: tree.CType | None) -> str:
    match kind:
        case tree.Scalar(name=name) | tree.OtherType(name=name):
            return name
        case tree.Pointer(target=target):
            return f"{type_text(target)} *"
        case tree.Array(element=element, extent=extent):
            return f"{type_text(element)}[{'' if extent is None else extent}]"
    return "?"
