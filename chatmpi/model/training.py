"""Tuning an adapter with LoRA (Hu et al. 2021), on one process or several (`accelerate launch`).

A step is a function of the seed and its number: the batch, the dropout, the learning rate. So a training that was
killed goes on from its last checkpoint at the same loss, and its numbers can be had again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save_file

from chatmpi.analysis.diagnostics import Diagnostic, UsageError
from chatmpi.model.architectures import target_modules
from chatmpi.model.checkpoints import OPTIMIZER, State, latest, read_state, set_aside, write_checkpoint
from chatmpi.model.examples import Example, batch, example, learning_rate, micro_batches, split
from chatmpi.model.folders import ADAPTER_WEIGHTS
from chatmpi.model.loading import Loaded, explained, load
from chatmpi.model.progress import Progress
from chatmpi.model.prompt_template import PromptTemplate
from chatmpi.model.settings import Settings
from chatmpi.model.tuples import Tuple

IGNORED = -100  # the label that transformers leaves out of the loss
_DECISIVE = (
    *("lora_r", "lora_alpha", "lora_dropout", "lora_targets", "learning_rate", "steps", "warmup_steps"),
    *("batch_size", "micro_batch_size", "held_out", "mask_prompt", "seed", "precision", "max_training_tokens"),
)
CLIPPED = 1.0  # longest gradient
HALF_SCALE = 2.0**12  # fp16's gradients are small: the loss is scaled, and less where that overflows


@dataclass(frozen=True)
class Trained:
    """`loaded` bears the adapter; `resumed` is the step that the training went on from; `cut` texts were too long."""

    loaded: Loaded
    state: State
    resumed: int
    cut: int
    trained_on: int
    held_out: int
    targets: tuple[str, ...]
    is_main: bool
    moved: Path | None


def fingerprint(settings: Settings, items: Sequence[Tuple], template: PromptTemplate, processes: int) -> str:
    """What makes a training this one: another of it goes on from no checkpoint of this."""
    content = [settings.base_model_path, template.text, processes, [getattr(settings, key) for key in _DECISIVE]]
    return hashlib.sha256(json.dumps([content, data_hash(items)]).encode()).hexdigest()[:16]


def data_hash(items: Sequence[Tuple]) -> str:
    return hashlib.sha256(json.dumps([item.document() for item in items], sort_keys=True).encode()).hexdigest()


def train(
    settings: Settings, template: PromptTemplate, items: Sequence[Tuple], told: Callable[[Progress], None], fresh: bool
) -> Trained:
    """Tune an adapter; `fresh` begins anew even where a checkpoint of this training is there. Raises ChatmpiError."""
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    training = fingerprint(settings, items, template, accelerator.num_processes)
    folder = Path(settings.training_output_dir)
    checkpoint, moved = None, None
    if accelerator.is_main_process:
        checkpoint = latest(folder)
        if checkpoint is not None and (fresh or read_state(checkpoint).training != training):
            checkpoint, moved = None, set_aside(folder)
    accelerator.wait_for_everyone()
    checkpoint = latest(folder)
    torch.manual_seed(settings.seed)
    loaded = load(settings.required("base_model_path"), None, settings.precision)
    device = accelerator.device
    loaded.model.to(device)
    loaded.device = device
    targets = target_modules([name for name, _ in loaded.model.named_modules()], settings.lora_targets)
    _put_adapter(loaded, settings, targets)
    texts = [
        example(
            template.prompt(item),
            item.answer or "",
            loaded.tokenizer,
            settings.max_training_tokens,
            settings.mask_prompt,
        )
        for item in items
    ]
    _check_examples(texts, settings)
    learned, held = split(texts, settings.held_out, settings.seed)
    run = _Run(settings, accelerator, loaded, learned, held, State(0, training, scale=_first_scale(loaded)))
    if checkpoint is not None:
        run.take_up(checkpoint)
    resumed = run.state.step
    with explained(settings.base_model_path):
        while run.state.step < settings.steps:
            run.step(told, folder)
    loaded.model.eval()
    cut = sum(text.cut for text in texts)
    main = accelerator.is_main_process
    return Trained(loaded, run.state, resumed, cut, len(learned), len(held), tuple(targets), main, moved)


def _put_adapter(loaded: Loaded, settings: Settings, targets: list[str]) -> None:
    adapter = LoraConfig(
        r=settings.lora_r,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=targets,
        bias="none",
        task_type="CAUSAL_LM",
    )
    loaded.model = get_peft_model(loaded.model, adapter)
    loaded.model.config.use_cache = False
    if settings.gradient_checkpointing:
        loaded.model.enable_input_require_grads()
        loaded.model.gradient_checkpointing_enable()
    loaded.model.train()


def _check_examples(texts: Sequence[Example], settings: Settings) -> None:
    for index, text in enumerate(texts):
        if text.weight <= 0:
            message = f"item {index} of the data has no token to learn within max_training_tokens"
            hint = f"its prompt alone is longer than {settings.max_training_tokens} tokens: --max_training_tokens"
            raise UsageError(Diagnostic("error", message, hint=hint))


def _first_scale(loaded: Loaded) -> float:
    return HALF_SCALE if loaded.model.dtype == torch.float16 else 1.0


class _Run:
    """A training under way."""

    def __init__(
        self,
        settings: Settings,
        accelerator: Any,
        loaded: Loaded,
        learned: list[Example],
        held: list[Example],
        state: State,
    ) -> None:
        self.settings, self.accelerator, self.loaded = settings, accelerator, loaded
        self.learned, self.held, self.state = learned, held, state
        self.parameters = [(n, p) for n, p in loaded.model.named_parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW([p for _, p in self.parameters], lr=settings.learning_rate, weight_decay=0.0)

    def step(self, told: Callable[[Progress], None], folder: Path) -> None:
        """One step, with what is due after it: evaluation, checkpoint, report."""
        began, s, number = time.monotonic(), self.settings, self.state.step
        chosen = batch(number, s.batch_size, len(self.learned), s.seed)
        weight = sum(self.learned[i].weight for i in chosen)
        torch.manual_seed(s.seed * 1_000_003 + number * 1009 + self.accelerator.process_index)
        loss = self._accumulate(self._own(chosen), weight)
        self._update(learning_rate(number, s.learning_rate, s.warmup_steps, s.steps))
        held = None
        if self.held and ((number + 1) % s.evaluate_every == 0 or number + 1 == s.steps):
            held = self.held_out_loss()
        seconds = time.monotonic() - began
        tokens = sum(len(self.learned[i].tokens) for i in chosen)
        self.state = replace(
            self.state,
            step=number + 1,
            losses=(*self.state.losses, (number + 1, loss)),
            held_out=self.state.held_out if held is None else (*self.state.held_out, (number + 1, held)),
            seconds=self.state.seconds + seconds,
            tokens=self.state.tokens + tokens,
        )
        if self.accelerator.is_main_process:
            if (number + 1) % s.save_every == 0 or number + 1 == s.steps:
                write_checkpoint(folder, self.state, self._fill)
            pace = self.state.seconds / self.state.step
            told(Progress(number + 1, s.steps, loss, held, tokens / seconds, (s.steps - number - 1) * pace))

    def take_up(self, checkpoint: Path) -> None:
        """Go on from a checkpoint: weights, optimizer, and where it stands."""
        with explained(str(checkpoint)):
            set_peft_model_state_dict(self.loaded.model, load_file(checkpoint / ADAPTER_WEIGHTS))
            saved = load_file(checkpoint / OPTIMIZER)
        for name, parameter in self.parameters:
            self.optimizer.state[parameter] = {
                key: saved[f"{name}|{key}"].to("cpu" if key == "step" else parameter.device)
                for key in ("step", "exp_avg", "exp_avg_sq")
            }
        self.state = read_state(checkpoint)

    def held_out_loss(self) -> float:
        """Mean over what is held out, by token."""
        self.loaded.model.eval()
        weight = sum(text.weight for text in self.held)
        with torch.no_grad():
            loss = self._accumulate(self._own(range(len(self.held))), weight, self.held, learning=False)
        self.loaded.model.train()
        return loss

    def _own(self, chosen: Sequence[int]) -> Sequence[int]:
        return chosen[self.accelerator.process_index :: self.accelerator.num_processes]

    def _accumulate(
        self, chosen: Sequence[int], weight: int, texts: list[Example] | None = None, learning: bool = True
    ) -> float:
        """Gradients of the mean loss over all processes' tokens; the loss of all."""
        texts = self.learned if texts is None else texts
        total = 0.0
        for few in micro_batches(chosen, texts, self.settings.micro_batch_size):
            inputs, labels = self._tensors([texts[i] for i in few])
            logits = self.loaded.model(**inputs).logits[:, :-1].float()
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="sum"
            )
            if learning:
                (loss * (self.state.scale / weight)).backward()
            total += float(loss.detach())
        if self.accelerator.num_processes > 1:
            for _, parameter in self.parameters if learning else ():
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
                parameter.grad = self.accelerator.reduce(parameter.grad, "sum")
            total = sum(gather_object([total]))
        return total / weight

    def _update(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        for _, parameter in self.parameters:
            parameter.grad /= self.state.scale
        length = torch.nn.utils.clip_grad_norm_([p for _, p in self.parameters], CLIPPED)
        if torch.isfinite(length):
            self.optimizer.step()
        else:
            self.state = replace(self.state, scale=max(self.state.scale / 2, 1.0))
        self.optimizer.zero_grad(set_to_none=True)

    def _tensors(self, texts: Sequence[Example]) -> tuple[dict[str, Any], Any]:
        longest = max(len(text.tokens) for text in texts)
        padding = self.loaded.tokenizer.pad_token_id
        ids, mask, labels = [], [], []
        for text in texts:
            rest = longest - len(text.tokens)
            ids.append([*text.tokens, *[padding] * rest])
            mask.append([1] * len(text.tokens) + [0] * rest)
            labels.append([IGNORED] * text.learned + list(text.tokens[text.learned :]) + [IGNORED] * rest)
        device = self.loaded.device
        inputs = {"input_ids": torch.tensor(ids, device=device), "attention_mask": torch.tensor(mask, device=device)}
        return inputs, torch.tensor(labels, device=device)

    def _fill(self, folder: Path) -> None:
        save_adapter(self.loaded, folder)
        saved = {}
        for name, parameter in self.parameters:
            for key, value in self.optimizer.state[parameter].items():
                saved[f"{name}|{key}"] = value.detach().cpu().contiguous()
        save_file(saved, folder / OPTIMIZER)


def save_adapter(loaded: Loaded, folder: Path) -> None:
    loaded.model.save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
    assert get_peft_model_state_dict(loaded.model), "an adapter without weights"
