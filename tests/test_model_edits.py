"""Edits of the small model: what is asked of a line, names of partitions as slots, combinations of edits."""

from __future__ import annotations

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.model.dataset.families import program_path
from chatmpi.model.edits.combinations import in_order
from chatmpi.model.edits.idioms import IDIOMS, Idiom, short, spelled
from chatmpi.model.edits.indenting import OWN_LINE, Layout
from chatmpi.model.edits.lessons import Lesson, lessons
from chatmpi.model.edits.material import Taught, unlike
from chatmpi.model.edits.questions import questions
from chatmpi.model.edits.slots import form_of
from chatmpi.model.edits.wrapping import aligned, unaligned
from chatmpi.translate import plans


@given(st.lists(st.lists(st.floats(0, 9), min_size=1, max_size=3).map(sorted), min_size=1, max_size=4))
def test_combinations_come_once_each_and_the_likeliest_first(doubts: list[list[float]]) -> None:
    found = list(in_order(doubts))
    assert sorted(found) == sorted(itertools.product(*(range(len(d)) for d in doubts)))
    totals = [math.fsum(d[k] for d, k in zip(doubts, choice, strict=True)) for choice in found]
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(totals))


def test_lines_that_go_on_are_aligned_again() -> None:
    lines = ["MPI_Send(a, 1,", "         f(2,", "           3),", "         comm);", "x();"]
    assert unaligned(lines) == ["MPI_Send(a, 1,", "\tf(2,", "\t3),", "\tcomm);", "x();"]
    assert aligned(unaligned(lines)) == lines


def test_bounds_of_partitions_are_slots_whatever_they_are_called() -> None:
    """Arrays of one dimension and of two: the generator says `my_count` and `rows`, the edits say the same."""
    taught: dict[str, str] = {}
    for name in ("serial/map/axpy.c", "serial/row_block/gemv.c"):
        source = Source.read(program_path(name))
        facts, plan = next(plans(source))
        for x in lessons(parse(source), plan, generate(facts, plan).shown, True):
            taught[x.question] = x.answer
    distributed = {a for q, a in taught.items() if q.splitlines()[-1].startswith("for") and "\nloop distributed" in q}
    assert "@@0:@1:@2:@3:P0_count" in distributed
    assert not any("rows" in a or "my_count" in a for a in taught.values())


def test_what_the_plan_says_nothing_of_is_not_asked() -> None:
    source = Source.read(program_path("kernels/dot.c"))
    facts, plan = next(plans(source))
    answer = generate(facts, plan).shown
    told, untold = ([x.question for x in lessons(parse(source), plan, answer, w)] for w in (True, False))
    assert len(told) < len(untold)
    assert all(len(q.strip().splitlines()) > 1 for q in told)


@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda idiom: idiom.word)
def test_idioms_are_said_in_a_word_and_spelled_again(idiom: Idiom) -> None:
    filled = {hole: f"V{k}" for k, hole in enumerate(idiom.holes)} | ({"h": ""} if "h" in idiom.holes else {})
    text = re.sub(r"\{(\w+)\}", lambda m: (filled | {"n": "N0 + 1"})[m[1]], idiom.text)
    edit = "\n".join(["x();", text, "y();"])
    partition = filled.get("p", f"rows {filled.get('v')}")
    known = {partition: "N0 + 1"} if "{n}" in idiom.text else {}
    said = f"{idiom.word}({'; '.join(filled[hole] for hole in idiom.holes)})" if idiom.holes else idiom.word
    assert short(edit, known) == f"x();\n{said}\ny();"
    assert spelled(said, known) == text


def test_the_same_for_several_arrays_is_said_once() -> None:
    known = {"all": "A0, A1", "P0": "N0"}
    assert short("free(A0);\nfree(A1);\n@", known) == "FREE(all)\n@"
    assert short("free(A0);\nfree(V3);\n@", known) == "FREE(A0, V3)\n@"
    assert spelled("FREE(all)\n@", known) == "free(A0);\nfree(A1);\n@"
    assert spelled("ROWS(A0, V3; P0_count)") == "A0 = calloc(P0_count, sizeof *A0);\nV3 = calloc(P0_count, sizeof *V3);"


def test_lines_of_edits_are_indented_as_they_open_and_close_blocks() -> None:
    program = ["  for (r)", "    x();", "  y();", "  z();"]
    edits = ["for (s) {\nif (t)\n@", "", "}\nif (t) {\n@", "@\n}"]
    layout = Layout({0: 1, 1: 1, 2: 2, 3: 3}, "  ")
    made: list[str] = []
    for number, (line, edit) in enumerate(zip(program, edits, strict=True)):
        own = edit.replace("@", OWN_LINE + line.strip()).split("\n")
        made += layout.laid_out(number, line, own) if edit else [layout.kept(number, line)]
    assert made == [
        *("  for (s) {", "    if (t)", "      for (r)", "        x();", "  }"),
        *("  if (t) {", "    y();", "    z();", "  }"),
    ]


def test_forms_met_once_are_not_taught() -> None:
    some = [Lesson("a", "@@3:P0_count"), Lesson("b", "@@1:P1_count"), Lesson("c", "free(V0);\nMPI_Finalize();")]
    assert form_of("@@3:P0_count") == form_of("@@1:P1_count") == "@@:P_count"
    assert [x.question for x in unlike([Taught("p", tuple(some), ())], True)] == ["a", "b"]


def test_what_is_met_often_comes_oftener_but_not_in_proportion() -> None:
    taught = [Taught("p", (Lesson("a", "@"),) * 9 + (Lesson("b", "@"),), ())]
    assert [(x.question, x.met) for x in unlike(taught, True)] == [("a", 9), ("b", 1)]


def test_names_bear_the_letter_of_what_the_plan_makes_of_them() -> None:
    source = Source.read(program_path("kernels/dot.c"))
    _, plan = next(plans(source))
    told, untold = ([q.hidden for q in questions(parse(source), plan, w)] for w in (True, False))
    assert any(re.search(r"V0 \+= A0\[I0\] \* A1\[I0\]", line) for line in told)
    assert any(re.search(r"V0 \+= V1\[V2\] \* V3\[V2\]", line) for line in untold)
