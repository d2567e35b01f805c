"""`chatmpi model` and `chathpc` as a person meets them, with a model behind a server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer, serving

from chatmpi import cli

TEMPLATE = "{{ context }}\n{{ question }}\n{{ answer }}\n"
DATA = [{"question": "a?", "context": "letters", "answer": "b"}, {"question": "c?", "answer": "d"}]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.json").write_text(json.dumps(DATA))
    (tmp_path / "tests.json").write_text(json.dumps([{"question": "e?"}]))
    config = {"data_file": "data.json", "prompt_template": TEMPLATE, "model_name": "small", "prompt_history_file": "h"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    return tmp_path


def answering(replies: dict[str, str]) -> FakeServer:
    return FakeServer(lambda request: replies[request["messages"][-1]["content"]])


def test_config_shows_every_key_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.exit_status(["model", "--config", "config.json", "config", "--lora-r", "8"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("lora_r ") for line in lines) == 1
    assert any(line.split() == ["lora_r", "8"] for line in lines)


def test_chathpc_prints_the_configuration(here: Path) -> None:
    program = "from chatmpi.cli import chathpc; chathpc()"
    arguments = ["--config", "config.json", "--max_training_tokens", "99"]
    said = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert ["max_training_tokens", "99"] in [line.split() for line in said.stdout.splitlines()]


def test_verify_compares_and_saves_results(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(answering({"a?": "b\n", "c?": "x"})) as server:
        arguments = ["model", "--config", "config.json", "--endpoint", server.url, "verify"]
        assert cli.exit_status([*arguments, "--save_results_file", "results.json"]) == 0
    out = capsys.readouterr().out
    assert "item 1 differs from its answer:\nx" in out
    assert "the same text as the answer: 1 of 2 (50.00%)" in out
    first, second = json.loads((here / "results.json").read_text())
    keys = ["index", "prompt", "training_prompt", "context", "question", "answer", "response"]
    assert list(first) == keys
    assert first["prompt"] == "letters\na?\n"
    assert first["training_prompt"] == "letters\na?\nb\n"
    assert list(second) == [key for key in keys if key != "context"]


def test_test_asks_a_file_through_ollama(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(answering({"e?": "f"})) as server:
        arguments = ["--config", "config.json", "ollama", "test", "--model", "big", "tests.json"]
        assert cli.exit_status(["model", "--endpoint", server.url, *arguments]) == 0
    assert [request["model"] for request in server.requests] == ["big"]
    assert server.requests[0]["path"] == "/v1/chat/completions"
    assert "none has an answer to compare" in capsys.readouterr().out


def test_the_context_is_the_system_message_and_the_key_comes_from_the_environment(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    with serving(answering({"a?": "b", "c?": "d"})) as server:
        assert cli.exit_status(["model", "--config", "config.json", "--endpoint", server.url, "verify"]) == 0
    assert server.requests[0]["messages"][0] == {"role": "system", "content": "letters"}
    assert server.headers[0]["Authorization"] == "Bearer a-key"


@pytest.mark.parametrize(
    ("reply", "delay", "said"),
    [
        (404, 0.0, "refuses (404): no such model"),
        (b"<html>", 0.0, "answers what is not JSON"),
        (b"{}", 0.0, "answers without a message"),
        (b'{"choices": [{"message": {"content": null}}]}', 0.0, "has no text"),
        ("late", 1.0, "did not answer within 0.2 seconds"),
    ],
)
def test_a_server_that_misbehaves(
    here: Path, capsys: pytest.CaptureFixture[str], reply: Any, delay: float, said: str
) -> None:
    with serving(FakeServer(lambda request: reply, delay)) as server:
        arguments = ["model", "--config", "config.json", "--timeout", "0.2", "--endpoint", server.url]
        assert cli.exit_status([*arguments, "test", "tests.json"]) == 2
    assert said in capsys.readouterr().err


def test_a_server_that_is_down(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(answering({})) as server:
        pass
    assert cli.exit_status(["model", "--config", "config.json", "--endpoint", server.url, "test", "tests.json"]) == 2
    assert "cannot be reached" in capsys.readouterr().err


def test_what_was_answered_is_saved_when_the_server_fails(here: Path) -> None:
    with serving(FakeServer(lambda request: "b" if request["messages"][-1]["content"] == "a?" else 500)) as server:
        arguments = ["model", "--config", "config.json", "--endpoint", server.url, "verify"]
        assert cli.exit_status([*arguments, "--save_results_file", "results.json"]) == 2
    assert [result["response"] for result in json.loads((here / "results.json").read_text())] == ["b"]


def test_talking(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = iter(["/help", "/context sums", "e?", "/context", "/nothing", "e?", "/bye"])
    asked: list[str] = []

    def read(prompt: str) -> str:
        asked.append(prompt)
        return "" if prompt == "Context: " else next(lines)

    monkeypatch.setattr("builtins.input", read)
    with serving(answering({"e?": "f"})) as server:
        assert cli.exit_status(["model", "--config", "config.json", "--endpoint", server.url, "run"]) == 0
    assert [request["messages"][0]["content"] for request in server.requests] == ["sums", "e?"]
    assert asked == ["chathpc> ", "chathpc> ", "chathpc (sums)> ", "chathpc (sums)> ", "Context: "] + ["chathpc> "] * 3
    out = capsys.readouterr().out
    assert out.count("f\n") >= 2
    assert "there is no command /nothing" in out


def test_an_answer_that_was_cut_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(FakeServer(lambda request: "f", finish="length")) as server:
        assert (
            cli.exit_status(["model", "--config", "config.json", "--endpoint", server.url, "test", "tests.json"]) == 0
        )
    assert "cut by max_response_tokens" in capsys.readouterr().err


def test_markdown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.exit_status(["model", "markdown", "data.json"]) == 0
    assert "### Answer\n\nb" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify"], "data_file is not set"),
        (["test", "nowhere.json", "--endpoint", "http://localhost:1", "--model-name", "m"], "'nowhere.json' cannot be"),
        (["test", "tests.json", "--endpoint", "localhost:1234"], "is no address of a server"),
        (["test", "tests.json", "--endpoint", "http://localhost:1"], "which model shall the server use?"),
    ],
)
def test_usage(here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    extra = [] if "--endpoint" in arguments else ["--endpoint", "http://localhost:1", "--model-name", "m"]
    assert cli.exit_status(["model", *arguments, *extra]) == 2
    assert said in capsys.readouterr().err


def test_nothing_heavy_is_imported_for_commands_that_need_none_of_it(here: Path) -> None:
    program = (
        "import sys; from chatmpi import cli; cli.exit_status(['model', 'config']);"
        "heavy = {'torch', 'transformers', 'peft'} & set(sys.modules); sys.exit(len(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL).returncode == 0
