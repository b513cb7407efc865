"""Does it say "not found" when it should, and only then; and does its confidence know which answers are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

ABSTENTION = (
    "abstention_precision",
    "abstention_recall",
    "abstention_f1",
    "false_refusal_rate",
    "aurc",
)


class Judged(Protocol):
    """The part of an outcome that abstention needs; ``correct`` says whether answering (or refusing) was right."""

    @property
    def answerable(self) -> bool: ...
    @property
    def refused(self) -> bool: ...
    @property
    def confidence(self) -> float: ...
    @property
    def scores(self) -> Mapping[str, float]: ...


def abstention_scores(outcomes: Sequence[Judged]) -> Mapping[str, float]:
    """Precision, recall and F1 of refusing, the share of answerable questions refused, and the area under the
    risk-coverage curve. A value that needs a kind of question which is absent is left out.
    """
    refused = [outcome for outcome in outcomes if outcome.refused]
    hopeless = [outcome for outcome in outcomes if not outcome.answerable]
    answerable = len(outcomes) - len(hopeless)
    right = sum(not outcome.answerable for outcome in refused)
    scores: dict[str, float] = {}
    if refused:
        scores["abstention_precision"] = right / len(refused)
    if hopeless:
        scores["abstention_recall"] = right / len(hopeless)
        scores["abstention_f1"] = 2 * right / (len(refused) + len(hopeless))
    if answerable:
        scores["false_refusal_rate"] = (len(refused) - right) / answerable
    if outcomes:
        scores["aurc"] = area_under_risk_coverage([o.confidence for o in outcomes], [answer_risk(o) for o in outcomes])
    return scores


def answer_risk(outcome: Judged) -> float:
    """The loss of answering: 1 for a question without an answer, else the share of its facts that is missing.

    A refused question counts as if it had been answered with what it found, which was nothing: the curve asks how
    well confidence orders questions, whatever threshold is set.
    """
    return 1.0 - outcome.scores.get("fact_recall", 0.0) if outcome.answerable else 1.0


def risk_coverage(confidences: Sequence[float], risks: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """(coverage, risk) points: the mean risk over the n most confident questions, for n = 1 to all.

    Equal confidences enter together, so the order of the questions does not matter. Lower risk is better.
    """
    order = sorted(zip(confidences, risks, strict=True), key=lambda pair: -pair[0])
    points: list[tuple[float, float]] = []
    total, start = 0.0, 0
    while start < len(order):
        stop = start
        while stop < len(order) and order[stop][0] == order[start][0]:
            stop += 1
        tied = sum(risk for _, risk in order[start:stop])
        for position in range(start, stop):
            share = tied * (position + 1 - start) / (stop - start)
            points.append(((position + 1) / len(order), (total + share) / (position + 1)))
        total, start = total + tied, stop
    return tuple(points)


def area_under_risk_coverage(confidences: Sequence[float], risks: Sequence[float]) -> float:
    """AURC (Geifman & El-Yaniv 2017, "Selective Classification for Deep Neural Networks"): the mean of the
    risk-coverage curve; 0 is perfect, the mean risk is what a confidence without knowledge gives.

    >>> area_under_risk_coverage([0.9, 0.5], [0.0, 1.0])
    0.25
    """
    points = risk_coverage(confidences, risks)
    return sum(risk for _, risk in points) / len(points) if points else 0.0
