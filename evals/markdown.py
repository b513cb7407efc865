"""Results as Markdown, for a terminal and for pull requests: tables, flips, and every failing question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from evals.compare import Comparison, Flip
from evals.metrics.statistics import Estimate
from evals.outcomes import Outcome, Stage
from evals.results import Results
from evals.summary import HEADLINES, Estimates

_SHOWN = 300
_LISTED = 50


def to_markdown(results: Results, comparison: Comparison | None = None, *, failures: bool = True) -> str:
    """The whole report; without ``failures`` only their number by stage."""
    return "\n".join(_lines(results, comparison, failures)) + "\n"


def figure(name: str, estimate: Estimate | None) -> str:
    """A value as it is shown: milliseconds and words without decimals, shares with three."""
    if estimate is None:
        return "–"
    return f"{estimate.value:.0f}" if name.endswith(("_ms", "_words")) else f"{estimate.value:.3f}"


def _lines(results: Results, comparison: Comparison | None, failures: bool) -> Iterator[str]:
    origin, summary = results.origin, results.summary
    failing = [outcome for outcome in results.outcomes if not outcome.correct]
    revision = str(origin.index.get("corpus_revision", ""))[:12]
    commit = (origin.commit[:12] or "no commit") + (" with uncommitted changes" if origin.changed_files else "")
    yield "# Evaluation"
    yield ""
    yield f"{len(results.outcomes)} questions ({', '.join(origin.suites)}; split: {origin.split}), {commit}, "
    yield f"index {origin.index.get('generation')} with {origin.index.get('documents')} documents, revision {revision}."
    yield ""
    yield from table(("metric", "value", "95% interval", "questions"), map(_metric_row, *_columns(summary.overall)))
    if results.agreement:
        yield f"## Agreement of the judge {origin.judge} with our labels"
        yield ""
        agreed = ((name, f"{a.share:.3f}", f"{a.kappa:.3f}", str(a.n)) for name, a in results.agreement.items())
        yield from table(("metric", "agreement", "Cohen's kappa", "answers"), agreed)
    for name, reason in origin.skipped.items():
        yield f"The set {name} was skipped: {reason}."
        yield ""
    for title, groups in (("type", summary.tags), ("suite", summary.suites), ("split", summary.splits)):
        yield from _breakdown(title, groups)
    if comparison is not None:
        yield from _comparison(comparison)
    yield f"## {len(failing)} failing questions"
    yield ""
    stages = sorted({outcome.stage for outcome in failing})
    counts = stage_counts(results.outcomes)
    total = ("all", *(str(sum(o.stage == stage for o in failing)) for stage in stages))
    rows = ((tag, *(str(found.get(stage) or "") for stage in stages)) for tag, found in counts.items())
    yield from table(("type", *stages), iter((total, *rows)))
    if failures:
        for outcome in failing:
            yield f"### {outcome.id}: {outcome.stage}"
            yield ""
            yield from failure_lines(outcome)
            yield ""


def stage_counts(outcomes: Sequence[Outcome]) -> Mapping[str, Mapping[Stage, int]]:
    """For each type of question, how many fail at which stage; "" counts the right ones."""
    tags = sorted({tag for outcome in outcomes for tag in outcome.tags})
    return {tag: Counter(outcome.stage for outcome in outcomes if tag in outcome.tags) for tag in tags}


def _columns(estimates: Estimates) -> tuple[Sequence[str], Sequence[Estimate]]:
    return tuple(estimates), tuple(estimates.values())


def _metric_row(name: str, estimate: Estimate) -> tuple[str, ...]:
    interval = "" if estimate.low is None else f"{estimate.low:.3f} to {estimate.high:.3f}"
    return name, figure(name, estimate), interval, str(estimate.n)


def _breakdown(title: str, groups: Mapping[str, Estimates]) -> Iterator[str]:
    yield f"## By {title}"
    yield ""
    rows = (
        (key, *(figure(m, found.get(m)) for m in HEADLINES), str(found["correct"].n)) for key, found in groups.items()
    )
    yield from table((title, *HEADLINES, "questions"), rows)


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield "## Compared"
    yield ""
    yield (
        f"{comparison.shared} shared questions: {len(comparison.improved)} became right, "
        f"{len(comparison.worsened)} became wrong (exact McNemar p = {comparison.p:.3g})."
    )
    if comparison.documents:
        yield ""
        listed = ", ".join(comparison.documents[:_LISTED]) + ("…" if len(comparison.documents) > _LISTED else "")
        yield f"Documents that differ ({len(comparison.documents)}): {listed}."
    if comparison.only_before or comparison.only_after:
        yield f"Not compared: {len(comparison.only_before)} only before, {len(comparison.only_after)} new."
    yield ""
    rows = (
        (name, f"{d.before:.3f}", f"{d.after:.3f}", f"{d.after - d.before:+.3f}", f"{d.p:.3g}", str(d.n))
        for name, d in comparison.differences.items()
    )
    yield from table(("metric", "before", "after", "change", "p (paired)", "questions"), rows)
    yield from _flips("Became wrong", comparison.worsened)
    yield from _flips("Became right", comparison.improved)


def _flips(title: str, flips: Sequence[Flip]) -> Iterator[str]:
    if flips:
        yield f"### {title}"
        yield ""
        yield from table(("question", "id", "stage"), ((flip.question, flip.id, flip.stage) for flip in flips))


def failure_lines(outcome: Outcome) -> Iterator[str]:
    """What was asked, expected and got, as list items."""
    expected = "; ".join(" or ".join(fact) for fact in outcome.expected)
    yield f"- asked: {_short(outcome.question)}"
    if outcome.searched and outcome.searched != outcome.question:
        yield f"- searched: {_short(outcome.searched)}"
    otherwise = "an answer" if outcome.answerable else "not found"
    yield f"- expected: {expected or otherwise}" + (f" ({outcome.polarity})" if outcome.polarity else "")
    for target, rank in zip(outcome.targets, outcome.target_ranks, strict=False):
        yield f"- target: {target} (rank {rank or 'none'})"
    yield f"- found first: {'; '.join(outcome.ranked[:3]) or 'nothing'}"
    yield f"- got ({outcome.status}, confidence {outcome.confidence:.2f}): {_short(outcome.answer)}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table and an empty line."""
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
    yield ""
