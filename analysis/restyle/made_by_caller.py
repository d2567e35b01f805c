"""Arrays of structs that a function makes, fills and returns, made by its callers.

    static sample *make(int n)                      static void make(sample *s, int n)
    {                                               {
        sample *s = malloc(n * sizeof *s);              if (s == NULL) exit(1);
        if (s == NULL) exit(1);                         … s[i] …
        … s[i] …                                    }
        return s;
    }
    sample *a = make(m);                            sample *a = malloc(m * sizeof(sample));
                                                    make(a, m);

A function returns one value: of a struct's members, each in an array of its own, it could return but one. Nothing
but the order of an allocation changes, which nobody sees. The edits are of the text, which is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import allocation, bare, changed_or_lent, is_null, is_step
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.parents import Parents, parents
from chatmpi.analysis.restyle.respelling import Respelled, end_of, removal, with_semicolon
from chatmpi.analysis.restyle.undeclaring import undeclared
from chatmpi.analysis.scan import closing, mask, skip_space
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Stmt, Symbol

_HEAD = re.compile(r"\s*((?:(?:static|inline|extern)\s+)*)(?:const\s+)?(?:struct\s+)?\w+\s*\*\s*\Z")


def made_by_caller(program: Program) -> list[Edit]:
    """The edits for one such function and all its calls; none if there is none."""
    around = parents(program.functions)
    for f in program.functions:
        maker = _maker(f, program)
        if maker is None:
            continue
        edits = _edits(maker, program, around)
        if edits:
            return edits
    return []


@dataclass(frozen=True)
class _Maker:
    """A function that returns what it allocates: `made` is given the memory of `call` by the statement `making`."""

    function: Function
    made: Symbol
    making: Stmt
    call: Call

    @property
    def element(self) -> str:
        assert isinstance(self.function.returns, tree.Pointer)
        return type_text(self.function.returns.target)


def _maker(f: Function, program: Program) -> _Maker | None:
    kind = f.returns
    if f.in_macro or not isinstance(kind, tree.Pointer) or not isinstance(kind.target, tree.OtherType):
        return None
    if kind.target.name not in program.records or "unnamed" in kind.target.name:
        return None
    for k, s in enumerate(f.body.body):
        if (found := _made(s)) is not None and found[0].type == kind:
            maker = _Maker(f, found[0], s, found[1])
            return maker if _is_followed(maker, f.body.body[:k], f.body.body[k + 1 :]) else None
    return None


def _made(s: Stmt) -> tuple[Symbol, Call] | None:
    """The pointer that a statement gives fresh memory."""
    match s:
        case tree.Declaration(variables=variables) if not s.in_macro:
            made = [(v.symbol, call) for v in variables if (call := allocation(v.init)) is not None]
            return made[0] if len(made) == 1 and not any(v.in_macro for v in variables) else None
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name(symbol=symbol), value=value)) if not s.in_macro:
            call = allocation(value)
            return None if call is None else (symbol, call)
    return None


def _is_followed(maker: _Maker, before: tuple[Stmt, ...], behind: tuple[Stmt, ...]) -> bool:
    """Whether the pointer holds nothing but that memory, which is all that the function returns, and whether its size
    is told by the parameters alone."""
    f, made = maker.function, maker.made
    nodes = list(tree.walk(f.body))
    if made.storage != "local" or any(isinstance(n, Call | tree.Return) for s in before for n in tree.walk(s)):
        return False
    setting = sum(changed_or_lent(n) == made for n in nodes)
    if setting > (0 if isinstance(maker.making, tree.Declaration) else 1):
        return False
    if not behind or not _returns(behind[-1], made):
        return False
    parameters = {p.symbol for p in f.parameters}
    changed = {changed_or_lent(n) for n in nodes}
    for n in tree.walk(maker.call):
        match n:
            case tree.Name(symbol=symbol) if n is not maker.call.callee and not _is_own(n, maker):
                if symbol not in parameters or symbol in changed or n.in_macro or not isinstance(n.type, tree.Scalar):
                    return False
            case tree.Unary(op="*") | tree.Sizeof() | tree.IntLiteral() | tree.Binary() | tree.Cast() | tree.Name():
                pass
            case Call() if n is maker.call and not n.in_macro:
                pass
            case _:
                return False
    allowed = {id(r) for s in behind if _tests(s, made) for r in tree.walk(s) if isinstance(r, tree.Return)}
    returned = (n for n in nodes if isinstance(n, tree.Return))
    return all(
        not r.in_macro and (_returns(r, made) or (r.value is not None and is_null(r.value) and id(r) in allowed))
        for r in returned
    )


def _is_own(name: tree.Name, maker: _Maker) -> bool:
    """Whether it is the pointer in `sizeof *s`."""
    sizes = (n for n in tree.walk(maker.call) if isinstance(n, tree.Sizeof))
    return name.symbol == maker.made and any(n is name for s in sizes for n in tree.walk(s))


def _returns(s: Node, made: Symbol) -> bool:
    value = s.value if isinstance(s, tree.Return) else None
    return value is not None and isinstance(bare(value), tree.Name) and bare(value).symbol == made  # type: ignore[attr-defined]


def _tests(s: Stmt, made: Symbol) -> bool:
    """Whether a statement does something just where there is no memory."""
    if not isinstance(s, tree.If) or s.otherwise is not None:
        return False
    match s.condition:
        case tree.Unary(op="!", operand=tree.Name(symbol=symbol)):
            return symbol == made
        case tree.Binary(op="==", left=left, right=right):
            names = [e.symbol for e in (left, right) if isinstance(e, tree.Name)]
            return names == [made] and (is_null(left) or is_null(right))
    return False


# ---------------------------------------------------------------------------------------------------- edits


def _edits(maker: _Maker, program: Program, around: Parents) -> list[Edit]:
    """The edits of the function and its calls; none if one of them is not followed."""
    name = maker.function.symbol
    named = [n for top in (*program.globals, *program.functions) for n in tree.walk(top)
             if isinstance(n, tree.Name) and n.symbol == name]  # fmt: skip
    calls = [c for n in named if isinstance(c := around.get(id(n)), Call) and c.callee is n]
    if len(calls) < len(named) or not calls:
        return []
    found = [_at_call(c, maker, program, around) for c in calls]
    own = _of_function(maker, program)
    if own is None or not all(found):
        return []
    return [*own, *(e for many in found for e in many)]


def _of_function(maker: _Maker, program: Program) -> list[Edit] | None:
    f, source = maker.function, program.source
    masked = mask(source.text)
    heads = list(_heads(maker, program, masked))
    if None in heads:
        return None
    edits = [e for head in heads if head is not None for e in head]
    if isinstance(maker.making, tree.Declaration) and len(maker.making.variables) == 1:
        edits.append(removal(maker.making, source))
    else:
        removed = undeclared(program, {maker.made})
        if removed is None:
            return None
        edits += removed
        if not isinstance(maker.making, tree.Declaration):
            edits.append(removal(maker.making, source))
    last = f.body.body[-1]
    for r in tree.walk(f.body):
        if isinstance(r, tree.Return):
            edits.append(removal(r, source) if r is last else Edit(with_semicolon(r, source), "return;"))
    return edits


def _heads(maker: _Maker, program: Program, masked: str) -> Iterator[list[Edit] | None]:
    """The edits of the function's head, and of its declarations before; None where one is not plain."""
    f, text = maker.function, program.source.text
    inside = [g.body.span for g in program.functions]
    for m in re.finditer(rf"\b{f.symbol.name}\s*(?=\()", masked):
        if any(s.begin <= m.start() < s.end for s in inside):
            continue
        begin, end = program.source.line_begin(m.start()), closing(masked, m.end())
        head = _HEAD.match(masked[begin : m.start()])
        if head is None or end is None or masked[skip_space(masked, end)] not in "{;":
            yield None
            continue
        given = text[m.end() + 1 : end - 1].strip()
        rest = "" if given in {"", "void"} else f", {given}"
        yield [
            Edit(Span(begin, m.start()), f"{head[1]}void "),
            Edit(Span(m.end(), end), f"({maker.element} *{maker.made.name}{rest})"),
        ]


def _at_call(call: Call, maker: _Maker, program: Program, around: Parents) -> list[Edit]:
    """The edits of a call that gives a pointer its value; none if it is something else."""
    source = program.source
    if call.in_macro or not all(map(_is_plain, call.arguments)):
        return []
    if len(call.arguments) != len(maker.function.parameters):
        return []
    value: Node = call
    while isinstance(above := around.get(id(value)), tree.Cast):
        value = above
    s = around.get(id(above))
    match above, s:
        case tree.VarDecl(symbol=symbol), tree.Declaration(variables=variables):
            target = symbol.name
            place = next(k for k, v in enumerate(variables) if v is above)
            if not all(_is_made_so(v, maker) for v in variables[place + 1 :]):
                return []
        case tree.Assign(op="=", target=tree.Expr() as written), tree.ExprStmt() if _is_plain(written):
            target = source.shown_at(written.span)
        case _:
            return []
    assert isinstance(s, Stmt)
    assert above is not None
    if s.in_macro or above.in_macro or not isinstance(around.get(id(s)), tree.Block):
        return []
    shown = ", ".join([target, *(source.shown_at(a.span) for a in call.arguments)])
    end = end_of(s, source)
    line = f"\n{source.indentation(s.span.begin)}{maker.function.symbol.name}({shown});"
    return [Edit(value.span, _memory(call, maker, program)), Edit(Span(end, end), line)]


def _is_made_so(v: tree.VarDecl, maker: _Maker) -> bool:
    """Whether a variable that is declared behind does not look at the memory that is to be filled."""
    value = bare(v.init) if isinstance(v.init, Expr) else None
    same = isinstance(value, Call) and value.name == maker.function.symbol.name
    return v.init is None or same or (value is not None and _is_plain(value))


def _is_plain(node: Node) -> bool:
    """Whether an expression can be evaluated twice, or later, and is the same: it reads no memory."""
    quiet = tree.Name | tree.IntLiteral | tree.FloatLiteral | tree.Binary | tree.Cast | tree.Sizeof | tree.Unary
    return all(
        isinstance(n, quiet) and not is_step(n) and not (isinstance(n, tree.Unary) and n.op == "*")
        for n in tree.walk(node)
        if not isinstance(n, tree.Member)
    )


def _memory(call: Call, maker: _Maker, program: Program) -> str:
    """The allocation as the caller writes it."""
    given = dict(zip((p.symbol for p in maker.function.parameters), call.arguments, strict=True))

    def edits(node: Node) -> Iterator[Edit]:
        match node:
            case tree.Sizeof() if any(isinstance(n, tree.Name) and n.symbol == maker.made for n in tree.walk(node)):
                yield Edit(node.span, f"sizeof({maker.element})")
            case tree.Name(symbol=symbol) if symbol in given:
                yield Edit(node.span, _argument(given[symbol], symbol))
            case _:
                for part in tree.children(node):
                    yield from edits(part)

    def _argument(argument: Expr, parameter: Symbol) -> str:
        shown = program.source.shown_at(argument.span)
        single = isinstance(argument, tree.Name | tree.IntLiteral)
        shown = shown if single else f"({shown})"
        same = argument.type == parameter.type or isinstance(argument, tree.IntLiteral)
        return shown if same else f"({type_text(parameter.type)}){shown}"

    return Respelled(program.source, edits)(maker.call)
