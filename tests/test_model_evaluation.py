"""Evaluation by execution: the estimator, scores by family, the commands."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from fake_server import FakeServer, serving
from test_model_translation import BY_HAND, DOT, WRONG, fenced

from chatmpi import cli
from chatmpi.evaluate import pass_at_k


@pytest.mark.parametrize(("n", "c"), [(4, 0), (4, 1), (5, 2), (6, 6)])
def test_pass_at_k_is_the_share_of_draws_with_one_that_passes(n: int, c: int) -> None:
    for k in range(1, n + 1):
        draws = list(itertools.combinations([True] * c + [False] * (n - c), k))
        assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    items = [
        {"question": "translate it", "answer": BY_HAND, "program": DOT, "family": "DOT"},
        {"question": "translate that", "program": DOT.replace("40", "50"), "family": "DOT, longer"},
    ]
    (tmp_path / "data.json").write_text(json.dumps(items))
    return tmp_path


def test_evaluate_and_compare(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    longer = BY_HAND.replace("40", "50")
    answers = iter([fenced(BY_HAND), fenced(WRONG), "no", fenced(longer), fenced("int main(void) { return 0 }")])
    with serving(FakeServer(lambda request: next(answers, fenced(longer)))) as server:
        asked = ["model", "evaluate", "data.json", "--endpoint", server.url, "--model-name", "big"]
        assert cli.exit_status([*asked, "--candidates", "2", "-o", "a.json", "--markdown", "a.md"]) == 0
        assert cli.exit_status([*asked, "--repair", "1", "--label", "repaired", "-o", "b.json"]) == 0
    content = json.loads((data / "a.json").read_text())
    by_family = {score["family"]: score for score in content["scores"]}
    assert by_family["DOT"]["pass_at"] == [[1, 0.5], [2, 1.0]]
    assert by_family["DOT"]["matches"] == 0.5
    assert by_family["DOT, longer"]["refused"] == [["answer", 1]]
    assert by_family["all"]["pass_at"] == [[1, 0.5], [2, 1.0]]
    assert by_family["DOT"]["build_at_1"] in (1.0, None)
    assert by_family["DOT"]["traffic"] == pytest.approx(1.0)
    assert [o["accepted"] for o in content["outcomes"]] == [True, False, False, True]
    assert "| DOT | 1 | 0.50 | 1.00 |" in (data / "a.md").read_text()
    capsys.readouterr()
    assert cli.exit_status(["model", "compare", "a.json", "b.json"]) == 0
    out = capsys.readouterr().out
    assert "| family | big at" in out
    assert "| repaired |" in out
    assert "| DOT, longer | 0.50 | 1.00 |" in out
    assert "| all, pass@2 | 1.00 | - |" in out


def test_the_test_command_judges_answers_too(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeServer(lambda request: fenced(BY_HAND))) as server:
        asked = [
            "model",
            "--endpoint",
            server.url,
            "--model-name",
            "big",
            "--prompt_template",
            "{{question}}{{answer}}",
        ]
        assert cli.exit_status([*asked, "test", "data.json"]) == 0
    assert "| DOT | 1 | 1.00 | 1.00 |" in capsys.readouterr().out


def test_what_is_no_evaluation(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.exit_status(["model", "compare", "data.json"]) == 2
    assert "is no evaluation" in capsys.readouterr().err
