"""Two runs over the same questions: what flipped, in which direction, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evals.metrics.statistics import mcnemar
from evals.outcomes import Outcome
from evals.results import Results


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that was right in one run and wrong in the other; ``stage`` is where the wrong one failed."""

    id: str
    question: str
    stage: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """``differences``: metric -> (before, after), over all questions of each run. ``p``: exact McNemar over flips.

    ``only_before`` and ``only_after`` name questions that one run does not hold.
    """

    shared: int
    improved: tuple[Flip, ...]
    worsened: tuple[Flip, ...]
    p: float
    differences: Mapping[str, tuple[float, float]]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def compare(before: Results, after: Results) -> Comparison:
    """Pairs questions by case id, turn and wording: a question that was reworded is another question."""
    old, new = _by_question(before), _by_question(after)
    shared = [key for key in new if key in old]
    improved = tuple(_flip(old[key]) for key in shared if new[key].correct and not old[key].correct)
    worsened = tuple(_flip(new[key]) for key in shared if old[key].correct and not new[key].correct)
    was, now = before.summary.overall, after.summary.overall
    return Comparison(
        shared=len(shared),
        improved=improved,
        worsened=worsened,
        p=mcnemar(len(worsened), len(improved)),
        differences={name: (was[name].value, now[name].value) for name in now if name in was},
        only_before=tuple(key[0] for key in old if key not in new),
        only_after=tuple(key[0] for key in new if key not in old),
    )


def _by_question(results: Results) -> Mapping[tuple[str, str], Outcome]:
    return {(outcome.id, outcome.question): outcome for outcome in results.outcomes}


def _flip(wrong: Outcome) -> Flip:
    return Flip(wrong.id, wrong.question, wrong.stage)
