"""What stands on every page is searched once, answers are not crowded out, and the index depends on nothing else."""

from __future__ import annotations

from tests.ingest.conftest import Library

CONVENTIONS = "## Document conventions\n\nText in brackets is optional, and text in italics is to be replaced."
FOOTER = "---\n\nWas this page of any help? Write to the documentation team about brackets."


def pages(count: int, *, first: int = 0) -> dict[str, str]:
    return {
        f"{n:02}.md": f"# Subject {n}\n\nSubject {n} is explained here.\n\n{CONVENTIONS}\n\n{FOOTER}\n"
        for n in range(first, first + count)
    }


def boilerplate(library: Library) -> list[str]:
    index = library.open()
    found = index.lexical("brackets italics documentation team", 100)
    return sorted(
        chunk.document_id + " " + chunk.text[:4] for chunk in index.chunks([h.chunk_id for h in found]).values()
    )


def test_a_section_of_every_page_is_searched_once(library: Library) -> None:
    library.write(pages(20))
    report = library.ingest()
    assert boilerplate(library) == ["00.md Text", "00.md Was "]
    assert report.chunks == 22
    assert report.embedded == 22
    hits = library.found("documentation conventions of subject 7", k=10)
    assert len(set(hits)) > 8
    assert CONVENTIONS in library.open().document("13.md").text


def test_what_is_on_few_pages_or_in_the_middle_of_them_stays(library: Library) -> None:
    library.write(pages(7))
    assert library.ingest().chunks == 21
    page = "# S {0}\n\nIt is {0}.\n\n## Encryption\n\nEncrypted.\n\n## End {0}\n\nE {0}."
    library.write({f"{n}.md": page.format(n) for n in range(9)})
    library.ingest()
    index = library.open()
    assert len(index.lexical("encrypted", 100)) == 9


def test_the_page_that_stood_for_all_may_go_and_pages_may_become_few(library: Library) -> None:
    library.write(pages(12))
    library.ingest()
    (library.folder / "00.md").unlink()
    report = library.ingest()
    assert boilerplate(library) == ["01.md Text", "01.md Was "]
    counts = library.open().counts()
    assert counts["catalog"] == counts["lexical"] == counts["chroma"] == report.chunks == 13
    for n in range(1, 6):
        (library.folder / f"{n:02}.md").unlink()
    report = library.ingest(confirmed=True)
    assert (report.documents, report.chunks, len(boilerplate(library))) == (6, 18, 12)
    assert library.open().document_frequency(["bracket"]) == {"bracket": 12}


def test_the_index_is_the_same_however_its_pages_came(library: Library) -> None:
    library.write(pages(5))
    library.ingest()
    library.write(pages(10, first=5))
    library.ingest()
    came_in_parts = ids(library)
    other = Library(library.folder.parent / "more" / "docs", library.folder.parent / "more" / "data")
    other.write(pages(15))
    other.ingest()
    assert ids(other) == came_in_parts


def ids(library: Library) -> list[str]:
    index = library.open()
    return [
        chunk.id
        for document in index.documents()
        for section in index.sections(document.id, document.collection)
        for chunk in index.section_chunks(document.collection, document.id, section.index)
    ]
