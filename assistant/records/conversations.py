"""The conversations of one owner (a browser, a person): listed, resumed, renamed, deleted.

An owner sees only their own: another's conversation is as unknown as one that never was.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from assistant.records.tables import AnswerRow, ConversationRow
from assistant.records.written import calls_of, checks_of
from assistant.types import Answer, Citation, Related, Status
from ingest.errors import BadInputError, NotFoundError

MOST_LISTED = 200
_LONGEST_TITLE = 200

Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One line of a history. ``title`` is the given one, else the first question."""

    id: str
    title: str
    updated: datetime


class Conversations:
    """``read`` and ``write`` open one short transaction each."""

    def __init__(self, read: Sessions, write: Sessions) -> None:
        self._read = read
        self._write = write

    def begin(self, owner: str) -> str:
        """A new, empty conversation; it is listed once it holds an answer."""
        new = ConversationRow(id=uuid.uuid4().hex, owner=owner)
        with self._write() as session:
            session.add(new)
            session.flush()
            return new.id

    def of(self, owner: str, limit: int = MOST_LISTED) -> tuple[Conversation, ...]:
        """Those with at least one answer, the latest first."""
        asked = select(AnswerRow.question).where(AnswerRow.conversation_id == ConversationRow.id, ~AnswerRow.replaced)
        first = asked.order_by(AnswerRow.sequence).limit(1).scalar_subquery()
        lines = (
            select(ConversationRow.id, ConversationRow.title, ConversationRow.updated_at, first)
            .where(ConversationRow.owner == owner, first.is_not(None))
            .order_by(ConversationRow.updated_at.desc(), ConversationRow.id)
            .limit(limit)
        )
        with self._read() as session:
            return tuple(
                Conversation(id, title or question, updated) for id, title, updated, question in session.execute(lines)
            )

    def title(self, owner: str, conversation_id: str) -> str:
        """The given title, else the first question. Raises NotFoundError."""
        with self._read() as session:
            given = _require(session, owner, conversation_id)
            if given:
                return given
            asked = select(AnswerRow.question).where(AnswerRow.conversation_id == conversation_id, ~AnswerRow.replaced)
            return session.scalar(asked.order_by(AnswerRow.sequence).limit(1)) or "Conversation"

    def answers(self, owner: str, conversation_id: str, limit: int | None = None) -> tuple[tuple[Answer, ...], int]:
        """(the latest answers, oldest first, how many there are). Raises NotFoundError."""
        mine = (AnswerRow.conversation_id == conversation_id, ~AnswerRow.replaced)
        latest = select(AnswerRow).where(*mine).order_by(AnswerRow.sequence.desc()).limit(limit)
        with self._read() as session:
            _require(session, owner, conversation_id)
            total = session.scalar(select(func.count()).select_from(AnswerRow).where(*mine)) or 0
            return tuple(answer_of(row) for row in reversed(session.scalars(latest).all())), total

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Raises NotFoundError, or BadInputError for a title without a letter."""
        words = " ".join(title.split())[:_LONGEST_TITLE]
        if not words:
            raise BadInputError("The title is empty. Type a few words.")
        with self._write() as session:
            _require(session, owner, conversation_id)
            session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(title=words))

    def delete(self, owner: str, conversation_id: str) -> None:
        """With its answers and their ratings. Raises NotFoundError."""
        with self._write() as session:
            _require(session, owner, conversation_id)
            session.execute(delete(ConversationRow).where(ConversationRow.id == conversation_id))

    def replace_from(self, owner: str, conversation_id: str, answer_id: str) -> None:
        """Takes this answer and all later ones out of the conversation; they are kept with their ratings.

        Raises NotFoundError when the answer is not in that conversation.
        """
        with self._write() as session:
            _require(session, owner, conversation_id)
            mine = AnswerRow.conversation_id == conversation_id
            since = session.scalar(select(AnswerRow.sequence).where(mine, AnswerRow.id == answer_id))
            if since is None:
                raise NotFoundError("That question is no longer in this conversation. Reload the page.")
            session.execute(update(AnswerRow).where(mine, AnswerRow.sequence >= since).values(replaced=True))


def _require(session: Session, owner: str, conversation_id: str) -> str:
    """The title of the owner's conversation. Raises NotFoundError."""
    mine = (ConversationRow.id == conversation_id, ConversationRow.owner == owner)
    title = session.scalar(select(ConversationRow.title).where(*mine))
    if title is None or not owner:
        raise NotFoundError("There is no such conversation in this browser. It may have been deleted.")
    return title


def answer_of(row: AnswerRow) -> Answer:
    """The value that was recorded, without its hits."""
    return Answer(
        id=row.id,
        conversation_id=row.conversation_id,
        question=row.question,
        standalone_question=row.standalone_question,
        status=cast("Status", row.status),
        text=row.text,
        citations=tuple(
            Citation(
                number=citation.number,
                document=citation.document,
                collection=citation.collection,
                title=citation.title,
                heading_path=tuple(citation.heading_path),
                url=citation.url,
                quote=citation.quote,
                start=citation.start,
                end=citation.end,
                score=citation.score,
                supported=citation.supported,
                page=citation.page,
                original=citation.original,
                document_sha256=citation.document_sha256,
            )
            for citation in row.citations
        ),
        related=tuple(
            Related(
                document=related.document,
                collection=related.collection,
                title=related.title,
                heading_path=tuple(related.heading_path),
                url=related.url,
            )
            for related in row.related
        ),
        hits=(),
        generator=row.generator,
        index_generation=row.index_generation,
        confidence=row.confidence,
        choices=tuple(row.choices),
        timings_ms=dict(row.timings_ms),
        checks=checks_of(row.checks),
        model_calls=calls_of(row.model_calls),
    )
