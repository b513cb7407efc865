"""``askwell eval``: loads the sets, measures, compares, reports and gates. Says what to do in which order, no more."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from assistant.settings import Settings
from evals.against import settings_against
from evals.cases import load_suites
from evals.compare import Comparison, changed_documents, compare, regressions
from evals.gate import broken, parse_floors
from evals.markdown import to_markdown
from evals.measure import chosen_cases, document_hashes, measure
from evals.results import RESULTS_NAME, Results, compact, load, to_json, to_lines
from ingest.errors import AskwellError, BadInputError, DiskFullError

SplitChoice = Literal["dev", "test", "all"]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, as on the command line.

    ``against`` names another index (see ``evals.against``); ``judge`` a chat model, as provider:name; ``keep`` a
    file for compact results that can be committed as a baseline.
    """

    suites: Sequence[str] = ()
    split: SplitChoice = "all"
    out: Path | None = None
    baseline: Path | None = None
    against: str = ""
    fail_under: Sequence[str] = ()
    fail_if_worse: bool = False
    judge: str = ""
    keep: Path | None = None
    workers: int | None = None
    json_output: bool = False


def run(request: Request, settings: Settings) -> int:
    """Exit code: 0, or 1 when a floor is broken or the run is worse than what it is compared with.

    The report goes to stdout (JSON with ``json_output``), progress and what is broken to stderr; ``out`` receives
    results.json, summary.md, report.md, report.html and junit.xml. Raises AskwellError.
    """
    if request.baseline and request.against:
        raise BadInputError("Compare with --baseline or with --against, not with both.")
    if request.fail_if_worse and not (request.baseline or request.against):
        raise BadInputError("--fail-if-worse needs something to compare with: add --baseline FILE or --against INDEX.")
    floors = parse_floors(request.fail_under)
    earlier = load(request.baseline) if request.baseline else None  # before the work: a wrong path is said at once
    chosen = chosen_cases(load_suites(request.suites), request.split)
    results = measure(chosen, settings, request.split, request.workers, request.out)
    for name, reason in results.origin.skipped.items():
        print(f"The set {name} was skipped: {reason}.", file=sys.stderr)
    if request.judge:
        from evals.judge import judged

        results = judged(results, request.judge, settings)
    differing: tuple[str, ...] = ()
    if request.against:
        with settings_against(request.against, settings) as other:
            earlier = measure(chosen, other, request.split, request.workers)
            differing = changed_documents(document_hashes(other), document_hashes(settings))
    comparison = replace(compare(earlier, results), documents=differing) if earlier else None
    print(to_json(results) if request.json_output else to_markdown(results, comparison, failures=request.out is None))
    if request.out is not None:
        write_reports(request.out, results, comparison)
    if request.keep is not None:
        write(request.keep, to_lines(compact(results)))
    sentences = list(broken(floors, results.summary.overall))
    if request.fail_if_worse and comparison:
        sentences += regressions(comparison)
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return 1 if sentences else 0


def write_reports(out: Path, results: Results, comparison: Comparison | None) -> None:
    from evals.html import to_html
    from evals.junit import to_junit

    write(out / RESULTS_NAME, to_json(results))
    write(out / "report.md", to_markdown(results, comparison))
    write(out / "summary.md", to_markdown(results, comparison, failures=False))
    write(out / "report.html", to_html(results, comparison))
    write(out / "junit.xml", to_junit(results))


def write(path: Path, text: str) -> None:
    """Raises AskwellError or DiskFullError with a sentence."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        kind = DiskFullError if error.errno == 28 else AskwellError
        raise kind(f"{path} cannot be written ({error.strerror}). Choose another folder for --out.") from error
