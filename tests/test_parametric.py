"""What is shown of blocks computed from rank and size, in several styles, for all sizes: ranges, bounds and halos."""

from __future__ import annotations

import pytest

from chatmpi.analysis.parse import ParseOptions, parse
from chatmpi.analysis.source import Source
from chatmpi.judge import judge
from chatmpi.verify.parametric.coverage import Coverage
from chatmpi.verify.parametric.proof import checks, study

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


def program(blocks: str, rest: str) -> str:
    return f"""
        #include <mpi.h>
        #include <stdlib.h>
        #define N 100
        #define M 20
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
            {rest}
            MPI_Finalize();
            return (int)a[0] + least(0, 0);
        }}"""


def covered(blocks: str, loop: str = "for (int i = b; i < e; i++) a[i] = i;") -> list[Coverage]:
    return study(parse(Source.from_str("a.c", program(blocks, loop)), ParseOptions()), most_ranks=8).loops


def shown(text: str) -> list[str]:
    return [f"{c.claim}, {c.scope}" for c in checks(study(parse(Source.from_str("a.c", text), ParseOptions())))]


@pytest.mark.parametrize("style", _BLOCKS)
def test_blocks_are_a_partition(style: str) -> None:
    (found,) = covered(_BLOCKS[style])
    assert (found.kind, found.witness, found.ranks) == ("partition", None, 8)


def test_local_iterations_add_up() -> None:
    (found,) = covered(_BLOCKS["product"], "for (int i = 1; i <= e - b; i++) a[i] = i;")
    assert (found.kind, found.witness) == ("lengths", None)


@pytest.mark.parametrize("style", _WRONG)
def test_what_is_no_partition_has_a_witness(style: str) -> None:
    blocks, sizes = _WRONG[style]
    (found,) = covered(blocks)
    assert found.witness is not None
    assert (found.witness.sizes[0], found.witness.ranks) == (("N", sizes["N"]), 2)


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert covered("int b = rank, e = size; MPI_Allreduce(&b, &e, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);") == []
    assert covered("int b = 0, e = N;") == []


@pytest.mark.parametrize("style", _BLOCKS)
def test_blocks_of_arrays_are_in_bounds(style: str) -> None:
    """The whole array on each rank, and a part of it."""
    use = """double *u = malloc((e - b) * sizeof(double));
            for (int i = b; i < e; i++) { a[i] = i;
            u[i - b] = i; }
            free(u);"""
    told = "\n".join(shown(program(_BLOCKS[style], use)))
    assert "'a' at line" in told
    assert "'u' at line" in told


@pytest.mark.parametrize(
    ("extent", "subscript", "inside"),
    [
        ("e - b", "i - b", True),
        ("e - b", "i - b + 1", False),
        ("e - b", "i - b - 1", False),
        ("e - b + 1", "i - b + 2", False),
        ("e - b + 1", "i - b + 1", True),
        ("N", "i + 1", False),
        ("(e - b) * M", "(i - b) * M + 19", False),  # M may be less
        ("(e - b) * M", "(i - b) * M + M - 1", True),
    ],
)
def test_a_subscript_beyond_the_memory_is_not_shown(extent: str, subscript: str, inside: bool) -> None:
    use = f"""double *u = malloc(({extent}) * sizeof(double));
            for (int i = b; i < e; i++) u[{subscript}] = i;
            free(u);"""
    told = [t for t in shown(program(_BLOCKS["product"], use)) if "'u'" in t]
    assert bool(told) == inside, told


def test_arrays_with_uses_that_are_not_followed_are_left_out() -> None:
    use = """double *u = malloc((e - b) * sizeof(double)), *p = u + 1;
            for (int i = b; i < e; i++) u[i - b] = i;
            p[N] = 0;
            free(u);"""
    assert not [t for t in shown(program(_BLOCKS["product"], use)) if "'u'" in t]


_PLAIN = """
    MPI_Sendrecv(&u[M], M, MPI_DOUBLE, up, 0, &u[(n + 1) * M], M, MPI_DOUBLE, down, 0, MPI_COMM_WORLD,
        MPI_STATUS_IGNORE);
    MPI_Sendrecv(&u[n * M], M, MPI_DOUBLE, down, 1, u, M, MPI_DOUBLE, up, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);"""
_GUARDED = """
    if (rank > 0) MPI_Send(&u[M], M, MPI_DOUBLE, rank - 1, 0, MPI_COMM_WORLD);
    if (rank < size - 1) MPI_Recv(&u[(n + 1) * M], M, MPI_DOUBLE, rank + 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (rank < size - 1) MPI_Send(&u[n * M], M, MPI_DOUBLE, rank + 1, 1, MPI_COMM_WORLD);
    if (rank > 0) MPI_Recv(u, M, MPI_DOUBLE, rank - 1, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);"""


def halo(exchange: str, blocks: str = _BLOCKS["product"], up: str = "rank > 0 ? rank - 1 : MPI_PROC_NULL") -> bool:
    rest = f"""int n = e - b, up = {up}, down = rank < size - 1 ? rank + 1 : MPI_PROC_NULL;
        double *u = malloc((n + 2) * M * sizeof(double)), *v = malloc((n + 2) * M * sizeof(double));
        for (int i = 0; i < (n + 2) * M; i++) u[i] = v[i] = i;
        for (int t = 0; t < 10; t++) {{ {exchange}
            for (int i = 1; i <= n; i++)
                for (int j = 0; j < M; j++) v[i * M + j] = u[(i - 1) * M + j] + u[(i + 1) * M + j];
            double *w = u; u = v; v = w;
        }}
        free(u); free(v);"""
    return any("what is read beyond a block is received" in t for t in shown(program(blocks, rest)))


@pytest.mark.parametrize("style", ["product", "remainder", "helper"])
@pytest.mark.parametrize("exchange", [_PLAIN, _GUARDED])
def test_halos_hold_what_the_neighbours_have(style: str, exchange: str) -> None:
    assert halo(exchange, _BLOCKS[style])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("&u[n * M]", "&u[(n - 1) * M]"),
        ("&u[M], M, MPI_DOUBLE, up", "&u[2 * M], M, MPI_DOUBLE, up"),
        ("&u[M], M, MPI_DOUBLE, up, 0", "&u[M], M, MPI_DOUBLE, up, 2"),
        ("&u[M], M, MPI_DOUBLE, up", "&u[M], M, MPI_DOUBLE, down"),
        ("u, M, MPI_DOUBLE, up", "u, M - 1, MPI_DOUBLE, up"),
        ("u, M, MPI_DOUBLE, up", "&u[1], M, MPI_DOUBLE, up"),
    ],
)
def test_other_halos_are_not_shown(before: str, after: str) -> None:
    assert before in _PLAIN
    assert not halo(_PLAIN.replace(before, after))


def test_an_edge_without_its_neighbour_is_not_shown() -> None:
    assert not halo(_PLAIN, up="rank > 1 ? rank - 1 : MPI_PROC_NULL")


@pytest.mark.parametrize("condition", ["t > 3", "t % 2 == 0", "t < 9 && rank >= 0"])
def test_what_is_exchanged_in_some_turns_only_is_not_shown(condition: str) -> None:
    assert not halo(f"if ({condition}) {{ {_PLAIN} }}")


def test_rings_are_seen_as_such() -> None:
    ring = _PLAIN.replace("down", "((rank + 1) % size)")
    assert halo(ring, up="(rank + size - 1) % size")


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (
            "int n; if (rank == 0) n = argc > 1 ? atoi(argv[1]) : 50; MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_WORLD);",
            True,
        ),
        ("int n = 0; if (rank == 0) n = N; MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_WORLD);", True),
        ("int n; if (size > 2) { if (rank == 0) n = N; } MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_WORLD);", False),
        ("int n; if (argc > 2) { if (rank == 0) n = N; } MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_WORLD);", False),
        (
            "int n; if (size > 2) { if (rank == 0) n = N; return 0; } MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_WORLD);",
            False,
        ),
        ("int n = argc > 1 ? atoi(argv[1]) : 50; MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_WORLD);", True),
        (
            "int n; if (rank == 0) n = argc > 1 ? atoi(argv[1]) : 50; MPI_Bcast(&n, 1, MPI_INT, 1, MPI_COMM_WORLD);",
            False,
        ),
        (
            "int n; if (rank == 1) n = argc > 1 ? atoi(argv[1]) : 50; MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_WORLD);",
            False,
        ),
        (
            "int n; if (rank == 0) n = argc > 1 ? atoi(argv[1]) : 50; MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_SELF);",
            False,
        ),
        (
            'int n; if (rank == 0) n = argc > 1 ? atoi(argv[1]) : 50; scanf("%d", &n);'
            " MPI_Bcast(&n, 1, MPI_INT, 0, MPI_COMM_WORLD);",
            False,
        ),
    ],
)
def test_sizes_that_are_broadcast_are_those_of_the_root(given: str, known: bool) -> None:
    rest = f"""{given}
        int first = n * rank / size, end = n * (rank + 1) / size;
        double *u = malloc((end - first) * sizeof(double));
        for (int i = first; i < end; i++) u[i - first] = i;
        free(u);"""
    text = program("", rest).replace("int main(void)", "int main(int argc, char **argv)")
    told = shown(text.replace("#include <stdlib.h>", "#include <stdlib.h>\n#include <stdio.h>"))
    assert any("'u'" in t for t in told) == known, told


_PREPARED = """MPI_Request all[4];
        MPI_Send_init(&u[M], M, MPI_DOUBLE, up, 0, MPI_COMM_WORLD, &all[0]);
        MPI_Recv_init(&u[(n + 1) * M], M, MPI_DOUBLE, down, 0, MPI_COMM_WORLD, &all[1]);
        MPI_Send_init(&u[n * M], M, MPI_DOUBLE, down, 1, MPI_COMM_WORLD, &all[2]);
        MPI_Recv_init(u, M, MPI_DOUBLE, up, 1, MPI_COMM_WORLD, &all[3]);"""


def prepared_halo(prepare: str = _PREPARED, start: str = "MPI_Startall(4, all);", after: str = "") -> bool:
    rest = f"""int n = e - b, up = rank > 0 ? rank - 1 : MPI_PROC_NULL;
        int down = rank < size - 1 ? rank + 1 : MPI_PROC_NULL;
        double *u = malloc((n + 2) * M * sizeof(double)), *v = malloc((n + 2) * M * sizeof(double));
        for (int i = 0; i < (n + 2) * M; i++) u[i] = v[i] = i;
        {prepare}
        for (int t = 0; t < 10; t++) {{
            {start}
            MPI_Waitall(4, all, MPI_STATUSES_IGNORE);
            for (int i = 1; i <= n; i++)
                for (int j = 0; j < M; j++) v[i * M + j] = u[(i - 1) * M + j] + u[(i + 1) * M + j];
            for (int i = 1; i <= n; i++)
                for (int j = 0; j < M; j++) u[i * M + j] = v[i * M + j];
            {after}
        }}
        for (int k = 0; k < 4; k++) MPI_Request_free(&all[k]);
        free(u); free(v);"""
    return any("what is read beyond a block is received" in t for t in shown(program(_BLOCKS["product"], rest)))


@pytest.mark.parametrize(
    "start", ["MPI_Startall(4, all);", "MPI_Start(&all[0]); MPI_Start(all + 1); MPI_Startall(2, &all[2]);"]
)
def test_halos_by_requests_that_are_started_in_each_turn(start: str) -> None:
    assert prepared_halo(start=start)


@pytest.mark.parametrize(
    ("prepare", "start", "after"),
    [
        (_PREPARED, "MPI_Startall(2, all);", ""),  # the rows behind are not received
        (_PREPARED, "for (int k = 0; k < 4; k++) MPI_Start(&all[k]);", ""),  # not known which
        (_PREPARED, "if (t > 3) MPI_Startall(4, all);", ""),  # not in each turn
        (_PREPARED, "MPI_Startall(4, all);", "double *w = u; u = v; v = w;"),  # the memory gets another name
        (_PREPARED, "MPI_Startall(4, all);", "MPI_Request other = all[1];"),
        (_PREPARED.replace("&u[n * M]", "&u[(n - 1) * M]"), "MPI_Startall(4, all);", ""),
        (_PREPARED.replace("u, M, MPI_DOUBLE, up, 1", "u, M, MPI_DOUBLE, down, 1"), "MPI_Startall(4, all);", ""),
        (f"{_PREPARED} all[3] = all[1];", "MPI_Startall(4, all);", ""),
    ],
)
def test_other_prepared_halos_are_not_shown(prepare: str, start: str, after: str) -> None:
    assert not prepared_halo(prepare, start, after)


_TOTAL = """
    #include <stdio.h>
    #define N 60
    static double a[N];
    int main(void) {
        double total = 0.0;
        for (int i = 0; i < N; i++) a[i] = 0.5 * i;
        for (int i = 0; i < N; i++) total += a[i];
        printf("%g\\n", total);
        return 0;
    }"""
_PARTS = """
    #include <mpi.h>
    #include <stdio.h>
    #define N 60
    static double a[N];
    int main(int argc, char **argv) {
        int rank, size;
        double total = 0.0, parts[MOST];
        MPI_Init(&argc, &argv);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &size);
        int b = N * rank / size, e = N * (rank + 1) / size;
        for (int i = b; i < e; i++) a[i] = 0.5 * i;
        for (int i = b; i < e; i++) total += a[i];
        if (rank == 0) {
            parts[0] = total;
            for (int r = 1; r < size; r++) MPI_Recv(&parts[r], 1, MPI_DOUBLE, r, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            total = 0.0;
            for (int r = 0; r < size; r++) total += parts[r];
            printf("%g\\n", total);
        } else {
            MPI_Send(&total, 1, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
        }
        MPI_Finalize();
        return 0;
    }"""


@pytest.mark.parametrize(("most", "word", "ranks"), [("8", "REFUTED", 9), ("64", "CHECKED", 0)])
def test_where_a_use_is_outside_the_ranks_are_simulated(most: str, word: str, ranks: int) -> None:
    """At a number of ranks that would not be simulated otherwise."""
    before, after = Source.from_str("a.c", _TOTAL), Source.from_str("b.c", _PARTS.replace("MOST", most))
    found = judge(before, after)
    assert found.word == word
    assert [c.ranks for c in found.counterexamples] == ([ranks] if ranks else [])
