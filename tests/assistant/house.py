"""What the tests of the read path share: an assistant from real parts, and the promises that every answer must keep."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.assistant import Assistant
from assistant.compose.extractive import ExtractiveGenerator
from assistant.generation.writer import ModelWriter
from assistant.knowing import Judge, Model, default_judge
from assistant.names import load_glossary
from assistant.protocols import Records
from assistant.ranking import default_ranking
from assistant.types import Answer, AnswerEvent, CitationEvent, DoneEvent, SourcesEvent, TokenEvent
from ingest.embedders.hashing import HashingEmbedder
from ingest.holder import IndexHolder
from ingest.index import OpenIndex
from ingest.pipeline import ingest
from ingest.protocols import Embedder

HERE = Path(__file__).parent
MARK = re.compile(r"(?<!\\)\[(\d+)\]")

SURE = Judge(Model(bias=30.0, weights={}, answered=0.6, partial=0.4))
"""Takes any evidence for an answer, so that what is composed can be seen whatever the documents are."""


def assistant_over(
    data_dir: Path,
    embedder: Embedder,
    records: Records,
    *,
    judge: Judge | None = None,
    glossary: Path | None = None,
    writer: ModelWriter | None = None,
) -> Assistant:
    """Like ``assistant.wiring``, with an embedder and records that several assistants share."""
    return Assistant(
        holder=IndexHolder(data_dir, embedder),
        embedder=embedder,
        records=records,
        glossary=load_glossary(glossary),
        ranking=default_ranking(),
        judge=judge or default_judge(),
        generator=ExtractiveGenerator(),
        writer=writer,
    )


class Shelf:
    """A folder of documents that a test writes, ingested without a model."""

    def __init__(self, folder: Path) -> None:
        self.documents, self.data_dir = folder / "docs", folder / "data"
        self.embedder = HashingEmbedder(dimension=64)
        self.documents.mkdir(parents=True)

    def put(self, files: Mapping[str, str]) -> None:
        """These files and no others, live."""
        for path in self.documents.iterdir():
            path.unlink()
        for name, text in files.items():
            (self.documents / name).write_bytes(text.encode())
        ingest([self.documents], data_dir=self.data_dir, embedder=self.embedder, confirmed=True)

    def assistant(self, records: Records, glossary: Path | None = None) -> Assistant:
        return assistant_over(self.data_dir, self.embedder, records, judge=SURE, glossary=glossary)


def marks_in(text: str) -> list[int]:
    """The numbers of the marks, in order: "Keys are unique. [1][2]" gives [1, 2]."""
    return [int(number) for number in MARK.findall(text)]


def check_answer(answer: Answer, index: OpenIndex) -> None:
    """Every quote is the document's, every mark has its citation and every citation its mark, counted from 1."""
    for citation in answer.citations:
        document = index.document(citation.document, citation.collection)
        assert citation.quote == document.text[citation.start : citation.end]
        assert citation.quote.strip()
        paths = {section.heading_path for section in index.sections(document.id, document.collection)}
        assert citation.heading_path in paths
    numbers = [citation.number for citation in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert list(dict.fromkeys(marks_in(answer.text))) == numbers
    places = [(citation.collection, citation.document, citation.start, citation.end) for citation in answer.citations]
    assert len(set(places)) == len(places), "one span, one number"
    assert answer.text.strip()
    assert 0 <= answer.confidence <= 1
    if answer.status in ("not_found", "clarify"):
        assert not answer.citations
    else:
        assert answer.citations
    if answer.status == "answered":
        assert not answer.related


def check_stream(events: Sequence[AnswerEvent]) -> Answer:
    """Sources first, the whole answer last, and between them its text with each citation after its mark."""
    first, last = events[0], events[-1]
    assert isinstance(first, SourcesEvent)
    assert isinstance(last, DoneEvent)
    answer = last.answer
    assert first.standalone_question == answer.standalone_question
    assert first.hits == answer.hits
    said, cited = "", []
    for event in events[1:-1]:
        if isinstance(event, TokenEvent):
            assert event.text
            said += event.text
        else:
            assert isinstance(event, CitationEvent)
            assert event.citation.number in marks_in(said)
            cited.append(event.citation)
    assert said == answer.text
    # the hash of the document is filled in when the answer is recorded
    assert tuple(cited) == tuple(replace(citation, document_sha256="") for citation in answer.citations)
    return answer
