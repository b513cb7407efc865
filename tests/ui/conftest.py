"""A small house with real parts, built once: index, assistant, application, and a server for the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.assistant import Assistant
from assistant.settings import Settings
from assistant.wiring import assemble
from ui.http.app import create_app


@pytest.fixture(scope="session")
def models(exported: Path) -> Path:
    return exported


@pytest.fixture(scope="session")
def data_dir(small_house: Path) -> Path:
    return small_house


@pytest.fixture(scope="session")
def server(small_server: str) -> str:
    return small_server


@pytest.fixture(scope="session")
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, max_question_chars=4000, _env_file=None)


@pytest.fixture(scope="session")
def assistant(settings: Settings) -> Iterator[Assistant]:
    assembled = assemble(settings)
    yield assembled
    assembled.close()


@pytest.fixture(scope="session")
def client(assistant: Assistant, settings: Settings) -> TestClient:
    """The API with the chat mounted, in this process."""
    return TestClient(create_app(assistant, settings), raise_server_exceptions=False)


@pytest.fixture
def empty_client(tmp_path: Path, models: Path) -> Iterator[TestClient]:
    """A server whose data directory has no index yet."""
    (tmp_path / "models").symlink_to(models)
    settings = Settings(data_dir=tmp_path, _env_file=None)
    assembled = assemble(settings)
    yield TestClient(create_app(assembled, settings), raise_server_exceptions=False)
    assembled.close()
