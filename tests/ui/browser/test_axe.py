"""axe-core finds nothing serious, contrast included, on any page and whatever is open on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from assistant.types import Related
from tests.ui.browser.seeded import conversation_of, example, resume
from tests.ui.browser.seeing import serious
from tests.ui.chromium import Visit
from tests.ui.house import QUESTION

pytestmark = pytest.mark.browser


def test_the_chat_with_all_that_opens_around_an_answer(visit: Visit) -> None:
    page = visit.page
    page.wait_for_selector("#chat .example")
    visit.press(page.locator("#side .toggle-button"))
    expect(page.locator("#history .none")).to_be_in_viewport()
    visit.settle()
    assert serious(page) == [], "empty, with an empty history"
    visit.press(page.locator("#side .toggle-button"))
    visit.ask(QUESTION)
    visit.press(page.locator("#chat .sure summary"))
    visit.press(page.locator("#filters > .label-wrap"))
    visit.press(page.locator("#chat .tool.down"))
    expect(page.locator(".why")).to_be_visible()
    visit.settle()
    assert serious(page) == [], "an answer, the form for what is wrong with it, filters"
    visit.press(page.locator("#side .toggle-button"))
    expect(page.locator("#history .title").first).to_be_in_viewport()
    visit.settle()
    assert serious(page) == [], "the history"
    visit.press(page.locator("#side .toggle-button"))
    expect(page.locator("#side.open")).to_have_count(0)
    visit.press(page.locator("#filters > .label-wrap"))
    visit.press(page.get_by_role("button", name="Not now"))
    visit.press(page.locator("#chat a.cite").first)
    expect(page.locator(".panel mark#quote")).to_be_in_viewport()
    visit.settle()
    assert serious(page) == [], "the source"


def test_answers_of_every_kind(arriving: Visit, data_dir: Path) -> None:
    near = (Related("d.md", "default", "Duties", ("Duties", "Near"), "/sources/d.md#near"),)
    doubted = replace(example("x").citations[0], supported=False)
    answers = [
        example("Sure?", text="It is so [1].\n\n```\nSELECT 1\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"),
        example("Doubtful?", citations=(doubted,)),
        example("In part?", status="partial", related=near, confidence=0.3),
        example("Not at all?", status="not_found", text="The documents do not say.", citations=(), related=near),
        example("Which?", text="Which one?", status="clarify", citations=(), choices=("A small one?", "A big one?")),
    ]
    resume(arriving, *conversation_of(data_dir, answers))
    expect(arriving.page.locator("#chat .tools button")).to_have_count(3 * len(answers))
    arriving.settle()
    assert serious(arriving.page) == []


@pytest.mark.parametrize(
    "path", ["/sources/guides/keys.md?start=700&end=800", "/sources/notes.txt", "/docs", "/sources/nowhere.md"]
)
def test_pages_beside_the_chat(window: BrowserContext, server: str, path: str) -> None:
    visit = Visit(window, server)
    visit.page.set_extra_http_headers({"accept": "text/html"})
    visit.page.goto(server + path)
    expect(visit.page.locator("h1, article").first).to_be_visible()
    assert serious(visit.page) == []
    visit.check()
    visit.page.close()
