"""How weights are changed: matrices by Muon, whose steps are orthogonal matrices, and all else by AdamW.

Muon: K. Jordan et al., 2024, with Nesterov's momentum; steps as large as AdamW's usually are (Moonlight, 2025).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch

_BETAS = (0.9, 0.98)
_DECAY = 0.01
_MOMENTUM = 0.95
_AS_ADAMW = 0.2
_ITERATION = (3.4445, -4.7750, 2.0315)  # of Newton and Schulz, four times: singular values come near 1


class Muon(torch.optim.Optimizer):  # type: ignore[misc]
    """Matrices of one shape are changed together."""

    def __init__(self, matrices: Iterable[Any], lr: float) -> None:
        super().__init__(matrices, {"lr": lr})

    def step(self, closure: None = None) -> None:
        with torch.no_grad():
            for group in self.param_groups:
                shapes: dict[Any, list[Any]] = {}
                for p in group["params"]:
                    shapes.setdefault(p.shape, []).append(p)
                for some in shapes.values():
                    self._change(some, group["lr"])

    def _change(self, some: list[Any], rate: float) -> None:
        size = rate * _AS_ADAMW * math.sqrt(max(some[0].shape))
        for p, change in zip(some, _orthogonal(torch.stack([self._moved(p) for p in some])), strict=True):
            p.mul_(1 - rate * _DECAY).sub_(change, alpha=size)

    def _moved(self, p: Any) -> Any:
        state = self.state[p]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(p)
        state["momentum"].lerp_(p.grad, 1 - _MOMENTUM)
        return p.grad.lerp(state["momentum"], _MOMENTUM)


def _orthogonal(matrices: Any) -> Any:
    """The nearest matrices with equal singular values, roughly."""
    a, b, c = _ITERATION
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if is_tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(4):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if is_tall else x


class Optimizer:
    """Several at one pace, from 0 to 1."""

    def __init__(self, parts: list[torch.optim.Optimizer]) -> None:
        self.parts = parts
        self._rates = [[group["lr"] for group in part.param_groups] for part in parts]

    def pace(self, share: float) -> None:
        for part, rates in zip(self.parts, self._rates, strict=True):
            for group, rate in zip(part.param_groups, rates, strict=True):
                group["lr"] = rate * share

    def step(self) -> None:
        for part in self.parts:
            part.step()
            part.zero_grad(set_to_none=True)


def new_optimizer(model: Any, rate: float) -> Optimizer:
    """Of a whole network; of an adapter by AdamW alone."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name and "lm_head" not in name]
    if hasattr(model, "peft_config"):
        matrices = []
    chosen = {id(p) for p in matrices}
    others = [p for _, p in named if id(p) not in chosen]
    parts: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, lr=rate, betas=_BETAS, weight_decay=_DECAY, foreach=True)
    ]
    return Optimizer([Muon(matrices, rate), *parts] if matrices else parts)
