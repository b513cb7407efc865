"""Reading an answer: its numbers lead to the quoted words, and it can be taken along and rated."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.browser.seeing import eventually
from tests.ui.chromium import Visit
from tests.ui.house import QUESTION, QUOTE

pytestmark = pytest.mark.browser

PATH = "Keys in Orchid tables › Weaknesses of partition keys"


def test_clicking_a_number_shows_the_quoted_words_highlighted_in_their_section(answered: Visit) -> None:
    page = answered.page
    answered.press(page.locator("#chat a.cite").first)
    expect(page.locator(".panel mark#quote")).to_be_in_viewport()
    assert "".join(page.locator(".panel mark").all_text_contents()) == QUOTE
    others = page.locator(".panel .also").all_text_contents()
    assert "".join(others).startswith("A popular partition key")
    expect(page.locator(".panel")).to_contain_text("Weaknesses of partition keys")
    assert "/sources/" not in page.url  # still on the chat
    answered.press(page.get_by_role("button", name="Close the source"))
    expect(page.locator(".panel")).to_be_hidden()


def test_the_source_leaves_the_statement_in_sight(answered: Visit) -> None:
    page = answered.page
    chip = page.locator("#chat .reading a.cite").last
    answered.press(chip)
    expect(page.locator(".panel mark#quote")).to_be_in_viewport()
    answered.settle()

    def beside_each_other() -> bool:
        panel, statement = page.locator(".panel").bounding_box(), chip.bounding_box()
        assert panel
        assert statement
        assert 0 < statement["y"] < 844
        if answered.width < 900:
            return panel["height"] <= 0.7 * 844 + 1 and statement["y"] + statement["height"] <= panel["y"]
        return statement["x"] + statement["width"] <= panel["x"]

    eventually(page, beside_each_other)  # on a phone the answer moves up
    close = page.locator(".panel-close").bounding_box()
    assert close
    assert min(close["width"], close["height"]) >= (44 if answered.width < 900 else 24)


def test_the_source_opens_and_closes_from_the_keyboard(answered: Visit) -> None:
    page = answered.page
    page.focus("#chat a.cite >> nth=0")
    page.keyboard.press("Enter")
    expect(page.locator(".panel mark#quote")).to_be_visible()
    expect(page.locator(".panel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator("#chat a.cite").first).to_be_focused()


def test_the_document_behind_a_source_opens_at_the_highlighted_words(answered: Visit) -> None:
    page = answered.page
    answered.press(page.locator("#chat a.cite").first)
    with page.context.expect_page() as opened:
        answered.press(page.get_by_role("link", name="Open document at the highlighted words"))
    document = opened.value
    mark = document.locator("mark#quote")
    expect(mark).to_be_in_viewport()
    expect(mark).to_have_text(QUOTE)
    expect(document.get_by_role("heading", name="Keys in Orchid tables")).to_have_count(1)
    assert document.evaluate("document.documentElement.scrollWidth") <= answered.width
    document.close()


def test_a_number_shows_where_it_leads_under_the_pointer_and_the_keyboard(answered: Visit) -> None:
    page = answered.page
    chip = page.locator("#chat .reading a.cite").first
    if answered.width > 900:  # a finger does not hover
        chip.hover()
        expect(page.locator(".peek-path")).to_have_text(PATH)
        expect(page.locator(".peek-quote")).to_contain_text("range queries over several partitions")
        page.mouse.move(5, 5)
        expect(page.locator(".peek")).to_be_hidden()
    page.focus("#question textarea")
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('#chat a.cite')"):
            break
    expect(page.locator(".peek")).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "peek"
    box = page.locator(".peek").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= answered.width
    page.keyboard.press("Enter")
    expect(page.locator(".panel mark#quote")).to_be_in_viewport()
    expect(page.locator(".panel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#chat a.cite:focus")).to_have_count(1)


def test_every_number_is_large_enough_to_tap_and_stands_at_the_same_distance(answered: Visit) -> None:
    boxes = [chip.bounding_box() for chip in answered.page.locator("#chat a.cite").all()]
    assert len(boxes) >= 4
    assert all(box and box["width"] >= 24 and box["height"] >= 24 for box in boxes)
    styles = answered.page.eval_on_selector_all(
        "#chat a.cite",
        "chips => chips.map(chip => getComputedStyle(chip).borderLeftWidth + getComputedStyle(chip).margin)",
    )
    assert set(styles) == {"5px0px"}


def test_how_sure_an_answer_is_opens_to_the_share_that_was_right(answered: Visit) -> None:
    sure = answered.page.locator("#chat .sure")
    answered.press(sure.locator("summary"))
    expect(sure.locator("p")).to_contain_text("Of 100 answers")
    answered.press(sure.locator("summary"))
    expect(sure.locator("p")).to_be_hidden()


def test_an_answer_is_copied_with_references_that_lead_here(answered: Visit, server: str) -> None:
    answered.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered.press(answered.page.locator("#chat .tool.copy"))
    expect(answered.page.locator("#chat .said")).to_have_text("Copied")
    copied = answered.page.evaluate("navigator.clipboard.readText()")
    assert "[1]" in copied
    assert f"1. [{PATH}]({server}/sources/guides/keys.md?" in copied
    assert QUOTE in copied.split("**Sources**")[1]


def test_an_answer_is_rated_and_the_rating_can_be_changed(answered: Visit, data_dir: Path) -> None:
    page = answered.page
    for rating, other in (("down", "up"), ("up", "down")):
        answered.press(page.locator(f"#chat .tool.{rating}"))
        expect(page.locator(f"#chat .tool.{rating}")).to_have_attribute("aria-pressed", "true")
        expect(page.locator(f"#chat .tool.{other}")).to_have_attribute("aria-pressed", "false")
        assert _feedback(data_dir, answered) == (rating, "", "")
    expect(page.locator(".why")).to_have_count(0)  # there is nothing to explain about a thumb up


def test_a_thumb_down_takes_a_reason_and_the_expected_answer(answered: Visit, data_dir: Path) -> None:
    page = answered.page
    answered.press(page.locator("#chat .tool.down"))
    expect(page.locator(".why button[type=submit]")).to_be_in_viewport()
    answered.press(page.locator(".why label", has_text="A quote does not support it"))
    expected = f"At {answered.width} <img src=x onerror=window.hacked=1> hot partitions are split."
    page.fill(".why textarea", expected)
    answered.press(page.locator(".why button[type=submit]"))
    expect(page.locator(".why")).to_have_count(0)
    assert _feedback(data_dir, answered) == ("down", "unsupported", expected)
    quality = Visit(answered.context, answered.server)
    quality.page.goto(f"{answered.server}/quality")
    expect(quality.page.locator(".cards")).to_contain_text(expected)
    assert quality.page.evaluate("window.hacked") is None
    quality.check()
    quality.page.close()


def test_a_conversation_is_exported_with_its_references(answered: Visit) -> None:
    page = answered.page
    answered.press(page.locator("#side .toggle-button"))
    with page.expect_download() as download:
        answered.press(page.locator("#history li.current .more a"))
    text = Path(download.value.path()).read_text()
    assert download.value.suggested_filename == "what-are-the-weaknesses-of-partition-keys.md"
    assert f"## {QUESTION}" in text
    assert f"({answered.server}/sources/guides/keys.md?" in text
    exported = answered.context.request.get(f"{answered.server}/conversations/{page.url[-32:]}?format=json")
    assert json.loads(exported.text())["answers"][0]["question"] == QUESTION
    answered.press(page.locator("#side .toggle-button"))
    expect(page.locator("#side.open")).to_have_count(0)


def _feedback(data_dir: Path, visit: Visit) -> tuple[str, str, str]:
    """(rating, reason, expected) of the only answer on the page."""
    answer = (visit.page.locator("#chat .tools").get_attribute("id") or "").removeprefix("answer-")
    with closing(sqlite3.connect(data_dir / "askwell.sqlite3")) as records:
        ((rating, reason, expected),) = records.execute(
            "SELECT rating, reason, expected FROM feedback WHERE answer_id = ?", [answer]
        ).fetchall()
    return rating, reason or "", expected or ""
