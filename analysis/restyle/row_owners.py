"""Matrices of pointers to rows (`double **a`) across functions: whether each row has memory of its own to which no
other pointer leads, and what in a function says how long rows are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, changed_or_lent, is_null
from chatmpi.analysis.iterations.updates import same
from chatmpi.analysis.memory.row_storage import elements_of
from chatmpi.analysis.parents import is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.restyle.row_blocks import holds_rows_only, stride_of
from chatmpi.analysis.tree import Expr, Node, Program, Symbol

_DEPTH = 8  # calls within calls


def is_matrix(kind: tree.CType) -> bool:
    """Whether a type is that of a pointer to pointers to numbers."""
    match kind:
        case tree.Pointer(target=tree.Pointer(target=tree.Scalar())):
            return True
    return False


class Owners:
    """What all functions do to matrices of pointers; `exchanging`: the statements in which rows only change places."""

    def __init__(self, program: Program, exchanging: frozenset[int]) -> None:
        self.program, self.exchanging = program, exchanging
        self.functions = {f.symbol.name: f for f in program.functions}
        roots = (*program.globals, *program.functions)
        self.around = parents(roots)
        self.definitions: dict[Symbol, list[Expr]] = {}  # what a matrix is given, but for nothing
        self.makings: dict[Symbol, list[tree.Call]] = {}  # `a[i] = malloc(…)`
        self.strides: dict[Symbol, Expr] = {}  # `a[i] = block + i*n`: n
        self.linked: dict[Symbol, set[Symbol]] = {}
        self.lost: set[Symbol] = set()
        for root in roots:
            for node in tree.walk(root):
                if isinstance(node, tree.Name) and is_matrix(node.symbol.type) and not self._understood(node):
                    self.lost.add(node.symbol)
                if isinstance(node, tree.VarDecl) and is_matrix(node.symbol.type) and node.init is not None:
                    self._defined(node.symbol, node.init)

    def width(self, f: tree.Function, matrix: Symbol) -> Expr | None:
        """What says in a function how many elements each row of a matrix has: a variable that keeps its value, or a
        number. None if that is not known, or a row may be reached otherwise than by the matrix."""
        return None if self._family(matrix) & self.lost else self._width(f, matrix, _DEPTH)

    def _family(self, matrix: Symbol) -> set[Symbol]:
        found, new = {matrix}, [matrix]
        while new:
            more = self.linked.get(new.pop(), set()) - found
            found |= more
            new += more
        return found

    def _link(self, a: Symbol, b: Symbol) -> None:
        self.linked.setdefault(a, set()).add(b)
        self.linked.setdefault(b, set()).add(a)

    # -------------------------------------------------------------------------------------------- uses

    def _understood(self, name: tree.Name) -> bool:
        node, above = out_of_casts(name, self.around)
        match above:
            case tree.Index(base=base) if base is node:
                return self._row_understood(above)
            case tree.Unary(op="*"):
                return is_in_sizeof(above, self.around)
            case tree.Assign(op="=", target=target, value=value) if target is node:
                return self._defined(name.symbol, value)
            case tree.Call(name=called) if called in self.functions and node is not above.callee:
                parameters = self.functions[called].parameters
                place = next(i for i, a in enumerate(above.arguments) if a is node)
                if place >= len(parameters) or not is_matrix(parameters[place].symbol.type):
                    return False
                self._link(name.symbol, parameters[place].symbol)
                return True
            case tree.Return():
                return True  # whoever calls the function defines a matrix by it
            case tree.Call(name="free") | tree.Binary(op="==" | "!=" | "&&" | "||") | tree.Unary(op="!") | tree.If():
                return True
        return False

    def _defined(self, symbol: Symbol, value: Expr) -> bool:
        """Note what a matrix is defined by: fresh memory, nothing, or what a function returns."""
        if is_null(value):
            return True
        self.definitions.setdefault(symbol, []).append(value)
        if allocation(value) is not None:
            return True
        returned = self._returned(value)
        if returned is None:
            self.lost.add(symbol)
            return False
        self._link(symbol, returned)
        return True

    def _returned(self, value: Expr) -> Symbol | None:
        """The one local matrix that a function of this file returns."""
        if not isinstance(value, tree.Call) or value.name not in self.functions:
            return None
        ends = [s.value for s in tree.statements(self.functions[value.name].body) if isinstance(s, tree.Return)]
        names = {e.symbol for e in ends if isinstance(e, tree.Name) and e.symbol.storage == "local"}
        rest = [e for e in ends if not isinstance(e, tree.Name | tree.IntLiteral | tree.Cast)]
        return next(iter(names)) if len(names) == 1 and not rest else None

    def _row_understood(self, row: tree.Index) -> bool:
        node, above = out_of_casts(row, self.around)
        match above:
            case tree.Index(base=base) if base is node:
                return self._stays(above)
            case tree.Unary(op="*"):
                return self._stays(above)
            case tree.Assign(op="=", target=target, value=value) if target is node:
                return self._is_made(row, value) or self._exchanges(above)
            case tree.Assign(value=value) if value is node:
                return self._exchanges(above)
            case tree.VarDecl():
                return self._exchanges(above)
            case tree.Call(name=called) if called in self.functions and node is not above.callee:
                return self._only_used(
                    self.functions[called], next(i for i, a in enumerate(above.arguments) if a is node)
                )
            case tree.Call(name="free") | tree.Binary(op="==" | "!=" | "&&" | "||") | tree.Unary(op="!") | tree.If():
                return True
        return is_in_sizeof(row, self.around)

    def _only_used(self, f: tree.Function, place: int) -> bool:
        """Whether a function does nothing with a row that it gets but use its elements."""
        if place >= len(f.parameters):
            return False
        row = f.parameters[place].symbol
        for n in tree.walk(f.body):
            if isinstance(n, tree.Name) and n.symbol == row:
                node, above = out_of_casts(n, self.around)
                element = isinstance(above, tree.Index) and above.base is node
                if not (element or (isinstance(above, tree.Unary) and above.op == "*")) or not self._stays(above):
                    return False
        return True

    def _is_made(self, row: tree.Index, value: Expr) -> bool:
        made = allocation(value)
        if not isinstance(row.base, tree.Name) or row.base.symbol.storage == "parameter":
            return False
        if made is None:
            return self._is_led_to(row, row.base.symbol, value)
        self.makings.setdefault(row.base.symbol, []).append(made)
        return True

    def _is_led_to(self, row: tree.Index, matrix: Symbol, value: Expr) -> bool:
        """Whether a row lies in a block of which nothing but this matrix knows."""
        found, f = stride_of(row, value), self._home(row)
        loops = sum(isinstance(n, tree.For | tree.While | tree.DoWhile) for n in self._above(row))
        if found is None or f is None or loops != 1 or matrix in self.strides:
            return False  # rows that are set anew would be where they were before
        block, stride = found
        if not holds_rows_only(block.symbol, f, self.around):
            return False
        self.strides[matrix] = stride
        return True

    def _stays(self, element: Node) -> bool:
        """Whether an element's address goes nowhere but into a library function."""
        _, above = out_of_casts(element, self.around)
        if isinstance(above, tree.Unary) and above.op == "&":
            _, called = out_of_casts(above, self.around)
            return isinstance(called, tree.Call) and called.name in self.program.system_functions
        return True

    def _exchanges(self, node: Node) -> bool:
        while not isinstance(node, tree.Stmt):
            node = self.around[id(node)]
        return node.id in self.exchanging

    # ------------------------------------------------------------------------------------------- widths

    def _width(self, f: tree.Function, matrix: Symbol, depth: int) -> Expr | None:
        if depth == 0:
            return None
        places = [i for i, p in enumerate(f.parameters) if p.symbol == matrix]
        if places:
            return self._width_by_calls(f, places[0], depth)
        definitions = self.definitions.get(matrix, [])
        if len(definitions) != 1:
            return None
        (definition,) = definitions
        if allocation(definition) is None:
            return self._width_as_returned(f, definition, depth) if self._home(definition) is f else None
        made: list[Expr] = [*self.makings.get(matrix, [])]
        width = elements_of(self.makings[matrix][0], _element(matrix)) if len(made) == 1 else None
        if not made and matrix in self.strides:
            width = self.strides[matrix]
            made.append(width)
        maker = self._home(made[0]) if width is not None else None
        if width is None or maker is None or not (maker is f or _is_global(width)):
            return None
        return self._kept(maker, width, made[0])

    def _width_as_returned(self, f: tree.Function, definition: Expr, depth: int) -> Expr | None:
        """As the function says that makes the matrix."""
        returned = self._returned(definition)
        if returned is None or not isinstance(definition, tree.Call) or definition.name is None:
            return None
        called = self.functions[definition.name]
        width = self._width(called, returned, depth - 1)
        if isinstance(width, tree.Name) and width.symbol.storage == "parameter":
            place = next(i for i, p in enumerate(called.parameters) if p.symbol == width.symbol)
            width = definition.arguments[place] if place < len(definition.arguments) else None
        return self._kept(f, width, definition) if width is not None else None

    def _width_by_calls(self, f: tree.Function, place: int, depth: int) -> Expr | None:
        """The parameter, or the number, that says it in a function that gets the matrix."""
        agreed: set[int] = set(range(len(f.parameters)))
        for caller in self.program.functions:
            for n in tree.walk(caller.body):
                if not isinstance(n, tree.Name) or n.symbol != f.symbol:
                    continue
                call = self.around[id(n)]
                if not isinstance(call, tree.Call) or call.callee is not n or len(call.arguments) != len(f.parameters):
                    return None
                given = call.arguments[place]
                width = self._width(caller, given.symbol, depth - 1) if isinstance(given, tree.Name) else None
                if width is None:
                    return None
                agreed &= {i for i, a in enumerate(call.arguments) if same(a, width)}
        for i in sorted(agreed):
            p = f.parameters[i]
            name = tree.Name(span=p.name_span, type=p.symbol.type, symbol=p.symbol)
            if i != place and (kept := self._kept(f, name, f.body)) is not None:
                return kept
        return None

    def _home(self, node: Node) -> tree.Function | None:
        """The function that a node stands in."""
        return next((n for n in self._above(node) if isinstance(n, tree.Function)), None)

    def _kept(self, f: tree.Function, width: Expr, since: Node) -> Expr | None:
        """The width if it is a number, or a variable that has one name and one value in a function from a place on."""
        match width:
            case tree.IntLiteral() | tree.Name(symbol=Symbol(storage="enumerator")):
                return width
            case tree.Name(symbol=symbol, type=tree.Scalar() as kind) if kind.is_integer:
                pass
            case _:
                return None
        homonyms = [n for n in tree.walk(f) if isinstance(n, tree.VarDecl) and n.symbol.name == symbol.name]
        outermost = {id(v) for s in f.body.body if isinstance(s, tree.Declaration) for v in s.variables}
        if any(n.symbol != symbol or (n not in f.parameters and id(n) not in outermost) for n in homonyms):
            return None
        everywhere = chain.from_iterable(tree.walk(g.body) for g in self.program.functions)
        for write in (n for n in everywhere if changed_or_lent(n) == symbol):
            before = self._home(write) is f and write.span.end <= since.span.begin and not self._in_loop(write)
            if not before or (isinstance(write, tree.Unary) and write.op == "&" and not self._is_read_in(write)):
                return None
        return width

    def _in_loop(self, node: Node) -> bool:
        return any(isinstance(n, tree.For | tree.While | tree.DoWhile) for n in self._above(node))

    def _above(self, node: Node) -> Iterator[Node]:
        while (above := self.around.get(id(node))) is not None:
            yield above
            node = above

    def _is_read_in(self, address: tree.Unary) -> bool:
        _, above = out_of_casts(address, self.around)
        return isinstance(above, tree.Call) and above.name in self.program.system_functions


def _element(matrix: Symbol) -> tree.CType:
    assert isinstance(matrix.type, tree.Pointer)
    assert isinstance(matrix.type.target, tree.Pointer)
    return matrix.type.target.target


def _is_global(width: Expr) -> bool:
    """Whether it says the same in every function."""
    match width:
        case tree.IntLiteral() | tree.Name(symbol=Symbol(storage="global" | "enumerator")):
            return True
    return False
