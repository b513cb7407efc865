"""The known questions of a generation as they are looked up: ``asked.npz``, small in memory and read in one go.

Vectors are kept as one byte a number with a scale for each row (cosines move by about 0.001, far less than what tells
two questions apart), since a serving process holds all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.protocols import Vectors
from ingest.types import KnownQuestion, KnownQuestions

NAME = "asked.npz"
NEAREST = 150
"""Known questions that are told for one question; a section is near to it by few of them."""
_BLOCK = 1024
"""Rows turned into float32 at a time: they fit into the processor's cache."""


def write_lookup(folder: Path, placed: Sequence[tuple[str, str, int]], vectors: Vectors) -> None:
    """``placed``: (question, id of the chunk that answers, offset of the words that do); ``vectors`` (len, dimension)
    float32 of unit length.
    """
    chunks = {chunk_id: number for number, chunk_id in enumerate(dict.fromkeys(chunk for _, chunk, _ in placed))}
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-9)
    np.savez(
        folder / NAME,
        rows=np.rint(vectors / largest * 127).astype(np.int8),
        scale=(largest[:, 0] / 127).astype(np.float32),
        chunk=np.array([chunks[chunk_id] for _, chunk_id, _ in placed], dtype=np.int32),
        at=np.array([at for _, _, at in placed], dtype=np.int64),
        chunks=_bytes(list(chunks)),
        questions=_bytes([" ".join(question.split()) for question, _, _ in placed]),
    )


class AskedLookup:
    """The known questions of a generation; none when it has no file of them."""

    def __init__(self, folder: Path) -> None:
        self._questions: list[str] = []
        if not (folder / NAME).is_file():
            return
        with np.load(folder / NAME, allow_pickle=False) as stored:
            self._rows: NDArray[np.int8] = stored["rows"]
            self._scale: Vectors = stored["scale"]
            self._chunk: NDArray[np.int32] = stored["chunk"]
            self._at: NDArray[np.int64] = stored["at"]
            self._chunks = _strings(stored["chunks"])
            self._questions = _strings(stored["questions"])
        # Rows in the order of their chunks, and where each chunk's begin: its nearest is one reduction.
        self._by_chunk = np.argsort(self._chunk, kind="stable")
        self._first = np.searchsorted(self._chunk[self._by_chunk], np.arange(len(self._chunks)))

    def near(self, vector: Vectors, but: str = "") -> KnownQuestions:
        """What is known near a unit vector; ``but`` leaves a question out, for training."""
        if not self._questions:
            return KnownQuestions()
        cosines = self._cosines(vector)
        if but:
            same = " ".join(but.split())
            cosines[[row for row, question in enumerate(self._questions) if question == same]] = -1.0
        count = min(NEAREST, len(cosines))
        nearest = np.argpartition(-cosines, count - 1)[:count]
        nearest = nearest[np.argsort(-cosines[nearest], kind="stable")]
        best = np.maximum.reduceat(cosines[self._by_chunk], self._first)
        return KnownQuestions(
            tuple(self._known(int(row), float(cosines[row])) for row in nearest),
            dict(zip(self._chunks, best.tolist(), strict=True)),
        )

    def _cosines(self, vector: Vectors) -> Vectors:
        found = np.empty(len(self._rows), dtype=np.float32)
        block = np.empty((_BLOCK, self._rows.shape[1]), dtype=np.float32)
        for start in range(0, len(found), _BLOCK):
            rows = self._rows[start : start + _BLOCK]
            np.copyto(block[: len(rows)], rows)
            found[start : start + len(rows)] = block[: len(rows)] @ vector
        return found * self._scale

    def _known(self, row: int, cosine: float) -> KnownQuestion:
        return KnownQuestion(self._questions[row], self._chunks[self._chunk[row]], cosine, int(self._at[row]))


def _bytes(lines: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


def _strings(stored: NDArray[np.uint8]) -> list[str]:
    text = stored.tobytes().decode()
    return text.split("\n") if text else []
