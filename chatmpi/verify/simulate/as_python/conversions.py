"""Values in other types: widths, overflow, floating-point precision, pointers."""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.tree import Array, CType, Expr, OtherType, Pointer, Scalar
from chatmpi.verify.simulate.as_python.pieces import VOID, decayed, is_null
from chatmpi.verify.simulate.as_python.scope import CHARACTERS, Scope
from chatmpi.verify.simulate.as_python.writer import Writer
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.function_types import is_function
from chatmpi.verify.simulate.layouts import bits, core, limits, part

_TESTS = frozenset({"<", ">", "<=", ">=", "==", "!=", "&&", "||"})


class Conversions:
    """Writes the conversions of one program."""

    def __init__(self, scope: Scope, writer: Writer) -> None:
        self._scope, self._writer = scope, writer

    def converted(self, e: Expr, to: CType, explicit: bool = False, name: str = "") -> str:
        """The value of `e` in another type. `name` is the variable that it is stored in, for messages."""
        if isinstance(to, Pointer):
            return self._as_pointer(e, to, name)
        if isinstance(to, OtherType):
            return self._writer.value(e)
        if not isinstance(to, Scalar):
            raise Unsupported("a conversion to an array", self._scope.line(e))
        source = decayed(e.type)
        if not isinstance(source, Scalar):
            if to == Scalar("_Bool"):
                return f"(1 if {self._writer.condition(e)} else 0)"
            raise Unsupported("a pointer as a number", self._scope.line(e))
        return self.in_type(self._writer.value(e), source, to, e)

    def in_type(self, code: str, source: Scalar, to: Scalar, e: Expr | None = None) -> str:
        """A scalar's value in another type; signed integers are checked for overflow here."""
        if to.is_complex or source.is_complex:
            return self._complex_in_type(code, source, to, e)
        if to.is_floating:
            if source.is_floating:
                return f"single({code})" if to.name == "float" and source.name != "float" else code
            if isinstance(e, tree.IntLiteral) and e.value < 2**24:
                return self._scope.float_constant(float(e.value))
            return f"{'integer_single' if to.name == 'float' else 'integer'}({code})"
        low, high = limits(to)
        if to.name == "_Bool":
            return _truth(code) if source.is_floating else f"(1 if {code} else 0)"
        if source.is_floating:
            return f"truncated({code}, {low}, {high})"
        from_low, from_high = limits(source)
        if _in_range(e, low, high):
            return code
        if low <= from_low and from_high <= high:
            return code if e is not None and _is_safe(e) else self._checked(code, source)
        if not source.is_unsigned and not (e is not None and _is_safe(e)):
            code = self._checked(code, source)
        if to.is_unsigned:
            return f"({code} & {high})"
        return f"wrapped({code}, {low}, {high})"

    def _checked(self, code: str, kind: Scalar) -> str:
        """A signed result, which must fit."""
        if kind.is_unsigned or code.lstrip("-").isdigit() or bits(kind) < 32:
            return code
        (low, high), k = limits(kind), self._scope.temporary()
        return f"({k} if {low} <= ({k} := {code}) <= {high} else i{bits(kind)}({k}))"

    def _complex_in_type(self, code: str, source: Scalar, to: Scalar, e: Expr | None) -> str:
        if not to.is_complex:
            return _truth(code) if to.name == "_Bool" else self.in_type(f"{code}.re", part(source), to)
        if source.is_complex:
            return f"complex_single({code})" if to.name == "_Complex float" != source.name else code
        return f"complex_of({self.in_type(code, source, part(to), e)})"

    def _as_pointer(self, e: Expr, to: Pointer, name: str) -> str:
        if is_null(e):
            return "NULL"
        source = decayed(e.type)
        if is_function(source):
            return self._writer.value(e)
        if not isinstance(source, Pointer):
            raise Unsupported("a number as a pointer", self._scope.line(e))
        if isinstance(e, tree.Cast) and source.target == to.target and decayed(e.operand.type) == Pointer(VOID):
            return self._as_pointer(e.operand, to, name)  # (double *)malloc(…): the variable's name is known here
        code = self._writer.value(e)
        if to.target == VOID or source.target == to.target or _is_opaque(to.target):
            return code
        if source.target == VOID:
            return f"typed({code}, {self._scope.layout(to.target)}, {name!r})"
        if self._same_cells(core(source.target), core(to.target)):
            return code
        raise Unsupported(
            f"a pointer to {_named(source.target)} used as one to {_named(to.target)}", self._scope.line(e)
        )

    def _same_cells(self, a: CType, b: CType) -> bool:
        if a == b or (a in CHARACTERS and b in CHARACTERS and self._scope.mixes_characters):
            return True
        if isinstance(a, Scalar) and isinstance(b, Scalar) and not a.is_floating and not b.is_floating:
            return bits(a) == bits(b) and a.is_unsigned == b.is_unsigned
        return isinstance(a, Pointer) and isinstance(b, Pointer)


def _truth(code: str) -> str:
    return f"(1 if {code}.value else 0)"


def _in_range(e: Expr | None, low: int, high: int) -> bool:
    return isinstance(e, tree.IntLiteral) and low <= e.value <= high


def _named(kind: CType) -> str:
    match kind:
        case Scalar(name=name) | OtherType(name=name):
            return name
        case Pointer(target=target):
            return f"{_named(target)} *"
        case Array(element=element, extent=extent):
            return f"{_named(element)} [{'' if extent is None else extent}]"
    return "this"


def _is_opaque(kind: CType) -> bool:
    """What only handles point to."""
    return isinstance(kind, OtherType) and (kind.name.startswith("struct chatmpi_") or "FILE" in kind.name)


def _is_safe(e: Expr) -> bool:
    """Whether an integer expression cannot be out of its type's range: what is stored was checked."""
    match e:
        case tree.Name() | tree.IntLiteral() | tree.Index() | tree.Member() | tree.Call() | tree.Cast() | tree.Sizeof():
            return True
        case tree.Unary(op="*" | "!"):
            return True
        case tree.Binary(op=op):
            return op in _TESTS or op in ("%", "&", "|", "^", ">>")
        case tree.Conditional(then=then, otherwise=otherwise):
            return _is_safe(then) and _is_safe(otherwise)
    return False


def addressed(e: Expr) -> Expr:
    """What `(char *)p` leads to, where the address alone matters."""
    if isinstance(e, tree.Cast) and isinstance(e.type, Pointer) and e.type.target in CHARACTERS:
        inner = decayed(e.operand.type)
        return e.operand if isinstance(inner, Pointer) and inner.target != VOID else e
    return e
