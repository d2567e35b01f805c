"""Blocks computed from rank and size, in several styles: a partition for all sizes, or sizes at which they are none."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.verify.parametric.coverage import Coverage, coverages

_BLOCKS = {
    "product": "int b = N * rank / size, e = N * (rank + 1) / size;",
    "remainder": """int q = N / size, r = N % size, b = rank * q + (rank < r ? rank : r), e = b + q;
        if (rank < r) e++;""",
    "remainder last": "int q = N / size, b = rank * q, e = b + q; if (rank == size - 1) e = N;",
    "ceiling": "int q = (N + size - 1) / size, b = least(rank * q, N), e = least(b + q, N);",
    "helper": "int b, e; blocks(N, rank, size, &b, &e);",
    "fewer owners": "int o = least(size, N), b = rank < o ? N * rank / o : N, e = rank < o ? N * (rank + 1) / o : N;",
}
_WRONG = {
    "remainder lost": ("int q = N / size, b = rank * q, e = b + q;", {"N": 1}),
    "overlap": ("int b = N * rank / size, e = (N * (rank + 1) + size - 1) / size;", {"N": 1}),
    "beyond the end": ("int q = (N + size - 1) / size, b = rank * q, e = b + q;", {"N": 1}),
}


def covered(blocks: str, loop: str = "for (int i = b; i < e; i++) a[i] = i;") -> list[Coverage]:
    text = f"""
        #include <mpi.h>
        #define N 100
        static double a[N];
        static int least(int x, int y) {{ return x < y ? x : y; }}
        static void blocks(int n, int r, int p, int *b, int *e) {{ *b = n / p * r + least(r, n % p);
            *e = n / p * (r + 1) + least(r + 1, n % p); }}
        int main(void) {{
            int rank, size;
            MPI_Init(NULL, NULL);
            MPI_Comm_rank(MPI_COMM_WORLD, &rank);
            MPI_Comm_size(MPI_COMM_WORLD, &size);
            {blocks}
            {loop}
            MPI_Finalize();
            return (int)a[0] + least(0, 0);
        }}"""
    return coverages(parse(Source.from_str("a.c", text), ParseOptions()), most_nodes=5_000)


@pytest.mark.parametrize("style", _BLOCKS)
def test_blocks_are_a_partition(style: str) -> None:
    (found,) = covered(_BLOCKS[style])
    assert found.kind == "partition"
    assert found.witness is None
    assert found.ranks >= 4


def test_local_iterations_add_up() -> None:
    (found,) = covered(_BLOCKS["product"], "for (int i = 1; i <= e - b; i++) a[i] = i;")
    assert (found.kind, found.witness) == ("lengths", None)


@pytest.mark.parametrize("style", _WRONG)
def test_what_is_no_partition_has_a_witness(style: str) -> None:
    blocks, sizes = _WRONG[style]
    (found,) = covered(blocks)
    assert found.witness is not None
    assert (dict(found.witness.sizes), found.witness.ranks) == (sizes, 2)


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert covered("int b = rank, e = size; MPI_Bcast(&e, 1, MPI_INT, 0, MPI_COMM_WORLD);") == []
    assert covered("int b = 0, e = N;") == []
