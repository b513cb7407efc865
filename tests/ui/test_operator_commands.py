"""``askwell keys`` and ``askwell records`` as an operator types them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.callers import Caller, acting_as
from assistant.records import keys_of, open_records
from assistant.settings import Settings
from tests.records.answers import answer
from ui.main import main

Run = Callable[..., tuple[str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command over an empty data directory; (stdout, stderr). The last word of a failure is its exit code."""
    monkeypatch.setenv("ASKWELL_DATA_DIR", str(tmp_path / "data"))

    def command(*arguments: str, fails: bool = False) -> tuple[str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        assert bool(ended.value.code) is fails, said.err
        return said.out, said.err

    return command


def test_a_key_is_shown_once_listed_and_revoked(run: Run, tmp_path: Path) -> None:
    shown, told = run("keys", "create", "support bot", "--collection", "handbook", "--days", "90")
    assert re.fullmatch(r"askwell_[0-9a-f]{12}_[\w-]{43}\n", shown)
    assert "'support bot' (ask, read in handbook). It is shown this once" in told
    listed, _ = run("keys", "list")
    assert "active  support bot  (ask, read in handbook)  never used, expires 20" in listed
    assert shown.strip() not in listed

    records = open_records(Settings(data_dir=tmp_path / "data", _env_file=None))
    assert keys_of(records).holder(shown.strip()) is not None
    records.close()
    run("keys", "revoke", "support bot")
    (key,) = json.loads(run("keys", "list", "--json")[0])["keys"]
    assert (key["state"], key["scopes"], key["collections"]) == ("revoked", ["ask", "read"], ["handbook"])
    assert key["last_used"] is not None


def test_a_collection_that_is_not_there_is_pointed_out(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, told = run("keys", "create", "early", "--collection", "handbook")
    assert "no collection" not in told  # there is no index yet
    monkeypatch.setenv("ASKWELL_EMBEDDING_MODEL", "hashing")
    (tmp_path / "tea.md").write_text("# Tea\n\nTea is a drink.\n")
    run("ingest", str(tmp_path / "tea.md"), "--collection", "handbook")
    _, told = run("keys", "create", "right", "--collection", "handbook")
    assert "no collection" not in told
    shown, told = run("keys", "create", "slip", "--collection", "handbok")
    assert shown.startswith("askwell_")
    assert "There is no collection 'handbok' yet" in told
    assert "Collections here: handbook" in told


def test_a_key_as_json_holds_its_text_and_nothing_else_is_printed(run: Run) -> None:
    out, err = run("keys", "create", "ci", "--scope", "metrics", "--json")
    made = json.loads(out)
    assert made["key"].startswith(f"askwell_{made['id']}_")
    assert made["scopes"] == ["metrics"]
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("keys", "create", " "), "Give the key a name"),
        (("keys", "create", "x", "--scope", "fly"), "A key's scopes are ask, read, metrics, not fly."),
        (("keys", "revoke", "nobody"), "There is no active key 'nobody'. Run: askwell keys list"),
        (("records", "forget", ""), "Name the person"),
        (("records", "restore", "missing.gz"), "There is no file missing.gz"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    out, err = run(*arguments, fails=True)
    assert out == ""
    assert sentence in err
    assert len(err.strip().splitlines()) == 1


def test_records_are_backed_up_forgotten_and_restored(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    records = open_records(Settings(data_dir=data, _env_file=None))
    with acting_as(Caller("slack:T1/U1")):
        records.record(answer(records.ensure_conversation(None), "a1"))
    records.close()
    assert "      1  20" in run("records", "people")[0]

    file = tmp_path / "records.jsonl.gz"
    assert "1 answers of 1 conversations and 0 keys written to" in run("records", "backup", str(file))[1]
    assert "Removed 1 answers, 1 conversations" in run("records", "forget", "slack:T1/U1")[1]
    assert json.loads(run("records", "people", "--json")[0]) == {"people": []}
    assert "Nothing is recorded of 'slack:T1/U1'" in run("records", "forget", "slack:T1/U1")[1]
    assert json.loads(run("records", "restore", str(file), "--json")[0])["tables"]["answers"] == 1
    assert "holds records already" in run("records", "restore", str(file), fails=True)[1]
    assert json.loads(run("records", "people", "--json")[0])["people"][0]["id"] == "slack:T1/U1"
    assert json.loads(run("records", "prune", "--days", "1", "--json")[0])["answers"] == 0
