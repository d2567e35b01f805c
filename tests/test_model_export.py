"""GGUF: what is read back computes the same. Needs the extra `[model]`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatmpi import cli
from chatmpi.model.extra import needs_extra

torch = pytest.importorskip("torch", reason="needs the extra [model]")
pytest.importorskip("transformers")
pytest.importorskip("peft")
pytest.importorskip("gguf")

from tiny_models import tiny_model  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "starcoder2"])
def test_what_is_read_back_computes_the_same(architecture: str, tmp_path: Path) -> None:
    with needs_extra():
        from transformers import AutoModelForCausalLM
    tiny_model(tmp_path / "merged", architecture, width=64)
    merged = ["model", "--merged_model_path", str(tmp_path / "merged")]
    assert cli.exit_status([*merged, "export", "--type", "f32"]) == 0
    ids = torch.tensor([[5, 60, 200, 7, 90]])
    with torch.no_grad():
        one = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")(input_ids=ids).logits
        other = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="merged.gguf")(input_ids=ids).logits
    assert torch.allclose(one, other, atol=1e-4)


def test_the_tokens_and_the_modelfile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with needs_extra():
        import gguf
    tiny_model(tmp_path / "merged")
    prompt = "{{ context }}\n{{ question }}\n{{ answer }}</end>"
    merged = ["model", "--merged_model_path", str(tmp_path / "merged"), "--prompt_template", prompt]
    assert cli.exit_status([*merged, "export", "-o", str(tmp_path / "small.gguf")]) == 0
    assert "ollama create small" in capsys.readouterr().out
    fields = gguf.GGUFReader(tmp_path / "small.gguf").fields
    vocabulary = json.loads((tmp_path / "merged/tokenizer.json").read_text())["model"]["vocab"]
    tokens = fields["tokenizer.ggml.tokens"].contents()
    assert all(tokens[number] == token for token, number in vocabulary.items())
    assert fields["tokenizer.ggml.eos_token_id"].contents() == 2
    assert (tmp_path / "Modelfile").read_text().splitlines() == [
        "FROM ./small.gguf",
        'TEMPLATE """{{ .System }}',
        "{{ .Prompt }}",
        '{{ .Response }}</end>"""',
        "PARAMETER temperature 0.0",
        "PARAMETER num_predict 1200",
        'PARAMETER stop "</end>"',
    ]


def test_scaled_positions_are_written_down(tmp_path: Path) -> None:
    with needs_extra():
        import gguf
    tiny_model(tmp_path / "merged", "deepseek-coder")
    assert cli.exit_status(["model", "--merged_model_path", str(tmp_path / "merged"), "export"]) == 0
    fields = gguf.GGUFReader(tmp_path / "merged.gguf").fields
    assert fields["llama.rope.scaling.type"].contents() == "linear"
    assert fields["llama.rope.scaling.factor"].contents() == 4.0
    assert fields["llama.rope.freq_base"].contents() == 100000.0


def test_what_cannot_be_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(folder: Path) -> str:
        assert cli.exit_status(["model", "--merged_model_path", str(folder), "export"]) == 1
        assert not list(tmp_path.glob("*.gguf")) + list(tmp_path.glob(".*"))
        return capsys.readouterr().err

    assert "is no folder" in refused(tmp_path / "nowhere")
    big = tiny_model(tmp_path / "big", "gpt_bigcode")
    assert "is of the kind 'gpt_bigcode'" in refused(big)
    edits = tiny_model(tmp_path / "edits")
    (edits / "edits.json").write_text("{}")
    assert "answers with edits" in refused(edits)
    (edits / "edits.json").unlink()
    tokenizer = json.loads((edits / "tokenizer.json").read_text())
    tokenizer["decoder"] = {"type": "Metaspace"}
    (edits / "tokenizer.json").write_text(json.dumps(tokenizer))
    assert "no BPE of bytes" in refused(edits)
    config = json.loads((big / "config.json").read_text()) | {"rope_scaling": {"type": "yarn", "factor": 2.0}}
    llama = json.loads((edits / "config.json").read_text())
    llama["rope_parameters"] = config["rope_scaling"]
    (edits / "config.json").write_text(json.dumps(llama))
    assert "scales its positions by 'yarn'" in refused(edits)
