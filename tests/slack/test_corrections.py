"""``askwell gaps`` and ``askwell answers recheck`` as an operator runs them, and the correction in the Slack thread."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.records import inbox_of
from assistant.settings import Settings
from assistant.types import Question
from assistant.wiring import assemble
from ingest.embedders import load_embedder
from ingest.pipeline import ingest
from tests.slack.conftest import until
from tests.slack.fake import SECRET, FakeSlack, event_body, mention
from ui.main import main
from ui.slack.bot import SlackBot
from ui.slack.reading import message_of

LIMITS = "# Limits of Orchid tables\n\nAn Orchid table holds at most 500 columns, indexes included.\n"


@pytest.fixture
def home(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    (data / "models").symlink_to(models)
    monkeypatch.setenv("ASKWELL_DATA_DIR", str(data))
    monkeypatch.chdir(tmp_path)
    write(tmp_path, LIMITS)
    return tmp_path


def write(home: Path, text: str) -> None:
    (home / "docs").mkdir(exist_ok=True)
    (home / "docs" / "limits.md").write_bytes(text.encode())
    embedder = load_embedder("all-MiniLM-L6-v2", home / "data")
    ingest([home / "docs"], data_dir=home / "data", embedder=embedder)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert ended.value.code == 0, said.err
    return said.out


def answered(slack: FakeSlack) -> str:
    """The thread in which the bot has told, from what the documents say so far, how many columns there are."""
    settings = Settings(_env_file=None)
    assistant = assemble(settings)
    bot, inbox, ts = SlackBot(assistant, settings), inbox_of(assistant.records), slack.new_ts()
    question = mention("How many columns does an Orchid table hold?", ts)
    taken = message_of(json.loads(event_body(question, "Ev1")))
    assert taken is not None
    inbox.put(taken.event)
    assert bot.dispatcher.run_until_empty() == 1
    assert "500 columns" in slack.posted[0].text
    assistant.close()
    return ts


def test_a_correction_is_posted_once_in_the_thread_of_the_answer(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeSlack() as slack:
        monkeypatch.setenv("ASKWELL_SLACK_API_URL", slack.api_url)
        monkeypatch.setenv("ASKWELL_SLACK_BOT_TOKEN", "xoxb-test")
        monkeypatch.setenv("ASKWELL_SLACK_SIGNING_SECRET", SECRET)
        monkeypatch.setenv("ASKWELL_PUBLIC_URL", "https://askwell.example.com")
        ts = answered(slack)

        assert "still in the documents" in run(capsys, "answers", "recheck")
        write(home, LIMITS.replace("500", "600"))
        shown = run(capsys, "answers", "recheck")
        assert "limits.md: changed" in shown
        assert "now: An Orchid table holds at most 600 columns, indexes included." in shown
        for told in (1, 0):
            report = json.loads(run(capsys, "answers", "recheck", "--post", "--json"))
            assert report["corrections"] == told
            assert report["flagged"][0]["changes"][0]["kind"] == "changed"
        until(lambda: len(slack.posted) == 2)
        _, correction = slack.in_thread("C0001", ts)
        said = json.dumps(correction.blocks, ensure_ascii=False)
        assert "*The documents have changed since this answer.*" in said
        assert "500 columns" in said
        assert "now reads" in said
        assert "*Asked again today:*" in said
        assert "600 columns" in said
        assert "https://askwell.example.com/sources/limits.md?start=" in said


def test_a_correction_tells_no_more_than_slack_may_read_and_is_of_who_asked(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another collection answers the question better today; it is not for Slack."""
    with FakeSlack() as slack:
        monkeypatch.setenv("ASKWELL_SLACK_API_URL", slack.api_url)
        monkeypatch.setenv("ASKWELL_SLACK_BOT_TOKEN", "xoxb-test")
        monkeypatch.setenv("ASKWELL_SLACK_SIGNING_SECRET", SECRET)
        monkeypatch.setenv("ASKWELL_SLACK_COLLECTIONS", "default")
        answered(slack)

        secret = home / "secret"
        secret.mkdir()
        (secret / "plan.md").write_text("# Limits of Orchid tables\n\nAn Orchid table will hold 9000 columns soon.\n")
        embedder = load_embedder("all-MiniLM-L6-v2", home / "data")
        ingest([secret], data_dir=home / "data", embedder=embedder, collection="board")
        write(home, "# Limits of Orchid tables\n\nSee the plan.\n")
        assert json.loads(run(capsys, "answers", "recheck", "--post", "--json"))["corrections"] == 1
        until(lambda: len(slack.posted) == 2)
        assert "9000" not in json.dumps([one.blocks for one in slack.posted])
        assert run(capsys, "records", "people").split()[2:] == ["slack:T0001/U1"], "both answers are hers"

        monkeypatch.setenv("ASKWELL_SLACK_COLLECTIONS", "handbook")  # the earlier answer's is for Slack no more
        write(home, LIMITS.replace("500", "700"))
        report = json.loads(run(capsys, "answers", "recheck", "--post", "--json"))
        assert report["flagged"]
        assert report["corrections"] == 0


def test_gaps_are_written_as_markdown_and_as_a_page(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assistant = assemble(Settings(_env_file=None))
    for text in ("Is there a Kubernetes operator?", "Which Kubernetes version is needed?"):
        assistant.ask(Question(text))
    assistant.close()
    assert "Kubernetes" in run(capsys, "gaps", "--since", "1d")
    report = json.loads(run(capsys, "gaps", "--out", "reports", "--json"))
    assert report["gaps"][0]["asked"] == 2
    assert "## Kubernetes" in (home / "reports" / "gaps.md").read_text("utf-8")
    assert "<h2>Kubernetes" in (home / "reports" / "gaps.html").read_text("utf-8")
    assert "From" in run(capsys, "gaps", "--since", "2w", "--until", "2099-01-01")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gaps", "--since", "yesterday"), "'yesterday' is no time"),
        (("gaps", "--since", "9999999d"), "is no time"),
        (("gaps", "--since", "2026-12-01", "--until", "2026-11-01"), "The period ends before it begins"),
        (("answers", "recheck", "--post"), "Set ASKWELL_SLACK_BOT_TOKEN"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 1
    assert sentence in capsys.readouterr().err
