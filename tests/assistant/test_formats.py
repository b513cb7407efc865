"""The same article as Markdown, reStructuredText, HTML, Word and PDF: the same sections, and the same answers.

The tolerance: heading paths are equal in all five; the words of each section are equal but for white space and marks
(PDF and Word do not mark code); of the questions below, every format gives the statements that Markdown gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from assistant.assistant import Assistant
from assistant.protocols import Records
from assistant.types import Answer, Question
from ingest.pipeline import ingest
from ingest.plain import plain_text
from ingest.protocols import Embedder
from tests.assistant.house import assistant_over, check_answer
from tests.ingest.formats import made

SUFFIXES = (".md", ".rst", ".html", ".docx", ".pdf")
QUESTIONS = (
    "What does the parcel gateway do?",
    "How many parcels fit in a batch?",
    "What happens to a batch that exceeds its limit?",
    "How do I restart the gateway?",
    "What should I do when the queue does not empty?",
    "What are the weaknesses of the parcel gateway?",
    "When was the second version of the gateway released?",
    "Does the gateway encrypt parcels with quantum keys?",
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, records: Records) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("formats")
    for suffix in SUFFIXES:
        path = folder / "docs" / suffix[1:] / f"gateway{suffix}"
        path.parent.mkdir(parents=True)
        path.write_bytes(made.article(suffix))
        ingest([path], data_dir=folder / "data", embedder=embedder, collection=suffix[1:])
    opened = assistant_over(folder / "data", embedder, records)
    yield opened
    opened.holder.close()


def words(text: str) -> list[str]:
    return re.findall(r"\w+", plain_text(re.sub(r"\[\d+\]", "", text)).lower())


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
def test_every_format_gives_the_sections_of_the_markdown_file(assistant: Assistant, suffix: str) -> None:
    index = assistant.holder.current()

    def sections(name: str) -> dict[tuple[str, ...], list[str]]:
        document = index.document(f"gateway.{name}", name)
        found = index.sections(document.id, name)
        return {s.heading_path: words(document.text[s.body_start : s.end].replace("```console", "```")) for s in found}

    assert sections(suffix[1:]) == sections("md")


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_format_gives_the_answer_of_the_markdown_file(assistant: Assistant, question: str) -> None:
    def ask(name: str) -> Answer:
        answer = assistant.ask(Question(question, collections=(name,)))
        check_answer(answer, assistant.holder.current())
        return answer

    expected = ask("md")
    for suffix in SUFFIXES[1:]:
        answer = ask(suffix[1:])
        assert answer.status == expected.status, suffix
        assert words(answer.text) == words(expected.text), suffix
        assert [c.heading_path for c in answer.citations] == [c.heading_path for c in expected.citations], suffix


def test_a_citation_of_a_pdf_names_its_page(assistant: Assistant) -> None:
    answer = assistant.ask(Question("When was the second version of the gateway released?", collections=("pdf",)))
    assert {citation.page for citation in answer.citations} == {2}
    others = assistant.ask(Question("When was the second version of the gateway released?", collections=("html",)))
    assert {citation.page for citation in others.citations} == {0}
    assert others.citations[0].original.startswith("https://docs.example.com/gateway.html#history")
