"""The checker finds each thing that it promises to find, at its line, and lets a proper article pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.articles.vocabulary import spelling
from ingest.corpus_check import Finding, check_corpus
from ingest.errors import BadInputError
from ui.main import app

TODAY = date(2026, 11, 24)
PROPER = """---
title: Amazon DynamoDB
summary: What it is.
services: [Amazon DynamoDB]
pillars: [reliability]
topics: [key-value]
sources:
  - https://docs.aws.amazon.com/dynamodb
reviewed: 2026-11-01
status:
  - service: Amazon QLDB
    state: ended
    date: 2025-07-31
    replacement: Amazon Aurora
---
# Amazon DynamoDB

Amazon DynamoDB is a database. An item has at most 400 KB.

## Limits of DynamoDB

Amazon DynamoDB has limits, as [the second article](other/second.md#how-it-scales) says.
"""
SECOND = """---
title: Second
summary: Another.
services: []
sources: []
reviewed: 2026-02-01
---
# Second

A text without numbers.

## How it scales

It scales with Amazon S3.
"""
VOCABULARY = """
services: [Amazon DynamoDB]
spellings: {DynamoDB: [DDB], Red Hat: }
avoid: {marketing: [seamless]}
"""

Check = Callable[[str], list[Finding]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "other").mkdir()
    (tmp_path / "first.md").write_text(PROPER, "utf-8")
    (tmp_path / "other" / "second.md").write_text(SECOND, "utf-8")
    (tmp_path / "README.md").write_text("Seamless! No article.", "utf-8")
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
    return tmp_path


@pytest.fixture
def check(folder: Path) -> Check:
    """Findings of the first article once it has this text."""

    def run(text: str) -> list[Finding]:
        (folder / "first.md").write_text(text, "utf-8")
        return [found for found in check_corpus(folder, TODAY).findings if found.document == "first.md"]

    return run


def test_a_proper_article_passes(folder: Path) -> None:
    report = check_corpus(folder, TODAY)

    assert report.findings == ()
    assert report.articles == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("summary: What it is.\n", "", 1, "summary is missing"),
        ("reviewed: 2026-11-01", "reviewed: 2026-11-25", 9, "lies in the future"),
        ("reviewed: 2026-11-01", "reviewed: soon", 9, "must be a date"),
        ("[Amazon DynamoDB]", "[Amazon RDS]", 4, "'Amazon RDS' is not one of the services"),
        ("[reliability]", "[speed]", 5, "'speed' is not a pillar"),
        ("[key-value]", "[Key value]", 6, "not in lower case with hyphens"),
        ("https://docs", "http://docs", 7, "not an https address"),
        ("state: ended", "state: gone", 10, "state 'gone' is not one of"),
        ("    date: 2025-07-31\n", "", 10, "date is missing"),
        ("    replacement: Amazon Aurora\n", "", 10, "replacement is missing"),
        ("topics: [key-value]", "topcs: [key-value]", 6, "topcs is not a known field"),
        ("# Amazon DynamoDB\n", "# DynamoDB\n", 16, "is not the title"),
        ("title: Amazon DynamoDB", "title: [unclosed", 1, "not valid YAML"),
        ("other/second.md#how", "other/third.md#how", 22, "other/third.md#how-it-scales leads nowhere"),
        ("#how-it-scales", "#how-it-shrinks", 22, "has no section #how-it-shrinks"),
        ("## Limits of DynamoDB", "## Amazon DynamoDB", 20, "a second section is called"),
        ("has limits", "has seamless limits", 22, "'seamless': marketing"),
        ("has limits", "has limits!", 22, "an exclamation mark"),
        ("has limits", "(Dynamo DB) has limits", 22, "'Dynamo DB' is written 'DynamoDB'"),
        ("has limits", "(DDB) has limits", 22, "'DDB' is written 'DynamoDB'"),
        ("has limits", "(see https://aws.example/x) has limits", 22, "an address in the text"),
        ("has limits", "has UNVERIFIED limits", 22, "UNVERIFIED"),
        ("has limits", "has " + "many " * 261 + "limits", 20, "a section has at most 260"),
    ],
)
def test_each_fault_is_found_at_its_line(check: Check, old: str, new: str, line: int, message: str) -> None:
    assert old in PROPER

    findings = check(PROPER.replace(old, new, 1))

    assert [found.line for found in findings if message in found.message] == [line], findings


def test_a_renamed_service_may_lack_the_date(check: Check) -> None:
    assert check(PROPER.replace("state: ended\n    date: 2025-07-31", "state: renamed")) == []


def test_a_figure_needs_a_source_unless_the_article_says_its_data_are_samples(check: Check) -> None:
    without = PROPER.replace("  - https://docs.aws.amazon.com/dynamodb\n", "").replace("sources:\n", "sources: []\n")

    findings = check(without)

    assert [(found.check, found.line) for found in findings] == [("figure", 17)]
    assert check(without.replace("reviewed:", "sample_data: true\nreviewed:")) == []


@pytest.mark.parametrize("kind", ["- An item has 400 KB.", "| a | b |\n| - | - |\n| size | 400 KB |"])
def test_figures_are_found_in_lists_and_tables(check: Check, kind: str) -> None:
    without = PROPER.replace("  - https://docs.aws.amazon.com/dynamodb\n", "").replace("sources:\n", "sources: []\n")

    findings = check(without.replace("An item has at most 400 KB.", f"\n\n{kind}"))

    assert [found.check for found in findings] == ["figure"]


def test_an_article_of_more_than_1500_words_is_too_long(check: Check) -> None:
    sections = "".join(f"\n## Part {letter}\n\n{'word ' * 220}\n" for letter in "abcdefg")

    messages = [found.message for found in check(PROPER + sections)]

    assert len(messages) == 1
    assert "an article has at most 1500" in messages[0]


def test_code_link_targets_and_sources_are_not_read_for_words(check: Check) -> None:
    code = "\nUse `dynamodb` or [the guide](https://aws.example/dynamodb/seamless).\n\n```\ncurl http://dynamodb\n```\n"

    assert check(PROPER + code) == []


def test_two_articles_of_one_title_are_told_apart(folder: Path) -> None:
    second = SECOND.replace("Second", "Amazon DynamoDB")
    (folder / "other" / "second.md").write_text(second, "utf-8")

    assert [found.message for found in check_corpus(folder, TODAY).findings] == ["first.md has the same title"]


def test_names_are_found_in_any_case_and_spacing_but_not_inside_other_words() -> None:
    pattern = spelling("ElastiCache", ["Elastic Cache"]).pattern

    assert all(pattern.search(text) for text in ("an elasticache", "Elasti-Cache", "Elasti Cache.", "elastic cache"))
    assert not pattern.search("elasticaches")
    assert not pattern.search("node.elasticache.example")


def test_old_reviews_are_reported_with_the_oldest_first(folder: Path) -> None:
    report = check_corpus(folder, TODAY)

    assert [(old.document, old.days) for old in report.older_than(0)] == [("other/second.md", 296), ("first.md", 23)]
    assert [old.document for old in report.older_than(180)] == ["other/second.md"]


@pytest.mark.parametrize("text", ["[", "services: []", "services: [a]\nspellings: [b]\navoid: {}"])
def test_an_unusable_vocabulary_is_one_clear_sentence(folder: Path, text: str) -> None:
    (folder / "vocabulary.yaml").write_text(text, "utf-8")

    with pytest.raises(BadInputError, match="It needs a list 'services'"):
        check_corpus(folder, TODAY)


def test_a_missing_or_empty_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is not a folder"):
        check_corpus(tmp_path / "none", TODAY)
    with pytest.raises(BadInputError, match="No articles"):
        check_corpus(tmp_path, TODAY)


class TestCommand:
    def test_a_clean_corpus_exits_0_and_names_old_reviews(self, folder: Path) -> None:
        result = CliRunner().invoke(app, ["corpus", "check", str(folder), "--older-than", "180"])

        assert result.exit_code == 0
        assert "2 articles, 0 findings." in result.stdout
        assert "other/second.md: 2026-02-01" in result.stdout

    def test_findings_are_listed_by_file_and_exit_1(self, folder: Path) -> None:
        (folder / "first.md").write_text(PROPER.replace("has limits", "has seamless limits"), "utf-8")

        result = CliRunner().invoke(app, ["corpus", "check", str(folder)])

        assert result.exit_code == 1
        assert result.stdout.startswith("first.md\n  22: word: 'seamless': marketing\n2 articles, 1 finding.")

    def test_json_carries_findings_and_old_reviews(self, folder: Path) -> None:
        (folder / "first.md").write_text(PROPER.replace("has limits", "has seamless limits"), "utf-8")

        result = CliRunner().invoke(app, ["corpus", "check", str(folder), "--json", "--older-than", "90"])

        report = json.loads(result.stdout)
        assert report["articles"] == 2
        assert report["findings"] == [
            {"document": "first.md", "line": 22, "check": "word", "message": "'seamless': marketing"}
        ]
        assert report["old_reviews"][0]["document"] == "other/second.md"
