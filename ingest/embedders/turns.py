"""A turn of a conversation and what went before it, as one text for an encoder that has learned to read them so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ADAPTER = Path(__file__).with_name("contextual.npz")
"""What the built-in encoder has learned for that: see ``ingest.embedders.adapter``."""
ROOM = 72
"""Word pieces that are read, special ones included; what does not fit is left out."""
_TURN, _LAST = 40, 20
"""Most word pieces of the turn itself and of what opened the conversation, which stays when all else is left out."""


def joined(turn: Sequence[int], before: Sequence[Sequence[int]], separator: int) -> list[int]:
    """Ids of the ``turn`` and of the texts ``before`` it, nearest first, set apart by ``separator``.

    >>> joined([1, 2], [[3], [4]], 0)
    [1, 2, 0, 3, 0, 4]
    """
    ids = list(turn[:_TURN])
    opening = list(before[-1][:_LAST]) if before else []
    for text in before[:-1]:
        if len(ids) + len(text) + len(opening) + 4 > ROOM:
            break
        ids += [separator, *text]
    return [*ids, separator, *opening] if opening else ids
