"""Knowing what is not known: the probability that the evidence answers the question.

A logistic model over a few features of the evidence, trained on the dev questions of evals/ (``knowing.json``).
Two thresholds turn it into answered, partial and not found.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources

from assistant.compose.evidence import Evidence
from assistant.words import GENERIC_WORDS, stem, stem_set


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for and against an answer, each about 0 to 1.

    ``cosine`` and ``coverage`` are those of the best hit; ``unit_score`` and ``unit_covered`` those of the best
    unit; ``unknown`` is the weight of the question's words that the index has never seen; ``aspect_missing`` the
    weight of the asked words, names aside, that the best section lacks; ``name_missing`` the share of the names
    asked about that no hit carries; ``margin`` how far the best hit is ahead of the fifth. ``bare_missing`` is 1 when a
    short question asks one thing of something named ("what does Neptune cost?") and no good section speaks of it.
    """

    cosine: float
    coverage: float
    unit_score: float
    unit_cosine: float
    unit_covered: float
    unknown: float
    aspect_missing: float
    name_missing: float
    margin: float
    bare_missing: float

    def as_dict(self) -> dict[str, float]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Judge:
    bias: float
    weights: Mapping[str, float]
    answered: float
    partial: float

    def probability(self, signs: Signs) -> float:
        """0 to 1: how likely a right answer lies in the evidence."""
        total = self.bias + sum(weight * getattr(signs, name) for name, weight in self.weights.items())
        chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        # What was asked of the thing is nowhere near it: whatever else speaks for the evidence, it is no answer.
        return min(chance, self.partial / 2) if signs.bare_missing else chance


@lru_cache(maxsize=1)
def default_judge() -> Judge:
    loaded = json.loads(resources.files("assistant").joinpath("knowing.json").read_text("utf-8"))
    known = {field.name for field in fields(Signs)}
    return Judge(
        bias=float(loaded["bias"]),
        weights={name: float(weight) for name, weight in loaded["weights"].items() if name in known},
        answered=float(loaded["answered"]),
        partial=float(loaded["partial"]),
    )


_GENERIC = frozenset(stem(word) for word in GENERIC_WORDS)


def signs_of(evidence: Evidence) -> Signs:
    query, hits = evidence.query, evidence.hits
    if not hits:
        return Signs(0, 0, 0, 0, 0, 1.0, 1.0, 1.0, 0, 0)
    texts = [stem_set(f"{hit.chunk.embed_text}") for hit in hits[:3]]
    best = evidence.best
    names = [concept for concept in query.concepts if concept.is_name]
    aspects = [
        concept for concept in query.concepts if not concept.is_name and not (concept.alternatives[0] <= _GENERIC)
    ]
    weight = sum(concept.weight for concept in aspects)
    missing = sum(concept.weight for concept in aspects if not any(concept.in_stems(text) for text in texts[:2]))
    unknown = sum(concept.weight for concept in query.concepts if not concept.known)
    named = stem_set(" ".join(mention.alias for mention in query.analysis.mentions))
    rest = [concept for concept in aspects if not concept.alternatives[0] <= named]
    heard = any(concept.in_stems(text) for concept in rest for text in texts)
    bare = bool(named) and 0 < len(rest) <= 2 and not heard
    fifth = hits[min(4, len(hits) - 1)].score
    return Signs(
        cosine=max(hit.dense for hit in hits[:3]),
        coverage=max(query.coverage(text) for text in texts),
        unit_score=best.score if best else 0.0,
        unit_cosine=max((scored.cosine for scored in evidence.units[:3]), default=0.0),
        unit_covered=best.covered if best else 0.0,
        unknown=unknown / query.weight,
        aspect_missing=missing / weight if weight else 0.0,
        name_missing=sum(not any(name.in_stems(text) for text in texts) for name in names) / len(names) if names else 0,
        margin=max(0.0, hits[0].score - fifth),
        bare_missing=float(bare),
    )
