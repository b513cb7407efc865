"""``askwell sync`` and web addresses on the command line, against a site on loopback; pages open in the viewer."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.links import source_url
from assistant.settings import Settings
from assistant.wiring import assemble
from tests.ingest.sources.site import Site, serving
from ui.http.app import create_app
from ui.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as opened:
        opened.put({"/tea": '<h1>Tea</h1><h2 id="kinds">Kinds</h2><p>Green tea is a kind of tea.</p>'})
        yield opened


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASKWELL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ASKWELL_EMBEDDING_MODEL", "hashing")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "handbook").mkdir()
    (tmp_path / "handbook" / "bread.md").write_text("# Bread\n\nBread is baked.\n")
    return tmp_path


def write(home: Path, site: Site, more: str = "") -> None:
    (home / "sources.yaml").write_text(
        "collections:\n"
        "  handbook:\n    - path: handbook\n      base_url: https://handbook.example.com/{stem}\n"
        f"  product:\n    - url: {site.sitemap('/tea')}\n      allow_hosts: [127.0.0.1]\n      rate: 100\n{more}"
    )


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = 0
    try:
        main(arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_sync_brings_all_collections_up_to_date_and_does_no_more_than_needed(
    home: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home, site)
    code, out, _ = run(capsys, "sync")
    assert (code, out.count("1 added")) == (0, 2)
    code, out, _ = run(capsys, "sync", "--json")
    reports = json.loads(out)["collections"]
    assert {name: report["unchanged"] for name, report in reports.items()} == {"handbook": 1, "product": 1}
    assert site.sent.count("/tea") == 1
    (home / "handbook" / "salt.md").write_text("# Salt\n\nSalt is mined.\n")
    code, out, _ = run(capsys, "sync", "sources.yaml", "--collection", "handbook")
    assert "1 added" in out
    assert "product" not in out


def test_a_collection_that_fails_is_named_and_does_not_stop_the_others(
    home: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home, site, "  broken:\n    - path: nowhere\n")
    code, out, err = run(capsys, "sync")
    assert (code, out.count("1 added")) == (1, 2)
    assert "nowhere does not exist" in err
    assert "Not brought up to date: broken" in err
    code, _, err = run(capsys, "sync", "--collection", "nope")
    assert (code, "has no collection nope" in err) == (1, True)


def test_a_page_ingested_by_its_address_is_cited_and_opens_in_the_viewer(
    home: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "ingest", site.address + "/tea")
    assert code == 1
    assert "allow it by name: --allow-host 127.0.0.1" in err
    code, out, _ = run(capsys, "ingest", site.address + "/tea", "--allow-host", "127.0.0.1")
    assert (code, "1 added" in out) == (0, True)
    settings = Settings(_env_file=None)
    assistant = assemble(settings)
    try:
        client = TestClient(create_app(assistant, settings))
        hit = client.post("/v1/search", json={"question": "green tea"}).json()["hits"][0]
        assert hit["document"] == site.address + "/tea"
        assert hit["url"].startswith(source_url(hit["document"]))
        page = client.get(hit["url"])
        assert page.status_code == 200
        assert "<mark" in page.text
        assert 'id="kinds"' in page.text
        detail = client.get("/v1/documents/" + hit["document"].replace("/", "%2F")).json()
        assert detail["url"] == site.address + "/tea"
    finally:
        assistant.close()


def test_a_person_at_a_terminal_is_asked_before_most_of_a_source_goes(home: Path) -> None:
    folder = home / "handbook"
    for number in range(19):
        (folder / f"{number}.md").write_text(f"# Page {number}\n\nPage {number} says {number}.\n")

    def ingest(said: bytes) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        os.write(ours, said)
        command = [sys.executable, "-m", "ui.main", "ingest", str(folder)]
        done = subprocess.run(command, cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, check=False)
        os.close(theirs)
        os.close(ours)
        return done.returncode, done.stdout.decode()

    assert ingest(b"")[0] == 0
    for number in range(15):
        (folder / f"{number}.md").unlink()
    assert ingest(b"n\n")[0] == 1
    code, out = ingest(b"y\n")
    assert (code, "15 removed" in out) == (0, True)
