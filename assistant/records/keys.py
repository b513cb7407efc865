"""Keys: made once and shown once, kept as hashes, looked up at every request, so that revoking works at once.

A key reads ``askwell_<id>_<secret>``. The secret has 256 random bits, so one SHA-256 keeps it: slow hashes protect
words that people choose. Sessions are the same for pages: a cookie that stands for a key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from assistant.callers import RIGHTS, Caller, Right
from assistant.records.access_tables import KeyRow, SessionRow
from assistant.records.engine import WRITING
from assistant.records.failures import translated
from assistant.records.tables import now
from ingest.errors import BadInputError, NotFoundError

_KEY = re.compile(r"askwell_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_USED_EVERY = timedelta(minutes=1)
"""``last_used_at`` is no finer than this, so that a busy key is not a write for each request."""


@dataclass(frozen=True, slots=True)
class Key:
    """What can be told of a key. Times are UTC; ``collections`` None means all."""

    id: str
    name: str
    rights: tuple[Right, ...]
    collections: tuple[str, ...] | None
    created: datetime
    expires: datetime | None
    last_used: datetime | None
    revoked: datetime | None

    @property
    def state(self) -> str:
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now() else "active"

    @property
    def caller(self) -> Caller:
        return Caller(f"key:{self.id}", self.name, frozenset(self.rights), self.collections)


class Keys:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITING: True})

    def create(
        self,
        name: str,
        rights: Sequence[str] = ("ask", "read"),
        collections: Sequence[str] | None = None,
        days: int | None = None,
    ) -> tuple[Key, str]:
        """(the key, its text). The text cannot be had again. Raises BadInputError for an empty or taken name."""
        words = " ".join(name.split())
        if not words or len(words) > 100:
            raise BadInputError("Give the key a name of 1 to 100 characters that says who uses it.")
        unknown = [right for right in rights if right not in RIGHTS]
        if unknown or not rights:
            raise BadInputError(f"A key's scopes are {', '.join(RIGHTS)}, not {', '.join(unknown) or 'none'}.")
        if days is not None and not 1 <= days <= 36_500:
            raise BadInputError("A key is valid for 1 to 36500 days.")
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        row = KeyRow(
            id=key_id,
            name=words,
            secret_sha256=_sha256(secret),
            rights=sorted(set(rights)),
            collections=sorted(set(collections)) if collections else None,
            created_at=now(),
            expires_at=now() + timedelta(days=days) if days else None,
        )
        with translated(self._engine), Session(self._writing, expire_on_commit=False) as session, session.begin():
            taken = session.scalars(select(KeyRow.id).where(KeyRow.name == words, KeyRow.revoked_at.is_(None))).first()
            if taken is not None:
                raise BadInputError(f"There is already a key named {words!r}. Revoke it first, or choose another name.")
            session.add(row)
        return _key(row), f"askwell_{key_id}_{secret}"

    def list(self) -> tuple[Key, ...]:
        """All keys, revoked and expired ones too, oldest first."""
        with translated(self._engine), Session(self._engine) as session:
            return tuple(_key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.created_at, KeyRow.id)))

    def revoke(self, id_or_name: str) -> Key:
        """Ends a key and the sessions that it opened. Raises NotFoundError."""
        named = (KeyRow.id == id_or_name) | (KeyRow.name == id_or_name)
        with translated(self._engine), Session(self._writing, expire_on_commit=False) as session, session.begin():
            row = session.scalars(select(KeyRow).where(named, KeyRow.revoked_at.is_(None))).first()
            if row is None:
                raise NotFoundError(f"There is no active key {id_or_name!r}. Run: askwell keys list")
            row.revoked_at = now()
            session.execute(delete(SessionRow).where(SessionRow.key_id == row.id))
        return _key(row)

    def holder(self, text: str) -> Key | None:
        """The active key that this text is; None for anything else."""
        match = _KEY.fullmatch(text)
        with translated(self._engine), Session(self._engine) as session:
            row = session.get(KeyRow, match[1]) if match else None
            # An unknown id costs the same comparison as a wrong secret, so that ids cannot be told apart by time.
            right = hmac.compare_digest(_sha256(match[2] if match else ""), row.secret_sha256 if row else "0" * 64)
            key = _key(row) if row and right else None
        return self._used(key)

    def begin_session(self, key: Key, hours: int) -> str:
        """The token for a page's cookie; also forgets sessions that are over."""
        token = secrets.token_urlsafe(32)
        began = SessionRow(token_sha256=_sha256(token), key_id=key.id, expires_at=now() + timedelta(hours=hours))
        with translated(self._engine), Session(self._writing) as session, session.begin():
            session.execute(delete(SessionRow).where(SessionRow.expires_at < now()))
            session.add(began)
        return token

    def session_holder(self, token: str) -> Key | None:
        """The active key that a page signed in with; None when the session is over or unknown."""
        mine = (SessionRow.token_sha256 == _sha256(token), SessionRow.expires_at > now())
        with translated(self._engine), Session(self._engine) as session:
            row = session.scalars(select(KeyRow).join(SessionRow, SessionRow.key_id == KeyRow.id).where(*mine)).first()
            key = _key(row) if row else None
        return self._used(key)

    def end_session(self, token: str) -> None:
        with translated(self._engine), Session(self._writing) as session, session.begin():
            session.execute(delete(SessionRow).where(SessionRow.token_sha256 == _sha256(token)))

    def _used(self, key: Key | None) -> Key | None:
        if key is None or key.state != "active":
            return None
        moment = now()
        if key.last_used is None or moment - key.last_used > _USED_EVERY:
            with translated(self._engine), Session(self._writing) as session, session.begin():
                session.execute(update(KeyRow).where(KeyRow.id == key.id).values(last_used_at=moment))
        return key


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: KeyRow) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        rights=tuple(cast("Right", right) for right in row.rights),
        collections=tuple(row.collections) if row.collections is not None else None,
        created=_utc(row.created_at) or now(),
        expires=_utc(row.expires_at),
        last_used=_utc(row.last_used_at),
        revoked=_utc(row.revoked_at),
    )


def _utc(moment: datetime | None) -> datetime | None:
    """SQLite gives times back without their zone."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
