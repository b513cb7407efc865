"""An answer that a chat model wrote: the report of its checks, closed until it is wanted, there again later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.provider.script import Reply
from tests.provider.server import running
from tests.ui.browser.seeing import serious
from tests.ui.browser.staged import staged
from tests.ui.chromium import Visit
from tests.ui.house import QUESTION

pytestmark = pytest.mark.browser

SAID = "Partition keys cannot answer range queries over several partitions [1]. Partition keys were invented in 1987."


@pytest.fixture(scope="module")
def written(data_dir: Path) -> Iterator[str]:
    """The address of a server whose answers a chat model writes."""
    with running() as provider:
        provider.say("answer", Reply(SAID))
        provider.say("repair", Reply("nothing"))
        with staged(data_dir, model="openai:test-model", model_base_url=provider.url) as house:
            yield house.address


def test_the_chat_tells_which_sentences_hold(window: BrowserContext, written: str) -> None:
    visit = Visit(window, written)
    page = visit.page
    visit.open()
    visit.ask(QUESTION)
    report = page.locator("#chat details.checked")
    expect(report.locator("summary")).to_have_text("Checked: 1 of 2 sentences supported")
    expect(report.locator("li")).to_be_hidden()
    page.reload()
    visit.press(report.locator("summary"))
    expect(report.locator("li .sentence")).to_have_text("Partition keys were invented in 1987.")
    expect(report.locator("li .reason").first).to_contain_text("1987")
    expect(page.locator("#chat .tools button")).to_have_count(3)
    visit.settle()
    assert serious(page) == []
    visit.check()
    page.close()
