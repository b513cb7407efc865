"""The chat and the viewer in a real browser: what a person would miss if it broke."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.chromium import PHONE, WIDE, Visit, chromium

pytestmark = pytest.mark.browser

QUESTION = "What are the weaknesses of partition keys?"
QUOTE = "Partition keys cannot answer range queries over several partitions."


@pytest.fixture(scope="module")
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


def test_clicking_a_number_shows_the_quoted_words_highlighted_in_their_section(visit: Visit) -> None:
    visit.ask(QUESTION)
    page = visit.page
    page.click("#chat a.cite >> nth=0")
    mark = page.locator(".panel mark#quote")
    expect(mark).to_be_in_viewport()
    quote = page.locator("#chat .sources .quote").first.text_content()
    assert quote == QUOTE
    assert "".join(page.locator(".panel mark").all_text_contents()) == quote
    expect(page.locator(".panel")).to_contain_text("Weaknesses of partition keys")
    assert page.url.rstrip("/").count("/") == 2  # still on the chat


def test_the_source_opens_and_closes_from_the_keyboard(visit: Visit) -> None:
    visit.ask(QUESTION)
    page = visit.page
    page.focus("#chat a.cite >> nth=0")
    page.keyboard.press("Enter")
    expect(page.locator(".panel mark#quote")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).not_to_be_visible()
    assert page.evaluate("document.activeElement.className").startswith("cite")


def test_the_document_behind_a_source_opens_at_the_highlighted_words(visit: Visit) -> None:
    visit.ask(QUESTION)
    page = visit.page
    page.click("#chat a.cite >> nth=0")
    with page.context.expect_page() as opened:
        page.click(".panel-foot >> text=Open document")
    document = opened.value
    mark = document.locator("mark#quote")
    expect(mark).to_be_in_viewport()
    assert mark.text_content() == QUOTE
    expect(document.get_by_role("heading", name="Keys in Orchid tables")).to_have_count(1)


def test_an_example_question_is_asked_by_a_click_and_a_new_conversation_clears_the_page(visit: Visit) -> None:
    page = visit.page
    page.click("#chat .example >> nth=0")
    expect(page.locator("#chat .answer:not(.streaming)")).to_have_count(1, timeout=30_000)
    page.click("#begin")
    expect(page.locator("#chat .answer")).to_have_count(0)
    expect(page.locator("#chat .example").first).to_be_visible()


def test_a_follow_up_shows_what_was_searched(visit: Visit) -> None:
    visit.ask("What is a partition key?")
    visit.ask("And its weaknesses?")
    expect(visit.page.locator(".searched").last).to_contain_text("artition key")


def test_hostile_questions_and_documents_do_not_run(visit: Visit, server: str) -> None:
    page = visit.page
    visit.ask("What weighs the payload? <img src=x onerror='window.hacked=1'><script>window.hacked=1</script>")
    visit.ask("What does the lander payload weigh?")
    if page.locator("#chat a.cite").count():
        page.click("#chat a.cite >> nth=0")
        expect(page.locator(".panel-body")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    page.goto(f"{server}/sources/payload.md")
    expect(page.locator("article")).to_contain_text("lander payload")
    assert page.evaluate("window.hacked") is None
    assert page.locator("article script, article img, article iframe").count() == 0


def test_the_viewer_reads_well_without_javascript(browser: Browser, server: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server}/sources/guides/keys.md?start=700&end=800#quote")
    expect(page.locator("mark").first).to_be_in_viewport()
    context.close()
