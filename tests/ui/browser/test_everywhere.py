"""What holds on every page and in every state: reachable by all, safe from what people write, and never mute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from assistant.assistant import Assistant
from assistant.compose.draft import Draft
from assistant.compose.evidence import Evidence
from assistant.settings import Settings
from assistant.types import Citation
from assistant.wiring import assemble
from tests.ui.browser.seeded import conversation_of, example, resume
from tests.ui.chromium import PHONE, WIDE, Visit
from ui.http.app import create_app

pytestmark = pytest.mark.browser

QUESTION = "What are the weaknesses of partition keys?"
HOSTILE = (
    "<script>window.hacked=1</script><img src=x onerror=window.hacked=1><svg onload=window.hacked=1></svg>"
    '"><iframe srcdoc="<script>parent.hacked=1</script>"></iframe>[x](javascript:window.hacked=1)'
    '<button class=do value=\'{"do":"delete"}\'>x</button>{{ 7*7 }}${window.hacked=1}'
)

LOOKS = [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")]


@pytest.fixture
def wide(browser: Browser, server: str) -> Iterator[Visit]:
    opened = Visit(browser, server, WIDE)
    opened.page.goto(server)
    opened.page.wait_for_selector("#question textarea")
    yield opened
    assert opened.errors == []
    opened.context.close()


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=["wide-light", "wide-dark", "phone-light", "phone-dark"])
def test_axe_finds_nothing_serious(browser: Browser, server: str, size: tuple[int, int], scheme: str) -> None:
    visit = Visit(browser, server, size, scheme)  # type: ignore[arg-type]
    page = visit.page
    page.goto(server)
    page.wait_for_selector("#chat .example")
    assert serious(page) == []
    visit.ask(QUESTION)
    page.click("#chat .tool.down")
    page.click("#chat .sure summary")
    page.click("#filters > .label-wrap")
    page.click("#side .toggle-button")
    page.wait_for_timeout(500)
    assert serious(page) == []
    page.mouse.click(size[0] - 5, 300)  # on a phone the history closes when what is beside it is touched
    page.wait_for_timeout(400)
    page.click("#filters > .label-wrap")
    page.click("#chat a.cite >> nth=0")
    page.wait_for_selector(".panel mark#quote")
    page.wait_for_timeout(400)
    assert serious(page) == []
    for path in ("/documents", "/quality", "/sources/guides/keys.md", "/docs"):
        page.goto(server + path)
        assert serious(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert visit.outside == []
    visit.context.close()


def test_a_number_shows_where_it_leads_under_the_pointer_and_the_keyboard(wide: Visit) -> None:
    page = wide.page
    wide.ask(QUESTION)
    chip = page.locator("#chat .reading a.cite").first
    chip.hover()
    expect(page.locator(".peek-path")).to_have_text("Keys in Orchid tables › Weaknesses of partition keys")
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
    page.keyboard.press("Enter")
    expect(page.locator(".panel mark#quote")).to_be_in_viewport()
    expect(page.locator(".panel:focus, .panel:focus-within")).to_be_visible(timeout=5_000)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#chat a.cite')")


def test_the_chat_can_be_used_with_the_keyboard_alone(browser: Browser, server: str) -> None:
    visit = Visit(browser, server, WIDE)
    page = visit.page
    page.goto(server)
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
    for selector in ("#chat .suggest .do", "#chat .sure summary", "#chat .tool.copy", "#chat .turn .edit"):
        tab_to(selector, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".editor textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#chat .turn .edit")).to_be_focused()
    tab_to("#side .toggle-button", "Shift+Tab")
    page.keyboard.press("Enter")
    tab_to("#history .title")
    visit.context.close()


def test_nothing_that_people_or_documents_write_runs(browser: Browser, server: str, data_dir: Path) -> None:
    quoted = example("x").citations[0]
    hostile_citation: Citation = replace(quoted, title=HOSTILE, heading_path=(HOSTILE, HOSTILE), quote=HOSTILE)
    answers = [
        example(
            HOSTILE, text=f"{HOSTILE} [1]", standalone_question=f"Searched {HOSTILE}", citations=(hostile_citation,)
        ),
        example("Which?", text=HOSTILE, status="clarify", citations=(), choices=(HOSTILE, "What is a partition key?")),
    ]
    visit = Visit(browser, server, WIDE)
    resume(visit, server, *conversation_of(data_dir, answers))
    page = visit.page
    visit.ask(f"What does the lander payload weigh? {HOSTILE}"[:3000])
    page.locator("#chat .reading a.cite").first.hover()
    expect(page.locator(".peek")).to_contain_text("<script>")
    page.locator("#chat .turn .edit").first.click(force=True)
    page.keyboard.press("Escape")
    page.click("#side .toggle-button")
    expect(page.locator("#history .title").first).to_contain_text("<script>")
    for selector in ("script", "img:not([src='/ui/favicon.svg'])", "iframe", "svg[onload]", "[onerror]"):
        assert page.locator(f":is(#chat, #history, .peek) {selector}").count() == 0, selector
    assert page.locator("#chat a[href^='javascript']").count() == 0
    assert page.evaluate("window.hacked") is None
    # Even a script that reached the page would not run.
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'hacked=1'}))")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hacked=1>')")
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    visit.context.close()


def test_the_policy_allows_only_the_pages_own_scripts(browser: Browser, server: str) -> None:
    visit = Visit(browser, server, WIDE)
    complaints: list[str] = []
    visit.page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    response = visit.page.goto(server)
    assert response is not None
    policy = response.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "http" not in policy
    visit.page.wait_for_selector("#chat .example")
    visit.ask(QUESTION)
    assert complaints == []
    visit.context.close()


def test_clarifying_choices_are_asked_by_a_click(browser: Browser, server: str, data_dir: Path) -> None:
    visit = Visit(browser, server, PHONE)
    choices = ("What is a partition key?", "How large is an Orchid item?")
    asked_back = example("Keys?", text="Which do you mean?", status="clarify", citations=(), choices=choices)
    resume(visit, server, *conversation_of(data_dir, [asked_back]))
    visit.page.get_by_role("button", name=choices[1]).click()
    expect(visit.page.locator("#chat .asked").last).to_have_text(choices[1])
    expect(visit.page.locator("#chat .answer:not(.streaming) .reading").last).to_contain_text("400 KB")
    visit.context.close()


def test_a_long_conversation_draws_its_latest_turns_and_the_others_on_demand(
    browser: Browser, server: str, data_dir: Path
) -> None:
    visit = Visit(browser, server, WIDE)
    resume(visit, server, *conversation_of(data_dir, [example(f"Question {number}?") for number in range(45)]))
    expect(visit.page.locator("#chat .asked")).to_have_count(20)
    assert visit.page.locator("#chat .asked").first.text_content() == "Question 25?"
    visit.page.get_by_role("button", name="Show earlier questions (25)").click()
    expect(visit.page.locator("#chat .asked")).to_have_count(40)
    visit.context.close()


def test_without_a_connection_the_page_says_so_and_keeps_what_was_typed(wide: Visit) -> None:
    page = wide.page
    page.fill("#question textarea", QUESTION)
    wide.context.set_offline(True)
    expect(page.locator(".offline")).to_contain_text("No connection to Askwell")
    assert page.input_value("#question textarea") == QUESTION
    wide.context.set_offline(False)
    expect(page.locator(".offline")).to_have_text("Connected again.")
    wide.ask(QUESTION)


def test_without_scripts_the_page_points_to_the_documents(browser: Browser, server: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server)
    page.get_by_role("link", name="The documents").click()
    page.get_by_role("link", name="Keys in Orchid tables").click()
    expect(page.get_by_role("heading", name="Keys in Orchid tables")).to_be_visible()
    expect(page.get_by_role("navigation", name="Contents")).to_contain_text("Limits of keys")
    context.close()


class Slow:
    """The built-in generator, thinking for a while."""

    name = "extractive"

    def __init__(self, assistant: Assistant) -> None:
        self._inner = assistant._generator

    def draft(self, evidence: Evidence, look_up: Callable[[str], Evidence]) -> Draft:
        time.sleep(1.5)
        return self._inner.draft(evidence, look_up)


@pytest.fixture
def slow_server(data_dir: Path) -> Iterator[str]:
    settings = Settings(data_dir=data_dir, _env_file=None)
    assistant = assemble(settings)
    assistant._generator = Slow(assistant)
    config = uvicorn.Config(create_app(assistant, settings), port=0, log_level="error", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=10)
    assistant.close()


def test_an_answer_can_be_stopped_and_asked_again(browser: Browser, slow_server: str) -> None:
    visit = Visit(browser, slow_server, PHONE)
    page = visit.page
    page.goto(slow_server)
    page.wait_for_selector("#question textarea")
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .waiting")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#chat .stopped")).to_be_visible()
    expect(page.locator("#chat .waiting")).to_have_count(0)
    page.click("#chat .stopped .do")
    expect(page.locator("#chat .answer:not(.streaming):not(.stopped) .reading")).to_contain_text(
        "range queries", timeout=30_000
    )
    expect(page.locator("#chat .asked")).to_have_count(1)
    visit.context.close()
