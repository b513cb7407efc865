"""One Chromium for all browser tests (its event loop must not outlive them), and a visit to the chat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.ui.chromium import PHONE, WIDE, Visit, chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def visit(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Visit]:
    """The chat, opened; at its end nothing may have gone outside and no script may have failed."""
    opened = Visit(browser, server, request.param)
    opened.page.goto(server)
    opened.page.wait_for_selector("#question textarea")
    yield opened
    assert opened.outside == []
    assert opened.errors == []
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opened.context.close()
