"""How long records are kept, and how a person's are taken away. Conversations go whole; their ratings go with them.

Leaves out index and documents: they hold nothing of who asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Engine, Executable, delete, false, func, or_, select, update
from sqlalchemy.orm import Session

from assistant.records.engine import WRITING
from assistant.records.failures import translated
from assistant.records.inbox_tables import InboxRow
from assistant.records.tables import AnswerRow, ConversationRow, FeedbackRow, now
from ingest.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Removed:
    conversations: int
    answers: int
    ratings: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with records: ``id`` is "key:...", "slack:..." or a browser's id; ``last`` is their latest answer."""

    id: str
    answers: int
    last: datetime


class Keeping:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITING: True})

    def people(self) -> tuple[Person, ...]:
        """Everybody with answers, the busiest first; "" for those of whom nothing is known."""
        who = func.coalesce(func.nullif(AnswerRow.asker, ""), ConversationRow.owner)
        counted = (
            select(who, func.count(), func.max(AnswerRow.created_at))
            .join(ConversationRow, ConversationRow.id == AnswerRow.conversation_id)
            .group_by(who)
            .order_by(func.count().desc(), who)
        )
        with translated(self._engine), Session(self._engine) as session:
            return tuple(Person(one, answers, last) for one, answers, last in session.execute(counted))

    def prune(self, days: int, moment: datetime | None = None) -> Removed:
        """Removes conversations that nobody continued for ``days`` days."""
        if days < 1:
            raise BadInputError("Records are kept for at least one day. Use a number of days of 1 or more.")
        before = (moment or now()) - timedelta(days=days)
        with translated(self._engine), Session(self._writing) as session, session.begin():
            old = select(ConversationRow.id).where(ConversationRow.updated_at < before)
            removed = _removed(session, AnswerRow.conversation_id.in_(old), ConversationRow.updated_at < before)
            done = delete(InboxRow).where(InboxRow.received_at < before, InboxRow.finished_at.is_not(None))
            session.execute(done)
            return removed

    def forget(self, person: str) -> Removed:
        """Removes what a person asked, began and rated. In a conversation of several people the others' turns stay.

        ``person`` is an id as in ``people()``. Raises BadInputError for an empty one.
        """
        if not person.strip():
            raise BadInputError("Name the person whose records go, as askwell records people shows them.")
        with translated(self._engine), Session(self._writing) as session, session.begin():
            mine = select(ConversationRow.id).where(ConversationRow.owner == person)
            others = select(AnswerRow.conversation_id).where(AnswerRow.asker.not_in((person, "")))
            alone = ConversationRow.id.in_(mine) & ConversationRow.id.not_in(others)
            asked = or_(
                AnswerRow.asker == person,
                AnswerRow.conversation_id.in_(mine) & AnswerRow.asker.in_((person, "")),
            )
            gone = _removed(session, asked, alone)
            rated = _count(session, delete(FeedbackRow).where(FeedbackRow.rater == person))
            session.execute(delete(InboxRow).where(_waits_of(person)), execution_options={"synchronize_session": False})
            # A shared conversation that this person began stays for the others, without its owner's name.
            session.execute(update(ConversationRow).where(ConversationRow.owner == person).values(owner="", title=""))
            return Removed(gone.conversations, gone.answers, gone.ratings + rated)


def _waits_of(person: str) -> ColumnElement[bool]:
    """What of a person in Slack is not answered yet, or would be recorded anew, and the keys that hold their id."""
    team, _, user = person.removeprefix("slack:").partition("/")
    body = InboxRow.body
    waiting = (body["team"].as_string() == team) & (body["user"].as_string() == user)
    shared = (InboxRow.kind == "share") & InboxRow.key.endswith(f":{user}", autoescape=True)
    return or_(waiting, shared) if person.startswith("slack:") and user else false()


def _removed(session: Session, answers: ColumnElement[bool], conversations: ColumnElement[bool]) -> Removed:
    which = select(AnswerRow.id).where(answers)
    ratings = _count(session, delete(FeedbackRow).where(FeedbackRow.answer_id.in_(which)))
    # Their citations, postings and threads go by the database's own rule (ON DELETE CASCADE).
    gone = _count(session, delete(AnswerRow).where(answers))
    return Removed(_count(session, delete(ConversationRow).where(conversations)), gone, ratings)


def _count(session: Session, statement: Executable) -> int:
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return result.rowcount if isinstance(result, CursorResult) else 0
