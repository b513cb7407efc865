"""The values of a gap report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assistant.types import Related


@dataclass(frozen=True, slots=True)
class GapQuestion:
    """One question, however often it was asked. ``expected`` is what people said the answer should have been."""

    text: str
    asked: int
    not_found: int
    partial: int
    voted_down: int
    first: datetime
    last: datetime
    expected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions on one subject, the most frequent first, with the sections that come nearest today."""

    subject: str
    questions: tuple[GapQuestion, ...]
    nearest: tuple[Related, ...]

    @property
    def asked(self) -> int:
        return sum(question.asked for question in self.questions)

    @property
    def not_found(self) -> int:
        return sum(question.not_found for question in self.questions)

    @property
    def voted_down(self) -> int:
        return sum(question.voted_down for question in self.questions)

    @property
    def last(self) -> datetime:
        return max(question.last for question in self.questions)


@dataclass(frozen=True, slots=True)
class GapReport:
    """``answers`` counts everything that was asked in the period, the rest what of it is a gap.

    ``left_out`` counts distinct questions beyond the limit of what is grouped: the least frequent ones.
    """

    since: datetime | None
    until: datetime | None
    answers: int
    not_found: int
    partial: int
    voted_down: int
    gaps: tuple[Gap, ...]
    left_out: int = 0
