"""``Records`` over SQLAlchemy: one short transaction per call, safe to share between threads."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, cast

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, lazyload

from assistant.callers import is_mine, owner
from assistant.records import access_tables, inbox_tables  # noqa: F401  (registers their tables with the others)
from assistant.records.conversations import Conversations, answer_of
from assistant.records.engine import WRITING
from assistant.records.failures import translated
from assistant.records.tables import AnswerRow, CitationRow, ConversationRow, FeedbackRow, RelatedRow, now
from assistant.records.written import calls_json, checks_json
from assistant.types import Answer, Rating, Reason, Status, Turn
from ingest.errors import AskwellError, BadInputError, NotFoundError


def quote_sha256(quote: str) -> str:
    """SHA-256 of the quote's UTF-8 bytes, hexadecimal.

    >>> quote_sha256("an item")[:8]
    '5d14d08d'
    """
    return hashlib.sha256(quote.encode("utf-8", "surrogatepass")).hexdigest()


class SqlRecords:
    """Implements ``assistant.protocols.Records`` for SQLite and PostgreSQL.

    What the caller records is the caller's; what is somebody else's does not exist for it (``assistant.callers``).
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**{WRITING: True})
        self.conversations = Conversations(self.read, self.write)

    def ensure_conversation(self, conversation_id: str | None) -> str:
        if conversation_id is None:
            new = ConversationRow(id=uuid.uuid4().hex, owner=owner())
            with self.write() as session:
                session.add(new)
                session.flush()
                return new.id
        with self.read() as session:
            _existing_conversation(session, conversation_id)
        return conversation_id

    def turns(self, conversation_id: str, limit: int = 20) -> tuple[Turn, ...]:
        latest = (
            select(AnswerRow)
            .where(AnswerRow.conversation_id == conversation_id, ~AnswerRow.replaced)
            .order_by(AnswerRow.sequence.desc())
            .limit(limit)
            .options(lazyload(AnswerRow.related))
        )
        with self.read() as session:
            _existing_conversation(session, conversation_id)
            return tuple(_turn(row) for row in reversed(session.scalars(latest).all()))

    def record(self, answer: Answer) -> None:
        """Raises NotFoundError for an unknown conversation, AskwellError for an answer id that is taken."""
        try:
            with self.write() as session:
                _existing_conversation(session, answer.conversation_id)
                session.add(_row(answer))
                touched = update(ConversationRow).where(ConversationRow.id == answer.conversation_id)
                session.execute(touched.values(updated_at=now()))
        except IntegrityError as error:
            raise AskwellError(f"The answer {answer.id} is already recorded. Give each answer its own id.") from error

    def answer(self, answer_id: str) -> Answer:
        with self.read() as session:
            row = session.scalar(select(AnswerRow).where(AnswerRow.id == answer_id))
            if row is None or not _is_mine(session, row):
                raise _no_answer(answer_id)
            return answer_of(row)

    def feedback(
        self, answer_id: str, rating: Rating, comment: str = "", expected: str = "", reason: Reason | Literal[""] = ""
    ) -> None:
        if rating not in ("up", "down"):
            raise BadInputError(f"A rating is 'up' or 'down', not {rating!r}.")
        known = select(AnswerRow).where(AnswerRow.id == answer_id).options(lazyload("*"))
        with self.write() as session:
            # the row lock makes two first ratings at the same moment wait for each other
            row = session.scalar(known.with_for_update())
            if row is None or not _is_mine(session, row):
                raise _no_answer(answer_id)
            session.merge(
                FeedbackRow(
                    answer_id=answer_id,
                    rating=rating,
                    comment=comment,
                    expected=expected,
                    reason=reason,
                    rater=owner(),
                    updated_at=now(),
                )
            )

    def check(self) -> None:
        with self.read() as session:
            session.execute(select(1))

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with translated(self.engine), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with translated(self.engine), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session


def _existing_conversation(session: Session, conversation_id: str) -> None:
    whose = session.scalar(select(ConversationRow.owner).where(ConversationRow.id == conversation_id))
    if whose is None or not is_mine(whose):
        raise NotFoundError(f"There is no conversation {conversation_id!r}. Leave the id out to start a new one.")


def _is_mine(session: Session, row: AnswerRow) -> bool:
    whose = session.scalar(select(ConversationRow.owner).where(ConversationRow.id == row.conversation_id))
    return is_mine(whose or "")


def _no_answer(answer_id: str) -> NotFoundError:
    return NotFoundError(f"There is no answer {answer_id!r}. Use the id that came with the answer.")


def _row(answer: Answer) -> AnswerRow:
    return AnswerRow(
        id=answer.id,
        conversation_id=answer.conversation_id,
        asker=owner(),
        question=answer.question,
        standalone_question=answer.standalone_question,
        status=answer.status,
        text=answer.text,
        generator=answer.generator,
        index_generation=answer.index_generation,
        confidence=answer.confidence,
        timings_ms=dict(answer.timings_ms),
        choices=list(answer.choices),
        checks=checks_json(answer),
        model_calls=calls_json(answer),
        citations=[
            CitationRow(
                position=position,
                number=citation.number,
                document=citation.document,
                collection=citation.collection,
                title=citation.title,
                heading_path=list(citation.heading_path),
                url=citation.url,
                quote=citation.quote,
                quote_sha256=quote_sha256(citation.quote),
                document_sha256=citation.document_sha256,
                start=citation.start,
                end=citation.end,
                score=citation.score,
                supported=citation.supported,
                page=citation.page,
                original=citation.original,
            )
            for position, citation in enumerate(answer.citations)
        ],
        related=[
            RelatedRow(
                position=position,
                document=related.document,
                collection=related.collection,
                title=related.title,
                heading_path=list(related.heading_path),
                url=related.url,
            )
            for position, related in enumerate(answer.related)
        ],
    )


def _turn(row: AnswerRow) -> Turn:
    return Turn(
        question=row.question,
        standalone_question=row.standalone_question,
        answer=row.text,
        status=cast("Status", row.status),
        cited=tuple((citation.document, tuple(citation.heading_path)) for citation in row.citations),
    )
