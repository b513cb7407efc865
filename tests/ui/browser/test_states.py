"""A page is never mute: nothing to answer from, an answer under way, an error, a server that goes and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.provider.script import Reply
from tests.provider.server import running
from tests.ui.browser.seeing import serious
from tests.ui.browser.staged import Staged, staged
from tests.ui.chromium import LOOKS, Visit
from tests.ui.house import QUESTION
from tests.ui.served import served

pytestmark = pytest.mark.browser

KNOWN = "A partition key is the attribute that decides in which partition an Orchid item is stored [1]."


@pytest.fixture(scope="module")
def stage(data_dir: Path) -> Iterator[Staged]:
    with staged(data_dir) as opened:
        yield opened


@pytest.fixture
def here(window: BrowserContext, stage: Staged) -> Iterator[Visit]:
    """The chat of the staged server."""
    window.clear_cookies()
    opened = Visit(window, stage.address)
    opened.open()
    yield opened
    stage.gate.opened.set()
    stage.gate.broken = False
    opened.check()
    opened.page.close()


def send(visit: Visit, question: str = QUESTION) -> None:
    visit.page.fill("#question textarea", question)
    visit.page.keyboard.press("Enter")


def test_an_answer_under_way_can_be_stopped_and_asked_again(here: Visit, stage: Staged) -> None:
    page = here.page
    stage.gate.opened.clear()
    send(here)
    expect(page.locator("#chat .waiting")).to_be_visible()
    expect(page.locator("#chat .asked")).to_have_text([QUESTION])
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    assert serious(page) == []
    here.press(page.get_by_role("button", name="Stop"))
    expect(page.locator("#chat .stopped")).to_be_visible()
    expect(page.locator("#chat .waiting")).to_have_count(0)
    here.settle()
    assert serious(page) == []
    stage.gate.opened.set()
    here.press(page.locator("#chat .stopped .do"))
    expect(page.locator("#chat .answer:not(.streaming):not(.stopped) .reading")).to_contain_text("range queries")
    expect(page.locator("#chat .asked")).to_have_count(1)


def test_an_error_is_told_in_a_sentence_and_the_question_can_be_tried_again(here: Visit, stage: Staged) -> None:
    page = here.page
    stage.gate.broken = True
    send(here)
    failed = page.locator("#chat .failed")
    expect(failed).to_be_visible()
    expect(failed).not_to_contain_text("broken on purpose")  # what went wrong inside is for the log
    expect(failed).to_have_attribute("role", "alert")
    here.settle()
    assert serious(page) == []
    stage.gate.broken = False
    here.press(failed.get_by_role("button", name="Try again"))
    expect(page.locator("#chat .answer:not(.streaming) .reading")).to_contain_text("range queries")
    expect(failed).to_have_count(0)
    expect(page.locator("#chat .asked")).to_have_text([QUESTION])


def test_a_server_that_is_killed_while_it_answers_is_missed_and_what_was_asked_is_not_lost(
    browser: Browser, data_dir: Path
) -> None:
    with running() as provider, ExitStack() as at_the_end:
        provider.say("answer", *[Reply(KNOWN)] * len(LOOKS), Reply(KNOWN, fault="stall", seconds=60))
        model = {"ASKWELL_MODEL": "openai:test-model", "ASKWELL_MODEL_BASE_URL": provider.url}
        killed = at_the_end.enter_context(served(data_dir, **model))
        visits = [Visit(look.context(browser), killed.address) for look in LOOKS]
        for visit in visits:
            visit.open()
            visit.ask("What is a partition key?")
        for visit in visits:
            send(visit)
            expect(visit.page.locator("#chat .waiting")).to_be_visible()
        killed.process.kill()
        for visit in visits:
            expect(visit.page.locator(".offline")).to_contain_text("No connection to Askwell")
            visit.settle()
            assert serious(visit.page) == []
        at_the_end.enter_context(served(data_dir, "--port", killed.address.rsplit(":", 1)[1]))
        for visit in visits:  # the page loads itself anew: what was answered is there, what was not can be sent again
            box = visit.page.locator("#question textarea")
            expect(box).to_have_value(QUESTION)
            expect(visit.page.locator("#chat .asked")).to_have_text(["What is a partition key?"])
            visit.press(visit.page.get_by_role("button", name="Send"))
            expect(visit.page.locator("#chat .answer:not(.streaming) .reading").last).to_contain_text("range queries")
            assert visit.outside == []
            visit.context.close()


def test_without_a_connection_the_page_says_so_and_keeps_what_was_typed(here: Visit) -> None:
    page = here.page
    here.ask(QUESTION)  # by then Gradio has fetched the parts of the page that it loads late
    page.fill("#question textarea", QUESTION)
    here.context.set_offline(True)
    expect(page.locator(".offline")).to_contain_text("No connection to Askwell")
    expect(page.locator("#question textarea")).to_have_value(QUESTION)
    assert serious(page) == []
    here.context.set_offline(False)
    expect(page.locator(".offline")).to_have_text("Connected again.")
    here.ask(QUESTION)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Staged]:
    """A server that has nothing to answer from."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "models").symlink_to(models)
    with staged(folder) as opened:
        yield opened


def test_with_nothing_indexed_every_page_says_how_to_begin(window: BrowserContext, bare: Staged) -> None:
    visit = Visit(window, bare.address)
    page = visit.page
    visit.open()
    expect(page.locator("#chat .placeholder")).to_contain_text("Nothing to answer from yet")
    expect(page.locator("#chat .placeholder")).to_contain_text("askwell ingest")
    expect(page.locator("#chat .example")).to_have_count(0)
    assert serious(page) == []
    send(visit)
    expect(page.locator("#chat .failed")).to_contain_text("askwell ingest")
    visit.settle()
    assert serious(page) == []
    for path in ("/documents", "/quality"):
        page.goto(bare.address + path)
        expect(page.locator("h1")).to_be_visible()
        visit.check()
        assert serious(page) == [], path
    page.close()
