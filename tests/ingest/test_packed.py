"""Files that are mapped into memory: what is let go of is read again, and does not count meanwhile."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.packed import let_go


def test_what_was_let_go_is_read_again(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.arange(1000))
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    for _ in range(2):
        assert mapped.sum() == 499_500
        let_go(mapped)


def test_an_array_in_memory_stays() -> None:
    array = np.arange(1000)
    let_go(array)
    assert array.sum() == 499_500


def resident() -> int:
    """Bytes of memory of this process."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory in other ways")
def test_it_no_longer_counts_as_memory_of_the_process(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.ones(40_000_000, dtype=np.int8))
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert mapped.view(np.int64).max() > 0
    read = resident()
    let_go(mapped)
    assert resident() < read - 30_000_000
