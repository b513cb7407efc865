"""Every route asks for a key, or is listed as open with its reason; a new one that does neither fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Mount, Route

from tests.ui.access import Guarded, guarded
from tests.ui.house import build
from ui.http.access import OPEN, is_open
from ui.http.security import is_own

ON_PURPOSE = {"/healthz", "/readyz", "/sign-in", "/sign-out", "/slack/events", "/ui"}
"""To open another path, list it here too and say in ``OPEN`` why."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Guarded]:
    """With the chat: its host brings dozens of routes of its own."""
    made = guarded(build(tmp_path_factory.mktemp("routes"), models), chat=True)
    yield made
    made.assistant.close()


def routes(found: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(method, address) of every route, mounted applications included; parameters are filled in."""
    for route in found:
        path = prefix + re.sub(r"\{\w+(:\w+)?\}", "x", getattr(route, "path", ""))
        included = getattr(route, "effective_route_contexts", None)  # FastAPI keeps an included router as one route
        if included is not None:
            for context in included():
                address = prefix + re.sub(r"\{\w+(:\w+)?\}", "x", context.path)
                yield from ((method, address) for method in context.methods or {"GET"})
        elif isinstance(route, Mount):
            yield from routes(list(route.routes), path)
            yield "GET", path + "/x"
        elif isinstance(route, Route):
            for method in route.methods or {"GET"}:
                yield method, path


def test_what_is_open_is_open_on_purpose() -> None:
    assert set(OPEN) == ON_PURPOSE
    assert all(len(reason.split()) > 3 for reason in OPEN.values())


def test_every_route_asks_for_a_key_or_is_listed_as_open(house: Guarded) -> None:
    client = house.client()
    asked = {(method, path or "/") for method, path in routes(list(house.app.router.routes))}
    closed = [(method, path) for method, path in sorted(asked) if not is_open(path)]
    assert len(closed) > 50
    assert {path for _, path in closed} >= {"/", "/v1/answers", "/v1/search", "/v1/documents", "/sources/x", "/docs"}
    for method, path in closed:
        response = client.request(method, path, headers={"Accept": "application/json"})
        assert response.status_code == 401, f"{method} {path} answered {response.status_code} without a key"
        page = client.get(path, headers={"Accept": "text/html"})
        assert (page.status_code, page.headers.get("location", "")[:8]) == (303, "/sign-in"), path


def test_addresses_that_only_look_open_are_closed(house: Guarded) -> None:
    client = house.client()
    for path in ("/healthzz", "/ui/../v1/documents", "/UI/chat.css", "//ui", "/sign-in-not", "/v1/nothing", "/nothing"):
        assert client.get(path).status_code == 401, path
    assert client.get("/ui/%2e%2e/v1/documents").status_code in (401, 404)


def test_every_route_of_ours_has_the_strict_content_policy(house: Guarded) -> None:
    ours = [path for _, path in routes(list(house.app.router.routes)) if path.startswith(("/v1", "/sources", "/sign"))]
    assert all(is_own(path) for path in ours)
