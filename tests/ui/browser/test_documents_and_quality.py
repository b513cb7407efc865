"""The Documents and Quality pages as they are seen: they fit, can be read, and their pictures stand out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from ingest.last_runs import NAME
from tests.ui.browser.seeded import conversation_of, example
from tests.ui.browser.seeing import pale, serious
from tests.ui.browser.staged import Staged, staged
from tests.ui.chromium import Visit
from tests.ui.house import build

pytestmark = pytest.mark.browser

LONG = "a/" * 40 + "file-with-a-name-that-has-no-place-to-break" * 3


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Staged]:
    """A server with a history: files that failed, questions of every outcome, votes, and an evaluation."""
    folder = tmp_path_factory.mktemp("kept")
    data_dir = build(folder, models)
    runs = json.loads((data_dir / NAME).read_text())
    runs[0]["failed"] = [[f"{LONG}.pdf", f"{LONG}.pdf is encrypted"], ["b.docx", "b.docx is no Word file"]]
    (data_dir / NAME).write_text(json.dumps(runs))
    share = {"value": 0.75, "low": 0.6, "high": 0.9, "n": 20}
    names = ("correct", "hit@1", "quote_exactness", "abstention_recall")
    outcomes = [
        {"status": "answered", "confidence": number / 20, "stage": "" if number % 3 else "not retrieved"}
        for number in range(20)
    ]
    results = {
        "origin": {"created": "2026-11-27T13:05:00+00:00", "commit": "abcdef0123456", "suites": ["single", "turns"]},
        "summary": {
            "overall": dict.fromkeys(names, share),
            "tags": {kind: {"correct": share} for kind in ("how-to", "comparison", "a-kind-with-a-long-name")},
        },
        "outcomes": outcomes,
    }
    (data_dir / "evals").mkdir()
    (data_dir / "evals" / "results.json").write_text(json.dumps(results))
    asked = [example(f"Question {number}?", status="answered") for number in range(6)]
    asked += [example(f"Where is {LONG}?", status="not_found", citations=()) for _ in range(3)]
    asked += [example("And in part?", status="partial") for _ in range(2)]
    conversation_of(data_dir, asked)
    with staged(data_dir) as opened:
        records = opened.assistant.records
        owned = records.conversations.begin("somebody")
        records.record(example("Voted down?", id="voted", conversation_id=owned))
        records.feedback("voted", "down", comment="No.", expected=f"See {LONG}", reason="outdated")
        yield opened


@pytest.fixture
def visit(window: BrowserContext, kept: Staged) -> Iterator[Visit]:
    opened = Visit(window, kept.address)
    yield opened
    opened.check()
    opened.page.close()


def test_the_quality_page_fits_and_its_pictures_stand_out(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.server}/quality")
    expect(page.get_by_role("img", name="Questions by day")).to_be_visible()
    expect(page.get_by_role("img", name="Right answers by confidence")).to_be_visible()
    assert serious(page) == []
    assert pale(page, ".chart :is(rect, circle, .curve, .even)") == []
    for kind in ("answered", "partial", "not_found"):
        assert page.locator(f".chart rect.{kind}").count() == 1
    for card in page.locator(".cards li, .bars li").all():
        box = card.bounding_box()
        assert box
        assert box["x"] + box["width"] <= visit.width
    page.get_by_text("The answer", exact=True).click()
    expect(page.locator(".given")).to_be_visible()


def test_the_documents_page_fits_finds_and_turns_its_pages(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    page = visit.page
    page.goto(f"{visit.server}/documents")
    expect(page.get_by_text("Is encrypted")).to_be_visible()
    expect(page.get_by_role("link", name="Keys in Orchid tables")).to_be_visible()
    assert serious(page) == []
    monkeypatch.setattr("ui.pages.documents.PER_PAGE", 2)
    page.reload()
    expect(page.locator("section[aria-labelledby=indexed] tbody tr")).to_have_count(2)
    first = page.locator("tbody a").first.text_content() or ""
    visit.press(page.get_by_role("link", name="Next"))
    expect(page.get_by_text("Page 2 of 3")).to_be_visible()
    expect(page.locator("tbody a", has_text=first)).to_have_count(0)
    assert serious(page) == []
    page.get_by_label("Words of a title or path").fill("mail gateway")
    visit.press(page.get_by_role("button", name="Find"))
    expect(page.locator("tbody a")).to_have_text(["Restart of the mail gateway"])
    visit.press(page.get_by_role("link", name="handbook"))
    expect(page.get_by_role("link", name="handbook")).to_have_attribute("aria-current", "page")
    visit.press(page.get_by_role("link", name="Restart of the mail gateway"))
    expect(page.get_by_role("heading", name="Restart of the mail gateway")).to_be_visible()
