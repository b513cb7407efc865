"""What holds for all tests: the long files begin first, and numba compiles nothing."""

from __future__ import annotations

import os

import pytest

# ranx would have numba compile it for half a minute in a new environment, to score a handful of questions. The gate of
# the evals (.ci/run) runs it compiled.
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")

LONG = ("slow", "browser")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, so that no process is left alone with one of them when the others are done."""
    long = {item.path for item in items if any(item.get_closest_marker(mark) for mark in LONG)}
    items.sort(key=lambda item: item.path not in long)
