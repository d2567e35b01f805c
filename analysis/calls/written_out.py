"""Calls of helper functions, written out: the function's statements stand in the place of the call.

    scale(n, 1 / p, a + k*n);        const double s = 1 / p;
                                     for (int i = 0; i < n; i++) a[k*n + i] *= s;

So the caller's names are there for what has to be said in the function (`dscal` has no name for the row `k`). Done for
calls that have a copy of the function to themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.calls.functions import assigned_in, direct_calls, has_return, pointer_offset
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.numbers.values import type_text
from chatmpi.analysis.restyle.respelling import Fresh, Respelled, as_operand, end_of
from chatmpi.analysis.source import Edit, OverlappingEdits, Source, Span
from chatmpi.analysis.tree import Call, Expr, Function, Node, Program, Stmt, Symbol


def written_out(program: Program, name: str) -> list[Edit]:
    """The edits that write out the one call of a function; none where it cannot be done."""
    f = program.function(name)
    found = None if f is None else _site(f, program)
    if f is None or found is None or not _is_sound(f, found, program):
        return []
    try:
        return list(_edits(f, found, program))
    except (_NoText, OverlappingEdits):
        return []


class _NoText(Exception):
    """There is no text for what a parameter stands for in some place."""


@dataclass(frozen=True, slots=True)
class _Site:
    """A call that is a statement, or gives its value to a variable: `target` (declared there or not)."""

    caller: Function
    statement: Stmt
    call: Call
    target: tree.Name | None
    visible: frozenset[str]  # the names of the caller's variables that are known there
    in_block: bool


def _site(f: Function, program: Program) -> _Site | None:
    every = [n for g in program.functions for n in tree.walk(g.body) if isinstance(n, tree.Name)]
    if sum(n.symbol == f.symbol for n in every) != 1:
        return None
    for g in program.functions:
        for s, around in _statements(g.body, ()):
            for call in direct_calls(s, {f.symbol.name: f}):
                target = _target(s, call)
                if s.in_macro or call.in_macro or isinstance(target, _NoTarget):
                    return None
                parent = around[-1] if around else g.body
                in_block = isinstance(parent, tree.Block)
                if isinstance(s, tree.Declaration) and not in_block:
                    return None
                return _Site(g, s, call, target, frozenset(_visible(g, around)), in_block)
    return None


def _statements(s: Stmt, around: tuple[Stmt, ...]) -> Iterator[tuple[Stmt, tuple[Stmt, ...]]]:
    """All statements but those in the headers of loops, each with those around it."""
    yield s, around
    for part in tree.children(s):
        if isinstance(part, Stmt) and not (isinstance(s, tree.For) and part is s.init):
            yield from _statements(part, (*around, s))


class _NoTarget:
    """What gets a value is not followed."""


def _target(s: Stmt, call: Call) -> tree.Name | _NoTarget | None:
    match s:
        case tree.ExprStmt(expr=expr) if bare(expr) is call:
            return None
        case tree.ExprStmt(expr=tree.Assign(op="=", target=tree.Name() as target)):
            return target
        case tree.Declaration(variables=(v,)) if not v.extents and isinstance(v.symbol.type, tree.Scalar):
            return tree.Name(span=v.name_span, type=v.symbol.type, symbol=v.symbol)
    return _NoTarget()


def _visible(g: Function, around: tuple[Stmt, ...]) -> Iterator[str]:
    yield from (p.symbol.name for p in g.parameters)
    for s in (g.body, *around):
        for part in tree.children(s):
            if isinstance(part, tree.Declaration):
                yield from (v.symbol.name for v in part.variables)


def _is_sound(f: Function, site: _Site, program: Program) -> bool:
    """Whether the function is left at its end only, and all that it names means the same where it is called."""
    *before, last = f.body.body or (tree.Empty(span=f.body.span, id=-1),)
    if any(map(has_return, before)) or (has_return(last) and (not isinstance(last, tree.Return) or last.in_macro)):
        return False
    if site.target is not None and not (isinstance(last, tree.Return) and f.returns == site.target.type):
        return False
    outer = [n.symbol for n in tree.walk(f.body) if isinstance(n, tree.Name)]
    hidden = {s.name for s in outer if s.storage not in {"local", "parameter"}} & site.visible
    own = _locals(f)
    in_macros = any(
        (n.in_macro and n.symbol in own) or n.symbol.storage == "static"
        for n in tree.walk(f.body)
        if isinstance(n, tree.Name | tree.VarDecl)
    )
    return not hidden and not in_macros and not program.source.at(f.body.span).count("#")


def _locals(f: Function) -> frozenset[Symbol]:
    declared = {n.symbol for n in tree.walk(f.body) if isinstance(n, tree.VarDecl)}
    return frozenset(declared | {p.symbol for p in f.parameters})


# ------------------------------------------------------------------------------------------------- text


def _edits(f: Function, site: _Site, program: Program) -> Iterator[Edit]:
    source = program.source
    names = _own_names(f, site, source)
    declared, standing = _bound(f, site, names, source)
    result = _result(f, site)
    body = _Body(
        f, site, names | ({result: site.target.symbol.name} if result and site.target else {}), standing, result, source
    )
    indent = source.indentation(site.statement.span.begin)
    inner = indent + "    "
    lines = [*declared, *body.statements()]
    kept = [s for s in f.body.body if isinstance(s, tree.Declaration) and [v.symbol for v in s.variables] != [result]]
    if site.in_block and (_allocates(f) or not (declared or kept)):
        text = f"\n{indent}".join(lines)
    else:
        text = "{\n" + "".join(f"{inner}{line}\n" for line in lines) + f"{indent}}}"
    if isinstance(site.statement, tree.Declaration) and site.target is not None:
        kind = type_text(site.target.type)
        whole_value = text.startswith(f"{site.target.symbol.name} = ")
        text = f"{kind} {text}" if whole_value else f"{kind} {site.target.symbol.name};\n{indent}{text}"
    whole = Span(site.statement.span.begin, end_of(site.statement, source))
    yield Edit(whole, text, tuple(body.quotes()))
    yield from _without(f, source)


def _own_names(f: Function, site: _Site, source: Source) -> dict[Symbol, str]:
    """The function's variables under names that are free where it is called."""
    said = set(re.findall(r"[A-Za-z_]\w*", source.at(site.statement.span)))
    taken = site.visible | said
    caller = source.at(site.caller.span)
    fresh = Fresh(caller + " " + source.at(f.span))
    declarations = (s for s in f.body.body if isinstance(s, tree.Declaration))
    lasting = {v.symbol for s in declarations for v in s.variables} | {p.symbol for p in f.parameters}
    every = taken | set(re.findall(r"[A-Za-z_]\w*", caller)) if _allocates(f) else taken
    return {
        s: fresh.take(s.name) if s.name in (every if s in lasting else taken) else s.name
        for s in sorted(_locals(f), key=lambda s: s.uid)
    }


def _allocates(f: Function) -> bool:
    """Whether the function gives something memory: its statements then stand among the caller's, without braces."""
    return any(isinstance(n, Call) and n.name in {"malloc", "calloc"} for n in tree.walk(f.body))


def _result(f: Function, site: _Site) -> Symbol | None:
    """The function's own variable that the caller's, which gets its value, can stand for."""
    last = f.body.body[-1]
    value = bare(last.value) if isinstance(last, tree.Return) and last.value is not None else None
    if site.target is None or not isinstance(value, tree.Name) or value.type != f.returns:
        return None
    declared = [
        s for s in f.body.body if isinstance(s, tree.Declaration) and value.symbol in {v.symbol for v in s.variables}
    ]
    used = {n.symbol for a in site.call.arguments for n in tree.walk(a) if isinstance(n, tree.Name)}
    alone = len(declared) == 1 and len(declared[0].variables) == 1 and declared[0].variables[0].init is not None
    own = isinstance(site.statement, tree.Declaration) or _is_unreached(site.target.symbol, site.caller)
    return value.symbol if alone and own and site.target.symbol not in used else None


def _is_unreached(symbol: Symbol, caller: Function) -> bool:
    """Whether a variable is the caller's own, and nothing knows its address."""
    addresses = (n.operand for n in tree.walk(caller) if isinstance(n, tree.Unary) and n.op == "&")
    reached = any(isinstance(a, tree.Name) and a.symbol == symbol for a in addresses)
    return symbol.storage in {"local", "parameter"} and not reached


def _bound(
    f: Function, site: _Site, names: Mapping[Symbol, str], source: Source
) -> tuple[list[str], dict[Symbol, Expr]]:
    """The declarations of parameters that need a variable; what stands for the others."""
    changed = assigned_in(f)
    declared: list[str] = []
    standing: dict[Symbol, Expr] = {}
    for p, argument in zip(f.parameters, site.call.arguments, strict=True):
        value = bare(argument)
        if not isinstance(p.symbol.type, tree.Scalar):
            lent = _lent(value) is not None and p.symbol not in changed
            if isinstance(value, tree.Unary | tree.StringLiteral) and pointer_offset(value) is None and not lent:
                raise _NoText
            standing[p.symbol] = value
        elif p.symbol not in changed and _stays(value, p.symbol, site):
            standing[p.symbol] = value
        else:
            const = "" if p.symbol in changed else "const "
            declared.append(f"{const}{type_text(p.symbol.type)} {names[p.symbol]} = {source.shown_at(argument.span)};")
    return declared, standing


def _lent(value: Expr) -> tree.Name | None:
    """The variable whose address an argument is."""
    match value:
        case tree.Unary(op="&", operand=tree.Name() as variable) if not value.in_macro:
            return variable
    return None


def _stays(value: Expr, parameter: Symbol, site: _Site) -> bool:
    """Whether an argument may be written wherever its parameter was."""
    if value.in_macro or value.type != parameter.type:
        return False
    match value:
        case tree.IntLiteral():
            return True
        case tree.Name(symbol=symbol):
            return _is_unreached(symbol, site.caller) and not (site.target is not None and site.target.symbol == symbol)
        case tree.Binary(op="+" | "-" | "*", left=left, right=right):
            whole = isinstance(value.type, tree.Scalar) and value.type.is_integer
            return whole and all(_stays(bare(e), parameter, site) for e in (left, right))
    return False


@dataclass(frozen=True)
class _Body:
    """The text of a function's body in the names of its caller."""

    f: Function
    site: _Site
    names: Mapping[Symbol, str]
    standing: Mapping[Symbol, Expr]
    result: Symbol | None
    source: Source

    def statements(self) -> list[str]:
        """The lines of the body, the first statement at the left."""
        begin, end = self.f.body.span.begin + 1, self.f.body.span.end - 1
        edits = list(self._changes(self.f.body))
        shown = Respelled(self.source, lambda _: edits)(tree.Node(span=Span(begin, end)))
        first = self.f.body.body[0].span.begin if self.f.body.body else begin
        depth = len(self.source.indentation(first))
        lines = [line.rstrip() for line in shown.split("\n")]
        if lines[0].strip():  # beside the brace
            lines[0] = lines[0].lstrip()
        own = [line[min(depth, len(line) - len(line.lstrip())) :] for line in lines]
        full = [k for k, line in enumerate(own) if line]
        return own[full[0] : full[-1] + 1] if full else []

    def quotes(self) -> Iterator[Span]:
        """What of the function's text stays as it was, line by line."""
        done = self.f.body.span.begin + 1
        for edit in [*sorted(set(self._changes(self.f.body)), key=lambda e: e.span), None]:
            end = self.f.body.span.end - 1 if edit is None else edit.span.begin
            for m in re.finditer(r"\S[^\n]*", self.source.text[done:end]):
                yield Span(done + m.start(), done + m.end())
            done = end if edit is None else edit.span.end

    def _changes(self, node: Node) -> Iterator[Edit]:
        match node:
            case tree.Return(value=value):
                yield from self._returned(node, value)
                return
            case tree.Declaration(variables=(v,)) if v.symbol == self.result:
                yield Edit(Span(node.span.begin, v.name_span.end), self.names[v.symbol])
            case tree.Index(base=tree.Name(symbol=symbol) as base, subscript=subscript) if (
                symbol in self.standing and not node.in_macro and not base.in_macro
            ):
                yield self._element(node, base, symbol, subscript)
                yield from self._changes(subscript)
                return
            case tree.Unary(op="*", operand=tree.Name(symbol=symbol)) if self._variable(symbol) and not node.in_macro:
                yield Edit(_with_parentheses(node.span, self.source.text), self._variable(symbol))
                return
            case tree.Member(arrow=True, base=tree.Name(symbol=symbol) as base) if (
                self._variable(symbol) and not node.in_macro and not base.in_macro
            ):
                past = self.source.text.index("->", base.span.end) + len("->")
                yield Edit(Span(node.span.begin, past), f"{self._variable(symbol)}.")
                return
            case tree.Unary(op="*", operand=tree.Name(symbol=symbol)) if symbol in self.standing and not node.in_macro:
                yield Edit(node.span, self._first(symbol))
                return
            case tree.Binary(op="<" | "<=" | ">" | ">=" | "==" | "!=", right=tree.Name(symbol=symbol) as right) if (
                symbol in self.standing and not right.in_macro
            ):
                yield from self._changes(node.left)
                yield Edit(right.span, self.source.shown_at(self.standing[symbol].span))
                return
            case tree.Name(symbol=symbol) if symbol in self.standing:
                yield Edit(node.span, self._operand(symbol))
            case tree.Name(symbol=symbol) if symbol in self.names:
                yield from self._renamed(node.span, symbol)
            case tree.VarDecl(symbol=symbol) if symbol != self.result:
                yield from self._renamed(node.name_span, symbol)
        for part in tree.children(node):
            yield from self._changes(part)

    def _variable(self, symbol: Symbol) -> str:
        """The caller's variable to which a parameter points; "" if it does to something else."""
        lent = _lent(self.standing[symbol]) if symbol in self.standing else None
        return "" if lent is None else lent.symbol.name

    def _renamed(self, span: Span, symbol: Symbol) -> Iterator[Edit]:
        if self.names[symbol] != symbol.name:
            yield Edit(span, self.names[symbol])

    def _returned(self, s: tree.Return, value: Expr | None) -> Iterator[Edit]:
        """The last statement: its value goes to the caller's variable."""
        if self.site.target is None or value is None or self.result is not None:
            if value is not None and any(
                isinstance(n, Call | tree.Assign | tree.UnknownExpr) for n in tree.walk(value)
            ):
                raise _NoText
            yield Edit(Span(s.span.begin, end_of(s, self.source)), "")
            return
        past = s.span.begin + len("return")
        yield Edit(Span(s.span.begin, past), f"{self.site.target.symbol.name} =")
        yield from self._changes(value)

    def _element(self, node: tree.Index, base: Expr, symbol: Symbol, subscript: Expr) -> Edit:
        """`p[` of `p[j]`, as `a[k*n + `."""
        array, offset = self._offset(symbol)
        sums = isinstance(subscript, tree.Binary) and subscript.op in {"+", "-", "*", "/", "%"}
        if offset is not None and not sums and isinstance(subscript, tree.Binary | tree.Conditional | tree.Assign):
            raise _NoText
        before = "" if offset is None else f"{self._summand(offset)} + "
        past = self.source.text.index("[", base.span.end) + 1
        return Edit(Span(node.span.begin, past), f"{self.source.shown_at(array.span)}[{before}")

    def _summand(self, offset: Expr) -> str:
        shown = self.source.shown_at(offset.span)
        if shown.count("(") != shown.count(")") or (shown.find(")") >= 0 and shown.find(")") < shown.find("(")):
            raise _NoText
        sums = isinstance(offset, tree.Binary) and offset.op in {"+", "-", "*"}
        return shown if sums else as_operand(offset, shown, "+")

    def _first(self, symbol: Symbol) -> str:
        base, offset = self._offset(symbol)
        return f"{self.source.shown_at(base.span)}[{'0' if offset is None else self._summand(offset)}]"

    def _operand(self, symbol: Symbol) -> str:
        value = self.standing[symbol]
        if isinstance(symbol.type, tree.Scalar) or self._variable(symbol):
            shown = self.source.shown_at(value.span)
            return f"({shown})" if isinstance(value, tree.Binary) else shown
        base, offset = self._offset(symbol)
        text = self.source.shown_at(base.span)
        return text if offset is None else f"({text} + {self._summand(offset)})"

    def _offset(self, symbol: Symbol) -> tuple[Expr, Expr | None]:
        value = self.standing[symbol]
        if value.in_macro:
            raise _NoText
        found = pointer_offset(value)
        if found is None or isinstance(value, tree.Index):
            if not isinstance(value, tree.Name | tree.Index | tree.Member):
                raise _NoText
            return value, None
        return found


def _with_parentheses(span: Span, text: str) -> Span:
    """The span of `*p` with the parentheses of `(*p)[i]`, which a variable needs no more."""
    wide = Span(span.begin - 1, span.end + 1)
    return wide if text[wide.begin] == "(" and re.match(r"\)\s*(\[|\.|->)", text[span.end : span.end + 9]) else span


# ------------------------------------------------------------------------------------------- definitions


def _without(f: Function, source: Source) -> Iterator[Edit]:
    """What nothing calls any more goes: a copy, and a function that no other file can call; with its prototypes."""
    name, text = f.symbol.name, source.text
    marked = re.compile(rf"/\*chatmpi:copy {name}\*/.*?/\*chatmpi:end\*/\n*", re.DOTALL)
    pieces = [Span(m.start(), m.end()) for m in marked.finditer(text)]
    static = "static" in text[f.span.begin : f.name_span.begin].split()
    if pieces:
        yield from (Edit(span, "") for span in pieces)
    elif static:
        yield Edit(_with_comment(f.span, text), "")


def _with_comment(span: Span, text: str) -> Span:
    """A definition with the comment right above it, and the empty lines behind it."""
    begin = span.begin
    before = text[:begin].rstrip(" \t\n")
    if before.endswith("*/") and not before.endswith(":end*/") and text[len(before) : begin].count("\n") == 1:
        begin = before.rindex("/*")
    end = span.end
    while end < len(text) and text[end] in " \t\n":
        end += 1
    return Span(begin, end)
