"""Keeps conversations, answers with the hashes of what they cited, and feedback.

``open_records`` is the door. Importing this package is cheap: SQLAlchemy is loaded when the records are opened,
Alembic only when the stored schema differs from the one this version writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from assistant.protocols import Records
    from assistant.records.history import RecordedAnswer
    from assistant.records.inbox import Inbox
    from assistant.records.keeping import Keeping
    from assistant.records.keys import Keys
    from assistant.records.overview import Overview
    from assistant.records.used_keys import UsedKeys
    from assistant.settings import Settings

DATABASE_NAME = "askwell.sqlite3"


def open_records(settings: Settings) -> Records:
    """The records of ``settings``: SQLite in the data directory, or the database that ``database_url`` names.

    Creates the database and brings its schema up to date. Raises AskwellError (or a subclass) with one sentence
    when the URL is malformed, the server cannot be reached, or a newer version of Askwell made the database.
    """
    from assistant.records.engine import open_engine
    from assistant.records.schema_version import bring_up_to_date
    from assistant.records.store import SqlRecords

    engine = open_engine(settings.database_url, settings.data_dir / DATABASE_NAME)
    try:
        bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlRecords(engine)


def inbox_of(records: Records) -> Inbox:
    """The inbox in the same database as the records."""
    from assistant.records.inbox import Inbox

    return Inbox(_engine_of(records))


def used_keys_of(records: Records) -> UsedKeys:
    """The idempotency keys in the same database as the records."""
    from assistant.records.used_keys import UsedKeys

    return UsedKeys(_engine_of(records))


def keys_of(records: Records) -> Keys:
    """The access keys in the same database as the records."""
    from assistant.records.keys import Keys

    return Keys(_engine_of(records))


def answers_of(
    records: Records, since: datetime | None = None, until: datetime | None = None
) -> Iterator[RecordedAnswer]:
    """Every recorded answer of a period, oldest first, whoever asked: for the operator's reports."""
    from assistant.records.history import recorded_answers

    return recorded_answers(_engine_of(records), since, until)


def overview_of(records: Records, days: int = 30) -> Overview:
    """How the latest answers in the same database went."""
    from assistant.records.overview import Overview

    return Overview(_engine_of(records), days)


def keeping_of(records: Records) -> Keeping:
    """Retention and deletion, in the same database as the records."""
    from assistant.records.keeping import Keeping

    return Keeping(_engine_of(records))


@contextmanager
def open_keys(settings: Settings) -> Iterator[Keys]:
    """The access keys alone, for the command line."""
    records = open_records(settings)
    try:
        yield keys_of(records)
    finally:
        records.close()


def _engine_of(records: Records) -> Engine:
    from assistant.records.store import SqlRecords

    if not isinstance(records, SqlRecords):
        raise TypeError(f"{type(records).__name__} has no database")
    return records.engine


__all__ = [
    "DATABASE_NAME",
    "answers_of",
    "inbox_of",
    "keeping_of",
    "keys_of",
    "open_keys",
    "open_records",
    "overview_of",
    "used_keys_of",
]
