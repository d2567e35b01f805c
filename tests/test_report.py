"""Plans and verdicts as text and JSON: what they say, that it fits, and where there is colour."""

import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatmpi.analysis.source import Location, Source
from chatmpi.plan.plan import (
    Alternative,
    ArrayPlan,
    Communication,
    Dependence,
    Dimension,
    GuardPlan,
    Halo,
    LoopPlan,
    Partition,
    Place,
    Plan,
    Reduction,
)
from chatmpi.plan.quantities import seconds
from chatmpi.report.paint import Paint, paint_for
from chatmpi.report.plan_text import plan_text
from chatmpi.report.summary import translation_summary
from chatmpi.report.table import WIDTH, Row, table
from chatmpi.report.verdict_json import verdict_json
from chatmpi.report.verdict_text import verdict_text
from chatmpi.verify.verdict import Check, Counterexample, Verdict

PLAIN, COLOURED = Paint(False), Paint(True)
ESCAPE = "\x1b["

SOURCE = Source.from_str(
    "heat.c",
    """\
double u[N][M], w[N];
int main(void) {
  for (int i = 1; i < N - 1; i++)
    u[i][0] = 0.5 * (u[i - 1][0] + u[i + 1][0]);
  for (int i = 1; i < N; i++)
    w[i] = w[i - 1] + 1;
}
""",
)

PLAN = Plan(
    program="heat.c",
    partitions=(Partition("rows", "N", Halo(1, 1), 1),),
    arrays=(
        ArrayPlan(
            "u", 1, Place(0, 1, 8), "double", (Dimension("N", "rows"), Dimension("M")), Halo(1, 1), "N*M",
            "(N/ranks + 2)*M", "rows i - 1 and i + 1 are read",
        ),
        ArrayPlan("w", 2, Place(0, 1, 17), "double", (Dimension("N"),), Halo(), "N", "N", "written by a recurrence"),
    ),
    loops=(
        LoopPlan(Place(2, 3, 3), "i", "stencil", "distributed", "rows", 0, "1", (Reduction("s", 4, "SUM", "double"),),
                 "reads neighbouring rows"),
        LoopPlan(
            Place(4, 5, 3), "i", "sequential", "replicated", None, 0, "1", (), "each iteration needs the one before",
            Dependence("w", "flow", "iteration i writes w[i], i + 1 reads it", Place(5, 6, 5), "i = 1", "i = 2"),
        ),
    ),
    guards=(GuardPlan(Place(6, 4, 5), "rows", "0"),),
    communications=(
        Communication("halo", "u", 1, Place(2, 3, 3), Place(2, 3, 3), "before", "rows", Halo(1, 1), "", "", "2*M",
                      "every iteration", "u[i - 1] and u[i + 1] belong to neighbours"),
        Communication("allreduce", "s", 4, Place(2, 3, 3), Place(3, 4, 5), "after", None, Halo(), "SUM", "", "1",
                      "once", "every rank has a part of the sum"),
    ),
    outputs=(Place(7, 7, 1),),
    cost=1.25e-3,
    alternatives=(
        Alternative("u", "columns", 2.5e-3, "strided halos"),
        Alternative("w", "distributed", None, "recurrence"),
    ),
    notes=("the sum of s is reduced in another order than in the sequential program",),
)  # fmt: skip

NOTHING = Plan("heat.c", (), (), PLAN.loops[1:], (), (), (), 0.0, ())

VERDICT = Verdict(
    (
        Check("read", "it parses and its MPI calls have the right types"),
        Check("proved", "u is accessed in bounds", "all sizes, ranks and block boundaries"),
        Check("proved", "every iteration is executed once", "all sizes, ranks and block boundaries"),
        Check("run", "the same output and exit status (sanitizers on)", "1 rank, N=64"),
        Check("run", "the same output and exit status (sanitizers on)", "4 ranks, N=64"),
    ),
    (),
)
REFUTED = Verdict(
    (),
    (Counterexample("proved", "u[i + 1] is read past the halo", Location("heat.c", 4, 30), "N = 5, 2 ranks, i = 2"),),
)


def explained(plan: Plan = PLAN, paint: Paint = PLAIN) -> str:
    return plan_text(plan, SOURCE, paint)


def section(title: str) -> list[str]:
    """The lines of one section, its title left out."""
    found = re.search(rf"^{title}\n((?:.+\n|\n(?=  ))*)", explained(), re.MULTILINE)
    assert found is not None, explained()
    return found[1].splitlines()


def test_title_counts() -> None:
    first, second, *_ = explained().splitlines()
    assert first == "heat.c: 1 of 2 loops and 1 of 2 arrays distributed"
    assert second == "cost 1.25 ms by the model, at nominal sizes"


def test_title_where_nothing_can_be_distributed() -> None:
    assert explained(NOTHING).splitlines()[0] == "heat.c: nothing can be distributed"


def test_sections_come_in_the_order_that_people_ask() -> None:
    titles = [line for line in explained().splitlines() if re.fullmatch(r"[A-Z][a-z ]+", line)]
    assert titles == [
        "Partitions", "Arrays", "Loops", "Communication", "Done by one rank", "Not distributed",
        "Alternatives considered", "Notes",
    ]  # fmt: skip


def test_arrays_show_distribution_and_memory() -> None:
    header, first, reason, second, _ = section("Arrays")
    assert header.split() == ["line", "array", "elements", "held", "halo", "words", "per", "rank"]
    assert re.split(r"  +", first.strip()) == [
        "1", "u", "double[N / rows][M]", "by rows", "1+1", "(N/ranks + 2)*M",
    ]  # fmt: skip
    assert reason.strip() == "rows i - 1 and i + 1 are read"
    assert re.split(r"  +", second.strip()) == ["1", "w", "double[N]", "replicated", "N"]


def test_loops_show_line_pattern_and_partition() -> None:
    _, first, _, second, _ = section("Loops")
    assert re.split(r"  +", first.strip()) == ["3", "i", "stencil", "distributed by rows", "SUM s"]
    assert re.split(r"  +", second.strip()) == ["5", "i", "sequential", "replicated"]


def test_communication_shows_place_kind_volume_and_reason() -> None:
    _, halo, why, reduction, _ = section("Communication")
    assert re.split(r"  +", halo.strip()) == [
        "before line 3", "halo of u, 1 below, 1 above", "2*M"]  # fmt: skip
    assert why.strip() == "every iteration: u[i - 1] and u[i + 1] belong to neighbours"
    assert re.split(r"  +", reduction.strip())[:2] == ["after line 3, done by line 4", "allreduce SUM of s"]


def test_what_is_not_distributed_shows_code_place_line_and_witnesses() -> None:
    text = "\n".join(section("Not distributed"))
    assert "  heat.c:5:3: [flow] loop over i: every rank runs all of it\n" in text
    assert "      for (int i = 1; i < N; i++)\n      ^\n" in text
    assert "    heat.c:6:5: flow, w: iteration i writes w[i], i + 1 reads it" in text
    assert "    for example i = 1 and i = 2" in text
    assert "  heat.c:1:17: [replicated] every rank holds all of w\n" in text


def test_alternatives_show_their_cost() -> None:
    lines = section("Alternatives considered")
    assert re.split(r"  +", lines[1].strip()) == ["u", "columns", "2.5 ms"]
    assert re.split(r"  +", lines[3].strip()) == ["w", "distributed", "not possible"]


def test_lines_fit_the_page() -> None:
    assert max(map(len, explained().splitlines())) <= WIDTH


@settings(max_examples=40)
@given(st.from_type(Plan))
def test_every_plan_can_be_told(plan: Plan) -> None:
    assert explained(plan).startswith("heat.c: ")
    assert translation_summary(plan, VERDICT, "heat.c", "heat_mpi.c", PLAIN).startswith("heat.c -> ")


def test_colour_changes_nothing_but_colour() -> None:
    coloured = explained(paint=COLOURED)
    assert ESCAPE in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == explained()
    assert ESCAPE not in explained()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "colour"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colour_is_for_terminals(stream: io.StringIO, environment: dict[str, str], colour: bool) -> None:
    assert paint_for(stream, environment).colour is colour


def test_verdict_names_stages_and_what_they_hold_for() -> None:
    assert verdict_text(VERDICT, (SOURCE,), PLAIN).splitlines() == [
        "verdict: PROVED (for all sizes, numbers of ranks and data)",
        "  read   1 check",
        "    - it parses and its MPI calls have the right types",
        "  proved 2 checks, for all sizes, ranks and block boundaries",
        "    - u is accessed in bounds",
        "    - every iteration is executed once",
        "  run    2 checks, for 1 rank, N=64; 4 ranks, N=64",
        "    - 1 rank, N=64: the same output and exit status (sanitizers on)",
        "    - 4 ranks, N=64: the same output and exit status (sanitizers on)",
    ]


def test_refuted_verdict_shows_place_and_witness() -> None:
    text = verdict_text(REFUTED, (SOURCE,), PLAIN)
    assert text.startswith("verdict: REFUTED (there is a counterexample)\n")
    assert "heat.c:4:30: error: u[i + 1] is read past the halo\n" in text
    line = "      u[i][0] = 0.5 * (u[i - 1][0] + u[i + 1][0]);"
    assert f"{line}\n  {' ' * 29}^\n  note: N = 5, 2 ranks, i = 2\n" in text


@pytest.mark.parametrize("verdict", [VERDICT, REFUTED])
def test_verdict_as_json_says_the_same(verdict: Verdict) -> None:
    said = json.loads(verdict_json(verdict, "heat.c", "heat_mpi.c"))
    assert said["version"] == 3
    assert (said["sequential"], said["candidate"]) == ("heat.c", "heat_mpi.c")
    assert said["accepted"] is verdict.accepted
    assert said["verdict"] == verdict.word
    assert [(c["stage"], c["claim"], c["scope"]) for c in said["checks"]] == [
        (c.stage, c.claim, c.scope) for c in verdict.checks
    ]
    assert [(c["message"], c["file"], c["line"], c["column"], c["witness"]) for c in said["counterexamples"]] == [
        (c.message, c.location.file, c.location.line, c.location.column, c.witness)
        for c in verdict.counterexamples
        if c.location
    ]


def test_summary_says_what_was_divided_exchanged_and_left() -> None:
    text = translation_summary(PLAN, VERDICT, "heat.c", "heat_mpi.c", PLAIN)
    assert text.splitlines() == [
        "heat.c -> heat_mpi.c",
        "  distributed  1 of 2 arrays (u), 1 of 2 loops",
        "  exchanged    halo of u, 1 below, 1 above before line 3; allreduce SUM of s after line 3, done by",
        "               line 4",
        "  not divided  the loop of line 5 (iteration i writes w[i], i + 1 reads it): see 'chatmpi explain",
        "               heat.c'",
        "  note         the sum of s is reduced in another order than in the sequential program",
        "verdict: PROVED (for all sizes, numbers of ranks and data)",
        "  read   1 check",
        "  proved 2 checks, for all sizes, ranks and block boundaries",
        "  run    2 checks, for 1 rank, N=64; 4 ranks, N=64",
    ]


def test_columns_are_aligned_and_remarks_wrapped() -> None:
    rows = [Row(("9", "a", "x"), "word " * 30), Row(("10", "longer", "y"))]
    lines = table(("no", "name", "last"), rows, PLAIN, frozenset({0})).splitlines()
    assert lines[0] == "  no  name    last"
    assert lines[1] == "   9  a       x"
    assert lines[-1] == "  10  longer  y"
    assert all(line.startswith("      word") and len(line) <= WIDTH for line in lines[2:-1])


def test_last_column_is_wrapped_where_it_must() -> None:
    lines = table(("a", "b"), [Row(("x" * 40, "word " * 30))], PLAIN).splitlines()
    assert len(lines) == 4
    assert all(len(line) <= WIDTH and line[44:48] == "word" for line in lines[1:])


def test_the_widest_column_is_wrapped_first() -> None:
    lines = table(("a", "b", "c"), [Row(("word " * 12, "many words " * 9, "short one"))], PLAIN).splitlines()
    assert all(len(line) <= WIDTH for line in lines)
    assert sum("short one" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (3.4e11, "10,773 years"),
        (6e5, "6.94 days"),
        (60000.0, "16.7 hours"),
        (1500.0, "1,500 s"),
        (2.0, "2 s"),
        (1.5e-3, "1.5 ms"),
        (2e-6, "2 us"),
        (3e-9, "3 ns"),
        (0.0, "0 ns"),
    ],
)
def test_times_have_a_unit_that_suits(cost: float, shown: str) -> None:
    assert seconds(cost) == shown
