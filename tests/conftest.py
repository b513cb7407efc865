"""What holds for all tests: long ones begin first, numba compiles nothing, the faces share a house and a server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.house import build
from tests.ui.served import served

# ranx would have numba compile it for half a minute in a new environment, to score a handful of questions. The gate of
# the evals (.ci/run) runs it compiled.
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")

LONG = ("slow", "browser")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, so that no process is left alone with one of them when the others are done."""
    long = {item.path for item in items if any(item.get_closest_marker(mark) for mark in LONG)}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def exported(request: pytest.FixtureRequest) -> Path:
    """The exported embedder, kept between test runs."""
    cache = request.config.cache
    assert cache is not None
    folder = Path(cache.mkdir("askwell-models")) / "models"
    folder.mkdir(exist_ok=True)
    return folder.resolve()


@pytest.fixture(scope="session")
def small_house(tmp_path_factory: pytest.TempPathFactory, exported: Path) -> Path:
    """The data directory of ``tests/ui/house.py``. Its records are shared: look for your own, count nothing."""
    return build(tmp_path_factory.mktemp("house"), exported)


@pytest.fixture(scope="session")
def small_server(small_house: Path) -> Iterator[str]:
    """The address of ``askwell serve`` over it, running as people run it."""
    with served(small_house) as running:
        yield running.address
