"""ASKWELL_CHROMA_URL on the command line and in the read path: the vectors live in a real Chroma server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import Settings
from assistant.wiring import assemble
from ingest.generation import Generation
from ingest.generations import Generations
from tests.chroma import chroma_server, collections
from ui.main import main

Command = Callable[..., dict[str, Any]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command over ``tmp_path/data`` without the model; the JSON that it prints."""
    monkeypatch.setenv("ASKWELL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ASKWELL_EMBEDDING_MODEL", "hashing")

    def run(*arguments: str) -> dict[str, Any]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--json"])
        said = capsys.readouterr()
        assert not ended.value.code, said.err
        printed: dict[str, Any] = json.loads(said.out)
        return printed

    return run


def test_commands_keep_the_vectors_in_the_server_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    generations = Generations(tmp_path / "data")
    with chroma_server(tmp_path / "server") as url:
        monkeypatch.setenv("ASKWELL_CHROMA_URL", url)
        for number in (1, 2):
            (docs / f"{number}.md").write_text(f"# Tea {number}\n\nTea number {number} is a drink.\n")
            command("ingest", str(docs))
        assert collections(url) == [generations.collection_prefix() + name for name in generations.names()]
        assert not (generations.path(generations.live()) / "chroma").exists()
        assert command("status")["collections"] == {"default": 2}
        assert command("search", "Tea number 2")["hits"][0]["document"] == "2.md"

        assistant = assemble(Settings())
        index = assistant.holder.current()
        assert isinstance(index, Generation)
        assert index.counts()["chroma"] == 2
        assistant.close()

        command("rollback")
        assert [hit["document"] for hit in command("search", "Tea number 2")["hits"]] == ["1.md"]
