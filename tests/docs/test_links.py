"""Links, anchors, pictures and paths in the documentation lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.docs.pages import PAGES, ROOT

CHECKED = (*PAGES, ROOT / "CHANGELOG.md")
_PLACES = ("ingest/", "assistant/", "ui/", "evals/", "tests/", "corpus/", "docs/", ".ci/")


def inline(page: Path) -> Iterator[Token]:
    for block in MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8")):
        yield from block.children or ()


def targets(page: Path) -> list[str]:
    attributes = {"link_open": "href", "image": "src"}
    return [str(token.attrs[attributes[token.type]]) for token in inline(page) if token.type in attributes]


def anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, punctuation away, spaces to hyphens."""
    tokens = MarkdownIt("commonmark").parse(page.read_text("utf-8"))
    headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", CHECKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_lead_to_files_and_headings(page: Path) -> None:
    for target in targets(page):
        if re.match(r"[a-z]+:", target):
            assert target.startswith(("https://", "http://127.0.0.1:8000")), target
            continue
        path, _, anchor = unquote(target).partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{page.name}: {target}"
        assert place.is_relative_to(ROOT), f"{page.name}: {target} leads out of the repository"
        if anchor:
            assert anchor in anchors(place), f"{page.name}: no heading for {target}"


@pytest.mark.parametrize("page", CHECKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_in_code_style_exist(page: Path) -> None:
    for token in inline(page):
        code = token.content
        if token.type == "code_inline" and code.startswith(_PLACES) and not set(code) & set(" *<>{}"):
            assert (ROOT / code.partition("::")[0]).exists() or code == "docs/images/", f"{page.name}: {code}"


def test_functions_named_to_be_opened_first_are_there() -> None:
    text = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs/architecture.md").read_text("utf-8")
    found = re.findall(r"`(?:(\w+)\.)?(\w+)\(\)` in \[([\w/]+\.py)\]", text)
    assert {name for _, name, _ in found} >= {"ingest", "answer_chain", "stream", "assemble"}
    for _, name, path in found:
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{path} has no {name}"
