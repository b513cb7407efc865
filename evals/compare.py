"""Two runs over the same questions: what flipped, in which direction, and whether that is more than chance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.metrics.statistics import mcnemar, paired_p
from evals.outcomes import Outcome
from evals.results import Results
from evals.summary import GATED, LOWER_IS_BETTER, paired_values

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that was right in one run and wrong in the other; ``stage`` is where the wrong one failed."""

    id: str
    question: str
    stage: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric over the questions that both runs hold. ``p``: paired permutation test over cases."""

    before: float
    after: float
    p: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """``p``: exact McNemar over the flips. ``only_before`` and ``only_after`` name questions that one run lacks."""

    shared: int
    improved: tuple[Flip, ...]
    worsened: tuple[Flip, ...]
    p: float
    differences: Mapping[str, Difference]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    documents: tuple[str, ...] = ()
    """Documents that differ between two indexes: "changed limits.md"."""


def changed_documents(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """From content hashes by document: what was added, changed and removed, in the order of the ids.

    >>> changed_documents({"a.md": "1", "b.md": "1"}, {"b.md": "2", "c.md": "1"})
    ('removed a.md', 'changed b.md', 'added c.md')
    """
    found: list[str] = []
    for document in sorted({*before, *after}):
        if document not in after:
            found.append(f"removed {document}")
        elif document not in before:
            found.append(f"added {document}")
        elif before[document] != after[document]:
            found.append(f"changed {document}")
    return tuple(found)


def compare(before: Results, after: Results) -> Comparison:
    """Pairs questions by case id, turn and wording: a question that was reworded is another question."""
    old, new = _by_question(before), _by_question(after)
    shared = [key for key in new if key in old]
    improved = tuple(_flip(old[key]) for key in shared if new[key].correct and not old[key].correct)
    worsened = tuple(_flip(new[key]) for key in shared if old[key].correct and not new[key].correct)
    return Comparison(
        shared=len(shared),
        improved=improved,
        worsened=worsened,
        p=mcnemar(len(worsened), len(improved)),
        differences=_differences([(old[key], new[key]) for key in shared]),
        only_before=tuple(key[0] for key in old if key not in new),
        only_after=tuple(key[0] for key in new if key not in old),
    )


def regressions(comparison: Comparison) -> tuple[str, ...]:
    """One sentence for each gated metric that is worse by more than chance, with the stages where questions that
    were right now fail. The tests are corrected for their number (Benjamini and Hochberg 1995).
    """
    from scipy.stats import false_discovery_control

    gated = {name: comparison.differences[name] for name in GATED if name in comparison.differences}
    found: list[str] = []
    if gated:
        adjusted = false_discovery_control([difference.p for difference in gated.values()])
        for (name, difference), p in zip(gated.items(), adjusted, strict=True):
            if p < SIGNIFICANT and _worse(name, difference):
                found.append(_sentence(name, difference))
    exact = comparison.differences.get("quote_exactness")
    if exact and exact.after < exact.before:
        found.append(_sentence("quote_exactness", exact))
    if found:
        stages = Counter(flip.stage for flip in comparison.worsened).most_common()
        new = ", ".join(f"{stage} ({count})" for stage, count in stages) or "none"
        found.append(f"questions that were right and now fail, by stage: {new}")
    return tuple(found)


def _worse(name: str, difference: Difference) -> bool:
    higher = difference.after > difference.before
    return higher if name in LOWER_IS_BETTER else not higher and difference.after < difference.before


def _sentence(name: str, difference: Difference) -> str:
    return (
        f"{name} got worse: {difference.before:.4f} before, {difference.after:.4f} now "
        f"(p = {difference.p:.2g}, {difference.n} questions)"
    )


def _differences(pairs: Sequence[tuple[Outcome, Outcome]]) -> Mapping[str, Difference]:
    """Where a metric applies to one run only (citations of an answer that is now a refusal), the pair is left out."""
    by_metric: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for was, now in pairs:
        old, new = paired_values(was), paired_values(now)
        for name in old:
            if name in new:
                by_metric[name].append((was.case, old[name], new[name]))
    return {name: _difference(rows) for name, rows in by_metric.items()}


def _difference(rows: Sequence[tuple[str, float, float]]) -> Difference:
    clusters, before, after = zip(*rows, strict=True)
    n = len(rows)
    return Difference(sum(before) / n, sum(after) / n, paired_p(before, after, clusters), n)


def _by_question(results: Results) -> Mapping[tuple[str, str], Outcome]:
    return {(outcome.id, outcome.question): outcome for outcome in results.outcomes}


def _flip(wrong: Outcome) -> Flip:
    return Flip(wrong.id, wrong.question, wrong.stage)
