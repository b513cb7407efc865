"""Retrieval: dense and lexical candidates, fused by how much each side's evidence is worth for this question.

Both retrievers propose chunks; every proposal is then looked at from both sides (its exact cosine, how much of the
question's informative vocabulary it covers, whether its headings name what is asked), scored by the ranking model
and the best chunk of each section is returned. One ``HybridSearch`` serves one index generation.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal

from assistant.links import source_url
from assistant.names import Names
from assistant.query import Concept, Query, make_query
from assistant.ranking import Features, Ranking, with_gap
from assistant.spelling import Speller
from assistant.stance import agreement
from assistant.types import Hit
from assistant.words import stem_set, stems
from ingest.index import OpenIndex
from ingest.protocols import Embedder, Vectors
from ingest.types import Chunk, KnownQuestions, Scope, Section

CANDIDATES, CANDIDATES_BESIDE = 45, 30
"""Chunks that each retriever proposes, and where known questions propose sections beside them."""
Known = Literal["all", "none"]
_ASKED, _LIKELY = 20, 12
"""Sections proposed because a like question is known to be answered there, and those of them that what was learned
of all known questions proposes."""
_VOTES, _WARMTH = 12, 0.06
"""The nearest known questions that vote for their sections, and by how much a cosine less makes a vote smaller."""
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
_BM25_CEILING = 2.2
"""BM25's term factor tends to k1 + 1 = 2.2 for a term that fills a short field (k1 = 1.2)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal with its evidence, kept for training and for ``--explain``."""

    chunk: Chunk
    section: Section
    title: str
    bm25: float
    features: Features
    score: float
    unanswered: float = 0.0
    """The probability that the question is one of those known to have no answer."""


class HybridSearch:
    def __init__(self, index: OpenIndex, embedder: Embedder, names: Names, speller: Speller, ranking: Ranking) -> None:
        self.index = index
        self.names = names
        # A generation never changes while it is open, so what was read of it may be kept.
        self._sections = lru_cache(maxsize=2048)(lambda place: index.sections(place[1], place[0]))
        self._embedder = embedder
        self._vector = lru_cache(maxsize=256)(lambda text: embedder.embed([text])[0])
        self._turn = lru_cache(maxsize=32)(embedder.embed_turn)
        self._speller = speller
        self._ranking = ranking

    @cached_property
    def _titles(self) -> dict[tuple[str, str], str]:
        return {(document.collection, document.id): document.title for document in self.index.documents()}

    def query(self, question: str) -> Query:
        return make_query(question, self.index, self.names, self._speller)

    def embed(self, text: str) -> Vectors:
        """The unit vector of one text, shape (dimension,)."""
        vector: Vectors = self._vector(text)
        return vector

    def embed_turn(self, turn: str, before: tuple[str, ...]) -> Vectors | None:
        """Of a turn in its conversation: see ``Embedder.embed_turn``."""
        return self._turn(turn, before)

    def embed_all(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed(texts)

    def after(self, turn: str, before: str, together: str) -> KnownQuestions | None:
        """What known questions say of a turn that follows another: of which section it asks after the question before.
        ``together``: both in one, by which to tell whether it asks for a section that no question is known of. None
        where no follow-ups are known."""
        found = self.index.followed((self.embed(turn), turn), (self.embed(before), before))
        if not found.chances:
            return None
        elsewhere = self.index.asked(self.embed(together), together).elsewhere
        chances = {section: chance * (1 - elsewhere) for section, chance in found.chances.items()}
        return replace(found, chances=chances, elsewhere=elsewhere)

    def hits(self, query: Query, k: int, scope: Scope = Scope(), *, known: Known = "all") -> list[Hit]:
        """The best chunk of each of the k best sections, best first. ``known``: see ``candidates``."""
        return as_hits(best_per_section(self.candidates(query, scope, known=known)), k)

    def candidates(
        self,
        query: Query,
        scope: Scope = Scope(),
        *,
        known: Known = "all",
        pool: int = 0,
        also: Sequence[str] = (),
    ) -> list[Candidate]:
        """Everything that either retriever proposed, and where like questions lead, scored, best first.

        ``known`` is for training: "none" searches as if no question were known. ``pool``: chunks that each retriever
        proposes, if not as many as usual. ``also``: ids of chunks that are proposed besides.
        """
        vector = self.embed(query.text)
        asked = KnownQuestions() if known == "none" else self.index.asked(vector, query.text)
        pool = pool or (CANDIDATES_BESIDE if asked.chances else CANDIDATES)
        dense = self.index.dense(vector, pool, scope)
        lexical = self.index.lexical(query.lexical, pool, scope) if query.lexical else []
        bm25 = {scored.chunk_id: scored.score for scored in lexical}
        share = _shares(asked)
        led = [*asked.led[:_LIKELY], *(question.chunk_id for question in asked.nearest)]
        led = list(dict.fromkeys(led))[:_ASKED]
        near = self.index.within(led, scope) if led else []
        besides = self.index.within(also, scope) if also else []
        ids = list(dict.fromkeys([*(scored.chunk_id for scored in (*dense, *lexical)), *near, *besides]))
        if not ids:
            return []
        chunks = self.index.chunks(ids)
        ids = [chunk_id for chunk_id in ids if chunk_id in chunks]
        cosines = self.index.vectors(ids) @ vector
        # An expansion adds terms that an ideal chunk need not have: the ceiling counts the question's own.
        ceiling = max(_BM25_CEILING * query.weight, max(bm25.values(), default=0.0) * 0.75, 1e-6)
        dense_rank = {scored.chunk_id: 1 / rank for rank, scored in enumerate(dense, start=1)}
        asked_rank = {chunk_id: 1 / rank for rank, chunk_id in enumerate(near, start=1)}
        lexical_rank = {scored.chunk_id: 1 / rank for rank, scored in enumerate(lexical, start=1)}
        words = _words_of(query)
        found: list[tuple[Chunk, Section, dict[str, float]]] = []
        for chunk_id, cosine in zip(ids, cosines, strict=True):
            chunk = chunks[chunk_id]
            place = (chunk.collection, chunk.document_id)
            section = self._sections(place)[chunk.section]
            ranks = (dense_rank.get(chunk_id, 0.0), lexical_rank.get(chunk_id, 0.0))
            signs = _features(query, words, chunk, section, float(cosine), bm25.get(chunk_id, 0.0) / ceiling, ranks)
            signs["asked"] = max(0.0, asked.cosines.get(chunk_id, 0.0))
            signs["asked_rank"] = asked_rank.get(chunk_id, 0.0)
            signs["asked_share"] = share.get(chunk_id, 0.0)
            signs["told"] = asked.chance((*place, chunk.section))
            found.append((chunk, section, signs))
        gap = 1.0 - max(signs["coverage"] for _, _, signs in found)
        ranking = self._ranking.where(max(asked.chances.values(), default=0.0) > asked.elsewhere)
        made = []
        for chunk, section, signs in found:
            features = with_gap(signs, gap)
            title = self._titles.get((chunk.collection, chunk.document_id)) or chunk.document_id
            score = ranking.score(features)
            made.append(Candidate(chunk, section, title, bm25.get(chunk.id, 0.0), features, score, asked.unanswered))
        return _ranked(made, ranking)


def _ranked(found: list[Candidate], ranking: Ranking) -> list[Candidate]:
    """Best first; in the light of what else their documents have, where that is weighed."""
    if "support" not in ranking.weights:
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.chunk.id))
    alone = [candidate.score for candidate in found]
    by_document: dict[tuple[str, str], list[float]] = defaultdict(list)
    for candidate, score in zip(found, alone, strict=True):
        by_document[(candidate.chunk.collection, candidate.chunk.document_id)].append(score)
    top = max(alone, default=1.0) or 1.0
    scored = []
    for candidate, score in zip(found, alone, strict=True):
        others = sorted(by_document[(candidate.chunk.collection, candidate.chunk.document_id)], reverse=True)
        others.remove(score)
        support = max(0.0, min(1.0, sum(others[:2]) / (2 * top))) if others else 0.0
        features = replace(candidate.features, support=support)
        scored.append(replace(candidate, features=features, score=ranking.score(features)))
    return sorted(scored, key=lambda candidate: (-candidate.score, candidate.chunk.id))


def votes_of(asked: KnownQuestions) -> list[float]:
    """The share of each of the nearest questions in all of them, nearest first."""
    nearest = asked.nearest[:_VOTES]
    votes = [math.exp((question.cosine - nearest[0].cosine) / _WARMTH) for question in nearest]
    return [vote / sum(votes) for vote in votes]


def _shares(asked: KnownQuestions) -> dict[str, float]:
    """Chunk id to its share, 0 to 1, of the nearest questions."""
    share: dict[str, float] = defaultdict(float)
    for question, vote in zip(asked.nearest, votes_of(asked), strict=False):
        share[question.chunk_id] += vote
    return share


@dataclass(frozen=True, slots=True)
class _Words:
    """What every candidate of a question is held against: its stems, its names, its neighbouring stems."""

    stems: frozenset[str]
    names: tuple[Concept, ...]
    pairs: frozenset[str]


def _words_of(query: Query) -> _Words:
    parts = (part for concept in query.concepts for alternative in concept.alternatives for part in alternative)
    single = [min(concept.alternatives[0]) for concept in query.concepts if len(concept.alternatives[0]) == 1]
    names = tuple(concept for concept in query.concepts if concept.is_name)
    return _Words(frozenset(parts), names, frozenset(f" {first} {second} " for first, second in pairwise(single)))


def _features(
    query: Query,
    words: _Words,
    chunk: Chunk,
    section: Section,
    cosine: float,
    bm25: float,
    ranks: tuple[float, float],
) -> dict[str, float]:
    """What the chunk itself says, by the names of ``Features``."""
    head, _, _body = chunk.embed_text.partition("\n")
    present = stem_set(chunk.embed_text)
    heading = stem_set(head)
    leaf = stem_set(section.heading)
    names = words.names
    return {
        "cosine": cosine,
        "coverage": query.coverage(present),
        "heading_coverage": query.coverage(heading),
        "leaf_match": len(leaf & words.stems) / len(leaf) if leaf else 0.0,
        "bm25": min(1.0, bm25),
        "adjacency": (
            sum(pair in _sequence(chunk.embed_text) for pair in words.pairs) / len(words.pairs) if words.pairs else 0.0
        ),
        "name_in_heading": sum(concept.in_stems(heading) for concept in names) / len(names) if names else 0.0,
        "name_missing": sum(not concept.in_stems(present) for concept in names) / len(names) if names else 0.0,
        "dense_rank": ranks[0],
        "lexical_rank": ranks[1],
        "link_density": _link_density(chunk.text),
        "opening": 1.0 if section.parent < 0 and section.tree_end > section.end else 0.0,
        "stance": agreement(section.heading, query.analysis.text),
        "outline": 1.0 if chunk.start == section.start and section.body_start > section.start else 0.0,
    }


def _url(candidate: Candidate) -> str:
    chunk = candidate.chunk
    return source_url(chunk.document_id, chunk.collection, chunk.start, chunk.end, candidate.section.anchor)


@lru_cache(maxsize=4096)
def _sequence(text: str) -> str:
    """All stems in a row, a space around each: small to keep, and quick to look for neighbours in."""
    return f" {' '.join(stems(text))} "


@lru_cache(maxsize=4096)
def _link_density(text: str) -> float:
    return sum(len(match.group()) for match in _LINK.finditer(text)) / max(len(text), 1)


def as_hits(sections: Sequence[Candidate], k: int) -> list[Hit]:
    """The first k, ranked as they stand, without those that repeat a better one."""
    return [
        Hit(
            chunk=candidate.chunk,
            section=candidate.section,
            title=candidate.title,
            url=_url(candidate),
            rank=rank,
            score=candidate.score,
            dense=candidate.features.cosine,
            lexical=candidate.bm25,
            asked=candidate.features.asked,
            told=candidate.features.told,
            unanswered=candidate.unanswered,
        )
        for rank, candidate in enumerate(without_duplicates(sections)[:k], start=1)
    ]


def best_per_section(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first of each section, order kept."""
    seen: dict[tuple[str, str, int], Candidate] = {}
    for candidate in candidates:
        place = (candidate.chunk.collection, candidate.chunk.document_id, candidate.section.index)
        seen.setdefault(place, candidate)
    return list(seen.values())


def without_duplicates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Drops chunks whose words are those of a better one: the same passage reached by another path."""
    kept: list[Candidate] = []
    bodies: set[str] = set()
    for candidate in candidates:
        body = " ".join(candidate.chunk.embed_text.partition("\n")[2].lower().split())
        if len(body) > 40 and body in bodies:
            continue
        bodies.add(body)
        kept.append(candidate)
    return kept
