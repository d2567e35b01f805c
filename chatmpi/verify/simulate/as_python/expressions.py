"""C expressions as Python expressions.

Integers are Python's integers, floating values are terms, pointers are pairs. A condition is a Python condition. What
has side effects inside a larger expression uses `:=` and small functions of the runtime. Signed results are checked
against their type where they are stored, passed or converted; unsigned ones wrap at once.
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import is_step
from chatmpi.analysis.tree import Array, CType, Expr, OtherType, Pointer, Scalar
from chatmpi.verify.simulate.as_python.assignments import Assignments
from chatmpi.verify.simulate.as_python.calls import Calls
from chatmpi.verify.simulate.as_python.conversions import Conversions
from chatmpi.verify.simulate.as_python.extents import Extents
from chatmpi.verify.simulate.as_python.initialisers import Initialisers
from chatmpi.verify.simulate.as_python.pieces import VOID, decayed, is_null
from chatmpi.verify.simulate.as_python.places import Places
from chatmpi.verify.simulate.as_python.scope import CHARACTERS, Scope, is_aggregate, python_name
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.function_types import is_function
from chatmpi.verify.simulate.layouts import DOUBLE, bits, limits, promoted, usual
from chatmpi.verify.simulate.libc.functions import SIGNATURES
from chatmpi.verify.simulate.libc.options import OPTION_VARIABLES

_FLOATING_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}
_COMPARISONS = frozenset({"<", ">", "<=", ">=", "==", "!="})


class Expressions:
    """Writes the expressions of one program."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.conversions = Conversions(scope, self)
        self._extents = Extents(scope, self)
        self.places = Places(scope, self, self._extents)
        self.assignments = Assignments(scope, self, self.conversions, self._extents, self.places)
        self._calls = Calls(scope, self, self.conversions)

    # ------------------------------------------------------------------------------------ values

    def value(self, e: Expr) -> str:
        """The value of `e` in its own type; an array's is a pointer."""
        match e:
            case tree.IntLiteral():
                return str(e.value) if e.value >= 0 else f"({e.value})"
            case tree.FloatLiteral():
                return self._float_literal(e)
            case tree.StringLiteral():
                return self._string(e)
            case tree.Name():
                return self._name(e)
            case tree.Index() | tree.Member():
                return self._loaded(e)
            case tree.Unary():
                return self._unary(e)
            case tree.Binary():
                return self._binary(e)
            case tree.Assign():
                return self.assignments.assigned(e)
            case tree.Conditional():
                then, otherwise = (self.converted(x, decayed(e.type)) for x in (e.then, e.otherwise))
                return f"({then} if {self.condition(e.condition)} else {otherwise})"
            case tree.Call():
                return self._calls.call(e)
            case tree.Cast():
                if e.type == VOID:
                    return self.value(e.operand)
                return self.converted(e.operand, e.type, explicit=True)
            case tree.Sizeof():
                return self._extents.sizeof(e)
            case tree.UnknownExpr(kind="compound literal"):
                made = Initialisers(self._scope, self).compound(e)
                return f"({made}, 0)" if isinstance(e.type, Array) else f"list({made})"
            case tree.UnknownExpr(kind="imaginary literal", children=(tree.Expr() as number,)):
                return f"imaginary({self.converted(number, DOUBLE)})"
            case tree.UnknownExpr():
                raise Unsupported(e.kind, self._scope.line(e))
        raise Unsupported("an expression of this form", self._scope.line(e))

    def _float_literal(self, e: tree.FloatLiteral) -> str:
        if e.type == Scalar("float"):
            return self._scope.float_constant(
                self._scope.layouts.terms.single(self._scope.layouts.terms.constant(e.value)).value
            )
        return self._scope.float_constant(e.value)

    def _string(self, e: tree.StringLiteral) -> str:
        return f"literal({e.value!r})"

    def _name(self, e: tree.Name) -> str:
        symbol = e.symbol
        if symbol.storage == "enumerator":
            return str(self._scope.program.enumerators[symbol.uid])
        if symbol.storage == "function":
            return self._function(e)
        if symbol.storage == "global" and symbol.uid not in self._scope.outer:
            return self._external(e)
        name = python_name(symbol)
        if isinstance(symbol.type, Array):
            return f"({name}, 0)"
        if is_aggregate(symbol.type):
            return f"cells({name}, 0, {self._scope.layouts.cells(symbol.type)})"
        return f"{name}[0]" if self._scope.in_memory(symbol) else name

    def _function(self, e: tree.Name) -> str:
        """A function as a value."""
        name = e.symbol.name
        if name in self._scope.functions:
            return f"f_{name}"
        if name not in SIGNATURES or "." in SIGNATURES[name]:
            raise Unsupported(f"the address of the function {name}", self._scope.line(e))
        self._scope.used.add(name)
        return f"F_{name}"

    def _external(self, e: tree.Name) -> str:
        name = e.symbol.name
        if name in OPTION_VARIABLES:
            return f"X_options.{name}"
        if not name.startswith("MPI_") and name not in ("stdin", "stdout", "stderr"):
            raise Unsupported(f"the variable {name}, which is defined elsewhere", self._scope.line(e))
        self._scope.used.add(name)
        return f"X_{name}"

    def _loaded(self, e: Expr) -> str:
        target, index = self.places.of(e)
        if isinstance(e.type, Array):
            return f"({target}, {index})"
        if e.type in CHARACTERS and self._scope.mixes_characters:
            return f"{'unsigned_char' if e.type.is_unsigned else 'signed_char'}({target}[{index}])"
        if isinstance(e.type, OtherType):
            return f"cells({target}, {index}, {self._scope.layouts.cells(e.type)})"
        return f"{target}[{index}]"

    def converted(self, e: Expr, to: CType, explicit: bool = False, name: str = "") -> str:
        """The value of `e` in another type. `name` is the variable that it is stored in, for messages."""
        return self.conversions.converted(e, to, explicit, name)

    # -------------------------------------------------------------------------------- conditions

    def test(self, e: Expr) -> str:
        """The condition of a statement, whose branches are noted themselves."""
        return self._comparison(e) if isinstance(e, tree.Binary) and e.op in _COMPARISONS else self.condition(e)

    def condition(self, e: Expr) -> str:
        match e:
            case tree.Unary(op="!"):
                return f"(not {self.condition(e.operand)})"
            case tree.Binary(op="&&"):
                return f"({self.condition(e.left)} and {self.condition(e.right)})"
            case tree.Binary(op="||"):
                return f"({self.condition(e.left)} or {self.condition(e.right)})"
            case tree.Binary(op=op) if op in _COMPARISONS:
                code, first = self._comparison(e), self._scope.ways.both(e, self._scope.line(e))
                return code if first is None else f"went({first}, {code})"
        kind = decayed(e.type)
        if isinstance(kind, Scalar) and kind.is_floating:
            return f"({self.value(e)}.value != 0)"
        if isinstance(kind, Pointer):
            return f"({self.value(e)} != NULL)"
        return f"({self.value(e)} != 0)"

    def _comparison(self, e: tree.Binary) -> str:
        left, right = decayed(e.left.type), decayed(e.right.type)
        if isinstance(left, Pointer) or isinstance(right, Pointer):
            a, b = (("NULL" if is_null(x) else self.value(x)) for x in (e.left, e.right))
            if e.op in ("==", "!="):
                return f"({a} {e.op} {b})"
            return f"(distance({a}, {b}, 1) {e.op} 0)"
        if not isinstance(left, Scalar) or not isinstance(right, Scalar):
            raise Unsupported("a comparison of this kind", self._scope.line(e))
        common = usual(left, right)
        if common.is_floating:
            return f"({self._shadow(e.left)} {e.op} {self._shadow(e.right)})"
        return f"({self.operand(e.left, common)} {e.op} {self.operand(e.right, common)})"

    def _shadow(self, e: Expr) -> str:
        if isinstance(e, tree.FloatLiteral):
            return repr(e.value)
        kind = e.type
        code = self.value(e)
        return f"{code}.value" if isinstance(kind, Scalar) and kind.is_floating else code

    # --------------------------------------------------------------------------------- operators

    def operand(self, e: Expr, kind: Scalar) -> str:
        """An operand in the type in which the operator works; signed integers stay unchecked."""
        source = decayed(e.type)
        if not isinstance(source, Scalar):
            raise Unsupported("a pointer as a number", self._scope.line(e))
        if kind.is_floating or source.is_floating:
            return self.conversions.in_type(self.value(e), source, kind, e)
        code = self.value(e)
        if kind.is_unsigned and not (source.is_unsigned and bits(source) <= bits(kind)):
            return code if isinstance(e, tree.IntLiteral) and e.value >= 0 else f"({code} & {limits(kind)[1]})"
        return code

    def _unary(self, e: tree.Unary) -> str:
        match e.op:
            case "&" | "*" if is_function(e.operand.type) and not isinstance(e.operand, tree.Index | tree.Member):
                return self.value(e.operand)
            case "&":
                return self.places.address(e.operand)
            case "*":
                return self.value(e.operand) if is_function(e.type) else self._loaded(e)
            case "!":
                return f"(not {self.condition(e.operand)})"
        if is_step(e):
            return self.assignments.stepped(e)
        kind = e.type
        if not isinstance(kind, Scalar):
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        operand = self.operand(e.operand, kind)
        if e.op == "+":
            return operand
        if kind.is_complex:
            return f"{'complex_negated' if e.op == '-' else 'conjugate'}({operand})"
        if kind.is_floating:
            return f"negated({operand})"
        code = f"(-{operand})" if e.op == "-" else f"(~{operand})"
        return f"({code} & {limits(kind)[1]})" if kind.is_unsigned else code

    def _binary(self, e: tree.Binary) -> str:
        if e.op == ",":
            return f"({self.value(e.left)}, {self.value(e.right)})[1]"
        if e.op in _COMPARISONS or e.op in ("&&", "||"):
            return self.condition(e)
        left, right = decayed(e.left.type), decayed(e.right.type)
        if isinstance(left, Pointer) or isinstance(right, Pointer):
            return self._pointer_arithmetic(e, left, right)
        if not isinstance(left, Scalar) or not isinstance(right, Scalar):
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        kind = promoted(left) if e.op in ("<<", ">>") else usual(left, right)
        a = self.operand(e.left, kind)
        b = self.value(e.right) if e.op in ("<<", ">>") else self.operand(e.right, kind)
        return self.operation(e.op, a, b, kind)

    def operation(self, op: str, a: str, b: str, kind: Scalar) -> str:
        """`a op b` of two operands of one type."""
        if kind.is_complex:
            return f"complex_{_FLOATING_OPS[op]}{'f' if kind.name == '_Complex float' else ''}({a}, {b})"
        if kind.is_floating:
            return f"{_FLOATING_OPS[op]}{'f' if kind.name == 'float' else ''}[{a}, {b}]"
        if op == "/":
            return f"({a} // {b})" if kind.is_unsigned else f"quotient({a}, {b})"
        if op == "%":
            return f"({a} % {b})" if kind.is_unsigned else f"remainder({a}, {b})"
        if op in ("<<", ">>"):
            return f"shifted_{'left' if op == '<<' else 'right'}({a}, {b}, {bits(kind)}, {kind.is_unsigned})"
        if kind.is_unsigned and op in "+-*":
            return f"(({a} {op} {b}) & {limits(kind)[1]})"
        return f"({a} {op} {b})"

    def _pointer_arithmetic(self, e: tree.Binary, left: CType, right: CType) -> str:
        if isinstance(left, Pointer) and isinstance(right, Pointer):
            return f"distance({self.value(e.left)}, {self.value(e.right)}, {self._extents.stride(e.left)})"
        pointer, number = (e.left, e.right) if isinstance(left, Pointer) else (e.right, e.left)
        sign = "-" if e.op == "-" else ""
        return f"moved({self.value(pointer)}, {sign}{self.value(number)}, {self._extents.stride(pointer)})"
