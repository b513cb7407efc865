"""A turn as the encoder reads it in its conversation, whatever its written-out form looks like.

Rules can only repeat the words of a conversation; the encoder has learned what is meant (see
``evals.train_contextual``). Its vector lies where that of the written-out question would, so everything that is found
by a question's vector can be found by it: the nearest chunks, and the sections that known questions make likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.search import HybridSearch, Known
from assistant.types import Turn
from ingest.protocols import Vectors
from ingest.types import KnownQuestions, Scope

_NEAREST = 8
"""Chunks, and sections that known questions make likely, that are looked at for its sake."""
BEFORE = 6
"""Questions that are read before the turn."""


@dataclass(frozen=True, slots=True)
class Contextual:
    """``vector``, (dimension,), of length 1; ``told``: what known questions say of it; ``proposed``: ids of chunks."""

    vector: Vectors
    told: KnownQuestions
    proposed: tuple[str, ...]


def contextual(
    question: str, turns: Sequence[Turn], search: HybridSearch, scope: Scope, known: Known
) -> Contextual | None:
    """None where the embedding model has not learned to read conversations."""
    vector = search.embed_turn(*as_read(question, turns))
    if vector is None:
        return None
    told = search.index.asked(vector, question) if known == "all" else KnownQuestions()
    near = [scored.chunk_id for scored in search.index.dense(vector, _NEAREST, scope)]
    return Contextual(vector, told, tuple(dict.fromkeys([*near, *told.led[:_NEAREST]])))


def as_read(question: str, turns: Sequence[Turn]) -> tuple[str, tuple[str, ...]]:
    """The turn and the questions before it as they were asked, nearest first, as ``HybridSearch.embed_turn`` takes
    them."""
    return " ".join(question.split()), tuple(turn.question for turn in reversed(turns))[:BEFORE]
