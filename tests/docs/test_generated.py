"""Pages made from the program say what the program says; every setting is documented and no other is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.names import load_glossary
from assistant.settings import Settings
from tests.docs.pages import PAGES, ROOT, fences
from ui.reference import DOCS, main
from ui.reference import PAGES as GENERATED


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_a_generated_page_is_fresh(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == GENERATED[name](), "Run: python -m ui.reference"


def test_check_says_nothing_when_the_pages_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_every_setting_is_described_and_every_described_one_exists() -> None:
    settings = {f"ASKWELL_{name.upper()}" for name in Settings.model_fields}
    page = (DOCS / "settings.md").read_text("utf-8")
    assert settings == set(re.findall(r"^\| `(ASKWELL_\w+)`", page, re.M))
    assert all(field.description for field in Settings.model_fields.values())
    elsewhere = {"ASKWELL_DEBUG": "ui/main.py", "ASKWELL_REQUIRE_ALL": ".ci/run"}
    for name, place in elsewhere.items():
        assert name in (ROOT / place).read_text("utf-8")
    mentioned = {name for one in PAGES for name in re.findall(r"ASKWELL_\w*[A-Z]", one.read_text("utf-8"))}
    assert mentioned <= settings | set(elsewhere)


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [page.name for page in DOCS.glob("*.md") if f"docs/{page.name}" not in readme] == []


def test_the_example_glossary_is_one_that_loads(tmp_path: Path) -> None:
    shown = [fence.body for fence in fences(DOCS / "answers.md") if fence.kind == "yaml"]
    glossary = tmp_path / "glossary.yaml"
    glossary.write_text("".join(shown), "utf-8")
    assert len(load_glossary(glossary)) == len(load_glossary()) + 2
