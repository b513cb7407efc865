"""Backup and restore of the records: one gzipped file of JSON lines, the same for SQLite and PostgreSQL.

First a line about the file, then ``{"table": ..., "row": {...}}`` for every row, then the number of rows. Tables are
read as they lie in the database, so nothing that a later version adds is left out; a file of an earlier version is
restored with its own schema and migrated. Sessions are left out: people sign in again.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, DateTime, Engine, MetaData, Table, func, insert, select, text

from assistant.records.engine import WRITING
from assistant.records.failures import place, translated
from assistant.records.schema_version import HEAD, bring_up_to_date, stored_revision
from assistant.records.tables import now
from ingest.errors import AskwellError, DiskFullError

FORMAT = 1
_LEFT_OUT = ("alembic_version", "sessions")
_AT_ONCE = 500

Row = dict[str, Any]


def back_up(engine: Engine, file: Path) -> dict[str, int]:
    """Writes ``file`` as of one moment, while others write on; {table: rows}. The file is its owner's alone."""
    unfinished = file.with_name(file.name + ".part")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw, gzip.open(raw, "wt", encoding="utf-8") as out:
            counts = _write(engine, out)
        unfinished.replace(file)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        kind = DiskFullError if error.errno == 28 else AskwellError
        raise kind(f"{file} cannot be written ({error.strerror}). Choose another place.") from error
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return counts


def restore(engine: Engine, file: Path) -> dict[str, int]:
    """Fills an empty database from a file, in one transaction; {table: rows}.

    Raises AskwellError when the file is damaged or no backup, or when the database holds records already.
    """
    lines = _lines(file)
    about = next(lines, {})
    if about.get("askwell_records") != FORMAT:
        raise AskwellError(f"{file} is not a backup of Askwell's records. Make one with: askwell records backup FILE")
    schema = str(about.get("schema"))
    if schema > HEAD:
        raise AskwellError(f"{file} was made by a newer version of Askwell (schema {schema}). Upgrade, then restore.")
    _refuse_filled(engine)
    bring_up_to_date(engine, schema)
    counts: dict[str, int] = {}
    with translated(engine), engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        tables = _tables(connection)
        complete = False
        waiting: list[Row] = []
        current = ""
        for line in lines:
            if "rows" in line:
                complete = line["rows"] == sum(counts.values())
                continue
            name = str(line.get("table"))
            if name not in tables:
                raise AskwellError(f"{file} holds a table {name!r} that this version does not know. Upgrade Askwell.")
            if name != current or len(waiting) >= _AT_ONCE:
                _insert(connection, tables, current, waiting)
                current, waiting = name, []
            waiting.append(_read_row(tables[name], line["row"]))
            counts[name] = counts.get(name, 0) + 1
        _insert(connection, tables, current, waiting)
        if not complete:
            raise AskwellError(f"{file} ends too early: it is damaged. Restore another backup.")
        _continue_numbering(connection, tables)
    bring_up_to_date(engine)
    return counts


def _write(engine: Engine, out: IO[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    snapshot = engine.connect()
    if engine.dialect.name == "postgresql":
        snapshot = snapshot.execution_options(isolation_level="REPEATABLE READ")
    with translated(engine), snapshot as connection, connection.begin():
        about = {"askwell_records": FORMAT, "schema": stored_revision(connection), "made": now().isoformat()}
        print(json.dumps(about), file=out)
        for name, table in _tables(connection).items():
            for row in connection.execution_options(yield_per=_AT_ONCE).execute(select(table)).mappings():
                told = {column: _told(value) for column, value in row.items()}
                print(json.dumps({"table": name, "row": told}, ensure_ascii=True), file=out)
                counts[name] = counts.get(name, 0) + 1
        print(json.dumps({"rows": sum(counts.values())}), file=out)
    return counts


def _tables(connection: Connection) -> dict[str, Table]:
    """As the database has them, those that others point to first."""
    found = MetaData()
    found.reflect(connection)
    return {table.name: table for table in found.sorted_tables if table.name not in _LEFT_OUT}


def _refuse_filled(engine: Engine) -> None:
    with translated(engine), engine.connect() as connection:
        for table in _tables(connection).values():
            if connection.execute(select(func.count()).select_from(table)).scalar_one():
                raise AskwellError(
                    f"{place(engine)} holds records already. Restore into an empty database: move the file away, or "
                    "name another one in ASKWELL_DATABASE_URL."
                )


def _lines(file: Path) -> Iterator[Row]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                value = json.loads(line)
                yield value if isinstance(value, dict) else {}
    except FileNotFoundError as error:
        raise AskwellError(f"There is no file {file}. Name a file that askwell records backup wrote.") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise AskwellError(f"{file} is damaged or not a backup. Restore another one.") from error


def _told(value: object) -> object:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()  # SQLite gives UTC without saying so
    if isinstance(value, date):
        return value.isoformat()
    return value


def _read_row(table: Table, row: Row) -> Row:
    moments = {column.name for column in table.columns if isinstance(column.type, DateTime)}
    return {
        name: datetime.fromisoformat(value).astimezone(UTC) if name in moments and value else value
        for name, value in row.items()
    }


def _insert(connection: Connection, tables: dict[str, Table], name: str, rows: list[Row]) -> None:
    if rows:
        connection.execute(insert(tables[name]), rows)


def _continue_numbering(connection: Connection, tables: dict[str, Table]) -> None:
    """PostgreSQL numbers rows by a sequence of its own, which knows nothing of rows that came with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.values():
        for column in table.primary_key.columns:
            names = {"table": table.name, "column": column.name}
            sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar()
            if sequence:
                last = connection.execute(select(func.max(column))).scalar() or 0
                connection.execute(
                    text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": max(last, 1)}
                )
