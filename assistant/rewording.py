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
from assistant.search import Candidate, HybridSearch
from assistant.words import stem_set
from ingest.types import Wording

LIKENESS, SECTION, PLAIN = ("read", "alone", "read_middle", "alone_middle", "shared", "words"), "section", "plain"
"""What is weighed: how like a wording is to the turn, how its section ranks, and how plain it is. The last weight is
set by hand: of two questions that ask the same, the one in the documents' words is better to read."""
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

    It is of one of the first two; ``("", ranked)`` when none comes near, or when what the rules made of the turn comes
    nearer.
    """
    told = meant.read.told
    if told.unanswered > max(told.chances.values(), default=0.0):
        return "", tuple(ranked)
    model = default_rewording()
    found = [
        (model.score(wording, candidate.score), number, wording)
        for number, candidate in enumerate(ranked[:SECTIONS])
        for wording in _wordings(meant, candidate, search)
    ]
    if not found:
        return "", tuple(ranked)
    _, number, best = max(found, key=lambda one: one[0])
    made = float(search.embed(meant.by_rules) @ meant.read.vector)
    if best.read < max(_LIKE, made - _AHEAD):
        return "", tuple(ranked)
    return best.question, _led_by(number, ranked)


def _wordings(meant: Meant, candidate: Candidate, search: HybridSearch) -> list[Wording]:
    section = candidate.section
    place = (section.collection, section.document_id, section.index)
    wordings = search.index.wordings(place, (search.embed(meant.said), meant.said), meant.read.vector)
    # A table of two things is no answer to what asks of one, nor one item of a list to what asks of another.
    compared, item = compares(meant.by_rules), stem_set(meant.item)
    headings = " ".join((candidate.title, *section.heading_path))
    return [
        wording
        for wording in wordings
        if (compared or not compares(wording.question)) and item <= stem_set(f"{headings} {wording.question}")
    ]


def _led_by(number: int, ranked: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates with the numbered one first; the scores stay where they were."""
    order = [ranked[number], *ranked[:number], *ranked[number + 1 :]]
    return tuple(replace(candidate, score=was.score) for candidate, was in zip(order, ranked, strict=True))
