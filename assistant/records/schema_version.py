"""Brings the database to the schema this version writes, whoever else opens it at the same moment.

The stored revision is read with one query; Alembic is imported only when it differs from ``HEAD``.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from assistant.records.engine import WRITING
from assistant.records.failures import place, translated
from ingest.errors import AskwellError

HEAD = "0007"
"""The newest file in ``migrations/versions``; a test holds the two together."""

MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 4_153_317_001  # any number will do, as long as every Askwell process takes the same


def bring_up_to_date(engine: Engine, head: str = HEAD) -> None:
    """Runs the missing migrations in one transaction, under the database's own lock.

    Raises AskwellError for a database made by a newer version, or one that is not Askwell's.
    """
    with translated(engine):
        with engine.connect() as connection:
            if stored_revision(connection) == head:
                return
        with engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            _migrate(connection, stored_revision(connection), head)


def stored_revision(connection: Connection) -> str | None:
    """The revision in the database, None for one without a schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _migrate(connection: Connection, stored: str | None, head: str) -> None:
    if stored == head:  # another process was quicker
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if stored is not None and stored not in known:
        raise AskwellError(
            f"{place(connection.engine)} was made by a newer version of Askwell (schema {stored}, this one knows "
            f"{head}). Upgrade Askwell, or name another database in ASKWELL_DATABASE_URL."
        )
    if stored is None and inspect(connection).has_table("answers"):
        raise AskwellError(
            f"{place(connection.engine)} has a table 'answers' that is not Askwell's. "
            "Name an empty database in ASKWELL_DATABASE_URL."
        )
    command.upgrade(config, head)
