"""``askwell feedback``: from a thumb down in the API to a case of a question set, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.settings import Settings
from assistant.types import Question
from assistant.wiring import assemble
from ui.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    assert ended.value.code == 0, said.err
    return said.out, said.err


@pytest.fixture
def asked(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """One answer that is voted down, in records of its own."""
    monkeypatch.setenv("ASKWELL_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ASKWELL_DATABASE_URL", f"sqlite:///{tmp_path}/records.sqlite3")
    assistant = assemble(Settings(_env_file=None))
    answer = assistant.ask(Question("Who invented the zip fastener?"))
    assistant.records.feedback(answer.id, "down", "should know that", "Gideon Sundback", "outdated")
    assistant.close()
    return assistant


def test_a_vote_becomes_a_draft_and_a_reviewed_draft_a_case(
    asked: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = run(capsys, "feedback", "list")
    assert out.startswith("- ")
    assert "Who invented the zip fastener?  (outdated · should know that · expected: Gideon Sundback)" in out
    listed, _ = run(capsys, "feedback", "list", "--json")
    told = json.loads(listed)["feedback"][0]
    assert (told["rating"], told["reason"], told["comment"]) == ("down", "outdated", "should know that")

    drafts, suite = tmp_path / "drafts.jsonl", tmp_path / "real.jsonl"
    out, err = run(capsys, "feedback", "export", "--out", str(drafts))
    assert out.strip() == "document missing: Who invented the zip fastener?"
    assert "1 new drafts" in err
    _, err = run(capsys, "feedback", "export", "--out", str(drafts))
    assert "Nothing new" in err

    draft = json.loads(drafts.read_text())
    assert draft["review"]["reason"] == "outdated"
    draft["review"]["accept"] = True
    draft |= {"answerable": False, "facts": [], "targets": []}
    drafts.write_text(json.dumps(draft))
    out, _ = run(capsys, "feedback", "accept", str(drafts), "--suite", str(suite), "--json")
    assert json.loads(out)["added"] == [draft["id"]]
    found, _ = run(capsys, "eval", str(suite), "--json")
    assert json.loads(found)["summary"]["overall"]["correct"]["value"] == 1.0
