"""Which arrays could be distributed at all, and why the others could not."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from chatmpi.analysis import tree
from chatmpi.analysis.branches import exclusive
from chatmpi.analysis.calls.effects import INDIRECT
from chatmpi.analysis.facts import Facts
from chatmpi.analysis.memory.extents import Extents
from chatmpi.analysis.numbers.polynomial import Polynomial
from chatmpi.analysis.source import Span
from chatmpi.analysis.touches import BareUse, ElementTouch, ScalarTouch, is_zero
from chatmpi.analysis.tree import Symbol
from chatmpi.plan.kept_apart import why_apart

MPI_TYPES = {
    "char": "MPI_CHAR",
    "signed char": "MPI_SIGNED_CHAR",
    "unsigned char": "MPI_UNSIGNED_CHAR",
    "short": "MPI_SHORT",
    "unsigned short": "MPI_UNSIGNED_SHORT",
    "int": "MPI_INT",
    "unsigned int": "MPI_UNSIGNED",
    "long": "MPI_LONG",
    "unsigned long": "MPI_UNSIGNED_LONG",
    "long long": "MPI_LONG_LONG",
    "unsigned long long": "MPI_UNSIGNED_LONG_LONG",
    "float": "MPI_FLOAT",
    "double": "MPI_DOUBLE",
    "long double": "MPI_LONG_DOUBLE",
    "_Complex float": "MPI_C_FLOAT_COMPLEX",
    "_Complex double": "MPI_C_DOUBLE_COMPLEX",
    "_Complex long double": "MPI_C_LONG_DOUBLE_COMPLEX",
    "_Bool": "MPI_C_BOOL",
}


@dataclass(frozen=True)
class Candidates:
    """`classes`: sets of arrays that are exchanged with each other, so share one distribution."""

    extents: Mapping[Symbol, Extents]
    refused: Mapping[Symbol, str]
    classes: tuple[frozenset[Symbol], ...]
    anew: frozenset[Symbol] = frozenset()  # made again and again in a loop
    vectors: frozenset[Symbol] = frozenset()  # of which each rank has a part of every one

    @property
    def unread(self) -> frozenset[Symbol]:
        """Those whose memory at local size the stage "read" does not follow."""
        members = frozenset(s for s in self.extents if "." in s.name and isinstance(s.type, tree.Array))
        return members | self.anew | self.vectors


def candidates(facts: Facts) -> Candidates:
    refused: dict[Symbol, str] = {}
    for symbol in facts.arrays.declared:
        reason = _refusal(symbol, facts)
        if reason:
            refused[symbol] = reason
    extents = {s: e for s, e in facts.extents.items() if s not in refused}
    classes = _classes(extents, refused, facts)
    kept = {s for c in classes for s in c}
    anew = frozenset(s for s, made in facts.arrays.allocations.items() if made.loops)
    vectors = frozenset(s for s in kept if (rows := facts.arrays.declared[s].rows) is not None and rows.vectors)
    return Candidates({s: e for s, e in extents.items() if s in kept}, refused, classes, anew & kept, vectors & kept)


def _refusal(symbol: Symbol, facts: Facts) -> str:
    """Why an array cannot be distributed; "" if it can."""
    if apart := why_apart(symbol, facts):
        return apart
    if symbol in facts.program.led_into:
        return "pointers to rows lead into the memory that each rank has for all of it"
    untracked = facts.arrays.untracked.get(symbol)
    if untracked is not None:
        return untracked.reason
    if not facts.arrays.is_tracked(symbol):
        return "it only holds addresses in between"
    if symbol not in facts.extents:
        return "its size is not a product of known factors"
    if facts.extents[symbol].element.name not in MPI_TYPES:
        return f"MPI has no type for '{facts.extents[symbol].element.name}'"
    calls = facts.arrays.passed.get(symbol, ())
    if calls:
        return f"it is handed to '{calls[0].name or 'a function pointer'}' as a whole"
    other = next(
        (n for n, e in facts.summaries.items() if n not in {"main", INDIRECT} and symbol in e.reads | e.writes), None
    )
    if other is not None:
        return f"function '{other}' reaches it too"
    if any(a.runs_over for a in facts.accesses.values() if a.touch.symbol == symbol):
        return "one subscript runs through several of its rows"
    return _unsuited_declaration(symbol, facts) or changing_size(symbol, facts)


def _unsuited_declaration(symbol: Symbol, facts: Facts) -> str:
    declaration = facts.arrays.declared[symbol]
    if declaration.in_macro:
        return "a macro declares it"
    if sum(v.symbol == symbol for v in facts.program.globals) > 1:
        return "it is declared more than once"
    if isinstance(symbol.type, tree.Array):
        if declaration.init is not None and not is_zero(declaration.init):
            return "its initialiser lists values"
        own = declaration.rows is None or not declaration.rows.vectors  # vectors have memory that is made elsewhere
        if own and (not declaration.brackets or declaration.brackets[0].end <= declaration.brackets[0].begin):
            return "its declaration is not written out"
        if any(isinstance(t, BareUse) and t.symbol == symbol and t.role == "sizeof" for t in facts.touches.items):
            return "the program takes its sizeof"
        if symbol.storage in {"local", "static"} and not _is_top_level(symbol, facts):
            return "it is declared inside a block"
    else:
        made = facts.arrays.allocations[symbol]
        statement = made.statement
        if made.loops:
            return "" if _is_filled_there(symbol, made.loops, facts) else "a loop makes it, and nothing is stored in it"
        if all(s.id != statement for s in facts.function.body.body):
            return "it is allocated inside a block"
    return ""


def _is_filled_there(symbol: Symbol, loops: tuple[int, ...], facts: Facts) -> bool:
    """Whether something is stored in an array in the loops that make it: so what these hold of it is not what was there
    before them."""
    writes = (t for t in facts.touches.items if isinstance(t, ElementTouch) and t.write and t.symbol == symbol)
    return any(t.context.loops[: len(loops)] == loops for t in writes)


def _is_top_level(symbol: Symbol, facts: Facts) -> bool:
    return any(
        isinstance(s, tree.Declaration) and any(v.symbol == symbol for v in s.variables)
        for s in facts.function.body.body
    )


def changing_size(symbol: Symbol, facts: Facts) -> str:
    """The variables in the extents must have their last value before the array is made."""
    sizes = {s for d in facts.extents[symbol].dimensions for s in d.symbols}
    problem = unsettled(sizes, making_position(symbol, facts), facts, _makings(symbol, facts))
    return f"its size depends on {problem}" if problem else ""


def _makings(symbol: Symbol, facts: Facts) -> tuple[int, ...]:
    """The statements of which one makes an array, where there are several."""
    made = facts.arrays.allocations[symbol]
    return (made.statement, *made.instead) if made.instead else ()


def unsettled(sizes: Set[Symbol], position: int, facts: Facts, made: tuple[int, ...] = ()) -> str:
    """Which of these variables has not its last value at a position among the touches, or no clear name there; `made`:
    the statements of which one comes at that position or later."""
    for k, t in enumerate(facts.touches.items):
        if not (isinstance(t, ScalarTouch) and t.write and t.symbol in sizes):
            continue
        if t.update is None or (k >= position and not _comes_before(k, t, made, facts)):
            return f"'{t.symbol}', which changes after the array is made"
    ambiguous = next((s.name for s in sizes if s.name in facts.shadowed), None)
    if ambiguous is not None:
        return f"'{ambiguous}', a name that stands for several variables"
    shared = next((s for s in sizes if s.storage == "global" and _written_elsewhere(s, facts)), None)
    return f"'{shared}', which other functions change" if shared else ""


def _comes_before(k: int, write: ScalarTouch, made: tuple[int, ...], facts: Facts) -> bool:
    """Whether, of the statements that make something, control comes only to later ones on its way with a write."""
    there = [m for m in made if not exclusive(facts.function.body, m, write.context.statement.id)]
    return bool(made) and all(facts.touches.ranges[m][0] > k for m in there)


def _written_elsewhere(symbol: Symbol, facts: Facts) -> bool:
    return any(n != "main" and symbol in e.writes for n, e in facts.summaries.items())


def making_position(symbol: Symbol, facts: Facts) -> int:
    """The position among the touches at which the array comes to be; 0 for those of file scope."""
    statement = making_statement(symbol, facts)
    return facts.touches.ranges[statement][0] if statement is not None else 0


def making_statement(symbol: Symbol, facts: Facts) -> int | None:
    """The statement of main that allocates or declares the array; None for those that exist from the start."""
    rows = facts.arrays.declared[symbol].rows
    if rows is not None and rows.vectors:
        return _first_around(rows.vectors, facts)
    if not isinstance(symbol.type, tree.Array):
        return _with_block(symbol, facts.arrays.allocations[symbol].statement, facts)
    if symbol.storage == "global":
        return None
    for s in facts.function.body.body:
        if isinstance(s, tree.Declaration) and any(v.symbol == symbol for v in s.variables):
            return s.id
    return None


def _first_around(calls: tuple[tree.Call, ...], facts: Facts) -> int:
    """The first statement of main in which one of these calls is made."""
    begins = [c.span.begin for c in calls]
    return next(s.id for s in facts.function.body.body if any(s.span.begin <= b < s.span.end for b in begins))


def _with_block(symbol: Symbol, statement: int, facts: Facts) -> int:
    """The statement that allocates the pointers to an array's rows, or a block for all rows if that comes first."""
    rows = facts.arrays.declared[symbol].rows
    begins = [] if rows is None else [call.span.begin for call in (rows.block, rows.table) if call is not None]
    found = [s.id for s in facts.function.body.body for begin in begins if s.span.begin <= begin < s.span.end]
    return min([statement, *found])


def _declared_together(facts: Facts) -> list[set[Symbol]]:
    """Arrays in several structs of one type: one text declares them."""
    found: dict[Span, set[Symbol]] = {}
    for symbol, declaration in facts.arrays.declared.items():
        if isinstance(symbol.type, tree.Array) and declaration.brackets:
            found.setdefault(declaration.name_span, set()).add(symbol)
    return [many for many in found.values() if len(many) > 1]


def _classes(
    extents: Mapping[Symbol, Extents], refused: dict[Symbol, str], facts: Facts
) -> tuple[frozenset[Symbol], ...]:
    classes: dict[Symbol, set[Symbol]] = {s: {s} for s in facts.arrays.declared}
    for swap in facts.arrays.swaps:
        merged: set[Symbol] = set()
        for target, source in swap.moves:
            merged |= classes[target] | classes[source]
        for s in merged:
            classes[s] = merged
    for merged in _declared_together(facts):
        merged = set().union(*(classes[s] for s in merged))
        classes |= dict.fromkeys(merged, merged)
    found: list[frozenset[Symbol]] = []
    for symbol in extents:
        together = frozenset(classes[symbol])
        shapes: set[tuple[Polynomial, ...]] = {extents[s].dimensions for s in together if s in extents}
        elements = {extents[s].element for s in together if s in extents}
        whole = all(s in extents for s in together)
        if not whole or len(shapes) > 1 or len(elements) > 1:
            other = next((s for s in together if s in refused), None)
            why = f"it goes with '{other}', which cannot be" if other else "it is exchanged with another shape"
            refused[symbol] = why
        elif together not in found:
            found.append(together)
    return tuple(found)
