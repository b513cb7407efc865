"""``askwell eval`` on the real assistant over a small real index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.settings import Settings
from evals.cases import CaseError
from evals.command import run
from ingest.errors import AskwellError

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
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    from ingest.embedders import load_embedder
    from ingest.pipeline import ingest

    folder = tmp_path_factory.mktemp("eval")
    (folder / "documents").mkdir()
    (folder / "documents" / "limits.md").write_text(DOCUMENT)
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, CASES)))
    found = Settings(data_dir=folder / "data", _env_file=None)
    embedder = load_embedder(found.embedding_model, found.data_dir, found.threads)
    ingest([folder / "documents"], data_dir=found.data_dir, embedder=embedder)
    return found


@pytest.mark.slow
def test_a_run_writes_its_reports_and_gates(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = str(settings.data_dir.parent / "cases.jsonl")
    assert run([cases], tmp_path / "first", None, ["hit@1=1", "quote_exactness=1"], True, settings) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["origin"]["index"]["documents"] == 1
    assert {outcome["case"]: outcome["stage"] for outcome in found["outcomes"]} == {"item-size": "", "rain": ""}
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == ["report.html", "report.md", "results.json"]
    assert run([cases], None, tmp_path / "first", ["answer_words=0"], False, settings) == 1
    captured = capsys.readouterr()
    assert "0 became right, 0 became wrong" in captured.out
    assert "above its ceiling of 0" in captured.err
    records = settings.data_dir / "askwell.sqlite3"
    assert not records.exists(), "an evaluation must not be recorded among people's questions"


def test_wrong_input_is_said_before_any_work(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    with pytest.raises(CaseError, match="no question set 'singel'"):
        run(["singel"], None, None, [], False, settings)
    with pytest.raises(AskwellError, match="NAME=NUMBER"):
        run([], None, None, ["hit@1"], False, settings)
    with pytest.raises(AskwellError, match="cannot be read"):
        run([], None, tmp_path / "none.json", [], False, settings)
