"""The command line as people run it: results on stdout, words on stderr, exit codes, no traceback."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from rich.console import Console

from tests.ui.house import KEYS
from ui.commands.markdown import AnswerMarkdown, plain
from ui.main import main


def askwell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.main", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
        check=False,
    )


class Shell:
    """Runs commands in this process, where the libraries are loaded already."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def failed(self, *arguments: str, **environment: str) -> str:
        """The one sentence of a command that failed."""
        with self._monkeypatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(arguments)
        said = self._capsys.readouterr()
        assert ended.value.code == 1, said.err
        assert said.out == ""
        assert len(said.err.strip().splitlines()) == 1
        return said.err.strip()


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


def test_help_and_version_need_no_heavy_library() -> None:
    probe = (
        "import sys; from ui.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'gradio', 'fastapi', 'chromadb', 'numpy', 'sqlalchemy', 'onnxruntime', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    process = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60)
    assert process.stderr.strip() == "[]"
    for command in ("ingest", "ask", "search", "serve", "status", "rollback", "eval"):
        assert command in process.stdout
    assert askwell("--version").stdout.startswith("askwell ")


def test_ingest_ask_search_status_and_rollback_work_on_a_new_folder(tmp_path: Path, models: Path) -> None:
    home = {"ASKWELL_DATA_DIR": str(tmp_path / "data")}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    document = tmp_path / "keys.md"
    document.write_bytes(KEYS.encode())

    report = json.loads(askwell("ingest", str(document), "--json", **home).stdout)
    assert (report["added"], report["documents"]) == (1, 1)
    again = askwell("ingest", str(document), **home)
    assert "1 unchanged" in again.stdout

    answer = json.loads(askwell("ask", "What are the weaknesses of partition keys?", "--json", **home).stdout)
    assert answer["citations"]
    for citation in answer["citations"]:
        assert KEYS[citation["start"] : citation["end"]] == citation["quote"]
    shown = askwell("ask", "What are the weaknesses of partition keys?", **home)
    assert "[1] Keys in Orchid tables › Weaknesses of partition keys" in shown.stdout
    assert answer["citations"][0]["quote"].splitlines()[0] in shown.stdout

    hits = json.loads(askwell("search", "sort key", "-k", "1", "--json", **home).stdout)["hits"]
    assert len(hits) == 1
    status = json.loads(askwell("status", "--json", **home).stdout)
    assert status["collections"] == {"default": 1}
    assert [one["live"] for one in status["generations"]] == [True]
    assert "earlier generation" in askwell("rollback", **home).stderr


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("serve", ["[default: 127.0.0.1]", "[default: 8000]"]),
        ("ingest", ["askwell ingest [OPTIONS] {PATH_OR_URL}..."]),
        ("eval", ["askwell eval [OPTIONS] [SUITE]..."]),
    ],
)
def test_help_shows_defaults_and_usage_as_they_are(
    command: str, shown: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit):
        main([command, "--help"])
    told = capsys.readouterr().out
    for words in shown:
        assert words in told


def test_an_answer_in_the_terminal_shows_no_signs_of_markdown_and_numbers_its_steps() -> None:
    text = "\\[General Hint] Use `a\\_b` in C\\_D. [1]\n\n1. Copy. [2]\n2. Switch. [3]"
    assert plain(text) == "[General Hint] Use `a\\_b` in C_D. [1]\n\n1. Copy. [2]\n2. Switch. [3]"
    screen = Console(force_terminal=True, color_system=None, width=80, file=StringIO())
    with screen.capture() as captured:
        screen.print(AnswerMarkdown(text))
    lines = [line.strip() for line in captured.get().splitlines() if line.strip()]
    assert lines == ["[General Hint] Use a\\_b in C_D. [1]", "1. Copy. [2]", "2. Switch. [3]"]


def test_the_terminal_and_the_api_give_the_same_answer(client: TestClient, data_dir: Path) -> None:
    question = "What are the weaknesses of partition keys?"
    over_http = client.post("/v1/answers", json={"question": question}).json()
    in_terminal = json.loads(askwell("ask", question, "--json", ASKWELL_DATA_DIR=str(data_dir)).stdout)
    for field in ("answer", "status", "citations", "related", "standalone_question", "index_generation"):
        assert in_terminal[field] == over_http[field]


def test_what_is_wrong_is_one_sentence_with_the_next_step(
    shell: Shell, data_dir: Path, tmp_path: Path, models: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "models").symlink_to(models)
    here, nothing = {"ASKWELL_DATA_DIR": str(data_dir)}, {"ASKWELL_DATA_DIR": str(empty)}
    assert "askwell ingest" in shell.failed("ask", "What?", **nothing)
    assert "empty" in shell.failed("ask", " ", **here)
    assert "default, handbook" in shell.failed("ask", "What?", "--collection", "nope", **here)
    assert "nope" in shell.failed("ask", "What?", "--conversation", "nope", **here)
    assert "FIELD=VALUE" in shell.failed("search", "What?", "--filter", "pillars", **here)
    assert "does not exist" in shell.failed("ingest", str(tmp_path / "missing"), **nothing)
    assert "is not known" in shell.failed("ingest", "https://nowhere.invalid", **nothing)
    assert "only these are fetched" in shell.failed("ingest", "ftp://example.com/x", **nothing)
    assert "There is no sources file" in shell.failed("sync", str(tmp_path / "missing.yaml"), **nothing)
    assert "ASKWELL_PORT" in shell.failed("status", ASKWELL_PORT="many", **here)
    assert "ASKWELL_ALLOW_PUBLIC" in shell.failed("serve", "--host", "0.0.0.0", **here)


@pytest.mark.parametrize("arguments", [["ask"], ["search", "x", "-k", "0"], ["nope"], ["serve", "--port", "many"]])
def test_wrong_usage_ends_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "Usage: askwell" in capsys.readouterr().err


def test_a_failing_process_ends_with_one_and_without_a_traceback(tmp_path: Path) -> None:
    process = askwell("rollback", ASKWELL_DATA_DIR=str(tmp_path))
    assert process.returncode == 1
    assert process.stderr.startswith("No index in")
    assert "Traceback" not in process.stderr


def test_a_folder_of_somebody_else_is_named_with_the_user_who_may_not_use_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commonest trap of a container: a folder of the host mounted as /data. (Root may do everything.)"""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/data/models")

    monkeypatch.setattr("ui.main.app", refused)
    with pytest.raises(SystemExit) as ended:
        main(["ingest", "corpus"])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith(f"/data/models may not be used by this user, number {os.geteuid()} (Permission denied).")
    assert "ASKWELL_DATA_DIR" in said


def test_a_port_in_use_is_said_before_anything_is_loaded(shell: Shell, data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} is in use" in shell.failed("serve", "--port", str(port), ASKWELL_DATA_DIR=str(data_dir))


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)]
)
def test_only_loopback_counts_as_private(host: str, loopback: bool) -> None:
    from ui.commands.serve import is_loopback

    assert is_loopback(host) is loopback
