"""The lexical index of a generation: BM25 with English stems over title, headings, text and identifiers.

The one module that knows Tantivy. Queries are built from words, not from Tantivy's query language, so that nothing
people type can be an operator or an error.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

NAME = "lexical"
BOOSTS = {"title": 1.0, "heading": 1.0, "text": 1.0, "identifiers": 0.5}
"""What a match in each field counts. The text starts with its headings, which so count twice."""
_HEAP = 64_000_000
_IDENTIFIER = re.compile(r"[A-Za-z0-9]+(?:[_\-.][A-Za-z0-9]+)+|[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*")
_CAMEL = re.compile(r"[A-Z][A-Z0-9]*(?![a-z])|[A-Z]?[a-z0-9]+")
_ESCAPE = re.compile(r"\\([^\w\s])")
_TIES = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One chunk as the lexical index sees it."""

    row: int
    document: int
    title: str
    headings: str
    text: str


def identifiers(text: str) -> str:
    r"""Names written as one word, whole and in parts, so that either finds the other.

    >>> identifiers(r"Call BatchGetItem with max\_connections")
    'batchgetitem batch get item maxconnections'
    """
    found: dict[str, None] = {}
    for match in _IDENTIFIER.finditer(_ESCAPE.sub(r"\1", text)):
        name = match.group()
        found[re.sub(r"[_\-.]", "", name).lower()] = None
        for part in re.split(r"[_\-.]", name):
            pieces = _CAMEL.findall(part)
            if len(pieces) > 1:  # the others are words of the text already
                found.update(dict.fromkeys([part.lower(), *(piece.lower() for piece in pieces)]))
    return " ".join(found)


def _analyzer() -> Any:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", indexed=True, fast=True)
    builder.add_unsigned_field("document", indexed=True)
    for field in BOOSTS:
        builder.add_text_field(field, tokenizer_name="askwell", index_option="freq")
    return builder.build()


def _open(folder: Path) -> Any:
    index = tantivy.Index(_schema(), path=str(folder / NAME))
    index.register_tokenizer("askwell", _analyzer())
    return index


def _linked(folder: Path) -> tempfile.TemporaryDirectory[str]:
    linked = tempfile.TemporaryDirectory(prefix="askwell-")
    target = Path(linked.name) / NAME
    target.mkdir()
    for path in (folder / NAME).resolve().iterdir():
        if path.suffix != ".lock":
            (target / path.name).symlink_to(path)
    return linked


class LexicalWriter:
    """Adds to and removes from the lexical index of a generation that is being built."""

    def __init__(self, folder: Path) -> None:
        (folder / NAME).mkdir(exist_ok=True)
        self._index = _open(folder)
        # One thread: the order of equal scores must not depend on how work was spread.
        self._writer = self._index.writer(_HEAP, 1)

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            document = tantivy.Document()
            document.add_unsigned("row", entry.row)
            document.add_unsigned("document", entry.document)
            document.add_text("title", entry.title)
            document.add_text("heading", entry.headings)
            document.add_text("text", entry.text)
            document.add_text("identifiers", identifiers(entry.text))
            self._writer.add_document(document)

    def remove(self, rows: Sequence[int]) -> None:
        # By query: delete_documents_by_term takes the number for a signed one and finds nothing.
        if rows:
            self._writer.delete_documents_by_query(tantivy.Query.term_set_query(self._index.schema, "row", rows))

    def finish(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()
        del self._writer, self._index


class LexicalReader:
    """Searches. Safe to use from many threads: a searcher is an immutable view."""

    def __init__(self, folder: Path) -> None:
        try:
            index = _open(folder)
        except ValueError:
            # Tantivy locks even to read. Where nothing may be written, it gets a folder of links to lock in.
            self._links = _linked(folder)
            index = _open(Path(self._links.name))
        index.config_reader("manual")
        index.reload()
        self._schema = index.schema
        self._searcher = index.searcher()
        self._analyzer = _analyzer()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def scope_query(self, documents: Sequence[int]) -> Any:
        """A filter that may be kept and used again; it adds nothing to the score."""
        return tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, "document", documents), 0.0)

    def search(self, query: str, k: int, within: Any = None) -> list[tuple[int, float]]:
        """(row, BM25) best first; a little more than k, so that the caller can settle ties at the end."""
        terms = self._terms(query)
        if not terms or k < 1 or not len(self):
            return []
        wanted = tantivy.Query.boolean_query(terms)
        if within is not None:
            wanted = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.Must, within)])
        hits = self._searcher.search(wanted, limit=min(k + _TIES, len(self)), count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        return [(int(row), float(score)) for row, (score, _) in zip(rows, hits, strict=True)]

    def _terms(self, query: str) -> list[tuple[Any, Any]]:
        words = dict.fromkeys(self._analyzer.analyze(query))
        names = dict.fromkeys([*self._analyzer.analyze(identifiers(query)), *words])
        return [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, term, "freq"), boost),
            )
            for field, boost in BOOSTS.items()
            for term in (names if field == "identifiers" else words)
        ]
