"""Softmax regression over a fixed set of labels: learned in seconds, kept as one byte a weight."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EPOCHS, _BATCH, _RATE, _DECAY, _SMOOTHED = 8, 1024, 0.03, 0.02, 0.1
_START = 8.0
"""Length of a class's weights before learning, when they point at the middle of its examples."""
_BLOCK = 128
"""Rows turned into float32 at a time: they fit into the processor's cache."""
_LIKELY = 40
"""Classes that are told; the others' chances are next to nothing."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Softmax:
    """``rows`` (classes, features + 1) int8 with a ``scale`` each; the last column is the bias.

    ``labels`` names the classes in the order of ``rows``.
    """

    labels: tuple[str, ...]
    rows: NDArray[np.int8]
    scale: Floats

    def likely(self, features: Floats) -> dict[str, float]:
        """Label to probability of the likeliest classes, likeliest first; ``features`` of shape (features,)."""
        extended = np.concatenate([features, np.ones(1, dtype=np.float32)])
        blocks = (self.rows[start : start + _BLOCK] for start in range(0, len(self.rows), _BLOCK))
        scores = np.concatenate([block.astype(np.float32) @ extended for block in blocks]) * self.scale
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        best = np.argsort(-chances, kind="stable")[:_LIKELY]
        return {self.labels[place]: float(chances[place]) for place in best}


def learn_softmax(blocks: Sequence[Floats], labels: Sequence[str], told: Callable[[int, int], None]) -> Softmax:
    """``blocks`` of features (examples, some) side by side, ``labels`` of the examples; ``told`` hears how many rounds
    of how many are done."""
    classes = tuple(dict.fromkeys(labels))
    numbers = {label: number for number, label in enumerate(classes)}
    extended = np.concatenate([*blocks, np.ones((len(labels), 1))], axis=1, dtype=np.float32)
    learned = _regression(extended, np.array([numbers[label] for label in labels]), len(classes), told)
    largest = np.abs(learned).max(axis=1, keepdims=True, initial=1e-9)
    quantized = np.rint(learned / largest * 127).astype(np.int8)
    return Softmax(classes, quantized, (largest[:, 0] / 127).astype(np.float32))


def _regression(features: Floats, wanted: NDArray[np.int64], classes: int, told: Callable[[int, int], None]) -> Floats:
    """Weights (classes, features) that make the cross-entropy small, by AdamW (Loshchilov and Hutter 2019) with a rate
    that falls to nothing, over labels smoothed by a tenth. The same for the same examples."""
    weights = _middles(features, wanted, classes)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    order = np.random.default_rng(0)
    batches = math.ceil(len(features) / _BATCH)
    for step in range(_EPOCHS * batches):
        if step % batches == 0:
            told(step // batches, _EPOCHS)
            shuffled = order.permutation(len(features))
        chosen = shuffled[(step % batches) * _BATCH :][:_BATCH]
        error = _error(features[chosen], wanted[chosen], weights)
        gradient = error.T @ features[chosen]
        rate = _RATE * (1 + math.cos(math.pi * (step // batches) / _EPOCHS)) / 2
        first += 0.1 * (gradient - first)
        second += 0.001 * (np.square(gradient) - second)
        weights *= 1 - rate * _DECAY
        corrected = rate * math.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
        weights -= corrected * first / (np.sqrt(second) + 1e-8)
    told(_EPOCHS, _EPOCHS)
    return weights


def _error(features: Floats, wanted: NDArray[np.int64], weights: Floats) -> Floats:
    """What the chances are too high by, (examples, classes), over the number of examples."""
    chances = features @ weights.T
    chances -= chances.max(axis=1, keepdims=True)
    np.exp(chances, out=chances)
    chances /= chances.sum(axis=1, keepdims=True)
    chances -= _SMOOTHED / chances.shape[1]
    chances[np.arange(len(wanted)), wanted] -= 1 - _SMOOTHED
    chances /= len(wanted)
    return chances


def _middles(features: Floats, wanted: NDArray[np.int64], classes: int) -> Floats:
    """Each class's mean example, drawn out to _START, with no bias."""
    sums = np.zeros((classes, features.shape[1]), dtype=np.float32)
    np.add.at(sums, wanted, features)
    sums[:, -1] = 0.0
    return np.asarray(_START * sums / np.linalg.norm(sums, axis=1, keepdims=True).clip(1e-9), dtype=np.float32)
