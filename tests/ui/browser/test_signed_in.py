"""The chat where people sign in: it answers from what the key may see, and its conversations belong to the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assistant.records import open_keys
from assistant.settings import Settings
from tests.ui.chromium import WIDE, Visit
from tests.ui.served import served

pytestmark = pytest.mark.browser


def test_the_chat_answers_who_signed_in_from_their_collections(browser: Browser, data_dir: Path) -> None:
    with open_keys(Settings(data_dir=data_dir, _env_file=None)) as keys:
        key = keys.create("kitchen-browser", ("ask", "read"), ("handbook",))[1]
    with served(data_dir, ASKWELL_REQUIRE_KEY="true") as running:
        titles = []
        for first in (True, False):
            visit = Visit(browser, running.address, WIDE)  # another browser, the same key
            page = visit.page
            page.goto(running.address)
            page.fill("#key", key)
            page.keyboard.press("Enter")
            page.wait_for_selector("#question textarea")
            if first:
                visit.ask("How is the mail gateway restarted?")
                expect(page.locator("#chat .sources")).to_contain_text("Restart of the mail gateway")
                visit.ask("What is a partition key in Orchid?")
                expect(page.locator("#chat .answer .status").last).to_have_text("Not in the documents")
            expect(page.locator("#history .title")).to_have_count(1)
            titles.append(page.locator("#history .title").text_content())
            assert visit.errors == []
            visit.context.close()
        assert titles == ["How is the mail gateway restarted?"] * 2
