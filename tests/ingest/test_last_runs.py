"""What a run could not take in is kept until the next run over the same source."""

from __future__ import annotations

from pathlib import Path

from ingest.last_runs import NAME, last_runs, remember


def test_a_later_run_over_a_source_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    assert last_runs(tmp_path) == ()
    remember(tmp_path, "default", ["/docs"], [("a.pdf", "a.pdf is encrypted")])
    remember(tmp_path, "default", ["/more"], [("ü.md", "ü.md is no text")])
    remember(tmp_path, "other", ["/docs"], [])
    remember(tmp_path, "default", ["/docs", "/new"], [])
    assert [(run.collection, run.sources, run.failed) for run in last_runs(tmp_path)] == [
        ("default", ("/docs", "/new"), ()),
        ("other", ("/docs",), ()),
        ("default", ("/more",), (("ü.md", "ü.md is no text"),)),
    ]


def test_a_damaged_file_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('[{"collection": 1}]')
    assert last_runs(tmp_path) == ()
    remember(tmp_path, "default", ["/docs"], [])
    assert len(last_runs(tmp_path)) == 1
