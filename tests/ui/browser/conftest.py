"""One Chromium for all browser tests (its event loop must not outlive them), and what is looked at in it.

Every test that takes a ``look`` runs in each. The tests of one file share one window for each look, so that what
Gradio loads is loaded once: ``visit`` is a new page of a new person in it, ``answered`` a page on which one question
was asked for the whole file.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.ui.chromium import LOOKS, PATIENCE, Look, Visit, chromium
from tests.ui.house import QUESTION

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module", params=LOOKS, ids=str)
def look(request: pytest.FixtureRequest) -> Look:
    chosen: Look = request.param
    return chosen


@pytest.fixture(scope="module")
def window(browser: Browser, look: Look) -> Iterator[BrowserContext]:
    opened = look.context(browser)
    yield opened
    opened.close()


@pytest.fixture
def arriving(window: BrowserContext, server: str) -> Iterator[Visit]:
    """An empty page of somebody who was never here; at its end nothing may have gone wrong on it."""
    window.clear_cookies()
    opened = Visit(window, server)
    yield opened
    opened.check()
    opened.page.close()


@pytest.fixture
def visit(arriving: Visit) -> Visit:
    """The chat as somebody sees it who was never here."""
    arriving.open()
    return arriving


@pytest.fixture(scope="module")
def asked_once(window: BrowserContext, server: str) -> Iterator[Visit]:
    opened = Visit(window, server)
    opened.open()
    opened.ask(QUESTION)
    yield opened
    opened.page.close()


@pytest.fixture
def answered(asked_once: Visit) -> Iterator[Visit]:
    """A page with one answer, shared by the tests of a file: each leaves it as it was, with nothing open."""
    yield asked_once
    asked_once.page.keyboard.press("Escape")
    expect(asked_once.page.locator(".panel")).to_be_hidden()
    asked_once.page.focus("#question textarea")
    asked_once.settle()
    asked_once.check()
