"""Where teaching stands, in a folder beside what it makes: weights, optimizers and losses, as safetensors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from chatmpi.analysis.diagnostics import Diagnostic, UnreadableInput
from chatmpi.model.checkpoints import replace_folder
from chatmpi.model.edits.optimizer import Optimizer

_WEIGHTS, _STATE = "weights.safetensors", "state.json"


class Halfway:
    """`key` tells one course from another: of another's nothing is taken up."""

    def __init__(self, folder: Path, model: Any, optimizer: Optimizer, key: str) -> None:
        self.folder, self._model, self._optimizer, self._key = folder, model, optimizer, key

    def write(self, step: int, seconds: float, losses: list[float]) -> None:
        """All or nothing; what was there goes."""
        tensors = {f"model {name}": p for name, p in self._model.named_parameters() if p.requires_grad}
        for number, part in enumerate(self._optimizer.parts):
            for k, state in part.state_dict()["state"].items():
                tensors |= {f"optimizer {number} {k} {name}": torch.as_tensor(x) for name, x in state.items()}
        state = {"key": self._key, "step": step, "seconds": seconds, "losses": losses}

        def fill(place: Path) -> None:
            save_file({name: x.detach().clone().contiguous() for name, x in tensors.items()}, place / _WEIGHTS)
            (place / _STATE).write_text(json.dumps(state))

        replace_folder(self.folder, fill, aside=False)

    def taken_up(self) -> tuple[int, float, list[float]]:
        """Step, processor seconds and losses; nothing done if there is no state of this course.

        Raises UnreadableInput.
        """
        if not (self.folder / _STATE).exists():
            return 0, 0.0, []
        try:
            state = json.loads((self.folder / _STATE).read_text())
            if state["key"] != self._key:
                return 0, 0.0, []
            self._fill(load_file(self.folder / _WEIGHTS))
            return state["step"], state["seconds"], state["losses"]
        except Exception as error:
            hint = "remove that folder: teaching then begins anew"
            broken = Diagnostic("error", f"the state in {str(self.folder)!r} is broken: {error}", hint=hint)
            raise UnreadableInput(broken) from None

    def _fill(self, tensors: dict[str, Any]) -> None:
        parameters = dict(self._model.named_parameters())
        with torch.no_grad():
            for name, x in tensors.items():
                if name.startswith("model "):
                    parameters[name.removeprefix("model ")].copy_(x)
        for number, part in enumerate(self._optimizer.parts):
            content = part.state_dict()
            for name, x in tensors.items():
                if name.startswith(f"optimizer {number} "):
                    _, _, k, what = name.split(" ", 3)
                    content["state"].setdefault(int(k), {})[what] = x
            part.load_state_dict(content)
