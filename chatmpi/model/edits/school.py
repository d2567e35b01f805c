"""New small models, and adapters on them: taught, written with a record of what made them, and a card."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model

from chatmpi import __version__
from chatmpi.model.architectures import target_modules
from chatmpi.model.checkpoints import replace_folder
from chatmpi.model.documents import write_document
from chatmpi.model.edits import EDITS
from chatmpi.model.edits.forms import FORMS, forms_of
from chatmpi.model.edits.lessons import Lesson
from chatmpi.model.edits.material import Wanted
from chatmpi.model.edits.network import new_network, new_tokenizer, with_tokenizer
from chatmpi.model.edits.teaching import Course, teach
from chatmpi.model.loading import load

Told = Callable[[int, int, float], None]
_RANK = 16
_READ = 10_000  # lessons, about, that the tokenizer is learned from
_MEANT = """\
It answers for each line of a sequential C program with the edit that makes its MPI program; names, numbers and texts
are slots. `chatmpi translate --engine model` uses it, and hands nothing over that the gate has not accepted. It is no
language model: it knows loop nests over arrays, as in the programs that it was taught with, and no other text.
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a new network."""

    width: int = 192
    layers: int = 4
    vocabulary: int = 768


@dataclass(frozen=True)
class Schooling:
    """What is learned: `wanted` says how `lessons` came about; `with_plan`: whether questions tell the plan."""

    wanted: Wanted
    lessons: Sequence[Lesson]
    course: Course
    with_plan: bool


def new_model(
    place: Path, schooling: Schooling, shape: Shape, told: Told, before: Path | None = None
) -> dict[str, Any]:
    """Teach a network from nothing, or on from `before`, and write it with its tokenizer; returns the record.

    Where an earlier call of the same was stopped, its work is taken up.
    """
    lessons = schooling.lessons
    some = lessons[:: max(1, len(lessons) // _READ)]
    torch.manual_seed(schooling.course.seed)
    tokenizer = new_tokenizer([x.question for x in some] + [x.answer for x in some] * 3, shape.vocabulary)
    torch.manual_seed(schooling.course.seed)
    if before is None:
        model = new_network(tokenizer, shape.width, shape.layers)
    else:
        loaded = load(str(before), None, "fp32")
        model = with_tokenizer(loaded.model, loaded.tokenizer, tokenizer)
    numbers = sum(p.numel() for p in model.parameters())
    more = {"shape": asdict(shape)} if before is None else {"before": json.loads((before / EDITS).read_text())}
    loss, seconds = teach(model, tokenizer, lessons, schooling.course, told, _halfway(place))
    record = _record(schooling, loss, seconds) | {"parameters": numbers} | more
    replace_folder(place, lambda folder: _fill(folder, model, tokenizer, record, lessons))
    shutil.rmtree(_halfway(place), ignore_errors=True)
    return record


def _halfway(place: Path) -> Path:
    """Where a stopped teaching stands."""
    return place.with_name(f"{place.name}.halfway")


def _fill(folder: Path, model: Any, tokenizer: Any, record: dict[str, Any], lessons: Sequence[Lesson]) -> None:
    """The network in half precision, whatever it goes on in."""
    weights = {name: w.to(torch.float16) for name, w in model.state_dict().items() if name != "lm_head.weight"}  # tied
    model.save_pretrained(folder, state_dict=weights, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    write_document(folder / EDITS, record)
    write_document(folder / FORMS, forms_of(x.answer for x in lessons))
    (folder / "README.md").write_text(_card("A small model that edits", record), encoding="utf-8")


def new_adapter(base: Path, place: Path, schooling: Schooling, told: Told) -> dict[str, Any]:
    """Tune an adapter on a small model; returns the record. Raises UnreadableInput."""
    loaded = load(str(base), None, "fp32")
    targets = target_modules([name for name, _ in loaded.model.named_modules()])
    targets += ["gate_proj", "up_proj", "down_proj"]
    torch.manual_seed(schooling.course.seed)
    model = get_peft_model(
        loaded.model, LoraConfig(r=_RANK, lora_alpha=_RANK, target_modules=targets, bias="none", task_type="CAUSAL_LM")
    )
    loss, seconds = teach(model, loaded.tokenizer, schooling.lessons, schooling.course, told, _halfway(place))
    record = _record(schooling, loss, seconds) | {"rank": _RANK, "modules": targets}

    def fill(folder: Path) -> None:
        model.peft_config["default"].base_model_name_or_path = ""
        model.to(torch.float16).save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
        write_document(folder / EDITS, record)
        write_document(folder / FORMS, forms_of(x.answer for x in schooling.lessons))
        (folder / "README.md").write_text(_card("An adapter on the small model", record), encoding="utf-8")

    replace_folder(place, fill)
    shutil.rmtree(_halfway(place), ignore_errors=True)
    return record


def _record(schooling: Schooling, loss: float, seconds: float) -> dict[str, Any]:
    content = json.dumps([asdict(x) for x in schooling.lessons]).encode()
    return {
        "chatmpi": __version__,
        "torch": torch.__version__,
        "material": asdict(schooling.wanted),
        "with_plan": schooling.with_plan,
        "lessons": len(schooling.lessons),
        "lessons_sha256": hashlib.sha256(content).hexdigest(),
        "course": asdict(schooling.course),
        "loss": round(loss, 5),
        "processor_seconds": round(seconds),
    }


def _card(title: str, record: dict[str, Any]) -> str:
    facts = [f"- {key.replace('_', ' ')}: {json.dumps(value)}" for key, value in record.items()]
    return "\n".join([f"# {title}", "", _MEANT, "## Made by `chatmpi model teach`", "", *facts, ""])
