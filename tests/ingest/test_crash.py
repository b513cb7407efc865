"""kill -9 at many moments of an ingest: the live generation still answers, and the next ingest completes cheaply."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.embedding_cache import EmbeddingCache
from tests.ingest.conftest import Library
from tests.ingest.killed_ingest import start

DOCUMENTS = 60


def files(version: int) -> dict[str, str]:
    return {
        f"{number:02}.md": f"# Subject {number}\n\nVersion {version} of subject {number}.\n\n"
        f"## More\n\nMore {number} in {version}."
        for number in range(DOCUMENTS)
    }


def kill_after(library: Library, lines: int, pause: float) -> bool:
    """Kills the ingest ``pause`` seconds after its n-th line; True when it had not ended by itself."""
    process, heard = start(library.folder, library.data_dir)
    with heard:
        for _ in range(lines):
            try:
                heard.recv()
            except EOFError:
                break
        time.sleep(pause)
        process.kill()
        process.join()
    return process.exitcode == -signal.SIGKILL


def lines_of_a_whole_run(library: Library) -> int:
    process, heard = start(library.folder, library.data_dir)
    lines = 0
    with heard, suppress(EOFError):
        while heard.recv():
            lines += 1
    process.join()
    assert process.exitcode == 0
    return lines


def check(library: Library, before: str) -> None:
    live = library.generations.live()
    index = library.open()
    version = 1 if live == before else 2
    assert index.manifest.documents == DOCUMENTS
    assert index.document("07.md").text == files(version)["07.md"]
    hit = index.dense(library.embedder.embed([f"Version {version} of subject 7."])[0], 1)[0]
    assert index.chunks([hit.chunk_id])
    index.close()

    cache = EmbeddingCache(library.data_dir / "embeddings.sqlite3")
    made = cache.count()
    cache.close()
    report = library.ingest()
    cache = EmbeddingCache(library.data_dir / "embeddings.sqlite3")
    assert report.embedded == cache.count() - made
    cache.close()
    assert library.open().document("07.md").text == files(2)["07.md"]
    assert set(library.open().counts().values()) == {report.chunks, DOCUMENTS}
    left = {path.name for path in library.generations.folder.iterdir()}
    assert left == {"CURRENT", *library.generations.names()}


@pytest.mark.parametrize(
    "moments",
    [
        int(os.environ.get("ASKWELL_CRASH_MOMENTS", "12")),
        pytest.param(50, marks=pytest.mark.slow),
    ],
)
def test_an_ingest_killed_at_any_moment_loses_nothing(library: Library, tmp_path: Path, moments: int) -> None:
    library.write(files(1))
    before = library.ingest().generation
    library.write(files(2))
    shutil.copytree(library.data_dir, tmp_path / "start")
    lines = lines_of_a_whole_run(library)
    killed = 0
    for moment in range(moments):
        shutil.rmtree(library.data_dir)
        shutil.copytree(tmp_path / "start", library.data_dir)
        # Spread over the steps after the files were read, and over the time that each step takes.
        line = DOCUMENTS + 1 + (lines - DOCUMENTS - 1) * moment // moments
        killed += kill_after(library, line, pause=0.004 * (moment % 8))
        check(library, before)
    assert killed > moments // 2
