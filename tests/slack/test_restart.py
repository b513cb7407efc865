"""A short run of tests/faults/slack_soak.py: real processes, a bad Slack, and SIGKILL in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.slack_soak import run


@pytest.mark.slow
def test_a_killed_server_answers_after_its_restart_everything_once(data_dir: Path, tmp_path: Path) -> None:
    result = run(
        tmp_path,
        data_dir,
        events=16,
        kills=1,
        seconds=3,
        workers=1,
        badness=0.1,
        stalls=0.0,
        seed=3,
        retry_after=(0.2, 2, 10),
        lease=4,
    )
    assert result.kills == 1
    assert result.lost <= result.never_acknowledged
    assert 8 < result.answers == 16 - result.lost
    assert (result.answered_twice, result.out_of_order_threads) == (0, 0)
