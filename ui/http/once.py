"""``Idempotency-Key``: a request that is sent again gets the answer that the first one got, also after a restart.

Leaves out requests without the header; they are answered anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

from fastapi import Header
from starlette.responses import Response

from assistant.callers import owner
from assistant.protocols import Records
from assistant.records import used_keys_of
from assistant.types import Answer, AnswerEvent, DoneEvent, Question
from ui.http.problems import problem

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Any text that is new for each question: the same key within 24 hours gives the same answer.",
    ),
]
REPLAYED = "Idempotency-Replayed"


class Once:
    """One request with a key. ``refused`` is what to answer instead of asking, ``known`` the answer of the first."""

    def __init__(self, records: Records, key: str, body: str) -> None:
        # Two callers may choose the same words, and neither may learn of the other's.
        self._keys, self._key = used_keys_of(records), f"{owner()} {key}"
        claim = self._keys.claim(self._key, body)
        self._answer_id = claim.answer_id
        self.known: Answer | None = records.answer(claim.answer_id) if claim.state == "replay" else None
        self.refused: Response | None = None
        if claim.state == "differs":
            self.refused = problem(
                422, "This Idempotency-Key was used with another body. Take a new key for a new question."
            )
        elif claim.state == "running":
            self.refused = problem(
                409,
                "A request with this Idempotency-Key is being answered. Send it again in a moment.",
                headers={"Retry-After": "1"},
            )

    def question(self, question: Question) -> Question:
        """The question, its answer under the id that belongs to the key."""
        return replace(question, answer_id=self._answer_id)

    @contextmanager
    def released_on_failure(self) -> Iterator[None]:
        """A question that could not be answered may be sent again with the same key."""
        try:
            yield
        except BaseException:
            self._keys.release(self._key)
            raise

    def events(self, events: Iterator[AnswerEvent]) -> Iterator[AnswerEvent]:
        """The same events; the key is free again when they end early, also when the caller went away."""
        with self.released_on_failure():
            for event in events:
                yield event
                if isinstance(event, DoneEvent):
                    return
