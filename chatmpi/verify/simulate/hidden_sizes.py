"""Numbers in a candidate that stand for a size of the program: `smaller(2311, my_end)` where N is 2311.

Such a text is right until somebody changes N. Whether a number does stand for a size is tried out: the programs are run
with another value for the name than for the number, which is the smaller one.
"""

from __future__ import annotations

from collections import Counter

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.simulation import simulate
from chatmpi.verify.simulate.small_sizes import named_sizes
from chatmpi.verify.simulate.trials import Wanted
from chatmpi.verify.simulate.written_numbers import NEAR, integers, number_name

_ANOTHER, _WRITTEN = 7, 4  # for the name, and for the number
_RANKS = (3, 1)


def hidden_size(sequential: Source, candidate: Source, options: ParseOptions) -> str:
    """Why a candidate is not right for other sizes, "" if nothing speaks for it. Raises UnreadableInput."""
    more = _counted(candidate) - _counted(sequential)
    for name, value in named_sizes(parse(sequential, options)) if more else ():
        if any(more[value + d] for d in range(-NEAR, NEAR + 1)):
            sizes = ((name, (_ANOTHER,)), (number_name(value), (_WRITTEN,)))
            tried = simulate(sequential, candidate, options, Wanted(sizes, _RANKS, as_given=True, seconds=2.0))
            if tried.refutation is not None:
                return f"a number in it stands for {name}, which is {value} now: with another value it would be wrong"
    return ""


def _counted(source: Source) -> Counter[int]:
    return Counter(number for _, number in integers(source.text))
