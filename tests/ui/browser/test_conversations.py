"""What people do with a conversation: come back to it, name it, mend a question, ask again, limit the search."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.browser.seeded import conversation_of, example, resume
from tests.ui.chromium import WIDE, Look, Visit
from tests.ui.house import QUESTION

pytestmark = pytest.mark.browser

DEFINITION, SIZE = "What is a partition key?", "How large is an Orchid item?"


def open_history(visit: Visit) -> None:
    visit.press(visit.page.locator("#side .toggle-button"))
    expect(visit.page.locator("#history .title").first).to_be_in_viewport()
    visit.settle()


def test_a_conversation_is_there_again_after_a_reload_and_what_is_searched_can_be_corrected(visit: Visit) -> None:
    page = visit.page
    visit.ask(DEFINITION)
    expect(page).to_have_url(re.compile(r"\?c=[0-9a-f]{32}$"))
    page.reload()
    expect(page.locator("#chat .answer")).to_have_count(1)
    visit.ask("And its weaknesses?")
    expect(page.locator("#chat .asked")).to_have_text([DEFINITION, "And its weaknesses?"])
    expect(page.locator(".searched").last).to_contain_text("artition key")
    visit.press(page.locator(".searched .edit").last)
    page.fill(".editor textarea", SIZE)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .asked")).to_have_text([DEFINITION, SIZE])
    expect(page.locator("#chat .answer:not(.streaming) .reading").last).to_contain_text("400 KB")
    expect(page.locator("#chat .searched")).to_have_count(0)


def test_conversations_are_listed_opened_renamed_and_deleted(visit: Visit) -> None:
    page = visit.page
    visit.ask(DEFINITION)
    visit.press(page.locator("#begin"))
    expect(page.locator("#chat .answer")).to_have_count(0)
    visit.ask(SIZE)
    open_history(visit)
    titles = page.locator("#history .title")
    expect(titles).to_have_text([SIZE, DEFINITION])
    visit.press(page.locator("#history li.current .edit"))
    page.fill(".editor textarea", "Sizes <b>of</b> items")
    page.keyboard.press("Enter")
    expect(titles.first).to_have_text("Sizes <b>of</b> items")
    visit.press(page.locator("#history .title", has_text=DEFINITION))
    expect(page.locator("#chat .asked")).to_have_text([DEFINITION])
    if visit.width < 900:  # there the list makes room for what was opened
        expect(page.locator("#side.open")).to_have_count(0)
        open_history(visit)
    delete = page.locator("#history li.current .sure-first")
    visit.press(delete)
    expect(delete).to_have_text("Really delete?")
    visit.press(delete)
    expect(titles).to_have_text(["Sizes <b>of</b> items"])
    expect(page.locator("#chat .answer")).to_have_count(0)


def test_a_question_is_edited_asked_again_and_followed_by_a_suggested_one(visit: Visit) -> None:
    page = visit.page
    visit.ask(DEFINITION)
    visit.ask(SIZE)
    if visit.width > 900:
        page.locator("#chat .user-row").first.hover()
    visit.press(page.locator("#chat .turn .edit").first)
    page.fill(".editor textarea", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .asked")).to_have_text([QUESTION])  # in place of both
    expect(page.locator("#chat .answer:not(.streaming) .reading")).to_contain_text("range queries")
    expect(page.locator("#chat .tools button")).to_have_count(3)
    first = page.locator("#chat .tools").get_attribute("id")
    visit.press(page.locator("#chat .again"))
    expect(page.locator(f"#chat .tools:not(#{first})")).to_have_count(1)
    expect(page.locator("#chat .asked")).to_have_text([QUESTION])  # not doubled
    suggestion = page.locator("#chat .suggest .do").first
    words = suggestion.text_content() or ""
    visit.press(suggestion)
    expect(page.locator("#chat .asked")).to_have_text([QUESTION, words])
    expect(page.locator("#chat .answer:not(.streaming)")).to_have_count(2)


def test_a_search_is_limited_to_a_collection(visit: Visit) -> None:
    page = visit.page
    visit.press(page.locator("#filters > .label-wrap"))
    visit.press(page.locator("#filters label", has_text="Handbook"))
    expect(page.locator("#filters > .label-wrap")).to_contain_text("Only in: Handbook")
    visit.ask("How is the mail gateway restarted?")
    expect(page.locator("#chat .only")).to_have_text("Only in Handbook")
    expect(page.locator("#chat .sources")).to_contain_text("Restart of the mail gateway")
    visit.ask(QUESTION)
    expect(page.locator("#chat .answer .status").last).to_have_text("Not in the documents")


def test_a_long_conversation_draws_its_latest_turns_and_the_others_on_demand(arriving: Visit, data_dir: Path) -> None:
    resume(arriving, *conversation_of(data_dir, [example(f"Question {number}?") for number in range(45)]))
    expect(arriving.page.locator("#chat .asked")).to_have_count(20)
    expect(arriving.page.locator("#chat .asked").first).to_have_text("Question 25?")
    arriving.press(arriving.page.get_by_role("button", name="Show earlier questions (25)"))
    expect(arriving.page.locator("#chat .asked")).to_have_count(40)


def test_another_browser_does_not_see_them(browser: Browser, server: str) -> None:
    mine, other = (Visit(Look(WIDE).context(browser), server) for _ in range(2))
    mine.open()
    mine.ask(DEFINITION)
    expect(mine.page).to_have_url(re.compile(r"\?c="))
    address = mine.page.url
    other.page.goto(address)
    other.page.wait_for_selector("#chat .example")
    expect(other.page.locator("#chat .answer")).to_have_count(0)
    assert other.page.locator("#history .title").count() == 0
    exported = other.context.request.get(f"{server}/conversations/{address[-32:]}")
    assert exported.status == 404
    mine.context.close()
    other.context.close()
