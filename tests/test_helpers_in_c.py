"""Laws of the functions that generated programs define for themselves, tested as the C compiler sees them."""

from __future__ import annotations

import ctypes
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import SANITISED, compile_c, run_ranks

from chatmpi.generate.fragments import render

NAMES = {
    n: n
    for n in (
        "block_begin",
        "block_owner",
        "work_before",
        "work_begin",
        "work_owner",
        "larger",
        "smaller",
        "used_begin",
        "used_owner",
        "first_step",
        "rows_below",
    )
}
WORK = {
    "weights": ["w0", "w1", "w2"],
    "weight_parameters": ", long long w0, long long w1, long long w2",
    "weight_arguments": ", w0, w1, w2",
}
SIZES = st.integers(0, 10**6)
RANKS = st.integers(1, 300)


@pytest.fixture(scope="module")
def helpers(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder: Path = tmp_path_factory.mktemp("helpers")
    text = "\n".join(render(f"helpers/{name}", index="int", unit="  ", **WORK, **NAMES) for name in NAMES)
    (folder / "helpers.c").write_text(text.replace("static int", "int"))
    (folder / "helpers.c").write_text((folder / "helpers.c").read_text().replace("static long long", "long long"))
    command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "helpers.c", "-o", "helpers.so"]
    subprocess.run(command, cwd=folder, check=True)
    loaded = ctypes.CDLL(str(folder / "helpers.so"))
    factors: list[type] = [ctypes.c_longlong] * 3
    loaded.work_before.restype = ctypes.c_longlong
    loaded.work_before.argtypes = [ctypes.c_longlong, *factors]
    loaded.used_begin.argtypes = loaded.used_owner.argtypes = [ctypes.c_int] * 3 + factors[:1]
    loaded.work_begin.argtypes = loaded.work_owner.argtypes = [ctypes.c_int] * 3 + factors
    return loaded


@given(n=SIZES, ranks=RANKS)
def test_blocks_cover_all_rows_once_and_differ_by_at_most_one(helpers: ctypes.CDLL, n: int, ranks: int) -> None:
    begins = [helpers.block_begin(n, r, ranks) for r in range(ranks + 1)]
    widths = [b - a for a, b in pairwise(begins)]
    assert begins[0] == 0
    assert begins[-1] == n
    assert min(widths) >= 0
    assert max(widths) - min(widths) <= 1


@given(n=SIZES, ranks=RANKS, beyond=st.integers(0, 50))
def test_ranks_beyond_the_owners_own_nothing(helpers: ctypes.CDLL, n: int, ranks: int, beyond: int) -> None:
    assert helpers.block_begin(n, ranks + beyond, ranks) == n


@given(data=st.data(), n=st.integers(1, 10**6), ranks=RANKS)
def test_the_owner_is_the_rank_whose_block_holds_the_row(
    helpers: ctypes.CDLL, data: st.DataObject, n: int, ranks: int
) -> None:
    row = data.draw(st.integers(0, n - 1))
    owner = helpers.block_owner(n, row, ranks)
    assert helpers.block_begin(n, owner, ranks) <= row < helpers.block_begin(n, owner + 1, ranks)


@given(data=st.data(), n=st.integers(1, 1000), used=st.integers(-3, 1100), ranks=st.integers(1, 9))
def test_the_last_rank_has_the_rows_that_are_not_dealt_out(
    helpers: ctypes.CDLL, data: st.DataObject, n: int, used: int, ranks: int
) -> None:
    begins = [helpers.used_begin(n, r, ranks, used) for r in range(ranks + 3)]
    assert begins[:ranks] == [helpers.block_begin(min(max(used, 0), n), r, ranks) for r in range(ranks)]
    assert begins[ranks:] == [n] * 3
    row = data.draw(st.integers(0, n - 1))
    owner = helpers.used_owner(n, row, ranks, used)
    assert begins[owner] <= row < begins[owner + 1]


@given(start=st.integers(-100, 100), least=st.integers(-100, 100), step=st.integers(1, 9))
def test_the_first_step_is_the_least_that_is_reached(helpers: ctypes.CDLL, start: int, least: int, step: int) -> None:
    reached = helpers.first_step(start, least, step)
    assert (reached - start) % step == 0
    assert reached >= max(start, least)
    assert reached - step < least or reached == start


FACTOR = st.integers(-1000, 1000)
FACTORS = st.tuples(FACTOR, FACTOR, st.integers(-5, 5))


@given(n=st.integers(0, 10**4), ranks=RANKS, w=FACTORS)
def test_blocks_of_equal_work_cover_all_rows_once_whatever_the_work(
    helpers: ctypes.CDLL, n: int, ranks: int, w: tuple[int, int, int]
) -> None:
    begins = [helpers.work_begin(n, r, ranks, *w) for r in range(ranks + 3)]
    assert begins[0] == 0
    assert begins[ranks:] == [n, n, n]
    assert begins == sorted(begins)


@given(n=st.integers(1, 10**4), ranks=RANKS, w=st.tuples(*[st.integers(0, 50)] * 3))
def test_no_block_of_equal_work_is_further_from_its_part_than_one_row(
    helpers: ctypes.CDLL, n: int, ranks: int, w: tuple[int, int, int]
) -> None:
    work = [w[0] + w[1] * i + w[2] * i * i for i in range(n)]
    assert helpers.work_before(n, *w) == sum(work)
    for r in range(ranks):
        begin, end = (helpers.work_begin(n, k, ranks, *w) for k in (r, r + 1))
        assert abs(sum(work[begin:end]) - sum(work) / ranks) <= max(work) + 1


@given(data=st.data(), n=st.integers(1, 10**4), ranks=RANKS, w=FACTORS)
def test_the_owner_by_work_is_the_rank_whose_block_holds_the_row(
    helpers: ctypes.CDLL, data: st.DataObject, n: int, ranks: int, w: tuple[int, int, int]
) -> None:
    row = data.draw(st.integers(0, n - 1))
    owner = helpers.work_owner(n, row, ranks, *w)
    assert helpers.work_begin(n, owner, ranks, *w) <= row < helpers.work_begin(n, owner + 1, ranks, *w)


@given(row=st.integers(-5, 3000), ranks=RANKS)
def test_rows_dealt_in_turn_have_one_owner_each(helpers: ctypes.CDLL, row: int, ranks: int) -> None:
    counts = [helpers.rows_below(row, r, ranks) for r in range(ranks)]
    assert counts == [len(range(r, row, ranks)) for r in range(ranks)]


@pytest.mark.parametrize(("rows", "fails"), [(70000, True), (40, False)])
def test_an_array_that_is_too_large_for_one_message_ends_the_program(rows: int, fails: bool, executables: Path) -> None:
    """The second half of 70000 rows of 70000 bytes begins behind 2^31 of them; nothing is sent of these."""
    used = ("as_count", "block_begin", "larger", "smaller", "allgather_blocks")
    values = dict.fromkeys(("more", "more_parameters", "pad"), "") | dict(zip(used, used, strict=True))
    code = "#include <limits.h>\n#include <mpi.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
    code += "\n".join(render(f"helpers/{name}", index="int", unit="  ", **WORK, **values) for name in used)
    code += f"""
int main(void) {{
  static char a[1600];
  MPI_Init(NULL, NULL);
  allgather_blocks(a, {rows}, 0, 2, 0, {rows}, {rows}, MPI_CHAR);
  MPI_Finalize();
  return 0;
}}
"""
    run = run_ranks(compile_c(code, executables, mpi=True, flags=SANITISED), 2)
    assert (run.status != 0) == fails
    assert ("too many to be sent at once" in run.stderr) == fails
