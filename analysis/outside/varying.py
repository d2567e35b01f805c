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
from chatmpi.analysis.outside.times import HANDED_ON, decides, is_tainted, kept_times, reads_clock, tainted
from chatmpi.analysis.touches import BareUse, ElementTouch, OpaqueTouch, Touch
from chatmpi.analysis.tree import Call, Node, Symbol

_LOOPS = tree.For | tree.While | tree.DoWhile
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
                if isinstance(n, Call) and n.name in HANDED_ON and not n.in_macro and not n.callee.in_macro:
                    plain = n.name != "time" or isinstance(bare(n.arguments[0]), tree.IntLiteral)
                    yield from (n,) if plain and n.name not in facts.summaries else ()


def _prints(s: tree.Stmt, facts: Facts) -> bool:
    return isinstance(s, tree.ExprStmt) and is_output(s.expr, facts.summaries)


def varying(facts: Facts, agreed: tuple[Call, ...] = ()) -> Iterator[tuple[str, Node, str]]:
    """What ranks would do differently: the reason, where, and what the author can do about it."""
    kept = kept_times(facts.summaries)
    for name, effects in facts.summaries.items():
        if name in {"main", INDIRECT}:
            continue
        mixes = Does.CLOCK in effects.does and not _is_mere_clock(effects)
        if mixes or (Does.CLOCK not in effects.does and effects.reads & kept):
            function = facts.program.function(name)
            assert function is not None
            yield f"'{name}' mixes the time with other effects", function, "keep timing in a function of its own"
    alike = {id(c) for c in agreed}
    found = tainted(facts.function.body, facts.summaries, alike)
    for node in _misused(facts.function.body, found, facts, alike):
        yield _DECIDES, node, "use it for printing only"


def _is_mere_clock(effects: Effects) -> bool:
    """Reads a clock, keeps numbers at most, and prints: whatever it decides, no other rank can tell."""
    kept = all(isinstance(s.type, tree.Scalar) or s.storage == "static" or is_stream(s.type) for s in effects.writes)
    return effects.does <= {Does.NOTHING, Does.CLOCK, Does.OUTPUT} and kept and not (effects.memory or effects.captures)


def _misused(s: tree.Stmt, held: Set[Symbol], facts: Facts, alike: Set[int]) -> Iterator[Node]:
    """Where a statement, or one in it, lets a varying value decide something."""
    parts: list[Node] = decides(s)
    match s:
        case tree.Return(value=tree.Expr() as value):
            parts = [value]
        case tree.UnknownStmt():
            parts = [s]
        case tree.ExprStmt() | tree.Declaration() if is_tainted(s, held, facts.summaries, alike):
            stored = _stores(s, held, facts, alike)
            yield from () if stored is None else (stored,)
            return
    found = next((p for p in parts if is_tainted(p, held, facts.summaries, alike)), None)
    if found is not None and _keeps_to_itself(s, facts):
        return
    yield from () if found is None else (found,)
    for part in tree.children(s):
        if isinstance(part, tree.Stmt):
            yield from _misused(part, held, facts, alike)


def _keeps_to_itself(s: tree.Stmt, facts: Facts) -> bool:
    """Whether nothing but what rank 0 prints and what each rank keeps for itself depends on whether, or how often, the
    parts of a statement run: nothing of arrays, which others may hold, but for those of times."""
    inside = tuple(tree.statements(s))
    stays = {id(n) for loop in inside if isinstance(loop, _LOOPS) for n in _leaves(loop.body)}
    for part in inside:
        match part:
            case tree.Break() | tree.Continue():
                fits = id(part) in stays
            case tree.ExprStmt() | tree.Declaration():
                fits = _prints(part, facts) or not _calls_more(part, facts)
            case tree.If() | tree.For() | tree.While() | tree.DoWhile():
                fits = not any(_calls_more(p, facts) for p in decides(part))
            case _:
                fits = isinstance(part, tree.Block | tree.Empty)
        if not fits:
            return False
    return all(_is_own(t, facts) for t in facts.touches.of(s.id))


def _leaves(body: tree.Stmt) -> Iterator[Node]:
    """The statements that leave or go on with the loop of this body."""
    if isinstance(body, tree.Break | tree.Continue):
        yield body
    elif not isinstance(body, _LOOPS):
        for part in tree.children(body):
            if isinstance(part, tree.Stmt):
                yield from _leaves(part)


def _calls_more(node: Node, facts: Facts) -> bool:
    """Whether something is called that does more than compute a value or read a clock."""
    calls = (n for n in tree.walk(node) if isinstance(n, Call) and LIBRARY.get(n.name or "") is not Does.CLOCK)
    called = [effects_of(c, facts.summaries) for c in calls]
    return any(not _is_mere_clock(e) or Does.OUTPUT in e.does or e.unknown for e in called)


def _is_own(touch: Touch, facts: Facts) -> bool:
    match touch:
        case ElementTouch(symbol=symbol):
            return symbol in facts.timings
        case BareUse(symbol=symbol):
            return is_stream(symbol.type) or _is_text(symbol)
    return not isinstance(touch, OpaqueTouch)


def _is_text(symbol: Symbol) -> bool:
    inner = symbol.type.target if isinstance(symbol.type, tree.Pointer) else tree.array_core(symbol.type)
    return inner == tree.Scalar("char")


def _stores(s: tree.Stmt, held: Set[Symbol], facts: Facts, alike: Set[int]) -> Node | None:
    """The array element, address or seed that a tainted statement writes, beside plain variables and output."""
    kept = {"assigned"} if _prints(s, facts) else {"assigned", "value"}
    for t in facts.touches.of(s.id):
        if isinstance(t, ElementTouch) and t.write and t.symbol not in facts.timings:
            return t.node
        if isinstance(t, BareUse) and t.role in kept and not _is_given(t, facts) and t.symbol not in facts.timings:
            return t.node
    for n in tree.walk(s):
        if isinstance(n, Call):
            effects = effects_of(n, facts.summaries)
            if effects.reads & held and not _is_mere_clock(effects):
                return n
        given = n.arguments if isinstance(n, Call) else ()
        if isinstance(n, Call) and any(
            is_tainted(a, frozenset(), facts.summaries, alike) or isinstance(a, tree.Name) for a in given
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
