"""Recorded answers over a period, as an operator reads them: for gap reports, rechecks and exports.

Not limited to one caller. Leaves out what to make of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from assistant.records.conversations import answer_of
from assistant.records.failures import translated
from assistant.records.tables import AnswerRow, FeedbackRow
from assistant.types import Answer, Rating, Reason

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """``answer.citations`` carry quotes and document hashes as they were; ``rating`` is None for an unrated answer."""

    answer: Answer
    asked_at: datetime
    asker: str
    rating: Rating | None = None
    comment: str = ""
    expected: str = ""
    reason: Reason | Literal[""] = ""


def recorded_answers(
    engine: Engine, since: datetime | None = None, until: datetime | None = None
) -> Iterator[RecordedAnswer]:
    """Oldest first, a few hundred rows in memory at a time. ``since`` is included, ``until`` is not."""
    after = 0
    while True:
        wanted = select(AnswerRow).where(AnswerRow.sequence > after).order_by(AnswerRow.sequence).limit(_AT_ONCE)
        if since is not None:
            wanted = wanted.where(AnswerRow.created_at >= since)
        if until is not None:
            wanted = wanted.where(AnswerRow.created_at < until)
        with translated(engine), Session(engine) as session:
            rows = session.scalars(wanted).all()
            rated = select(FeedbackRow).where(FeedbackRow.answer_id.in_([row.id for row in rows]))
            ratings = {rating.answer_id: rating for rating in session.scalars(rated)}
            found = [_recorded(row, ratings.get(row.id)) for row in rows]
            after = rows[-1].sequence if rows else after
        yield from found
        if len(found) < _AT_ONCE:
            return


def _recorded(row: AnswerRow, feedback: FeedbackRow | None) -> RecordedAnswer:
    return RecordedAnswer(
        answer=answer_of(row),
        asked_at=row.created_at,
        asker=row.asker,
        rating=cast("Rating", feedback.rating) if feedback else None,
        comment=feedback.comment if feedback else "",
        expected=feedback.expected if feedback else "",
        reason=cast("Reason", feedback.reason) if feedback and feedback.reason else "",
    )
