"""What a confidence is worth: of the answers with such a score, how many were right when they were measured.

The table is made by ``python -m evals.reliability``; it says nothing about documents unlike those it was measured on.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

Level = Literal["strong", "fair", "weak"]
_WORDS: dict[Level, str] = {"strong": "Strong match", "fair": "Fair match", "weak": "Weak match"}
STRONG, FAIR = 0.7, 0.5
"""Shares of right answers above which an answer is called so: of as many right as wrong it is weak."""


@dataclass(frozen=True, slots=True)
class Reliability:
    level: Level
    right: int
    """How many of 100 such answers were right."""

    @property
    def words(self) -> str:
        return _WORDS[self.level]

    @property
    def meaning(self) -> str:
        return (
            f"Of 100 answers with a score like this one, {self.right} were right in every point when measured on the "
            "shipped questions. Each number leads to the words, so you can check."
        )


def reliability(confidence: float) -> Reliability:
    """The measured reliability of answers with that confidence (0 to 1)."""
    floors, shares = _table()
    right = shares[max(0, bisect_right(floors, confidence) - 1)]
    level: Level = "strong" if right > STRONG else "fair" if right > FAIR else "weak"
    return Reliability(level, round(100 * right))


@lru_cache(maxsize=1)
def _table() -> tuple[list[float], list[float]]:
    loaded = json.loads(resources.files("assistant").joinpath("reliability.json").read_text("utf-8"))
    bands = [(float(band["from"]), float(band["right"])) for band in loaded["bands"]]
    return [floor for floor, _ in bands], [share for _, share in bands]
