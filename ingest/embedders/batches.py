"""What every model needs around it: batches of like length, and texts longer than the model reads.

A model that is handed too long a text drops its end without a word. Here such a text is read in windows whose
vectors are averaged, so that nothing is lost. The chunker keeps chunks under the limit; long questions arrive here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import numpy as np

from ingest.protocols import Vectors

BATCH = 32
ROOM = 2_048
"""Word pieces in a batch when all are as long as its longest text: the memory that a model takes grows with them, its
speed on a CPU does not."""


class _Sized(Protocol):
    def __len__(self) -> int: ...


T = TypeVar("T", bound=_Sized)


def by_length(items: Sequence[T], size: int = BATCH, room: int | None = None) -> Iterator[list[int]]:
    """Positions of ``items`` in batches, longest first, so that short ones are not padded to the long ones' length.

    A batch has at most ``size`` items and, padded, at most ``room`` elements (but always one item).

    >>> list(by_length(["bb", "a", "cccc"], size=2))
    [[2, 0], [1]]
    >>> list(by_length(["bb", "a", "cccc"], size=2, room=4))
    [[2], [0, 1]]
    """
    order = sorted(range(len(items)), key=lambda position: (-len(items[position]), position))
    start = 0
    while start < len(order):
        fit = size if room is None else min(size, room // max(1, len(items[order[start]])))
        yield order[start : start + max(1, fit)]
        start += max(1, fit)


def windows(ids: Sequence[int], limit: int) -> list[list[int]]:
    """``ids`` in pieces of at most ``limit``, of nearly equal length; an empty text is one empty piece.

    >>> windows([1, 2, 3, 4, 5], 2)
    [[1, 2], [3, 4], [5]]
    """
    pieces = max(1, -(-len(ids) // limit))
    size = -(-len(ids) // pieces) if ids else 0
    return [list(ids[start : start + size]) for start in range(0, len(ids), size)] if ids else [[]]


def embed_windows(
    token_ids: Sequence[Sequence[int]], limit: int, dimension: int, run: Callable[[list[list[int]]], Vectors]
) -> Vectors:
    """Unit vectors of shape (len(token_ids), dimension).

    ``run`` gives the unit vectors of one batch of windows (token ids without special tokens, at most ``limit``).
    """
    pieces: list[list[int]] = []
    owners: list[int] = []
    for owner, ids in enumerate(token_ids):
        for piece in windows(ids, limit):
            pieces.append(piece)
            owners.append(owner)
    made = np.zeros((len(pieces), dimension), dtype=np.float32)
    for batch in by_length(pieces, room=ROOM):
        made[batch] = run([pieces[position] for position in batch])
    return averaged(made, owners, [len(piece) for piece in pieces], len(token_ids))


def averaged(made: Vectors, owners: Sequence[int], lengths: Sequence[int], count: int) -> Vectors:
    """Row i is the mean of the rows of ``made`` that ``owners`` gives to i, weighted by length, of length 1."""
    vectors = np.zeros((count, made.shape[1]), dtype=np.float32)
    weights = np.maximum(1.0, np.array(lengths, dtype=np.float32))
    np.add.at(vectors, np.array(owners, dtype=np.int64), made * weights[:, None])
    if count:
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors
