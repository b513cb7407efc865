"""What can be swapped on the read path: the part that turns evidence into an answer, and the record keeper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from assistant.types import Answer, Rating, Reason, Turn

if TYPE_CHECKING:
    from assistant.compose.draft import Draft
    from assistant.compose.evidence import Evidence
    from assistant.records.conversations import Conversations


class Generator(Protocol):
    """Turns evidence into a draft answer. One contract suite holds every implementation to it."""

    @property
    def name(self) -> str:
        """What ``Answer.generator`` says: "extractive", "openai:gpt-5-mini"."""
        ...

    def draft(self, evidence: Evidence, look_up: Callable[[str], Evidence]) -> Draft:
        """Statements, each but an introduction with the passages that bear it out; empty when nothing can be quoted.

        ``look_up`` retrieves evidence for a part of the question (one thing of a comparison).
        """
        ...


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

    @property
    def conversations(self) -> Conversations:
        """The conversations of each browser or person: list, resume, rename, delete."""
        ...

    def feedback(
        self, answer_id: str, rating: Rating, comment: str = "", expected: str = "", reason: Reason | Literal[""] = ""
    ) -> None:
        """Records or replaces the rating of an answer. Raises NotFoundError for an unknown id."""
        ...

    def check(self) -> None:
        """Raises AskwellError when the database cannot be reached."""
        ...

    def close(self) -> None: ...
