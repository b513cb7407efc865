"""A full disk, on a real small file system: one clear sentence, and the live generation goes on answering."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import DiskFullError
from tests.ingest.conftest import Library


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_named_and_the_live_index_untouched(small_disk: Path, tmp_path: Path) -> None:
    library = Library(tmp_path / "docs", small_disk / "data")
    library.write({"tea.md": "# Tea\n\nTea is a drink."})
    before = library.ingest().generation
    filler = small_disk / "filler"
    room = 1_500_000
    while room > 20_000:  # full in different steps of the ingest
        library.write(
            {"long.md": "# Long\n\n" + "\n\n".join(f"## Part {n}\n\n{'word ' * 60}{room}" for n in range(900))}
        )
        filler.write_bytes(b"")
        free = _free(small_disk)
        filler.write_bytes(b"x" * max(0, free - room))
        with pytest.raises(DiskFullError, match=r"No space is left on the disk .* the live index is untouched"):
            library.ingest()
        assert library.generations.live() == before
        assert library.open().lexical("tea", 1)
        assert [path for path in library.generations.folder.iterdir() if path.name.startswith(".building")] == []
        room //= 3
    filler.unlink()
    (small_disk / "data" / "embeddings.sqlite3").stat()
    library.write({"long.md": "# Long\n\nShort after all."})
    assert library.ingest().added == 1


def _free(folder: Path) -> int:
    import os

    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize
