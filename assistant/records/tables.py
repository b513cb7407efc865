"""The tables: conversations, answers, citations, related sections and feedback.

Times are UTC. Hits are not kept: they can be had again from the index generation that an answer names.
A migration in ``migrations/versions`` belongs to every change here, and ``schema_version.HEAD`` names the last.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator, TypeEngine


def now() -> datetime:
    return datetime.now(UTC)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class AnyText(TypeDecorator[str]):
    """Text from anywhere: U+0000 (refused by PostgreSQL) and lone surrogates (refused by both) become U+FFFD."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None else _UNSTORABLE.sub("\ufffd", value)


class AnyId(AnyText):
    """An id of up to 64 characters: what people type in place of one is looked up, not refused by the driver."""

    impl = String(64)
    cache_ok = True


Sequence64 = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER keys


class Base(DeclarativeBase):
    """Metadata of all tables."""


class ConversationRow(Base):
    """``owner`` is the browser or person that began it, empty for programs; ``title`` is empty until somebody gives
    one, and the first question stands in its place.
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(AnyId, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, index=True)
    owner: Mapped[str] = mapped_column(AnyId, default="", index=True)
    title: Mapped[str] = mapped_column(AnyText, default="")


class AnswerRow(Base):
    """One turn. ``sequence`` grows with time and orders the turns of a conversation; ``asker`` is who asked it (a
    conversation in a channel has several), empty when nobody was signed in.

    A turn is ``replaced`` once its question was edited or asked again: it is kept for its rating, and is no longer
    part of the conversation.
    """

    __tablename__ = "answers"

    sequence: Mapped[int] = mapped_column(Sequence64, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(AnyId, unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, index=True)
    asker: Mapped[str] = mapped_column(AnyId, default="", index=True)
    question: Mapped[str] = mapped_column(AnyText)
    standalone_question: Mapped[str] = mapped_column(AnyText)
    status: Mapped[str] = mapped_column(String(16), index=True)
    text: Mapped[str] = mapped_column(AnyText)
    generator: Mapped[str] = mapped_column(AnyText)
    index_generation: Mapped[str] = mapped_column(AnyText)
    confidence: Mapped[float]
    timings_ms: Mapped[dict[str, float]] = mapped_column(JSON)
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    model_calls: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    replaced: Mapped[bool] = mapped_column(default=False)

    citations: Mapped[list[CitationRow]] = relationship(
        order_by="CitationRow.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )
    related: Mapped[list[RelatedRow]] = relationship(
        order_by="RelatedRow.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )


class CitationRow(Base):
    """A quote as it was shown. ``quote_sha256`` (hexadecimal, over the UTF-8 quote) tells later whether the text
    at that place still reads the same, ``document_sha256`` (the document's content hash when it was cited) whether the
    document changed at all."""

    __tablename__ = "citations"

    answer: Mapped[int] = mapped_column(ForeignKey("answers.sequence", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    document: Mapped[str] = mapped_column(AnyText, index=True)
    collection: Mapped[str] = mapped_column(AnyText)
    title: Mapped[str] = mapped_column(AnyText)
    heading_path: Mapped[list[str]] = mapped_column(JSON)
    url: Mapped[str] = mapped_column(AnyText)
    quote: Mapped[str] = mapped_column(AnyText)
    quote_sha256: Mapped[str] = mapped_column(String(64))
    document_sha256: Mapped[str] = mapped_column(String(64), default="")
    start: Mapped[int] = mapped_column("start_offset", BigInteger)
    end: Mapped[int] = mapped_column("end_offset", BigInteger)
    score: Mapped[float]
    supported: Mapped[bool]
    page: Mapped[int] = mapped_column(default=0)
    original: Mapped[str] = mapped_column(AnyText, default="")


class RelatedRow(Base):
    __tablename__ = "related"

    answer: Mapped[int] = mapped_column(ForeignKey("answers.sequence", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(AnyText)
    collection: Mapped[str] = mapped_column(AnyText)
    title: Mapped[str] = mapped_column(AnyText)
    heading_path: Mapped[list[str]] = mapped_column(JSON)
    url: Mapped[str] = mapped_column(AnyText)


class FeedbackRow(Base):
    """The latest rating of an answer; a second one replaces the first."""

    __tablename__ = "feedback"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    rating: Mapped[str] = mapped_column(String(8), index=True)
    comment: Mapped[str] = mapped_column(AnyText)
    expected: Mapped[str] = mapped_column(AnyText)
    reason: Mapped[str] = mapped_column(String(32), default="")
    rater: Mapped[str] = mapped_column(AnyId, default="", index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, index=True)
