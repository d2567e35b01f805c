"""Values that differ between ranks (a time, a process number): they may be computed with and printed.

Where they decide or are stored, ranks would part ways: there all of them take rank 0's value, if it is one that can be
handed on (`srand(time(NULL))`).
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from chatmpi.analysis import tree
from chatmpi.analysis.calls.effects import INDIRECT, Effects, effects_of, is_output
from chatmpi.analysis.calls.library import ENDING, LIBRARY, Does
from chatmpi.analysis.expressions import bare
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.outside.stream_holders import is_stream
from chatmpi.analysis.touches import BareUse, ElementTouch, is_memory
from chatmpi.analysis.tree import Call, Node, Symbol

_HANDED_ON = {"time", "getpid", "getenv", "access"}
_DECIDES = "a value that differs between ranks (a time, a process number) decides what is computed"


def agreed_calls(facts: Facts) -> tuple[Call, ...]:
    """The calls of main whose value rank 0 hands on to the others, so that none decides differently; none where that
    is not needed, or does not help."""
    if not any(True for _ in varying(facts)):
        return ()
    found = tuple(_handed_on(facts))
    return () if any(True for _ in varying(facts, found)) else found


def _handed_on(facts: Facts) -> Iterator[Call]:
    for s in tree.statements(facts.function.body):
        if isinstance(s, tree.ExprStmt | tree.Declaration) and not _prints(s, facts):
            for n in tree.walk(s):
                if isinstance(n, Call) and n.name in _HANDED_ON and not n.in_macro and not n.callee.in_macro:
                    plain = n.name != "time" or isinstance(bare(n.arguments[0]), tree.IntLiteral)
                    yield from (n,) if plain and n.name not in facts.summaries else ()


def _prints(s: tree.Stmt, facts: Facts) -> bool:
    return isinstance(s, tree.ExprStmt) and is_output(s.expr, facts.summaries)


def reads_clock(call: Call, summaries: dict[str, Effects]) -> bool:
    return Does.CLOCK in effects_of(call, summaries).does


def varying(facts: Facts, agreed: tuple[Call, ...] = ()) -> Iterator[tuple[str, Node, str]]:
    """What ranks would do differently: the reason, where, and what the author can do about it."""
    kept = _kept_times(facts)
    for name, effects in facts.summaries.items():
        if name in {"main", INDIRECT}:
            continue
        mixes = Does.CLOCK in effects.does and not _is_mere_clock(effects)
        if mixes or (Does.CLOCK not in effects.does and effects.reads & kept):
            function = facts.program.function(name)
            assert function is not None
            yield f"'{name}' mixes the time with other effects", function, "keep timing in a function of its own"
    alike = {id(c) for c in agreed}
    tainted = _tainted(facts, alike, kept)
    for s in tree.statements(facts.function.body):
        node = _misuse(s, tainted, facts, alike)
        if node is not None:
            yield _DECIDES, node, "use it for printing only"


def _is_mere_clock(effects: Effects) -> bool:
    """Reads a clock, keeps numbers at most, and prints: whatever it decides, no other rank can tell."""
    kept = all(isinstance(s.type, tree.Scalar) or s.storage == "static" or is_stream(s.type) for s in effects.writes)
    return effects.does <= {Does.NOTHING, Does.CLOCK, Does.OUTPUT} and kept and not (effects.memory or effects.captures)


def _kept_times(facts: Facts) -> set[Symbol]:
    """The variables of file scope in which functions that read a clock keep something."""
    timing = (e for name, e in facts.summaries.items() if name != "main" and Does.CLOCK in e.does)
    return {s for effects in timing for s in effects.writes if s.storage == "global" and not is_stream(s.type)}


def _tainted(facts: Facts, alike: Set[int], kept: Set[Symbol]) -> set[Symbol]:
    """Variables that hold clock values, or what was computed from them; calls in `alike` give every rank one value."""
    tainted: set[Symbol] = set(kept)
    changed = True
    while changed:
        changed = False
        for s in tree.statements(facts.function.body):
            for symbol in _written(s, tainted, facts, alike):
                if symbol not in tainted:
                    tainted.add(symbol)
                    changed = True
    return tainted


def _written(s: tree.Stmt, tainted: Set[Symbol], facts: Facts, alike: Set[int]) -> Iterator[Symbol]:
    """The variables to which a statement gives what varies: an `if`, all that it sets one way or another."""
    match s:
        case tree.ExprStmt() | tree.Declaration() if _is_tainted(s, tainted, facts, alike):
            yield from _assigned(s)
        case tree.If(condition=condition) if _is_tainted(condition, tainted, facts, alike):
            yield from (symbol for part in _inside(s) for symbol in _assigned(part))


def _is_tainted(node: Node, tainted: Set[Symbol], facts: Facts, alike: Set[int]) -> bool:
    return any(
        (isinstance(n, tree.Name) and n.symbol in tainted)
        or (isinstance(n, Call) and id(n) not in alike and reads_clock(n, facts.summaries))
        or (isinstance(n, Call) and bool(effects_of(n, facts.summaries).reads & tainted))
        for n in tree.walk(node)
    )


def _assigned(s: tree.Stmt) -> Iterator[Symbol]:
    """Names that a simple statement may write: assigned, or handed by address."""
    for n in tree.walk(s):
        target: Node | None = None
        if isinstance(n, Call) and LIBRARY.get(n.name or "") is Does.CLOCK:
            for a in map(bare, n.arguments):  # `strftime(text, …)`, `gethostname(name, …)`
                if isinstance(a, tree.Name) and is_memory(a.type):
                    yield a.symbol
        if isinstance(n, tree.VarDecl) and n.init is not None:
            yield n.symbol
        elif isinstance(n, tree.Assign):
            target = n.target
        elif isinstance(n, tree.Unary) and ("x" in n.op or n.op == "&"):
            target = n.operand
        while isinstance(target, tree.Member | tree.Index):
            target = target.base
        if isinstance(target, tree.Name):
            yield target.symbol


def _misuse(s: tree.Stmt, tainted: Set[Symbol], facts: Facts, alike: Set[int]) -> Node | None:
    """Where a statement lets a varying value decide something."""
    parts: list[Node | None] = []
    match s:
        case tree.If() if _only_sets(s, facts):
            return None
        case tree.If(condition=condition) | tree.While(condition=condition) | tree.DoWhile(condition=condition):
            parts = [condition]
        case tree.For(init=init, condition=test, step=step):
            parts = [init, test, step]
        case tree.Return(value=value):
            parts = [value]
        case tree.UnknownStmt():
            parts = [s]
        case tree.ExprStmt() | tree.Declaration() if _is_tainted(s, tainted, facts, alike):
            return _stores(s, tainted, facts, alike)
    return next((p for p in parts if p is not None and _is_tainted(p, tainted, facts, alike)), None)


def _inside(s: tree.If) -> list[tree.Stmt]:
    branches = [s.then] if s.otherwise is None else [s.then, s.otherwise]
    return [part for branch in branches for part in tree.statements(branch)]


def _only_sets(s: tree.If, facts: Facts) -> bool:
    """Whether nothing depends on a condition but what rank 0 prints and values of plain variables, which then vary too;
    and nothing of arrays, which others may hold."""
    inside = _inside(s)
    simple = [part for part in inside if not isinstance(part, tree.Block | tree.Empty | tree.If)]
    if not all(_prints(part, facts) or _sets(part, facts) for part in simple):
        return False
    held = [t for part in inside for t in facts.touches.of(part.id) if isinstance(t, ElementTouch | BareUse)]
    return all(isinstance(t, BareUse) and (is_stream(t.symbol.type) or _is_text(t.symbol)) for t in held)


def _sets(s: tree.Stmt, facts: Facts) -> bool:
    """Whether a statement gives values to plain variables, and does nothing else."""
    if not isinstance(s, tree.ExprStmt | tree.Declaration):
        return False
    calls = [n for n in tree.walk(s) if isinstance(n, Call)]
    quiet = all(effects_of(c, facts.summaries).does <= {Does.NOTHING, Does.CLOCK} for c in calls)
    return quiet and all(isinstance(symbol.type, tree.Scalar) for symbol in _assigned(s))


def _is_text(symbol: Symbol) -> bool:
    inner = symbol.type.target if isinstance(symbol.type, tree.Pointer) else tree.array_core(symbol.type)
    return inner == tree.Scalar("char")


def _stores(s: tree.Stmt, tainted: Set[Symbol], facts: Facts, alike: Set[int]) -> Node | None:
    """The array element, address or seed that a tainted statement writes, beside plain variables and output."""
    for t in facts.touches.of(s.id):
        if isinstance(t, ElementTouch) and t.write:
            return t.node
        if isinstance(t, BareUse) and t.role in {"assigned", "value"} and not _is_given(t, facts):
            return t.node
    for n in tree.walk(s):
        if isinstance(n, Call):
            effects = effects_of(n, facts.summaries)
            if effects.reads & tainted and not _is_mere_clock(effects):
                return n
        given = n.arguments if isinstance(n, Call) else ()
        if isinstance(n, Call) and any(
            _is_tainted(a, frozenset(), facts, alike) or isinstance(a, tree.Name) for a in given
        ):
            does = effects_of(n, facts.summaries).does
            if does & {Does.STEPS_STATE, Does.WRITES_ARGUMENTS, *ENDING}:
                return n
    return None


def _is_given(use: BareUse, facts: Facts) -> bool:
    """Whether a pointer is set to what a call that reads a clock gives: a date, a text."""
    match use.update:
        case tree.Assign(op="=", value=value) | tree.VarDecl(init=tree.Expr() as value):
            call = bare(value)
            return isinstance(call, Call) and reads_clock(call, facts.summaries)
    return False
