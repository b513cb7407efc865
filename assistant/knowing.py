"""Knowing what is not known: the probability that the evidence answers the question.

A logistic model over a few signs of the evidence and their products, learned from the dev questions of evals/ and
the training questions (``knowing.json``). Two thresholds turn it into answered, partial and not found.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from assistant.compose.evidence import Evidence, defines
from assistant.ranking import likely
from assistant.words import GENERIC_WORDS, INTENT_WORDS, stem, stem_set


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for and against an answer, each about 0 to 1.

    ``cosine``, ``coverage``, ``heading_coverage`` and ``asked`` (the cosine to a question that a section is known to
    answer) are the best of the first three sections; ``unit_score``,
    ``unit_cosine`` and ``unit_covered`` those of the best units. ``spread`` is how far the nearest section is ahead of
    the tenth by cosine, ``margin`` the same by score against the fifth. ``unknown_name`` and ``unknown_plain`` are the
    weight of the question's words that the index has never seen: names of other things, and everyday words.
    ``aspect_missing`` is the weight of the asked words, names aside, that the best sections lack, ``key_missing`` that
    of the rarest one that none of them carries; ``name_missing`` the share of the names asked about that no section
    carries. ``brief`` is 1 for a question of one word and falls with each further one. ``agree`` is 1 when the first
    section is also the nearest by cosine. ``shape_fits`` is 1 when the best unit has what the kind of question calls
    for (a figure, steps, a definition), 0.5 when it calls for nothing. ``bare_missing`` is 1 when a short question
    asks one thing of something named ("what does Neptune cost?") and no good section speaks of it, or asks for one
    word that is only met in passing, and the known questions do not say otherwise. ``follows`` is 1 for a follow-up,
    whose words are partly the conversation's.
    """

    cosine: float
    coverage: float
    heading_coverage: float
    asked: float
    unit_score: float
    unit_cosine: float
    unit_covered: float
    spread: float
    margin: float
    unknown_name: float
    unknown_plain: float
    aspect_missing: float
    name_missing: float
    brief: float
    key_missing: float
    agree: float
    shape_fits: float
    bare_missing: float
    told: float = 0.0
    settled: float = 0.0
    follows: float = 0.0

    def as_dict(self) -> dict[str, float]:
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


@dataclass(frozen=True, slots=True)
class Model:
    """Logistic over signs and products of two ("asked*margin"). Signs are cut to the range they were learned in.

    ``answered`` and ``partial`` are probabilities from which a question is answered, and answered with reserve.
    """

    bias: float
    weights: Mapping[str, float]
    answered: float
    partial: float
    most: Mapping[str, float] = field(default_factory=dict)

    def probability(self, signs: Signs) -> float:
        """0 to 1: how likely a right answer lies in the evidence."""
        values = {name: min(value, self.most.get(name, 1.0)) for name, value in signs.as_dict().items()}
        total = self.bias
        for name, weight in self.weights.items():
            first, _, second = name.partition("*")
            total += weight * values[first] * (values[second] if second else 1.0)
        chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        # What was asked of the thing is nowhere near it: whatever else speaks for the evidence, it is no answer.
        return min(chance, self.partial / 2) if signs.bare_missing else chance


@dataclass(frozen=True, slots=True)
class Judge:
    """``known`` judges where questions are known that sections answer, ``told`` where so many are that a model was
    learned of them, ``plain`` where none is.

    Each model's own thresholds are moved to ``answered`` and ``partial``, so that one pair serves for both.
    """

    plain: Model
    known: Model | None = None
    told: Model | None = None
    answered: float = 0.6
    partial: float = 0.4

    def probability(self, signs: Signs) -> float:
        """0 to 1: how likely a right answer lies in the evidence."""
        model = self._model(signs)
        chance = model.probability(signs)
        return float(np.interp(chance, (0.0, model.partial, model.answered, 1.0), (0.0, 0.4, 0.6, 1.0)))

    def _model(self, signs: Signs) -> Model:
        if not signs.asked or self.known is None:
            return self.plain
        return self.told if self.told is not None and signs.settled else self.known


@lru_cache(maxsize=1)
def default_judge() -> Judge:
    loaded = json.loads(resources.files("assistant").joinpath("knowing.json").read_text("utf-8"))
    return Judge(_model(loaded["plain"]), _model(loaded["known"]), _model(loaded["told"]))


def _model(loaded: Mapping[str, Any]) -> Model:
    return Model(
        bias=float(loaded["bias"]),
        weights={str(name): float(weight) for name, weight in loaded["weights"].items()},
        answered=float(loaded["answered"]),
        partial=float(loaded["partial"]),
        most={str(name): float(value) for name, value in loaded["most"].items()},
    )


_GENERIC = frozenset(stem(word) for word in GENERIC_WORDS | INTENT_WORDS)


def signs_of(evidence: Evidence) -> Signs:
    query, hits = evidence.query, evidence.hits
    near = [source.hit for source in evidence.sections[:3]]
    if not near:
        return _NOTHING
    texts = [stem_set(hit.chunk.embed_text) for hit in near]
    heads = [stem_set(f"{hit.title} {' '.join(hit.section.heading_path)}") for hit in near]
    units = evidence.units[:5]
    names = [concept for concept in query.concepts if concept.is_name]
    aspects = [
        concept for concept in query.concepts if not concept.is_name and not (concept.alternatives[0] <= _GENERIC)
    ]
    weight = sum(concept.weight for concept in aspects)
    missing = sum(concept.weight for concept in aspects if not any(concept.in_stems(text) for text in texts[:2]))
    unknown = [concept for concept in query.concepts if not concept.known]
    named = stem_set(" ".join(mention.alias for mention in query.analysis.mentions))
    rest = [concept for concept in aspects if not concept.alternatives[0] <= named]
    heard = any(concept.in_stems(text) for concept in rest for text in texts)
    bare = bool(named) and 0 < len(rest) <= 2 and not heard
    # One word that stands somewhere in passing: "how do I get my invoice?" and an example table of invoices.
    headed = any(concept.in_stems(head) for concept in aspects for head in heads)
    bare = bare or (not names and len(aspects) == 1 and not headed and max(hit.dense for hit in near) < _IN_PASSING)
    bare = bare and max(hit.asked for hit in near) < _ASKED_BEFORE
    told = max((hit.told for hit in near if hit.asked), default=0.0)
    settled = told / (told + near[0].unanswered) if told else 0.0
    bare = bare and settled < _SETTLED
    # A follow-up brings words of the conversation along, which are found somewhere whatever is asked.
    as_read = evidence.settled < _HOPELESS_AS_READ and settled < _SETTLED
    bare = bare or (evidence.follows and (0.0 < settled < _HOPELESS or as_read))
    return Signs(
        cosine=max(hit.dense for hit in near),
        coverage=max(query.coverage(text) for text in texts),
        heading_coverage=max(query.coverage(head) for head in heads),
        asked=max(hit.asked for hit in near) or _HARDLY * any(hit.asked for hit in hits),
        unit_score=units[0].score - units[0].led if units else 0.0,
        unit_cosine=max((scored.cosine for scored in units), default=0.0),
        unit_covered=max((scored.covered for scored in units), default=0.0),
        spread=max(0.0, max(hit.dense for hit in near) - hits[-1].dense),
        margin=max(0.0, near[0].score - hits[min(4, len(hits) - 1)].score),
        unknown_name=sum(concept.weight for concept in unknown if not concept.plain) / query.weight,
        unknown_plain=sum(concept.weight for concept in unknown if concept.plain) / query.weight,
        aspect_missing=missing / weight if weight else 0.0,
        name_missing=sum(not any(name.in_stems(text) for text in texts) for name in names) / len(names) if names else 0,
        brief=1 / max(1, len(query.concepts)),
        key_missing=max(
            (concept.weight for concept in aspects if not any(concept.in_stems(text) for text in texts)), default=0.0
        )
        / query.weight,
        agree=float(near[0].dense >= max(hit.dense for hit in hits)),
        shape_fits=_shape_fits(evidence),
        bare_missing=float(bare),
        told=likely(told),
        settled=settled,
        follows=float(evidence.follows),
    )


def _shape_fits(evidence: Evidence) -> float:
    kind, best = evidence.query.analysis.kind, evidence.best
    if best is None:
        return 0.0
    if kind == "value":
        return float(any(character.isdigit() for character in best.unit.text))
    if kind == "steps":
        return float(any(part.ordered for part in best.source.parts.lists))
    if kind == "definition":
        return float(defines(evidence.query, best.unit.text))
    return 0.5


_ASKED_BEFORE = 0.85
"""Cosine from which a section is known to answer a like question, whatever its words."""
_SETTLED = 0.5
"""Chance of the likeliest section over it and that of there being no answer, from which missing words prove nothing."""
_HOPELESS = 0.06
"""The same chance, below which a follow-up has no answer: of 689 that have one in the dev and training conversations, 8
come below 0.05."""
_HOPELESS_AS_READ = 0.05
"""That of the turn as it is read in its conversation, where its written-out form does not say otherwise: of 209 dev
follow-ups that have an answer, one comes below."""
_IN_PASSING = 0.35
"""Cosine below which a section that has the one word asked for is about something else."""
_HARDLY = 1e-6
"""Where questions are known and none is like this one: not the same as an index that knows of none."""
_NOTHING = Signs(**{entry.name: 0.0 for entry in fields(Signs)})
