"""How the answers of the last weeks went, for the Quality page: counts by day, and the questions to look at.

Not limited to one caller: it is for who keeps the documents. Leaves out grouping by subject.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from assistant.records.failures import translated
from assistant.records.tables import AnswerRow, FeedbackRow, now


@dataclass(frozen=True, slots=True)
class Day:
    """Questions of one day (UTC); ``other`` are those that were asked back."""

    day: date
    answered: int = 0
    partial: int = 0
    not_found: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What was searched and not found, how often, and when last."""

    question: str
    times: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class VotedDown:
    question: str
    answer: str
    reason: str
    comment: str
    expected: str
    when: datetime


class Overview:
    """``days`` back from today, today included."""

    def __init__(self, engine: Engine, days: int = 30) -> None:
        self._engine = engine
        self._days = days
        self._since = (now() - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)

    def by_day(self) -> tuple[Day, ...]:
        """Oldest first, days without a question too."""
        wanted = select(AnswerRow.created_at, AnswerRow.status).where(AnswerRow.created_at >= self._since)
        with translated(self._engine), Session(self._engine) as session:
            counts = Counter((_utc(created).date(), status) for created, status in session.execute(wanted))
        first = self._since.date()
        return tuple(
            Day(
                day,
                counts[day, "answered"],
                counts[day, "partial"],
                counts[day, "not_found"],
                counts[day, "clarify"],
            )
            for day in (first + timedelta(days=number) for number in range(self._days))
        )

    def ratings(self) -> tuple[int, int]:
        """(up, down)."""
        wanted = (
            select(FeedbackRow.rating, func.count())
            .where(FeedbackRow.updated_at >= self._since)
            .group_by(FeedbackRow.rating)
        )
        with translated(self._engine), Session(self._engine) as session:
            counts = Counter(dict(session.execute(wanted).all()))
        return counts["up"], counts["down"]

    def unanswered(self, limit: int = 50) -> tuple[Unanswered, ...]:
        """Most often asked first, then the latest; the same words count once."""
        question = func.lower(AnswerRow.standalone_question)
        wanted = (
            select(func.max(AnswerRow.standalone_question), func.count(), func.max(AnswerRow.created_at))
            .where(AnswerRow.status == "not_found", AnswerRow.created_at >= self._since)
            .group_by(question)
            .order_by(func.count().desc(), func.max(AnswerRow.created_at).desc())
            .limit(limit)
        )
        with translated(self._engine), Session(self._engine) as session:
            return tuple(Unanswered(words, times, _utc(latest)) for words, times, latest in session.execute(wanted))

    def voted_down(self, limit: int = 50) -> tuple[VotedDown, ...]:
        """The latest first."""
        wanted = (
            select(AnswerRow.standalone_question, AnswerRow.text, FeedbackRow)
            .join(FeedbackRow, FeedbackRow.answer_id == AnswerRow.id)
            .where(FeedbackRow.rating == "down", FeedbackRow.updated_at >= self._since)
            .order_by(FeedbackRow.updated_at.desc())
            .limit(limit)
        )
        with translated(self._engine), Session(self._engine) as session:
            return tuple(
                VotedDown(question, text, rated.reason, rated.comment, rated.expected, _utc(rated.updated_at))
                for question, text, rated in session.execute(wanted)
            )


def _utc(when: datetime | str) -> datetime:
    """SQLite gives times without a zone, and the result of max() as text."""
    moment = datetime.fromisoformat(when) if isinstance(when, str) else when
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
