"""Which streams of a program are written, and which are read: a file is written by one rank, and read by all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chatmpi.analysis import tree
from chatmpi.analysis.calls.library import LIBRARY, STREAM_ARGUMENT, Does
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.outside.stream_holders import Holders, is_stream, stream_holders
from chatmpi.analysis.tree import Call, Expr, Node, Program, Symbol

WRITTEN, READ = "written", "read"
_MODE = tree.Pointer(tree.Scalar("char"))
# Functions that read a stream or ask about it, and which argument it is.
READING = {"fread": 3, "fseek": 0, "ftell": 0, "rewind": 0, "feof": 0, "ferror": 0, "fscanf": 0, "fgets": 2, "fgetc": 0,
           "getc": 0, "ungetc": 1, "getline": 2}  # fmt: skip


@dataclass(frozen=True)
class Streams:
    """`kinds` of the variables that hold streams; `opened`: calls of fopen, with the kind of each; `faults`: uses of
    streams that are neither one nor the other, with the reason; `holders`: the variables that one stands for, where it
    holds one stream after the other."""

    kinds: Mapping[Symbol, frozenset[str]] = field(default_factory=dict)
    opened: tuple[tuple[Call, str], ...] = ()
    faults: tuple[tuple[Node, str], ...] = ()
    holders: Holders = field(default_factory=Holders)

    def kind(self, expr: Expr) -> frozenset[str]:
        """What kinds of streams an expression may be; none if one of those that it may be is not known."""
        found: set[str] = set()
        for part in alternatives(expr):
            one = _standard(part) or self.kinds.get(self.holders.of(part)) if isinstance(part, tree.Name) else None
            if not one:
                return frozenset()
            found |= one
        return frozenset(found)

    @property
    def written(self) -> tuple[Call, ...]:
        """The calls that open a file to write to it."""
        return tuple(call for call, kind in self.opened if kind == WRITTEN)

    def closes_written(self, s: tree.Stmt) -> bool:
        """Whether a statement closes a file that was written."""
        call = bare(s.expr) if isinstance(s, tree.ExprStmt) else None
        return isinstance(call, Call) and call.name == "fclose" and self.kind(call.arguments[0]) == {WRITTEN}


def find_streams(program: Program) -> Streams:
    holders = stream_holders(program)
    values = list(_values(program, holders))
    modes = {p: given for p, given in _given(program, _MODE).items() if p not in _unsteady(program)}
    kinds: dict[Symbol, set[str]] = {}
    opened: dict[int, tuple[Call, str]] = {}
    faults: list[tuple[Node, str]] = []
    known: set[int] = set()
    changed = True
    while changed:
        changed = False
        for symbol, value in values:
            for part in alternatives(value):
                known.add(id(part))
                found = _kind_of(part, kinds, modes, holders)
                if found is None:
                    continue
                if isinstance(part, Call) and part.name == "fopen":
                    opened[id(part)] = (part, next(iter(found)))
                if not found <= kinds.setdefault(symbol, set()):
                    kinds[symbol] |= found
                    changed = True
    fixed = Streams({s: frozenset(k) for s, k in kinds.items()}, tuple(opened.values()), holders=holders)
    for _, value in values:
        faults += [(p, "what stream this is is not known") for p in alternatives(value) if _is_strange(p, fixed)]
    targets = {id(bare(v)) for _, v in values}
    for function in _reached(program):
        faults += _misused(function.body, fixed, known | targets)
    return Streams(fixed.kinds, fixed.opened, tuple(faults), holders)


def standard_inputs(program: Program) -> frozenset[Symbol]:
    """The variables that may hold standard input: `FILE *in = argc > 1 ? fopen(argv[1], "r") : stdin;`."""
    found: set[Symbol] = set()
    values = [(symbol, part) for symbol, value in _values(program, Holders()) for part in alternatives(value)]
    changed = True
    while changed:
        changed = False
        for symbol, part in values:
            given = part.callee if isinstance(part, Call) else part
            if symbol not in found and isinstance(given, tree.Name) and (is_stdin(given) or given.symbol in found):
                found.add(symbol)
                changed = True
    return frozenset(found)


def is_stdin(node: Node | None) -> bool:
    return isinstance(node, tree.Name) and node.symbol.name == "stdin" and node.symbol.storage == "global"


def _values(program: Program, holders: Holders) -> Iterator[tuple[Symbol, Expr]]:
    """What is given to variables that hold streams, parameters too, and what functions give back."""
    for f in program.functions:
        if is_stream(f.returns):
            yield from ((f.symbol, n.value) for n in tree.walk(f.body) if isinstance(n, tree.Return) and n.value)
    yield from ((p, a) for p, many in _given(program, None).items() if is_stream(p.type) for a in many)
    roots: list[Node] = [*program.globals, *(f.body for f in program.functions)]
    for node in (n for root in roots for n in tree.walk(root)):
        match node:
            case tree.VarDecl(symbol=symbol, init=tree.Expr() as value) if is_stream(symbol.type):
                yield holders.filled.get(id(node), symbol), value
            case tree.Assign(target=tree.Name(symbol=symbol), value=value) if is_stream(symbol.type):
                yield holders.filled.get(id(node), symbol), value


def _given(program: Program, kind: tree.CType | None) -> dict[Symbol, list[Expr]]:
    """What the parameters of a type are given in all calls, of any type if it is None."""
    functions = {f.symbol.name: f for f in program.functions}
    found: dict[Symbol, list[Expr]] = {}
    for f in _reached(program):
        for node in tree.walk(f.body):
            if isinstance(node, Call) and node.name in functions:
                for parameter, argument in zip(functions[node.name].parameters, node.arguments, strict=False):
                    if kind is None or parameter.symbol.type == kind:
                        found.setdefault(parameter.symbol, []).append(argument)
    return found


def _reached(program: Program) -> Iterator[tree.Function]:
    """The functions that run: some are left that are read in the place of their calls."""
    functions = {f.symbol.name: f for f in program.functions}
    seen, waiting = set[str](), ["main" if "main" in functions else next(iter(functions), "")]
    while waiting:
        f = functions.get(waiting.pop())
        if f is not None and f.symbol.name not in seen:
            seen.add(f.symbol.name)
            yield f
            names = (n.symbol for n in tree.walk(f.body) if isinstance(n, tree.Name))
            waiting += [s.name for s in names if s.storage == "function"]


def _unsteady(program: Program) -> set[Symbol]:
    """Parameters that are assigned, and those of functions that are called through pointers."""
    nodes = [n for f in program.functions for n in tree.walk(f.body)]
    direct = {id(n.callee) for n in nodes if isinstance(n, Call)}
    taken = {
        n.symbol for n in nodes if isinstance(n, tree.Name) and n.symbol.storage == "function" and id(n) not in direct
    }
    assigned = {n.target.symbol for n in nodes if isinstance(n, tree.Assign) and isinstance(n.target, tree.Name)}
    return assigned | {p.symbol for f in program.functions if f.symbol in taken for p in f.parameters}


def alternatives(value: Expr) -> Iterator[Expr]:
    inner = bare(value)
    if isinstance(inner, tree.Conditional):
        yield from alternatives(inner.then)
        yield from alternatives(inner.otherwise)
    else:
        yield inner


def _kind_of(
    value: Expr, kinds: Mapping[Symbol, set[str]], modes: Mapping[Symbol, Sequence[Expr]], holders: Holders
) -> set[str] | None:
    """What kind of stream a value is; None where it is none, or not known."""
    match value:
        case Call(name="fopen", arguments=(_, mode)):
            found = {_kind_of_mode(text) for text in _texts(mode, modes, frozenset())}
            kind = next(iter(found)) if len(found) == 1 else None
            return None if kind is None else {kind}
        case Call(callee=tree.Name(symbol=symbol)):
            return kinds.get(symbol)
        case tree.Name():
            return set(_standard(value)) or kinds.get(holders.of(value))
    return None


def _kind_of_mode(mode: str | None) -> str | None:
    if mode is None or "+" in mode:
        return None
    return WRITTEN if mode[:1] in ("w", "a") else READ if mode[:1] == "r" else None


def _texts(mode: Expr, modes: Mapping[Symbol, Sequence[Expr]], seen: frozenset[Symbol]) -> Iterator[str | None]:
    """The modes that an expression may stand for; None for one that is not known."""
    for part in alternatives(mode):
        match part:
            case tree.StringLiteral(value=text):
                yield text
            case tree.Name(symbol=symbol) if symbol.storage == "parameter" and symbol in modes and symbol not in seen:
                for given in modes[symbol]:
                    yield from _texts(given, modes, seen | {symbol})
            case _:
                yield None


def _standard(name: tree.Name) -> frozenset[str]:
    """The kind of a stream that is open from the start."""
    if name.symbol.storage != "global":
        return frozenset()
    kinds = {"stdout": WRITTEN, "stderr": WRITTEN, "stdin": READ}
    return frozenset({kinds[name.symbol.name]}) if name.symbol.name in kinds else frozenset()


def _is_strange(value: Expr, streams: Streams) -> bool:
    if isinstance(value, tree.IntLiteral):
        return value.value != 0
    if isinstance(value, Call) and isinstance(value.callee, tree.Name) and value.callee.symbol in streams.kinds:
        return False
    return not streams.kind(value) and all(call is not value for call, _ in streams.opened)


def _misused(body: Node, streams: Streams, given: set[int]) -> Iterator[tuple[Node, str]]:
    """Streams in other places than where they are set, tested, or handed to a function that fits."""
    fitting = set(given)
    for node in tree.walk(body):
        match node:
            case Call() if node.name in STREAM_ARGUMENT or node.name in READING or node.name == "fclose":
                yield from _misfits(node, streams)
                fitting |= {id(part) for a in node.arguments for part in alternatives(a)}
            case tree.Assign(target=tree.Name() as target) if is_stream(target.type):
                fitting.add(id(target))
            case tree.Unary(op="!", operand=operand):
                fitting.add(id(operand))
            case tree.Binary(op="==" | "!=" | "&&" | "||", left=left, right=right):
                fitting |= {id(left), id(right), id(bare(left)), id(bare(right))}
            case tree.If(condition=condition):
                fitting.add(id(condition))
            case tree.Name() if _standard(node):
                pass
            case tree.Name() | Call() if is_stream(node.type) and id(node) not in fitting:
                yield node, "the stream is used in a way that is not followed"


def _misfits(call: Call, streams: Streams) -> Iterator[tuple[Node, str]]:
    """A stream must be of one kind, and the function must fit it."""
    name = call.name or ""
    position = STREAM_ARGUMENT.get(name, READING.get(name, 0))
    if position >= len(call.arguments):
        return
    stream = call.arguments[position]
    if name == "fflush" and isinstance(bare(stream), tree.IntLiteral):
        return
    kinds = streams.kind(stream)
    if len(kinds) != 1:
        yield call, f"the stream that '{name}' uses is not known to be written only, or read only"
    elif (LIBRARY.get(name) is Does.OUTPUT) != (kinds == {WRITTEN}) and name not in {"fclose", "ferror"}:
        yield call, f"'{name}' does not fit a stream that is {next(iter(kinds))}"
