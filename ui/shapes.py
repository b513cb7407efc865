"""The JSON that other programs rely on: the same for the HTTP API and for ``--json`` on the command line.

Fields are added, never dropped or renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from assistant.links import source_url
from assistant.types import Answer, Check, Citation, Hit, ModelCall, Related
from ingest.index import DocumentSummary
from ingest.types import Document, Section

if TYPE_CHECKING:
    from ui.renderings.answers import Rendering


class CitationShape(BaseModel):
    number: int
    document: str
    collection: str
    title: str
    heading_path: list[str]
    url: str = Field(description="Opens the document with the quoted words highlighted; relative to this server.")
    quote: str = Field(description="The document's text from start to end, letter for letter.")
    start: int = Field(description="Offset in Unicode code points of the document's text.")
    end: int
    score: float
    supported: bool = Field(description="Whether the quote was checked to bear out the statement.")
    page: int | None = Field(None, description="The page of the original, from 1; null where it has none.")
    original: str | None = Field(None, description="Opens the original at the quoted place; null where it has none.")


class RelatedShape(BaseModel):
    document: str
    collection: str
    title: str
    heading_path: list[str]
    url: str


class RenderingShape(BaseModel):
    """The answer as finished text, for who asked for a ``format``."""

    format: Literal["markdown", "mrkdwn", "text"]
    text: str = Field(description="What the answer says, then its sources or the nearest sections, with links.")
    parts: list[str] = Field(description="The same, cut into pieces of at most 3,000 characters, Slack's block limit.")


class CheckShape(BaseModel):
    """How one sentence of a chat model's answer held up; answers of quotes have none."""

    text: str
    start: int = Field(description="Offset of the sentence in answer, in Unicode code points.")
    end: int
    supported: bool
    reasons: list[str] = Field(description="What was found against it, in words.")
    citations: list[int]


class ModelCallShape(BaseModel):
    purpose: Literal["rewrite", "answer", "repair", "judge"]
    model: str
    outcome: Literal[
        "ok", "shortened", "rate_limited", "timed_out", "unavailable", "cut", "refused", "too_long", "unusable"
    ]
    attempts: int
    input_tokens: int
    output_tokens: int
    milliseconds: float
    cost: float | None = Field(description="At the configured prices; null when there are none.")


class AnswerShape(BaseModel):
    id: str
    conversation_id: str
    question: str
    standalone_question: str = Field(description="The question that was searched, made complete from the history.")
    status: Literal["answered", "partial", "not_found", "clarify"]
    answer: str = Field(description="Markdown with [1] marks that number the citations.")
    citations: list[CitationShape]
    related: list[RelatedShape]
    generator: str
    index_generation: str
    confidence: float
    choices: list[str] = Field([], description="Where the question has several readings: questions to choose from.")
    timings_ms: dict[str, float]
    rendering: RenderingShape | None = Field(
        None, description="Only where the request named a format.", exclude_if=lambda value: value is None
    )
    checks: list[CheckShape] = Field([], description="The sentences of a chat model, checked; empty for quotes.")
    model_calls: list[ModelCallShape] = Field([], description="What was asked of a chat model, and what it used.")


class HitShape(BaseModel):
    document: str
    collection: str
    title: str
    heading_path: list[str]
    url: str
    text: str
    start: int
    end: int
    score: float


class SearchShape(BaseModel):
    hits: list[HitShape]


class SourcesShape(BaseModel):
    """Data of the stream's first event."""

    standalone_question: str
    hits: list[HitShape]


class DocumentShape(BaseModel):
    id: str
    collection: str
    title: str
    summary: str
    url: str
    source_url: str
    media_type: str
    content_hash: str
    sections: int
    chunks: int
    characters: int
    ingested: str


class DocumentsShape(BaseModel):
    documents: list[DocumentShape]
    total: int
    index_generation: str


class SectionShape(BaseModel):
    heading_path: list[str]
    anchor: str
    level: int
    kind: Literal["document", "heading", "pseudo"]
    start: int
    end: int
    url: str


class DocumentDetailShape(BaseModel):
    id: str
    collection: str
    title: str
    url: str
    source_url: str
    media_type: str
    content_hash: str
    characters: int
    metadata: dict[str, str | list[str]]
    sections: list[SectionShape]


def answer_shape(answer: Answer, rendering: Rendering | None = None) -> AnswerShape:
    return AnswerShape(
        id=answer.id,
        conversation_id=answer.conversation_id,
        question=answer.question,
        standalone_question=answer.standalone_question,
        status=answer.status,
        answer=answer.text,
        citations=[citation_shape(citation) for citation in answer.citations],
        related=[related_shape(related) for related in answer.related],
        generator=answer.generator,
        index_generation=answer.index_generation,
        confidence=answer.confidence,
        choices=list(answer.choices),
        timings_ms={stage: round(spent, 2) for stage, spent in answer.timings_ms.items()},
        rendering=rendering
        and RenderingShape(format=rendering.format, text=rendering.text, parts=list(rendering.parts)),
        checks=[check_shape(check, answer.text) for check in answer.checks],
        model_calls=[model_call_shape(call) for call in answer.model_calls],
    )


def check_shape(check: Check, text: str) -> CheckShape:
    return CheckShape(
        text=text[check.start : check.end],
        start=check.start,
        end=check.end,
        supported=check.supported,
        reasons=list(check.reasons),
        citations=list(check.citations),
    )


def model_call_shape(call: ModelCall) -> ModelCallShape:
    return ModelCallShape(
        purpose=call.purpose,
        model=call.model,
        outcome=call.outcome,
        attempts=call.attempts,
        input_tokens=call.input_tokens,
        output_tokens=call.output_tokens,
        milliseconds=round(call.milliseconds, 2),
        cost=call.cost,
    )


def citation_shape(citation: Citation) -> CitationShape:
    return CitationShape(
        number=citation.number,
        document=citation.document,
        collection=citation.collection,
        title=citation.title,
        heading_path=list(citation.heading_path),
        url=citation.url,
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
        score=citation.score,
        supported=citation.supported,
        page=citation.page or None,
        original=citation.original or None,
    )


def related_shape(related: Related) -> RelatedShape:
    return RelatedShape(
        document=related.document,
        collection=related.collection,
        title=related.title,
        heading_path=list(related.heading_path),
        url=related.url,
    )


def hit_shape(hit: Hit) -> HitShape:
    chunk = hit.chunk
    return HitShape(
        document=chunk.document_id,
        collection=chunk.collection,
        title=hit.title,
        heading_path=list(hit.section.heading_path),
        url=source_url(chunk.document_id, chunk.collection, chunk.start, chunk.end),
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        score=round(hit.score, 4),
    )


def document_shape(summary: DocumentSummary) -> DocumentShape:
    return DocumentShape(
        id=summary.id,
        collection=summary.collection,
        title=summary.title,
        summary=summary.summary,
        url=summary.url,
        source_url=source_url(summary.id, summary.collection),
        media_type=summary.media_type,
        content_hash=summary.content_hash,
        sections=summary.sections,
        chunks=summary.chunks,
        characters=summary.characters,
        ingested=summary.ingested,
    )


def document_detail_shape(document: Document, sections: tuple[Section, ...]) -> DocumentDetailShape:
    return DocumentDetailShape(
        id=document.id,
        collection=document.collection,
        title=document.title,
        url=document.url,
        source_url=source_url(document.id, document.collection),
        media_type=document.media_type,
        content_hash=document.content_hash,
        characters=len(document.text),
        metadata={
            field: value if isinstance(value, str) else list(value) for field, value in document.metadata.items()
        },
        sections=[
            SectionShape(
                heading_path=list(section.heading_path),
                anchor=section.anchor,
                level=section.level,
                kind=section.kind,
                start=section.start,
                end=section.end,
                url=source_url(document.id, document.collection, anchor=section.anchor),
            )
            for section in sections
        ],
    )
