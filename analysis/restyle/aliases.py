"""Which local pointers only ever lead into one array, so that each is that array and an offset.

Nothing is guessed: every definition of such a web (see `webs.py`) is a place in the same array, and the array's name
means the same memory wherever the web is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.expressions import bare, changed_or_lent, is_null
from chatmpi.analysis.memory.pointer_places import Place, element, is_zero, place_of, root_name, symbols_in
from chatmpi.analysis.numbers.values import text
from chatmpi.analysis.restyle.webs import AT_ENTRY, Reaching, Unfollowed, Web, is_closed, webs_of
from chatmpi.analysis.tree import Expr, Node, Program, Stmt, Symbol


@dataclass(frozen=True, slots=True)
class Target:
    """What a web of a pointer leads into: `root[rows…]`. `offset` is false where it leads to the first element only,
    and so is another name for it."""

    root: Expr
    rows: tuple[Expr, ...]
    offset: bool

    @property
    def key(self) -> tuple[str, ...]:
        return (text(self.root), str(root_symbol(self.root).uid), *map(text, self.rows))


@dataclass(frozen=True)
class Aliases:
    """`targets`: what the pointer leads into at each use of its name (by id()) and at each definition;
    `whole`: the pointers of which every web has a target; `entered`: parameters that are stepped; `constant`: those
    that are given a value where they are declared and nowhere else; `at_begin`: uses where the offset is zero."""

    targets: Mapping[int, Target]
    whole: frozenset[Symbol]
    entered: frozenset[Symbol]
    constant: frozenset[Symbol]
    at_begin: frozenset[int]


def root_symbol(root: Expr) -> Symbol:
    name = root_name(root)
    assert name is not None
    return name.symbol


def find_aliases(f: tree.Function, program: Program, refused: frozenset[Symbol]) -> Aliases:
    """The aliases among a function's local pointers, but for those `refused`."""
    webs = [w for s in _pointers(f, program) - refused for w in _webs(s, f)]
    every = {w.symbol: [o for o in webs if o.symbol == w.symbol] for w in webs}
    candidates = [w for w in webs if _is_candidate(w)]
    search = _Search(f, program, candidates)
    while True:
        targets = search.targets()
        lost = [w for w in search.candidates if targets.get(w) is None or not search.keeps(w, targets[w], every)]
        if not lost:
            break
        search.candidates = [w for w in search.candidates if w not in lost]
    found: dict[int, Target] = {}
    for w in search.candidates:
        target = targets[w]
        assert target is not None
        found |= dict.fromkeys((*w.uses, *(d for d in w.definitions if d != AT_ENTRY)), target)
    whole = frozenset(s for s, many in every.items() if all(w in search.candidates for w in many))
    return Aliases(
        found,
        whole,
        frozenset(w.symbol for w in search.candidates if w.entered),
        frozenset(s for s in whole if _is_constant(every[s])),
        frozenset(use for w in search.candidates for use in _at_begin(w, f, found)),
    )


def stays(place: Place, part: tuple[Stmt, ...], f: tree.Function, program: Program) -> bool:
    """Whether a place without an offset is the same memory, and can be written, throughout some statements."""
    return _Search(f, program, [])._is_steady_in(part, Target(place.root, place.rows, False))


def _at_begin(w: Web, f: tree.Function, found: Mapping[int, Target]) -> Iterator[int]:
    """The uses of a web that only see definitions of the array's first element."""
    reaching = Reaching(w.symbol)
    reaching.run(f.body, frozenset({AT_ENTRY}) if w.entered else frozenset())
    for use in w.uses:
        if all(d == AT_ENTRY or _is_first(w.definitions[d], found) for d in reaching.uses[use]):
            yield use


def _is_first(node: Node, found: Mapping[int, Target]) -> bool:
    place = _defining_place(node) if isinstance(node, tree.VarDecl | tree.Assign) else None
    stepped = isinstance(node, tree.Assign) and node.op != "="
    return place is not None and not stepped and is_zero(place) and id(place.root) not in found


def _pointers(f: tree.Function, program: Program) -> set[Symbol]:
    """The pointers to elements that a function declares."""
    mine = [*f.parameters, *(n for n in tree.walk(f.body) if isinstance(n, tree.VarDecl))]
    return {
        v.symbol
        for v in mine
        if isinstance(v.symbol.type, tree.Pointer)
        and v.symbol.storage in {"local", "parameter"}
        and _holds_elements(v.symbol.type.target, program)
        and not v.in_macro
        and "volatile" not in program.source.at(v.span)
    }


def _holds_elements(kind: tree.CType, program: Program) -> bool:
    return isinstance(kind, tree.Scalar) or (isinstance(kind, tree.OtherType) and kind.name in program.records)


def _webs(symbol: Symbol, f: tree.Function) -> list[Web]:
    try:
        return webs_of(symbol, f.body)
    except Unfollowed:
        return []


def _is_candidate(w: Web) -> bool:
    """Whether each definition is a place, and a parameter's own value is stepped."""
    if w.entered and len(w.definitions) == 1:
        return False
    return all(d == AT_ENTRY or _is_unset(n) or _defining_place(n) is not None for d, n in w.definitions.items())


def _is_unset(node: Node) -> bool:
    """Whether a definition gives no place: nothing may look at the pointer before it has another one."""
    match node:
        case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value):
            return is_null(value)
    return False


def _defining_place(node: Node) -> Place | None:
    """The place that a definition gives."""
    match node:
        case tree.VarDecl(init=tree.Expr() as value) | tree.Assign(op="=", value=value):
            found = place_of(value)
            return None if found is None or found.step is not None else found
        case tree.Assign(op="+=" | "-=", target=tree.Name() as name) | tree.Unary(operand=tree.Name() as name):
            return Place(name)
    return None


def _is_constant(webs: list[Web]) -> bool:
    definitions = [n for w in webs for n in w.definitions.values()]
    return len(definitions) == 1 and isinstance(definitions[0], tree.VarDecl)


class _Search:
    def __init__(self, f: tree.Function, program: Program, candidates: list[Web]) -> None:
        self.f, self.program, self.candidates = f, program, candidates
        self.blocks = [n for n in tree.walk(f.body) if isinstance(n, tree.Block)]
        self.sequences = [s for n in tree.walk(f.body) if (s := _sequence(n)) is not None]
        self.defined = {g.symbol.name for g in program.functions}
        self.lent = {
            n.operand.symbol
            for g in program.functions
            for n in tree.walk(g.body)
            if isinstance(n, tree.Unary) and n.op == "&" and isinstance(n.operand, tree.Name)
        }
        self.lent_members = {
            n.operand.field
            for g in program.functions
            for n in tree.walk(g.body)
            if isinstance(n, tree.Unary) and n.op == "&" and isinstance(n.operand, tree.Member)
        }

    def targets(self) -> dict[Web, Target | None]:
        """The target of each candidate; None where definitions disagree."""
        web_at = {use: w for w in self.candidates for use in w.uses}
        found: dict[Web, Target | None] = {}
        changed = True
        while changed:
            changed = False
            for w in self.candidates:
                target = self._joined(w, web_at, found)
                mine = found.get(w)
                if target is None or (mine is not None and (mine.key != target.key or mine.offset >= target.offset)):
                    continue  # definitions that disagree keep the first: `_agrees` sees it
                found[w] = target
                changed = True
        return {w: found.get(w) if self._agrees(w, web_at, found) else None for w in self.candidates}

    def _parts(self, w: Web, web_at: Mapping[int, Web], found: Mapping[Web, Target | None]) -> Iterator[Target | None]:
        """The target by each definition; None where it is not known (yet)."""
        for d, node in w.definitions.items():
            if d == AT_ENTRY:
                name = tree.Name(span=self.f.name_span, type=w.symbol.type, symbol=w.symbol)
                yield Target(name, (), True)
                continue
            if _is_unset(node):
                continue
            place = _defining_place(node)
            assert place is not None
            other = web_at.get(id(place.root))
            if other is w:
                if not (isinstance(node, tree.Assign | tree.Unary)):
                    yield None
                continue
            if other is not None:
                inner = found.get(other)
                yield None if inner is None else Target(inner.root, inner.rows, inner.offset or self._moves(w, place))
            else:
                yield Target(place.root, place.rows, self._moves(w, place))

    def _moves(self, w: Web, place: Place) -> bool:
        """Whether the web's pointer needs an offset."""
        return not is_zero(place) or not all(self._is_removable(n, w) for n in w.definitions.values())

    def _is_removable(self, node: Node, w: Web) -> bool:
        """Whether a definition does not depend on the one before, and can go without leaving a hole."""
        if isinstance(node, tree.Unary) or any(id(n) in w.uses for n in tree.walk(node)):
            return False
        if isinstance(node, tree.VarDecl):
            return not any(isinstance(n, tree.For) and n.init is not None and _holds(n.init, node)
                           for n in tree.walk(self.f.body))  # fmt: skip
        return any(isinstance(s, tree.ExprStmt) and s.expr is node for b in self.blocks for s in b.body)

    def _joined(self, w: Web, web_at: Mapping[int, Web], found: Mapping[Web, Target | None]) -> Target | None:
        known = [t for t in self._parts(w, web_at, found) if t is not None]
        if not known:
            return None
        return Target(known[0].root, known[0].rows, any(t.offset for t in known))

    def _agrees(self, w: Web, web_at: Mapping[int, Web], found: Mapping[Web, Target | None]) -> bool:
        mine = found.get(w)
        return mine is not None and all(t is not None and t.key == mine.key for t in self._parts(w, web_at, found))

    # ----------------------------------------------------------------------------------- the same memory

    def keeps(self, w: Web, target: Target | None, every: Mapping[Symbol, list[Web]]) -> bool:
        """Whether the target's text means the same memory, and can be written, wherever the web is used."""
        if target is None or not _same_element(w.symbol, target) or _is_argument(target):
            return False
        base = root_symbol(target.root)
        part = self._reach(w)
        if isinstance(target.root, tree.Name) and any(o.entered for o in every.get(base, [])):
            stepped_away = all(o in self.candidates for o in every[base])
            return (stepped_away or self._is_steady_parameter(base)) and self._are_visible({base}, part)
        return self._is_steady_in(part, target)

    def _is_steady_parameter(self, base: Symbol) -> bool:
        return base not in self.lent and not any(changed_or_lent(n) == base for n in tree.walk(self.f.body))

    def _reach(self, w: Web) -> tuple[Stmt, ...]:
        """The statements from the web's first mention to its last: a slice of the innermost block that holds them,
        and that no value of the web enters from outside."""
        mentioned = {*w.uses, *(d for d in w.definitions if d != AT_ENTRY)}
        for body in reversed(self.sequences):
            holding = [k for k, s in enumerate(body) if any(id(n) in mentioned for n in tree.walk(s))]
            inside = {id(n) for k in holding for n in tree.walk(body[k])}
            if not holding or not mentioned <= inside:
                continue
            part = body[holding[0] : holding[-1] + 1]
            if is_closed(w, part):
                return part
        return (self.f.body,)

    def _is_steady_in(self, part: tuple[Stmt, ...], target: Target) -> bool:
        nodes = [n for s in part for n in tree.walk(s)]
        names = {s for e in (target.root, *target.rows) for s in symbols_in(e)}
        if any(self._may_change(s, nodes) for s in names if _may_be_assigned(s)):
            return False
        if not all(_is_plain(row) for row in target.rows) or not self._are_visible(names, part):
            return False
        if isinstance(target.root, tree.Member) and self._may_change_member(target.root, nodes):
            return False
        in_table = bool(target.rows) and _is_table(target.root.type)
        return not (in_table and any(self._may_set_pointer(n) for n in self._executed(nodes)))

    def _executed(self, nodes: list[Node]) -> Iterator[Node]:
        """Some nodes, and those of the functions that are called there."""
        found: dict[str, None] = {}
        pending = nodes
        while pending:
            yield from pending
            called = {n.name for n in pending if isinstance(n, tree.Call) and n.name in self.defined} - found.keys()
            found |= dict.fromkeys(name for name in called if name is not None)
            pending = [n for g in self.program.functions if g.symbol.name in called for n in tree.walk(g.body)]

    def _may_set_pointer(self, node: Node) -> bool:
        """Whether a pointer in a table may be changed there: by an assignment, or by a function that is not known."""
        if not isinstance(node, tree.Call):
            return _sets_pointer(node)
        arguments = (bare(a).type for a in node.arguments)
        return node.name is None or (node.name not in self.defined and any(_is_table(a) for a in arguments))

    def _may_change(self, symbol: Symbol, nodes: list[Node]) -> bool:
        if symbol in self.lent or any(changed_or_lent(n) == symbol for n in nodes):
            return True
        outside = symbol.storage not in {"local", "parameter"}
        return outside and self._calls(nodes) and any(
            changed_or_lent(n) == symbol for g in self.program.functions for n in tree.walk(g.body)
        )  # fmt: skip

    def _calls(self, nodes: list[Node]) -> bool:
        """Whether a function of the program may be called."""
        return any(isinstance(n, tree.Call) and (n.name is None or n.name in self.defined) for n in nodes)

    def _may_change_member(self, root: tree.Member, nodes: list[Node]) -> bool:
        fields: set[str] = set()
        structs: set[tree.CType] = {tree.VOID}
        base: Expr = root
        while isinstance(base, tree.Member):
            fields.add(base.field)
            base = base.base
            structs.add(element(base.type) or base.type)
        if fields & self.lent_members:
            return True
        for n in self._executed(nodes):
            target = n.target if isinstance(n, tree.Assign) else n.operand if isinstance(n, tree.Unary) else None
            if isinstance(n, tree.Call) and n.name not in self.defined and (
                n.name is None or any(element(bare(a).type) in structs for a in n.arguments)
            ):  # fmt: skip
                return True
            if isinstance(n, tree.Unary) and "x" not in n.op:
                continue
            if isinstance(target, tree.Member) and target.field in fields:
                return True
            if target is not None and isinstance(target.type, tree.OtherType):
                return True
        return False

    def _are_visible(self, names: set[Symbol], part: tuple[Stmt, ...]) -> bool:
        """Whether each name has its meaning, wherever a mention in these statements stands."""
        on_top = {v.symbol for s in part if isinstance(s, tree.Declaration) for v in s.variables}
        for s in part:
            for n in tree.walk(s):
                if isinstance(n, tree.VarDecl):
                    if n.symbol in names and n.symbol not in on_top:
                        return False
                    if any(n.symbol.name == other.name and n.symbol != other for other in names):
                        return False
        return True


def _sequence(node: Node) -> tuple[Stmt, ...] | None:
    """The statements that are run one after the other: of a block, or the one that is a loop's body."""
    match node:
        case tree.Block(body=body):
            return body
        case tree.For(body=only) | tree.While(body=only) | tree.DoWhile(body=only) if not isinstance(only, tree.Block):
            return (only,)
    return None


def _holds(node: Node, part: Node) -> bool:
    return any(n is part for n in tree.walk(node))


def _same_element(pointer: Symbol, target: Target) -> bool:
    kind: tree.CType | None = target.root.type
    for _ in range(len(target.rows) + 1):
        kind = None if kind is None else element(kind)
    return kind == element(pointer.type)


def _is_argument(target: Target) -> bool:
    """Whether it is a string of a table of strings, as a program's arguments are."""
    kind = element(target.root.type)
    return bool(target.rows) and kind == tree.Pointer(tree.Scalar("char"))


def _is_table(kind: tree.CType) -> bool:
    return isinstance(element(kind), tree.Pointer)


def _may_be_assigned(symbol: Symbol) -> bool:
    return symbol.storage not in {"function", "enumerator"} and not isinstance(symbol.type, tree.Array)


def _is_plain(row: Expr) -> bool:
    """Numbers and variables, sums and products of them, and what is left when they are divided by a number."""
    return all(isinstance(n, tree.Name | tree.IntLiteral) or _is_plain_step(n) for n in tree.walk(row))


def _is_plain_step(n: Node) -> bool:
    match n:
        case tree.Binary(op="+" | "-" | "*"):
            return True
        case tree.Binary(op="%" | "/", right=tree.IntLiteral(value=by)):
            return by > 0
    return False


def _sets_pointer(node: Node) -> bool:
    """Whether an assignment may change a pointer in a table."""
    return (
        isinstance(node, tree.Assign) and isinstance(node.target.type, tree.Pointer)
        and not isinstance(node.target, tree.Name)
    )  # fmt: skip
