"""Invariants of design.md: a chunk is a slice of its document, and the index depends on the files, not on the run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.index import OpenIndex
from ingest.types import Scope
from tests.ingest.conftest import Library

LINES = st.sampled_from(
    [
        "# Title",
        "## Weaknesses",
        "**Strengths:**",
        "1. Operational Excellence:",
        "- Perform operations as code:",
        "They do not scale writes.",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "```sql\nSELECT 1;\n```",
        "",
        "Größe naïve \U0001f600 日本語",
        "> note\n> more",
        "Term\n: its definition",
    ]
)
TEXTS = st.lists(
    LINES | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
    min_size=1,
    max_size=14,
).map("\n".join)
NAMES = st.sampled_from(["a.md", "b.txt", "c/d.md", "c/e.md", "f.markdown"])
FOLDERS = st.dictionaries(NAMES, TEXTS.map(lambda text: text + "\nReal words.\n"), min_size=1, max_size=5)
QUESTION = "Which do not scale writes, real words?"


def content(library: Library) -> dict[str, object]:
    """All that a reader can see of an index, but for the times."""
    index: OpenIndex = library.open()
    documents = [index.document(line.id, line.collection) for line in index.documents()]
    sections = list(index.iter_sections())
    chunks = [
        chunk
        for section in sections
        for chunk in index.section_chunks(section.collection, section.document_id, section.index)
    ]
    ids = [chunk.id for chunk in chunks]
    vector = library.embedder.embed([QUESTION])[0]
    return {
        "documents": documents,
        "sections": sections,
        "chunks": chunks,
        "vectors": index.vectors(ids).tobytes(),
        "dense": index.dense(vector, 50),
        "lexical": index.lexical(QUESTION, 50),
        "filtered": index.lexical(QUESTION, 50, Scope(collections=("default",))),
        "vocabulary": dict(index.vocabulary()),
        "facets": index.facets(),
        "counts": index.document_counts(),
        "revision": index.manifest.corpus_revision,
    }


@settings(max_examples=12, deadline=None)
@given(files=FOLDERS)
def test_every_chunk_in_the_index_is_a_slice_of_its_document(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / "docs", Path(folder) / "data")
        library.write(files)
        library.ingest()
        index = library.open()
        indexed = {line.id for line in index.documents()}
        assert indexed <= set(files)
        assert {files[name] for name in indexed} == set(files.values())  # the same content is indexed once
        assert sum(index.document_counts().values()) == len(indexed)
        for section in index.iter_sections():
            document = index.document(section.document_id, section.collection)
            # The file's own text: offsets hold for whoever reads the file, carriage returns and all.
            assert document.text == files[document.id]
            for chunk in index.section_chunks(section.collection, section.document_id, section.index):
                assert document.text[chunk.start : chunk.end] == chunk.text


@settings(max_examples=12, deadline=None)
@given(history=st.lists(FOLDERS, min_size=1, max_size=3), final=FOLDERS)
def test_the_same_files_give_the_same_index_whatever_was_ingested_before(
    history: list[dict[str, str]], final: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        updated = Library(Path(folder) / "docs", Path(folder) / "updated")
        for files in [*history, final]:
            for path in sorted(updated.folder.rglob("*.*")):
                path.unlink()
            updated.write(files)
            updated.ingest()
        seen = content(updated)
        updated.data_dir = Path(folder) / "fresh"
        updated.generations = type(updated.generations)(updated.data_dir)
        updated.ingest()
        assert content(updated) == seen
