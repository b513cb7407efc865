"""The schema: migrated on open by whoever comes first, refused when it is newer, the same as the mapped tables."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from assistant.records import open_records
from assistant.records.engine import open_engine
from assistant.records.schema_version import HEAD, MIGRATIONS, stored_revision
from assistant.records.store import SqlRecords
from assistant.records.tables import Base
from assistant.settings import Settings
from ingest.errors import AskwellError


def test_head_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_the_migrations_make_exactly_the_mapped_tables(records: SqlRecords) -> None:
    with records.engine.connect() as connection:
        assert stored_revision(connection) == HEAD
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_database_of_a_newer_version_is_refused_and_left_alone(records: SqlRecords, settings: Settings) -> None:
    with records.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(AskwellError, match=r"newer version of Askwell \(schema 9999"):
        open_records(settings)
    with records.engine.connect() as connection:
        assert stored_revision(connection) == "9999"


def test_somebody_elses_database_is_refused(settings: Settings) -> None:
    engine = open_engine(settings.database_url, settings.data_dir / "askwell.sqlite3")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE answers (id INTEGER)"))
    engine.dispose()
    with pytest.raises(AskwellError, match="not Askwell's"):
        open_records(settings)


def test_many_openers_at_once_migrate_once(settings: Settings) -> None:
    def open_one(_: int) -> str:
        records = open_records(settings)
        try:
            return records.ensure_conversation(None)
        finally:
            records.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(open_one, range(8)))) == 8


def test_processes_that_open_a_new_database_at_once_all_succeed(settings: Settings) -> None:
    program = (
        "import sys; from pathlib import Path; from assistant.records import open_records; "
        "from assistant.settings import Settings; "
        "r = open_records(Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2], _env_file=None)); "
        "print(r.ensure_conversation(None)); r.close()"
    )
    command = [sys.executable, "-c", program, str(settings.data_dir), settings.database_url]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    results = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 4, results
    assert len({out.strip() for out, _ in results}) == 4


def test_opening_a_current_database_does_not_import_alembic(settings: Settings) -> None:
    open_records(settings).close()
    program = (
        "import sys; from pathlib import Path; import assistant.records; assert 'sqlalchemy' not in sys.modules; "
        "from assistant.settings import Settings; "
        "settings = Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2], _env_file=None); "
        "assistant.records.open_records(settings); "
        "assert 'sqlalchemy' in sys.modules and 'alembic' not in sys.modules"
    )
    command = [sys.executable, "-c", program, str(settings.data_dir), settings.database_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
