"""Records over SQLite and over a real PostgreSQL, one empty database for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from assistant.records import open_records
from assistant.records.store import SqlRecords
from assistant.settings import Settings
from tests.postgresql import binaries, private_server

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL template of a private server; skipped where PostgreSQL is not installed."""
    folder = binaries()
    if folder is None:
        reason = "PostgreSQL is not installed: no /usr/lib/postgresql/*/bin/initdb"
        if os.environ.get("ASKWELL_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with private_server(folder) as template:
        yield template


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """An empty database of its own."""
    name = f"askwell_{next(_numbers)}"
    engine = create_engine(postgresql_server.format(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return postgresql_server.format(database=name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    return Settings(data_dir=tmp_path / "data", database_url=url, _env_file=None)


@pytest.fixture
def records(settings: Settings) -> Iterator[SqlRecords]:
    opened = open_records(settings)
    assert isinstance(opened, SqlRecords)
    yield opened
    opened.close()
