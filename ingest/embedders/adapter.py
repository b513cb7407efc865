"""What the encoder is changed by to read a turn in its conversation: low-rank adapters of its layers.

``y = Wx + s * BAx`` (LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685) for every linear map of every layer,
where the switch ``s`` is 1 for a turn and 0 for everything else: one model in memory serves both. Learned by
``python -m evals.train_contextual``, kept in half precision. Needs torch, so no server imports it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ingest.embedders.turns import ADAPTER

RANK = 16


class Switch:
    """Turns the adapters of an encoder on (1) and off (0): a tensor of shape (1,)."""

    def __init__(self) -> None:
        self.on: Any = torch.zeros(1)


Added = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def added(
    plain: torch.Tensor, inputs: torch.Tensor, down: torch.Tensor, up: torch.Tensor, on: torch.Tensor
) -> torch.Tensor:
    """What a linear map gives with its adapter, ``plain`` without. Scripted, an exported graph keeps the branch."""
    if bool(on[0] > 0.0):
        return plain + inputs @ down @ up
    return plain


class Adapted(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, linear: Any, switch: Switch, added: Added) -> None:
        super().__init__()
        self.linear, self._switch, self._added = linear, switch, added
        self.down = torch.nn.Parameter(torch.randn(linear.in_features, RANK) / math.sqrt(linear.in_features))
        self.up = torch.nn.Parameter(torch.zeros(RANK, linear.out_features))

    def forward(self, inputs: Any) -> Any:
        return self._added(self.linear(inputs), inputs, self.down, self.up, self._switch.on)


def adapt(encoder: Any, *, scripted: bool = False) -> tuple[Switch, list[Adapted]]:
    """Puts adapters that change nothing yet into a BERT encoder; all else in it stays as it is. ``scripted`` for a
    graph to export, in which what the switch turns off is not computed."""
    switch, adapters = Switch(), []
    adding: Added = torch.jit.script(added) if scripted else added
    encoder.requires_grad_(False)
    for layer in encoder.encoder.layer:
        attention = layer.attention
        for holder, name in (
            (attention.self, "query"),
            (attention.self, "key"),
            (attention.self, "value"),
            (attention.output, "dense"),
            (layer.intermediate, "dense"),
            (layer.output, "dense"),
        ):
            adapter = Adapted(getattr(holder, name), switch, adding)
            setattr(holder, name, adapter)
            adapters.append(adapter)
    return switch, adapters


def pooled(hidden: Any, attention_mask: Any) -> Any:
    """The mean over a text's tokens, of length 1: (texts, tokens, dimension) becomes (texts, dimension)."""
    mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
    return torch.nn.functional.normalize(mean, p=2, dim=1)


def save(adapters: list[Adapted], path: Path = ADAPTER) -> None:
    arrays = {}
    for number, adapter in enumerate(adapters):
        arrays[f"down{number}"] = adapter.down.detach().numpy().astype(np.float16)
        arrays[f"up{number}"] = adapter.up.detach().numpy().astype(np.float16)
    np.savez_compressed(path, **arrays)


def load(adapters: list[Adapted], path: Path = ADAPTER) -> None:
    with torch.no_grad(), np.load(path, allow_pickle=False) as stored:
        for number, adapter in enumerate(adapters):
            adapter.down.copy_(torch.from_numpy(stored[f"down{number}"].astype(np.float32)))
            adapter.up.copy_(torch.from_numpy(stored[f"up{number}"].astype(np.float32)))
