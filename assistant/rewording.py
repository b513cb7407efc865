"""A follow-up in other people's words: the question, known of the section it leads to, that asks what it means.

Rules can only repeat the words of a conversation ("how many can we create (Athena workgroups good)?"). Where many
questions are known, somebody has asked in full what the turn means. Once its section is found, the question there that
comes nearest says which sentence answers and what shape the answer has, and can be shown. What is weighed is learned
(``python -m evals.train_rewording``), in a small JSON file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from assistant.analysis import compares
from assistant.contextual import Contextual
from assistant.query import Query
from assistant.search import Candidate, HybridSearch
from assistant.words import stem_set
from ingest.types import KnownQuestions, Wording

LIKENESS = ("read", "alone", "read_middle", "alone_middle", "shared", "words")
"""What tells how like a wording is to the turn."""
SECTION, PLAIN = "section", "plain"
"""How its section ranks, and how plain it is. The weight of the last is set by hand: of two questions that ask the
same, the one in the documents' words is better to read."""
_LIKE = 0.5
"""Cosine, to the turn as read in its conversation, from which a known question may stand for it."""
_AHEAD = 0.2
"""A rule's question that is by so much nearer says it better."""
SECTIONS = 2
"""Sections, best first, whose known questions are held against the turn."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """``weights`` of LIKENESS, SECTION and PLAIN."""

    weights: Mapping[str, float]

    def score(self, wording: Wording, section: float) -> float:
        """``section``: the score of the section that the wording is known of."""
        told = sum(self.weights[name] * getattr(wording, name) for name in (*LIKENESS, PLAIN))
        return float(told + self.weights[SECTION] * section)


@lru_cache(maxsize=1)
def default_rewording() -> Rewording:
    return Rewording(json.loads(resources.files("assistant").joinpath("rewording.json").read_text("utf-8"))["weights"])


@dataclass(frozen=True, slots=True)
class Meant:
    """A turn in its own words, what the rules made of it, the ``item`` of a list that it picked (if one), and as it is
    read in its conversation."""

    said: str
    by_rules: str
    item: str
    read: Contextual


def reworded(meant: Meant, ranked: Sequence[Candidate], search: HybridSearch) -> tuple[str, tuple[Candidate, ...]]:
    """The known question that asks what a turn means, and its sections with that first which the question is known of.

    It is of one of the first two; ``("", ranked)`` when nothing is known of the first, when none comes near, or when
    what the rules made of the turn comes nearer.
    """
    best = _best(meant, ranked, search)
    made = float(search.embed(meant.by_rules) @ meant.read.vector)
    if best is None or best[1].read < max(_LIKE, made - _AHEAD) or _has_no_answer(meant.read.told, ranked):
        return "", tuple(ranked)
    number, wording = best
    return wording.question, _led_by(number, ranked)


def wordings_of(candidate: Candidate, said: str, read: Contextual, search: HybridSearch) -> list[Wording]:
    """The questions known of a candidate's section, held against a turn in its own words and as it is read."""
    section = candidate.section
    place = (section.collection, section.document_id, section.index)
    return search.index.wordings(place, (search.embed(said), said), read.vector)


def _best(meant: Meant, ranked: Sequence[Candidate], search: HybridSearch) -> tuple[int, Wording] | None:
    """The wording that says best what is meant and leaves out nothing of it, and the number of its section."""
    found = [(number, wordings_of(one, meant.said, meant.read, search)) for number, one in enumerate(ranked[:SECTIONS])]
    if not found or not found[0][1]:
        return None
    model, query = default_rewording(), search.query(meant.said)
    scored = [
        (model.score(wording, ranked[number].score), number, wording)
        for number, wordings in found
        for wording in wordings
    ]
    scored.sort(key=lambda one: -one[0])
    fitting = (
        (number, wording) for _, number, wording in scored if _keeps(wording.question, ranked[number], meant, query)
    )
    return next(fitting, None)


def _keeps(asked: str, candidate: Candidate, meant: Meant, query: Query) -> bool:
    """Whether a known question, with its headings, speaks of every name that the turn says and of the item that it
    picked. One that compares is no answer to what does not."""
    present = stem_set(" ".join((candidate.title, *candidate.section.heading_path, asked)))
    named = [concept for concept in query.concepts if concept.is_name or not (concept.known or concept.plain)]
    return (
        bool(asked)
        and stem_set(meant.item) <= present
        and all(concept.in_stems(present) for concept in named)
        and (compares(meant.by_rules) or not compares(asked))
    )


def _has_no_answer(told: KnownQuestions, ranked: Sequence[Candidate]) -> bool:
    """Whether the turn is likelier one of those known to have no answer, or of a section without a known question, than
    any other in the collections that are searched."""
    searched = {candidate.section.collection for candidate in ranked}
    likely = max((chance for place, chance in told.chances.items() if place[0] in searched), default=0.0)
    return max(told.unanswered, told.elsewhere) > likely


def _led_by(number: int, ranked: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates with the numbered one first; the scores stay where they were."""
    order = [ranked[number], *ranked[:number], *ranked[number + 1 :]]
    return tuple(replace(candidate, score=was.score) for candidate, was in zip(order, ranked, strict=True))
