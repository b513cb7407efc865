"""What can be swapped on the read path: the part that turns evidence into an answer, and the record keeper."""

from __future__ import annotations

from typing import Protocol

from assistant.types import Answer, Rating, Turn


class Records(Protocol):
    """Keeps conversations, answers and feedback. Implemented over SQLAlchemy in ``records/``."""

    def ensure_conversation(self, conversation_id: str | None) -> str:
        """The id itself if it exists, a new one for None. Raises NotFoundError for an unknown id."""
        ...

    def turns(self, conversation_id: str, limit: int = 20) -> tuple[Turn, ...]:
        """The latest turns, oldest first."""
        ...

    def record(self, answer: Answer) -> None: ...

    def answer(self, answer_id: str) -> Answer:
        """The recorded answer (hits are not kept). Raises NotFoundError."""
        ...

    def feedback(self, answer_id: str, rating: Rating, comment: str = "", expected: str = "") -> None:
        """Records or replaces the rating of an answer. Raises NotFoundError for an unknown id."""
        ...

    def close(self) -> None: ...
