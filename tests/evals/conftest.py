"""The built-in embedder, exported once and kept between test runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.embedders import load_embedder
from ingest.protocols import Embedder


@pytest.fixture(scope="session")
def models(request: pytest.FixtureRequest) -> Path:
    """A data directory whose folder ``models`` holds the exported embedder."""
    cache = request.config.cache
    assert cache is not None
    return Path(cache.mkdir("askwell-models"))


@pytest.fixture(scope="session")
def embedder(models: Path) -> Embedder:
    return load_embedder("all-MiniLM-L6-v2", models, threads=2)
