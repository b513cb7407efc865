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
from ingest.softmax import Floats, Softmax, learn_softmax
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

    def shared(self, words: NDArray[np.uint16], among: NDArray[np.uint16]) -> float:
        """The share of the words, by idf, that are among the others; 0 when there are none."""
        total = float(self.weights[words].sum())
        return float(self.weights[np.intersect1d(words, among)].sum()) / total if total else 0.0

    def cosine(self, words: NDArray[np.uint16], others: NDArray[np.uint16]) -> float:
        """Of the words of two texts, weighed by idf."""
        lengths = float(np.linalg.norm(self.weights[words]) * np.linalg.norm(self.weights[others]))
        return float((self.weights[np.intersect1d(words, others)] ** 2).sum()) / lengths if lengths else 0.0

    def rows(self, questions: Sequence[str]) -> Floats:
        """Shape (len(questions), _PROJECTED)."""
        return np.stack([self.row(question) for question in questions])


@dataclass(frozen=True, slots=True)
class AskedModel:
    """Over a question's vector and words (dimension + _PROJECTED features)."""

    softmax: Softmax
    words: Words
    digest: str = ""

    def likely(self, vector: Vectors, question: str) -> dict[str, float]:
        """Label to probability of the likeliest classes, likeliest first."""
        return self.softmax.likely(np.concatenate([vector, self.words.row(question)]))

    def save(self, folder: Path) -> None:
        np.savez(
            folder / NAME,
            labels=as_bytes(self.softmax.labels),
            digest=as_bytes([self.digest]),
            words=as_bytes(list(self.words.place)),
            weights=self.words.weights,
            signs=self.words.signs,
            rows=self.softmax.rows,
            scale=self.softmax.scale,
        )


def load_model(folder: Path) -> AskedModel | None:
    if not (folder / NAME).is_file():
        return None
    with np.load(folder / NAME, allow_pickle=False) as stored:
        words = Words(_places(as_strings(stored["words"])), stored["weights"], stored["signs"])
        (digest,) = as_strings(stored["digest"]) or [""]
        return AskedModel(Softmax(tuple(as_strings(stored["labels"])), stored["rows"], stored["scale"]), words, digest)


def learn_model(lessons: Lessons, told: Callable[[int, int], None] = lambda _done, _of: None) -> AskedModel:
    """``told`` hears how many rounds of how many are done."""
    words = Words.of(lessons.questions)
    learned = learn_softmax([lessons.vectors, words.rows(lessons.questions)], lessons.labels, told)
    return AskedModel(learned, words, lessons.digest)


def _places(words: Sequence[str]) -> dict[str, int]:
    return {word: place for place, word in enumerate(words)}
