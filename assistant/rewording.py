"""A follow-up in other people's words: the question, known of the section it leads to, that asks what it means.

Rules can only repeat the words of a conversation ("how many can we create (Athena workgroups good)?"). Where many
questions are known, somebody has asked in full what the turn means. Once its section is found, the question there that
comes nearest says which sentence answers and what shape the answer has, and can be shown. What is weighed is learned
(``python -m evals.train_rewording``), in a small JSON file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from assistant.analysis import compares
from assistant.contextual import Contextual
from assistant.search import HybridSearch
from ingest.types import Wording

Place = tuple[str, str, int]
"""Collection, document id, section index."""

LEARNED = ("read", "alone", "read_middle", "alone_middle", "shared", "words")
PLAIN = "plain"
"""Its weight is set by hand: of two questions that ask the same, the one in the documents' words is better to read."""
_LIKE = 0.5
"""Cosine, to the turn as read in its conversation, from which a known question may stand for it."""
_AHEAD = 0.2
"""A rule's question that is by so much nearer says it better."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """``weights`` of what a ``Wording`` tells: of ``LEARNED`` and of ``PLAIN``."""

    weights: Mapping[str, float]

    def score(self, wording: Wording) -> float:
        return float(sum(weight * getattr(wording, name) for name, weight in self.weights.items()))


@lru_cache(maxsize=1)
def default_rewording() -> Rewording:
    return Rewording(json.loads(resources.files("assistant").joinpath("rewording.json").read_text("utf-8"))["weights"])


@dataclass(frozen=True, slots=True)
class Meant:
    """A turn in its own words, what the rules made of it, and as it is read in its conversation."""

    said: str
    by_rules: str
    read: Contextual


def reworded(meant: Meant, place: Place, search: HybridSearch) -> str:
    """The known question of the section at ``place`` that asks what a turn means; "" when none comes near, or when what
    the rules made of the turn comes nearer."""
    read = meant.read
    wordings = search.index.wordings(place, (search.embed(meant.said), meant.said), read.vector)
    if not compares(meant.by_rules):  # a table of two things is no answer to what asks of one
        wordings = [wording for wording in wordings if not compares(wording.question)]
    if not wordings or read.told.unanswered > read.told.chance(place):
        return ""
    best = max(wordings, key=default_rewording().score)
    made = float(search.embed(meant.by_rules) @ read.vector)
    return best.question if best.read >= max(_LIKE, made - _AHEAD) else ""
