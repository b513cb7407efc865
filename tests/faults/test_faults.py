"""The fault run in small: see ``tests/faults/run.py`` for the whole one."""

from __future__ import annotations

import random
from pathlib import Path

from tests.faults.run import changing_files, dropping_network, killed


def test_killed_ingests_leave_the_old_index_or_the_whole_new_one(tmp_path: Path) -> None:
    assert "every next run completed" in killed(tmp_path, 60, 3, random.Random(1))


def test_files_that_change_while_they_are_read_end_up_as_they_are_on_disk(tmp_path: Path) -> None:
    assert "no run failed" in changing_files(tmp_path, 60, 1, random.Random(1))


def test_a_site_that_stops_answering_loses_no_page(tmp_path: Path) -> None:
    assert "every next run completed" in dropping_network(tmp_path, 20, 2, random.Random(1))
