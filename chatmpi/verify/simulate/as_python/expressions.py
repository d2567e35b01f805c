"""C expressions as Python expressions.

Integers are Python's integers, floating values are terms, pointers are pairs. A condition is a Python condition. What
has side effects inside a larger expression uses `:=` and small functions of the runtime. Signed results are checked
against their type where they are stored, passed or converted; unsigned ones wrap at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.tree import Array, CType, Expr, OtherType, Pointer, Scalar
from chatmpi.verify.simulate.as_python.initialisers import Initialisers
from chatmpi.verify.simulate.as_python.scope import CHARACTERS, Scope, is_aggregate, python_name
from chatmpi.verify.simulate.errors import Unsupported
from chatmpi.verify.simulate.function_types import INDIRECT, is_function, parameters
from chatmpi.verify.simulate.layouts import DOUBLE, INT, POINTER_BYTES, bits, core, limits, part, promoted, usual
from chatmpi.verify.simulate.libc.functions import SIGNATURES
from chatmpi.verify.simulate.libc.options import OPTION_VARIABLES
from chatmpi.verify.simulate.variadic import REST, START, takes_more

# Functions that store a pointer to memory that they allocate, by the place of that argument.
_ALLOCATES = {"posix_memalign": 0, "MPI_Alloc_mem": 2, "MPI_Win_allocate": 4, "MPI_Win_allocate_shared": 4}
_ATOM = re.compile(r"\w+")
_FLOATING_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}
_COMPARISONS = frozenset({"<", ">", "<=", ">=", "==", "!="})
_STEPS = {"++x": 1, "x++": 1, "--x": -1, "x--": -1}
_VOID = OtherType("void")


def decayed(kind: CType) -> CType:
    return Pointer(kind.element) if isinstance(kind, Array) else kind


def is_atom(code: str) -> bool:
    return _ATOM.fullmatch(code) is not None


def is_null(e: Expr) -> bool:
    """Whether an expression is a null pointer constant."""
    match e:
        case tree.IntLiteral(value=0):
            return True
        case tree.Cast(type=Pointer(target=OtherType(name="void")), operand=tree.IntLiteral(value=0)):
            return True
    return False


class Expressions:
    """Writes the expressions of one program."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

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
                return self._assigned(e)
            case tree.Conditional():
                then, otherwise = (self.converted(x, decayed(e.type)) for x in (e.then, e.otherwise))
                return f"({then} if {self.condition(e.condition)} else {otherwise})"
            case tree.Call():
                return self.call(e)
            case tree.Cast():
                if e.type == _VOID:
                    return self.value(e.operand)
                return self.converted(e.operand, e.type, explicit=True)
            case tree.Sizeof():
                return self._sizeof(e)
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
        target, index = self.place(e)
        if isinstance(e.type, Array):
            return f"({target}, {index})"
        if e.type in CHARACTERS and self._scope.mixes_characters:
            return f"{'unsigned_char' if e.type.is_unsigned else 'signed_char'}({target}[{index}])"
        if isinstance(e.type, OtherType):
            return f"cells({target}, {index}, {self._scope.layouts.cells(e.type)})"
        return f"{target}[{index}]"

    def converted(self, e: Expr, to: CType, explicit: bool = False, name: str = "") -> str:
        """The value of `e` in another type. `name` is the variable that it is stored in, for messages."""
        if isinstance(to, Pointer):
            return self._as_pointer(e, to, name)
        if isinstance(to, OtherType):
            return self.value(e)
        if not isinstance(to, Scalar):
            raise Unsupported("a conversion to an array", self._scope.line(e))
        source = decayed(e.type)
        if not isinstance(source, Scalar):
            if to == Scalar("_Bool"):
                return f"(1 if {self.condition(e)} else 0)"
            raise Unsupported("a pointer as a number", self._scope.line(e))
        return self.in_type(self.value(e), source, to, e)

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
            return self._truth(code) if source.is_floating else f"(1 if {code} else 0)"
        if source.is_floating:
            return f"truncated({code}, {low}, {high})"
        from_low, from_high = limits(source)
        if self._in_range(e, low, high):
            return code
        if low <= from_low and from_high <= high:
            return code if e is not None and _is_safe(e) else self._checked(code, source)
        if not source.is_unsigned and not (e is not None and _is_safe(e)):
            code = self._checked(code, source)
        if to.is_unsigned:
            return f"({code} & {high})"
        return f"wrapped({code}, {low}, {high})"

    def _complex_in_type(self, code: str, source: Scalar, to: Scalar, e: Expr | None) -> str:
        if not to.is_complex:
            return self._truth(code) if to.name == "_Bool" else self.in_type(f"{code}.re", part(source), to)
        if source.is_complex:
            return f"complex_single({code})" if to.name == "_Complex float" != source.name else code
        return f"complex_of({self.in_type(code, source, part(to), e)})"

    def _truth(self, code: str) -> str:
        return f"(1 if {code}.value else 0)"

    def _in_range(self, e: Expr | None, low: int, high: int) -> bool:
        return isinstance(e, tree.IntLiteral) and low <= e.value <= high

    def _checked(self, code: str, kind: Scalar) -> str:
        """A signed result, which must fit."""
        if kind.is_unsigned or code.lstrip("-").isdigit():
            return code
        return f"i{bits(kind)}({code})" if bits(kind) >= 32 else code

    def _as_pointer(self, e: Expr, to: Pointer, name: str) -> str:
        if is_null(e):
            return "NULL"
        source = decayed(e.type)
        if is_function(source):
            return self.value(e)
        if not isinstance(source, Pointer):
            raise Unsupported("a number as a pointer", self._scope.line(e))
        code = self.value(e)
        if to.target == _VOID or source.target == to.target or is_opaque(to.target):
            return code
        if source.target == _VOID:
            return f"typed({code}, {self._scope.layout(to.target)}, {name!r})"
        if self._same_cells(core(source.target), core(to.target)):
            return code
        raise Unsupported(f"a pointer to {source.target} used as one to {to.target}", self._scope.line(e))

    def _same_cells(self, a: CType, b: CType) -> bool:
        if a == b or (a in CHARACTERS and b in CHARACTERS and self._scope.mixes_characters):
            return True
        if isinstance(a, Scalar) and isinstance(b, Scalar) and not a.is_floating and not b.is_floating:
            return bits(a) == bits(b) and a.is_unsigned == b.is_unsigned
        return isinstance(a, Pointer) and isinstance(b, Pointer)

    # -------------------------------------------------------------------------------- conditions

    def condition(self, e: Expr) -> str:
        match e:
            case tree.Unary(op="!"):
                return f"(not {self.condition(e.operand)})"
            case tree.Binary(op="&&"):
                return f"({self.condition(e.left)} and {self.condition(e.right)})"
            case tree.Binary(op="||"):
                return f"({self.condition(e.left)} or {self.condition(e.right)})"
            case tree.Binary(op=op) if op in _COMPARISONS:
                return self._comparison(e)
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
        return f"({self._operand(e.left, common)} {e.op} {self._operand(e.right, common)})"

    def _shadow(self, e: Expr) -> str:
        if isinstance(e, tree.FloatLiteral):
            return repr(e.value)
        kind = e.type
        code = self.value(e)
        return f"{code}.value" if isinstance(kind, Scalar) and kind.is_floating else code

    # ---------------------------------------------------------------------------------- operators

    def _operand(self, e: Expr, kind: Scalar) -> str:
        """An operand in the type in which the operator works; signed integers stay unchecked."""
        source = decayed(e.type)
        if not isinstance(source, Scalar):
            raise Unsupported("a pointer as a number", self._scope.line(e))
        if kind.is_floating or source.is_floating:
            return self.in_type(self.value(e), source, kind, e)
        code = self.value(e)
        if kind.is_unsigned and not (source.is_unsigned and bits(source) <= bits(kind)):
            return code if isinstance(e, tree.IntLiteral) and e.value >= 0 else f"({code} & {limits(kind)[1]})"
        return code

    def _unary(self, e: tree.Unary) -> str:
        match e.op:
            case "&" | "*" if is_function(e.operand.type) and not isinstance(e.operand, tree.Index | tree.Member):
                return self.value(e.operand)
            case "&":
                return self.address(e.operand)
            case "*":
                return self.value(e.operand) if is_function(e.type) else self._loaded(e)
            case "!":
                return f"(not {self.condition(e.operand)})"
        if e.op in _STEPS:
            return self._stepped(e)
        kind = e.type
        if not isinstance(kind, Scalar):
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        operand = self._operand(e.operand, kind)
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
        a = self._operand(e.left, kind)
        b = self.value(e.right) if e.op in ("<<", ">>") else self._operand(e.right, kind)
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
            return f"distance({self.value(e.left)}, {self.value(e.right)}, {self._stride(e.left)})"
        pointer, number = (e.left, e.right) if isinstance(left, Pointer) else (e.right, e.left)
        sign = "-" if e.op == "-" else ""
        return f"moved({self.value(pointer)}, {sign}{self.value(number)}, {self._stride(pointer)})"

    # -------------------------------------------------------------------------------- assignments

    def _assigned(self, e: tree.Assign) -> str:
        """An assignment inside an expression: its value."""
        if isinstance(e.target, tree.Name) and not self._scope.in_memory(e.target.symbol):
            name = self._name(e.target)
            return f"({name} := {self.new_value(e, name)})"
        target, index = self.place(e.target)
        if e.op == "=":
            return f"store({target}, {index}, {self.new_value(e, '')})"
        o, k = self._scope.temporary(), self._scope.temporary()
        return f"store(({o} := {target}), ({k} := {index}), {self.new_value(e, f'{o}[{k}]')})"

    def new_value(self, e: tree.Assign, old: str) -> str:
        """What is stored; `old` is code for the old value."""
        kind = e.target.type
        if e.op == "=":
            return self.converted(e.value, kind, name=_root(e.target))
        op = e.op[:-1]
        if isinstance(kind, Pointer):
            return f"moved({old}, {'-' if op == '-' else ''}{self.value(e.value)}, {self._stride(e.target)})"
        value = decayed(e.value.type)
        if not isinstance(kind, Scalar) or not isinstance(value, Scalar):
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        common = promoted(kind) if op in ("<<", ">>") else usual(kind, value)
        a = old if not common.is_floating else self.in_type(old, kind, common)
        if not common.is_floating and common.is_unsigned and not kind.is_unsigned:
            a = f"({old} & {limits(common)[1]})"
        b = self.value(e.value) if op in ("<<", ">>") else self._operand(e.value, common)
        return self.in_type(self.operation(op, a, b, common), common, kind)

    def step_value(self, e: tree.Unary, old: str) -> str:
        """The value after `++` or `--`."""
        step, kind = _STEPS[e.op], e.operand.type
        if isinstance(kind, Pointer):
            return f"moved({old}, {step}, {self._stride(e.operand)})"
        if not isinstance(kind, Scalar):
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        if kind.is_complex:
            raise Unsupported(f"the operator {e.op} here", self._scope.line(e))
        if kind.is_floating:
            return self.operation("+", old, self._scope.float_constant(float(step)), kind)
        common = promoted(kind)
        return self.in_type(self.operation("+", old, str(step), common), common, kind)

    def _stepped(self, e: tree.Unary) -> str:
        before = e.op.startswith("x")
        if isinstance(e.operand, tree.Name) and not self._scope.in_memory(e.operand.symbol):
            name = self._name(e.operand)
            stored = f"({name} := {self.step_value(e, name)})"
            return f"first({name}, {stored})" if before else stored
        target, index = self.place(e.operand)
        o, k = self._scope.temporary(), self._scope.temporary()
        new = self.step_value(e, f"{o}[{k}]")
        old = f"({o} := {target})[({k} := {index})]"
        if before:
            return f"first({old}, store({o}, {k}, {new}))"
        return f"store(({o} := {target}), ({k} := {index}), {new})"

    # ------------------------------------------------------------------------------------- places

    def place(self, e: Expr) -> tuple[str, str]:
        """Code for the object that an lvalue is in, and for its cell there, in bounds below."""
        match e:
            case tree.Name(symbol=symbol):
                if symbol.storage == "global" and symbol.uid not in self._scope.outer:
                    raise Unsupported(f"the variable {symbol}, which is defined elsewhere", self._scope.line(e))
                if not self._scope.in_memory(symbol):
                    raise Unsupported(f"the memory of {symbol}", self._scope.line(e))
                return python_name(symbol), "0"
            case tree.Index(base=base, subscript=subscript) if isinstance(base.type, Array):
                target, index = self.place(base)
                extents = self._extents(base)
                return target, _sum(
                    index, _product(self._bounded(subscript, extents[0]), self._size(e.type, extents[1:]))
                )
            case tree.Index(base=base, subscript=subscript):
                return self._beyond(base, self.value(subscript))
            case tree.Unary(op="*", operand=operand):
                return self._beyond(operand, "0")
            case tree.Member(base=base, field=field, arrow=arrow):
                target, index = self._beyond(base, "0") if arrow else self.place(base)
                holder = decayed(base.type)
                inside = holder.target if arrow and isinstance(holder, Pointer) else base.type
                return target, _sum(index, str(self._scope.layouts.member(inside, field)[0]))
            case tree.StringLiteral():
                return f"{self._string(e)}[0]", "0"
            case tree.UnknownExpr(kind="compound literal"):
                return Initialisers(self._scope, self).compound(e), "0"
            case tree.Call() if isinstance(e.type, OtherType):
                return f"temporary({self.value(e)}, {self._scope.layout(e.type)})", "0"
        raise Unsupported("an lvalue of this form", self._scope.line(e))

    def _beyond(self, pointer: Expr, steps: str) -> tuple[str, str]:
        """The place `pointer[steps]`."""
        if isinstance(pointer.type, Array):  # a pointer to the first element
            target, index = self.place(pointer)
            extents = self._extents(pointer)
            bounded = steps if steps == "0" else f"inside({steps}, {extents[0]})"
            return target, _sum(index, _product(bounded, self._size(pointer.type.element, extents[1:])))
        code = self.value(pointer)
        name = code
        if not is_atom(code):
            name = self._scope.temporary()
            code = f"({name} := {code})"
        k = self._scope.temporary()
        offset = _product(steps, self._stride(pointer))
        at = _sum(f"{name}[1]", offset)
        return f"{code}[0]", f"({k} if ({k} := {at}) >= 0 else below({name}[0], {k}))"

    def _bounded(self, subscript: Expr, extent: str, check: str = "inside") -> str:
        code = self.value(subscript)
        if code.isdigit() and extent.isdigit() and int(code) < int(extent):
            return code
        if is_atom(code):
            return (
                f"({code} if 0 <= {code} < {extent} else {'outside' if check == 'inside' else check}({code}, {extent}))"
            )
        return f"{check}({code}, {extent})"

    def address(self, e: Expr) -> str:
        """The address of an lvalue; of an array's elements that one too that would follow the last."""
        if isinstance(e, tree.Index) and isinstance(e.base.type, Array):
            target, index = self.place(e.base)
            extents = self._extents(e.base)
            subscript = self._bounded(e.subscript, extents[0], "upto")
            return f"({target}, {_sum(index, _product(subscript, self._size(e.type, extents[1:])))})"
        target, index = self.place(e)
        return f"({target}, {index})"

    # ------------------------------------------------------------------------------------ extents

    def _extents(self, e: Expr) -> list[str]:
        """The extents of an array, as code, outermost first."""
        known: list[str] = []
        kind = e.type
        while isinstance(kind, Array) and kind.extent is not None:
            known.append(str(kind.extent))
            kind = kind.element
        if not isinstance(kind, Array):
            return known
        match e:
            case tree.Name(symbol=symbol) if symbol.uid in self._scope.dims:
                return self._scope.dims[symbol.uid]
            case tree.Index(base=base) if isinstance(base.type, Array):
                return self._extents(base)[1:]
            case tree.Index(base=base):
                return self._target_extents(base)
            case tree.Unary(op="*", operand=operand):
                return self._target_extents(operand)
        raise Unsupported("an array of variable length here", self._scope.line(e))

    def _target_extents(self, e: Expr) -> list[str]:
        """The extents of the array that a pointer points to; none if it points to no array."""
        if isinstance(e.type, Array):
            return self._extents(e)[1:]
        kind = e.type.target if isinstance(e.type, Pointer) else e.type
        known: list[str] = []
        while isinstance(kind, Array) and kind.extent is not None:
            known.append(str(kind.extent))
            kind = kind.element
        if not isinstance(kind, Array):
            return known
        match e:
            case tree.Name(symbol=symbol) if symbol.uid in self._scope.dims:
                return self._scope.dims[symbol.uid]
            case tree.Binary(op="+" | "-", left=left, right=right):
                return self._target_extents(left if isinstance(decayed(left.type), Pointer) else right)
            case tree.Unary(op="&", operand=operand):
                return self._extents(operand)
            case tree.Unary(op=op, operand=operand) if op in _STEPS:
                return self._target_extents(operand)
        raise Unsupported("a pointer to an array of variable length here", self._scope.line(e))

    def _size(self, kind: CType, extents: Sequence[str]) -> str:
        """The number of cells of an element whose own extents are given."""
        code = str(len(self._scope.layouts.of(kind).kinds))
        for extent in extents:
            code = _product(extent, code)
        return code

    def _stride(self, pointer: Expr) -> str:
        kind = decayed(pointer.type)
        if not isinstance(kind, Pointer):
            raise Unsupported("pointer arithmetic here", self._scope.line(pointer))
        if kind.target == _VOID:
            raise Unsupported("arithmetic with a pointer to void", self._scope.line(pointer))
        return self._size(kind.target, self._target_extents(pointer))

    def _sizeof(self, e: tree.Sizeof) -> str:
        if e.operand is None:
            if e.of is None:
                raise Unsupported("this sizeof", self._scope.line(e))
            if not e.extents:
                return str(self._scope.layouts.size(e.of))
            code = str(self._scope.layouts.of(e.of).size)
            for size in map(self.value, e.extents):
                code = _product(size, code)
            return code
        kind = e.operand.type
        if not isinstance(kind, Array):
            return str(POINTER_BYTES if isinstance(kind, Pointer) else self._scope.layouts.size(kind))
        code = str(self._scope.layouts.of(kind).size)
        for extent in self._extents(e.operand):
            code = _product(extent, code)
        return code

    # -------------------------------------------------------------------------------------- calls

    def call(self, e: tree.Call) -> str:
        name = e.name
        if name is None:
            return self._indirect_call(e)
        own = self._scope.functions.get(name)
        if own is not None:
            return self._own_call(e, own)
        if name.startswith("MPI_"):
            arguments = "".join(f"{a}, " for a in (*map(self._argument, e.arguments), *self._elements(e)))
            return f"(yield ({name!r}, {self._scope.place(e)}, ({arguments})))"
        if name == START:
            return f"started({self.value(e.arguments[0])}, {REST})"
        signature = SIGNATURES.get(name)
        if signature is None:
            raise Unsupported(f"the function {name}", self._scope.line(e))
        self._scope.used.add(name)
        arguments = ", ".join((*self._library_arguments(e, signature), *self._elements(e)))
        return f"F_{name}({arguments})"

    def _elements(self, e: tree.Call) -> list[str]:
        """What the memory that a call allocates consists of, as one more argument: what the pointer to it points to."""
        position = _ALLOCATES.get(e.name or "", len(e.arguments))
        if position >= len(e.arguments):
            return []
        to = decayed(bare(e.arguments[position]).type)
        element = to.target.target if isinstance(to, Pointer) and isinstance(to.target, Pointer) else None
        known = element is not None and not (isinstance(element, OtherType) and element.name == "void")
        return [self._scope.layout(element)] if known and element is not None else []

    def _own_call(self, e: tree.Call, own: tree.Function) -> str:
        more = len(e.arguments) - len(own.parameters)
        if more < 0 or (more and not takes_more(own.symbol)):
            raise Unsupported(f"a call of {own.symbol} with other arguments than it takes", self._scope.line(e))
        passed = [
            self.converted(a, p.symbol.type, name=p.symbol.name)
            for a, p in zip(e.arguments, own.parameters, strict=False)
        ]
        passed += [self._argument(a) for a in e.arguments[len(own.parameters) :]]
        code = f"f_{own.symbol.name}({', '.join(passed)})"
        return f"(yield from {code})" if own.symbol.name in self._scope.coroutines else code

    def _indirect_call(self, e: tree.Call) -> str:
        wanted = parameters(e.callee.type)
        if wanted is not None and len(wanted) != len(e.arguments):
            raise Unsupported("a call through a pointer with other arguments than it takes", self._scope.line(e))
        passed = [
            self._argument(a) if to is None else self.converted(a, to)
            for a, to in zip(e.arguments, wanted or [None] * len(e.arguments), strict=True)
        ]
        callee = self.value(e.callee)
        if INDIRECT in self._scope.coroutines:
            return f"(yield from indirect({', '.join((callee, *passed))}))"
        return f"pointed({callee})({', '.join(passed)})"

    def _argument(self, e: Expr) -> str:
        """An argument of a function that takes anything."""
        if is_null(e) and isinstance(decayed(e.type), Pointer):
            return "NULL"
        kind = decayed(e.type)
        if isinstance(kind, Scalar) and not kind.is_floating:
            return self.in_type(self.value(e), kind, promoted(kind), e)
        return self.value(e)

    def _library_arguments(self, e: tree.Call, signature: str) -> list[str]:
        """By the letters of `libc.functions.SIGNATURES`; what `.` stands for in one tuple."""
        codes: list[str] = []
        kinds = {
            **{"d": DOUBLE, "f": Scalar("float"), "i": INT, "l": Scalar("long"), "u": Scalar("unsigned long")},
            **{"c": Scalar("_Complex double"), "g": Scalar("_Complex float")},
        }
        for position, letter in enumerate(signature):
            if letter == ".":
                rest = "".join(f"{self._argument(a)}, " for a in e.arguments[position:])
                codes.append(f"({rest})")
                return codes
            if position >= len(e.arguments):
                raise Unsupported(f"{e.name} with {len(e.arguments)} arguments", self._scope.line(e))
            a = e.arguments[position]
            if letter in kinds:
                codes.append(self.converted(a, kinds[letter]))
            elif letter == "s" and isinstance(a, tree.StringLiteral):
                codes.append(repr(a.value))
            else:
                codes.append(self._argument(a) if not is_null(a) else "NULL")
        return codes


def is_opaque(kind: CType) -> bool:
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
            return op in _COMPARISONS or op in ("&&", "||", "%", "&", "|", "^", ">>")
        case tree.Conditional(then=then, otherwise=otherwise):
            return _is_safe(then) and _is_safe(otherwise)
    return False


def _root(e: Expr) -> str:
    while isinstance(e, tree.Index):
        e = e.base
    return e.symbol.name if isinstance(e, tree.Name) else ""


def _sum(a: str, b: str) -> str:
    if a == "0":
        return b
    if b == "0":
        return a
    return f"{a} + {b}"


def _product(a: str, b: str) -> str:
    if a == "1":
        return b
    if b == "1":
        return a
    if a == "0" or b == "0":
        return "0"
    if a.isdigit() and b.isdigit():
        return str(int(a) * int(b))
    return f"({a}) * ({b})" if not (is_atom(a) and is_atom(b)) else f"{a} * {b}"
