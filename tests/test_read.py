"""Reading candidates back: right programs pass, and programs broken in one place are refuted at that place."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatmpi.analysis.facts import Facts, analyze
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.corpus.index import CorpusProgram, programs
from chatmpi.generate.from_template import generate
from chatmpi.plan.decide import Wishes, decide
from chatmpi.plan.plan import Plan
from chatmpi.plan.serialize import plan_from_json
from chatmpi.verify.read import read_candidate
from chatmpi.verify.verdict import Counterexample

PAIRS = Path(__file__).parent / "pairs"


@functools.cache
def planned(name: str) -> tuple[Facts, Plan]:
    """A program and a plan for it, kept as it was made once: reading is no matter of how plans are chosen."""
    facts = analyze(parse(Source.read(PAIRS / f"{name}.c")), expanding=False)
    assert facts is not None
    return facts, plan_from_json((PAIRS / f"{name}.plan.json").read_text())


def refutations(name: str, text: str) -> tuple[Counterexample, ...]:
    facts, plan = planned(name)
    return read_candidate(facts, plan, Source.from_str(f"{name}_mpi.c", text))[1]


@pytest.mark.parametrize("name", ["heat", "matrix", "jacobi"])
def test_the_right_program_is_accepted(name: str) -> None:
    """jacobi was written by hand, in other forms: a block function without a test, bounds in variables."""
    facts, plan = planned(name)
    checks, wrong = read_candidate(facts, plan, Source.read(PAIRS / f"{name}_mpi.c"))
    assert wrong == ()
    assert checks
    assert {c.stage for c in checks} == {"read"}


@pytest.mark.parametrize("program", programs(), ids=lambda p: p.name)
def test_what_is_generated_is_accepted(program: CorpusProgram) -> None:
    facts = analyze(parse(Source.from_str(f"{program.name}.c", program.text)), expanding=False)
    assert facts is not None
    plan = decide(facts, Wishes(plain=True))
    if not plan.is_distributed:
        pytest.skip("only treatments that reading does not follow divide it")
    assert read_candidate(facts, plan, generate(facts, plan))[1] == ()


BLOCKS_IN_FRONT = """    if (rank >= size)
        return n;
    const int width = n / size, rest = n % size;
    return rank * width + (rank < rest ? rank : rest);"""


def test_blocks_that_are_wider_in_front_are_right_too() -> None:
    text = (PAIRS / "matrix_mpi.c").read_text()
    assert refutations("matrix", text.replace(f"    {BLOCK}", BLOCKS_IN_FRONT)) == ()
    wrong = refutations("matrix", text.replace(f"    {BLOCK}", BLOCKS_IN_FRONT.replace("rank < rest", "rank > rest")))
    assert "deals indices wrongly" in wrong[0].message
    assert "elements" in wrong[0].witness


def test_parameters_are_known_by_what_they_do() -> None:
    """The same functions with their parameters in another order, and other names everywhere."""
    text = (PAIRS / "heat_mpi.c").read_text()
    text = text.replace("block_begin(int n, int rank, int size)", "block_begin(int size, int n, int rank)")
    for rank in ("rank, owners", "rank + 1, owners"):
        position, parts = rank.split(", ")
        text = text.replace(f"block_begin(N, {rank})", f"block_begin({parts}, N, {position})")
    for old, new in (("my_begin", "a"), ("my_end", "b"), ("my_count", "c"), ("my_offset", "d"), ("owners", "e")):
        text = re.sub(rf"\b{old}\b", new, text)
    assert refutations("heat", text) == ()


def test_a_candidate_that_is_no_c_is_refuted() -> None:
    wrong = refutations("heat", "int main(void) { return 0 }")
    assert wrong[0].stage == "read"
    assert wrong[0].location is not None


def test_the_sequential_program_is_no_candidate() -> None:
    wrong = refutations("heat", (PAIRS / "heat.c").read_text())
    assert wrong


@dataclass(frozen=True)
class Mutant:
    """`old` becomes `new`, once; the first counterexample stands in that line (or `line` lines further), says
    `message`, and its witness holds `witness`."""

    id: str
    program: str
    old: str
    new: str
    message: str
    witness: str = ""
    line: int = 0


def heat(id: str, old: str, new: str, message: str, witness: str = "", line: int = 0) -> Mutant:
    return Mutant(id, "heat", old, new, message, witness, line)


def matrix(id: str, old: str, new: str, message: str, witness: str = "", line: int = 0) -> Mutant:
    return Mutant(id, "matrix", old, new, message, witness, line)


UP = "MPI_Sendrecv(&u[1], 1, MPI_DOUBLE, above, 0, &u[my_count + 1], 1, MPI_DOUBLE, below, 0,"
DOWN = "MPI_Sendrecv(&u[my_count], 1, MPI_DOUBLE, below, 1, &u[0], 1, MPI_DOUBLE, above, 1,"
BLOCK = "return rank < size ? (int)((long long)n * rank / size) : n;"
SWEEP = """        for (int i = larger(1, my_begin) - my_offset; i < smaller(N - 1, my_end) - my_offset; i++) {
            int left"""
ALLREDUCE = "        MPI_Allreduce(MPI_IN_PLACE, &change, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);\n"
BCAST = "MPI_Bcast(&u_copy, 1, MPI_DOUBLE, block_owner(N, ((N / 2)), owners), MPI_COMM_WORLD);"
ROWS_UP = "MPI_Sendrecv(&a[2*m], m, MPI_DOUBLE, above, 0, &a[(rows + 2)*m], m, MPI_DOUBLE, below, 0,"
ROWS_DOWN = "MPI_Sendrecv(&a[rows*m], 2*m, MPI_DOUBLE, below, 1, &a[0*m], 2*m, MPI_DOUBLE, above, 1,"
REDUCE_WEIGHT = (
    "    MPI_Reduce(rank == 0 ? MPI_IN_PLACE : &weight, &weight, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);\n"
)
OWN_RANGE = "i = 1 + block_begin(n - 1, mpi_rank, size); i < 1 + block_begin(n - 1, mpi_rank + 1, size)"

MUTANTS = [
    # Blocks
    heat("lost remainder", BLOCK, "return rank < size ? n / size * rank : n;", "deals indices wrongly", "elements", -1),
    heat("blocks overlap", BLOCK, "return rank < size ? (int)((long long)n * rank / size) : n + 1;", "deals indices wrongly", "", -1),
    heat("product overflows", BLOCK, "return rank < size ? n * rank / size : n;", "may overflow", "2000000000", -1),
    heat("rounded up", BLOCK, "return rank < size ? (int)(((long long)n * rank + size - 1) / size) : n;", "deals indices", "", -1),
    heat("too many owners", "larger(1, smaller(size, N / 2))", "larger(1, N / 2)", "more ranks than there are", "size = "),
    heat("owners too narrow", "larger(1, smaller(size, N / 2))", "larger(1, smaller(size, N))", "narrower than the 2", "owners = "),
    heat("no owner", "larger(1, smaller(size, N / 2))", "smaller(size, N / 2)", "no rank at all", "N = "),
    heat("begin of the next", "my_begin = block_begin(N, rank, owners)", "my_begin = block_begin(N, rank + 1, owners)", "no block", "", 5),
    heat("other extent", "my_end = block_begin(N, rank + 1, owners)", "my_end = block_begin(N - 1, rank + 1, owners)", "", "", 4),
    heat("offset", "my_offset = my_begin - 1", "my_offset = my_begin - 2", "not what 'i' is", ": ", 12),
    heat("larger is smaller", "return a > b ? a : b;", "return a < b ? a : b;", "no rank at all", "N = ", 29),
    heat("smaller is larger", "return a < b ? a : b;", "return a > b ? a : b;", "more ranks", "size = ", 25),
    heat("first step too late", "step - 1) / step * step", "step) / step * step", "no rank runs an iteration", "i = ", 65),
    # Memory
    heat("one row short", "u = calloc(my_count + 2,", "u = calloc(my_count + 1,", "but needs my_end + 2 - my_begin rows", "1 row short"),
    heat("not zeroed", "v = calloc(my_count + 2, sizeof *v)", "v = malloc((my_count + 2) * sizeof *v)", "starts as zeros"),
    heat("not allocated", "    v = calloc(my_count + 2, sizeof *v);\n", "", "'v' has no memory here", "", 8),
    heat("element size", "u = calloc(my_count + 2, sizeof *u)", "u = calloc(my_count + 2, sizeof(float))", "not understood"),
    heat("freed early", "    int most = 50, step;\n", "    free(v);\n    int most = 50, step;\n", "'v' has no memory here", "", 9),
    matrix("rows short", "*b = malloc((rows + 3) * m", "*b = malloc((rows + 2) * m", "but needs row_end + 3 - row_begin rows", "1 row short"),
    matrix("words short", "*b = malloc((rows + 3) * m", "*b = malloc((rows + 3) * (m - 1)", "no number of rows"),
    # Partners
    heat("partner off by one", "rank > 0 && rank < owners ? rank - 1", "rank > 0 && rank < owners ? rank - 2", "not the rank of the previous block", "rank = ", 21),
    heat("partner beyond", "rank + 1 < owners ? rank + 1", "rank + 1 <= owners ? rank + 1", "not the rank of the next block", "rank = ", 20),
    heat("partner of idle ranks", "rank > 0 && rank < owners ?", "rank > 0 ?", "not the rank of the previous block", "owners = ", 21),
    heat("ring", "? rank - 1 : MPI_PROC_NULL", "? rank - 1 : owners - 1", "not the rank of the previous block", "rank = 0", 21),
    heat("swapped neighbours", UP, UP.replace("above", "?").replace("below", "above").replace("?", "below"), "not the rank of the"),
    # Exchanges
    heat("missing exchange", UP + "\n                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);\n", "", "the exchange of 1 row of 'u' after each block is missing", "2 ranks", 2),
    heat("received elsewhere", UP, UP.replace("u[my_count + 1]", "u[my_count + 2]"), "not the rows of 'u' after its last row", "instead of"),
    heat("halo of the wrong row", DOWN, DOWN.replace("&u[my_count]", "&u[my_count - 1]"), "rows of 'u' to send", "instead of"),
    heat("wrong count", DOWN, DOWN.replace("&u[0], 1,", "&u[0], 2,"), "2 instead of 1"),
    heat("wrong type", DOWN, DOWN.replace("&u[0], 1, MPI_DOUBLE", "&u[0], 1, MPI_FLOAT"), "not MPI's type for 'double'"),
    heat("wrong tag", DOWN, DOWN.replace("above, 1,", "above, 0,"), "one tag", "1 and 0"),
    heat("wrong array", DOWN, DOWN.replace("&u[0]", "&v[0]"), "no exchange of 'v' here"),
    heat("other array sent", DOWN, DOWN.replace("&u[my_count]", "&v[my_count]"), "another array"),
    heat("exchanged twice", UP, UP + "\n                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);\n        " + UP, "done twice", "", 2),
    matrix("halo too narrow", ROWS_DOWN, ROWS_DOWN.replace("2*m", "m"), "instead of"),
    matrix("halo one row off", ROWS_DOWN, ROWS_DOWN.replace("&a[rows*m]", "&a[(rows - 1)*m]"), "rows of 'a' to send", "instead of"),
    matrix("half a row", ROWS_UP, ROWS_UP.replace(", m, MPI_DOUBLE, below", ", m - 1, MPI_DOUBLE, below"), "words of the halo", "instead of"),
    # Loops
    heat("starts late", SWEEP, SWEEP.replace("larger(1,", "larger(2,"), "no rank runs an iteration", "i = 1"),
    heat("starts early", SWEEP, SWEEP.replace("larger(1,", "larger(0,"), "that is not its own", "i = 0"),
    heat("ends late", SWEEP, SWEEP.replace("N - 1,", "N,"), "that is not its own", "i = "),
    heat("ends early", SWEEP, SWEEP.replace("N - 1,", "N - 2,"), "no rank runs an iteration", "i = "),
    heat("runs over the halo", SWEEP, SWEEP.replace("smaller(N - 1, my_end) - my_offset", "my_count + 2"), "that is not its own", "i = "),
    heat("whole block", "i = 1; i < my_count + 1; i++)\n        total", "i = 0; i < my_count + 1; i++)\n        total", "that is not its own", "i = "),
    heat("less or equal", "i = 1; i < my_count + 1; i++)\n        total", "i = 1; i <= my_count + 1; i++)\n        total", "that is not its own", "i = "),
    heat("step", "- my_offset; i += 2)", "- my_offset; i += 1)", "steps otherwise"),
    heat("parity", "first_step(0, my_begin, 2)", "my_begin", "iteration", "i = "),
    matrix("own range overlaps", OWN_RANGE, OWN_RANGE.replace("mpi_rank + 1, size)", "mpi_rank + 1, size) + 1"), "iteration", "i = "),
    matrix("own range not dealt", OWN_RANGE, "i = 1; i < n", "not dealt", "2 ranks"),
    matrix("own range of fewer", OWN_RANGE, OWN_RANGE.replace("n - 1", "n - 2"), "not dealt"),
    matrix("words instead of rows", "larger(0, row_begin*m)", "larger(0, row_begin)", "iteration", "k = "),
    # Bodies
    heat("local index in a value", "source(i + my_offset)", "source(i)", "'i' is not what 'i' is at heat.c", "i = "),
    heat("local index in a remainder", "+ (i + my_offset) % 3", "+ i % 3", "is not what"),
    heat("offset twice", "u[i] * (i + my_offset + 1)", "u[i] * (i + my_offset + my_offset + 1)", "is not what"),
    heat("global index in a subscript", "u[left] + u[i + 1]", "u[left] + u[i + my_offset + 1]", "not the local place", "instead of"),
    heat("neighbour", "u[left] + u[i + 1]", "u[left] + u[i + 2]", "not the local place", "instead of"),
    heat("private index", "int left = i - 1;", "int left = i - 2;", ""),
    matrix("column", "a[(i + 1) * m + j]", "a[(i + 1) * m + j + 1]", "not the local place"),
    matrix("gathered place", "y[i + row0] = sum;", "y[i] = sum;", "is not what"),
    matrix("derived index", "int k = i * m + j;", "int k = (i + row0) * m + j;", "", "", 1),
    # Guards
    heat("missing edge guard", "if (my_begin <= 0 && 0 < my_end) u[0", "u[0", ""),
    heat("owner guard off by one", "if (my_begin <= 0 && 0 < my_end) u[0", "if (my_begin <= 1 && 1 < my_end) u[0", "", "my_"),
    heat("owner guard open", "&& (N - 1) < my_end)\n        u[N", "&& (N - 1) <= my_end)\n        u[N", "owns row", "my_"),
    heat("printed by all", "    if (rank == 0)\n        printf(\"middle", "        printf(\"middle", "every rank executes the output", "twice", 0),
    heat("printed by another", "if (rank == 0)\n        printf(\"middle", "if (rank == 1)\n        printf(\"middle", "does not leave the output"),
    heat("half of a chain", "    if (my_begin <= (N - 1) && (N - 1) < my_end) v[N - 1 - my_offset] = 1.0;\n", "", "", "", 1),
    heat("only on rank 0", "            u[i] = v[i];\n", "            if (rank == 0)\n                u[i] = v[i];\n", ""),
    # Reductions
    heat("missing Allreduce", ALLREDUCE, "", "the MPI_Allreduce of 'change' is missing", "2 ranks"),
    heat("Reduce for Allreduce", ALLREDUCE, "        MPI_Reduce(rank == 0 ? MPI_IN_PLACE : &change, &change, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);\n", "on every rank", "rank 1"),
    heat("wrong operation", ALLREDUCE, ALLREDUCE.replace("MPI_SUM", "MPI_MAX"), "MPI_SUM"),
    heat("wrong variable", ALLREDUCE, ALLREDUCE.replace("&change", "&total"), "no reduction of 'total' here"),
    heat("wrong root", REDUCE_WEIGHT, REDUCE_WEIGHT.replace("SUM, 0", "SUM, 1"), "rank 0 needs the result"),
    heat("in place everywhere", REDUCE_WEIGHT, REDUCE_WEIGHT.replace("rank == 0 ? MPI_IN_PLACE : &weight", "MPI_IN_PLACE"), "on the others"),
    heat("reduced type", REDUCE_WEIGHT, REDUCE_WEIGHT.replace("MPI_DOUBLE", "MPI_LONG"), "MPI's type for 'double'"),
    heat("reduced twice", REDUCE_WEIGHT, REDUCE_WEIGHT + REDUCE_WEIGHT, "reduced twice", "", 1),
    heat("reduced by one rank", ALLREDUCE, "        if (rank == 0)\n    " + ALLREDUCE, "only rank 0", "waits", 1),
    heat("missing neutral start", "    if (rank > 0)\n        total = 0;", "    ", "counts once per rank", "2 ranks", 1),
    heat("wrong neutral start", "        total = 0;", "        total = 1;", "leaves a SUM unchanged"),
    heat("neutral on rank 0 too", "if (rank > 0)\n        total", "if (rank >= 0)\n        total", "count on rank 0 alone", "rank = 0"),
    heat("neutral on rank 1 only", "if (rank > 0)\n        total", "if (rank == 1)\n        total", "count on rank 0 alone", "rank = "),
    # Broadcasts and gathers
    heat("wrong Bcast root", BCAST, BCAST.replace("block_owner(N, ((N / 2)), owners)", "0"), "root is not the owner", "rank 0"),
    heat("owner of another row", BCAST, BCAST.replace("(N, ((N / 2))", "(N, ((N / 2)) + 1"), "root is not the owner", "instead of"),
    heat("owner among all ranks", BCAST, BCAST.replace("owners", "size"), "root is not the owner", "instead of"),
    heat("owner function", "(((long long)i + 1) * size - 1) / n", "((long long)i * size) / n", "does not give the owner", "index", -1),
    heat("copy of another element", "u_copy = u[N / 2 - my_offset];", "u_copy = u[N / 2 + 1 - my_offset];", "not the local place", "", 0),
    heat("copy by another rank", "if (my_begin <= ((N / 2)) && ((N / 2)) < my_end)", "if (my_begin <= ((N / 2)) && ((N / 2)) <= my_end)", "owns 'u[N / 2]'", "my_"),
    heat("missing broadcast", "    " + BCAST + "\n", "", "the broadcast of 'u[N / 2]' is missing", "2 ranks", 1),
    heat("element itself", "\"middle %.6e\\n\", u_copy", "\"middle %.6e\\n\", u[N / 2 - my_offset]", "only one rank owns", ""),
    matrix("missing gather", "    allgather_blocks(y, n, 0, owners, 0, n, 1, MPI_DOUBLE);\n", "", "the gathering of 'y'"),
    matrix("gathered among all", "allgather_blocks(y, n, 0, owners,", "allgather_blocks(y, n, 0, size,", "row of 'y'", "row of y = "),
    matrix("gathered shifted", "allgather_blocks(y, n, 0, owners,", "allgather_blocks(y, n, 1, owners,", "row of 'y'", "row of y = "),
    matrix("gathered too little", "owners, 0, n, 1, MPI_DOUBLE", "owners, 0, n - 1, 1, MPI_DOUBLE", "is not gathered", "row of y = "),
    matrix("gathered as float", "owners, 0, n, 1, MPI_DOUBLE", "owners, 0, n, 1, MPI_FLOAT", "MPI's type"),
    matrix("gathered words", "owners, 0, n, 1, MPI_DOUBLE", "owners, 0, n, 2, MPI_DOUBLE", "row of 'y'", ""),
    matrix("gathered places", "starts[r] = end > begin ? (int)(begin * words) : 0;", "starts[r] = 0;", "row of 'y'", "row of y = ", 55),
    matrix("room for the ranks", "malloc(2 * size * sizeof *counts)", "malloc(size * sizeof *counts)", "has room for", "size = ", 5),
    # Start and end
    heat("missing Finalize", "    free(v);\n    MPI_Finalize();\n", "    free(v);\n", "without MPI_Finalize", "", 1),
    heat("missing Finalize at exit", "    MPI_Finalize();\n    exit(1);", "    exit(1);", "without MPI_Finalize", ""),
    heat("no Init", "    MPI_Init(&argc, &argv);\n    int size;", "    int size;", "MPI_Comm_rank is not called once by every rank while MPI runs", "", 1),
    heat("Finalize too early", "    int most = 50, step;\n", "    MPI_Finalize();\n    int most = 50, step;\n", "while MPI is not running", "", 18),
    heat("two Finalizes", "    free(v);\n    MPI_Finalize();\n", "    free(v);\n    MPI_Finalize();\n    MPI_Finalize();\n", "while MPI is not running", "", 2),
    matrix("Finalize on a failing rank", "MPI_Abort(MPI_COMM_WORLD, 1);", "MPI_Finalize();", "one rank alone"),
    matrix("Abort reports success", "MPI_Abort(MPI_COMM_WORLD, 1);", "MPI_Abort(MPI_COMM_WORLD, 0);", "reports success"),
    # The user's own code
    heat("changed constant", "v[i] = 0.5 * (u", "v[i] = 0.25 * (u", "'0.25' stands where '0.5'"),
    heat("changed operator", "v[i] = 0.5 * (u[left] + u", "v[i] = 0.5 * (u[left] - u", "stands where"),
    heat("changed macro", "#define N 100", "#define N 101", "another value", "101 instead of 100", 45),
    heat("changed limit", "change < 1e-3", "change < 1e-4", "stands where"),
    heat("changed text", "\"middle %.6e\\n\"", "\"middle %.7e\\n\"", "stands where"),
    heat("changed function", "return 0.5 * i;", "return 0.5 * i + 1;", "stands where"),
    heat("changed call", "fabs(v[i] - u[i])", "fabs(u[i] - v[i])", "stands where"),
    heat("changed type", "double change, total", "float change, total", "another type"),
    heat("dropped statement", "        v[i] = 0.0;\n", "", "is missing", "", -2),
    heat("doubled statement", "        v[i] = 0.0;\n", "        v[i] = 0.0;\n        v[i] = 0.0;\n", "once more", "", 1),
    heat("added statement", "        v[i] = 0.0;\n", "        v[i] = 0.0;\n        total = 3.0;\n", "no such statement", "", 1),
    heat("reordered statements", "            int left = i - 1;\n            v[i] = 0.5 * (u[left] + u[i + 1]);\n            change += fabs(v[i] - u[i]);\n", "            int left = i - 1;\n            change += fabs(v[i] - u[i]);\n            v[i] = 0.5 * (u[left] + u[i + 1]);\n", "missing before this", "", 1),
    heat("dropped break", "        if (change < 1e-3)\n            break;\n", "", "is missing", "", -15),
    heat("dropped loop", "        for (int i = larger(1, my_begin) - my_offset; i < smaller(N - 1, my_end) - my_offset; i++)\n            u[i] = v[i];\n", "", "is missing", ""),
    heat("other exit status", "exit(1);", "exit(0);", "'0' is not what '1' is"),
    heat("hook", "    int most = 50, step;\n", "    atexit(0);\n    int most = 50, step;\n", "'atexit' is added"),
    heat("attribute", "static double source(int i)", "__attribute__((constructor)) static void at_start(void) {}\nstatic double source(int i)", "is added"),
    heat("conditional", "    free(u);\n", "#ifdef OPEN_MPI\n    u[1] = 7.0;\n#endif\n    free(u);\n", "conditional compilation"),
]  # fmt: skip


def mutated(m: Mutant) -> tuple[str, int]:
    """The broken text, and the line where the change begins."""
    text = (PAIRS / f"{m.program}_mpi.c").read_text()
    assert text.count(m.old) == 1, f"{m.id}: the text stands {text.count(m.old)} times"
    place = text.index(m.old)
    return text.replace(m.old, m.new), text.count("\n", 0, place) + 1


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.id)
def test_a_program_broken_in_one_place_is_refuted(mutant: Mutant) -> None:
    text, line = mutated(mutant)
    wrong = refutations(mutant.program, text)
    assert wrong, "the broken program is accepted"
    first = wrong[0]
    assert mutant.message in first.message
    assert mutant.witness in first.witness
    assert first.location is not None
    assert first.location.line == line + mutant.line
