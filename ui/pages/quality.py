"""The Quality page: how the questions of the last weeks went, which found no answer or were voted down, and the
latest evaluation.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.records.overview import Overview
from ui.pages.charts import days_chart, reliability_chart
from ui.pages.documents import moment
from ui.pages.report import Measured, Report, right_by_confidence
from ui.templates import fill

if TYPE_CHECKING:
    from markupsafe import Markup

REASONS = {
    "wrong": "It is wrong",
    "outdated": "It is outdated",
    "not_found": "The documents do answer it",
    "unsupported": "A quote does not support it",
}
HEADLINES = (
    ("correct", "right in every point"),
    ("hit@1", "right section found first"),
    ("quote_exactness", "quotes letter for letter"),
    ("abstention_recall", "unanswerable ones refused"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    value: str
    words: str
    range: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A share of a whole; ``percent`` is also the width of the bar."""

    words: str
    percent: int
    of: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    made: str
    commit: str
    sets: str
    tiles: list[Tile]
    kinds: list[Bar]
    stages: list[Bar]
    reliability: Markup | None


def quality_page(overview: Overview, report: Report | None) -> str:
    days = overview.by_day()
    asked = sum(day.answered + day.partial + day.not_found for day in days)
    up, down = overview.ratings()
    return fill(
        "quality.html",
        asked=asked,
        tiles=[
            Tile(f"{asked:,}", "question" if asked == 1 else "questions"),
            Tile(_share(sum(day.answered for day in days), asked), "answered"),
            Tile(_share(sum(day.not_found for day in days), asked), "not found"),
            Tile(f"{up} / {down}", "thumbs up / down"),
        ],
        days=days_chart(days),
        unanswered=overview.unanswered(),
        voted_down=overview.voted_down(),
        reasons=REASONS,
        moment=moment,
        evaluation=_evaluation(report) if report else None,
    )


def _evaluation(report: Report) -> Evaluation:
    overall = report.summary.overall
    failed = Counter(outcome.stage for outcome in report.outcomes if not outcome.right)
    bands = right_by_confidence(report.outcomes)
    split = "" if report.origin.split == "all" else f", {report.origin.split} half"
    return Evaluation(
        made=moment(report.origin.created),
        commit=report.origin.commit[:10],
        sets=", ".join(report.origin.suites) + split,
        tiles=[_tile(overall[name], words) for name, words in HEADLINES if name in overall],
        kinds=sorted(
            (
                Bar(tag, round(100 * measured["correct"].value), f"{measured['correct'].n:,} questions")
                for tag, measured in report.summary.tags.items()
                if "correct" in measured
            ),
            key=lambda bar: (-bar.percent, bar.words),
        ),
        stages=[
            Bar(stage, round(100 * count / len(report.outcomes)), f"{count:,} questions")
            for stage, count in failed.most_common()
        ],
        reliability=reliability_chart(bands) if bands else None,
    )


def _tile(measured: Measured, words: str) -> Tile:
    low, high = measured.low, measured.high
    interval = f"{100 * low:.0f} to {100 * high:.0f}%" if low is not None and high is not None else ""
    return Tile(f"{100 * measured.value:.1f}%", words, interval)


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}%" if whole else "–"
