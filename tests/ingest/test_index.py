"""The open index's contract: what was ingested comes back, filters hold, and the two ways to search agree."""

from __future__ import annotations

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import BadInputError, NoIndexError, NotFoundError
from ingest.generation import Generation
from ingest.index import OpenIndex
from ingest.lexical import identifiers
from ingest.types import Scope
from ingest.words import stem
from tests.ingest.conftest import Library

GUIDE = """---
title: Amazon DynamoDB
summary: What it is.
services: [Amazon DynamoDB]
pillars: [Reliability, security]
---
# Amazon DynamoDB

DynamoDB is a key-value store. Call `BatchGetItem` to read many items, and set max\\_connections.

## Strengths

- Scales out by partition key.
"""
GRAPHS = """---
services: [Amazon Neptune]
pillars: [security]
---
# Graph databases

They follow relationships quickly.

## Weaknesses

They do not scale writes well.
"""


@pytest.fixture
def index(library: Library) -> OpenIndex:
    library.write({"guide.md": GUIDE, "deep/graphs.md": GRAPHS, "plain.txt": "Tea is a drink."})
    library.ingest()
    return library.open()


def ids(index: OpenIndex, scope: Scope) -> list[str]:
    return [line.id for line in index.documents(scope)]


def test_documents_sections_and_chunks_come_back_as_they_went_in(index: OpenIndex) -> None:
    document = index.document("guide.md")
    assert (document.text, document.title) == (GUIDE, "Amazon DynamoDB")
    assert document.metadata["pillars"] == ("Reliability", "security")
    sections = index.sections("guide.md", "default")
    assert [section.index for section in sections] == list(range(len(sections)))
    assert "Strengths" in [section.heading for section in sections]
    strengths = next(section for section in sections if section.heading == "Strengths")
    (chunk,) = index.section_chunks("default", "guide.md", strengths.index)
    assert index.chunks([chunk.id, "nothing#0-1"]) == {chunk.id: chunk}
    assert document.text[chunk.start : chunk.end] == chunk.text
    lines = {line.id: line for line in index.documents()}
    assert lines["guide.md"].summary == "What it is."
    assert lines["plain.txt"].summary == "Tea is a drink."
    assert sum(line.chunks for line in lines.values()) == index.manifest.chunks
    assert len(list(index.iter_sections())) == index.manifest.sections


def test_unknown_documents_are_named(index: OpenIndex) -> None:
    with pytest.raises(NotFoundError, match=r'no document "x\.md"'):
        index.document("x.md")
    with pytest.raises(NotFoundError):
        index.sections("guide.md", "other")


def test_filters_match_without_case_all_fields_and_any_value(index: OpenIndex) -> None:
    assert ids(index, Scope(filters=(("pillars", ("SECURITY",)),))) == ["deep/graphs.md", "guide.md"]
    assert ids(index, Scope(filters=(("Pillars", ("reliability",)),))) == ["guide.md"]
    both = Scope(filters=(("pillars", ("security",)), ("services", ("amazon neptune", "Amazon RDS"))))
    assert ids(index, both) == ["deep/graphs.md"]
    assert ids(index, Scope(filters=(("pillars", ("nothing",)),))) == []
    assert index.facets()["pillars"] == {"security": 2, "Reliability": 1}


def test_filters_hold_in_both_searches(index: OpenIndex, library: Library) -> None:
    scope = Scope(filters=(("services", ("amazon neptune",)),))
    question = "DynamoDB key-value store scales"
    vector = library.embedder.embed([question])[0]
    for hits in (index.dense(vector, 10, scope), index.lexical(question, 10, scope)):
        assert hits
        assert all(hit.chunk_id.startswith("default:deep/graphs.md#") for hit in hits)


def test_a_filter_or_collection_that_does_not_exist_is_refused_not_ignored(index: OpenIndex) -> None:
    with pytest.raises(BadInputError, match=r'No document has the field "colour"\. There is: pillars, services'):
        index.lexical("tea", 3, Scope(filters=(("colour", ("red",)),)))
    with pytest.raises(NotFoundError, match=r'no collection "team"\. There is: default'):
        index.documents(Scope(collections=("team",)))


def test_vectors_come_in_the_order_asked_for(index: OpenIndex, library: Library) -> None:
    chunks = [
        chunk
        for line in index.documents()
        for s in index.sections(line.id, line.collection)
        for chunk in index.section_chunks(line.collection, line.id, s.index)
    ]
    chunks.reverse()
    vectors = index.vectors([chunk.id for chunk in chunks])
    np.testing.assert_array_equal(vectors, library.embedder.embed([chunk.embed_text for chunk in chunks]))
    assert index.vectors([]).shape == (0, library.embedder.dimension)


def test_dense_scores_are_cosines_best_first(index: OpenIndex, library: Library) -> None:
    vector = library.embedder.embed(["They follow relationships quickly"])
    hits = index.dense(vector, 3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    expected = index.vectors([hit.chunk_id for hit in hits]) @ vector[0]
    np.testing.assert_allclose([hit.score for hit in hits], expected, atol=1e-6)


@pytest.mark.parametrize(
    "query", ["BatchGetItem", "batch get item", "batchgetitem", "max_connections", "maxConnections"]
)
def test_identifiers_are_found_whole_and_by_part(index: OpenIndex, query: str) -> None:
    assert index.lexical(query, 1)[0].chunk_id.startswith("default:guide.md#")


@pytest.mark.parametrize(
    "query", ["", "   ", '"(', "title:x AND", "a -b +c ^2", "*", "[a TO b]", "\\", "x" * 5000, "\x00é"]
)
def test_nothing_people_type_makes_the_lexical_search_fail(index: OpenIndex, query: str) -> None:
    index.lexical(query, 5)


def test_words_are_matched_by_their_stem_and_a_minus_excludes_nothing(index: OpenIndex) -> None:
    assert index.lexical("relationship", 1)[0].chunk_id.startswith("default:deep/graphs.md#")
    assert index.lexical("-relationships", 1)


def test_the_vocabulary_counts_chunks(index: OpenIndex) -> None:
    assert index.vocabulary()["tea"] == 1
    assert index.document_frequency([stem("relationships"), "unheard"]) == {stem("relationships"): 1, "unheard": 0}


def test_the_approximate_search_agrees_with_the_exact_one(library: Library) -> None:
    chooser = random.Random(7)
    words = [f"word{number}" for number in range(300)]
    library.write(
        {
            f"{number:03}.md": f"---\npillars: [p{number % 3}]\n---\n# Title\n\n"
            + " ".join(chooser.choices(words, k=30))
            for number in range(300)
        }
    )
    library.ingest()
    exact = library.open()
    approximate = Generation(exact.folder, library.data_dir, exact_chunks=0)
    for scope in (Scope(), Scope(filters=(("pillars", ("p1",)),))):
        for _ in range(10):
            vector = library.embedder.embed([" ".join(chooser.choices(words, k=12))])[0]
            # Ties at the last place may be settled otherwise; everything above it must agree.
            expected, found = exact.dense(vector, 20, scope), approximate.dense(vector, 20, scope)
            assert [hit.score for hit in found] == [hit.score for hit in expected]
            assert len({hit.chunk_id for hit in found} & {hit.chunk_id for hit in expected}) >= 18


def test_a_small_index_is_searched_without_chromadb(library: Library) -> None:
    library.write({"a.md": "# Tea\n\nTea is a drink."})
    library.ingest()
    program = (
        "import sys; from pathlib import Path; from ingest.holder import IndexHolder;"
        "from ingest.embedders.hashing import HashingEmbedder; e = HashingEmbedder(dimension=64);"
        f"i = IndexHolder(Path({str(library.data_dir)!r}), e).current();"
        "print(len(i.dense(e.embed(['tea'])[0], 3)), len(i.lexical('tea', 3)), 'chromadb' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split() == ["1", "1", "False"]


def test_reading_a_generation_writes_nothing_in_it(library: Library) -> None:
    library.write({"a.md": "# Tea\n\nTea is a drink."})
    library.ingest()
    index = library.open()

    def state() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in index.folder.rglob("*") if "chroma" not in path.parts}

    before = state()
    index.documents()
    index.lexical("tea", 3)
    index.dense(library.embedder.embed(["tea"])[0], 3)
    assert state() == before


def test_names_written_as_one_word_are_taken_apart() -> None:
    assert identifiers("Use DynamoDB in us-east-1.") == "dynamodb dynamo db useast1"
    assert identifiers("Plain words only, e3 too.") == ""


def test_an_index_whose_folder_is_gone_is_said_to_a_thread_that_comes_later(library: Library, tmp_path: Path) -> None:
    library.write({"tea.md": "# Tea\n\nTea is a drink."})
    library.ingest()
    index = library.open()
    assert index.documents()
    index.folder.rename(tmp_path / "away")
    assert index.documents(), "what is open goes on"
    with ThreadPoolExecutor(1) as later, pytest.raises(NoIndexError, match=r"taken away.* askwell ingest"):
        later.submit(index.documents).result()
