"""Where a wrong value comes from: a refuted program is run once more, and its history followed back."""

from __future__ import annotations

import pytest
from test_blame import _CANDIDATE, _SEQUENTIAL, _refuted

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.tracing.case import Case
from chatmpi.verify.simulate.tracing.counterparts import Counterparts
from chatmpi.verify.simulate.tracing.divergence import first_divergence
from chatmpi.verify.simulate.tracing.events import Event
from chatmpi.verify.simulate.tracing.made_from import parts
from chatmpi.verify.simulate.tracing.origin import Origins
from chatmpi.verify.simulate.tracing.recorded import Recorded, record

_OTHER = "        MPI_Sendrecv(&u[n], 1, MPI_DOUBLE, right, 1, &u[0], 1, MPI_DOUBLE, left, 1,\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # a message that is not sent: who has what it should have brought
        (
            _OTHER + "                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);\n",
            "",
            "between line 22 and line 21 of the next iteration of line 17",
        ),
        # a copy that ends too early: the line that sets the neighbours
        ("for (int i = 1; i <= n; i++) u[i] = v[i]", "for (int i = 1; i < n; i++) u[i] = v[i]", "line 24"),
        # ranges that do not cover: what the bound of the loop is made of
        ("n = N * (rank + 1) / size - lo", "n = N / size * (rank + 1) - lo", "'n' of line 12"),
        # a sum that begins with something else, over ranks and a reduction
        ("double sum = 0, all", "double sum = 1, all", "sets 'sum' in line 8"),
        # a loop that does not come to all
        ("for (int i = 1; i <= n; i++) sum", "for (int i = 2; i <= n; i++) sum", "line 26"),
        # a value that another rank has
        ("    MPI_Reduce(&sum, &all, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);\n", "", "between line 26 and line 27"),
    ],
)
def test_the_origin_of_a_wrong_value_is_told(old: str, new: str, told: str) -> None:
    found = _refuted(old, new)
    assert any(told in sentence for sentence in found.state), found.state


def _recorded(candidate: str) -> Recorded:
    before = parse(Source.from_str("s.c", _SEQUENTIAL), ParseOptions())
    return record(Case(before, parse(Source.from_str("c.c", candidate), ParseOptions()), 0, 3))


def test_nothing_diverges_where_a_program_is_right() -> None:
    run = _recorded(_CANDIDATE)
    origins = Origins(run)
    assert run.fault is None
    assert first_divergence(origins, Counterparts(origins)) is None


def test_a_sum_has_the_same_parts_over_ranks() -> None:
    run = _recorded(_CANDIDATE)
    origins = Origins(run)

    def added(printed: Event) -> list[str]:
        (total,) = parts(printed)
        return sorted(str(origins.mark(p)) for p in parts(total) if str(origins.key(p.value)) != zero)

    zero = str(origins.key(run.terms.constant(0.0)))
    ours, theirs = (next(e for item, e in items if not isinstance(item, str)) for items in (run.expected, run.came))
    assert len(added(theirs)) == 40
    assert added(ours) == added(theirs)
