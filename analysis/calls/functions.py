"""Which functions of a program can be read as if their bodies stood where they are called, and by which calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from chatmpi.analysis import tree
from chatmpi.analysis.calls.carried import Carried
from chatmpi.analysis.calls.lending import keeps_its_arguments
from chatmpi.analysis.calls.library import LIBRARY, OF_BLOCKS, RESULTS, Does
from chatmpi.analysis.calls.statics import keeps_state
from chatmpi.analysis.calls.straight_code import as_expression
from chatmpi.analysis.expressions import bare, is_step, variable_of
from chatmpi.analysis.loops import Loop
from chatmpi.analysis.memory.struct_values import is_compound
from chatmpi.analysis.source import Span
from chatmpi.analysis.touches import is_memory
from chatmpi.analysis.tree import Call, Expr, Function, Program, Stmt, Symbol


@dataclass(frozen=True)
class Expandable:
    """`whole`: functions whose statements can stand in the place of a call; `expressions`: functions that are one
    expression, which is then read as the body of a macro is. `reassigned`: pointers of file scope that helper
    functions change, so that their names cannot stand for parameters; `changed`: structs of file scope that they
    change, whose names cannot stand for copies; `pure`: functions that compute and do no more."""

    whole: Mapping[str, Function]
    expressions: Mapping[str, Function]
    reassigned: frozenset[Symbol]
    pure: frozenset[str]
    changed: frozenset[Symbol]

    def binds(self, call: Call, f: Function) -> bool:
        """Whether each argument can stand for its parameter: scalars by value, memory by its name at the call."""
        named = [n.symbol for a in call.arguments for n in tree.walk(a) if isinstance(n, tree.Name)]
        if len(call.arguments) != len(f.parameters) or self.reassigned & set(named):
            return False
        if not keeps_its_arguments(call, f):
            return False
        changed = assigned_in(f)
        given = zip(call.arguments, f.parameters, strict=True)
        if any(isinstance(p.symbol.type, tree.OtherType) and self.changed & set(_symbols(a)) for a, p in given):
            return False
        return all(
            _can_stand(argument, p.symbol, p.symbol in changed, f, self.whole)
            for argument, p in zip(call.arguments, f.parameters, strict=True)
        )


def expandable(program: Program) -> Expandable:
    graph = _calls(program)
    recursive = _recursive(graph)
    sound = {
        f.symbol.name: f
        for f in program.functions
        if f.symbol.name != "main" and f.symbol.name not in recursive and _is_sound(f) and not _takes_more(f)
    }
    pure = _pure(graph, program)
    expressions = {name: f for name, f in sound.items() if single_expression(f) is not None and _is_worth_reading(f)}
    straight = ((name, as_expression(f, program, pure)) for name, f in sound.items() if not _reaches_memory(f))
    expressions |= {name: f for name, f in straight if f is not None}
    repeated = set(_called_in_loops(program))
    matters = {name for name, f in sound.items() if _reaches_memory(f) or (_has_loops(f) and name not in repeated)}
    whole = {
        name: f
        for name, f in sound.items()
        if name not in expressions and ({name, *nx.descendants(graph, name)} & matters)
    }
    return Expandable(whole, expressions, _reassigned(program), pure, _changed(program))


def _changed(program: Program) -> frozenset[Symbol]:
    """The structs of file scope that helper functions change, or of which they take the address."""
    found: set[Symbol] = set()
    for n in (n for f in program.functions if f.symbol.name != "main" for n in tree.walk(f.body)):
        target = n.target if isinstance(n, tree.Assign) else n.operand if isinstance(n, tree.Unary) else None
        if target is not None and (isinstance(n, tree.Assign) or n.op == "&" or "x" in n.op):  # type: ignore[attr-defined]
            while isinstance(target, tree.Index) or (isinstance(target, tree.Member) and not target.arrow):
                target = target.base
            if isinstance(target, tree.Name) and isinstance(target.symbol.type, tree.OtherType):
                found |= {target.symbol} if target.symbol.storage == "global" else set()
    return frozenset(found)


def _symbols(node: tree.Node) -> Iterator[Symbol]:
    return (n.symbol for n in tree.walk(node) if isinstance(n, tree.Name))


def pure_functions(program: Program) -> frozenset[str]:
    """The functions of a program that compute a value from their arguments and do nothing else."""
    return _pure(_calls(program), program)


def _pure(graph: nx.DiGraph[str], program: Program) -> frozenset[str]:
    """The functions that compute a value from their arguments and do nothing else."""
    library = {name for name, does in LIBRARY.items() if does is Does.NOTHING}
    computing = {f.symbol.name for f in program.functions if not _reaches_memory(f) and _is_sound(f)} | library
    return frozenset(n for n in computing - library if n in graph and nx.descendants(graph, n) <= computing)


def _reassigned(program: Program) -> frozenset[Symbol]:
    return frozenset(
        root.symbol
        for f in program.functions
        if f.symbol.name != "main"
        for n in tree.walk(f.body)
        if isinstance(n, tree.Assign) and is_memory(n.target.type)
        if (root := variable_of(n.target)) is not None and root.symbol.storage == "global"
    )


def _calls(program: Program) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for f in program.functions:
        graph.add_node(f.symbol.name)
        for n in tree.walk(f.body):
            if isinstance(n, tree.Name) and n.symbol.storage == "function":
                graph.add_edge(f.symbol.name, n.symbol.name)
    return graph


def recursive_functions(program: Program) -> frozenset[str]:
    """The functions that may be called while a call of them is not done."""
    return _recursive(_calls(program))


def _recursive(graph: nx.DiGraph[str]) -> frozenset[str]:
    together = {n for c in nx.strongly_connected_components(graph) if len(c) > 1 for n in c}
    return frozenset(together | {n for n in graph if graph.has_edge(n, n)})


def _takes_more(f: Function) -> bool:
    """Whether a function takes more arguments than it names."""
    return isinstance(f.symbol.type, tree.OtherType) and "..." in f.symbol.type.name


def _is_sound(f: Function) -> bool:
    """No state of its own between calls, and control that is understood."""
    if keeps_state(f):
        return False
    for n in tree.walk(f.body):
        if isinstance(n, tree.UnknownStmt) and n.kind in {"goto", "label", "asm", "indirect goto"}:
            return False
    return not f.in_macro and not _takes_parameters_addresses(f)


def _takes_parameters_addresses(f: Function) -> bool:
    mine = {p.symbol for p in f.parameters}
    return any(
        isinstance(n, tree.Unary) and n.op == "&" and isinstance(n.operand, tree.Name) and n.operand.symbol in mine
        for n in tree.walk(f.body)
    )


def has_return(s: Stmt) -> bool:
    return any(isinstance(n, tree.Return) for n in tree.walk(s))


def straight_returns(body: tuple[Stmt, ...]) -> bool:
    """Whether every return is the last statement of the function, or of a branch that control does not come back
    from."""
    for k, s in enumerate(body):
        if not has_return(s):
            continue
        last = k == len(body) - 1
        match s:
            case tree.Return():
                return last
            case tree.Block(body=inner):
                return last and straight_returns(inner)
            case tree.If(then=then, otherwise=otherwise):
                branches = [then] if otherwise is None else [then, otherwise]
                if not all(not has_return(b) or (always_returns(b) and straight_returns((b,))) for b in branches):
                    return False
                return last or straight_returns(body[k + 1 :])
        return False
    return True


def always_returns(s: Stmt) -> bool:
    match s:
        case tree.Return():
            return True
        case tree.Block(body=(*_, last)):
            return always_returns(last)
        case tree.If(then=then, otherwise=tree.Stmt() as otherwise):
            return always_returns(then) and always_returns(otherwise)
    return False


def _called_in_loops(program: Program) -> Iterator[str]:
    """Functions that some loop calls which may be divided: where they compute a value and no more, their own loops are
    best left alone."""
    for f in program.functions:
        for loop in tree.statements(f.body):
            if isinstance(loop, Loop):
                carried = Carried(loop)
                calls = (n for n in tree.walk(loop) if isinstance(n, Call) and n.name is not None)
                yield from (c.name for c in calls if c.name is not None and not carried.reaches(c))


def _has_loops(f: Function) -> bool:
    return any(isinstance(n, tree.For | tree.While | tree.DoWhile) for n in tree.walk(f.body))


def _reaches_memory(f: Function) -> bool:
    """Whether it may touch arrays, or variables of its caller."""
    if is_memory(f.returns):
        return True
    for n in tree.walk(f.body):
        if isinstance(n, tree.Member) and _is_of_value(n):
            continue
        if isinstance(n, tree.Index | tree.Member) or (isinstance(n, tree.Unary) and n.op == "*"):
            return True
        if isinstance(n, Call) and LIBRARY.get(n.name or "") is Does.ALLOCATES and _returns_struct(f):
            return True
        if isinstance(n, Call) and n.name == "free" and any(_holds_data(bare(a).type) for a in n.arguments):
            return True
        if isinstance(n, Call) and n.name in RESULTS and any(_holds_data(bare(a).type) for a in _results(n)):
            return True
        if isinstance(n, Call) and n.name in OF_BLOCKS and any(_holds_data(bare(a).type) for a in n.arguments):
            return True
        if isinstance(n, tree.Name) and n.symbol.storage == "global" and _holds_data(n.symbol.type):
            return True
        if isinstance(n, tree.Assign) and isinstance(n.target, tree.Name) and n.target.symbol.storage == "global":
            return True
    return False


def _results(call: Call) -> Iterator[Expr]:
    """The names of pointers to what a call writes."""
    return (a for a in call.arguments[RESULTS[call.name or ""] :] if isinstance(bare(a), tree.Name))


def _returns_struct(f: Function) -> bool:
    return isinstance(f.returns, tree.OtherType) and f.returns != tree.VOID


def _is_of_value(expr: tree.Member) -> bool:
    """Whether it is a number in a struct that the function has for itself."""
    base: Expr = expr
    while isinstance(base, tree.Member) and not base.arrow:
        base = base.base
    own = is_compound(base) or isinstance(base, Call)
    own |= isinstance(base, tree.Name) and base.symbol.storage in {"local", "parameter"}
    return own and not is_memory(expr.type)


def _holds_data(kind: tree.CType) -> bool:
    """Whether it is an array, or a pointer to data that the program can see into (a stream is not)."""
    inner = kind
    while isinstance(inner, tree.Pointer | tree.Array):
        inner = inner.target if isinstance(inner, tree.Pointer) else inner.element
    return inner is not kind and isinstance(inner, tree.Scalar)


def _is_worth_reading(f: Function) -> bool:
    """Whether knowing the expression helps: it is an index, or it reads memory. The text of calls that read or write
    has to stay one that can be changed: one rank makes them."""
    calls = (LIBRARY.get(n.name or "") for n in tree.walk(f.body) if isinstance(n, Call))
    if any(does in {Does.OUTPUT, Does.FILE, Does.INPUT} for does in calls):
        return False
    return (isinstance(f.returns, tree.Scalar) and f.returns.is_integer) or _reaches_memory(f)


def single_expression(f: Function) -> Expr | None:
    """The expression that a function returns, if it does nothing else."""
    match f.body.body:
        case (tree.Return(value=tree.Expr() as value),) if not _has_effects(value) and not assigned_in(f):
            return value
    return None


def assigned_in(f: Function) -> frozenset[Symbol]:
    """The parameters that a function changes."""
    mine = {p.symbol for p in f.parameters}
    found: set[Symbol] = set()
    for n in tree.walk(f.body):
        match n:
            case tree.Assign(target=target):
                written = variable_of(target)
            case tree.Unary(operand=target) if is_step(n):
                written = variable_of(target)
            case _:
                continue
        if written is not None and written.symbol in mine:
            found.add(written.symbol)
    return frozenset(found)


def _has_effects(expr: Expr) -> bool:
    return any(
        isinstance(n, tree.Assign) or (isinstance(n, tree.UnknownExpr) and not is_compound(n)) or is_step(n)
        for n in tree.walk(expr)
    )


# ----------------------------------------------------------------------------------------------- calls


def _can_stand(argument: Expr, parameter: Symbol, changed: bool, f: Function, whole: Mapping[str, Function]) -> bool:
    if isinstance(parameter.type, tree.Scalar):
        return isinstance(argument.type, tree.Scalar)
    if changed:
        return False
    value = bare(argument)
    if isinstance(parameter.type, tree.OtherType) and is_compound(value):
        return value.type == parameter.type and single_expression(f) is not None
    match value:
        case tree.StringLiteral():
            return True
        case tree.Name(symbol=symbol):
            if symbol.storage == "function":
                return True
            plain = value is argument or _is_flat_pointer(symbol.type)
            return symbol.type == parameter.type or (plain and _same_elements(symbol.type, parameter.type))
        case tree.Unary(op="&", operand=tree.Name(symbol=symbol)):
            return isinstance(parameter.type, tree.Pointer) and symbol.type == parameter.type.target
        case tree.Unary(op="&", operand=tree.Member() as member) if _is_part_of_variable(member):
            return isinstance(parameter.type, tree.Pointer) and member.type == parameter.type.target
        case tree.Unary(op="&", operand=tree.Index(base=tree.Name(symbol=table), subscript=tree.IntLiteral()) as entry):
            steady = table.const and table.storage == "global" and isinstance(entry.type, tree.OtherType)
            return steady and isinstance(parameter.type, tree.Pointer) and entry.type == parameter.type.target
        case tree.Unary(op="&", operand=tree.Index(type=tree.Array() as row, base=tree.Name(), subscript=place)):
            alone = isinstance(parameter.type, tree.Pointer) and row == parameter.type.target
            return alone and is_steady(place, f) and reaches_first_only(parameter, f, whole)
        case tree.Member():
            return value.type == parameter.type or _same_elements(value.type, parameter.type)
    offset = pointer_offset(value)
    return offset is not None and _is_flat_pointer(parameter.type) and is_steady(offset[1], f)


def reaches_first_only(parameter: Symbol, f: Function, whole: Mapping[str, Function]) -> bool:
    """Whether a function uses nothing of what a pointer leads to but the first (`p[0]`, `*p`), and hands it on to
    functions of `whole` only that do the same. (They do not call each other in circles.)"""
    names = sum(isinstance(n, tree.Name) and n.symbol == parameter for n in tree.walk(f.body))
    for n in tree.walk(f.body):
        match n:
            case tree.Index(base=tree.Name(symbol=s), subscript=tree.IntLiteral(value=0)) if s == parameter:
                names -= 1
            case tree.Unary(op="*", operand=tree.Name(symbol=s)) if s == parameter:
                names -= 1
            case Call(name=str() as name, arguments=arguments) if (g := whole.get(name)) is not None:
                for a, p in zip(arguments, g.parameters, strict=False):
                    if isinstance(a, tree.Name) and a.symbol == parameter and a.type == p.symbol.type:
                        names -= reaches_first_only(p.symbol, g, whole)
    return names == 0


def _same_elements(argument: tree.CType, parameter: tree.CType) -> bool:
    """Whether a subscript leads to the same element by either name: as many dimensions of one element type.

    Inner extents that the compiler does not know are the same in a program that is defined.
    """
    mine, theirs = _layers(argument), _layers(parameter)
    if mine[:2] != theirs[:2] or len(mine[2]) != len(theirs[2]):
        return False
    return all(a == b or None in (a, b) for a, b in zip(mine[2], theirs[2], strict=True))


def _layers(kind: tree.CType) -> tuple[int, tree.CType, tuple[int | None, ...]]:
    """How many subscripts lead to an element, of which type, and the extents below the outermost (-1: a pointer)."""
    depth = 0
    inner: list[int | None] = []
    while isinstance(kind, tree.Pointer | tree.Array):
        if depth:
            inner.append(kind.extent if isinstance(kind, tree.Array) else -1)
        depth += 1
        kind = kind.target if isinstance(kind, tree.Pointer) else kind.element
    return depth, kind, tuple(inner)


def _is_flat_pointer(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Pointer) and isinstance(kind.target, tree.Scalar)


def pointer_offset(value: Expr) -> tuple[Expr, Expr] | None:
    """What `x + e`, `&x[e]`, `a[i]`, `&a[i][e]` point into (an expression whose subscripts lead to elements), and the
    offset from there."""
    match value:
        case tree.Binary(op="+", left=left, right=right) if _is_flat_pointer(left.type) or _is_row(left.type):
            inner = bare(left)
            if isinstance(inner, tree.Binary | tree.Unary) and (found := pointer_offset(inner)) is not None:
                return found[0], _sum(found[1], right)
            return (inner, right) if _can_be_pointed_into(inner) and _is_one_row(inner) else None
        case tree.Unary(op="&", operand=tree.Index(base=base, subscript=subscript)):
            inner = bare(base)
            return (inner, subscript) if _can_be_pointed_into(inner) and _is_one_row(inner) else None
        case tree.Index() if _is_one_row(value):
            zero = tree.IntLiteral(span=value.span, type=tree.Scalar("int"), value=0, in_macro=True)
            return value, zero
    return None


def _sum(left: Expr, right: Expr) -> Expr:
    """Two parts of an offset; between them the text may have parentheses that are no part of it."""
    span = Span(left.span.begin, right.span.end)
    return tree.Binary(span=span, type=left.type, op="+", left=left, right=right, in_macro=True)


def _can_be_pointed_into(expr: Expr) -> bool:
    """An array, one of its rows, or a member of a variable."""
    return isinstance(expr, tree.Name | tree.Index) or (isinstance(expr, tree.Member) and variable_of(expr) is not None)


def _is_row(kind: tree.CType) -> bool:
    return isinstance(kind, tree.Array) and isinstance(kind.element, tree.Scalar)


def _is_one_row(value: Expr) -> bool:
    """Whether one more subscript leads from here to an element."""
    return _is_flat_pointer(value.type) or _is_row(value.type)


def is_steady(expr: Expr, f: Function) -> bool:
    """Whether an offset keeps its value during a call: numbers and variables that the function cannot reach."""
    for n in tree.walk(expr):
        match n:
            case tree.Name(symbol=symbol):
                if symbol.storage not in {"local", "parameter", "enumerator"}:
                    return False
            case tree.IntLiteral() | tree.Binary() | tree.Cast() | tree.Sizeof():
                continue
            case tree.Member() if variable_of(n) is not None:  # judged by the variable that it is a member of
                continue
            case tree.Unary(op="-" | "+"):
                continue
            case _:
                return False
    return True


def calls_in(node: tree.Node, names: Mapping[str, Function]) -> Iterator[Call]:
    """The calls of the named functions below a node, in the order of the source."""
    for n in tree.walk(node):
        if isinstance(n, Call) and n.name in names:
            yield n


def is_variable(expr: Expr) -> bool:
    """A variable, or a member of one."""
    while isinstance(expr, tree.Member):
        expr = expr.base
    return isinstance(expr, tree.Name)


def _evaluated(node: tree.Node) -> Iterator[Symbol]:
    """The variables that an expression names, but for those of which it takes the size."""
    if isinstance(node, tree.Name):
        yield node.symbol
    if not isinstance(node, tree.Sizeof):
        for part in tree.children(node):
            yield from _evaluated(part)


def _is_part_of_variable(expr: Expr) -> bool:
    """Whether a member lies in a variable, or in what a variable points to."""
    while isinstance(expr, tree.Member):
        if expr.arrow:
            return isinstance(expr.base, tree.Name)
        expr = expr.base
    return isinstance(expr, tree.Name)


def may_go_first(call: Call, s: tree.Declaration, after: Sequence[Call] = ()) -> bool:
    """Whether a call may be made before all of a declaration, but behind the calls `after`: what is declared before it
    does not look at what the call may change, and is nothing that the call is given."""
    place = next(k for k, v in enumerate(s.variables) if any(n is call for n in tree.walk(v)))
    before = [v for v in s.variables[:place] if v.init is not None and bare(v.init) not in after]
    given = {n.symbol for n in tree.walk(call) if isinstance(n, tree.Name)}
    nodes = [n for v in before if v.init is not None for n in tree.walk(v.init)]
    names = {n.symbol for n in nodes if isinstance(n, tree.Name)}
    lent = {n.operand.symbol for n in tree.walk(call) if isinstance(n, tree.Unary) and isinstance(n.operand, tree.Name)}
    plain = tree.IntLiteral | tree.FloatLiteral | tree.Name | tree.Binary | tree.Cast
    steady = all(x.storage in {"local", "parameter"} and isinstance(x.type, tree.Scalar) for x in names)
    own = {v.symbol for v in s.variables[:place]}
    return steady and not (given & own or lent & names) and all(isinstance(n, plain) for n in nodes)


def direct_calls(s: Stmt, names: Mapping[str, Function]) -> list[Call]:
    """Calls whose value is not used, or is just what a scalar or a pointer gets: they need no name for their value."""
    match s:
        case tree.ExprStmt(expr=expr):
            inner = bare(expr)
            if isinstance(inner, tree.Assign):
                target = inner.target
                if not is_variable(target) or (is_memory(target.type) and inner.op != "="):
                    return []
                inner = bare(inner.value)
            return [inner] if isinstance(inner, Call) and inner.name in names else []
        case tree.Declaration(variables=variables):
            inits = [bare(v.init) for v in variables if v.init is not None]
            found = [i for i in inits if isinstance(i, Call) and i.name in names]
            own = {v.symbol for v in variables}
            if any(s in own for c in found for s in _evaluated(c)):
                return []
            return found if all(may_go_first(c, s, found) for c in found) else []
        case tree.Return(value=tree.Expr() as value):
            inner = bare(value)
            return [inner] if isinstance(inner, Call) and inner.name in names else []
    return []
