"""The Documents page: what is indexed, collection by collection, and which files could not be taken in.

Needs no script: finding and turning pages are links and a form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from assistant.links import source_url
from ingest.index import DocumentSummary, OpenIndex
from ingest.last_runs import LastRun
from ui.templates import fill

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    id: str
    url: str
    sections: int
    ingested: str


@dataclass(frozen=True, slots=True)
class Failed:
    name: str
    why: str
    collection: str
    when: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A collection to look at; the one without a name is all of them."""

    name: str
    count: int
    url: str
    current: bool


def documents_page(
    index: OpenIndex, runs: Sequence[LastRun], *, collection: str = "", words: str = "", page: int = 1
) -> str:
    every = index.documents()
    counts = Counter(document.collection for document in every)
    inside = [document for document in every if not collection or document.collection == collection]
    found = [document for document in inside if _matches(document, words)]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(1, page), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    tabs = [Tab(name, counts[name], _url(name, words), name == collection) for name in sorted(counts)]
    if len(tabs) > 1:
        tabs.insert(0, Tab("", len(every), _url("", words), not collection))
    return fill(
        "documents.html",
        tabs=tabs if len(tabs) > 1 else [],
        collection=collection,
        words=words,
        total=len(every),
        collections=len(counts),
        passages=sum(document.chunks for document in every),
        updated=moment(index.manifest.created),
        failed=failed_files(runs),
        found=len(found),
        lines=[_line(document) for document in shown],
        page=page,
        pages=pages,
        earlier=_url(collection, words, page - 1) if page > 1 else "",
        later=_url(collection, words, page + 1) if page < pages else "",
    )


def failed_files(runs: Sequence[LastRun]) -> list[Failed]:
    return [
        Failed(name, _reason(name, why), run.collection, moment(run.ended)) for run in runs for name, why in run.failed
    ]


def _reason(name: str, why: str) -> str:
    """The sentence without the name that stands beside it."""
    rest = why.removeprefix(name).strip()
    return rest[:1].upper() + rest[1:]


def moment(iso: str | datetime) -> str:
    """
    >>> moment("2026-11-27T13:05:00+00:00")
    '27 Nov 2026, 13:05 UTC'
    """
    try:
        when = iso if isinstance(iso, datetime) else datetime.fromisoformat(iso)
    except ValueError:
        return str(iso)
    utc = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def _line(document: DocumentSummary) -> Line:
    url = source_url(document.id, document.collection)
    day = moment(document.ingested).partition(",")[0]
    return Line(document.title or document.id, document.id, url, document.sections, day)


def _matches(document: DocumentSummary, words: str) -> bool:
    text = f"{document.title} {document.id}".casefold()
    return all(word in text for word in words.casefold().split())


def _url(collection: str, words: str, page: int = 1) -> str:
    chosen = {"collection": collection, "q": words, "page": page if page > 1 else ""}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"/documents?{query}" if query else "/documents"
