"""Memory that each iteration of a loop gets and gives back: as good as an array that it declares.

for (i = 0; i < n; i++) { double *tmp = malloc(m * sizeof *tmp); ...; free(tmp); }
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.calls.memory_failures import means_failure, tested_pointers
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.arrays import Arrays
from chatmpi.analysis.touches import Touches
from chatmpi.analysis.tree import Stmt, Symbol

_LAST_WORDS = frozenset({"fprintf", "printf", "perror", "fputs", "puts", "free"})
_ENDING = frozenset({"exit", "abort"})


def gets_own_memory(symbol: Symbol, info: LoopInfo, arrays: Arrays, touches: Touches) -> bool:
    """Whether a pointer is declared inside a loop, and leads to memory that the same iteration allocated."""
    made = arrays.allocations.get(symbol)
    within = symbol.storage == "local" and info.stmt.id in touches.scopes.get(symbol, ())
    return within and isinstance(symbol.type, tree.Pointer) and made is not None and info.stmt.id in made.loops


def is_of_own_memory(call: tree.Call, info: LoopInfo, arrays: Arrays, touches: Touches) -> bool:
    """Whether a call gives such a pointer its memory, or takes it back."""
    if call.name == "free":
        (freed,) = call.arguments if len(call.arguments) == 1 else (None,)
        return isinstance(freed, tree.Name) and gets_own_memory(freed.symbol, info, arrays, touches)
    mine = (s for s, made in arrays.allocations.items() if made.call is call)
    return any(gets_own_memory(s, info, arrays, touches) for s in mine)


def where_own_memory_lacks(info: LoopInfo, arrays: Arrays, touches: Touches) -> frozenset[int]:
    """The statements, by their ids, with which a program ends where an iteration does not get such memory: then it ends
    on all ranks."""
    found: set[int] = set()
    for s in tree.statements(info.stmt.body):
        if isinstance(s, tree.If) and s.otherwise is None and means_failure(s.condition) and _only_ends(s.then):
            tested = list(tested_pointers(s.condition))
            if all(isinstance(p, tree.Name) and gets_own_memory(p.symbol, info, arrays, touches) for p in tested):
                found |= {part.id for part in tree.statements(s.then)}
    return frozenset(found)


def _only_ends(branch: Stmt) -> bool:
    """Whether a branch says something and ends the program."""
    steps = branch.body if isinstance(branch, tree.Block) else (branch,)
    calls = [s.expr.name for s in steps if isinstance(s, tree.ExprStmt) and isinstance(s.expr, tree.Call)]
    return len(calls) == len(steps) > 0 and calls[-1] in _ENDING and all(c in _LAST_WORDS for c in calls[:-1])
