"""Evidence: the units of the best sections, each with how well it answers the question.

A unit's score mixes the cosine of the question and the unit with the share of the question's vocabulary that the
unit carries itself, its headings supplying the rest: under "Graph databases > Weaknesses" the item "Analysts must
learn new languages" need not say "graph".
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from assistant.compose.subject import on_subject, speaks_of_asked
from assistant.compose.units import SectionUnits, Unit, section_units
from assistant.names import Names
from assistant.query import Query
from assistant.search import HybridSearch, Known, votes_of
from assistant.stance import agreement
from assistant.types import Hit
from assistant.words import STOP_WORDS, stem, stem_set
from ingest.protocols import Vectors
from ingest.types import Document, KnownQuestions, Section

_SECTIONS = 5
_EMBEDDED_UNITS, _EMBEDDED_COLD = 16, 4
"""Units of a question that are compared by meaning; fewer where their vectors are not made in advance."""
_LIKE = 0.45
"""Cosine from which a known question tells which sentence is meant."""
_ASKED_WEIGHT, _VOTE_WEIGHT = 2.0, 0.3
_LIKE_WEIGHTS, _LIKE_AT_FIRST = (0.2, 0.6), 0.4
"""What likeness to the questions known of a sentence weighs, and what besides where the words cannot tell it; what it
weighs before meaning is looked at."""
_CARRIED = 0.25
"""Weight, when sentences are chosen, of what a follow-up does not say itself but carries along from before."""
_SECTION_LEADS = 0.45
"""Weight, when a follow-up's sentence is chosen, of how well its section ranks, besides what that counts for every
question: the section was found with the conversation, of which the few words of the turn say little."""
_READ = 2.0
"""Weight of a follow-up's vector as read in its conversation beside that of its words alone, which weighs 1."""
_BATCH = 8
_WARM_BATCH = 8
_CACHED_VECTORS = 16_384
_WARMED_CHUNKS = 5_000
"""Indexes up to this many chunks have all their units embedded in advance by a serving process."""


@dataclass(frozen=True, slots=True)
class ScoredUnit:
    """``score`` about 0 to 1; ``own`` is the unit's own share of the question, ``covered`` with its headings."""

    unit: Unit
    source: EvidenceSection
    score: float
    cosine: float
    own: float
    covered: float
    asked: float = 0.0
    """Cosine to the nearest question that this very unit is known to answer, 0 when none is near."""
    vote: float = 0.0
    """Share, 0 to 1, of the nearest known questions that it answers."""
    like: float = 0.0
    """How like the question is to those that it is known to answer, 0 to 1.5 (see ``OpenIndex.likeness``)."""
    led: float = 0.0
    """Part of the score that a follow-up's unit has from the rank of its section; it says nothing of how sure it is."""


@dataclass(frozen=True, slots=True)
class EvidenceSection:
    document: Document
    sections: tuple[Section, ...]
    parts: SectionUnits
    hit: Hit
    relative: float
    """The section's ranking score over that of the best section, 0 to 1."""

    @property
    def section(self) -> Section:
        return self.parts.section


@dataclass(frozen=True, slots=True)
class Evidence:
    query: Query
    hits: tuple[Hit, ...]
    sections: tuple[EvidenceSection, ...]
    units: tuple[ScoredUnit, ...]
    """Best first."""
    names: Names
    answers: bool = True
    """Whether it is likely to answer its question; decided where a part of a question is looked up."""
    follows: bool = False
    """Whether the question was completed from what a conversation had said before."""
    said: str = ""
    """What was asked then, as it was typed."""
    settled: float = 1.0
    """Of that as it is read in its conversation: by what is known, the chance of the likeliest section over it and that
    of there being no answer."""

    @property
    def best(self) -> ScoredUnit | None:
        return self.units[0] if self.units else None


class UnitVectors:
    """Vectors of units, kept for a while in half precision: the same sections answer many questions."""

    def __init__(self, search: HybridSearch) -> None:
        self._search = search
        self._kept: OrderedDict[str, NDArray[np.float16]] = OrderedDict()
        self._lock = Lock()

    def of(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dimension), unit length to three digits."""
        with self._lock:
            rows = {text: self._kept[text] for text in texts if text in self._kept}
        # In batches of like length, since the model reads each text as long as the longest of its batch.
        missing = sorted((text for text in dict.fromkeys(texts) if text not in rows), key=len)
        for first in range(0, len(missing), _BATCH):
            batch = missing[first : first + _BATCH]
            rows.update(zip(batch, self._search.embed_all(batch).astype(np.float16), strict=True))
        with self._lock:
            for text in missing:
                self._kept[text] = rows[text]
            while len(self._kept) > _CACHED_VECTORS:
                self._kept.popitem(last=False)
        return np.stack([rows[text] for text in texts]).astype(np.float32)

    def warm(self, go_on: Callable[[], bool]) -> None:
        """Embeds the units of a small index in advance, half of the time asleep; ``go_on`` is asked in between."""
        index = self._search.index
        if index.manifest.chunks > _WARMED_CHUNKS:
            return
        for summary in index.documents():
            document = index.document(summary.id, summary.collection)
            texts = [
                in_context(unit, section, summary.title)
                for section in index.sections(summary.id, summary.collection)
                for unit in section_units(document.text, section).units
                if _quotable(unit)
            ]
            for first in range(0, len(texts), _WARM_BATCH):
                if not go_on():
                    return
                began = time.perf_counter()
                self.of(texts[first : first + _WARM_BATCH])
                time.sleep(time.perf_counter() - began)


def gather(
    query: Query,
    hits: Sequence[Hit],
    search: HybridSearch,
    vectors: UnitVectors,
    *,
    said: str = "",
    read: Vectors | None = None,
    known: Known = "all",
) -> Evidence:
    """Evidence from the sections of the first hits that speak of what is asked about.

    ``said``: a follow-up in its own words, which say best which sentence is meant; ``read``: its vector as the encoder
    reads it in its conversation. ``known`` is for training: see ``HybridSearch.candidates``.
    """
    top = max((hit.score for hit in hits), default=1.0) or 1.0
    documents: dict[tuple[str, str], Document] = {}
    found: list[EvidenceSection] = []
    for hit in (on_subject(query, hits) or hits)[:_SECTIONS]:
        place = (hit.chunk.collection, hit.chunk.document_id)
        if place not in documents:
            documents[place] = search.index.document(hit.chunk.document_id, hit.chunk.collection)
        document = documents[place]
        sections = search.index.sections(document.id, document.collection)
        parts = section_units(document.text, hit.section)
        found.append(EvidenceSection(document, sections, parts, hit, max(0.0, hit.score / top)))
    weighed = own_words_first(query, said) if said else query
    leads = _SECTION_LEADS if said else 0.0
    alone = search.embed(said or query.text)
    if read is not None:
        alone = alone + _READ * read
        alone /= np.linalg.norm(alone)
    units = _scored(weighed, (said or query.text, alone), found, search, vectors, known, leads)
    settled = _settled(search.index.asked(read, said)) if read is not None and known == "all" else 1.0
    follows = bool(said)
    return Evidence(query, tuple(hits), tuple(found), tuple(units), search.names, True, follows, said, settled)


def _settled(told: KnownQuestions) -> float:
    likeliest = max(told.chances.values(), default=0.0)
    return likeliest / (likeliest + told.unanswered) if likeliest else 1.0


def own_words_first(query: Query, said: str) -> Query:
    """What a follow-up carries along from the conversation finds the section; its own words choose the sentence."""
    own = stem_set(said)
    concepts = (
        concept if concept.in_stems(own) else replace(concept, weight=concept.weight * _CARRIED)
        for concept in query.concepts
    )
    return replace(query, concepts=tuple(concepts))


def _scored(
    query: Query,
    own: tuple[str, Vectors],
    sections: Sequence[EvidenceSection],
    search: HybridSearch,
    vectors: UnitVectors,
    known: Known,
    leads: float,
) -> list[ScoredUnit]:
    question, (said, alone) = search.embed(query.text), own
    both = question + alone
    both /= np.linalg.norm(both)
    units = [_liked(search, source, alone, said, known) for source in sections]
    # Where so many questions are known that likeness could be learned, it says more than the nearest of them.
    learned = any(like for liked in units for _, like in liked)
    asked = {} if known == "none" else _asked(search, alone, said)
    drafts = [
        _lexical(query, unit, source, *_asked_of(asked, unit, source), like)
        for source, liked in zip(sections, units, strict=True)
        for unit, like in liked
        if _quotable(unit)
    ]
    drafts.sort(key=lambda scored: -scored.score)
    warmed = search.index.manifest.chunks <= _WARMED_CHUNKS
    shortlist = drafts[: _EMBEDDED_UNITS if warmed else _EMBEDDED_COLD]
    if not shortlist:
        return []
    # The less the words can tell which sentence is meant, the more a like question has to.
    gap = 1.0 - max(scored.covered for scored in drafts)
    rows = vectors.of([in_context(scored.unit, scored.source.section, scored.source.hit.title) for scored in shortlist])
    finished = [
        replace(
            scored,
            cosine=float(cosine),
            score=_mixed(query, scored, float(cosine)) + _known(scored, gap, learned) + leads * scored.source.relative,
            led=leads * scored.source.relative,
        )
        for scored, cosine in zip(shortlist, np.maximum(rows @ question, rows @ both), strict=True)
    ]
    # Several like questions that one sentence answers put it first; how sure it is, its score says without them.
    return sorted(
        finished,
        key=lambda scored: (
            -scored.score - gap * _VOTE_WEIGHT * scored.vote,
            scored.source.hit.rank,
            scored.unit.start,
        ),
    )


def _liked(
    search: HybridSearch, source: EvidenceSection, question: Vectors, text: str, known: Known
) -> list[tuple[Unit, float]]:
    """The section's units, each with how like the question is to those that it is known to answer."""
    units = _near_hit(source)
    if known == "none":
        return [(unit, 0.0) for unit in units]
    chunk = source.hit.chunk
    spans = [(unit.start, unit.end) for unit in units]
    place = (chunk.collection, chunk.document_id, chunk.section)
    return list(zip(units, search.index.likeness(place, spans, question, text), strict=True))


def _asked(search: HybridSearch, question: Vectors, text: str) -> dict[str, list[tuple[int, float, float]]]:
    """``collection:document`` to ``(offset, cosine, vote)`` of the sentences that answer like questions."""
    asked = search.index.asked(question, text)
    votes = chain(votes_of(asked), repeat(0.0))
    found: dict[str, list[tuple[int, float, float]]] = {}
    for known, vote in zip(asked.nearest, votes, strict=False):
        if known.at >= 0 and known.cosine >= _LIKE:
            found.setdefault(known.chunk_id.rpartition("#")[0], []).append((known.at, known.cosine, vote))
    return found


def _asked_of(
    asked: Mapping[str, list[tuple[int, float, float]]], unit: Unit, source: EvidenceSection
) -> tuple[float, float]:
    place = f"{source.document.collection}:{source.document.id}"
    said = [(cosine, vote) for at, cosine, vote in asked.get(place, ()) if unit.start <= at < unit.end]
    return max((cosine for cosine, _ in said), default=0.0), sum(vote for _, vote in said)


def _quotable(unit: Unit) -> bool:
    return not unit.lead_in and not unit.link and unit.kind != "code"


def in_context(unit: Unit, section: Section, title: str) -> str:
    """What the embedder reads of a unit: its heading too, since "Tables are encrypted" means little alone."""
    path = section.heading_path
    heading = path[-1] if path else title
    words = stem_set(unit.text)
    parents = [name for name in path[:-1] if not stem_set(name) & words]
    context = heading if len(path) < 2 or not parents else f"{parents[-1]}, {heading}"
    return f"{context}: {unit.text[:240]}"


def _near_hit(source: EvidenceSection) -> list[Unit]:
    """All units of a section of ordinary size; of a very long one those in and around the chunk that was found."""
    units = list(source.parts.units)
    if len(units) <= 40:
        return units
    chunk = source.hit.chunk
    return [unit for unit in units if unit.end > chunk.start - 600 and unit.start < chunk.end + 600]


def _lexical(query: Query, unit: Unit, source: EvidenceSection, asked: float, vote: float, like: float) -> ScoredUnit:
    own_stems = stem_set(unit.text)
    context = own_stems | stem_set(" ".join(source.section.heading_path)) | stem_set(unit.intro)
    # The headings say what the section is about: a unit earns nothing by repeating the name, only by the rest.
    # Under "Weaknesses" every item is one, whether it says so or not: the last heading counts as the unit's words.
    own = _aspect_coverage(query, own_stems | (stem_set(source.section.heading) - _STOPS), context)
    covered = query.coverage(context)
    first = 0.06 if unit.order == 0 else 0.0
    score = 0.5 * own + 0.3 * covered + 0.5 * source.relative + first + max(0.0, asked - _LIKE) + _LIKE_AT_FIRST * like
    return ScoredUnit(unit, source, score, 0.0, own, covered, asked, vote, like)


def _aspect_coverage(query: Query, own: frozenset[str], context: frozenset[str]) -> float:
    """Share of the question that a unit carries; names may come from the headings around it."""
    carried = sum(concept.weight for concept in query.concepts if concept.in_stems(context if concept.is_name else own))
    return carried / query.weight


def _known(scored: ScoredUnit, gap: float, learned: bool) -> float:
    if learned:
        return (_LIKE_WEIGHTS[0] + gap * _LIKE_WEIGHTS[1]) * scored.like
    return gap * _ASKED_WEIGHT * max(0.0, scored.asked - _LIKE)


def _mixed(query: Query, scored: ScoredUnit, cosine: float) -> float:
    unit = scored.unit
    score = 0.5 * cosine + 0.2 * scored.own + 0.2 * scored.covered + 0.25 * scored.source.relative
    if unit.order == 0:
        score += 0.04  # a section's first sentence tends to answer what its heading raises
        asked = {part for concept in query.concepts for alternative in concept.alternatives for part in alternative}
        leaf = stem_set(scored.source.section.heading) - _STOPS
        score += 0.08 if leaf and leaf <= asked else 0.0
    kind = query.analysis.kind
    if kind == "value" and re.search(r"\d", unit.text):
        score += 0.06
    if kind == "definition" and defines(query, unit.text):
        score += 0.10
    if kind == "reason" and _REASON.search(unit.text):
        score += 0.05
    if re.match(
        r"(?:\w+\s+)?therefore\b|(?:this|these|it|they|such|that|those|for example|however|also|instead)\b",
        unit.text,
        re.I,
    ):
        score -= 0.05  # leans on what stands before it
    if len(unit.text) < 25:
        score -= 0.08
    if _of_something_else(query, scored):
        score -= 0.2
    score += 0.15 * agreement(scored.source.section.heading, query.analysis.text)
    path = " ".join(scored.source.section.heading_path)
    if kind == "choice" and not (names_a_product(unit.text) or _HEADED_BY_A_PRODUCT.search(path)):
        score -= 0.3
    return score


def names_a_product(text: str) -> bool:
    """A capitalised name beyond the first word: what a question for a choice has to be told."""
    return bool(
        re.search(r"\b(?:Amazon|AWS|Apache)\s+\w|(?<=[a-z,] )[A-Z][a-z]+[A-Z]\w*|(?<=[a-z,] )[A-Z]\w{3,}", text)
    )


def _of_something_else(query: Query, scored: ScoredUnit) -> bool:
    """Whether the question names products and neither the unit nor its headings name one of them."""
    source = scored.source
    around = stem_set(" ".join((source.hit.title, *source.section.heading_path, scored.unit.text)))
    return not speaks_of_asked(query, around)


_HEADED_BY_A_PRODUCT = re.compile(r"\b(?:Amazon|AWS|Apache)\s+[A-Z]\w*[a-z]")
_STOPS = frozenset(stem(word) for word in STOP_WORDS)
_REASON = re.compile(r"\b(?:because|since|so that|therefore|reason|in order to|due to)\b", re.I)
_DEFINING = re.compile(
    r"\s*(?:\([^)]*\)\s*)?(?:,[^,]{2,60},\s*)?"
    r"(?:is|are|was|were|means|refers to|stands for|involves|describes?|refers)\b",
    re.I,
)


def defines(query: Query, text: str) -> bool:
    """Whether a sentence opens by saying what the thing asked about is."""
    head = text[:160].lower()
    for phrase in (mention.alias for mention in query.analysis.mentions):
        at = head.find(phrase)
        if 0 <= at < 50 and _DEFINING.match(head, at + len(phrase)):
            return True
    asked = stem_set(" ".join(query.analysis.asked))
    subject, verb, _ = (
        re.split(r"\b(is|are|means|refers to|involves)\b", text, maxsplit=1)
        if re.search(r"\b(?:is|are|means|refers to|involves)\b", text)
        else (text, "", "")
    )
    return bool(verb) and len(subject) < 90 and bool(asked) and asked <= stem_set(subject)
