"""Outcomes to numbers: one estimate for each metric, over all questions and for each suite, split and tag."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evals.metrics.abstention import abstention_scores, answer_risk, area_under_risk_coverage
from evals.metrics.answers import ANSWERS
from evals.metrics.citations import CITATIONS
from evals.metrics.retrieval import RETRIEVAL
from evals.metrics.statistics import Estimate, interval, percentile, ratio
from evals.outcomes import Outcome

FOLLOW_UPS = ("followup_hit@1", "rewrite_hit@1", "followup_gap", "followup_all_facts", "rewrite_all_facts")
JUDGED = ("judge_faithfulness", "judge_relevance", "judge_correctness")
_MEANS = (*RETRIEVAL, *ANSWERS, *CITATIONS, *FOLLOW_UPS, *JUDGED)
LOWER_IS_BETTER = frozenset(
    {"answer_words", "redundancy", "followup_gap", "false_refusal_rate", "aurc", "latency_p50_ms", "latency_p95_ms"}
)
HEADLINES = ("correct", "hit@1", "hit@5", "all_facts", "quote_exactness", "abstention_f1")
"""The columns of the breakdown tables."""

GATED = (
    "correct",
    "hit@1",
    "hit@5",
    "all_facts",
    "polarity",
    "citation_precision",
    "citation_recall",
    "abstention_recall",
    "false_refusal_rate",
    "followup_all_facts",
)
"""What ``--fail-if-worse`` looks at; quote exactness may not fall at all."""

Estimates = Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Summary:
    overall: Estimates
    suites: Mapping[str, Estimates]
    splits: Mapping[str, Estimates]
    tags: Mapping[str, Estimates]


def summarise(outcomes: Sequence[Outcome]) -> Summary:
    return Summary(
        overall=_with_intervals(outcomes, estimates(outcomes)),
        suites=_grouped(outcomes, lambda outcome: (outcome.suite,)),
        splits=_grouped(outcomes, lambda outcome: (outcome.split,)),
        tags=_grouped(outcomes, lambda outcome: outcome.tags),
    )


def estimates(outcomes: Sequence[Outcome]) -> Estimates:
    """Every metric that applies to at least one of the outcomes."""
    found: dict[str, Estimate] = {}
    _add(found, "correct", outcomes, lambda outcome: float(outcome.correct))
    for name in _MEANS:
        having = [outcome for outcome in outcomes if name in outcome.scores]
        _add(found, name, having, partial(_score, name))
    found.update(_abstention(outcomes))
    times = [outcome.milliseconds for outcome in outcomes]
    if times:
        found["latency_p50_ms"] = Estimate(percentile(times, 50), None, None, len(times))
        found["latency_p95_ms"] = Estimate(percentile(times, 95), None, None, len(times))
    return found


def _with_intervals(outcomes: Sequence[Outcome], found: Estimates) -> Estimates:
    """Bootstrap intervals for the values that are no ratios of sums; for the whole run only, since they take time."""
    clusters = [outcome.case for outcome in outcomes]
    times = [outcome.milliseconds for outcome in outcomes]
    confidences, risks = [outcome.confidence for outcome in outcomes], [answer_risk(outcome) for outcome in outcomes]
    statistics: dict[str, Callable[[NDArray[np.int64]], float]] = {
        "aurc": lambda drawn: area_under_risk_coverage([confidences[n] for n in drawn], [risks[n] for n in drawn]),
        "latency_p50_ms": lambda drawn: percentile([times[n] for n in drawn], 50),
        "latency_p95_ms": lambda drawn: percentile([times[n] for n in drawn], 95),
    }
    wider = dict(found)
    for name, statistic in statistics.items():
        if name in wider:
            low, high = interval(clusters, statistic)
            wider[name] = replace(wider[name], low=low, high=high)
    return wider


def paired_values(outcome: Outcome) -> Mapping[str, float]:
    """What one question contributes to each metric that is a mean over questions; for comparing two runs."""
    values = {name: outcome.scores[name] for name in _MEANS if name in outcome.scores}
    refusals = "false_refusal_rate" if outcome.answerable else "abstention_recall"
    return {"correct": float(outcome.correct), **values, refusals: float(outcome.refused)}


def _score(name: str, outcome: Outcome) -> float:
    return outcome.scores[name]


def _add(
    found: dict[str, Estimate],
    name: str,
    outcomes: Sequence[Outcome],
    top: Callable[[Outcome], float],
    bottom: Callable[[Outcome], float] = lambda outcome: 1.0,
) -> None:
    clusters = [outcome.case for outcome in outcomes]
    estimate = ratio([top(o) for o in outcomes], [bottom(o) for o in outcomes], clusters)
    if estimate is not None:
        found[name] = estimate


def _abstention(outcomes: Sequence[Outcome]) -> Mapping[str, Estimate]:
    """The values of ``abstention_scores`` with intervals, where they are ratios of sums."""
    found: dict[str, Estimate] = {}
    _add(found, "abstention_precision", outcomes, _right_refusal, lambda o: float(o.refused))
    _add(found, "abstention_recall", outcomes, _right_refusal, lambda o: float(not o.answerable))
    _add(
        found,
        "abstention_f1",
        outcomes,
        lambda o: 2 * _right_refusal(o),
        lambda o: float(o.refused) + float(not o.answerable),
    )
    _add(
        found,
        "false_refusal_rate",
        outcomes,
        lambda o: float(o.refused and o.answerable),
        lambda o: float(o.answerable),
    )
    values = abstention_scores(outcomes)
    kept = {name: estimate for name, estimate in found.items() if name in values}
    if "aurc" in values:
        kept["aurc"] = Estimate(values["aurc"], None, None, len(outcomes))
    return kept


def _right_refusal(outcome: Outcome) -> float:
    return float(outcome.refused and not outcome.answerable)


def _grouped(outcomes: Sequence[Outcome], keys: Callable[[Outcome], Sequence[str]]) -> Mapping[str, Estimates]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for key in keys(outcome):
            groups.setdefault(key, []).append(outcome)
    return {key: estimates(groups[key]) for key in sorted(groups)}
