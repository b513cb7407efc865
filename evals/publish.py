"""``python -m evals.publish``: measures what the docs show, and writes it down to be committed.

Ingests ``corpus/`` anew, asks every set, runs the baselines, and writes ``evals/results/*.json`` (compact; ``ours``
is also the baseline of the gate in CI), ``docs/results.md`` and its picture. With ``--page`` nothing is measured:
the page is made from the committed files. ``--archive DATA_DIR`` adds the set over the public archive, from an index
that holds it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assistant.settings import Settings
from evals.against import settings_against
from evals.baselines import NAMES, Baseline, System, retrieval_only
from evals.cases import Suite, load_suites
from evals.charts import risk_coverage_chart
from evals.command import write
from evals.measure import measure
from evals.results import FORMAT, Results, compact, load, origin, to_lines
from evals.results_page import PICTURE, results_page
from evals.runner import progress, run_suites
from evals.summary import summarise
from ingest.errors import AskwellError

ROOT = Path(__file__).parents[1]
KEPT = Path(__file__).parent / "results"
PAGE = ROOT / "docs" / "results.md"


def kept() -> dict[str, Results]:
    """The committed results by name: "ours", "bm25", ..., "archive-ours", ..."""
    return {path.stem: load(path) for path in sorted(KEPT.glob("*.json"))}


def publish(settings: Settings, archive: Path | None, workers: int) -> None:
    """Raises AskwellError."""
    with settings_against(str(ROOT / "corpus"), settings) as over_corpus:
        _publish("", load_suites(), over_corpus, workers)
    if archive:
        over_archive = settings.model_copy(update={"data_dir": archive})
        _publish("archive-", load_suites(["archive"]), over_archive, workers)


def _publish(prefix: str, suites: Sequence[Suite], settings: Settings, workers: int) -> None:
    _keep(f"{prefix}ours", measure(suites, settings, workers=workers))
    for system in NAMES:
        _keep(f"{prefix}{system}", _baseline(system, suites, settings))


def _baseline(system: System, suites: Sequence[Suite], settings: Settings) -> Results:
    from assistant.wiring import assemble

    answerable = [
        replace(suite, cases=tuple(case for case in suite.cases if any(turn.answerable for turn in case.turns)))
        for suite in suites
    ]
    with tempfile.TemporaryDirectory() as scratch:
        assistant = assemble(settings.model_copy(update={"database_url": f"sqlite:///{scratch}/records.sqlite3"}))
        try:
            index = assistant.holder.current()
            with progress(sum(len(suite.cases) for suite in answerable)) as advance:
                found = run_suites(answerable, Baseline(system, assistant.searcher()), index, advance)
            names = tuple(suite.name for suite in answerable if suite.cases)
            made_of = origin(settings, index.manifest, names, "all")
        finally:
            assistant.close()
    outcomes = retrieval_only(found)
    return Results(FORMAT, made_of, summarise(outcomes), outcomes)


def _keep(name: str, results: Results) -> None:
    # Where the scratch index lay and what it was called says nothing to a reader, and would differ every time.
    made_of = replace(
        results.origin,
        settings={key: value for key, value in results.origin.settings.items() if key != "data_dir"},
        index={key: value for key, value in results.origin.index.items() if key not in ("generation", "sources")},
    )
    write(KEPT / f"{name}.json", to_lines(compact(replace(results, origin=made_of))))
    print(f"{name}: {len(results.outcomes)} questions", file=sys.stderr)


def write_page() -> None:
    results = kept()
    write(PAGE, results_page(results))
    write(PAGE.parent / PICTURE, risk_coverage_chart(results["ours"].outcomes))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.publish", description=__doc__)
    parser.add_argument("--page", action="store_true", help="only write docs/results.md from evals/results/")
    parser.add_argument("--archive", type=Path, metavar="DATA_DIR", help="an index over the public archive")
    parser.add_argument("--workers", type=int, default=1, help="at once; more than 1 makes answers look slower")
    chosen = parser.parse_args(arguments)
    try:
        if not chosen.page:
            publish(Settings(), chosen.archive, chosen.workers)
        write_page()
    except AskwellError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
