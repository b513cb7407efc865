"""Asking in the chat: what a person would miss if it broke."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.browser.seeded import conversation_of, example, resume
from tests.ui.chromium import Look, Visit
from tests.ui.house import QUESTION

pytestmark = pytest.mark.browser


def test_an_example_question_is_asked_by_a_click_and_a_new_conversation_clears_the_page(visit: Visit) -> None:
    page = visit.page
    background = "button => getComputedStyle(button).backgroundColor"
    idle = page.eval_on_selector("#question button", background)
    page.fill("#question textarea", "What is a key?")
    assert page.eval_on_selector("#question button", background) != idle  # nothing to send, and something
    page.fill("#question textarea", "")
    visit.press(page.locator("#chat .example").first)
    expect(page.locator("#chat .answer:not(.streaming)")).to_have_count(1)
    visit.press(page.locator("#begin"))
    expect(page.locator("#chat .answer")).to_have_count(0)
    expect(page.locator("#chat .example").first).to_be_visible()


def test_sections_near_an_unanswered_question_open_beside_it(visit: Visit) -> None:
    visit.ask("Who won the world cup in 1998?")
    page = visit.page
    expect(page.locator("#chat .answer .status")).to_have_text("Not in the documents")
    expect(page.locator("#chat a.cite")).to_have_count(0)
    related = page.locator("#chat .related a.open")
    if related.count():
        visit.press(related.first)
        expect(page.locator(".panel-body")).to_be_visible()
        expect(page.locator(".panel mark")).to_have_count(0)


def test_code_is_copied_word_for_word_and_a_doubtful_quote_is_seen_to_be_one(arriving: Visit, data_dir: Path) -> None:
    code = "SELECT id -- \"first\"\n  FROM orchids\n\n  WHERE height < 3 AND colour <> 'a & b';"
    table = "| Size | Value |\n| --- | --- |\n| Smallest | 2 cm |\n"
    text = f"They are found so [1]:\n\n```sql\n{code}\n```\n\n{table}\n**That is all.**"
    written = example("Which orchids are small?", text=text)
    doubtful = replace(written.citations[0], supported=False, url="/sources/gone.md?start=1&end=5#quote")
    resume(arriving, *conversation_of(data_dir, [replace(written, citations=(doubtful,))]))
    page = arriving.page
    arriving.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("#chat .reading pre .copy-code")
    arriving.press(button)
    expect(button).to_have_class(re.compile(r"\bdone\b"))
    assert page.evaluate("navigator.clipboard.readText()").rstrip("\n") == code
    expect(page.locator("#chat .reading td").last).to_have_text("2 cm")
    chip = page.locator("#chat .reading a.cite.unsupported")
    expect(page.locator("#chat .doubt")).to_have_text("Not clearly supported: 1")
    arriving.press(chip)
    expect(page.locator(".panel-wait")).to_contain_text('no document "gone.md"')


def test_clarifying_choices_are_asked_by_a_click(arriving: Visit, data_dir: Path) -> None:
    choices = ("What is a partition key?", "How large is an Orchid item?")
    asked_back = example("Keys?", text="Which do you mean?", status="clarify", citations=(), choices=choices)
    resume(arriving, *conversation_of(data_dir, [asked_back]))
    arriving.press(arriving.page.get_by_role("button", name=choices[1]))
    expect(arriving.page.locator("#chat .asked").last).to_have_text(choices[1])
    expect(arriving.page.locator("#chat .answer:not(.streaming) .reading").last).to_contain_text("400 KB")


def test_the_chat_can_be_used_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    page.wait_for_selector("#chat .example")

    def tab_to(selector: str, key: str = "Tab") -> None:
        for _ in range(80):
            if page.evaluate("one => document.activeElement.matches(one)", selector):
                return
            page.keyboard.press(key)
        raise AssertionError(f"{selector} is not reached with {key}")

    tab_to("#side .toggle-button")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#side')") is None  # the closed history is no stop
    tab_to("#question textarea")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .answer:not(.streaming)")).to_have_count(1)
    expect(page.locator("#chat .tool.copy")).to_have_count(1)
    for selector in ("#chat .suggest .do", "#chat .sure summary", "#chat .tool.copy", "#chat .turn .edit"):
        tab_to(selector, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".editor textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#chat .turn .edit")).to_be_focused()
    tab_to("#chat .tool.down")
    page.keyboard.press("Enter")
    expect(page.locator(".why input").first).to_be_focused()
    tab_to(".why p button[type=button]")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .tool.down")).to_be_focused()
    tab_to("#chat .suggest .do")
    page.keyboard.press("Enter")
    expect(page.locator("#question textarea")).to_be_focused()  # the button goes, the focus does not go with it
    expect(page.locator("#chat .tool.copy")).to_have_count(2)
    tab_to("#side .toggle-button", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#history .title").first).to_be_in_viewport()
    tab_to("#history .title")


def test_hostile_questions_and_documents_do_not_run(visit: Visit, server: str) -> None:
    page = visit.page
    visit.ask("What weighs the payload? <img src=x onerror='window.hacked=1'><script>window.hacked=1</script>")
    visit.ask("What does the lander payload weigh?")
    visit.press(page.locator("#chat a.cite").first)
    expect(page.locator(".panel-body")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    page.goto(f"{server}/sources/payload.md")
    expect(page.locator("article")).to_contain_text("lander payload")
    assert page.evaluate("window.hacked") is None
    assert page.locator("article script, article img, article iframe").count() == 0


def test_documents_read_well_without_javascript(browser: Browser, look: Look, server: str) -> None:
    size = {"width": look.size[0], "height": look.size[1]}
    context = browser.new_context(java_script_enabled=False, viewport=size, color_scheme=look.scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(server)
    page.get_by_role("link", name="The documents").click()
    page.get_by_role("link", name="Keys in Orchid tables").click()
    expect(page.get_by_role("heading", name="Keys in Orchid tables")).to_be_visible()
    contents = page.get_by_role("navigation", name="Contents")
    if look.narrow:
        contents.get_by_text("On this page").click()
    expect(contents.get_by_text("Limits of keys")).to_be_visible()
    page.goto(f"{server}/sources/guides/keys.md?start=700&end=800#quote")
    expect(page.locator("mark").first).to_be_in_viewport()
    context.close()
