"""The vectors in a real Chroma server on loopback: one collection for each generation, cleaned up with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import AskwellError
from ingest.generation import Generation
from ingest.vectors import ChromaVectors
from tests.chroma import chroma_server, collections
from tests.ingest.conftest import Library


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


def test_each_generation_has_its_own_collection_and_old_ones_go(library: Library, server: str) -> None:
    prefix = library.generations.collection_prefix()
    for number in range(4):
        library.write({"tea.md": f"# Tea\n\nTea number {number}.", f"{number}.md": f"# N\n\nNumber {number}."})
        library.ingest(chroma_url=server)
    assert collections(server) == [prefix + name for name in library.generations.names()]
    live = library.generations.path(library.generations.live())
    assert not (live / "chroma").exists()
    index = Generation(live, library.data_dir, chroma_url=server, exact_chunks=0)
    hit = index.dense(library.embedder.embed(["Tea number 3."])[0], 1)[0]
    assert "number 3" in index.chunks([hit.chunk_id])[hit.chunk_id].text
    assert index.counts()["chroma"] == index.manifest.chunks


def test_an_index_that_was_built_embedded_can_still_be_read_and_moves_at_the_next_change(
    library: Library, server: str
) -> None:
    library.write({"tea.md": "# Tea\n\nTea is a drink."})
    library.ingest()
    live = library.generations.path(library.generations.live())
    assert Generation(live, library.data_dir, chroma_url=server).counts()["chroma"] == 1
    library.write({"new.md": "# New\n\nNew."})
    library.ingest(chroma_url=server)
    assert library.generations.collection_prefix() + library.generations.live() in collections(server)


def test_without_its_server_an_index_is_searched_exactly_and_nothing_is_written_to_it(
    library: Library, server: str
) -> None:
    library.write({"tea.md": "# Tea\n\nTea is a drink."})
    library.ingest(chroma_url=server)
    live = library.generations.path(library.generations.live())
    index = Generation(live, library.data_dir, exact_chunks=0)
    assert len(index.dense(library.embedder.embed(["Tea"])[0], 1)) == 1
    with pytest.raises(AskwellError, match="Set ASKWELL_CHROMA_URL"):
        index.counts()
    assert not (live / "chroma").exists()
    library.write({"new.md": "# New\n\nNew."})
    library.ingest()
    assert library.open().counts()["chroma"] == 2


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(AskwellError, match=r"The Chroma server at http://127\.0\.0\.1:9 does not answer"):
        ChromaVectors(tmp_path, url="http://127.0.0.1:9", collection="x")
