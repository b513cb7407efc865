"""The chat and the viewer in a real browser: what a person would miss if it broke."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.browser.seeded import conversation_of, example, resume
from tests.ui.chromium import PHONE, Visit

pytestmark = pytest.mark.browser

QUESTION = "What are the weaknesses of partition keys?"
QUOTE = "Partition keys cannot answer range queries over several partitions."


def test_clicking_a_number_shows_the_quoted_words_highlighted_in_their_section(visit: Visit) -> None:
    visit.ask(QUESTION)
    page = visit.page
    page.click("#chat a.cite >> nth=0")
    mark = page.locator(".panel mark#quote")
    expect(mark).to_be_in_viewport()
    assert "".join(page.locator(".panel mark").all_text_contents()) == QUOTE
    others = page.locator(".panel .also").all_text_contents()
    assert "".join(others).startswith("A popular partition key")
    expect(page.locator(".panel")).to_contain_text("Weaknesses of partition keys")
    assert "/sources/" not in page.url  # still on the chat


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
        page.click(".panel-head >> text=Open document")
    document = opened.value
    mark = document.locator("mark#quote")
    expect(mark).to_be_in_viewport()
    assert mark.text_content() == QUOTE
    expect(document.get_by_role("heading", name="Keys in Orchid tables")).to_have_count(1)


def test_every_number_is_large_enough_to_tap_and_stands_at_the_same_distance(visit: Visit) -> None:
    visit.ask(QUESTION)
    boxes = [chip.bounding_box() for chip in visit.page.locator("#chat a.cite").all()]
    assert len(boxes) >= 4
    assert all(box and box["width"] >= 24 and box["height"] >= 24 for box in boxes)
    styles = visit.page.eval_on_selector_all(
        "#chat a.cite",
        "chips => chips.map(chip => getComputedStyle(chip).borderLeftWidth + getComputedStyle(chip).margin)",
    )
    assert set(styles) == {"5px0px"}


def test_the_send_button_looks_idle_while_there_is_nothing_to_send(visit: Visit) -> None:
    colour = "button => getComputedStyle(button).backgroundColor"
    idle = visit.page.eval_on_selector("#question button", colour)
    visit.page.fill("#question textarea", "What is a key?")
    assert visit.page.eval_on_selector("#question button", colour) != idle


def test_an_answer_is_rated_and_the_rating_can_be_changed(visit: Visit, data_dir: Path) -> None:
    visit.ask(QUESTION)
    answer = (visit.page.locator("#chat .tools").get_attribute("id") or "").removeprefix("answer-")
    for rating, other in (("down", "up"), ("up", "down")):
        visit.page.click(f"#chat .tool.{rating}")
        expect(visit.page.locator(f"#chat .tool.{rating}")).to_have_attribute("aria-pressed", "true")
        expect(visit.page.locator(f"#chat .tool.{other}")).to_have_attribute("aria-pressed", "false")
        with closing(sqlite3.connect(data_dir / "askwell.sqlite3")) as records:
            assert records.execute("SELECT rating FROM feedback WHERE answer_id = ?", [answer]).fetchall() == [
                (rating,)
            ]


def test_an_answer_is_copied_with_references_that_lead_here(visit: Visit, server: str) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask(QUESTION)
    visit.page.click("#chat .tool.copy")
    expect(visit.page.locator("#chat .said")).to_have_text("Copied")
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert "[1]" in copied
    assert f"1. [Keys in Orchid tables › Weaknesses of partition keys]({server}/sources/guides/keys.md?" in copied
    assert QUOTE in copied.split("**Sources**")[1]


def test_a_block_of_code_is_copied_word_for_word(visit: Visit, server: str, data_dir: Path) -> None:
    code = "SELECT id -- \"first\"\n  FROM orchids\n\n  WHERE height < 3 AND colour <> 'a & b';"
    written = example("Which orchids are small?", text=f"They are found so:\n\n```sql\n{code}\n```\n\nThat is all.")
    resume(visit, server, *conversation_of(data_dir, [written]))
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = visit.page.locator("#chat .reading pre .copy-code")
    button.click()
    expect(button).to_have_class(re.compile(r"\bdone\b"))
    assert visit.page.evaluate("navigator.clipboard.readText()").rstrip("\n") == code


def test_sections_near_an_unanswered_question_open_beside_it(visit: Visit) -> None:
    visit.ask("Who won the world cup in 1998?")
    page = visit.page
    expect(page.locator("#chat .answer .status")).to_have_text("Not in the documents")
    related = page.locator("#chat .related a.open")
    if related.count():
        related.first.click()
        expect(page.locator(".panel-body")).to_be_visible()
        expect(page.locator(".panel mark")).to_have_count(0)


def test_on_a_phone_the_source_leaves_the_statement_in_sight(browser: Browser, server: str) -> None:
    phone = Visit(browser, server, PHONE)
    phone.page.goto(server)
    phone.ask(QUESTION)
    chip = phone.page.locator("#chat .reading a.cite").last
    chip.click()
    phone.page.wait_for_selector(".panel mark#quote")
    phone.page.wait_for_timeout(700)  # until the sheet has come up and the answer has moved
    sheet, statement = phone.page.locator(".panel").bounding_box(), chip.bounding_box()
    close = phone.page.locator(".panel-close").bounding_box()
    assert sheet
    assert statement
    assert close
    assert sheet["height"] <= 0.7 * PHONE[1] + 1
    assert 0 < statement["y"] < statement["y"] + statement["height"] <= sheet["y"]
    assert min(close["width"], close["height"]) >= 44
    phone.context.close()


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
