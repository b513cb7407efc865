"""The known questions of a generation as they are looked up: ``asked.npz``, ``asked_rows.npy``, ``asked_texts.npy``.

Vectors are kept as one byte a number with a scale for each row (cosines move by about 0.001, far less than what tells
two questions apart), by the section that answers, and mapped into memory: where a model says which sections
are likely, only their rows are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.asked_model import ELSEWHERE, UNANSWERED, AskedModel, Words, load_model
from ingest.disk import write_atomically
from ingest.followed_model import FollowedModel, load_followed
from ingest.packed import Texts, as_bytes, as_strings, let_go, write_texts
from ingest.protocols import Vectors
from ingest.types import KnownQuestion, KnownQuestions, Wording

NAME, ROWS, TEXTS, PLACES = "asked.npz", "asked_rows.npy", "asked_texts.npy", "asked_places.json"
FORM = "2"
"""To be changed with these files, so that the next ingest makes them anew."""
NEAREST = 150
"""Known questions that are told for one question; a section is near to it by few of them."""
_BLOCK = 1024
"""Rows turned into float32 at a time: they fit into the processor's cache."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A question, the class of the section that answers it, the id of the chunk and the offset of the words that do."""

    question: str
    label: str
    chunk_id: str
    at: int


def write_lookup(
    folder: Path, placed: Sequence[Placed], vectors: Vectors, words: Words, sections: Mapping[str, str]
) -> None:
    """``vectors`` (len(placed), dimension) float32 of unit length; ``words``: those that the model knows;
    ``sections``: what the section of each class says."""
    labels = _numbered(one.label for one in placed)
    chunks = _numbered(one.chunk_id for one in placed)
    order = np.argsort([labels[one.label] for one in placed], kind="stable")
    ordered = [placed[number] for number in order]
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-9)
    np.save(folder / ROWS, np.rint(vectors / largest * 127).astype(np.int8)[order])
    said = [words.places(one.question) for one in ordered]
    written = {label: words.places(text) for label, text in sections.items()}
    plain = [words.shared(asked, written[one.label]) for asked, one in zip(said, ordered, strict=True)]
    np.savez(
        folder / NAME,
        scale=(largest[:, 0] / 127).astype(np.float32)[order],
        label=np.array([labels[one.label] for one in ordered], dtype=np.int32),
        labels=as_bytes(list(labels)),
        chunk=np.array([chunks[one.chunk_id] for one in ordered], dtype=np.int32),
        chunks=as_bytes(list(chunks)),
        at=np.array([one.at for one in ordered], dtype=np.int32),
        words=np.concatenate([np.zeros(0, dtype=np.uint16), *said]),
        words_begin=np.cumsum([0, *(len(one) for one in said)], dtype=np.int32),
        texts_begin=write_texts(folder / TEXTS, [one.question for one in ordered]),
        plain=np.array(plain, dtype=np.float16),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A section that questions are known of: ``(collection, document, number of the section)``, its first chunk."""

    section: tuple[str, str, int]
    chunk_id: str


def write_places(folder: Path, places: Mapping[str, Place]) -> None:
    """``places``: where each class of the model is in this generation; one whose section is gone is not there."""
    listed = {label: [*place.section, place.chunk_id] for label, place in places.items()}
    write_atomically(folder / PLACES, json.dumps(listed, ensure_ascii=False))


def read_places(folder: Path) -> dict[str, Place]:
    listed = json.loads((folder / PLACES).read_text("utf-8"))
    return {
        label: Place((collection, document, section), chunk_id)
        for label, (collection, document, section, chunk_id) in listed.items()
    }


class AskedLookup:
    """The known questions of a generation; none when it has no file of them."""

    def __init__(self, folder: Path) -> None:
        self._chunks: list[str] = []
        self._model: AskedModel | None = None
        self._followed: FollowedModel | None = None
        self._texts: Texts | None = None
        """None in a generation of an older version, until the next ingest."""
        self._places: dict[str, Place] = {}
        self._sections: frozenset[tuple[str, str, int]] = frozenset()
        if not (folder / NAME).is_file():
            return
        with np.load(folder / NAME, allow_pickle=False) as stored:
            self._scale: Vectors = stored["scale"]
            self._at: NDArray[np.int32] = stored["at"]
            self._chunk: NDArray[np.int32] = stored["chunk"]
            self._chunks = as_strings(stored["chunks"])
            self._words: NDArray[np.uint16] = stored["words"]
            self._words_begin: NDArray[np.int32] = stored["words_begin"]
            labels, label = as_strings(stored["labels"]), stored["label"]
            if "texts_begin" in stored:
                self._texts = Texts(folder / TEXTS, stored["texts_begin"])
                self._plain: NDArray[np.float16] = stored["plain"]
        self._rows: NDArray[np.int8] = np.load(folder / ROWS, mmap_mode="r", allow_pickle=False)
        ends = np.searchsorted(label, np.arange(len(labels) + 1))
        self._rows_of = {label: range(ends[number], ends[number + 1]) for number, label in enumerate(labels)}
        self._model = load_model(folder)
        self._followed = load_followed(folder, self._model.words) if self._model else None
        self._places = read_places(folder) if self._model else {}
        self._sections = frozenset(place.section for place in self._places.values())
        self._labels = {place.section: label for label, place in self._places.items()}
        # One question is looked up for its sections and again for their sentences.
        self._told = lru_cache(maxsize=32)(lambda text, vector: self._near(np.frombuffer(vector, np.float32), text))

    def near(self, vector: Vectors, text: str) -> KnownQuestions:
        """What is known near a question, given as its unit vector and its text."""
        if not self._chunks:
            return KnownQuestions()
        return self._told(text, np.asarray(vector, dtype=np.float32).tobytes())

    def _near(self, vector: Vectors, text: str) -> KnownQuestions:
        if self._model is None:
            return self._nearest(vector, self._rows_of)
        likely = self._model.likely(vector, text)
        found = {label: chance for label, chance in likely.items() if label in self._places}
        return replace(
            self._nearest(vector, found),
            chances=self._chances(found),
            led=self._led(found),
            unanswered=likely.get(UNANSWERED, 0.0),
            elsewhere=likely.get(ELSEWHERE, 0.0),
            sections=self._sections,
        )

    def followed(self, turn: tuple[Vectors, str], before: tuple[Vectors, str]) -> KnownQuestions:
        """The sections that a turn asks for after the question before it (``chances`` and ``led``), each text with its
        unit vector. Empty where no model of follow-ups was learned."""
        likely = self._followed.likely(turn, before) if self._followed else {}
        found = {label: chance for label, chance in likely.items() if label in self._places}
        return KnownQuestions(chances=self._chances(found), led=self._led(found), sections=self._sections)

    def _chances(self, likely: Mapping[str, float]) -> dict[tuple[str, str, int], float]:
        return {self._places[label].section: chance for label, chance in likely.items()}

    def _led(self, likely: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._places[label].chunk_id for label in likely)

    def likeness(
        self, section: tuple[str, str, int], spans: Sequence[tuple[int, int]], vector: Vectors, text: str
    ) -> list[float]:
        """How like a question is to those known to be answered within each span of a section's document, 0 to 1.5: the
        cosine to their mean, and half of that of the words. 0 where there are none, or no model.
        """
        rows = self._known_of(section)
        if self._model is None or not rows:
            return [0.0] * len(spans)
        weights = self._model.words.weights
        said = np.zeros(len(weights), dtype=np.float32)
        places = self._model.words.places(text)
        said[places] = weights[places]
        said /= np.linalg.norm(said).clip(1e-9)
        at = self._at[rows.start : rows.stop]
        return [
            self._like(rows.start + np.flatnonzero((at >= start) & (at < end)), vector, said) for start, end in spans
        ]

    def _like(self, rows: NDArray[np.int64], vector: Vectors, said: Vectors) -> float:
        if self._model is None or not len(rows):
            return 0.0
        middle = self._scale[rows] @ self._rows[rows]
        weights, words = self._model.words.weights, np.zeros_like(said)
        for row in rows:
            places = self._words[self._words_begin[row] : self._words_begin[row + 1]]
            words[places] += weights[places] / np.linalg.norm(weights[places]).clip(1e-9)
        by_words = float(said @ words / np.linalg.norm(words).clip(1e-9))
        return max(0.0, float(middle @ vector / np.linalg.norm(middle).clip(1e-9))) + by_words / 2

    def wordings(self, section: tuple[str, str, int], turn: tuple[Vectors, str], read: Vectors) -> list[Wording]:
        """The questions that a section is known to answer, held against a turn: its own vector and words, and its
        vector as read in its conversation. Empty without a model."""
        rows = self._known_of(section)
        if self._model is None or self._texts is None or not rows:
            return []
        vector, text = turn
        known = self._rows[rows.start : rows.stop] * self._scale[rows.start : rows.stop, None]
        middles = _middles(known, self._at[rows.start : rows.stop])
        to_read, to_turn = np.stack([known, middles]) @ read, np.stack([known, middles]) @ vector
        words, said = self._model.words, self._model.words.places(text)
        asked = [self._words[self._words_begin[row] : self._words_begin[row + 1]] for row in rows]
        return [
            Wording(
                question=self._texts[row],
                read=float(to_read[0, place]),
                alone=float(to_turn[0, place]),
                read_middle=float(to_read[1, place]),
                alone_middle=float(to_turn[1, place]),
                shared=words.shared(said, asked[place]),
                words=words.cosine(said, asked[place]),
                plain=float(self._plain[row]),
            )
            for place, row in enumerate(rows)
        ]

    def _known_of(self, section: tuple[str, str, int]) -> range:
        """The rows of the questions that a section is known to answer; none without a model."""
        return self._rows_of.get(self._labels.get(section, ""), range(0)) if self._model else range(0)

    def _nearest(self, vector: Vectors, labels: Iterable[str]) -> KnownQuestions:
        """Of the questions of these classes."""
        rows = np.array([row for label in labels for row in self._rows_of.get(label, ())], dtype=np.int64)
        if not len(rows):
            return KnownQuestions()
        cosines = self._cosines(vector, rows)
        count = min(NEAREST, len(cosines))
        nearest = np.argpartition(-cosines, count - 1)[:count]
        nearest = nearest[np.argsort(-cosines[nearest], kind="stable")]
        best = np.full(len(self._chunks), -1.0, dtype=np.float32)
        np.maximum.at(best, self._chunk[rows], cosines)
        let_go(self._rows)
        return KnownQuestions(
            tuple(self._known(int(rows[place]), float(cosines[place])) for place in nearest),
            {self._chunks[chunk]: float(best[chunk]) for chunk in np.unique(self._chunk[rows])},
        )

    def _cosines(self, vector: Vectors, rows: NDArray[np.int64]) -> Vectors:
        found = np.empty(len(rows), dtype=np.float32)
        for start in range(0, len(rows), _BLOCK):
            part = rows[start : start + _BLOCK]
            found[start : start + len(part)] = self._rows[part].astype(np.float32) @ vector
        return found * self._scale[rows]

    def _known(self, row: int, cosine: float) -> KnownQuestion:
        return KnownQuestion(self._chunks[self._chunk[row]], cosine, int(self._at[row]))


def _middles(known: Vectors, at: NDArray[np.int32]) -> Vectors:
    """For each row the unit vector in the middle of those ``at`` the same place; zeros where none is named."""
    middles = np.zeros_like(known)
    for place in set(at[at >= 0].tolist()):
        alike = at == place
        middle = known[alike].sum(axis=0)
        middles[alike] = middle / max(float(np.linalg.norm(middle)), 1e-9)
    return middles


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}
