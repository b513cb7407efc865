"""The chat where people sign in: it answers from what the key may see, and its conversations belong to the key."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from assistant.records import open_keys
from assistant.settings import Settings
from tests.ui.browser.seeing import serious
from tests.ui.browser.staged import staged
from tests.ui.chromium import PHONE, Look, Visit

pytestmark = pytest.mark.browser

QUESTION = "How is the mail gateway restarted?"


@pytest.fixture(scope="module")
def guarded(data_dir: Path) -> Iterator[str]:
    with staged(data_dir, require_key=True) as running:
        yield running.address


def new_key(data_dir: Path) -> str:
    with open_keys(Settings(data_dir=data_dir, _env_file=None)) as keys:
        return keys.create(f"kitchen-{secrets.token_hex(4)}", ("ask", "read"), ("handbook",))[1]


def sign_in(visit: Visit, secret: str) -> None:
    visit.page.goto(visit.server)
    visit.page.fill("#key", secret)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#question textarea")


def test_people_sign_in_and_out(window: BrowserContext, guarded: str, data_dir: Path) -> None:
    visit = Visit(window, guarded)
    page = visit.page
    page.goto(guarded)
    assert serious(page) == []
    page.fill("#key", "askwell_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert serious(page) == []
    visit.check()
    sign_in(visit, new_key(data_dir))
    if visit.width < 900:
        visit.press(page.locator("#side .toggle-button"))
    visit.press(page.get_by_role("link", name="Sign out"))
    expect(page).to_have_url(f"{guarded}/sign-out")
    assert serious(page) == []
    visit.press(page.get_by_role("button", name="Sign out"))
    expect(page.locator("#key")).to_be_visible()
    page.goto(guarded)
    expect(page.locator("#key")).to_be_visible()
    visit.check()
    page.close()


def test_the_chat_answers_who_signed_in_from_their_collections(browser: Browser, guarded: str, data_dir: Path) -> None:
    secret = new_key(data_dir)
    for first in (True, False):
        visit = Visit(Look(PHONE, "dark").context(browser), guarded)  # another browser, the same key
        page = visit.page
        sign_in(visit, secret)
        if first:
            visit.ask(QUESTION)
            expect(page.locator("#chat .sources")).to_contain_text("Restart of the mail gateway")
            visit.ask("What is a partition key in Orchid?")
            expect(page.locator("#chat .answer .status").last).to_have_text("Not in the documents")
        expect(page.locator("#history .title")).to_have_text([QUESTION])
        visit.check()
        visit.context.close()
