"""What people use otherwise, over the same index: BM25 alone, vectors alone, and naive fusion of the two.

Each takes the question as it was typed, a follow-up too. They only retrieve; what they would answer is not looked at.
BM25 reads title, heading path and text with English stemming, so it is a strong baseline, not a straw man.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from assistant.search import HybridSearch
from assistant.types import Answer, Hit, Question
from evals.metrics.retrieval import RETRIEVAL
from evals.outcomes import Outcome
from ingest.types import Scored

System = Literal["bm25", "dense", "fusion"]
NAMES: Mapping[System, str] = {"bm25": "BM25 alone", "dense": "dense alone", "fusion": "naive fusion"}
_DEPTH = 100
_RRF = 60
_KEPT = frozenset({*RETRIEVAL, "followup_hit@1", "rewrite_hit@1", "followup_gap"})


def reciprocal_rank_fusion(rankings: Sequence[Sequence[Scored]], k: int = _RRF) -> list[Scored]:
    """Sum of 1 / (k + rank) over the rankings (Cormack, Clarke and Buettcher 2009); ties by chunk id.

    >>> reciprocal_rank_fusion([[Scored("a", 9.0), Scored("b", 8.0)], [Scored("b", 0.9)]])[0].chunk_id
    'b'
    """
    fused: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, scored in enumerate(ranking, 1):
            fused[scored.chunk_id] += 1 / (k + rank)
    return [Scored(chunk, score) for chunk, score in sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))]


class Baseline:
    """A retriever that looks like an assistant, so that it is measured by the same code."""

    def __init__(self, system: System, search: HybridSearch) -> None:
        self._search = search
        rankings: Mapping[System, Callable[[str], Sequence[Scored]]] = {
            "bm25": self._bm25,
            "dense": self._dense,
            "fusion": lambda text: reciprocal_rank_fusion([self._bm25(text), self._dense(text)]),
        }
        self._ranking = rankings[system]

    def search(self, text: str, k: int = 10) -> list[Hit]:
        """The best chunk of each of the k best sections."""
        index = self._search.index
        ranked = self._ranking(text)
        chunks = index.chunks([scored.chunk_id for scored in ranked])
        hits: dict[tuple[str, str, int], Hit] = {}
        for scored in ranked:
            chunk = chunks[scored.chunk_id]
            section = index.sections(chunk.document_id, chunk.collection)[chunk.section]
            place = (chunk.collection, chunk.document_id, section.index)
            hits.setdefault(place, Hit(chunk, section, chunk.document_id, "", len(hits) + 1, scored.score))
        return list(hits.values())[:k]

    def ask(self, question: Question) -> Answer:
        return Answer(
            id=uuid.uuid4().hex,
            conversation_id=question.conversation_id or uuid.uuid4().hex,
            question=question.text,
            standalone_question=question.text,
            status="answered",
            text="",
            citations=(),
            related=(),
            hits=tuple(self.search(question.text)),
            generator="none",
            index_generation=self._search.index.manifest.generation,
        )

    def _bm25(self, text: str) -> Sequence[Scored]:
        return self._search.index.lexical(text, _DEPTH)

    def _dense(self, text: str) -> Sequence[Scored]:
        return self._search.index.dense(self._search.embed(text), _DEPTH)


def retrieval_only(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Only what says something about a retriever: answerable questions with their retrieval scores."""
    return tuple(
        replace(outcome, stage="", scores={name: value for name, value in outcome.scores.items() if name in _KEPT})
        for outcome in outcomes
        if outcome.answerable
    )
