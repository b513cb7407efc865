"""Every vector of a generation in one flat file: row r of ``vectors.f32`` is the chunk with row number r.

It serves exact search, re-scoring and the rows of single chunks without loading Chroma, and Chroma can be rebuilt
from it. Rows of deleted chunks stay as holes until a later chunk takes them; the catalog knows which rows are live.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.protocols import Vectors

NAME = "vectors.f32"
_NEAR = 1e-4
"""Scores of a matrix product may be off by rounding; candidates this close to the last place are scored anew."""


class RowReader:
    """Read only and mapped into memory: only the pages that are looked at take room."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._dimension = dimension
        path = folder / NAME
        empty = not path.stat().st_size
        self._matrix: Vectors = (
            np.zeros((0, dimension), dtype=np.float32)
            if empty
            else np.memmap(path, dtype="<f4", mode="r").reshape(-1, dimension)
        )

    def __len__(self) -> int:
        return len(self._matrix)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Vectors:
        """float32 (len(rows), dimension)."""
        return np.asarray(self._matrix[np.asarray(rows, dtype=np.int64)])

    def score(self, vector: Vectors, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
        """Cosine of each row to the unit vector, in double precision, the same wherever the row lies."""
        return np.asarray(np.einsum("ij,j->i", self.take(rows).astype(np.float64), vector.astype(np.float64)))

    def nearest(self, vector: Vectors, rows: NDArray[np.int64], k: int, block: int = 16_384) -> NDArray[np.int64]:
        """The k nearest of ``rows`` to the unit vector and all that are as near as the last, in no order."""
        if len(rows) <= k:
            return rows
        whole = len(rows) == len(self._matrix)
        scores = np.empty(len(rows), dtype=np.float32)
        for start in range(0, len(rows), block):
            part = slice(start, start + block)
            scores[part] = (self._matrix[part] if whole else self.take(rows[part])) @ vector
        last = np.partition(scores, len(scores) - k)[len(scores) - k]
        return np.asarray(rows[scores >= last - _NEAR])


class RowWriter:
    """Writes rows of a generation that is being built."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._width = dimension * 4
        self._descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o644)

    def write(self, rows: Sequence[int], vectors: Vectors) -> None:
        """``vectors[i]`` becomes row ``rows[i]``; neighbouring rows are written in one go."""
        start = 0
        for end in range(1, len(rows) + 1):
            if end == len(rows) or rows[end] != rows[end - 1] + 1:
                data = np.ascontiguousarray(vectors[start:end], dtype="<f4").tobytes()
                at = rows[start] * self._width
                while data:  # a nearly full disk takes only a part, then raises
                    written = os.pwrite(self._descriptor, data, at)
                    data, at = data[written:], at + written
                start = end

    def close(self) -> None:
        os.close(self._descriptor)
