"""What one asked question gave, with its scores: the line that results are made of. Plain values, saved as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from assistant.types import Status
from evals.cases import Polarity, Split

Stage = Literal[
    "",
    "document missing",
    "follow-up not resolved",
    "not retrieved",
    "ranked too low",
    "wrongly refused",
    "not composed",
    "wrong polarity",
    "miscited",
    "wrongly answered",
    "error",
]
"""Where a failing question went wrong; "" for a right one. Checked in the order of the read path."""


@dataclass(frozen=True, slots=True)
class CitedQuote:
    """One citation of the answer. ``exact``: the document reads ``quote`` at ``[start, end)``, letter for letter."""

    number: int
    document: str
    heading_path: tuple[str, ...]
    quote: str
    start: int
    end: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One turn, asked. ``scores`` holds only the metrics that apply to it, each between 0 and 1 unless named
    otherwise in ``metrics``; ``ranked`` is the sections found, best first, as ``document § heading > heading``.
    """

    case: str
    turn: int
    suite: str
    split: Split
    tags: tuple[str, ...]
    question: str
    answerable: bool
    status: Status | Literal["error"]
    standalone: str = ""
    expected: tuple[tuple[str, ...], ...] = ()
    targets: tuple[str, ...] = ()
    polarity: Polarity | None = None
    searched: str = ""
    answer: str = ""
    confidence: float = 0.0
    citations: tuple[CitedQuote, ...] = ()
    ranked: tuple[str, ...] = ()
    milliseconds: float = 0.0
    target_ranks: tuple[int, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    stage: Stage = ""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Where the time went, by stage of the read path: {"understand": 0.4, "retrieve": 12.1, ...}."""

    @property
    def id(self) -> str:
        return f"{self.case}/{self.turn}"

    @property
    def refused(self) -> bool:
        """Whether the assistant said that it does not know (or asked back) rather than answer."""
        return self.status in ("not_found", "clarify", "error")

    @property
    def correct(self) -> bool:
        return self.stage == ""
