"""The vectors in a real Chroma server on loopback: one collection for each generation, cleaned up with it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.embedders.hashing import HashingEmbedder
from ingest.errors import AskwellError, BadInputError
from ingest.generation import Generation
from ingest.holder import IndexHolder
from ingest.pipeline import ingest
from ingest.vectors import ChromaVectors
from tests.chroma import chroma_process, chroma_server, collections
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


@pytest.mark.parametrize("url", ["chroma:8000", "127.0.0.1:8000", "ftp://chroma:8000", "http://", "http://chroma:x"])
def test_an_address_that_is_none_is_refused_and_no_other_server_is_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadInputError, match="Write it as http://host:8000"):
        ChromaVectors(tmp_path, url=url, collection="x")
    with pytest.raises(BadInputError):
        IndexHolder(tmp_path, chroma_url=url)
    with pytest.raises(BadInputError):
        ingest([tmp_path], data_dir=tmp_path / "data", embedder=HashingEmbedder(), chroma_url=url)


def test_a_server_that_takes_requests_and_says_nothing_costs_one_search_its_patience_and_is_used_again_later(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    library.write({"tea.md": "# Tea\n\nTea is a drink."})
    query = library.embedder.embed(["Tea"])[0]
    with chroma_process(tmp_path / "server") as (url, process):
        library.ingest(chroma_url=url)
        live = library.generations.path(library.generations.live())
        index = Generation(live, library.data_dir, chroma_url=url, exact_chunks=0, seconds=1.0)
        well = index.dense(query, 1)
        assert not index.problem
        process.send_signal(signal.SIGSTOP)
        try:
            begun = time.monotonic()
            assert index.dense(query, 1) == well
            assert 0.9 < time.monotonic() - begun < 10
            begun = time.monotonic()
            assert index.dense(query, 1) == well  # and does not wait again
            assert time.monotonic() - begun < 0.9
            with pytest.raises(AskwellError, match="does not answer"):
                ChromaVectors(tmp_path, url=url, collection="x", seconds=1.0)
        finally:
            process.send_signal(signal.SIGCONT)
        assert f"The Chroma server at {url} does not answer" in index.problem
        assert caplog.text.count("every chunk is scored instead") == 1
        later = begun + 60
        monkeypatch.setattr("time.monotonic", lambda: later)
        assert index.dense(query, 1) == well
        assert not index.problem


def test_vectors_that_the_server_lost_are_written_again_by_the_next_ingest(library: Library, tmp_path: Path) -> None:
    library.write({"tea.md": "# Tea\n\nTea is a drink."})
    with chroma_server(tmp_path / "server") as url:
        library.ingest(chroma_url=url)
    port = int(url.rpartition(":")[2])
    away = library.ingest(chroma_url=url)
    assert "does not answer" in away.warnings[0]  # nothing had to be written, so nothing failed
    with chroma_server(tmp_path / "new disk", port):
        index = Generation(
            library.generations.path(library.generations.live()), library.data_dir, chroma_url=url, exact_chunks=0
        )
        assert index.dense(library.embedder.embed(["Tea"])[0], 1)
        assert "does not have the vectors of this index" in index.problem
        mended = library.ingest(chroma_url=url)
        assert (mended.unchanged, mended.embedded) == (1, 0)
        assert mended.warnings == (
            "the Chroma server did not have the vectors of this index any more; all are written again",
        )
        assert library.generations.collection_prefix() + library.generations.live() in collections(url)
        assert library.ingest(chroma_url=url).warnings == ()
