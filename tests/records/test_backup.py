"""Backup, restore and migration: everything comes back, between SQLite and PostgreSQL, from every released version."""

from __future__ import annotations

import gzip
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select, text

from assistant.callers import Caller, acting_as
from assistant.records import keys_of, open_records
from assistant.records.backup import back_up, restore
from assistant.records.engine import open_engine
from assistant.records.history import recorded_answers
from assistant.records.schema_version import HEAD, stored_revision
from assistant.records.store import SqlRecords
from assistant.settings import Settings
from ingest.errors import AskwellError
from tests.records.answers import answer, citation

RELEASED = sorted((Path(__file__).parent / "released").glob("*.jsonl"))
"""A backup of each released version, with something in every table it had. They are never edited."""


def filled(records: SqlRecords) -> None:
    with acting_as(Caller("key:ann")):
        conversation = records.ensure_conversation(None)
        records.record(answer(conversation, "a1", citations=(citation(1, "Größe 中 👩‍💻"),)))
        records.record(answer(conversation, "a2"))
        records.feedback("a1", "up", "good")
    keys_of(records).create("bot", collections=["handbook"], days=30)


def rows(records: SqlRecords) -> dict[str, list[str]]:
    """Every row of every table as comparable text; times in UTC whatever the database says."""
    found = MetaData()
    found.reflect(records.engine)
    with records.engine.connect() as connection:
        return {
            table.name: sorted(
                repr({name: str(value)[:26] for name, value in row.items()})
                for row in connection.execute(select(table)).mappings()
            )
            for table in found.sorted_tables
            if table.name != "sessions"
        }


def opened(settings: Settings) -> SqlRecords:
    records = open_records(settings)
    assert isinstance(records, SqlRecords)
    return records


def test_everything_comes_back_and_numbering_goes_on(records: SqlRecords, tmp_path: Path) -> None:
    filled(records)
    before, told = rows(records), list(recorded_answers(records.engine))
    counts = back_up(records.engine, tmp_path / "b.gz")
    assert (counts["answers"], counts["keys"], counts["citations"]) == (2, 1, 2)
    with records.engine.begin() as connection:
        for table in ("conversations", "keys"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert restore(records.engine, tmp_path / "b.gz") == counts
    assert rows(records) == before
    assert list(recorded_answers(records.engine)) == told
    conversation = told[0].answer.conversation_id
    records.record(answer(conversation, "a3"))
    assert [turn.question for turn in records.turns(conversation)] == ["How big?"] * 3


@pytest.mark.postgresql
@pytest.mark.parametrize("towards", ["postgresql", "sqlite"])
def test_records_move_between_sqlite_and_postgresql(tmp_path: Path, postgresql_url: str, towards: str) -> None:
    sqlite = Settings(data_dir=tmp_path / "data", _env_file=None)
    server = Settings(data_dir=tmp_path / "none", database_url=postgresql_url, _env_file=None)
    here, there = (sqlite, server) if towards == "postgresql" else (server, sqlite)
    source, target = opened(here), opened(there)
    filled(source)
    back_up(source.engine, tmp_path / "b.gz")
    restore(target.engine, tmp_path / "b.gz")
    assert rows(target) == rows(source)
    target.record(answer(next(recorded_answers(target.engine)).answer.conversation_id, "a3"))
    source.close()
    target.close()


def test_a_backup_is_one_moment_although_others_write_on(records: SqlRecords, tmp_path: Path) -> None:
    conversation = records.ensure_conversation(None)
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            records.record(answer(conversation, f"w{number}"))
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    counts = [back_up(records.engine, tmp_path / f"{number}.gz") for number in range(5)]
    over.set()
    thread.join()
    for one in counts:
        assert one.get("answers", 0) == one.get("citations", 0) == one.get("related", 0)


def test_a_backup_is_its_owners_alone(records: SqlRecords, tmp_path: Path) -> None:
    back_up(records.engine, tmp_path / "b.gz")
    assert stat.S_IMODE((tmp_path / "b.gz").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("b.gz*")) == ["b.gz"]
    with pytest.raises(AskwellError, match="cannot be written"):
        back_up(records.engine, tmp_path / "no" / "b.gz")


def test_a_database_with_records_is_not_restored_over(records: SqlRecords, tmp_path: Path) -> None:
    filled(records)
    back_up(records.engine, tmp_path / "b.gz")
    with pytest.raises(AskwellError, match="holds records already"):
        restore(records.engine, tmp_path / "b.gz")


def test_a_damaged_backup_restores_nothing(records: SqlRecords, tmp_path: Path) -> None:
    filled(records)
    back_up(records.engine, tmp_path / "b.gz")
    with records.engine.begin() as connection:
        connection.execute(text("DELETE FROM conversations"))
        connection.execute(text("DELETE FROM keys"))
    whole = (tmp_path / "b.gz").read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    damaged = {
        "cut.gz": whole[: len(whole) // 2],
        "short.gz": gzip.compress(b"".join(lines[:-1])),
        "lost row.gz": gzip.compress(b"".join([*lines[:-2], lines[-1]])),
        "text.gz": b"hello",
        "other.gz": gzip.compress(b'{"hello": 1}\n'),
        "newer.gz": gzip.compress(b'{"askwell_records": 1, "schema": "9999"}\n'),
    }
    for name, content in damaged.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AskwellError, match=name):
            restore(records.engine, tmp_path / name)
    with pytest.raises(AskwellError, match="There is no file"):
        restore(records.engine, tmp_path / "missing.gz")
    assert rows(records)["answers"] == []


@pytest.mark.parametrize("release", RELEASED, ids=[path.stem for path in RELEASED])
def test_the_records_of_a_released_version_are_migrated_and_read(
    settings: Settings, tmp_path: Path, release: Path
) -> None:
    packed = tmp_path / "release.gz"
    packed.write_bytes(gzip.compress(release.read_bytes()))
    engine = open_engine(settings.database_url, settings.data_dir / "askwell.sqlite3")
    counts = restore(engine, packed)
    assert {"conversations", "answers", "citations", "related", "feedback"} <= set(counts)
    with engine.connect() as connection:
        assert stored_revision(connection) == HEAD
    engine.dispose()
    records = opened(settings)
    first, second = recorded_answers(records.engine)
    assert (first.answer.id, first.rating, first.comment) == ("a1", "down", "too short")
    assert first.answer.citations[0].quote == "400 KB"
    assert first.answer.timings_ms == {"total": 12.5}
    assert second.answer.question == "Und auf Größe 中 👩‍💻?"
    assert second.answer.related[0].heading_path == ("Limits",)
    conversation = first.answer.conversation_id
    records.record(answer(conversation, "new"))
    records.feedback("new", "up")
    assert [turn.question for turn in records.turns(conversation)][-1] == "How big?"
    records.close()
