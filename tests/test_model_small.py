"""The small model of chatmpi's own: edits in small parts and back, teaching, and what is shipped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chatmpi import cli
from chatmpi.analysis.parse import parse
from chatmpi.analysis.source import Source
from chatmpi.generate.from_template import generate
from chatmpi.model.dataset.families import program_path
from chatmpi.model.dataset.random_programs import random_program
from chatmpi.model.edits import EDITS, SHIPPED
from chatmpi.model.edits.alignment import edits_of
from chatmpi.model.edits.changes import small, whole
from chatmpi.model.edits.lessons import edited, lessons
from chatmpi.model.edits.questions import questions
from chatmpi.model.edits.slots import FreshNames, declared_afresh
from chatmpi.translate import check_candidate, plans, translate


@pytest.mark.parametrize(
    ("line", "edit", "said"),
    [
        ("for (V0 = 0; V0 < V1; ++V0)", "for (V0 = 0; V0 < rows; ++V0)", "@@0:@1:@2:@3:rows"),
        ("V0[V1] = V1 % 7;", "V0[V1] = (V1 + row0) % 7;", "@@0:@1:@2:V1 + row0"),
        ("V0 = V1 * V2 - V3;", "V0 = V4 - V3;", "@@0:@1:V4@3:"),
        ("V0 = V1 * V2;", "V0 = V4;", "@@0:@1:V4@"),
        ("free(V0);", "MPI_Finalize();\nfree(V0);", "MPI_Finalize();\n@"),
        ("printf(S0);", "if (rank == 0)\n    printf(S0);", "if (rank == 0)\n    @"),
        ("V0 = V1;", "V0 = V1;", "@"),
        ("x();", "y = 2 * z + 3;", "y = 2 * z + 3;"),
        ("T0 A0[N0][N0], B0[N0];", "T0 (*A0)[N0], B0[N0];", "@@0:(*A0)@2:"),
        ("f(S0, A0[N0 / 2], A1[0][N0 - 1]);", "f(S0, A0_copy#, A1_copy#);", "@@0:@1:@2:A0_copy#@5:A1_copy#@"),
    ],
)
def test_small_parts_are_whole_again(line: str, edit: str, said: str) -> None:
    assert whole(line, small(line, edit)) == edit
    assert small(line, edit) == said


@pytest.mark.parametrize("seed", [1, 100, 104])
def test_edits_in_small_parts_make_the_generators_program_again(seed: int) -> None:
    source = Source.from_str("random.c", random_program(seed))
    program = parse(source)
    facts, plan = next(plans(source))
    answer = generate(facts, plan)
    for with_plan in (True, False):
        asked, taught = list(questions(program, plan, with_plan)), list(lessons(program, plan, answer.shown, with_plan))
        made = edited(program, {q.line: (q, x.answer) for q, x in zip(asked, taught, strict=True)})
        assert check_candidate(translate(source), Source.from_str("random_mpi.c", made)).accepted


def test_braces_go_with_what_opens_them() -> None:
    program = ["for (i) {", "x;", "}", "y;"]
    answer = ["for (r) {", "for (i) {", "x;", "}", "free(r);", "}", "y;"]
    assert edits_of(program, answer, {0, 1, 3}) == [["for (r) {", "for (i) {"], ["x;"], ["}"], ["free(r);", "}", "y;"]]


def test_two_fresh_names_of_one_edit_stay_two() -> None:
    lines = ["double y_copy = 0;", "double y_copy2 = y_copy;"]
    hidden = declared_afresh(lines, frozenset({"y"}))
    assert hidden == ["double y_copy# = 0;", "double y_copy## = y_copy#;"]
    assert FreshNames({"y_copy"}).settle("\n".join(hidden)) == "double y_copy2 = 0;\ndouble y_copy3 = y_copy2;"


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="needs the extra [model]")
    pytest.importorskip("transformers")
    pytest.importorskip("peft")
    place = tmp_path_factory.mktemp("small")
    sizes = ["--programs", "2", "--variations", "0", "--passes", "1", "--lessons", str(place / "lessons.jsonl")]
    new = ["model", "teach", "-o", str(place / "tiny"), "--width", "32", "--layers", "1", *sizes]
    assert cli.exit_status(new) == 0
    assert (
        cli.exit_status(["model", "teach", "-o", str(place / "again"), "--width", "32", "--layers", "1", *sizes]) == 0
    )
    on = ["--on", str(place / "tiny"), *sizes]
    assert cli.exit_status(["model", "teach", "-o", str(place / "tiny" / "adapter"), *on]) == 0
    return place


@pytest.mark.filterwarnings("ignore")
def test_teaching_again_makes_the_same(taught: Path) -> None:
    weights = [(taught / name / "model.safetensors").read_bytes() for name in ("tiny", "again")]
    assert weights[0] == weights[1]
    record = json.loads((taught / "tiny" / EDITS).read_text())
    assert record["material"]["programs"] == 2
    assert record["course"]["seed"] == 0


@pytest.mark.filterwarnings("ignore")
def test_an_adapter_goes_on_small_models_only(taught: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = shutil.copytree(taught / "tiny", tmp_path / "other", ignore=shutil.ignore_patterns(EDITS, "adapter"))
    assert cli.exit_status(["model", "teach", "-o", str(tmp_path / "adapter"), "--on", str(other)]) == 2
    assert "is no small model of edits" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore")
def test_teaching_that_was_stopped_goes_on_to_the_same(
    taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatmpi.model.edits import teaching
    from chatmpi.model.edits.material import read_material, unlike
    from chatmpi.model.loading import load

    monkeypatch.setattr(teaching, "_KEPT_EACH", -1.0)
    some = unlike(read_material(taught / "lessons.jsonl"), True)
    course, losses = teaching.Course(passes=2, tokens=400), {}

    class Stopped(Exception):
        pass

    def stop(step: int, steps: int, loss: float) -> None:
        if step == 3:
            raise Stopped

    for name in ("whole", "stopped", "stopped"):
        loaded = load(str(taught / "tiny"), None, "fp32")
        try:
            told = stop if name == "stopped" and not (tmp_path / name).exists() else lambda *told: None
            losses[name], _ = teaching.teach(loaded.model, loaded.tokenizer, some, course, told, tmp_path / name)
        except Stopped:
            assert (tmp_path / name).exists()
    assert losses["whole"] == pytest.approx(losses["stopped"], rel=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_a_model_that_knows_nothing_hands_over_the_templates_program(
    taught: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dot = str(program_path("kernels/dot.c"))
    asked = ["translate", dot, "-o", str(tmp_path / "dot_mpi.c"), "--model", str(taught / "tiny")]
    assert cli.exit_status(asked) == 0
    assert "this is the program of the templates" in " ".join(capsys.readouterr().out.split())
    assert "MPI_Reduce" in (tmp_path / "dot_mpi.c").read_text()


@pytest.mark.filterwarnings("ignore")
def test_what_leads_out_of_all_forms_is_known(taught: Path) -> None:
    from chatmpi.model.edits.forms import Forms, forms_of
    from chatmpi.model.loading import load

    tokenizer = load(str(taught / "tiny"), None, "fp32").tokenizer
    forms = Forms(tokenizer, forms_of(["V3 = V1;\n@@0:@1:2", "V0 = V0;"]))

    def ids(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    def leads_out(edit: str, word: str) -> bool:
        return bool(forms.unknown(ids(edit))[ids(word)[0]])

    assert forms_of(["V3 = V1;\n@@0:@1:2", "V0 = V0;"]) == ["@@0:2", "V0 = V0;"]
    assert not leads_out("", "V7")
    assert leads_out("", "K7")
    assert not leads_out("V3 = V1;\n@", "@5:")
    assert leads_out("V3 = V1;\n@", "V5")
    assert not leads_out("@@3:", "9")
    assert not leads_out("V3 = V1;", "\n")
    assert not forms.unknown(ids("K1")).any()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not (SHIPPED / EDITS).exists(), reason="no small model is shipped")
def test_the_shipped_model_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="needs the extra [model]")
    pytest.importorskip("transformers")
    pytest.importorskip("peft")
    dot = str(program_path("kernels/dot.c"))
    asked = ["translate", dot, "-o", str(tmp_path / "dot_mpi.c"), "--engine", "model"]
    assert cli.exit_status(asked) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "of chatmpi-small" in said
    assert "generator model;" in said  # its own edits, or all but those that it was unsure of
    assert "MPI_Reduce" in (tmp_path / "dot_mpi.c").read_text()
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file()) < 10e6
