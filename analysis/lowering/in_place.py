"""What pointers lead to as arrays: the tree with pointers to arrays for `double **` and `double ***` that get their
memory once and for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.memory_failures import means_failure
from chatmpi.analysis.expressions import allocation
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import CType, Expr, Node, Program, RowStorage, Symbol, VarDecl


@dataclass(frozen=True)
class Laid:
    """How what a pointer leads to lies in memory: `making` is the value that gives it its first memory (None of an
    array of pointers, which has it), `extents` those of what it points to then; `gone`: the ids of the statements that
    make or free what this leads to; `named`: other pointers that hold the memory."""

    symbol: Symbol
    making: Expr | None
    extents: tuple[Expr | None, ...]
    zeroed: bool
    storage: RowStorage
    gone: frozenset[int]
    named: frozenset[Symbol]

    @property
    def type(self) -> CType:
        """The pointer to arrays that it becomes, or the array of arrays."""
        element = self.symbol.type
        if isinstance(element, tree.Array):
            assert isinstance(element.element, tree.Pointer)
            return tree.Array(tree.Array(element.element.target, None), element.extent)
        for _ in range(len(self.extents) + 1):
            assert isinstance(element, tree.Pointer)
            element = element.target
        for _ in self.extents:
            element = tree.Array(element, None)
        return tree.Pointer(element)


def in_place(program: Program, laid: Mapping[Symbol, Laid]) -> Program:
    """The program with arrays for these pointers, without what makes and frees their parts."""
    symbols = {s: replace(s, type=how.type) for s, how in laid.items()}
    gone = {i for how in laid.values() for i in how.gone}
    gone |= {loop.id for how in laid.values() for loop in how.storage.loops}
    makings = {id(how.making): how for how in laid.values() if how.making is not None}
    blocks = {s for how in laid.values() for s in how.named}
    sizes = _sizes(program, laid.values())
    types = {inner for s in symbols.values() for inner in _inside(s.type)}

    def making(node: Node) -> Node:
        if isinstance(node, VarDecl) and node.symbol in sizes and node.init is not None:
            return replace(node, init=rewritten(node.init, lambda n: _size_of_part(n, sizes[node.symbol])))
        how = makings.get(id(node))
        call = allocation(node) if isinstance(node, Expr) else None
        if how is None or call is None:
            return node
        name = "calloc" if how.zeroed else "malloc"
        assert isinstance(call.callee, tree.Name)
        callee = replace(call.callee, symbol=replace(call.callee.symbol, name=name))
        arguments = tuple(rewritten(a, lambda n: _size_of_part(n, how.symbol)) for a in call.arguments)
        return replace(call, callee=callee, arguments=arguments)

    def change(node: Node) -> Node:
        match node:
            case tree.Name(symbol=symbol) if symbol in symbols:
                return replace(node, symbol=symbols[symbol], type=symbols[symbol].type)
            case tree.Index(base=base) | tree.Unary(op="*", operand=base) if (
                base.type in types and _root(base) in names
            ):
                return replace(node, type=_part(base.type))
            case VarDecl(symbol=symbol) if symbol in laid:
                how = laid[symbol]
                return replace(node, symbol=symbols[symbol], extents=how.extents, rows=how.storage)
            case VarDecl(symbol=symbol, init=tree.Expr() as init) if symbol in blocks and allocation(init) is not None:
                return replace(node, init=_null(init))
            case tree.Assign(target=tree.Name(symbol=symbol), value=value) if (
                symbol in blocks and allocation(value) is not None
            ):
                return replace(node, value=_null(value))
            case tree.For(body=body) if body.id in gone:
                return replace(node, body=tree.Empty(span=body.span, in_macro=body.in_macro, id=body.id))
            case tree.Block(body=body) if any(s.id in gone for s in body):
                return replace(node, body=tuple(s for s in body if s.id not in gone))
        return node

    names = set(symbols.values())
    functions = tuple(rewritten(rewritten(f, making), change) for f in program.functions)
    variables = tuple(rewritten(v, change) for v in program.globals)
    return replace(program, functions=functions, globals=variables)


def _sizes(program: Program, laid: Iterable[Laid]) -> dict[Symbol, Symbol]:
    """The variables of expanded functions that say how much memory one of the pointers gets, with the pointer."""
    found: dict[Symbol, Symbol] = {}
    for how in laid:
        if how.making is None:
            continue
        named = {n.symbol for n in tree.walk(how.making) if isinstance(n, tree.Name) and "::" in n.symbol.name}
        found |= {s: how.symbol for s in named if s not in _read_elsewhere(program, how.making)}
    return found


def _read_elsewhere(program: Program, making: Expr) -> set[Symbol]:
    """The variables that are read, but for a call that gives memory and tests of what it gave."""
    found: set[Symbol] = set()
    here = {id(n) for n in tree.walk(making)}
    for f in program.functions:
        tests = [s for s in tree.statements(f.body) if isinstance(s, tree.If) and means_failure(s.condition)]
        here |= {id(n) for s in tests for n in tree.walk(s)}
        found |= {n.symbol for n in tree.walk(f.body) if isinstance(n, tree.Name) and id(n) not in here}
    return found


def _inside(kind: CType) -> list[CType]:
    """The type of a pointer to arrays, and those of the arrays."""
    found = [kind]
    while isinstance(inner := _part(found[-1]), tree.Array):
        found.append(inner)
    return found


def _part(kind: CType) -> CType:
    assert isinstance(kind, tree.Pointer | tree.Array)
    return kind.target if isinstance(kind, tree.Pointer) else kind.element


def _root(expr: Expr) -> Symbol | None:
    """The pointer that subscripts, or stars, begin from."""
    while isinstance(expr, tree.Index | tree.Unary):
        expr = expr.base if isinstance(expr, tree.Index) else expr.operand
    return expr.symbol if isinstance(expr, tree.Name) else None


def _null(made: Expr) -> Expr:
    """What the name of a block holds for the tree: its memory is that of the rows."""
    return tree.Cast(
        span=made.span,
        in_macro=True,
        type=tree.Pointer(tree.VOID),
        operand=tree.IntLiteral(span=made.span, in_macro=True, type=tree.Scalar("int"), value=0),
    )


def _size_of_part(node: Node, symbol: Symbol) -> Node:
    """`sizeof(double *)` as the size of what the pointer, in the new tree, points to."""
    assert isinstance(symbol.type, tree.Pointer)
    part = symbol.type.target
    match node:
        case tree.Sizeof(operand=operand, of=of) if (of or (operand.type if operand else None)) == part:
            name = tree.Name(span=node.span, in_macro=True, type=symbol.type, symbol=symbol)
            row = tree.Unary(span=node.span, in_macro=True, type=part, op="*", operand=name)
            return replace(node, operand=row, of=None)
    return node
