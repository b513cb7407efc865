"""Questions that sections are known to answer: a way in that comes and goes with its file and its sections."""

from __future__ import annotations

import json

import pytest

from ingest.types import Scope
from tests.ingest.conftest import Library

NOTES = "# Notes\n\n## Carts\n\nA cart is kept in memory.\n\n## Orders\n\nAn order is kept on disk.\n"


def line(question: str, section: str, document: str = "notes.md", **quote: str) -> str:
    return json.dumps({"question": question, "targets": [{"document": document, "section": section, **quote}]})


def leads_to(library: Library, question: str) -> list[str]:
    """The headings that the known questions lead to, nearest question first."""
    index = library.open()
    known = index.asked(library.embedder.embed([question])[0], question).nearest
    chunks = index.chunks([found.chunk_id for found in known])
    sections = index.sections("notes.md", "default")
    return [sections[chunks[found.chunk_id].section].heading for found in known]


def test_a_known_question_leads_to_its_section(library: Library) -> None:
    library.write({"notes.md": NOTES, "questions.jsonl": line("our basket?", "Carts") + "\n" + line("bills", "Orders")})
    report = library.ingest()
    assert (report.documents, report.warnings) == (1, ())
    assert leads_to(library, "our basket?") == ["Carts", "Orders"]


def test_the_words_that_answer_are_found_in_their_chunk(library: Library) -> None:
    long = NOTES + "\n".join(f"\nOrder number {n} is kept on disk number {n}.\n" for n in range(200))
    questions = (line("where is the 150th?", "Orders", quote="kept on disk number 150"), line("a", "Carts", quote="no"))
    library.write({"notes.md": long, "questions.jsonl": "\n".join(questions)})
    library.ingest()
    index = library.open()
    asked = index.asked(library.embedder.embed(["where is the 150th?"])[0], "where is the 150th?")
    found, other = asked.nearest
    assert asked.cosines[found.chunk_id] == found.cosine == pytest.approx(1.0, abs=2e-3)
    assert long[found.at :].startswith("kept on disk number 150")
    chunk = index.chunks([found.chunk_id])[found.chunk_id]
    assert chunk.start <= found.at < chunk.end
    assert other.at == -1  # the document says it otherwise now: the section is still known


def test_a_change_of_the_questions_alone_goes_live_and_none_at_all_does_nothing(library: Library) -> None:
    library.write({"notes.md": NOTES})
    first = library.ingest().generation
    assert leads_to(library, "our basket?") == []
    library.write({"questions.jsonl": line("our basket?", "Carts")})
    second = library.ingest().generation
    assert second != first
    assert leads_to(library, "our basket?") == ["Carts"]
    assert library.ingest().generation == second
    (library.folder / "questions.jsonl").unlink()
    library.ingest()
    assert leads_to(library, "our basket?") == []


def test_a_section_that_is_gone_takes_its_question_with_it_until_it_is_back(library: Library) -> None:
    library.write({"notes.md": NOTES, "questions.jsonl": line("our basket?", "Carts")})
    library.ingest()
    library.write({"notes.md": NOTES.replace("## Carts", "## Trolleys")})
    library.ingest()
    assert leads_to(library, "our basket?") == []
    library.write({"notes.md": NOTES})
    library.ingest()
    assert leads_to(library, "our basket?") == ["Carts"]


def test_questions_of_one_folder_stay_when_another_is_ingested(library: Library) -> None:
    library.write({"notes.md": NOTES, "questions.jsonl": line("our basket?", "Carts")})
    library.ingest()
    other = library.folder.parent / "other"
    other.mkdir()
    (other / "page.md").write_text("# Page\n\nWords of another folder.\n")
    library.ingest(other)
    assert leads_to(library, "our basket?") == ["Carts"]


@pytest.mark.parametrize(
    "broken", ["no json", "[]", '{"question": "q"}', '{"targets": [{"document": "notes.md"}]}', "7"]
)
def test_a_line_that_cannot_be_read_is_named_and_costs_only_itself(library: Library, broken: str) -> None:
    library.write({"notes.md": NOTES, "questions.jsonl": f"{broken}\n\n{line('our basket?', 'Carts')}\n"})
    report = library.ingest()
    assert [warning.partition(" is not")[0] for warning in report.warnings] == ["questions.jsonl:1"]
    assert leads_to(library, "our basket?") == ["Carts"]


def test_only_chunks_in_scope_are_within_it(library: Library) -> None:
    library.write({"notes.md": NOTES})
    library.ingest(collection="one")
    library.ingest(collection="two")
    index = library.open()
    chunks = [found.chunk_id for found in index.lexical("cart", 2)]
    assert len(chunks) == 2
    assert index.within(chunks, Scope()) == chunks
    inside = index.within(chunks, Scope(("two",)))
    assert [index.chunks(inside)[chunk].collection for chunk in inside] == ["two"]
