"""The Documents and Quality pages: what they show, what they leave alone, and that nothing in them runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.records import open_records, overview_of
from assistant.records.store import SqlRecords
from assistant.settings import Settings
from ingest.last_runs import NAME, LastRun, last_runs
from tests.records.answers import answer
from tests.ui.access import guarded
from ui.pages.documents import failed_files, moment
from ui.pages.quality import quality_page
from ui.pages.report import latest_report, right_by_confidence

HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[SqlRecords]:
    opened = open_records(Settings(data_dir=tmp_path, _env_file=None))
    assert isinstance(opened, SqlRecords)
    yield opened
    opened.close()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_documents_page_lists_what_is_indexed_by_collection(client: TestClient) -> None:
    page = client.get("/documents").text
    assert "Keys in Orchid tables" in page
    assert "Restart of the mail gateway" in page
    only = client.get("/documents", params={"collection": "handbook"}).text
    assert "Restart of the mail gateway" in only
    assert "Keys in Orchid tables" not in only
    found = client.get("/documents", params={"q": "ORCHID keys"}).text
    assert 'href="/sources/guides/keys.md"' in found
    assert "Limits of Orchid" not in found
    assert "No document" in client.get("/documents", params={"q": HOSTILE}).text
    assert client.get("/documents", params={"page": "999"}).status_code == 200


def test_files_that_could_not_be_taken_in_are_named_with_the_reason() -> None:
    run = LastRun("default", ("/docs",), "2026-11-27T13:05:00+00:00", (("a.pdf", "a.pdf is encrypted"),))
    (failed,) = failed_files([run])
    assert (failed.name, failed.why, failed.when) == ("a.pdf", "Is encrypted", "27 Nov 2026, 13:05 UTC")
    assert moment("someday") == "someday"


def test_an_ingest_leaves_what_failed_for_the_page(data_dir: Path, client: TestClient) -> None:
    kept = (data_dir / NAME).read_text()
    assert {run.collection for run in last_runs(data_dir)} == {"default", "handbook"}
    runs = json.loads(kept)
    runs[0]["failed"] = [["bad.pdf", f"bad.pdf {HOSTILE}"]]
    (data_dir / NAME).write_text(json.dumps(runs))
    try:
        page = client.get("/documents").text
    finally:
        (data_dir / NAME).write_text(kept)
    assert "bad.pdf" in page
    assert "<script>" not in page
    assert "<img src=x" not in page


def test_without_an_index_the_documents_page_says_what_to_run(empty_client: TestClient) -> None:
    response = empty_client.get("/documents", headers={"accept": "text/html"})
    assert response.status_code == 503
    assert "askwell ingest" in response.text
    assert "<html" in response.text


def test_the_quality_page_names_unanswered_and_voted_down_questions(records: SqlRecords) -> None:
    conversation = records.conversations.begin("me")
    for number in range(2):
        unknown = answer(conversation, f"u{number}", "What is a quark?")
        records.record(replace(unknown, standalone_question=f"What is a quark{HOSTILE}?", status="not_found"))
    records.record(answer(conversation, "d1", "How big is an item?"))
    records.feedback("d1", "down", expected=f"400 KB {HOSTILE}", reason="outdated")
    page = quality_page(overview_of(records), None)
    assert "<script>" not in page
    assert "<img" not in page.replace('<img src="/ui/favicon.svg"', "")
    text = words(page)
    assert re.search(r"What is a quark.*?\? 2 \d+ ", text)
    assert "It is outdated" in text
    assert "400 KB" in text
    assert "3 questions" in text
    assert "askwell eval --out" in text


def test_the_quality_page_counts_by_day(records: SqlRecords) -> None:
    conversation = records.conversations.begin("me")
    records.record(answer(conversation, "a1"))
    days = overview_of(records).by_day()
    assert len(days) == 30
    assert [day.answered for day in days] == [0] * 29 + [1]


def test_the_latest_evaluation_is_shown_from_the_data_directory(tmp_path: Path, records: SqlRecords) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    assert latest_report(settings) is None
    share = {"value": 0.75, "low": 0.6, "high": 0.9, "n": 20}
    outcomes = [{"status": "answered", "confidence": 0.95, "stage": ""}] * 3
    outcomes.append({"status": "answered", "confidence": 0.15, "stage": "not retrieved"})
    results = {
        "format": 99,
        "origin": {"created": "2026-11-27T13:05:00+00:00", "commit": "abcdef0123456", "suites": ["single"]},
        "summary": {"overall": {"correct": share, "other": share}, "tags": {"how-to": {"correct": share}}},
        "outcomes": outcomes,
    }
    folder = tmp_path / "evals" / "monday"
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(results))
    report = latest_report(settings)
    assert report is not None
    assert right_by_confidence(report.outcomes) == [(0.1, 0.0, 1), (0.9, 1.0, 3)]
    text = words(quality_page(overview_of(records), report))
    for part in ("75.0% right in every point 60 to 90%", "how-to", "not retrieved", "commit abcdef0123"):
        assert part in text
    (folder / "results.json").write_text("{}")
    assert latest_report(settings) is None


def test_the_quality_page_is_for_keys_that_may_read_metrics(data_dir: Path) -> None:
    house = guarded(data_dir)
    try:
        assert house.with_key("quality-reader").get("/quality").status_code == 403
        assert house.with_key("quality-operator", ("metrics",)).get("/quality").status_code == 200
        page = house.with_key("quality-cook", ("read",), "handbook").get("/documents").text
        assert "mail gateway" in page
        assert "Orchid" not in page
    finally:
        house.assistant.close()
