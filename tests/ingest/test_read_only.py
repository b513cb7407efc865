"""Replicas read a generation from storage that they may not write to."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.generation import Generation
from tests.ingest.conftest import Library


@pytest.fixture
def read_only(library: Library, tmp_path: Path) -> Iterator[Path]:
    """The library's data directory, mounted a second time without the right to write."""
    library.write({f"{number}.md": f"# Subject {number}\n\nText of {number}." for number in range(5)})
    library.ingest()
    view = tmp_path / "view"
    view.mkdir()
    try:
        for command in (["--bind", str(library.data_dir)], ["-o", "remount,ro,bind"]):
            subprocess.run(["mount", *command, str(view)], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a folder")
    yield view
    subprocess.run(["umount", "-l", str(view)], check=True)


@pytest.mark.parametrize("exact_chunks", [0, 100])
def test_a_generation_is_searched_where_nothing_may_be_written(
    library: Library, read_only: Path, exact_chunks: int
) -> None:
    live = library.generations.live()
    index = Generation(read_only / "index" / live, read_only, exact_chunks=exact_chunks)
    hits = index.dense(library.embedder.embed(["Text of 3."])[0], 2)
    assert hits == library.open().dense(library.embedder.embed(["Text of 3."])[0], 2)
    assert index.lexical("subject 3", 1)[0].chunk_id.startswith("default:3.md#")
    assert index.document("3.md").text.startswith("# Subject 3")
