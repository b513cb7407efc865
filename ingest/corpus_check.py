"""Checks a folder of articles: front matter, links, anchors, sources, lengths and names. Reads, changes nothing.

What an article must be is written for people in ``corpus/README.md``; ``vocabulary.yaml`` beside it holds the names.
Whether a sentence is true to its source is left to a reader.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.articles.article import Article, Finding, load_article
from ingest.articles.body import body_findings, link_findings
from ingest.articles.fields import field_findings, reviewed_on
from ingest.articles.vocabulary import load_vocabulary, word_findings
from ingest.errors import BadInputError
from ingest.sources.folder import discover

__all__ = ["Ageing", "Article", "CorpusReport", "Finding", "check_corpus", "load_articles"]

_NOT_ARTICLES = frozenset({"README.md"})


@dataclass(frozen=True, slots=True)
class Ageing:
    """An article whose review is ``days`` old."""

    document: str
    reviewed: date
    days: int


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """``findings`` in the order of documents and lines; ``reviews`` with the oldest first."""

    articles: int
    findings: tuple[Finding, ...]
    reviews: tuple[Ageing, ...]

    def older_than(self, days: int) -> tuple[Ageing, ...]:
        return tuple(review for review in self.reviews if review.days > days)


def check_corpus(root: Path, today: date) -> CorpusReport:
    """Raises BadInputError for a folder that is missing or holds no article, and for an unusable vocabulary.yaml."""
    articles = load_articles(root)
    if not articles:
        raise BadInputError(f"No articles in {root}. Name a folder of Markdown files, such as corpus")
    vocabulary = load_vocabulary(root)
    by_document = {article.document: article for article in articles}
    files = frozenset(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    findings: list[Finding] = []
    for article in articles:
        findings.extend(field_findings(article, vocabulary, today))
        findings.extend(body_findings(article))
        findings.extend(link_findings(article, by_document, files))
        findings.extend(word_findings(article, vocabulary))
    findings.extend(_same_titles(articles))
    findings.sort(key=lambda finding: (finding.document, finding.line, finding.check, finding.message))
    return CorpusReport(len(articles), tuple(findings), tuple(_reviews(articles, today)))


def load_articles(root: Path) -> tuple[Article, ...]:
    """The Markdown files under ``root``, in order; the README at its top is about the articles, not one of them."""
    if not root.is_dir():
        raise BadInputError(f"{root} is not a folder. Name the folder that holds the articles, such as corpus")
    return tuple(
        load_article(file.path, file.id)
        for file in discover(root).files
        if file.path.suffix == ".md" and file.id not in _NOT_ARTICLES
    )


def _same_titles(articles: Sequence[Article]) -> Iterator[Finding]:
    """Citations show titles, so two articles of one title cannot be told apart."""
    titled: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        titled[str(article.fields.get("title", "")).lower()].append(article)
    for title, namesakes in titled.items():
        for article in namesakes[1:] if title else ():
            message = f"{namesakes[0].document} has the same title"
            yield article.finding(article.field_offset("title"), "title", message)


def _reviews(articles: Sequence[Article], today: date) -> list[Ageing]:
    dated = [(article.document, reviewed_on(article)) for article in articles]
    reviews = [Ageing(name, reviewed, (today - reviewed).days) for name, reviewed in dated if reviewed is not None]
    return sorted(reviews, key=lambda review: (-review.days, review.document))
