"""What can be swapped on the write path: the embedder. One contract suite holds every implementation to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class TokenCounter(Protocol):
    def count(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, special tokens not counted."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors.

    ``name`` goes into the manifest and the cache key together with ``fingerprint`` (a hash of the weights).
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """Word pieces the model reads, special tokens included (256 for all-MiniLM-L6-v2)."""
        ...

    @property
    def tokens(self) -> TokenCounter: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """float32 array of shape (len(texts), dimension), rows of length 1; order kept; [] gives (0, dimension)."""
        ...

    def embed_turn(self, turn: str, before: Sequence[str]) -> Vectors | None:
        """What a ``turn`` of a conversation asks after what went ``before`` it, nearest text first: a unit vector,
        (dimension,), near that of the question written out. None for a model that has not learned to read turns."""
        ...

    def release(self) -> None:
        """Gives back what embedding many texts took; a later ``embed`` takes it again."""
        ...
