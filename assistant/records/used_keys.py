"""Idempotency keys: the same key with the same body stands for one answer, across retries, workers and restarts.

The key is stored before the question is asked, with the id that the answer will have. Whether the answer exists is
the records' own knowledge, so there is no second state that could disagree with it.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assistant.records.engine import WRITING
from assistant.records.failures import translated
from assistant.records.inbox_tables import UsedKeyRow
from assistant.records.tables import AnswerRow

KEPT_SECONDS = 24 * 3600.0
LEASE_SECONDS = 120.0
"""After so long without an answer, the first request is taken to be dead and a retry asks in its place."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``ask``: answer under this id. ``replay``: the answer exists. ``running``: another request is at it.

    ``differs``: the key was used with another body.
    """

    state: Literal["ask", "replay", "running", "differs"]
    answer_id: str


class UsedKeys:
    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITING: True})
        self._clock = clock

    def claim(self, key: str, fingerprint: str) -> Claim:
        """What a request with this key has to do. ``fingerprint`` is any text that differs when the body does."""
        hashed, body, moment = _sha256(key), _sha256(fingerprint), self._clock()
        new = UsedKeyRow(key=hashed, fingerprint=body, answer_id=uuid.uuid4().hex, claimed_at=moment)
        with translated(self._engine):
            try:
                with Session(self._writing, expire_on_commit=False) as session, session.begin():
                    session.execute(delete(UsedKeyRow).where(UsedKeyRow.claimed_at < moment - KEPT_SECONDS))
                    session.add(new)
                    session.flush()
                return Claim("ask", new.answer_id)
            except IntegrityError:
                return self._known(hashed, body, moment)

    def release(self, key: str) -> None:
        """For a question that was refused: a retry with the same key asks again."""
        with translated(self._engine), Session(self._writing) as session, session.begin():
            session.execute(delete(UsedKeyRow).where(UsedKeyRow.key == _sha256(key)))

    def _known(self, hashed: str, body: str, moment: float) -> Claim:
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            row = session.get(UsedKeyRow, hashed)
            if row is None:  # released or expired a moment ago
                return Claim("running", "")
            if row.fingerprint != body:
                return Claim("differs", row.answer_id)
            if session.query(AnswerRow.id).filter(AnswerRow.id == row.answer_id).first() is not None:
                return Claim("replay", row.answer_id)
            taken = session.execute(
                update(UsedKeyRow)
                .where(UsedKeyRow.key == hashed, UsedKeyRow.claimed_at < moment - LEASE_SECONDS)
                .values(claimed_at=moment)
                .returning(UsedKeyRow.key)
            )
            return Claim("running" if taken.first() is None else "ask", row.answer_id)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
