"""An embedder without a model: each word adds one to its own dimension. For tests and for trying things out.

It finds texts that share words and knows nothing of meaning. Its vectors can be computed by hand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from ingest.protocols import Vectors
from ingest.words import words

_PIECE = re.compile(r"[^\W_]+|[^\s]")


class WordPieces:
    """Counts runs of letters and digits, and single punctuation marks.

    >>> WordPieces().count(["It's here."])
    [5]
    """

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(_PIECE.findall(text)) for text in texts]


class HashingEmbedder:
    """Bag of words: ``embed(["a b"])`` is 1/sqrt(2) at ``bucket("a")`` and at ``bucket("b")``."""

    name = "hashing"

    def __init__(self, dimension: int = 384, max_tokens: int = 256) -> None:
        self.dimension = dimension
        self.max_tokens = max_tokens
        self.fingerprint = f"hashing-{dimension}"
        self.tokens = WordPieces()

    def bucket(self, word: str) -> int:
        """The dimension of a lower-case word; the same in every process."""
        return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big") % self.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in words(text):
                vectors[row, self.bucket(word)] += 1.0
            if not vectors[row].any():
                vectors[row, 0] = 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def embed_turn(self, turn: str, before: Sequence[str]) -> None:
        """It knows nothing of conversations."""

    def release(self) -> None:
        """Nothing is held."""
