"""Opens the SQLAlchemy engine: SQLite (WAL, foreign keys on) or PostgreSQL through psycopg 3.

Transactions on SQLite begin explicitly, so that a writer takes its lock at the start and waits its turn rather
than failing halfway, and so that a migration is one transaction.
"""

from __future__ import annotations

import importlib.util
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from assistant.records.failures import translated
from ingest.errors import AskwellError, DiskFullError

BUSY_SECONDS = 15.0
WRITING = "askwell_writing"
"""Execution option: this transaction will write, so SQLite takes the write lock when it begins."""
AT_ONCE = "askwell_at_once"
"""Execution option: each statement is a transaction of its own. SQLite then holds its one write lock inside a single
call that runs without Python's, and not for as long as a busy process takes to come back to its next statement."""

_PATIENCE = {
    "connect_timeout": 5,  # s
    "tcp_user_timeout": 10_000,  # ms
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""For PostgreSQL: a machine that is gone without a word would be waited for for two hours. The URL's own count more."""

MOST_PAGES = 8000
"""32 MB: the writer that comes so far without a ``checkpoint`` does one itself, and waits for the disk."""


def open_engine(database_url: str, sqlite_path: Path, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """The engine for ``database_url``, or for SQLite at ``sqlite_path`` when the URL is empty.

    ``busy_seconds`` is how long SQLite waits for another process's write. Raises AskwellError for a URL that
    cannot be read or served, DiskFullError when the folder cannot be made for lack of space.
    """
    url = _url(database_url) if database_url else URL.create("sqlite", database=str(_in_folder(sqlite_path)))
    backend = url.get_backend_name()
    if backend == "sqlite":
        return _sqlite_engine(url, busy_seconds)
    if backend == "postgresql":
        return _postgresql_engine(url)
    raise AskwellError(f"Askwell keeps records in SQLite or PostgreSQL, not in {backend}. Mend ASKWELL_DATABASE_URL.")


def _url(database_url: str) -> URL:
    text = database_url.strip()
    if text.startswith("postgres://"):  # libpq's short form, which SQLAlchemy does not know
        text = "postgresql://" + text.removeprefix("postgres://")
    try:
        return make_url(text)
    except (ArgumentError, ValueError) as error:
        # the URL itself is not repeated: it may hold a password
        raise AskwellError(
            "ASKWELL_DATABASE_URL is not a database URL. Write it as postgresql://user:password@host/database."
        ) from error


def _in_folder(path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        kind = DiskFullError if error.errno == 28 else AskwellError
        raise kind(f"The folder {path.parent} cannot be made ({error.strerror}). Set ASKWELL_DATA_DIR.") from error
    return path


def _sqlite_engine(url: URL, busy_seconds: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": busy_seconds})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # no BEGIN behind our back: see ``begin``
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")  # with WAL: a power cut may lose the last turn, no more
        connection.execute(f"PRAGMA wal_autocheckpoint = {MOST_PAGES}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get(AT_ONCE, False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITING, False) else "BEGIN")

    try:
        with translated(engine):
            _write_ahead(engine, busy_seconds)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _write_ahead(engine: Engine, busy_seconds: float) -> None:
    """Switches the file to WAL once; SQLite does not wait for other processes here, so this does."""
    deadline = time.monotonic() + busy_seconds
    while True:
        connection = engine.raw_connection()
        try:
            (mode,) = connection.cursor().execute("PRAGMA journal_mode").fetchone()
            if mode in ("wal", "memory"):
                return
            connection.cursor().execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
            if not busy or time.monotonic() >= deadline:
                raise
            time.sleep(0.02)
        finally:
            connection.close()


def checkpoint(engine: Engine) -> None:
    """Moves what SQLite's log holds into its file, which waits for the disk: called where nobody waits for it."""
    if engine.dialect.name == "sqlite":
        with translated(engine), engine.execution_options(**{AT_ONCE: True}).connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").all()


def _postgresql_engine(url: URL) -> Engine:
    if importlib.util.find_spec("psycopg") is None:
        raise AskwellError("PostgreSQL needs the package psycopg. Run: pip install 'askwell[postgresql]'")
    # a server that restarted must not cost the next question: connections are tried before use
    patience = {name: value for name, value in _PATIENCE.items() if name not in url.query}
    engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=patience)

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _entry: ConnectionPoolEntry, arguments: list[Any], named: dict[str, Any]) -> Any:
        connection = dialect.connect(*arguments, **named)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":  # SQL_ASCII, from an initdb without a locale: text would come back as bytes
            connection.close()
            raise AskwellError(
                f"The database {url.database} is encoded as {encoding}, which cannot hold every text. Make one with: "
                f"createdb --encoding UTF8 --template template0 --locale C {url.database}"
            )
        return connection

    return engine
