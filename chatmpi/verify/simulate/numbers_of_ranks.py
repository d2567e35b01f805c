"""For which numbers of ranks a program is written, as far as its text says so."""

from __future__ import annotations

import re

_MOST = 8
_COMMAND = re.compile(r"\bmpi(?:run|exec)\b[^\n]*?\s--?np?[ =](\d+)\b")


def stated_ranks(text: str) -> tuple[int, ...]:
    """Those of the commands to run it that stand in the text, in a comment as a rule: `mpirun -np 4 ./a.out`."""
    return tuple(sorted({n for n in map(int, _COMMAND.findall(text)) if 0 < n <= _MOST}))
