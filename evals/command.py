"""``askwell eval``: loads the sets, plays them against a real assistant, reports, compares and gates."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from assistant.settings import Settings
from evals.cases import CaseError, Suite, load_suites
from evals.compare import compare
from evals.gate import broken, parse_floors
from evals.markdown import to_markdown
from evals.results import FORMAT, RESULTS_NAME, Results, load, origin, to_json
from evals.summary import summarise
from ingest.errors import AskwellError, DiskFullError

SplitChoice = Literal["dev", "test", "all"]


def run(
    suites: Sequence[str],
    out: Path | None,
    baseline: Path | None,
    fail_under: Sequence[str],
    json_output: bool,
    settings: Settings,
    split: SplitChoice = "all",
) -> int:
    """Exit code: 0, or 1 when a floor is broken. The report goes to stdout (JSON with ``json_output``), progress and
    broken floors to stderr; ``out`` receives results.json, report.md and report.html. Raises AskwellError.
    """
    floors = parse_floors(fail_under)
    earlier = load(baseline) if baseline else None  # before the work, so that a wrong path is said at once
    chosen = chosen_cases(load_suites(suites), split)
    results = measure(chosen, settings, split)
    comparison = compare(earlier, results) if earlier else None
    print(to_json(results) if json_output else to_markdown(results, comparison, failures=out is None))
    if out is not None:
        from evals.html import to_html

        _write(out / RESULTS_NAME, to_json(results))
        _write(out / "report.md", to_markdown(results, comparison))
        _write(out / "report.html", to_html(results, comparison))
    sentences = broken(floors, results.summary.overall)
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return 1 if sentences else 0


def chosen_cases(suites: Sequence[Suite], split: SplitChoice) -> tuple[Suite, ...]:
    """The suites reduced to one split; empty ones are left out. Raises CaseError when nothing is left."""
    kept = tuple(
        replace(suite, cases=tuple(case for case in suite.cases if split in ("all", case.split))) for suite in suites
    )
    kept = tuple(suite for suite in kept if suite.cases)
    if not kept:
        raise CaseError(f"No case is in the split {split!r}. Ask for --split all.")
    return kept


def measure(suites: Sequence[Suite], settings: Settings, split: SplitChoice = "all") -> Results:
    """Plays the suites against the live index of ``settings``. Questions are recorded in a scratch database, so an
    evaluation never mixes with what people asked.
    """
    from assistant.wiring import assemble
    from evals.runner import run_suites

    with tempfile.TemporaryDirectory(prefix="askwell-eval-") as scratch:
        recorded = settings.model_copy(update={"database_url": f"sqlite:///{scratch}/records.sqlite3"})
        assistant = assemble(recorded)
        try:
            index = assistant.holder.current()
            with _progress(sum(len(suite.cases) for suite in suites)) as advance:
                outcomes = run_suites(suites, assistant, index, advance)
            made_of = origin(settings, index.manifest, tuple(suite.name for suite in suites), split)
        finally:
            assistant.close()
    return Results(FORMAT, made_of, summarise(outcomes), outcomes)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr with the time left; silent when stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("asking", total=total)
        yield lambda: bar.advance(task)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        kind = DiskFullError if error.errno == 28 else AskwellError
        raise kind(f"{path} cannot be written ({error.strerror}). Choose another folder for --out.") from error
