"""Main with the bodies of its helper functions in the place of their calls: what the analysis looks at.

Nodes keep the places where their text stands, so whoever edits text edits the helper functions. Variables of a helper
are renamed `helper::name`; a parameter that stands for memory is replaced by what it stands for. Each helper has one
call (`specialise.py` sees to it), so no statement appears twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from chatmpi.analysis import tree
from chatmpi.analysis.calls.failing_returns import without_failing_returns
from chatmpi.analysis.calls.functions import (
    Expandable,
    assigned_in,
    direct_calls,
    expandable,
    pointer_offset,
    single_expression,
)
from chatmpi.analysis.calls.handed_out import handed_out, without_stores
from chatmpi.analysis.calls.lending import keeps_apart
from chatmpi.analysis.calls.library import LIBRARY, Does
from chatmpi.analysis.calls.memory_failures import without_failures
from chatmpi.analysis.calls.returns import Returning
from chatmpi.analysis.expressions import allocation, bare, is_null, is_small_number, is_step
from chatmpi.analysis.memory.addresses import is_object, without_addresses
from chatmpi.analysis.memory.pointer_places import root_name
from chatmpi.analysis.memory.struct_values import converted, has_values, is_compound, without_values
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.rewriting import rewritten
from chatmpi.analysis.source import Span
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Record, Stmt, Symbol

_MOST_NODES = 1500  # of an expression that stands for a call
_INSIDE = frozenset({"local", "parameter"})  # storage of what a function's own text declares


@dataclass(frozen=True, slots=True)
class Scope:
    """One expanded function: `prefix` of its variables' names (`dot::`), the statement that holds its `call`, where its
    text stands, its `statements`, and by which text it knows what its parameters stand for (name of the caller's
    variable → text inside the function); `constant` are those of these variables that it declares not to write
    through. `given`: what is said for its parameters that stand for memory."""

    prefix: str
    call: int
    span: Span
    statements: frozenset[int]
    spellings: Mapping[str, str]
    constant: frozenset[str]
    given: tuple[Expr, ...]


@dataclass(frozen=True)
class Expansion:
    """`program`: the view in which main holds the expanded functions, and these are gone."""

    program: Program
    scopes: tuple[Scope, ...]


def expand(program: Program) -> Expansion:
    main = program.function("main")
    if main is None:
        return Expansion(program, ())
    expander = _Expander(program, expandable(program), _first_free_id(program))
    body = replace(main.body, body=tuple(expander.body(main.body.body)))
    gone = {s.function for s in expander.sites}
    view = [replace(main, body=body) if f is main else expander.inlined(f) for f in program.functions if f not in gone]
    return Expansion(replace(program, functions=tuple(view)), tuple(s.scope for s in expander.sites))


def _first_free_id(program: Program) -> int:
    return 1 + max((s.id for f in program.functions for s in tree.statements(f.body)), default=0)


@dataclass(frozen=True, slots=True)
class _Site:
    function: Function
    scope: Scope


@dataclass
class _Expander:
    program: Program
    possible: Expandable
    next_id: int
    sites: list[_Site] = field(default_factory=list)
    _done: set[str] = field(default_factory=set)

    def fresh_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    # ------------------------------------------------------------------------------------ statements

    def body(self, statements: tuple[Stmt, ...], after: tuple[Stmt, ...] = ()) -> Iterator[Stmt]:
        for k, s in enumerate(statements, 1):
            yield from self.statement(s, (*statements[k:], *after))

    def statement(self, s: Stmt, after: tuple[Stmt, ...] = ()) -> list[Stmt]:
        """A statement, before those that come `after` it in its block, with the functions that it calls."""
        match s:
            case tree.Block(body=body):
                return [replace(s, body=tuple(self.body(body)))]
            case tree.If(then=then, otherwise=otherwise):
                other = None if otherwise is None else self.one(otherwise)
                return [replace(s, condition=self.expression(s.condition), then=self.one(then), otherwise=other)]
            case tree.For(body=body):
                parts = rewritten(replace(s, body=tree.Empty(span=body.span, id=-1)), self._inline)
                return [replace(parts, body=self.one(body))]
            case tree.While(body=body) | tree.DoWhile(body=body):
                return [replace(s, condition=self.expression(s.condition), body=self.one(body))]
            case tree.ExprStmt() | tree.Declaration():
                plain = rewritten(s, self._inline)
                for call in direct_calls(plain, self.possible.whole):
                    if self._may(call):
                        return self._expanded(plain, call, after)
                return [plain]
        return [rewritten(s, self._inline)]

    def one(self, s: Stmt) -> Stmt:
        """A statement that is the whole body of something."""
        parts = self.statement(s)
        return parts[0] if len(parts) == 1 else tree.Block(span=s.span, id=self.fresh_id(), body=tuple(parts))

    def _may(self, call: Call) -> bool:
        f = self.possible.whole[call.name or ""]
        return _uses(f, self.program) == 1 and f.symbol.name not in self._done and self.possible.binds(call, f)

    # ----------------------------------------------------------------------------------- expressions

    def inlined(self, f: Function) -> Function:
        return rewritten(f, self._inline)

    def expression(self, expr: Expr) -> Expr:
        return rewritten(expr, self._inline)

    def _inline(self, node: Node) -> Node:
        """A call of a function that is one expression, read as the use of a macro with that body."""
        if not isinstance(node, Call):
            return without_values(without_addresses(node), self.program.records)
        f = self.possible.expressions.get(node.name or "")
        if f is None:
            return node
        value = single_expression(f)
        fit = all(_fits(a, p, self.possible.pure) for a, p in zip(node.arguments, f.parameters, strict=False))
        if value is None or not self.possible.binds(node, f) or not fit:
            return node
        bound = {p.symbol: converted(a, p.symbol.type) for p, a in zip(f.parameters, node.arguments, strict=True)}
        body = rewritten(_as_macro(value, node.span), _binding(bound, self.program.records, _as_given))
        if sum(1 for _ in tree.walk(body)) > _MOST_NODES:
            return node
        body = rewritten(body, self._inline)
        if body.type != f.returns and isinstance(f.returns, tree.Scalar):
            body = tree.Cast(span=node.span, type=f.returns, operand=body, in_macro=True)
        return replace(body, span=node.span, in_macro=node.in_macro) if not isinstance(body, tree.Name) else body

    # ---------------------------------------------------------------------------------------- calls

    def _expanded(self, s: Stmt, call: Call, after: tuple[Stmt, ...]) -> list[Stmt]:
        written = self.possible.whole[call.name or ""]
        name = written.symbol.name
        self._done.add(name)
        prefix = f"{self.program.copies.get(name, name)}::"
        target = _target(s, call)
        f = without_failing_returns(written, call, target, s, after, self.program)
        own = _own_symbols(f, prefix, self.program.inner_enumerators)
        filled = target is not None and self._stands_for_result(s, call, target)
        result = _returned_variable(f) if filled else None
        if result is not None and isinstance(f.returns, tree.OtherType) and not _is_simply_declared(f, result):
            result = None
        bound: dict[Symbol, Expr] = {}
        scalars: list[tree.VarDecl] = []
        changed = assigned_in(f)
        self._done |= _called_again(f, call)
        for p, argument in zip(f.parameters, call.arguments, strict=True):
            if isinstance(p.symbol.type, tree.Scalar):
                scalars.append(replace(p, symbol=own[p.symbol], init=argument))
            else:
                bound[p.symbol] = bare(argument)
        given = tuple(bound.values())
        standing = rewritten(f.body, _binding(bound, self.program.records))
        handed = handed_out(standing, frozenset(own)) if result is None else {}
        standing = without_stores(standing, handed)
        bound |= handed
        if result is not None and target is not None:
            bound[result] = target
        value = Symbol(f"{prefix}result", -1 - f.symbol.uid, f.returns, "local")
        filling: Expr = tree.Name(span=f.span, type=value.type, symbol=value, in_macro=True)
        of_struct = isinstance(f.returns, tree.OtherType) and isinstance(target, tree.Name)
        if target is not None and filled and result is None and (of_struct or _gives_memory(f)):
            filling = target  # each return fills the caller's variable
        returning = Returning(filling if result is None else target, self.fresh_id, result)
        block = rewritten(returning.read(standing), _renaming(own))
        for filled_by in [*handed, *([result] if result is not None else [])]:
            block = rewritten(block, _assigning(filled_by))
        block = rewritten(block, _binding(bound, self.program.records))
        inside = frozenset(n.id for n in tree.statements(f.body))
        spellings = _spellings(
            f, call, changed, result, target, self.program.inner_enumerators, self.program.source.text
        )
        spellings |= {text(given): symbol.name for symbol, given in handed.items()}
        constant = _constant(f, call, self.program.source.text)
        self.sites.append(_Site(written, Scope(prefix, s.id, f.span, inside, spellings, constant, given)))
        stored = result is not None or filling is target
        return self._around(s, call, scalars, block, value, stored, after)

    def _stands_for_result(self, s: Stmt, call: Call, target: Expr) -> bool:
        """Whether the caller's variable may be the one that a function fills: a pointer, or a struct that the function
        does not see."""
        if is_memory(target.type):
            return True
        if not has_values(target.type, self.program.records):
            return False
        root = root_name(target)
        f = self.possible.whole[call.name or ""]
        own = root is not None and is_object(target) and root.symbol.storage == "local" and keeps_apart(target, call, f)
        return isinstance(s, tree.Declaration) or own

    def _around(
        self,
        s: Stmt,
        call: Call,
        scalars: list[tree.VarDecl],
        block: tree.Block,
        value: Symbol,
        pointer: bool,
        after: tuple[Stmt, ...],
    ) -> list[Stmt]:
        """The parameters' values, the function's statements, and what is done with its value."""
        before: list[Stmt] = []
        remaining = s.id
        if scalars:
            before = [tree.Declaration(span=s.span, id=s.id, variables=tuple(scalars), in_macro=s.in_macro)]
            remaining = self.fresh_id()
        if pointer:
            if not isinstance(s, tree.Declaration):
                return [*before, *self.body(block.body, after)]
            variables = tuple(replace(v, init=None) if v.init is not None and bare(v.init) is call else v
                              for v in s.variables)  # fmt: skip
            declared = replace(s, variables=variables)
            before = [replace(b, id=remaining) for b in before]
            body = list(self.body(block.body))
            first, *others = self.statement(declared, after)  # other variables of it may get their memory from calls
            return [first, *before, *body, *others]
        if isinstance(s, tree.ExprStmt) and bare(s.expr) is call:
            return [*before, *self.body(block.body)]
        name = tree.Name(span=call.span, type=value.type, symbol=value, in_macro=True)
        rest_statement = rewritten(replace(s, id=remaining), lambda n: name if n is call else n)
        body = list(self.body(block.body, (rest_statement, *after)))
        return [*before, *body, *self.statement(rest_statement, after)]


def _uses(f: Function, program: Program) -> int:
    nodes = (n for g in program.functions for n in tree.walk(g.body))
    return sum(1 for n in nodes if isinstance(n, tree.Name) and n.symbol == f.symbol)


def _called_again(f: Function, call: Call) -> set[str]:
    """The functions that a call hands over and that `f` names more than once: they keep their calls."""
    named = [n.symbol for n in tree.walk(f.body) if isinstance(n, tree.Name)]
    given = ((p.symbol, bare(a)) for p, a in zip(f.parameters, call.arguments, strict=True))
    return {a.symbol.name for p, a in given if isinstance(a, tree.Name) and a.symbol.storage == "function"
            and named.count(p) > 1}  # fmt: skip


def _fits(argument: Expr, parameter: tree.VarDecl, pure: Set[str]) -> bool:
    """Whether an argument's value passes unchanged into a parameter, or as a number of its type, and has no effects."""
    for n in tree.walk(argument):
        if isinstance(n, tree.Assign) or is_step(n):
            return False
        if isinstance(n, tree.UnknownExpr) and not is_compound(n):
            return False
        if isinstance(n, Call) and not (n.name in pure or LIBRARY.get(n.name or "") is Does.NOTHING):
            return False
    mine, theirs = parameter.symbol.type, argument.type
    if mine == theirs or not isinstance(mine, tree.Scalar):
        return True
    return (
        mine.is_floating
        or (mine.name, _name(theirs)) in _WIDENINGS
        or (mine.name in _NOT_NARROW and is_small_number(argument))
    )


_NOT_NARROW = {"int", "unsigned int", "long", "unsigned long", "long long", "unsigned long long"}
_WIDENINGS = {("long", "int"), ("long long", "int"), ("long", "unsigned int"), ("unsigned long", "unsigned int")}


def _name(kind: tree.CType) -> str:
    return kind.name if isinstance(kind, tree.Scalar) else ""


def _as_macro(expr: Expr, use: Span) -> Expr:
    """An expression as a macro's body writes it: nothing of it stands at the place of the use."""
    return rewritten(expr, lambda n: replace(n, span=use, in_macro=True))


def _target(s: Stmt, call: Call) -> Expr | None:
    """The variable that gets a call's value."""
    match s:
        case tree.ExprStmt(expr=tree.Assign(target=target, value=value)) if bare(value) is call:
            return target
        case tree.Declaration(variables=variables):
            found = next((v for v in variables if v.init is not None and bare(v.init) is call), None)
            return None if found is None else tree.Name(span=call.span, type=found.symbol.type, symbol=found.symbol)
    return None


def _own_symbols(f: Function, prefix: str, enumerators: Set[int]) -> dict[Symbol, Symbol]:
    """The function's parameters, local variables and `enumerators` under the names that they have in the view."""
    mine = [p.symbol for p in f.parameters]
    mine += [n.symbol for n in tree.walk(f.body) if isinstance(n, tree.VarDecl)]
    own = {s: replace(s, name=prefix + s.name, storage="local") for s in mine if s.storage != "global"}
    named = {n.symbol for n in tree.walk(f.body) if isinstance(n, tree.Name) and n.symbol.uid in enumerators}
    return own | {s: replace(s, name=prefix + s.name) for s in named}


def _returned_variable(f: Function) -> Symbol | None:
    """The local variable whose value a function returns, whichever way control takes while there is memory; or NULL
    instead of the memory that it holds."""
    returns = [n for n in tree.walk(without_failures(f.body)) if isinstance(n, tree.Return)]
    if isinstance(f.returns, tree.Pointer):
        returns = [n for n in returns if not is_null(n.value)]
    returned = [bare(n.value) if n.value is not None else None for n in returns]
    symbols = {r.symbol if isinstance(r, tree.Name) else None for r in returned}
    only = symbols.pop() if len(symbols) == 1 else None
    return only if only is not None and only.storage == "local" else None


def _gives_memory(f: Function) -> bool:
    """Whether all that a function returns is memory that it asks for in that statement."""
    values = [n.value for n in tree.walk(f.body) if isinstance(n, tree.Return)]
    return bool(values) and all(allocation(v) is not None for v in values)


def _is_simply_declared(f: Function, variable: Symbol) -> bool:
    """Whether a variable gets its values by assignments only, or by its own declaration too."""
    declared = [s for s in tree.statements(f.body) if isinstance(s, tree.Declaration)
                and any(v.symbol == variable for v in s.variables)]  # fmt: skip
    if len(declared) != 1:
        return False
    return len(declared[0].variables) == 1 or all(v.init is None for v in declared[0].variables if v.symbol == variable)


def _spellings(
    f: Function,
    call: Call,
    changed: frozenset[Symbol],
    result: Symbol | None,
    target: Expr | None,
    enumerators: Set[int],
    source: str,
) -> dict[str, str]:
    found: dict[str, str] = {}
    given = list(zip(f.parameters, call.arguments, strict=True))
    for p, argument in sorted(given, key=lambda g: _is_const(g[0], f, source)):  # what may be written first
        if p.symbol in changed:
            continue
        match bare(argument):
            case tree.Name(symbol=symbol) if (
                is_memory(symbol.type) or symbol.storage in _INSIDE or symbol.uid in enumerators
            ):
                found.setdefault(symbol.name, p.symbol.name)
            case tree.Unary(op="&", operand=tree.Name(symbol=symbol)) if symbol.storage in _INSIDE or not isinstance(
                symbol.type, tree.Scalar
            ):
                found.setdefault(symbol.name, f"(*{p.symbol.name})")
            case tree.Unary(op="&", operand=tree.Member() as member) if is_object(member):
                found.setdefault(text(member), f"(*{p.symbol.name})")
            case tree.Member() as member:
                found.setdefault(text(member), p.symbol.name)
    if result is not None and target is not None:
        found[text(target)] = result.name
    return found


def _constant(f: Function, call: Call, source: str) -> frozenset[str]:
    constant: set[str] = set()
    others: set[str] = set()
    for p, argument in zip(f.parameters, call.arguments, strict=True):
        value = bare(argument)
        if isinstance(value, tree.Name):
            (constant if _is_const(p, f, source) else others).add(value.symbol.name)
    return frozenset(constant - others)


def _is_const(p: tree.VarDecl, f: Function, source: str) -> bool:
    """Whether a function declares not to write through a parameter. Judged by its text: the tree's types have no
    qualifiers."""
    begin = max(source.rfind(",", 0, p.name_span.begin), f.name_span.end)
    return re.search(r"\bconst\b[^*]*[*\w]", source[begin : p.name_span.begin]) is not None


# ------------------------------------------------------------------------------------ changes of trees


def _renaming(own: Mapping[Symbol, Symbol]) -> Callable[[Node], Node]:
    def change(node: Node) -> Node:
        if isinstance(node, tree.Name | tree.VarDecl) and node.symbol in own:
            return replace(node, symbol=own[node.symbol])
        return node

    return change


def _assigning(result: Symbol) -> Callable[[Node], Node]:
    """`double *p = malloc(…);` as an assignment, where the caller's variable stands for p and is declared there."""

    def change(node: Node) -> Node:
        if not isinstance(node, tree.Declaration) or not any(_is(v.symbol, result) for v in node.variables):
            return node
        if len(node.variables) > 1 or node.variables[0].init is None:
            return node
        (v,) = node.variables
        assert v.init is not None
        name = tree.Name(span=v.name_span, type=v.symbol.type, symbol=v.symbol)
        assign = tree.Assign(span=v.span, type=v.symbol.type, op="=", target=name, value=v.init)
        return tree.ExprStmt(span=node.span, id=node.id, expr=assign, in_macro=node.in_macro)

    return change


def _is(symbol: Symbol, other: Symbol) -> bool:
    return symbol.uid == other.uid


def _binding(
    bound: Mapping[Symbol, Expr],
    records: Mapping[str, Record],
    standing: Callable[[Expr, tree.Name], Expr] | None = None,
) -> Callable[[Node], Node]:
    """Parameters replaced by what they stand for."""
    by_uid = {s.uid: e for s, e in bound.items()}

    def change(node: Node) -> Node:
        if (plain := without_values(without_addresses(node), records)) is not node:
            return plain
        match node:
            case tree.Name(symbol=symbol) if symbol.uid in by_uid:
                return (standing or _standing)(by_uid[symbol.uid], node)
            case tree.Index(base=base, subscript=subscript):
                return _indexed(node, base, subscript)
            case tree.Unary(op="*", operand=operand) if (offset := pointer_offset(operand)) is not None and (
                isinstance(operand, tree.Binary | tree.Unary)
            ):
                return tree.Index(span=node.span, type=node.type, base=offset[0], subscript=offset[1],
                                  in_macro=True)  # fmt: skip
        return node

    return change


def _as_given(value: Expr, use: tree.Name) -> Expr:
    """A name keeps its place among the arguments of the call, as among those of a macro."""
    return value if isinstance(value, tree.Name) and not value.in_macro else _standing(value, use)


def _standing(value: Expr, use: tree.Name) -> Expr:
    """What stands where a parameter is used: a name at the place of the use, anything else as from a macro."""
    match value:
        case tree.Name():
            return replace(value, span=use.span, in_macro=use.in_macro)
        case tree.Unary(op="&", operand=tree.Name() | tree.Member()):
            return rewritten(value, lambda n: replace(n, span=use.span, in_macro=True))
        case tree.Member():
            return rewritten(value, lambda n: replace(n, span=use.span, in_macro=use.in_macro))
    return value


def _indexed(node: tree.Index, base: Expr, subscript: Expr) -> Node:
    """`p[j]` where p stands for `x + e`: `x[e + j]`."""
    inner = bare(base)
    if not isinstance(inner, tree.Binary | tree.Unary):
        return node
    offset = pointer_offset(inner)
    if offset is None:
        return node
    sum_ = tree.Binary(span=subscript.span, type=subscript.type, op="+", left=offset[1], right=subscript, in_macro=True)
    return replace(node, base=offset[0], subscript=sum_)
