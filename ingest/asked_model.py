"""Which section a question asks for, learned from the questions whose sections are known.

Softmax regression over the question's vector and its words: two questions that no measure of distance would call
alike still lead to one section when what they share is what tells it from the others. One class more is for
questions that are known to have no answer here. Learned while ingesting (seconds), kept as one byte a weight.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.packed import as_bytes, as_strings
from ingest.protocols import Vectors
from ingest.words import stems

NAME = "asked_model.npz"
UNANSWERED, ELSEWHERE = "", "elsewhere"
"""The classes of the questions that are known to have no answer, and of the sections without a known question."""
_PROJECTED = 1024
"""Words are added up as random directions of so many dimensions: nearly as good as a weight for each, and smaller."""
_WORDS_WEIGH = 0.7
_LEAST_MET = 2
"""A word that only one question has tells nothing about the next."""
_WORDS = 60_000
"""The most common words are kept, as many as two bytes can number."""
_EPOCHS, _BATCH, _RATE, _DECAY, _SMOOTHED = 8, 1024, 0.03, 0.02, 0.1
_START = 8.0
"""Length of a class's weights before learning, when they point at the middle of its questions."""
_BLOCK = 128
"""Rows turned into float32 at a time: they fit into the processor's cache."""
_LIKELY = 40
"""Classes that are told; the others' chances are next to nothing."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lessons:
    """``vectors`` (len(questions), dimension) float32 of unit length; ``labels``: the class of each question.

    ``digest`` is the same where the same would be learned, or nearly.
    """

    questions: Sequence[str]
    vectors: Vectors
    labels: Sequence[str]
    digest: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words that questions are made of: ``place`` in ``weights`` (idf) and ``signs`` (packed, a bit each)."""

    place: Mapping[str, int]
    weights: Floats
    signs: NDArray[np.uint8]

    @classmethod
    def of(cls, questions: Sequence[str]) -> Words:
        met = Counter(stem for question in questions for stem in set(stems(question)))
        kept = sorted(stem for stem, count in met.most_common(_WORDS) if count >= _LEAST_MET)
        idf = [1 + math.log((1 + len(questions)) / (1 + met[stem])) for stem in kept]
        bits = np.random.default_rng(0).integers(0, 2, (len(kept), _PROJECTED), dtype=np.uint8)
        return cls(_places(kept), np.array(idf, dtype=np.float32), np.packbits(bits, axis=1))

    def places(self, question: str) -> NDArray[np.uint16]:
        """Of the question's words that are known, each once, in order."""
        return np.array(sorted({self.place[stem] for stem in stems(question) if stem in self.place}), dtype=np.uint16)

    def row(self, question: str) -> Floats:
        """The sum of the words' directions, shape (_PROJECTED,), of length _WORDS_WEIGH; zeros if none is known."""
        counts = Counter(self.place[stem] for stem in stems(question) if stem in self.place)
        if not counts:
            return np.zeros(_PROJECTED, dtype=np.float32)
        places = list(counts)
        weights = self.weights[places] * (1 + np.log(np.array(list(counts.values()), dtype=np.float32)))
        directions = np.unpackbits(self.signs[places], axis=1).astype(np.float32) * 2 - 1
        total = weights @ directions
        return np.asarray(total * (_WORDS_WEIGH / np.linalg.norm(total)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class AskedModel:
    """``rows`` (classes, dimension + _PROJECTED + 1) int8 with a ``scale`` each; the last column is the bias.

    ``labels`` names the classes in the order of ``rows``.
    """

    labels: tuple[str, ...]
    words: Words
    rows: NDArray[np.int8]
    scale: Floats
    digest: str = ""

    def likely(self, vector: Vectors, question: str) -> dict[str, float]:
        """Label to probability of the likeliest classes, likeliest first."""
        features = np.concatenate([vector, self.words.row(question), np.ones(1, dtype=np.float32)])
        blocks = (self.rows[start : start + _BLOCK] for start in range(0, len(self.rows), _BLOCK))
        scores = np.concatenate([block.astype(np.float32) @ features for block in blocks]) * self.scale
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        best = np.argsort(-chances, kind="stable")[:_LIKELY]
        return {self.labels[place]: float(chances[place]) for place in best}

    def save(self, folder: Path) -> None:
        np.savez(
            folder / NAME,
            labels=as_bytes(self.labels),
            digest=as_bytes([self.digest]),
            words=as_bytes(list(self.words.place)),
            weights=self.words.weights,
            signs=self.words.signs,
            rows=self.rows,
            scale=self.scale,
        )


def load_model(folder: Path) -> AskedModel | None:
    if not (folder / NAME).is_file():
        return None
    with np.load(folder / NAME, allow_pickle=False) as stored:
        words = Words(_places(as_strings(stored["words"])), stored["weights"], stored["signs"])
        (digest,) = as_strings(stored["digest"]) or [""]
        return AskedModel(tuple(as_strings(stored["labels"])), words, stored["rows"], stored["scale"], digest)


def learn_model(lessons: Lessons, told: Callable[[int, int], None] = lambda _done, _of: None) -> AskedModel:
    """``told`` hears how many rounds of how many are done."""
    classes = tuple(dict.fromkeys(lessons.labels))
    numbers = {label: number for number, label in enumerate(classes)}
    words = Words.of(lessons.questions)
    rows = np.stack([words.row(question) for question in lessons.questions])
    features = np.concatenate([lessons.vectors, rows, np.ones((len(rows), 1))], axis=1, dtype=np.float32)
    wanted = np.array([numbers[label] for label in lessons.labels])
    learned = _softmax_regression(features, wanted, len(classes), told)
    largest = np.abs(learned).max(axis=1, keepdims=True, initial=1e-9)
    quantized = np.rint(learned / largest * 127).astype(np.int8)
    return AskedModel(classes, words, quantized, (largest[:, 0] / 127).astype(np.float32), lessons.digest)


def _softmax_regression(
    features: Floats, wanted: NDArray[np.int64], classes: int, told: Callable[[int, int], None]
) -> Floats:
    """Weights (classes, features) that make the cross-entropy small, by AdamW (Loshchilov and Hutter 2019) with a rate
    that falls to nothing, over labels smoothed by a tenth. The same for the same questions."""
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
    """What the chances are too high by, (questions, classes), over the number of questions."""
    chances = features @ weights.T
    chances -= chances.max(axis=1, keepdims=True)
    np.exp(chances, out=chances)
    chances /= chances.sum(axis=1, keepdims=True)
    chances -= _SMOOTHED / chances.shape[1]
    chances[np.arange(len(wanted)), wanted] -= 1 - _SMOOTHED
    chances /= len(wanted)
    return chances


def _middles(features: Floats, wanted: NDArray[np.int64], classes: int) -> Floats:
    """Each class's mean question, drawn out to _START, with no bias."""
    sums = np.zeros((classes, features.shape[1]), dtype=np.float32)
    np.add.at(sums, wanted, features)
    sums[:, -1] = 0.0
    return np.asarray(_START * sums / np.linalg.norm(sums, axis=1, keepdims=True).clip(1e-9), dtype=np.float32)


def _places(words: Sequence[str]) -> dict[str, int]:
    return {word: place for place, word in enumerate(words)}
