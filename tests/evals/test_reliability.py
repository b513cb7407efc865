"""The cue under an answer says what was measured: its table is that of the committed results."""

from __future__ import annotations

import json
from pathlib import Path

from evals.outcomes import Outcome
from evals.reliability import TABLE, answers, bands
from evals.results import load

OURS = Path(__file__).parents[2] / "evals" / "results" / "ours.json"


def test_the_table_is_that_of_the_committed_results() -> None:
    stored = json.loads(TABLE.read_text("utf-8"))["bands"]
    assert stored == bands(answers(load(OURS).outcomes)), f"run: python -m evals.reliability {OURS.name} --write"


def test_a_band_never_claims_less_than_the_one_below() -> None:
    outcomes = list(load(OURS).outcomes)
    table = bands(answers(outcomes))
    shares = [band["right"] for band in table]
    assert shares == sorted(shares)
    assert sum(band["of"] for band in table) == len(answers(outcomes))
    assert all(isinstance(one, Outcome) and one.split == "test" for one in answers(outcomes))
