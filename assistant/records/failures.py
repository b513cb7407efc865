"""Turns what SQLite and PostgreSQL raise into errors with a sentence and a next step."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ingest.errors import AskwellError, BusyError, DatabaseAwayError, DiskFullError


def place(engine: Engine) -> str:
    """Where the records are, without the password: a file path, or a URL."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        return engine.url.database
    return engine.url.render_as_string(hide_password=True)


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Raises DiskFullError, BusyError or AskwellError in place of the database's own errors.

    Integrity errors pass through: what they mean depends on the statement.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise BusyError(f"All connections to {place(engine)} are in use. Try again in a moment.") from error
    except sqlite3.Error as error:  # raised before SQLAlchemy wraps it: while a connection is prepared
        raise _sqlite_error(error, engine) from error
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.IntegrityError) or _sqlstate(error).startswith("23"):
            raise
        if isinstance(error.orig, sqlite3.Error):
            raise _sqlite_error(error.orig, engine) from error
        raise _postgresql_error(error, engine) from error
    except SQLAlchemyError as error:
        raise AskwellError(f"The records in {place(engine)} could not be used: {_first_line(error)}") from error


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _first_line(error: BaseException) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__


def _sqlite_error(error: sqlite3.Error, engine: Engine) -> AskwellError:
    name: str = getattr(error, "sqlite_errorname", "")
    path = place(engine)
    if name.startswith("SQLITE_FULL"):
        return DiskFullError(f"No space left for the records in {path}. Free some disk space and ask again.")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BusyError(f"Another process keeps {path} locked. Try again in a moment, or stop that process.")
    if name.startswith("SQLITE_READONLY"):
        return AskwellError(f"{path} is read-only. Make it writable, or set ASKWELL_DATA_DIR to a writable folder.")
    if name.startswith("SQLITE_CANTOPEN"):
        return AskwellError(f"{path} cannot be opened. Check that its folder exists and is writable.")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return AskwellError(f"{path} is damaged or not a database. Restore a backup, or move the file away.")
    if name.startswith("SQLITE_IOERR"):
        return DiskFullError(f"Reading or writing {path} failed. Check the disk and its free space, then ask again.")
    return AskwellError(f"The records in {path} could not be used: {_first_line(error)}.")


def _postgresql_error(error: DBAPIError, engine: Engine) -> AskwellError:
    state = _sqlstate(error)
    where = place(engine)
    if state in ("53100", "53200"):
        return DiskFullError(f"The database server at {where} has no space left. Free some space and ask again.")
    if state in ("55P03", "40P01", "40001", "57014", "53300"):
        return BusyError(f"The database server at {where} is busy. Try again in a moment.")
    if state == "25006":
        return AskwellError(f"{where} is read-only. Point ASKWELL_DATABASE_URL at the primary server.")
    if state.startswith("28") or state == "42501":
        return AskwellError(f"{where} refused this user. Check the name, password and rights in ASKWELL_DATABASE_URL.")
    if not state and isinstance(error, OperationalError):  # no session yet, so no SQLSTATE: only the server's words
        reason = _first_line(error).removesuffix(".")
        return DatabaseAwayError(
            f"Cannot use the database at {where} ({reason}). Check the server and ASKWELL_DATABASE_URL."
        )
    if state.startswith(("08", "57P")):  # it stops, starts or switches over
        return DatabaseAwayError(f"The database server at {where} went away. Try again in a moment.")
    return AskwellError(f"The records in {where} could not be used: {_first_line(error)}.")
