"""How sure the numbers are: bootstrap intervals over cases, the exact McNemar test, percentiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

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


def paired_p(before: Sequence[float], after: Sequence[float], clusters: Sequence[str]) -> float:
    """Two-sided p of a paired permutation test: how often swapping the two runs, case by case, gives a difference
    this large (Smucker, Allan and Carterette 2007). Turns of one conversation are swapped together.

    >>> paired_p([1.0, 0.0], [1.0, 0.0], ["a", "b"])
    1.0
    """
    from scipy.stats import permutation_test

    gained: dict[str, float] = {}
    for was, now, cluster in zip(before, after, clusters, strict=True):
        gained[cluster] = gained.get(cluster, 0.0) + now - was
    changed = np.array([gain for gain in gained.values() if gain])
    if len(changed) < 2:
        return 1.0  # cases without a change are the same whichever way they are swapped
    found = permutation_test(
        (changed, np.zeros_like(changed)),
        lambda now, was, axis: (now - was).sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES * 4,
        rng=np.random.default_rng(SEED),
    )
    return float(min(1.0, found.pvalue))


def interval(
    clusters: Sequence[str], statistic: Callable[[NDArray[np.int64]], float], resamples: int = 300
) -> tuple[float, float]:
    """95% percentile bootstrap of any ``statistic``, which is given the numbers of the questions drawn; whole
    clusters are drawn, as in ``ratio``.
    """
    numbers: dict[str, list[int]] = {}
    for number, cluster in enumerate(clusters):
        numbers.setdefault(cluster, []).append(number)
    groups = [np.array(group) for group in numbers.values()]
    random = np.random.default_rng(SEED)
    values = [
        statistic(np.concatenate([groups[drawn] for drawn in random.integers(len(groups), size=len(groups))]))
        for _ in range(resamples)
    ]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
