"""An answer that a chat model wrote: the report of its checks, closed until it is wanted, there again later."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.provider.script import Reply
from tests.provider.server import running
from tests.ui.chromium import PHONE, Visit
from tests.ui.served import served

pytestmark = pytest.mark.browser

SAID = "Partition keys cannot answer range queries over several partitions [1]. Partition keys were invented in 1987."


def test_the_chat_tells_which_sentences_hold(browser: Browser, data_dir: Path) -> None:
    with running() as provider:
        provider.say("answer", Reply(SAID))
        provider.say("repair", Reply("nothing"))
        model = {"ASKWELL_MODEL": "openai:test-model", "ASKWELL_MODEL_BASE_URL": provider.url}
        with served(data_dir, **model) as house:
            visit = Visit(browser, house.address, PHONE, "dark")
            page = visit.page
            page.goto(house.address)
            page.wait_for_selector("#question textarea")
            visit.ask("What are the weaknesses of partition keys?")
            report = page.locator("#chat details.checked")
            expect(report.locator("summary")).to_have_text("Checked: 1 of 2 sentences supported")
            expect(report.locator("li")).to_be_hidden()
            page.reload()
            report.locator("summary").click()
            expect(report.locator("li .sentence")).to_have_text("Partition keys were invented in 1987.")
            expect(report.locator("li .reason").first).to_contain_text("1987")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert (visit.outside, visit.errors) == ([], [])
            visit.context.close()
