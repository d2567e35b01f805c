"""Variables of file scope, and static ones, that only main's text writes, with the functions that are read in it."""

from __future__ import annotations

from collections.abc import Mapping

from chatmpi.analysis.calls.effects import FILE_SCOPE, Effects, effects_of
from chatmpi.analysis.touches import CallTouch, ScalarTouch, Touches
from chatmpi.analysis.tree import Symbol


def own_globals(touches: Touches, summaries: Mapping[str, Effects]) -> frozenset[Symbol]:
    """Those that no call in main writes: like main's own variables they keep what main gives them."""
    found = {t.symbol for t in touches.items if isinstance(t, ScalarTouch) and t.symbol.storage in FILE_SCOPE}
    for t in touches.items:
        if isinstance(t, CallTouch):
            effects = effects_of(t.call, summaries)
            if effects.unknown:
                return frozenset()
            found -= effects.writes
    return frozenset(found)
