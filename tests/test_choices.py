"""Orders that lead to the same are tried once, those that do not are all tried."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify.simulate.alone import simulate_alone
from chatmpi.verify.simulate.choices import Choices, Redundant, Step, Touched
from chatmpi.verify.simulate.job import RankOrders

_PROGRAM = """#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv) {
    int rank, size, one = 1, *base;
    MPI_Win win;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Win_allocate(8 * sizeof(int), sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD, &base, &win);
    for (int i = 0; i < 8; i++) base[i] = 0;
    MPI_Barrier(MPI_COMM_WORLD);
    for (int k = 0; k < 2; k++) {
        MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 0, 0, win);
        ACCESS
        MPI_Win_unlock(0, win);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0) {
        MPI_Win_lock(MPI_LOCK_SHARED, 0, 0, win);
        printf("%d\\n", base[0]);
        MPI_Win_unlock(0, win);
    }
    MPI_Win_free(&win);
    MPI_Finalize();
    return 0;
}
"""


@pytest.mark.parametrize(
    ("access", "orders"),
    [
        ("MPI_Accumulate(&one, 1, MPI_INT, 0, 0, 1, MPI_INT, MPI_SUM, win);", 1),
        ("MPI_Put(&one, 1, MPI_INT, 0, rank, 1, MPI_INT, win);", 1),
        ("MPI_Accumulate(&rank, 1, MPI_INT, 0, 0, 1, MPI_INT, MPI_REPLACE, win);", 6),
        ("MPI_Put(&rank, 1, MPI_INT, 0, 0, 1, MPI_INT, win);", 6),
        ("if (rank == 0) base[1]++; else MPI_Put(&one, 1, MPI_INT, 0, 1, 1, MPI_INT, win);", 6),
        ("if (rank == 0) base[1]++; else MPI_Put(&one, 1, MPI_INT, 0, 2, 1, MPI_INT, win);", 1),
    ],
)
def test_locks_are_tried_in_the_orders_that_matter(access: str, orders: int) -> None:
    program = parse(Source.from_str("x.c", _PROGRAM.replace("ACCESS", access)), ParseOptions())
    found = simulate_alone(program, ranks=(2,))
    assert found.result == "clean"
    assert found.orders >= orders
    assert (found.orders > 3) == (orders > 1)  # the lock behind the barrier has one order of its own


def test_a_choice_sleeps_until_a_step_touches_it() -> None:
    first = Choices()
    assert first.choose(("a", "b")) == 0
    first.step.touched.append(Touched((1, 0), range(2), True))
    assert first.choose(("b",)) == 0
    first.step.touched.append(Touched((1, 0), range(2, 4), True))
    second = first.following()
    assert second is not None
    assert second.choose(("a", "b")) == 1
    second.step.touched.append(Touched((1, 0), range(2, 4), True))
    with pytest.raises(Redundant):
        second.choose(("a",))


def test_steps_that_meet_in_a_lock_that_stays_are_not_apart() -> None:
    released, kept = Step({0}), Step({1})
    for step in (released, kept):
        step.lock((7, 0))
    released.unlock((7, 0))
    assert not released.is_apart(kept)
    kept.unlock((7, 0))
    assert released.is_apart(kept)


def test_all_orders_have_to_be_tried_at_one_size_that_has_several() -> None:
    found = RankOrders()
    found.add(150, False, 20, "N=7")
    found.add(1, True, 0, "N=1")
    assert not found.are_known
    found.add(12, True, 20, "N=4")
    assert found.are_known
    assert found.told() == "up to 150 (all 12 with N=4)"
