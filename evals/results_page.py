"""docs/results.md from committed result files: what was found, by system, type and split, with the commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evals.baselines import NAMES
from evals.markdown import stage_counts, table
from evals.metrics.statistics import Estimate
from evals.outcomes import Outcome
from evals.results import Results
from evals.summary import estimates

PICTURE = "images/risk-coverage.svg"
SYSTEMS: Mapping[str, str] = dict([*NAMES.items(), ("ours", "Askwell")])
_TYPES = (
    "lookup", "definition", "list", "comparison", "scenario", "yes-no", "how-to", "pillar", "principle", "keyword",
    "misspelt", "false-premise", "paraphrase",
)  # fmt: skip
_ANSWERS = {
    "correct": "right in all: facts, polarity, citations, or rightly refused",
    "all_facts": "all facts in the answer",
    "polarity": "yes or no as it should be",
    "quote_exactness": "quotes letter for letter",
    "citation_precision": "citation precision",
    "citation_recall": "citation recall",
    "abstention_recall": "unanswerable questions not answered",
    "false_refusal_rate": "answerable questions refused (lower is better)",
    "abstention_f1": "abstention F1",
    "aurc": "area under the risk-coverage curve (lower is better)",
    "followup_all_facts": "follow-ups as asked: all facts",
    "rewrite_all_facts": "their standalone rewrites: all facts",
    "answer_words": "words in an answer",
    "latency_p50_ms": "latency p50, ms",
    "latency_p95_ms": "latency p95, ms",
}


def results_page(results: Mapping[str, Results]) -> str:
    """The page; the same files give the same page."""
    return "\n".join(_lines(results)).rstrip() + "\n"


def _lines(results: Mapping[str, Results]) -> Iterator[str]:
    ours = results["ours"]
    index = ours.origin.index
    yield "<!-- Made by `python -m evals.publish --page` from evals/results/; do not edit. -->"
    yield "# Results"
    yield ""
    yield (
        f"Measured on {ours.origin.created[:10]} at commit {ours.origin.commit[:12] or 'unknown'} over `corpus/` "
        f"({index['documents']} documents, {index['chunks']} chunks, revision {index['corpus_revision']}), without a "
        "chat model. [How it is measured](evaluation.md). Everything here comes from the files in "
        "[evals/results](../evals/results), made by:"
    )
    yield ""
    yield "```sh"
    yield "python -m evals.publish         # ingest corpus/, ask everything, write the files and this page"
    yield "python -m evals.publish --page  # only this page, from the files"
    yield "```"
    yield ""
    yield "Tuning looked at `dev` only; `test` is for reporting. In brackets the 95% bootstrap interval."
    yield ""
    yield "## Finding the section"
    yield ""
    yield (
        "Single questions, by section: the share whose section is first (hit@1) or among the first five (hit@5), the "
        "mean reciprocal rank and nDCG. All four search the same index with the same embedding model. BM25 reads "
        "title, headings and text with English stemming; naive fusion is reciprocal rank fusion of the two."
    )
    yield ""
    for split in ("dev", "test"):
        yield from _systems(results, "", split)
    yield "## By type of question"
    yield ""
    for split in ("dev", "test"):
        yield f"hit@1 and hit@5 on {split}:"
        yield ""
        yield from _types(results, split)
    yield "## Follow-ups"
    yield ""
    yield (
        "Turns of a conversation after the first, searched as they were asked (the baselines search the words as they "
        "stand; Askwell resolves them) and as their standalone rewrites. hit@1:"
    )
    yield ""
    yield from _followups(results)
    yield "## Answers"
    yield ""
    yield f"Latency is of one question, with {ours.origin.workers} asked at a time."
    yield ""
    yield from _answers(ours)
    yield "By type of question, all facts in the answer:"
    yield ""
    yield from _facts_by_type(ours)
    yield f"![Mean loss over the share of questions answered, surest first]({PICTURE})"
    yield ""
    yield "## Where it fails"
    yield ""
    yield "Questions of both splits that failed, by the first stage of the read path that explains it:"
    yield ""
    yield from _failures(ours)
    if "archive-ours" in results:
        yield from _archive(results)


def _systems(results: Mapping[str, Results], prefix: str, split: str) -> Iterator[str]:
    metrics = ("hit@1", "hit@5", "mrr@10", "ndcg@10")
    rows = []
    for system, name in SYSTEMS.items():
        if prefix + system in results:
            found = estimates(_single(results[prefix + system], split))
            rows.append((name, *(_with_interval(found.get(metric)) for metric in metrics)))
    yield from table((split, *metrics), rows)


def _types(results: Mapping[str, Results], split: str) -> Iterator[str]:
    rows = []
    for kind in _TYPES:
        found = {
            system: estimates([o for o in _single(results[system], split) if kind in o.tags]) for system in SYSTEMS
        }
        if "hit@1" in found["ours"]:
            both = (f"{_value(found[s].get('hit@1'))} / {_value(found[s].get('hit@5'))}" for s in SYSTEMS)
            rows.append((kind, *both, str(found["ours"]["hit@1"].n)))
    yield from table(("type", *SYSTEMS.values(), "questions"), rows)


def _followups(results: Mapping[str, Results]) -> Iterator[str]:
    rows = []
    for system, name in SYSTEMS.items():
        by_split = [estimates([o for o in results[system].outcomes if o.split == split]) for split in ("dev", "test")]
        cells = (
            _with_interval(found.get(metric)) for found in by_split for metric in ("followup_hit@1", "rewrite_hit@1")
        )
        rows.append((name, *cells))
    yield from table(("follow-ups", "dev, as asked", "dev, rewrite", "test, as asked", "test, rewrite"), rows)


def _answers(ours: Results) -> Iterator[str]:
    found = [estimates([o for o in ours.outcomes if o.split == split]) for split in ("dev", "test")]
    rows = [
        (meaning, *(_with_interval(one.get(metric), metric) for one in found))
        for metric, meaning in _ANSWERS.items()
        if any(metric in one for one in found)
    ]
    yield from table(("all sets", "dev", "test"), rows)


def _facts_by_type(ours: Results) -> Iterator[str]:
    rows = []
    for kind in _TYPES:
        by_split = [[o for o in _single(ours, split) if kind in o.tags] for split in ("dev", "test")]
        found = [estimates(part).get("all_facts") for part in by_split]
        if any(found):
            rows.append((kind, *map(_value, found), " / ".join(str(len(part)) for part in by_split)))
    yield from table(("type", "dev", "test", "questions"), rows)


def _failures(ours: Results) -> Iterator[str]:
    stages = sorted({outcome.stage for outcome in ours.outcomes if outcome.stage})
    by_suite = {suite: [outcome for outcome in ours.outcomes if outcome.suite == suite] for suite in ours.origin.suites}
    rows = [
        (suite, *(str(sum(o.stage == stage for o in part) or "") for stage in stages), f"{_right(part)} of {len(part)}")
        for suite, part in by_suite.items()
    ]
    for kind, counts in stage_counts([o for o in ours.outcomes if o.suite == "single"]).items():
        if kind in _TYPES:
            cells = (str(counts.get(stage) or "") for stage in stages)
            rows.append((f"single, {kind}", *cells, f"{counts.get('', 0)} of {sum(counts.values())}"))
    yield from table(("set", *stages, "right"), rows)


def _archive(results: Mapping[str, Results]) -> Iterator[str]:
    index = results["archive-ours"].origin.index
    yield "## Over a large archive"
    yield ""
    yield (
        f"150 questions over a public archive of AWS documentation ({index['documents']} pages, {index['chunks']} "
        "chunks), by section. The questions ship in `evals/sets/elsewhere/archive.jsonl`, the pages do not."
    )
    yield ""
    for split in ("dev", "test"):
        yield from _systems(results, "archive-", split)
    found = [estimates([o for o in results["archive-ours"].outcomes if o.split == split]) for split in ("dev", "test")]
    wanted = ("all_facts", "quote_exactness", "citation_precision", "false_refusal_rate", "latency_p50_ms")
    rows = [(_ANSWERS[name], *(_with_interval(one.get(name), name) for one in found)) for name in wanted]
    yield from table(("answers", "dev", "test"), rows)


def _single(results: Results, split: str) -> Sequence[Outcome]:
    """Questions that stand alone and have an answer."""
    talks = {outcome.case for outcome in results.outcomes if outcome.turn > 1}
    return [o for o in results.outcomes if o.split == split and o.answerable and o.case not in talks]


def _right(part: Sequence[Outcome]) -> int:
    return sum(outcome.correct for outcome in part)


def _value(estimate: Estimate | None) -> str:
    return "–" if estimate is None else f"{estimate.value:.2f}"


def _with_interval(estimate: Estimate | None, metric: str = "") -> str:
    if estimate is None:
        return "–"
    shown = f"{estimate.value:.0f}" if metric.endswith(("_ms", "_words")) else f"{estimate.value:.2f}"
    if estimate.low is None or metric.endswith(("_ms", "_words")):
        return shown
    return f"{shown} ({estimate.low:.2f} to {estimate.high:.2f})"
