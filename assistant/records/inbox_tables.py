"""Tables of what arrives from outside and must be answered exactly once: the inbox, threads, postings, used keys.

Times that decide who may work on something are seconds since the epoch, the same in SQLite and PostgreSQL.
A migration in ``migrations/versions`` belongs to every change here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Boolean, DateTime, Double, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assistant.records.tables import AnyId, Base, Sequence64, now


class InboxRow(Base):
    """One event. ``body`` holds what is needed to answer it and is emptied when that is done."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_state_due", "state", "due_at"), Index("ix_inbox_lane_state", "lane", "state"))

    sequence: Mapped[int] = mapped_column(Sequence64, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    event_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    lane: Mapped[str] = mapped_column(String(255))
    position: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[float] = mapped_column(Double)
    owner: Mapped[str] = mapped_column(String(64), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    answer_id: Mapped[str] = mapped_column(String(64))
    posting: Mapped[bool] = mapped_column(Boolean, default=False)
    message: Mapped[str] = mapped_column(String(64), default="")
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ThreadRow(Base):
    """Which conversation a thread of a chat is."""

    __tablename__ = "threads"

    lane: Mapped[str] = mapped_column(String(255), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)


class PostingRow(Base):
    """Where an answer was posted, so that a correction finds its thread."""

    __tablename__ = "postings"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    team: Mapped[str] = mapped_column(String(64), default="")
    channel: Mapped[str] = mapped_column(String(64))
    thread: Mapped[str] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(String(64))


class UsedKeyRow(Base):
    """An idempotency key, the body it came with (hashed) and the answer it stands for. Keys are hashed, too."""

    __tablename__ = "used_keys"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer_id: Mapped[str] = mapped_column(AnyId)
    claimed_at: Mapped[float] = mapped_column(Double, index=True)
