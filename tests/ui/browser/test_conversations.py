"""What people do with a conversation: come back to it, name it, mend a question, stop, retry, take it along."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.chromium import PHONE, WIDE, Visit

pytestmark = pytest.mark.browser

QUESTION = "What are the weaknesses of partition keys?"


@pytest.fixture(params=[(WIDE, "light"), (PHONE, "dark")], ids=["wide-light", "phone-dark"])
def visit(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Visit]:
    size, scheme = request.param
    opened = Visit(browser, server, size, scheme)
    opened.page.goto(server)
    opened.page.wait_for_selector("#question textarea")
    yield opened
    assert opened.outside == []
    assert opened.errors == []
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opened.context.close()


def open_history(visit: Visit) -> None:
    visit.page.click("#side .toggle-button")
    expect(visit.page.locator("#history .title").first).to_be_in_viewport()


def asked(visit: Visit) -> list[str]:
    return visit.page.locator("#chat .asked").all_text_contents()


def test_a_conversation_is_there_again_after_a_reload_and_goes_on(visit: Visit) -> None:
    visit.ask("What is a partition key?")
    expect(visit.page).to_have_url(re.compile(r"\?c=[0-9a-f]{32}$"))
    visit.page.reload()
    expect(visit.page.locator("#chat .answer")).to_have_count(1)
    visit.ask("And its weaknesses?")
    expect(visit.page.locator(".searched").last).to_contain_text("artition key")
    assert len(asked(visit)) == 2


def test_conversations_are_listed_opened_renamed_and_deleted(visit: Visit) -> None:
    page = visit.page
    visit.ask("What is a partition key?")
    page.click("#begin")
    expect(page.locator("#chat .answer")).to_have_count(0)
    visit.ask("How large is an Orchid item?")
    open_history(visit)
    titles = page.locator("#history .title")
    assert titles.all_text_contents() == ["How large is an Orchid item?", "What is a partition key?"]
    page.click("#history li.current .edit")
    page.fill(".editor textarea", "Sizes <b>of</b> items")
    page.keyboard.press("Enter")
    expect(titles.first).to_have_text("Sizes <b>of</b> items")
    page.locator("#history .title", has_text="What is a partition key?").click()
    expect(page.locator("#chat .asked")).to_have_text(["What is a partition key?"])
    if page.viewport_size and page.viewport_size["width"] < 900:
        open_history(visit)
    delete = page.locator("#history li.current .sure-first")
    delete.click()
    expect(delete).to_have_text("Really delete?")
    delete.click()
    expect(titles).to_have_text(["Sizes <b>of</b> items"])
    expect(page.locator("#chat .answer")).to_have_count(0)


def test_another_browser_does_not_see_them(visit: Visit, browser: Browser, server: str) -> None:
    visit.ask("What is a partition key?")
    address = visit.page.url
    expect(visit.page).to_have_url(re.compile(r"\?c="))
    address = visit.page.url
    other = Visit(browser, server, WIDE)
    other.page.goto(address)
    other.page.wait_for_selector("#chat .example")
    expect(other.page.locator("#chat .answer")).to_have_count(0)
    assert other.page.locator("#history .title").count() == 0
    exported = other.context.request.get(f"{server}/conversations/{address[-32:]}")
    assert exported.status == 404
    other.context.close()


def test_an_edited_question_replaces_what_followed(visit: Visit) -> None:
    page = visit.page
    visit.ask("What is a partition key?")
    visit.ask("How large is an Orchid item?")
    page.locator("#chat .user-row").first.hover()
    page.locator("#chat .turn .edit").first.click()
    page.fill(".editor textarea", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .asked")).to_have_text([QUESTION])
    expect(page.locator("#chat .answer:not(.streaming) .reading")).to_contain_text("range queries")


def test_the_searched_question_is_corrected_and_searched_as_written(visit: Visit) -> None:
    page = visit.page
    visit.ask("What is a partition key?")
    visit.ask("And its weaknesses?")
    page.click(".searched .edit >> nth=-1")
    page.fill(".editor textarea", "How large is an Orchid item?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .asked").last).to_have_text("How large is an Orchid item?")
    expect(page.locator("#chat .answer:not(.streaming) .reading").last).to_contain_text("400 KB")
    expect(page.locator("#chat .searched")).to_have_count(0)


def test_asking_again_does_not_double_the_question(visit: Visit) -> None:
    visit.ask(QUESTION)
    first = visit.page.locator("#chat .tools").get_attribute("id")
    visit.page.click("#chat .again")
    expect(visit.page.locator(f"#chat .tools:not(#{first})")).to_have_count(1)
    assert asked(visit) == [QUESTION]


def test_a_suggested_question_is_asked_by_a_click(visit: Visit) -> None:
    visit.ask(QUESTION)
    suggestion = visit.page.locator("#chat .suggest .do").first
    words = suggestion.text_content()
    suggestion.click()
    expect(visit.page.locator("#chat .asked")).to_have_text([QUESTION, words or ""])


def test_a_thumb_down_takes_a_reason_and_the_expected_answer(visit: Visit, data_dir: Path) -> None:
    page = visit.page
    visit.ask(QUESTION)
    answer = (page.locator("#chat .tools").get_attribute("id") or "").removeprefix("answer-")
    page.click("#chat .tool.down")
    page.get_by_label("A quote does not support it").check(force=True)
    page.fill(".why textarea", "That hot partitions <img src=x onerror=window.hacked=1> are split.")
    page.click(".why button[type=submit]")
    expect(page.locator(".why")).to_have_count(0)
    with closing(sqlite3.connect(data_dir / "askwell.sqlite3")) as records:
        row = records.execute("SELECT rating, reason, expected FROM feedback WHERE answer_id = ?", [answer]).fetchone()
    assert row[:2] == ("down", "unsupported")
    page.goto(f"{page.url.split('?')[0]}quality")
    expect(page.locator(".cards")).to_contain_text("That hot partitions <img src=x")
    assert page.evaluate("window.hacked") is None


def test_a_search_is_limited_to_a_collection(visit: Visit) -> None:
    page = visit.page
    page.click("#filters > .label-wrap")
    page.get_by_label("Handbook").check(force=True)
    expect(page.locator("#filters > .label-wrap")).to_contain_text("Only in: Handbook")
    visit.ask("How is the mail gateway restarted?")
    expect(page.locator("#chat .only")).to_have_text("Only in Handbook")
    expect(page.locator("#chat .sources")).to_contain_text("Restart of the mail gateway")
    visit.ask(QUESTION)
    expect(page.locator("#chat .answer .status").last).to_have_text("Not in the documents")


def test_a_conversation_is_exported_with_its_references(visit: Visit, server: str) -> None:
    visit.ask(QUESTION)
    open_history(visit)
    with visit.page.expect_download() as download:
        visit.page.click("#history li.current a[download], #history li.current .more a")
    text = Path(download.value.path()).read_text()
    assert download.value.suggested_filename == "what-are-the-weaknesses-of-partition-keys.md"
    assert f"## {QUESTION}" in text
    assert f"({server}/sources/guides/keys.md?" in text
    conversation = visit.page.url[-32:]
    exported = visit.context.request.get(f"{server}/conversations/{conversation}?format=json")
    assert json.loads(exported.text())["answers"][0]["question"] == QUESTION
