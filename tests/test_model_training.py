"""Tuning, merging and asking local models, on tiny random ones. Needs the extra `[model]`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatmpi import cli
from chatmpi.analysis.diagnostics import ChatmpiError, UnreadableInput, UsageError
from chatmpi.model.examples import batch, learning_rate, micro_batches, split
from chatmpi.model.extra import needs_extra
from chatmpi.model.folders import check_memory, check_model
from chatmpi.model.progress import Progress
from chatmpi.model.prompt_template import PromptTemplate, prompt_template
from chatmpi.model.settings import Settings
from chatmpi.model.tuples import Tuple

torch = pytest.importorskip("torch", reason="needs the extra [model]")
pytest.importorskip("transformers")
pytest.importorskip("peft")
pytest.importorskip("accelerate")

from tiny_models import ARCHITECTURES, tiny_model  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

TEMPLATE = "### Question:\n{{ question }}\n### Answer:\n{{ answer }}\n"
ITEMS = tuple(Tuple(f"int a{i} = {i};", f"double a{i} = {i}.0;") for i in range(6))


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture
def template() -> PromptTemplate:
    return prompt_template(TEMPLATE)


def settings_for(base: Path, folder: Path, **others: Any) -> Settings:
    settings = Settings(
        base_model_path=str(base),
        finetuned_model_path=str(folder / "adapter"),
        merged_model_path=str(folder / "merged"),
        training_output_dir=str(folder / "checkpoints"),
        steps=6,
        warmup_steps=2,
        batch_size=4,
        micro_batch_size=2,
        save_every=2,
        evaluate_every=2,
        learning_rate=1e-2,
        max_response_tokens=12,
    )
    return replace(settings, **others)


def tuned(settings: Settings, template: PromptTemplate, stop: int | None = None, fresh: bool = False) -> Any:
    """Train; with `stop`, be killed after that step."""
    with needs_extra():
        from chatmpi.model.training import train

    def told(progress: Progress) -> None:
        if progress.step == stop:
            raise KeyboardInterrupt

    return train(settings, template, ITEMS, told, fresh)


def test_a_killed_training_goes_on_at_the_same_loss(llama: Path, tmp_path: Path, template: PromptTemplate) -> None:
    whole = tuned(settings_for(llama, tmp_path / "a"), template)
    settings = settings_for(llama, tmp_path / "b")
    with pytest.raises(KeyboardInterrupt):
        tuned(settings, template, stop=5)
    rest = tuned(settings, template)
    assert rest.resumed == 4
    assert rest.state.losses == whole.state.losses
    assert rest.state.held_out == whole.state.held_out
    assert whole.state.losses[-1][1] < whole.state.losses[0][1]
    names = sorted(path.name for path in (tmp_path / "b" / "checkpoints").iterdir())
    assert names == ["checkpoint-4", "checkpoint-6"]
    assert not list(tmp_path.rglob("*.pt")) + list(tmp_path.rglob("*.bin"))


def test_another_training_takes_no_checkpoint_and_loses_none(
    llama: Path, tmp_path: Path, template: PromptTemplate
) -> None:
    tuned(settings_for(llama, tmp_path), template)
    other = tuned(settings_for(llama, tmp_path, seed=1), template)
    assert other.resumed == 0
    assert other.moved == tmp_path / "checkpoints.1"
    assert (other.moved / "checkpoint-6").is_dir()


def test_a_broken_checkpoint_is_named(llama: Path, tmp_path: Path, template: PromptTemplate) -> None:
    tuned(settings_for(llama, tmp_path), template)
    (tmp_path / "checkpoints/checkpoint-6/state.json").write_text("{")
    with pytest.raises(UnreadableInput, match=r"checkpoint-6' is broken"):
        tuned(settings_for(llama, tmp_path), template)


def test_prompts_can_be_masked(llama: Path, tmp_path: Path, template: PromptTemplate) -> None:
    with needs_extra():
        from transformers import AutoTokenizer

        from chatmpi.model.examples import example
    tokens = AutoTokenizer.from_pretrained(llama)
    prompt = template.prompt(ITEMS[0])
    masked = example(prompt, "double a0 = 0.0;", tokens, 256, True)
    assert tokens.decode(masked.tokens[masked.learned :]) == "double a0 = 0.0;\n</s>"
    assert tokens.decode(masked.tokens[: masked.learned]) == prompt.before
    assert example(prompt, "double a0 = 0.0;", tokens, 256, False).learned == 0
    assert example(prompt, "double a0 = 0.0;", tokens, 8, False).cut
    with pytest.raises(UsageError, match="item 0 of the data has no token to learn"):
        tuned(settings_for(llama, tmp_path, mask_prompt=True, max_training_tokens=8), template)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_target_modules_of_each_architecture(architecture: str, tmp_path: Path, template: PromptTemplate) -> None:
    base = tiny_model(tmp_path / "base", architecture)
    done = tuned(settings_for(base, tmp_path, steps=2, warmup_steps=0), template)
    attention = ("c_attn", "c_proj") if architecture == "gpt_bigcode" else ("q_proj", "k_proj", "v_proj", "o_proj")
    assert done.targets == attention
    assert done.state.step == 2


def test_half_precision_and_gradient_checkpointing(llama: Path, tmp_path: Path, template: PromptTemplate) -> None:
    done = tuned(settings_for(llama, tmp_path, steps=2, precision="bf16", gradient_checkpointing=True), template)
    assert done.loaded.model.dtype == torch.bfloat16
    with pytest.raises(UsageError, match="fp16 is for GPUs"):
        tuned(settings_for(llama, tmp_path, precision="fp16"), template)


@pytest.fixture
def configured(llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.json").write_text(json.dumps([item.document() for item in ITEMS]))
    keys = {"data_file": "data.json", "prompt_template": TEMPLATE, "base_model_path": str(llama), "steps": 3}
    keys |= {"warmup_steps": 1, "batch_size": 4, "learning_rate": 1e-2, "max_response_tokens": 8, "seed": 7}
    (tmp_path / "config.json").write_text(json.dumps(keys))
    return tmp_path


def chathpc(*arguments: str) -> int:
    return cli.exit_status(["model", "--config", "config.json", *arguments])


def test_train_then_ask_all_of_them(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert chathpc("train") == 0
    out, err = capsys.readouterr()
    assert "tuned 3 steps on 5 tuples, 1 held out" in out
    assert "step 3/3: loss" in err
    record = json.loads((configured / "peft_adapter/training.json").read_text())
    assert record["settings"]["seed"] == 7
    assert len(record["data"]["sha256"]) == 64
    assert len(record["losses"]) == 3
    assert (configured / "merged_adapters/model.safetensors").exists()
    assert "seed: 7" in (configured / "peft_adapter/README.md").read_text()
    assert chathpc("test", "data.json", "--save_results_file", "merged.json") == 0
    shutil.rmtree(configured / "merged_adapters")
    assert chathpc("test", "data.json", "--save_results_file", "fine.json") == 0
    assert chathpc("base", "test", "data.json", "--save_results_file", "base.json") == 0
    assert chathpc("merge") == 0
    assert chathpc("verify", "--save_results_file", "again.json") == 0
    merged, fine, base, again = (
        [r["response"] for r in json.loads((configured / name).read_text())]
        for name in ("merged.json", "fine.json", "base.json", "again.json")
    )
    assert merged == fine == again
    assert merged != base


def test_training_again_keeps_what_was_there(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert chathpc("train", "--no-merge") == 0
    assert chathpc("train", "--no-merge", "--seed", "8") == 0
    assert "what was there before is kept in peft_adapter.1" in capsys.readouterr().out
    assert json.loads((configured / "peft_adapter.1/training.json").read_text())["settings"]["seed"] == 7


def test_answers_stream_and_adapters_switch(llama: Path, tmp_path: Path, template: PromptTemplate) -> None:
    with needs_extra():
        from chatmpi.model.asking import Sampling, question_of
        from chatmpi.model.chat import talk
        from chatmpi.model.loading import add_adapter, load, use_adapter
        from chatmpi.model.local import LocalModel, switches
        from chatmpi.model.training import save_adapter
    for name, rate in (("one", 1e-2), ("two", 0.0)):
        done = tuned(settings_for(llama, tmp_path / name, learning_rate=rate), template)
        save_adapter(done.loaded, tmp_path / name / "adapter")
    loaded = load(str(llama), None, "fp32")
    for name in ("one", "two"):
        add_adapter(loaded, str(tmp_path / name / "adapter"), name)
    model, question = LocalModel(loaded, "tiny"), question_of(ITEMS[0], template)
    texts = []
    for name in ("one", "two", "one"):
        use_adapter(loaded, name)
        pieces: list[str] = []
        answer = model.answer(question, Sampling(12), pieces.append)
        assert "".join(pieces).strip() == answer.text.strip()
        assert answer.cut == (answer.tokens == 12)
        texts.append(answer.text)
    assert texts[0] == texts[2] != texts[1]
    drawn = [model.answer(question, Sampling(12, 1.0, seed)).text for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    long = question_of(replace(ITEMS[0], question="int a; " * 400), template)
    with pytest.raises(UsageError, match=r"the prompt has \d+ tokens, and tiny reads 256"):
        model.answer(long, Sampling(12))
    with pytest.raises(UsageError, match="there is no adapter 'three'"):
        use_adapter(loaded, "three")
    first = LocalModel(load(str(llama), str(tmp_path / "one" / "adapter"), "fp32"), "tiny")
    lines = iter(["/adapter two", ITEMS[0].question, "/adapter", "/context default", ITEMS[0].question, "/bye"])
    said: list[str] = []
    switching = switches(first, {"two": str(tmp_path / "two" / "adapter")})
    whole = prompt_template(TEMPLATE.replace("{{ context }}", ""))
    talk(first, whole, Sampling(12), "run", False, lambda prompt: next(lines), said.append, switching)
    told = "".join(said)
    assert told.index(texts[1].strip()) < told.index("adapters: default, two") < told.rindex(texts[0].strip())


def test_what_cannot_be_loaded(llama: Path, tmp_path: Path, template: PromptTemplate) -> None:
    with needs_extra():
        from chatmpi.model.loading import load
        from chatmpi.model.training import save_adapter

    def refused(base: Path | str, adapter: str | None = None) -> str:
        with pytest.raises(ChatmpiError) as caught:
            load(str(base), adapter, "fp32")
        return str(caught.value)

    assert "does not exist" in refused(tmp_path / "nowhere")
    without = shutil.copytree(llama, tmp_path / "without")
    for file in without.glob("tokenizer*"):
        file.unlink()
    assert "a model without a tokenizer" in refused(without)
    pickled = shutil.copytree(llama, tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    assert "only in a format that can run code" in refused(pickled)
    program = shutil.copytree(llama, tmp_path / "program")
    config = json.loads((program / "config.json").read_text()) | {"auto_map": {"AutoModel": "evil.Model"}}
    (program / "config.json").write_text(json.dumps(config))
    assert "brings its own program" in refused(program)
    cut = shutil.copytree(llama, tmp_path / "cut")
    (cut / "model.safetensors").write_bytes((llama / "model.safetensors").read_bytes()[:-100])
    assert "is cut off" in refused(cut)
    wide = tiny_model(tmp_path / "wide", width=64)
    done = tuned(settings_for(llama, tmp_path, steps=1), template)
    save_adapter(done.loaded, tmp_path / "adapter")
    assert "is for another base" in refused(wide, str(tmp_path / "adapter"))
    assert "holds no adapter" in refused(llama, str(llama))


def test_memory_that_does_not_do(llama: Path) -> None:
    check_model(str(llama))
    with pytest.raises(UsageError, match=r"needs 0\.0 GiB for its weights, and this machine has 0\.0 GiB") as caught:
        check_memory(str(llama), 4, 1000, "this machine")
    assert "--precision bf16" in str(caught.value)


@pytest.mark.slow
def test_two_processes_learn_what_one_does(configured: Path) -> None:
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_machines=1", "--mixed_precision=no"]
    arguments = ["model", "--config", "config.json", "train", "--lora_dropout", "0", "--no-merge"]
    losses = []
    for processes in (1, 2):
        folders = ["--finetuned_model_path", f"a{processes}", "--training_output_dir", f"c{processes}"]
        program = ["--num_processes", str(processes), "--dynamo_backend=no", "-m", "chatmpi", *arguments, *folders]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([*launch, *program], check=True, env=environment, timeout=300)
        losses.append(
            [loss for _, loss in json.loads((configured / f"a{processes}/training.json").read_text())["losses"]]
        )
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_batches_go_through_all_examples_and_hang_on_the_step_alone() -> None:
    seen = [i for step in range(5) for i in batch(step, 4, 10, 3)]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]
    assert batch(3, 4, 10, 3) == seen[12:16]


def test_the_split_is_disjoint_and_repeatable() -> None:
    learned, held = split(range(10), 0.25, 1)
    assert sorted(learned + held) == list(range(10))
    assert len(held) == 2
    assert split(range(10), 0.25, 1) == (learned, held)
    assert split([5], 0.5, 1) == ([5], [])
    assert split([5, 6], 0.0, 1) == ([5, 6], [])


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [learning_rate(step, 1.0, 2, 6) for step in range(6)]
    assert rates == [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]


def test_texts_of_like_lengths_go_together() -> None:
    with needs_extra():
        from chatmpi.model.examples import Example
    examples = [Example((0,) * length, 0, False) for length in (5, 1, 4, 2)]
    assert micro_batches(range(4), examples, 2) == [[1, 3], [2, 0]]
