"""A small library with real parts, built once: the index made with the built-in model, and an assistant over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.names import Names
from assistant.protocols import Records
from assistant.records import open_records
from assistant.search import HybridSearch
from assistant.settings import Settings
from assistant.types import Answer, Question
from ingest.embedders import load_embedder
from ingest.index import OpenIndex
from ingest.pipeline import ingest
from ingest.protocols import Embedder
from tests.assistant.house import HERE, assistant_over

Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def models(request: pytest.FixtureRequest) -> Path:
    """A folder with the exported embedder, kept between test runs."""
    cache = request.config.cache
    assert cache is not None
    return Path(cache.mkdir("askwell-models"))


@pytest.fixture(scope="session")
def embedder(models: Path) -> Embedder:
    return load_embedder("all-MiniLM-L6-v2", models, threads=2)


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    opened = open_records(Settings(data_dir=tmp_path_factory.mktemp("records"), _env_file=None))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """Two collections: "default" with services and pillars, "handbook" with one page."""
    folder = tmp_path_factory.mktemp("library")
    ingest([HERE / "library"], data_dir=folder, embedder=embedder)
    ingest([HERE / "handbook"], data_dir=folder, embedder=embedder, collection="handbook")
    return folder


@pytest.fixture(scope="session")
def assistant(data_dir: Path, embedder: Embedder, records: Records) -> Iterator[Assistant]:
    made = assistant_over(data_dir, embedder, records)
    yield made
    made.holder.close()


@pytest.fixture(scope="session")
def ask(assistant: Assistant) -> Ask:
    """``ask("What is X?", conversation_id=...)`` gives the answer."""

    def asked(text: str, **more: object) -> Answer:
        return assistant.ask(Question(text, **more))  # type: ignore[arg-type]

    return asked


@pytest.fixture(scope="session")
def search(assistant: Assistant) -> HybridSearch:
    return assistant.searcher()


@pytest.fixture(scope="session")
def index(search: HybridSearch) -> OpenIndex:
    return search.index


@pytest.fixture(scope="session")
def names(search: HybridSearch) -> Names:
    return search.names
