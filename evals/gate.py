"""Floors that a run must keep: ``hit@1=0.7``. For metrics where lower is better the value is a ceiling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evals.summary import LOWER_IS_BETTER, Estimates
from ingest.errors import AskwellError


@dataclass(frozen=True, slots=True)
class Floor:
    metric: str
    value: float


def parse_floors(texts: Sequence[str]) -> tuple[Floor, ...]:
    """``["hit@1=0.7"]`` to floors. Raises AskwellError for anything that is not NAME=NUMBER."""
    floors: list[Floor] = []
    for text in texts:
        metric, equals, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not (metric.strip() and equals) or not math.isfinite(value):
            raise AskwellError(f"--fail-under wants NAME=NUMBER, for example hit@1=0.7, not {text!r}.")
        floors.append(Floor(metric.strip(), value))
    return tuple(floors)


def broken(floors: Sequence[Floor], estimates: Estimates) -> tuple[str, ...]:
    """One sentence for each floor that does not hold; a metric that was not measured does not hold."""
    return tuple(sentence for floor in floors if (sentence := _broken(floor, estimates)))


def _broken(floor: Floor, estimates: Estimates) -> str:
    estimate = estimates.get(floor.metric)
    if estimate is None:
        return f"{floor.metric} was not measured; measured were: {', '.join(estimates)}"
    if floor.metric in LOWER_IS_BETTER:
        if estimate.value > floor.value:
            return f"{floor.metric} is {estimate.value:.4f}, above its ceiling of {floor.value:g}"
    elif estimate.value < floor.value:
        return f"{floor.metric} is {estimate.value:.4f}, below its floor of {floor.value:g}"
    return ""
