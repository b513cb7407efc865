"""How sure the numbers are: bootstrap intervals over cases, the exact McNemar test, percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

RESAMPLES = 1000
SEED = 20_261_124


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its 95% interval (None where none is computed) and the number of questions that it rests on."""

    value: float
    low: float | None
    high: float | None
    n: int


def ratio(tops: Sequence[float], bottoms: Sequence[float], clusters: Sequence[str]) -> Estimate | None:
    """sum(tops) / sum(bottoms) with a percentile bootstrap over clusters (Efron & Tibshirani 1993, chapter 13).

    Turns of one conversation are not independent, so whole conversations are drawn. A mean is the ratio with
    bottoms of 1. The seed is fixed: the same results give the same interval. None when the bottoms sum to 0.

    >>> ratio([1, 0], [1, 1], ["a", "b"])
    Estimate(value=0.5, low=0.0, high=1.0, n=2)
    """
    if sum(bottoms) == 0:
        return None
    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    sums = np.zeros((len(numbers), 2))
    for cluster, top, bottom in zip(clusters, tops, bottoms, strict=True):
        sums[numbers[cluster]] += (top, bottom)
    drawn = np.random.default_rng(SEED).integers(len(numbers), size=(RESAMPLES, len(numbers)))
    totals = sums[drawn].sum(axis=1)
    totals = totals[totals[:, 1] > 0]
    low, high = np.percentile(totals[:, 0] / totals[:, 1], [2.5, 97.5])
    return Estimate(sum(tops) / sum(bottoms), float(low), float(high), round(sum(bottoms)))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 100) of the values lie, interpolated."""
    return float(np.percentile(values, share))


def mcnemar(only_before: int, only_after: int) -> float:
    """Two-sided exact p of McNemar's test (1947): how likely flips this uneven are if neither run is better.

    >>> mcnemar(0, 6)
    0.03125
    """
    flips = only_before + only_after
    if flips == 0:
        return 1.0
    tail: float = sum(comb(flips, k) for k in range(min(only_before, only_after) + 1)) / 2**flips
    return min(1.0, 2 * tail)
