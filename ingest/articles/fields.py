"""Front matter of an article: what must be there, and in which form. Whether a source says so is for a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from ingest.articles.article import Article, Finding
from ingest.articles.vocabulary import FILE, Vocabulary

REQUIRED = ("title", "summary", "services", "sources", "reviewed")
KNOWN = frozenset({*REQUIRED, "pillars", "topics", "status", "sample_data"})
PILLARS = (
    "operational-excellence",
    "security",
    "reliability",
    "performance-efficiency",
    "cost-optimization",
    "sustainability",
)
STATES = ("ended", "closed to new customers", "renamed", "deprecated")
_TOPIC = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def field_findings(article: Article, vocabulary: Vocabulary, today: date) -> Iterator[Finding]:
    if article.problem:
        yield article.finding(0, "front matter", article.problem)
        return
    fields = article.fields
    for name in REQUIRED:
        if fields.get(name) is None:
            yield article.finding(0, "front matter", f"{name} is missing")
    for name in sorted(set(fields) - KNOWN):
        yield _at(article, name, f"{name} is not a known field; known are {', '.join(sorted(KNOWN))}")
    for name in ("title", "summary"):
        value = fields.get(name)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            yield _at(article, name, f"{name} must be a text")
    yield from _title(article)
    for name in ("services", "pillars", "topics", "sources"):
        yield from _list(article, name)
    yield from _values(article, vocabulary)
    yield from _reviewed(article, today)
    yield from _status(article)
    if fields.get("sample_data") not in (None, True):
        yield _at(article, "sample_data", "sample_data is true or left out")


def texts(article: Article, name: str) -> tuple[str, ...]:
    """The entries of a list field that are texts; () for a field of another form."""
    value = article.fields.get(name)
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def reviewed_on(article: Article) -> date | None:
    value = article.fields.get("reviewed")
    return value if isinstance(value, date) else None


def _at(article: Article, name: str, message: str) -> Finding:
    return article.finding(article.field_offset(name), "front matter", message)


def _title(article: Article) -> Iterator[Finding]:
    first = next((section for section in article.headings if section.level == 1), None)
    title = article.fields.get("title")
    if first is None:
        yield article.finding(article.body, "title", "there is no '# Title' heading")
    elif isinstance(title, str) and first.heading != title.strip():
        yield article.finding(first.start, "title", f"the heading {first.heading!r} is not the title {title!r}")
    for section in article.headings:
        if section.level == 1 and first is not None and section is not first:
            yield article.finding(section.start, "title", f"{section.heading!r} is a second heading of level 1")


def _list(article: Article, name: str) -> Iterator[Finding]:
    value = article.fields.get(name)
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
        yield _at(article, name, f"{name} must be a list of texts")
    for entry in sorted({entry for entry in texts(article, name) if texts(article, name).count(entry) > 1}):
        yield _at(article, name, f"{name} holds {entry!r} twice")


def _values(article: Article, vocabulary: Vocabulary) -> Iterator[Finding]:
    for service in texts(article, "services"):
        if vocabulary.services and service not in vocabulary.services:
            yield _at(article, "services", f"{service!r} is not one of the services in {FILE}")
    for pillar in texts(article, "pillars"):
        if pillar not in PILLARS:
            yield _at(article, "pillars", f"{pillar!r} is not a pillar; the six are {', '.join(PILLARS)}")
    for topic in texts(article, "topics"):
        if not _TOPIC.fullmatch(topic):
            yield _at(article, "topics", f"{topic!r} is not in lower case with hyphens")
    for source in texts(article, "sources"):
        if not re.fullmatch(r"https://[^\s/]+/\S*", source):
            yield _at(article, "sources", f"{source!r} is not an https address")


def _reviewed(article: Article, today: date) -> Iterator[Finding]:
    reviewed = reviewed_on(article)
    if reviewed is None:
        if article.fields.get("reviewed") is not None:
            yield _at(article, "reviewed", "reviewed must be a date such as 2026-11-24")
    elif reviewed > today:
        yield _at(article, "reviewed", f"reviewed {reviewed} lies in the future")


def _status(article: Article) -> Iterator[Finding]:
    status = article.fields.get("status")
    if status is None:
        return
    if not isinstance(status, list) or not all(isinstance(entry, dict) for entry in status):
        yield _at(article, "status", "status must be a list of entries with service, state, date and replacement")
        return
    for entry in status:
        for problem in _entry_problems(entry):
            yield _at(article, "status", f"status of {entry.get('service', 'an unnamed service')}: {problem}")


def _entry_problems(entry: Mapping[str, object]) -> Iterator[str]:
    for name in ("service", "state", "replacement"):
        if not isinstance(entry.get(name), str) or not entry.get(name):
            yield f"{name} is missing"
    state = entry.get("state")
    if isinstance(state, str) and state not in STATES:
        yield f"state {state!r} is not one of {', '.join(STATES)}"
    day = entry.get("date")
    if day is None and state != "renamed":
        yield "date is missing, which only a renamed service may do without"
    elif day is not None and not isinstance(day, date):
        yield f"date {day!r} is not a date such as 2026-11-24"
    for name in sorted(set(entry) - {"service", "state", "date", "replacement"}):
        yield f"{name} is not a known field"
