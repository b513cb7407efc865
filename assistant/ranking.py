"""The ranking model: one number per candidate from what both retrievers, the headings and the names say of it.

Linear over a dozen features on absolute scales, so a weak lexical match stays weak instead of being stretched to
the top of its list (the fault of reciprocal-rank and min-max fusion). The weights are a small JSON file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Features:
    """Evidence that one chunk speaks to the question. All about 0 to 1.

    ``cosine``: question and chunk vectors. ``coverage``: idf-weighted share of the question's concepts found in
    the chunk or its headings. ``heading_coverage``: the same in title and headings alone. ``leaf_match``: share of
    the last heading's words that the question uses. ``bm25``: BM25 over what an ideal chunk could reach.
    ``adjacency``: share of neighbouring question words that are neighbours here. ``name_in_heading``: share of
    the names asked about that head the section; ``name_missing``: share that the chunk never mentions.
    ``support``: how well the section's and the document's other chunks do. ``link_density``: share of the
    text that is links. ``outline``: 1 for a bare heading.
    ``opening``: 1 for the text under a document's title, which speaks of everything and settles little.
    ``stance``: whether the heading tells when to or when not to as the question asks, -1 to 1.
    ``asked``: the cosine to the nearest question that the section is known to answer; ``asked_rank`` is 1 for the
    nearest of all and 1/2 for the second; ``asked_near`` is what ``asked`` has above 0.65, where two questions
    mostly mean the same. ``asked_gap`` and ``asked_rank_gap`` are these times the share of the
    question's words that no candidate covers: the less the words can tell, the more meaning has to.
    ``asked_share``: the share of the section in the questions nearest of all, each weighed by how near it is, so that
    several of one section speak together; ``asked_share_gap`` is that times the gap.
    ``told``: the probability, by all known questions, that this one asks for the section; ``told_likely`` is its
    logarithm, 0 from one in a thousand down and 1 for certain; ``told_gap`` and ``told_likely_gap`` are these times the
    gap.
    ``dense_rank`` and ``lexical_rank``: 1 for the first of that retriever, 1/2 for the second, 0 when not found.
    """

    cosine: float = 0.0
    coverage: float = 0.0
    heading_coverage: float = 0.0
    leaf_match: float = 0.0
    bm25: float = 0.0
    adjacency: float = 0.0
    name_in_heading: float = 0.0
    name_missing: float = 0.0
    support: float = 0.0
    link_density: float = 0.0
    outline: float = 0.0
    opening: float = 0.0
    stance: float = 0.0
    asked: float = 0.0
    asked_rank: float = 0.0
    asked_near: float = 0.0
    asked_gap: float = 0.0
    asked_rank_gap: float = 0.0
    asked_share: float = 0.0
    asked_share_gap: float = 0.0
    told: float = 0.0
    told_gap: float = 0.0
    told_likely: float = 0.0
    told_likely_gap: float = 0.0
    dense_rank: float = 0.0
    lexical_rank: float = 0.0

    def as_dict(self) -> dict[str, float]:
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


_SAME_MEANING = 0.65
_HARDLY = 0.001


def likely(chance: float) -> float:
    """A probability by its logarithm: 1 for certain, 0 for one in a thousand and less."""
    return 1 - math.log(max(chance, _HARDLY)) / math.log(_HARDLY)


def with_gap(found: Mapping[str, float], gap: float) -> Features:
    """Features of what was ``found`` of a candidate, by their names; made once for each, since a search makes hundreds.

    ``gap``: share, 0 to 1, of the question's words that the candidate with the most of them still lacks.
    """
    told = likely(found["told"])
    return Features(
        **found,
        asked_near=max(0.0, found["asked"] - _SAME_MEANING),
        asked_gap=found["asked"] * gap,
        asked_rank_gap=found["asked_rank"] * gap,
        asked_share_gap=found["asked_share"] * gap,
        told_gap=found["told"] * gap,
        told_likely=told,
        told_likely_gap=told * gap,
    )


@dataclass(frozen=True, slots=True)
class Ranking:
    """``told``: the weights where a model of known questions tells how likely each section is asked for."""

    weights: Mapping[str, float]
    told: Mapping[str, float] = field(default_factory=dict)

    def where(self, told: bool) -> Ranking:
        """The ranking for one question."""
        return Ranking(self.told) if told and self.told else self

    def score(self, features: Features) -> float:
        """Higher is better; comparable within one question."""
        return float(sum(weight * getattr(features, name) for name, weight in self.weights.items()))


@lru_cache(maxsize=1)
def default_ranking() -> Ranking:
    loaded = json.loads(resources.files("assistant").joinpath("ranking.json").read_text("utf-8"))
    return Ranking(_weights(loaded["weights"]), _weights(loaded["told"]))


def _weights(loaded: Mapping[str, float]) -> dict[str, float]:
    known = {entry.name for entry in fields(Features)}
    # A weight of nothing costs time and says nothing.
    return {name: float(weight) for name, weight in loaded.items() if name in known and weight}
