"""The shipped articles pass their checker, and every heading of the seed text has a section that answers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml

from ingest.articles.article import Article
from ingest.blocks import blocks
from ingest.corpus_check import check_corpus, load_articles
from ingest.sections import find_sections, shifted
from ingest.sources.folder import discover

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "corpus"
SEED = ROOT.parent / "shared" / "seed" / "building-with-aws-databases.md"
MAP = Path(__file__).parent / "seed_headings.yaml"


@dataclass(frozen=True, slots=True)
class Mapped:
    """One heading of the seed text, as its path, and the (document, heading) pairs that answer it."""

    seed: str
    sections: tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    return {article.document: article for article in load_articles(CORPUS)}


@pytest.fixture(scope="module")
def mapped() -> tuple[Mapped, ...]:
    return tuple(_read_map())


def _read_map() -> Iterator[Mapped]:
    for entry in yaml.safe_load(MAP.read_text("utf-8")):
        yield Mapped(entry["seed"], tuple((place["document"], place["heading"]) for place in entry["sections"]))


def test_the_corpus_has_nothing_to_mend() -> None:
    findings = check_corpus(CORPUS, date.today()).findings

    assert [f"{found.document}:{found.line}: {found.check}: {found.message}" for found in findings] == []


def test_the_readme_on_writing_articles_is_not_ingested_as_one() -> None:
    documents = [file.id for file in discover(CORPUS).files]

    assert "README.md" not in documents
    assert "nonrelational/qldb.md" in documents


def test_every_service_of_the_vocabulary_is_used_by_an_article(articles: dict[str, Article]) -> None:
    listed = set(yaml.safe_load((CORPUS / "vocabulary.yaml").read_text("utf-8"))["services"])

    used: set[str] = set()
    for article in articles.values():
        services = article.fields["services"]
        assert isinstance(services, list)
        used.update(services)

    assert used == listed


def test_each_mapped_section_exists_and_has_text_of_its_own(
    articles: dict[str, Article], mapped: tuple[Mapped, ...]
) -> None:
    with_text = {
        (article.document, section.heading)
        for article in articles.values()
        for section in article.sections
        if article.text[section.body_start : section.end].strip()
    }

    missing = [(entry.seed, place) for entry in mapped for place in entry.sections if place not in with_text]

    assert missing == []
    assert all(entry.sections for entry in mapped)


@pytest.mark.skipif(not SEED.is_file(), reason="the seed text is not on this machine")
def test_every_heading_of_the_seed_text_is_mapped_in_its_order(mapped: tuple[Mapped, ...]) -> None:
    text = SEED.read_text("utf-8")
    found = shifted(blocks(text), 0)
    headings = [
        " > ".join(section.heading_path[1:] or section.heading_path)
        for section in find_sections(text, "seed.md", "seed", found=found)
        if section.kind == "heading"
    ]

    assert len(headings) == 99
    assert [entry.seed for entry in mapped] == headings
