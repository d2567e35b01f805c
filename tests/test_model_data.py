"""ChatHPC's files: data, configuration, prompt template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatmpi.analysis.diagnostics import UsageError
from chatmpi.model.configuration import configuration
from chatmpi.model.prompt_template import prompt_template, template_of
from chatmpi.model.results import markdown, same_text
from chatmpi.model.tuples import Tuple, read_tuples

TEMPLATE = "You translate.\n### Context:\n{{ context }}\n### Question:\n{{ question }}\n### Answer:\n{{ answer }}\n"


def written(folder: Path, content: Any, name: str = "data.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("names", [("question", "answer"), ("Prompt", "RESPONSE"), ("user", "assistant")])
def test_names_of_all_kinds_and_unknown_keys(tmp_path: Path, names: tuple[str, str]) -> None:
    path = written(tmp_path, [{names[0]: "a?", names[1]: "b", "Context": "c", "family": "map", "sizes": [1]}])
    assert read_tuples(path, True) == (Tuple("a?", "b", "c", others={"family": "map", "sizes": [1]}),)


def test_yaml(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    path = written(tmp_path, "- question: a?\n  answer: |\n    b\n    c\n", "data.yaml")
    assert read_tuples(path, True) == (Tuple("a?", "b\nc\n"),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[{"question": "a?",}]', "is not JSON: line 1, column "),
        ('[{"question": "a?", "answer": "b\nc"}]', "new lines inside a text are written \\n"),
        ({"question": "a?"}, "is not a list of items"),
        ([], "has no items"),
        ([{"question": "a?", "answer": "b"}, "c"], "item 1 of"),
        ([{"question": "a?", "answer": ["b"]}], "item 0 of '{}' key 'answer' is a list, not a text"),
        ([{"answer": "b"}], "item 0 of '{}' has no question"),
        ([{"question": "a?"}], "item 0 of '{}' has no answer"),
        ([{"question": "a?", "answer": None}], "item 0 of '{}' has no answer"),
        ([{"question": "a?", "user": "c?", "answer": "b"}], "says its question twice, as 'question' and as 'user'"),
    ],
)
def test_broken_data_is_named(tmp_path: Path, content: Any, said: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read_tuples(path, True)
    assert said.format(path) in str(caught.value)


def test_tests_may_lack_the_answer(tmp_path: Path) -> None:
    assert read_tuples(written(tmp_path, [{"question": "a?"}]), False)[0].answer is None


def test_flags_over_environment_over_its_file_over_configuration(tmp_path: Path) -> None:
    file = written(tmp_path, {"steps": 1, "lora_r": 1, "seed": 1, "batch_size": 1, "mine": [2]}, "config.json")
    written(tmp_path, "# ours\nexport CHATHPC_LORA_R='2'\nCHATHPC_SEED=2 # two\nCHATMPI_BATCH_SIZE=2\n", ".env")
    environment = {"CHATHPC_SEED": "3", "CHATMPI_BATCH_SIZE": "3", "CHATHPC_BATCH_SIZE": "0", "PATH": "/"}
    settings = configuration(file, {"batch_size": "4", "seed": None}, environment, tmp_path)
    assert (settings.steps, settings.lora_r, settings.seed, settings.batch_size) == (1, 2, 3, 4)
    assert settings.others == {"mine": [2]}
    assert settings.learning_rate == 3e-4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"steps": "many"}, "steps cannot be 'many': a number is expected"),
        ({"steps": 0}, "the least is 1"),
        ({"held_out": 1.0}, "a share"),
        ({"precision": "int4"}, "one of auto, fp32, fp16, bf16"),
        ({"use_wandb": "perhaps"}, "true or false is expected"),
        ([1], "no object of keys and values"),
    ],
)
def test_values_that_are_none(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        configuration(written(tmp_path, content, "config.json"), {}, {}, tmp_path)


def test_files_are_found_beside_the_configuration(tmp_path: Path) -> None:
    written(tmp_path, TEMPLATE, "template.txt")
    file = written(tmp_path, {"prompt_template_file": "template.txt"}, "config.json")
    assert template_of(configuration(file, {}, {}, tmp_path)).text == TEMPLATE


def test_training_continues_the_prompt_of_inference() -> None:
    prompt = prompt_template(TEMPLATE).prompt(Tuple("a?", "b", "c"))
    assert prompt.before == "You translate.\n### Context:\nc\n### Question:\na?\n### Answer:\n"
    assert prompt.with_answer("b") == prompt.before + "b\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ question }}", "has no answer slots"),
        ("{{ question }} {{ answer }} {{ response }}", "has 2 answer slots instead of one"),
        ("{{ answer }}", "has no question"),
        ("{{ question {{ answer }}", "is not Jinja2: line 1"),
    ],
)
def test_templates_without_one_answer_slot(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        prompt_template(text)


def test_a_slot_that_a_condition_hides() -> None:
    template = prompt_template("{{ question }}{% if context %}{{ answer }}{% endif %}")
    assert template.prompt(Tuple("a?", context="c")).before == "a?"
    with pytest.raises(UsageError, match="shows its answer slot 0 times"):
        template.prompt(Tuple("a?"))


def test_a_template_that_names_what_no_item_has() -> None:
    template = prompt_template("{{ qestion }} {{ question }} {{ plan }} {{ answer }}")
    with pytest.raises(UsageError, match="'qestion'"):
        template.check_names([Tuple("a?", others={"plan": "p"})])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "neither prompt_template_file nor prompt_template is set"),
        ({"training_prompt": "{question}"}, "training_prompt is an older form"),
        ({"prompt_template": TEMPLATE, "prompt_template_file": "t"}, "are both set"),
        ({"prompt_template_file": "nowhere.txt"}, "'nowhere.txt' cannot be read"),
    ],
)
def test_exactly_one_template(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    file = written(tmp_path, settings, "config.json")
    with pytest.raises(UsageError, match=said):
        template_of(configuration(file, {}, {}, tmp_path))


def test_the_same_text_but_for_ends_of_lines() -> None:
    assert same_text("int a; \nint b;\n\n", "\nint a;\nint b;")
    assert not same_text("int a;", "int  a;")


def test_markdown_of_results() -> None:
    result = {"index": 3, "prompt": "all of it", "question": "a?", "response": "int a;\nint b;", "context": ""}
    text = markdown([result], ratings=True)
    assert "## Index 3" in text
    assert "### Question\n\na?" in text
    assert "### Response\n\n```c\nint a;\nint b;\n```" in text
    assert "### Rating" in text
    assert "### Context" not in text
    with pytest.raises(UsageError):
        markdown({"a": 1})
