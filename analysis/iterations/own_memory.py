"""Memory that each iteration of a loop gets and gives back: as good as an array that it declares.

for (i = 0; i < n; i++) { double *tmp = malloc(m * sizeof *tmp); ...; free(tmp); }
"""

from __future__ import annotations

from chatmpi.analysis import tree
from chatmpi.analysis.loops import LoopInfo
from chatmpi.analysis.memory.arrays import Arrays
from chatmpi.analysis.touches import Touches
from chatmpi.analysis.tree import Symbol


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
