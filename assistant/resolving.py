"""Which reading of a follow-up is meant: every reading is searched, and what the index holds decides.

A logistic model says how much the turn leans on the conversation; a linear one ranks the sections that the readings
found, where those near what was cited before count for more, and those that the index's known follow-ups make likely,
where it has some. Both are a small JSON file, learned from the dev
conversations (``python -m evals.train_followups``). A turn that does not lean is searched as it stands.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import takewhile

from assistant.analysis import strip_lead_in
from assistant.compose.subject import speaks_of_asked
from assistant.contextual import Contextual, contextual
from assistant.query import Query
from assistant.ranking import Features, likely
from assistant.readings import Reading, readings
from assistant.references import find_reference
from assistant.rewording import Meant, reworded
from assistant.search import CANDIDATES, Candidate, HybridSearch, Known, best_per_section
from assistant.subjects import is_subject
from assistant.types import Turn
from assistant.words import content_words, stem_set
from ingest.types import KnownQuestions, Scope, Section

Place = tuple[str, str, int]
"""Collection, document id, section index."""

LEANS, SURELY = 0.2, 0.5
"""From the first, what the conversation suggests is weighed too; from the second, the question shown says so."""
_CLEARLY = 3
"""Ranks by which the question in its context has to be ahead of one that the rules completed."""
_ENOUGH_WORDS = 3
"""Content words from which a turn can be complete."""
_UNSEEN = 0.03
"""A section that a reading did not propose scores this much less than the worst that it did."""
_LED = 8
"""Sections looked at because known follow-ups make them likely."""
_SCALE = 0.2
"""Scores are not spread wider than this, however little the readings weigh beside the rest: the confidence was learned
of such."""
_UNKNOWN = Features()
_CONNECTIVE = re.compile(
    r"(?:and|but|so|or|then|also|even|only|just|same|no|sorry|actually|with|without|for|in|since|until|what about"
    r"|how about|how come)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Leaning:
    """Signs that a turn means more than it says, each about 0 to 1.

    ``named``: it names a thing of its own, ``product``: one that carries a conversation; ``pointer``: "it", "there",
    "the former"; ``connective``: it begins with "and", "but"; ``length``: content words, up to eight; ``unknown``:
    share of its words that the index has never seen. The rest is of the best section for the words alone: the cosine,
    the share of the question that it carries, the same in its headings; and the cosine for the turn in its context.
    """

    named: float
    product: float
    pointer: float
    connective: float
    length: float
    short: float
    unknown: float
    cosine: float
    coverage: float
    heading_coverage: float
    carried_cosine: float


@dataclass(frozen=True, slots=True)
class Context:
    """How a section found lies to what was cited: 1 the same, 0 another document, in between by shared headings.

    ``first``: to the latest answer's first citation, ``other``: to its others, ``older``: to those of earlier turns;
    ``repeated``: 1 for a section that the latest answer cited; ``folder``: share of the folders of its path that the
    latest cited document is in too.
    ``asked_alone`` and ``asked_carried``: the cosine of the question alone, and of it within the one before, to the
    nearest question that the section is known to answer; ``told_alone`` and ``told_carried``: how likely the known
    questions make the section for either (see ``ranking.likely``); ``told_after`` is what those that follow others
    make it, for the turn after the question before. ``contextual``: the cosine of the section to the turn as the
    encoder reads it in its conversation; ``told_contextual``: how likely the known questions make the section for
    that. ``strange``: 1 when the turn itself names a product of which the section does not speak.
    """

    first: float = 0.0
    other: float = 0.0
    older: float = 0.0
    repeated: float = 0.0
    folder: float = 0.0
    asked_alone: float = 0.0
    asked_carried: float = 0.0
    told_alone: float = 0.0
    told_carried: float = 0.0
    told_after: float = 0.0
    contextual: float = 0.0
    told_contextual: float = 0.0
    strange: float = 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A section that some reading found: its score under each reading, in the order of the readings."""

    candidate: Candidate
    scores: tuple[float, ...]
    context: Context

    def score(self, learned: Weights, leaning: float) -> float:
        """About on the scale of the readings' own scores."""
        alone, filled, carried = self.scores
        context = float(sum(weight * getattr(self.context, name) for name, weight in learned.context.items()))
        weights = (
            learned.readings["alone"] * leaning + learned.alone * (1 - leaning),
            learned.readings["filled"] * leaning,
            learned.readings["carried"] * leaning,
        )
        total = weights[0] * alone + weights[1] * filled + weights[2] * carried + leaning * context
        return total / max(sum(weights), _SCALE)


@dataclass(frozen=True, slots=True)
class Weights:
    """Rank what a turn found: by each of the ``readings`` and its ``context`` as far as it leans, and by what the turn
    says ``alone`` as far as it does not."""

    alone: float
    readings: Mapping[str, float]
    context: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Followups:
    """The learned part. ``leaning`` weighs Leaning; ``followed`` are the weights where known follow-ups tell how likely
    each section is, ``plain`` those where none are known, ``unread`` those where the encoder cannot read turns."""

    bias: float
    leaning: Mapping[str, float]
    unread: Weights
    plain: Weights
    followed: Weights

    def leans(self, signs: Leaning) -> float:
        """How likely, 0 to 1, the turn is incomplete without the conversation."""
        total = self.bias + float(sum(weight * getattr(signs, name) for name, weight in self.leaning.items()))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=1)
def default_followups() -> Followups:
    loaded = json.loads(resources.files("assistant").joinpath("followups.json").read_text("utf-8"))
    weights = {name: Weights(**loaded[name]) for name in ("unread", "plain", "followed")}
    return Followups(loaded["bias"], loaded["leaning"], **weights)


@dataclass(frozen=True, slots=True)
class Looked:
    """A turn with its readings, what they found, and how it leans; ``followed``: known follow-ups were asked too;
    ``read``: what the encoder has read in its conversation, if it can."""

    readings: tuple[Reading, ...]
    found: tuple[tuple[Candidate, ...], ...]
    signs: Leaning
    proposals: tuple[Proposal, ...]
    followed: bool
    read: Contextual | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The standalone question, and its sections ranked in the light of the conversation (none: search it anew)."""

    text: str
    ranked: tuple[Candidate, ...] = ()


def resolve(
    question: str,
    turns: Sequence[Turn],
    search: HybridSearch,
    scope: Scope,
    model: Followups | None = None,
    *,
    known: Known = "all",
) -> Resolved:
    """What a turn means after these turns (oldest first). ``known``: see ``HybridSearch.candidates``."""
    model = model or default_followups()
    made = readings(question, turns, search.names)
    if len(made) == 1:
        return Resolved(made[0].text)
    looked = look(question, made, turns, search, scope, known)
    leaning = leans(looked, model)
    if leaning < LEANS or _is_asked_alone(looked):
        return Resolved(made[0].text, looked.found[0])
    ranked = ranked_by(model, looked, leaning)
    text = _chosen(looked, ranked, leaning)
    if looked.read is None or not ranked or text == made[0].text or known != "all":
        return Resolved(text, ranked)
    known_as, ranked = reworded(Meant(made[0].text, text, made[1].item, looked.read), ranked, search)
    return Resolved(known_as or text, ranked)


def leans(looked: Looked, model: Followups) -> float:
    """How likely, 0 to 1, the turn is incomplete without the conversation; one that points at it surely is."""
    return max(model.leans(looked.signs), SURELY if looked.signs.pointer else 0.0)


def ranked_by(model: Followups, looked: Looked, leaning: float) -> tuple[Candidate, ...]:
    """The sections that the readings found, best first, in the light of the conversation."""
    weights = (model.followed if looked.followed else model.plain) if looked.read else model.unread
    scored = [(proposal.score(weights, leaning), proposal) for proposal in looked.proposals]
    scored.sort(key=lambda pair: (-pair[0], pair[1].candidate.chunk.id))
    return tuple(replace(proposal.candidate, score=score) for score, proposal in scored)


def look(
    question: str,
    made: tuple[Reading, ...],
    turns: Sequence[Turn],
    search: HybridSearch,
    scope: Scope,
    known: Known = "all",
) -> Looked:
    """Searches every reading; the first is the question alone, the last the one in its context."""
    before = turns[-1].standalone_question
    after = search.after(made[0].text, before, made[-1].text) if known == "all" else None
    read = contextual(question, turns, search, scope, known)
    also = tuple(dict.fromkeys([*(after.led[:_LED] if after else ()), *(read.proposed if read else ())]))
    by_text: dict[str, tuple[Candidate, ...]] = {}
    for reading in made:
        if reading.text not in by_text:
            # A reading is no good question: what is meant may stand far down.
            candidates = search.candidates(search.query(reading.text), scope, known=known, pool=CANDIDATES, also=also)
            by_text[reading.text] = tuple(best_per_section(candidates))
    found = tuple(by_text[reading.text] for reading in made)
    return Looked(
        made,
        found,
        _signs(strip_lead_in(question), made[0].text, found, search),
        tuple(_proposals(found, turns, search, search.query(made[0].text), (after, read))),
        after is not None,
        read,
    )


def _is_asked_alone(looked: Looked) -> bool:
    """Whether the turn says all that the heading of the best section for it alone says, and points at nothing said
    before: "Which AWS databases are serverless?" is complete wherever it is asked."""
    said = looked.readings[0].text
    if looked.signs.pointer or len(content_words(said)) < _ENOUGH_WORDS:
        return False
    return any(
        stem_set(" ".join(content_words(best.section.heading))) <= stem_set(said) for best in looked.found[0][:1]
    )


def _signs(said_as: str, text: str, found: Sequence[Sequence[Candidate]], search: HybridSearch) -> Leaning:
    query = search.query(text)
    own = [mention for mention in query.analysis.mentions if is_subject(mention)]
    best = found[0][0].features if found[0] else None
    carried = found[-1][0].features if found[-1] else None
    said = len(content_words(text))
    return Leaning(
        named=float(bool(own)),
        product=float(any(mention.name.is_product for mention in own)),
        pointer=float(find_reference(text, ("one", "other")) is not None),
        connective=float(bool(_CONNECTIVE.match(said_as))),
        length=min(said, 8) / 8,
        short=float(said <= 2),
        unknown=sum(concept.weight for concept in query.concepts if not concept.known) / query.weight,
        cosine=best.cosine if best else 0.0,
        coverage=best.coverage if best else 0.0,
        heading_coverage=best.heading_coverage if best else 0.0,
        carried_cosine=carried.cosine if carried else 0.0,
    )


def _proposals(
    found: Sequence[Sequence[Candidate]],
    turns: Sequence[Turn],
    search: HybridSearch,
    alone: Query,
    learned: tuple[KnownQuestions | None, Contextual | None],
) -> list[Proposal]:
    after, read = learned
    candidates: dict[Place, Candidate] = {}
    by_reading: list[dict[Place, float]] = []
    features: list[dict[Place, Features]] = []
    for proposed in found:
        by_reading.append({_place(candidate): candidate.score for candidate in proposed})
        features.append({_place(candidate): candidate.features for candidate in proposed})
        for candidate in proposed:
            best = candidates.setdefault(_place(candidate), candidate)
            if candidate.score > best.score:
                candidates[_place(candidate)] = candidate
    cosines = _cosines(list(candidates.values()), search, read)
    lowest = [min(scores.values(), default=0.0) - _UNSEEN for scores in by_reading]
    return [
        Proposal(
            candidate,
            tuple(scores.get(place, low) for scores, low in zip(by_reading, lowest, strict=True)),
            replace(
                context_of(candidate.section, turns),
                asked_alone=features[0].get(place, _UNKNOWN).asked,
                asked_carried=features[-1].get(place, _UNKNOWN).asked,
                told_alone=features[0].get(place, _UNKNOWN).told_likely,
                told_carried=features[-1].get(place, _UNKNOWN).told_likely,
                told_after=likely(after.chance(place)) if after else 0.0,
                contextual=cosine,
                told_contextual=likely(read.told.chance(place)) if read else 0.0,
                strange=float(not speaks_of_asked(alone, stem_set(f"{candidate.title} {candidate.chunk.embed_text}"))),
            ),
        )
        for (place, candidate), cosine in zip(candidates.items(), cosines, strict=True)
    ]


def _cosines(candidates: Sequence[Candidate], search: HybridSearch, read: Contextual | None) -> list[float]:
    """Of the candidates' chunks to the turn in its conversation."""
    if read is None or not candidates:
        return [0.0] * len(candidates)
    rows = search.index.vectors([candidate.chunk.id for candidate in candidates])
    return [max(0.0, float(cosine)) for cosine in rows @ read.vector]


def _place(candidate: Candidate) -> Place:
    return candidate.chunk.collection, candidate.chunk.document_id, candidate.section.index


def context_of(section: Section, turns: Sequence[Turn]) -> Context:
    cited = turns[-1].cited
    older = [place for turn in turns[:-1] for place in turn.cited]
    return Context(
        first=max((_nearness(section, place) for place in cited[:1]), default=0.0),
        other=max((_nearness(section, place) for place in cited[1:]), default=0.0),
        older=max((_nearness(section, place) for place in older), default=0.0),
        repeated=float(any(_nearness(section, place) == 1.0 for place in cited)),
        folder=max((_shared_folders(section.document_id, document) for document, _ in cited[:1]), default=0.0),
    )


def _shared_folders(mine: str, other: str) -> float:
    """Share, 0 to 1, of the longer path's folders that both documents lie in; 0 for documents at the top."""
    here, there = mine.split("/")[:-1], other.split("/")[:-1]
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(here, there, strict=False)))
    return shared / max(len(here), len(there), 1)


def _nearness(section: Section, place: tuple[str, tuple[str, ...]]) -> float:
    document, path = place
    if section.document_id != document:
        return 0.0
    shared = 0
    for mine, cited in zip(section.heading_path, path, strict=False):
        if mine != cited:
            break
        shared += 1
    longest = max(len(section.heading_path), len(path))
    return (1 + shared) / (1 + longest)


def _chosen(looked: Looked, ranked: Sequence[Candidate], leaning: float) -> str:
    """The reading that comes nearest to what all of them together found; the completed one when they draw.

    Where the rules could only hang a subject on the end, the words of what was cited say more.
    """
    if not ranked or looked.readings[1].item:
        return looked.readings[1].text
    best = _place(ranked[0])

    def rank(reading: int) -> int:
        places = [_place(candidate) for candidate in looked.found[reading]]
        return places.index(best) if best in places else len(places)

    near = any(proposal.context.first for proposal in looked.proposals if _place(proposal.candidate) == best)
    if leaning < SURELY and not near:
        return looked.readings[0].text
    hung = looked.readings[1].hung
    ahead = rank(1) - rank(2)
    return looked.readings[2 if ahead > (0 if hung else _CLEARLY) or (hung and rank(2) <= 1) else 1].text
