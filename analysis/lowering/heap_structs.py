"""Structs that the program allocates once, one at a time, read as variables.

After `Grid *g = malloc(sizeof *g);`, `g->nx` is a member of a variable whose address `g` holds for good. Only
where the pointer is tested, freed, and leads to members, and nothing else. The text stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare, is_null, truth
from chatmpi.analysis.lowering.member_exchanges import MemberExchanges
from chatmpi.analysis.lowering.struct_exchanges import StructExchanges, struct_exchanges, without
from chatmpi.analysis.memory.struct_values import record_of, zero
from chatmpi.analysis.parents import is_in_sizeof, out_of_casts, parents
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, Symbol, VarDecl

ARROW = "->"  # ends the name of such a struct: `g->`


@dataclass(frozen=True, slots=True)
class _Made:
    """Where a pointer gets its struct: the value given, and whether all members are zero then."""

    value: Expr
    zeroed: bool


def heap_structs(program: Program) -> Program:
    """The program with variables for such structs."""
    main = program.function("main")
    if main is None:
        return program
    roots: list[Node] = [*program.globals, *program.functions]
    around = parents(roots)
    exchanges = struct_exchanges(main, program)
    candidates = _candidates(main, program, exchanges)
    made = {s: how for s, how in candidates if how is not None and _is_made_once(how, around)}
    names = [n for root in roots for n in tree.walk(root) if isinstance(n, tree.Name)]
    while True:
        moved = _inside(exchanges, main)
        used = (n for n in names if n.symbol in made and id(n) not in moved)
        lost = {n.symbol for n in used if not _is_understood(n, around, made[n.symbol])}
        lost |= {s for g in exchanges.groups if not g <= made.keys() for s in g}
        made = {s: how for s, how in made.items() if s not in lost}
        if not lost:
            break
        exchanges = without(exchanges, main, lost)
    if not made:
        return program
    uid = 1 + max(n.symbol.uid for root in roots for n in tree.walk(root) if isinstance(n, tree.Name | VarDecl))
    objects = {s: _object(s, uid + k) for k, s in enumerate(made)}
    exchanged = MemberExchanges(exchanges, objects, program.records, uid + len(objects))
    zeroed = {id(how.value): s for s, how in made.items() if how.zeroed}
    change = _Change(objects, zeroed, program, exchanged).change
    return replace(
        program,
        functions=tuple(rewritten(f, change) for f in program.functions),
        globals=(*(rewritten(v, change) for v in program.globals), *_declarations(program.globals, objects)),
    )


def _inside(exchanges: StructExchanges, main: tree.Function) -> set[int]:
    """What stands in exchanges, by its id."""
    moving = (s for s in tree.statements(main.body) if s.id in exchanges.statements)
    return {id(n) for s in moving for n in tree.walk(s)}


def _object(pointer: Symbol, uid: int) -> Symbol:
    assert isinstance(pointer.type, tree.Pointer)
    return Symbol(pointer.name + ARROW, uid, pointer.type.target, pointer.storage)


def _candidates(
    main: tree.Function, program: Program, exchanges: StructExchanges
) -> Iterator[tuple[Symbol, _Made | None]]:
    """The pointers to structs of main and of file scope, with what gives them memory, if one statement of main does."""
    moved = _inside(exchanges, main)
    declared = [n for n in (*program.globals, *tree.walk(main.body)) if isinstance(n, VarDecl) and not n.in_macro]
    for v in declared:
        kind = v.symbol.type
        if not isinstance(kind, tree.Pointer) or v.symbol.storage not in {"local", "global"}:
            continue
        record = record_of(kind.target, program.records)
        given = [v.init] if v.init is not None else []
        given += [n.value for n in tree.walk(main.body) if isinstance(n, tree.Assign) and _is(n.target, v.symbol)
                  and id(n) not in moved]  # fmt: skip
        fresh = [g for g in given if not is_null(g)]
        if record is None or len(fresh) != 1 or sum(d.symbol == v.symbol for d in declared) != 1:
            continue
        made = _allocated(fresh[0], v.symbol, kind.target)
        lists = any(isinstance(f.symbol.type, tree.Array) for f in record.fields)
        if made is not None and made.zeroed and lists and fresh[0] is not v.init:
            continue  # no assignment gives an array its zeros
        yield v.symbol, made


def _is(expr: Node, symbol: Symbol) -> bool:
    return isinstance(expr, tree.Name) and expr.symbol == symbol


def _allocated(value: Expr, pointer: Symbol, kind: tree.CType) -> _Made | None:
    """`malloc(sizeof *g)` or `calloc(1, sizeof(Grid))`."""
    call = allocation(value)
    if call is None:
        return None
    sizes = [bare(a) for a in call.arguments]
    measured = [s for s in sizes if isinstance(s, tree.Sizeof) and _measured(s) == kind]
    ones = [s for s in sizes if isinstance(s, tree.IntLiteral) and s.value == 1]
    alone = len(measured) == 1 and len(measured) + len(ones) == len(sizes)
    return _Made(value, call.name == "calloc") if alone else None


def _measured(size: tree.Sizeof) -> tree.CType | None:
    return size.operand.type if size.operand is not None else size.of


def _is_made_once(how: _Made, around: Mapping[int, Node]) -> bool:
    """Whether the memory is given by a statement of its own that no loop repeats and no branch leaves out."""
    node: Node = around[id(how.value)]
    whole = isinstance(node, VarDecl) or isinstance(around[id(node)], tree.ExprStmt)
    while not isinstance(node, tree.Function):
        if isinstance(node, tree.For | tree.While | tree.DoWhile | tree.If | tree.UnknownStmt | tree.Conditional):
            return False
        node = around[id(node)]
    return whole


def _is_understood(name: tree.Name, around: Mapping[int, Node], how: _Made) -> bool:
    """Whether a use of the pointer is one of those that a variable's address allows."""
    node, above = out_of_casts(name, around)
    match above:
        case tree.Member(arrow=True):
            while isinstance(above, tree.Member) and isinstance(above.type, tree.OtherType):
                above = around[id(above)]
            return isinstance(above, tree.Member)
        case tree.Assign(op="=", target=target, value=value) if target is node:
            return value is how.value or (is_null(value) and _stands_alone(above, around))
        case tree.Unary(op="*"):
            return is_in_sizeof(above, around)
        case tree.Call(name="free"):
            return isinstance(around[id(above)], tree.ExprStmt)
        case tree.Binary(op="==" | "!=", left=left, right=right):
            return is_null(right if left is node else left)
        case tree.Unary(op="!") | tree.If():
            return True
    return False


def _stands_alone(assign: Node, around: Mapping[int, Node]) -> bool:
    """Whether nothing looks at an assignment's value."""
    above = around[id(assign)]
    while isinstance(above, tree.Binary) and above.op == ",":
        above = around[id(above)]
    return isinstance(above, tree.ExprStmt)


def _declarations(variables: tuple[VarDecl, ...], objects: Mapping[Symbol, Symbol]) -> Iterator[VarDecl]:
    for v in variables:
        if v.symbol in objects:
            yield _declared(v, objects[v.symbol])


def _declared(v: VarDecl, symbol: Symbol) -> VarDecl:
    return VarDecl(span=v.span, symbol=symbol, name_span=v.name_span)


@dataclass(frozen=True)
class _Change:
    objects: Mapping[Symbol, Symbol]
    zeroed: Mapping[int, Symbol]  # by the value that gives the memory
    program: Program
    exchanged: MemberExchanges
    unbraced: set[int] = field(default_factory=set)  # blocks of what follows a test, to which no braces belong

    def change(self, node: Node) -> Node:
        if isinstance(node, Stmt) and (exchanged := self.exchanged.statement(node)) is not None:
            return exchanged
        match node:
            case tree.Member(base=base, arrow=True) if (found := self._object(bare(base))) is not None:
                return replace(node, base=found, arrow=False)
            case tree.Unary(op="!", operand=operand) if self._object(bare(operand)) is not None:
                return truth(node, False)
            case tree.Binary(op="==" | "!=" as op, left=left, right=right) if (
                self._object(bare(left)) is not None or self._object(bare(right)) is not None
            ):
                return truth(node, op == "!=")
            case tree.If(condition=tree.Name() as tested) if self._object(tested) is not None:
                return node.then
            case tree.If(condition=tree.IntLiteral(value=0 | 1 as value, in_macro=True, macro=None)):
                taken = node.then if value else node.otherwise
                if isinstance(taken, tree.Block) and taken.in_macro:
                    self.unbraced.add(taken.id)
                return taken if taken is not None else _nothing(node)
            case tree.Block(body=body) if any(s.id in self.unbraced for s in body):
                return replace(node, body=tuple(self._in_one(body)))
            case tree.Assign(op="=", target=target, value=value) if is_null(value) and self._object(target) is not None:
                return value
            case tree.ExprStmt(expr=expr):
                return self._statement(node, bare(expr))
            case tree.Declaration(variables=variables) if any(self._is_changed(v.symbol) for v in variables):
                return replace(node, variables=tuple(self._with_objects(variables)))
        return node

    def _object(self, expr: Node) -> tree.Name | None:
        symbol = self.objects.get(expr.symbol) if isinstance(expr, tree.Name) else None
        if symbol is None:
            return None
        return tree.Name(span=expr.span, in_macro=True, type=symbol.type, symbol=symbol)

    def _statement(self, s: tree.ExprStmt, expr: Expr) -> Stmt:
        """What gives the pointer its value, or frees it, is not looked at; members may be zero from then on."""
        match expr:
            case tree.Call(name="free", arguments=(argument,)) if self._object(bare(argument)) is not None:
                return _nothing(s)
            case tree.Assign(target=target, value=value) if (found := self._object(target)) is not None:
                init = zero(found.type, s.span, self.program.records) if id(value) in self.zeroed else None
                if init is None:
                    return _nothing(s)
                return replace(s, expr=replace(expr, type=found.type, target=found, value=init))
        return s

    def _in_one(self, body: tuple[Stmt, ...]) -> Iterator[Stmt]:
        for s in body:
            yield from s.body if isinstance(s, tree.Block) and s.id in self.unbraced else (s,)

    def _is_changed(self, symbol: Symbol) -> bool:
        return symbol in self.objects or symbol in self.exchanged.exchanges.spare

    def _with_objects(self, variables: tuple[VarDecl, ...]) -> Iterator[VarDecl]:
        for v in variables:
            if v.symbol in self.exchanged.exchanges.spare:
                yield from self.exchanged.declared(v)
                continue
            yield replace(v, init=None) if v.symbol in self.objects else v
            if v.symbol in self.objects:
                own = _declared(v, self.objects[v.symbol])
                given = zero(own.symbol.type, v.span, self.program.records) if id(v.init) in self.zeroed else None
                yield replace(own, init=given)


def _nothing(s: Stmt) -> Stmt:
    return tree.Empty(span=s.span, id=s.id, in_macro=s.in_macro)
