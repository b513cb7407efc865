"""``askwell eval`` on the real assistant over a small real index."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from assistant.settings import Settings
from evals.cases import CaseError, EvalCase, load_suites
from evals.command import Request, run
from evals.junit import to_junit
from evals.markdown import to_markdown
from evals.measure import measure
from evals.outcomes import Outcome
from evals.playing import Played, Player
from ingest.errors import AskwellError
from ingest.protocols import Embedder

CASES = [
    {
        "id": "item-size",
        "tags": ["lookup"],
        "question": "How large may a DynamoDB item be?",
        "targets": [{"document": "limits.md", "section": "How large a DynamoDB item may be"}],
        "facts": [["400 KB"]],
    },
    {"id": "rain", "tags": ["off-topic"], "question": "Will it rain in Hamburg tomorrow?", "answerable": False},
]
DOCUMENT = """# Limits of DynamoDB

Amazon DynamoDB limits are fixed maximum values.

## How large a DynamoDB item may be

A DynamoDB item may be at most 400 KB, and the names of its attributes count towards that size.

## How long DynamoDB keys may be

A DynamoDB partition key value may be up to 2,048 bytes long.
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, models: Path, embedder: Embedder) -> Settings:
    from ingest.pipeline import ingest

    folder = tmp_path_factory.mktemp("eval")
    (folder / "documents").mkdir()
    (folder / "documents" / "limits.md").write_text(DOCUMENT)
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, CASES)))
    found = Settings(data_dir=folder / "data", _env_file=None)
    found.data_dir.mkdir()
    (found.data_dir / "models").symlink_to(models / "models")
    ingest([folder / "documents"], data_dir=found.data_dir, embedder=embedder)
    return found


@pytest.fixture(scope="module")
def cases(settings: Settings) -> tuple[str, ...]:
    return (str(settings.data_dir.parent / "cases.jsonl"),)


@pytest.mark.slow
def test_a_run_writes_its_reports_and_gates(
    settings: Settings, cases: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    floors = ("hit@1=1", "quote_exactness=1")
    request = Request(cases, out=tmp_path, fail_under=floors, json_output=True, keep=tmp_path / "kept.json")
    assert run(request, settings) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["origin"]["index"]["documents"] == 1
    assert len(found["origin"]["index"]["corpus_revision"]) >= 8
    assert found["origin"]["settings"]["embedding_model"]
    assert {outcome["case"]: outcome["stage"] for outcome in found["outcomes"]} == {"item-size": "", "rain": ""}
    written = ["junit.xml", "kept.json", "report.html", "report.md", "results.json", "summary.md"]
    assert sorted(path.name for path in tmp_path.iterdir()) == written
    junit = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert (junit.get("tests"), junit.get("failures")) == ("2", "0")
    assert run(Request(cases, baseline=tmp_path / "kept.json", fail_under=("answer_words=0",)), settings) == 1
    captured = capsys.readouterr()
    assert "0 became right, 0 became wrong" in captured.out
    assert "above its ceiling of 0" in captured.err
    records = settings.data_dir / "askwell.sqlite3"
    assert not records.exists(), "an evaluation must not be recorded among people's questions"


@pytest.mark.slow
def test_what_a_change_to_the_documents_flips(
    settings: Settings, cases: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "limits.md").write_text(DOCUMENT.replace("400 KB", "a lot"))
    assert run(Request(cases, against=str(tmp_path / "before")), settings) == 0
    out = capsys.readouterr().out
    assert "1 became right, 0 became wrong" in out
    assert "How large may a DynamoDB item be?" in out
    assert "Documents that differ (1): changed limits.md." in out
    generation = (settings.data_dir / "index" / "CURRENT").read_text().strip()
    for same in (str(settings.data_dir), generation):
        assert run(Request(cases, against=same, fail_if_worse=True), settings) == 0
        assert "0 became right, 0 became wrong" in capsys.readouterr().out
    with pytest.raises(AskwellError, match=f"a generation of .*: {generation}"):
        run(Request(cases, against="no-such-index"), settings)


@pytest.mark.slow
def test_several_processes_give_the_same_outcomes(settings: Settings, cases: tuple[str, ...]) -> None:
    suites = load_suites(cases)
    alone, together = (measure(suites, settings, workers=count) for count in (1, 2))
    assert [timeless(outcome) for outcome in alone.outcomes] == [timeless(outcome) for outcome in together.outcomes]
    assert together.origin.workers == 2


def timeless(outcome: Outcome) -> Outcome:
    return replace(outcome, milliseconds=0, timings_ms={})


@pytest.mark.slow
def test_a_run_that_was_interrupted_goes_on_where_it_stopped(
    settings: Settings, cases: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suites = load_suites(cases)
    asked: list[str] = []
    play = Player.play

    def once(player: Player, suite: str, case: EvalCase) -> tuple[Played, ...]:
        if asked:
            raise KeyboardInterrupt
        asked.append(case.id)
        return play(player, suite, case)

    monkeypatch.setattr(Player, "play", once)
    with pytest.raises(KeyboardInterrupt):
        measure(suites, settings, workers=1, journal_in=tmp_path)
    journal = tmp_path / "unfinished.jsonl"
    journal.write_text(journal.read_text() + '{"case": "rain", "key"')  # killed while it wrote
    asked.clear()
    resumed = measure(suites, settings, workers=1, journal_in=tmp_path)
    assert asked == ["rain"]
    assert [outcome.stage for outcome in resumed.outcomes] == ["", ""]
    assert not journal.exists()


def test_a_set_over_documents_that_are_not_there_is_skipped_with_its_reason(
    settings: Settings, cases: tuple[str, ...]
) -> None:
    results = measure([*load_suites(cases), *load_suites(["archive"])], settings, workers=1)
    assert results.origin.suites == ("cases",)
    assert "documents is in the index, such as" in results.origin.skipped["archive"]
    assert "The set archive was skipped" in to_markdown(results)
    assert '<skipped message="none of its' in to_junit(results)
    with pytest.raises(CaseError, match="Ingest those documents first"):
        measure(load_suites(["archive"]), settings, workers=1)


def test_wrong_input_is_said_before_any_work(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    for request, sentence in (
        (Request(("singel",)), "no question set 'singel'"),
        (Request(fail_under=("hit@1",)), "NAME=NUMBER"),
        (Request(baseline=tmp_path / "none.json"), "cannot be read"),
        (Request(baseline=tmp_path, against="x"), "not with both"),
        (Request(fail_if_worse=True), "needs something to compare with"),
        (Request(), "No index in"),
    ):
        with pytest.raises(AskwellError, match=sentence):
            run(request, settings)
