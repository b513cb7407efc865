"""The latest evaluation, read from the results that ``askwell eval --out`` wrote.

Reads only what the page shows and lets everything else in the file be, so that results of a later version still show.
Leaves out how anything is measured: that is the evals' business.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.settings import Settings

FOLDER = "evals"
RESULTS = "results.json"


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Origin(_Lenient):
    created: str
    commit: str = ""
    suites: tuple[str, ...] = ()
    split: str = "all"


class Measured(_Lenient):
    """A share with its 95% interval, over ``n`` questions."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int = 0


class Summary(_Lenient):
    overall: Mapping[str, Measured]
    tags: Mapping[str, Mapping[str, Measured]] = {}


class Outcome(_Lenient):
    status: str
    confidence: float = 0.0
    stage: str = ""

    @property
    def right(self) -> bool:
        return self.stage == ""


class Report(_Lenient):
    origin: Origin
    summary: Summary
    outcomes: tuple[Outcome, ...] = ()


def latest_report(settings: Settings) -> Report | None:
    """The newest results in ``eval_report`` (a file or a folder), by default in ``evals`` of the data directory."""
    place = settings.eval_report or settings.data_dir / FOLDER
    files = [place] if place.is_file() else [*place.glob(RESULTS), *place.glob(f"*/{RESULTS}")]
    if not files:
        return None
    newest = max(files, key=lambda file: file.stat().st_mtime_ns)
    return _read(newest, newest.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(file: Path, changed: int) -> Report | None:
    try:
        return Report.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        logging.getLogger("askwell").warning("%s does not hold results of an evaluation", file)
        return None


def right_by_confidence(outcomes: Sequence[Outcome], bands: int = 5) -> list[tuple[float, float, int]]:
    """(middle of the band, share of right answers, how many answers) of each band that holds any."""
    answered = [outcome for outcome in outcomes if outcome.status in ("answered", "partial")]
    found = []
    for number in range(bands):
        inside = [one for one in answered if min(bands - 1, int(one.confidence * bands)) == number]
        if inside:
            found.append(((number + 0.5) / bands, sum(one.right for one in inside) / len(inside), len(inside)))
    return found
