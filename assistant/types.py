"""The values that travel along the read path. Frozen and slotted; faces turn them into JSON, HTML or blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest.types import Chunk, Section

Status = Literal["answered", "partial", "not_found", "clarify"]
Rating = Literal["up", "down"]
Reason = Literal["wrong", "outdated", "not_found", "unsupported"]
"""Why an answer was voted down: wrong, outdated, in the documents but not found, or quotes that say something else."""
ModelPurpose = Literal["rewrite", "answer", "repair", "judge"]
ModelOutcome = Literal[
    "ok", "shortened", "rate_limited", "timed_out", "unavailable", "cut", "refused", "too_long", "unusable"
]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation: what was asked, what was searched, what was answered and cited."""

    question: str
    standalone_question: str
    answer: str
    status: Status
    cited: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(document id, heading path) of each citation, in order."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a face hands to the assistant."""

    text: str
    conversation_id: str | None = None
    collections: tuple[str, ...] | None = None
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    answer_id: str | None = None
    """The id that the answer will have, for who must find it again after a crash; None lets one be made."""
    exact: bool = False
    """Search for these words, whatever was said before: the person chose or corrected the question."""
    history: tuple[tuple[str, str], ...] = ()
    """(question, answer) pairs, oldest first, of a conversation that the asking program keeps itself."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk in its section. ``score`` is comparable within one question only; higher is better.

    ``dense`` is the cosine to the question, ``lexical`` the BM25 score (0.0 when that retriever did not find it),
    ``asked`` the cosine to the nearest question that the section is known to answer. ``told`` is the probability, by
    all known questions, that the section is asked for, ``unanswered`` that the question is one without an answer.
    """

    chunk: Chunk
    section: Section
    title: str
    url: str
    rank: int
    score: float
    dense: float = 0.0
    lexical: float = 0.0
    asked: float = 0.0
    told: float = 0.0
    unanswered: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote: ``document.text[start:end] == quote``, letter for letter.

    ``document_sha256`` is the document's content hash; the assistant fills it in when the answer is recorded.
    """

    number: int
    document: str
    collection: str
    title: str
    heading_path: tuple[str, ...]
    url: str
    quote: str
    start: int
    end: int
    score: float
    supported: bool
    page: int = 0
    """The page of the original, from 1; 0 where it has none."""
    original: str = ""
    """The web address of the original at the quoted place; empty where there is none."""
    document_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """A section that is near the question, offered when the documents do not answer it."""

    document: str
    collection: str
    title: str
    heading_path: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Check:
    """How one sentence of a chat model's answer held up against what it cites.

    ``[start, end)`` is its span in ``Answer.text``; ``reasons`` are short sentences for a person, empty when it is
    supported as it stands; ``citations`` are the numbers it carries.
    """

    start: int
    end: int
    supported: bool
    reasons: tuple[str, ...] = ()
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One use of a chat model. ``cost`` is in the currency of the configured prices, None when there are none."""

    purpose: ModelPurpose
    model: str
    outcome: ModelOutcome
    attempts: int
    input_tokens: int
    output_tokens: int
    milliseconds: float
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to an answer: when it began and how long it took, with what is worth knowing of it."""

    name: str
    began_ms: float
    milliseconds: float
    details: tuple[tuple[str, str | int | float | bool], ...] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back. ``text`` is Markdown with ``[1]`` marks that number ``citations``.

    ``checks`` are those of a chat model's sentences: an answer of quotes has none, since a quote bears itself out.
    ``generator`` names who wrote it; "extractive (openai:x failed)" when a chat model was asked in vain.
    """

    id: str
    conversation_id: str
    question: str
    standalone_question: str
    status: Status
    text: str
    citations: tuple[Citation, ...]
    related: tuple[Related, ...]
    hits: tuple[Hit, ...]
    generator: str
    index_generation: str
    confidence: float = 0.0
    choices: tuple[str, ...] = ()
    """For status "clarify": questions to choose from, each complete in itself; asked as they stand."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    model_calls: tuple[ModelCall, ...] = ()
    steps: tuple[Step, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class SourcesEvent:
    """First event of a stream: what was searched and what was retrieved."""

    standalone_question: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class TokenEvent:
    """A piece of the answer's Markdown; the pieces joined are ``Answer.text``."""

    text: str


@dataclass(frozen=True, slots=True)
class CitationEvent:
    citation: Citation


@dataclass(frozen=True, slots=True)
class DoneEvent:
    """Last event: the whole answer, recorded."""

    answer: Answer


AnswerEvent = SourcesEvent | TokenEvent | CitationEvent | DoneEvent
