"""What stands in the text for each use of an array of structs, once every member has an array of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, is_null, is_step
from chatmpi.analysis.restyle.respelling import Fresh, Respelled, as_operand
from chatmpi.analysis.restyle.struct_declarations import KeepsItsStructs, declared_anew, parameter_anew, prototypes
from chatmpi.analysis.restyle.struct_members import Holder, Key, Member
from chatmpi.analysis.scan import mask
from chatmpi.analysis.source import Edit, Span
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, VarDecl

__all__ = ["KeepsItsStructs", "StructUses"]
_BLOCKS = {"memset": 1, "memcpy": 2, "memmove": 2}  # their leading arguments that are memory
_READERS = frozenset({"scanf", "fscanf", "sscanf"})  # they reach just the element that they are given


@dataclass(frozen=True, slots=True)
class _Access:
    """`b[i][j].path`: the holder as `written`, the subscripts, and the path to the member or struct."""

    holder: Holder
    written: Expr
    subscripts: tuple[Expr | None, ...]  # None: the first
    path: tuple[str, ...]


class StructUses:
    """All places of one struct type. `edits` learns which members each holder needs: ask until it learns no more."""

    def __init__(self, program: Program, record: str, members: tuple[Member, ...], holders: tuple[Holder, ...]) -> None:
        self.program, self.source, self.record, self.members = program, program.source, record, members
        self.masked = mask(program.source.text)
        self.holders = {h.key: h for h in holders}
        self.functions = {f.symbol.name: f for f in program.functions}
        self.needed: dict[Key, set[Member]] = {h.key: set() for h in holders}
        self.fresh = Fresh(program.source.text)
        self.names: dict[tuple[str, tuple[str, ...]], str] = {}
        self.copy = ""  # what a struct's value is called before it goes to the members
        self.text = Respelled(program.source, self._edits)
        if len({h.declaration.name_span for h in holders}) < len(holders):
            raise KeepsItsStructs

    def needed_count(self) -> int:
        return sum(map(len, self.needed.values()))

    def members_needed(self, holder: Holder) -> list[Member]:
        return [m for m in self.members if m in self.needed[holder.key]]

    def name(self, holder: Holder, member: Member) -> str:
        """What a member's array is called. One hides another as the arrays of structs do."""
        own = holder.declaration.symbol.name
        if (own, member.path) not in self.names:
            self.names[own, member.path] = self.fresh.take("_".join((own, *member.path)))
        return self.names[own, member.path]

    # ------------------------------------------------------------------------------------- whole program

    def edits(self) -> Iterator[Edit]:
        outside = [list(self.program.globals), *(list(r.fields) for r in self.program.records.values())]
        for variables in outside:
            yield from self._declared(tuple(variables), None)
        for f in self.program.functions:
            changed = [h for p in f.parameters if (h := self.holders.get(p.symbol))]
            if f.in_macro or (isinstance(f.returns, tree.Pointer) and _leads_to(f.returns, self.record)):
                raise KeepsItsStructs
            for h in changed:
                yield parameter_anew(h, self)
            if changed:
                head = tree.Node(span=Span(f.name_span.end, f.body.span.begin))
                written = Respelled(self.source, lambda _, c=changed: [parameter_anew(h, self) for h in c])  # type: ignore[misc]
                yield from prototypes(f, written(head).strip(), self)
            yield from self._edits(f.body)

    def _edits(self, node: Node, parent: Node | None = None) -> Iterator[Edit]:
        special = self._special(node, parent)
        if special is not None:
            if node.in_macro:
                raise KeepsItsStructs
            yield from special
            return
        for part in tree.children(node):
            yield from self._edits(part, node)

    def _special(self, node: Node, parent: Node | None) -> Iterator[Edit] | None:
        match node:
            case tree.Declaration(variables=variables) if any(v.symbol in self.holders for v in variables):
                if not isinstance(parent, tree.Block):
                    raise KeepsItsStructs
                return self._declared(variables, node)
            case VarDecl(init=Expr() as init) if (access := self._struct(init)) is not None:
                return iter([Edit(init.span, self._braces(access))])
            case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)) if isinstance(
                target.type, tree.OtherType
            ) and (self._struct(target) or self._struct(value)):
                return self._copied(node, parent, target, value)
            case tree.ExprStmt(expr=tree.Assign(op="=", target=target, value=value)) if (
                holder := self._holder(target)
            ) is not None and isinstance(target.type, tree.Pointer):
                self._share(holder, value)
                lines = [f"{self._whole(target, m)} = {self._pointer(value, m)};" for m in self.members_needed(holder)]
                return self._lines(node, parent, lines)
            case tree.ExprStmt(expr=tree.Call() as call) if call.arguments and self._holder(bare(call.arguments[0])):
                return self._of_blocks(node, parent, call)
            case tree.Call():
                return self._call(node)
            case tree.Index(base=base, subscript=inner) if (
                (access := self._access(base)) is not None and not isinstance(base.type, tree.OtherType)
            ) and (member := self._member(access.path)).length:
                return iter([Edit(node.span, self._one_of(access, member, inner))])
            case tree.Member() | tree.Index() | tree.Unary(op="*") if (access := self._access(node)) is not None:
                return iter([Edit(node.span, self._value(access, node))])
            case tree.Unary(op="&", operand=operand) if self._access(operand) is not None or self._holder(operand):
                raise KeepsItsStructs
            case tree.Unary(op="!", operand=operand) if (holder := self._holder(operand)) is not None:
                return self._tested(node, operand, "!{}", " || ")
            case tree.Binary(op="==" | "!=" as op, left=left, right=right) if self._holder(left) and is_null(right):
                return self._tested(node, left, f"{{}} {op} NULL", " || " if op == "==" else " && ")
            case tree.Binary(op="/", left=tree.Sizeof(operand=Expr() as whole), right=tree.Sizeof()) if (
                holder := self._holder(whole)
            ) is not None:
                return self._count(node, holder, whole)
            case tree.Name() | tree.Member() if self._holder(node) is not None:
                raise KeepsItsStructs
        return None

    # ------------------------------------------------------------------------------------------- accesses

    def _holder(self, expr: Node) -> Holder | None:
        match expr:
            case tree.Name(symbol=symbol):
                return self.holders.get(symbol)
            case tree.Member(base=base, field=field, arrow=arrow):
                kind = base.type.target if arrow and isinstance(base.type, tree.Pointer) else base.type
                return self.holders.get((kind.name, field)) if isinstance(kind, tree.OtherType) else None
            case tree.Unary(op="*", operand=tree.Name() as pointer):
                outer = self._holder(pointer)
                return replace(outer, depth=outer.depth - 1) if outer is not None and outer.depth > 1 else None
        return None

    def _access(self, expr: Node) -> _Access | None:
        """What an expression reaches in a holder: a struct there, or something in it."""
        path: list[str] = []
        while isinstance(expr, tree.Member) and self._holder(expr) is None:
            path.insert(0, expr.field)
            if expr.arrow:
                return self._at(expr.base, tuple(path))
            expr = expr.base
        match expr:
            case tree.Unary(op="*", operand=operand):
                return self._at(operand, tuple(path))
            case tree.Index(type=tree.OtherType()):
                subscripts: list[Expr | None] = []
                while isinstance(expr, tree.Index):
                    subscripts.insert(0, expr.subscript)
                    expr = expr.base
                holder = self._holder(expr)
                if holder is not None and isinstance(expr, Expr) and holder.depth == len(subscripts):
                    return _Access(holder, expr, tuple(subscripts), tuple(path))
        return None

    def _at(self, pointer: Expr, path: tuple[str, ...]) -> _Access | None:
        """What lies where a pointer leads."""
        value = bare(pointer)
        subscript: Expr | None = None
        match value:
            case tree.Binary(op="+", left=left, right=right):
                value, subscript = left, right
        holder = self._holder(value)
        if holder is None or holder.depth != 1:
            return None
        return _Access(holder, value, (subscript,), path)

    def _struct(self, expr: Expr) -> _Access | None:
        return self._access(expr) if isinstance(expr.type, tree.OtherType) else None

    def _member(self, path: tuple[str, ...]) -> Member:
        found = next((m for m in self.members if m.path == path), None)
        if found is None:
            raise KeepsItsStructs
        return found

    def _below(self, path: tuple[str, ...]) -> list[Member]:
        """The members of a struct in a struct, all of them values that can be assigned."""
        found = [m for m in self.members if m.path[: len(path)] == path]
        if any(m.brackets for m in found):
            raise KeepsItsStructs
        return found

    def _whole(self, written: Expr, member: Member) -> str:
        """The array of a member, where `written` names the array of structs."""
        holder = self._holder(written)
        assert holder is not None
        name = self.name(holder, member)
        if isinstance(written, tree.Member):
            return f"{self.text(written.base)}{'->' if written.arrow else '.'}{name}"
        return f"(*{name})" if isinstance(written, tree.Unary) else name

    def _element(self, access: _Access, member: Member) -> str:
        self.needed[access.holder.key].add(member)
        subscripts = "".join(f"[{'0' if s is None else self.text(s)}]" for s in access.subscripts)
        return self._whole(access.written, member) + subscripts

    def _one_of(self, access: _Access, member: Member, inner: Expr) -> str:
        """An element of a member that is an array, in the one array of all structs."""
        (which,) = access.subscripts
        self.needed[access.holder.key].add(member)
        number = as_operand(inner, self.text(inner), "+")
        if which is not None:
            number = f"(long){as_operand(which, self.text(which), '*')} * {member.length} + {number}"
        return f"{self._whole(access.written, member)}[{number}]"

    def _value(self, access: _Access, node: Node) -> str:
        """An access as it is read or written; a struct's value is put together from its members."""
        if not isinstance(node, Expr) or not isinstance(node.type, tree.OtherType):
            member = self._member(access.path)
            if member.length:
                raise KeepsItsStructs
            return self._element(access, member)
        if "unnamed" in node.type.name or not _is_pure(node):
            raise KeepsItsStructs
        return f"({node.type.name}){self._braces(access)}"

    def _braces(self, access: _Access) -> str:
        """The members' values as an initialiser."""

        def listed(path: tuple[str, ...]) -> str:
            below = self._below(path)
            if [m.path for m in below] == [path]:
                return self._element(access, below[0])
            inner = dict.fromkeys((*path, m.path[len(path)]) for m in below)
            return f"{{{', '.join(map(listed, inner))}}}"

        if not all(s is None or _is_pure(s) for s in access.subscripts):
            raise KeepsItsStructs
        return listed(access.path)

    # ------------------------------------------------------------------------------------------ statements

    def _lines(self, s: Stmt, parent: Node | None, lines: list[str]) -> Iterator[Edit]:
        """Several statements in the place of one."""
        if isinstance(parent, tree.Block):
            yield Edit(s.span, f"\n{self.source.indentation(s.span.begin)}".join(lines) or ";")
        else:
            yield Edit(s.span, f"{{ {' '.join(lines)} }}")

    def _copied(self, s: Stmt, parent: Node | None, target: Expr, value: Expr) -> Iterator[Edit]:
        """A struct's assignment, member by member; what the value reads is not changed on the way."""
        one, other = self._struct(target), self._struct(value)
        path = one.path if one else other.path if other else ()
        below = [m for m in self.members if m.path[: len(path)] == path]
        start = len(one.path if one else other.path if other else ())
        lines: list[str] = []
        read: Callable[[tuple[str, ...]], str]
        if other is not None:
            read = lambda rest: self._element(other, self._member((*other.path, *rest)))  # noqa: E731
        elif isinstance(value, tree.Name):
            read = lambda rest: ".".join((value.symbol.name, *rest))  # noqa: E731
        else:
            kind = value.type
            if not isinstance(kind, tree.OtherType) or "unnamed" in kind.name:
                raise KeepsItsStructs
            copy = self.copy = self.copy or self.fresh.take("value")
            given = self.text(value)
            if isinstance(value, tree.UnknownExpr) and value.kind == "compound literal":
                given = given[given.index("{") :]
            lines.append(f"const {kind.name} {copy} = {given};")
            read = lambda rest: ".".join((copy, *rest))  # noqa: E731
        stepped = [] if one is None else [k for k in one.subscripts if k is not None and is_step(k)]
        if one is not None and len(stepped) == 1 and other is None:
            one, last = self._before_step(one, stepped[0], value)
        else:
            last = ""
        for access in (a for a in (one, other) if a is not None):
            if not all(k is None or (_is_pure(k) and not _has_member(k)) for k in access.subscripts):
                raise KeepsItsStructs
        if one is None and not isinstance(target, tree.Name):
            raise KeepsItsStructs
        for m in below:
            rest = m.path[start:]
            written = self._element(one, m) if one is not None else ".".join((self.text(target), *rest))
            elements = m.elements()
            if elements is None:
                raise KeepsItsStructs
            lines += [f"{written}{e} = {read(rest)}{e};" for e in elements]
        lines += [last] if last else []
        yield from self._lines(s, None if lines[0].startswith("const") else parent, lines)

    def _before_step(self, access: _Access, step: Expr, value: Expr) -> tuple[_Access, str]:
        """`b[n++] = value` as the access to b[n], and the step that follows; the value does not know of it."""
        match step:
            case tree.Unary(op="x++" | "x--", operand=tree.Name(symbol=symbol) as name) if not any(
                isinstance(n, tree.Call) or (isinstance(n, tree.Name) and n.symbol == symbol) for n in tree.walk(value)
            ):
                subscripts = tuple(name if k is step else k for k in access.subscripts)
                return replace(access, subscripts=subscripts), f"{self.text(step)};"
        raise KeepsItsStructs

    def _of_blocks(self, s: Stmt, parent: Node | None, call: tree.Call) -> Iterator[Edit]:
        """Memory that is freed, set or copied as a whole: each member's."""
        first = self._holder(bare(call.arguments[0]))
        assert first is not None
        if call.name in self.functions:
            yield from self._call(call)
            return
        if call.name != "free" and call.name not in _BLOCKS:
            raise KeepsItsStructs
        count = 1 if call.name == "free" else _BLOCKS[call.name]
        memory = [bare(a) for a in call.arguments[:count]]
        if not all(map(self._holder, memory)):
            raise KeepsItsStructs
        if count == 2:
            self._share(first, memory[1])
        lines = []
        for m in self.members_needed(first):
            given = [self._whole(a, m) for a in memory]
            if call.name == "memset":
                given.append(self.text(call.arguments[1]))
            if call.name != "free":
                given.append(self._sized(call.arguments[2], m))
            lines.append(f"{call.name}({', '.join(given)});")
        yield from self._lines(s, parent, lines)

    def _call(self, call: tree.Call) -> Iterator[Edit]:
        """Arguments that lead to structs, as one for each member that the function needs."""
        f = self.functions.get(call.name or "")
        for k, argument in enumerate(call.arguments):
            parameter = f.parameters[k] if f is not None and k < len(f.parameters) else None
            holder = None if parameter is None else self.holders.get(parameter.symbol)
            if holder is not None:
                if argument.in_macro:
                    raise KeepsItsStructs
                self._share(holder, argument, both=self._lent(argument) is not None)
                given = ", ".join(self._pointer(argument, m) for m in self.members_needed(holder))
                yield Edit(argument.span, given)
            elif call.name in _READERS and isinstance(argument, tree.Unary) and argument.op == "&":
                yield from self._edits(argument.operand, argument)
            else:
                yield from self._edits(argument, call)
        yield from self._edits(call.callee, call)

    def _tested(self, node: Node, tested: Expr, each: str, between: str) -> Iterator[Edit]:
        holder = self._holder(tested)
        assert holder is not None
        shown = [each.format(self._whole(tested, m)) for m in self.members_needed(holder)]
        yield Edit(node.span, f"({between.join(shown)})" if len(shown) > 1 else "".join(shown))

    def _count(self, node: Node, holder: Holder, whole: Expr) -> Iterator[Edit]:
        """The number of elements of an array."""
        for m in self.members_needed(holder)[:1]:
            name = self._whole(whole, m)
            if holder.depth != 1 or not isinstance(whole.type, tree.Array):
                raise KeepsItsStructs
            yield Edit(node.span, f"sizeof {name} / sizeof {name}[0]")

    # -------------------------------------------------------------------------------------------- pointers

    def _lent(self, value: Expr) -> Expr | None:
        """The pointer whose address a value is."""
        match bare(value):
            case tree.Unary(op="&", operand=tree.Name(type=tree.Pointer()) as pointer) if self._holder(pointer):
                return pointer
        return None

    def _share(self, holder: Holder, value: Expr, both: bool = True) -> None:
        """A pointer that gets another's value needs what that one has; with `both`, also the other way round."""
        root = self._lent(value) or bare(value)
        match root:
            case tree.Unary(op="&", operand=tree.Index(base=base)):
                root = base
            case tree.Binary(op="+", left=left):
                root = bare(left)
        while isinstance(root, tree.Index):
            root = root.base
        other = self._holder(root)
        if other is None:
            return
        self.needed[other.key] |= self.needed[holder.key]
        if both:
            self.needed[holder.key] |= self.needed[other.key]

    def pointer_value(self, holder: Holder, value: Expr) -> Callable[[Member], str]:
        self._share(holder, value)
        return lambda m: self._pointer(value, m)

    def _pointer(self, value: Expr, member: Member) -> str:
        """The value of a pointer to structs, as one to a member of theirs."""
        inner = bare(value)
        if inner.in_macro and not is_null(value):
            raise KeepsItsStructs
        match inner:
            case tree.Call(arguments=arguments) if inner.name in {"malloc", "calloc"}:
                return self._allocated(inner, arguments, member)
            case tree.Name() | tree.Member() | tree.Unary(op="*") if self._holder(inner) is not None:
                return self._whole(inner, member)
            case _ if (lent := self._lent(inner)) is not None:
                return f"&{self._whole(lent, member)}"
            case tree.Unary(op="&", operand=tree.Index()) | tree.Binary(op="+") if member.length:
                raise KeepsItsStructs
            case tree.Unary(op="&", operand=tree.Index(base=base, subscript=subscript)) if (
                (holder := self._holder(base)) is not None and holder.depth == 1 and _is_pure(subscript)
            ):
                return f"&{self._whole(base, member)}[{self.text(subscript)}]"
            case tree.Binary(op="+", left=left, right=right) if self._holder(left) is not None and _is_pure(right):
                if member.brackets:
                    return f"&{self._whole(left, member)}[{self.text(right)}]"
                return f"{self._whole(left, member)} + {as_operand(right, self.text(right), '+')}"
            case tree.Unary(op="&", operand=tree.Name(symbol=symbol, type=tree.OtherType())):
                return f"&{'.'.join((symbol.name, *member.path))}"
        if is_null(value):
            return "NULL"
        raise KeepsItsStructs

    def _allocated(self, call: tree.Call, arguments: tuple[Expr, ...], member: Member) -> str:
        sized = [self._sizes(a) for a in arguments]
        if not all(map(_is_pure, arguments)) or sum(map(bool, sized)) != 1:
            raise KeepsItsStructs
        shown = [self._sized(a, member) if found else self.text(a) for a, found in zip(arguments, sized, strict=True)]
        return f"{call.name}({', '.join(shown)})"

    def _sizes(self, expr: Expr) -> list[tree.Sizeof]:
        """The factor of a product that is the size of one struct, or the whole size of an array of them."""
        match bare(expr):
            case tree.Sizeof(operand=operand, of=of) as found:
                kind = operand.type if operand is not None else of
                return [found] if _leads_to(kind, self.record) and not isinstance(kind, tree.Pointer) else []
            case tree.Binary(op="*", left=left, right=right):
                return [*self._sizes(left), *self._sizes(right)]
        return []

    def _sized(self, size: Expr, member: Member) -> str:
        """A number of bytes, for a member in the place of a struct."""
        found = self._sizes(size)
        if len(found) != 1 or found[0].in_macro:
            raise KeepsItsStructs
        operand = found[0].operand
        kind = operand.type if operand is not None else found[0].of
        if isinstance(kind, tree.Array):
            if operand is None or self._holder(operand) is None:
                raise KeepsItsStructs
            shown = f"sizeof {self._whole(operand, member)}"
        else:
            shown = member.size
        edits = Respelled(self.source, lambda _: [Edit(found[0].span, shown)])
        return edits(size)

    def _declared(self, variables: tuple[VarDecl, ...], statement: tree.Declaration | None) -> Iterator[Edit]:
        yield from declared_anew(variables, statement, self)


def _is_pure(node: Node) -> bool:
    return not any(isinstance(n, tree.Call | tree.Assign | tree.UnknownExpr) or is_step(n) for n in tree.walk(node))


def _has_member(node: Node) -> bool:
    return any(isinstance(n, tree.Member) for n in tree.walk(node))


def _leads_to(kind: tree.CType | None, record: str) -> bool:
    """Whether a type is an array or a pointer of the struct, or that itself."""
    if isinstance(kind, tree.OtherType):
        return kind.name == record
    if isinstance(kind, tree.Pointer | tree.Array):
        return _leads_to(kind.target if isinstance(kind, tree.Pointer) else kind.element, record)
    return False
