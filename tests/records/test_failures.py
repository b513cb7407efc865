"""A full disk, a lock, a read-only file, a damaged file, a dead server: one sentence each, nothing lost."""

from __future__ import annotations

import socket
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text

from assistant.records import DATABASE_NAME, open_records
from assistant.records import engine as engine_module
from assistant.records.engine import open_engine
from assistant.records.store import SqlRecords
from assistant.settings import Settings
from ingest.errors import AskwellError, BusyError, DatabaseAwayError, DiskFullError
from tests.postgresql import binaries, private_server
from tests.records.answers import answer, citation


def sqlite_settings(tmp_path: Path, url: str = "") -> Settings:
    return Settings(data_dir=tmp_path, database_url=url, _env_file=None)


def test_sqlite_runs_with_wal_and_foreign_keys(tmp_path: Path) -> None:
    records = open_records(sqlite_settings(tmp_path))
    assert isinstance(records, SqlRecords)
    with records.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    records.close()


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    records = open_records(sqlite_settings(tmp_path))
    assert isinstance(records, SqlRecords)
    conversation = records.ensure_conversation(None)
    records.record(answer(conversation, "before"))
    pages = sqlite3.connect(tmp_path / DATABASE_NAME).execute("PRAGMA page_count").fetchone()[0]
    records.engine.dispose()

    @event.listens_for(records.engine, "connect")
    def no_room(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(DiskFullError, match="No space left for the records"):
        records.record(answer(conversation, "after", citations=(citation(1, "x" * 200_000),)))
    assert [turn.question for turn in records.turns(conversation)] == ["How big?"]
    records.close()


def test_a_lock_held_by_another_process_is_said_after_waiting(tmp_path: Path) -> None:
    open_records(sqlite_settings(tmp_path)).close()
    records = SqlRecords(open_engine("", tmp_path / DATABASE_NAME, busy_seconds=0.1))
    other = sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match=r"keeps .* locked"):
        records.ensure_conversation(None)
    other.execute("ROLLBACK")
    assert records.ensure_conversation(None)
    other.close()
    records.close()


def test_a_read_only_database_is_said(tmp_path: Path) -> None:
    open_records(sqlite_settings(tmp_path)).close()
    url = f"sqlite:///file:{tmp_path / DATABASE_NAME}?mode=ro&uri=true"
    records = open_records(sqlite_settings(tmp_path, url))
    with pytest.raises(AskwellError, match="is read-only"):
        records.ensure_conversation(None)
    records.close()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"this is not SQLite" * 100)
    with pytest.raises(AskwellError, match="damaged or not a database"):
        open_records(sqlite_settings(tmp_path))


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AskwellError, match="cannot be made"):
        open_records(sqlite_settings(tmp_path / "file" / "data"))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "not a database URL"),
        ("postgresql://user:secret@host:notaport/db", "not a database URL"),
        ("mysql://user:secret@host/db", "not in mysql"),
        ("postgresql://user:secret@127.0.0.1:1/db", "Cannot use the database"),
        ("postgres://user:secret@127.0.0.1:1/db", "Cannot use the database"),
    ],
)
def test_a_wrong_url_is_said_without_its_password(tmp_path: Path, url: str, sentence: str) -> None:
    with pytest.raises(AskwellError, match=sentence) as raised:
        open_records(sqlite_settings(tmp_path, url))
    assert "secret" not in str(raised.value)


@pytest.mark.postgresql
def test_a_database_that_does_not_exist_is_said(tmp_path: Path, postgresql_server: str) -> None:
    with pytest.raises(AskwellError, match='database "nowhere" does not exist'):
        open_records(sqlite_settings(tmp_path, postgresql_server.format(database="nowhere")))


@pytest.mark.postgresql
def test_a_database_that_cannot_hold_every_text_is_said(tmp_path: Path, postgresql_server: str) -> None:
    engine = create_engine(postgresql_server.format(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C'"))
    engine.dispose()
    with pytest.raises(AskwellError, match=r"The database plain is encoded as SQL_ASCII.* createdb --encoding UTF8"):
        open_records(sqlite_settings(tmp_path, postgresql_server.format(database="plain")))


def test_a_server_that_takes_connections_and_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://ann@127.0.0.1:{silent.getsockname()[1]}/askwell"
        monkeypatch.setitem(engine_module._PATIENCE, "connect_timeout", 60)
        begun = time.monotonic()
        with pytest.raises(DatabaseAwayError, match=r"Check the server and ASKWELL_DATABASE_URL"):
            open_records(sqlite_settings(tmp_path, url + "?connect_timeout=2"))  # the URL's own counts more
    assert time.monotonic() - begun < 20


def test_a_read_only_postgresql_is_said(tmp_path: Path, postgresql_url: str) -> None:
    open_records(sqlite_settings(tmp_path, postgresql_url)).close()
    records = open_records(
        sqlite_settings(tmp_path, postgresql_url + "&options=-c%20default_transaction_read_only%3Don")
    )
    with pytest.raises(AskwellError, match="is read-only"):
        records.ensure_conversation(None)
    records.close()


@pytest.mark.postgresql
@pytest.mark.usefixtures("postgresql_server")  # says whether PostgreSQL is installed
def test_a_server_that_stopped_is_something_to_try_again(tmp_path: Path) -> None:
    """A bot that is told to wait asks again later; any other error would be posted as the answer."""
    folder = binaries()
    assert folder is not None
    with private_server(folder) as url:
        records = open_records(sqlite_settings(tmp_path, url.format(database="postgres")))
        conversation = records.ensure_conversation(None)
    with pytest.raises(DatabaseAwayError, match=r"Cannot use the database at|went away"):
        records.ensure_conversation(conversation)
    with pytest.raises(DatabaseAwayError):
        records.check()
    records.close()


@pytest.mark.postgresql
def test_dropped_connections_do_not_cost_the_next_question(
    tmp_path: Path, postgresql_url: str, postgresql_server: str
) -> None:
    records = open_records(sqlite_settings(tmp_path, postgresql_url))
    conversation = records.ensure_conversation(None)
    administrator = create_engine(postgresql_server.format(database="postgres"))
    with administrator.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'askwell%'"))
    administrator.dispose()
    assert records.ensure_conversation(conversation) == conversation
    records.close()
