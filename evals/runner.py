"""Asks the questions and scores what comes back: cases in, outcomes out, in the order of the sets.

In one process or in several (each with an assistant of its own); the outcomes are the same either way, but for the
times. Cases that a journal of an interrupted run holds are not asked again.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

from assistant.settings import Settings
from evals.cases import EvalCase, Suite
from evals.journal import Journal
from evals.metrics.retrieval import hit_at, retrieval_scores, target_ranks
from evals.outcomes import Outcome
from evals.playing import Asked, Documents, Played, Player
from evals.stages import failing_stage

Advance = Callable[[], None]
Finished = Mapping[str, tuple[Played, ...]]
"""By case id."""


def _ignore() -> None: ...


def run_suites(
    suites: Sequence[Suite],
    assistant: Asked,
    documents: Documents,
    advance: Advance = _ignore,
    journal: Journal | None = None,
) -> tuple[Outcome, ...]:
    """The outcome of every turn, played in this process. ``advance`` is called after each case."""
    player = Player(assistant, documents)
    finished: dict[str, tuple[Played, ...]] = {}
    for suite, case in _cases(suites):
        known = journal.known(case) if journal else None
        finished[case.id] = player.play(suite, case) if known is None else known
        if journal and known is None:
            journal.keep(case, finished[case.id])
        advance()
    return scored(suites, finished)


def run_parallel(
    suites: Sequence[Suite],
    settings: Settings,
    workers: int,
    scratch: Path,
    advance: Advance = _ignore,
    journal: Journal | None = None,
) -> tuple[Outcome, ...]:
    """The same with ``workers`` processes, each over the live index of ``settings`` and records in ``scratch``."""
    finished: dict[str, tuple[Played, ...]] = {}
    waiting: list[tuple[str, EvalCase]] = []
    for suite, case in _cases(suites):
        known = journal.known(case) if journal else None
        if known is None:
            waiting.append((suite, case))
        else:
            finished[case.id] = known
            advance()
    # spawned, not forked: onnxruntime and SQLite do not survive a fork with threads running
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start_worker, (settings, scratch)) as pool:
        futures = {pool.submit(_play, suite, case): case for suite, case in waiting}
        try:
            for future in as_completed(futures):
                case = futures[future]
                finished[case.id] = future.result()
                if journal:
                    journal.keep(case, finished[case.id])
                advance()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return scored(suites, finished)


def scored(suites: Sequence[Suite], finished: Finished) -> tuple[Outcome, ...]:
    """The outcomes in the order of the sets, with retrieval scores and the stage that failed."""
    played = [turn for _, case in _cases(suites) for turn in finished[case.id]]
    found = retrieval_scores([turn.ranking for turn in played if turn.ranking.targets])
    return tuple(_scored(turn, found.get(turn.outcome.id, {})) for turn in played)


def _cases(suites: Sequence[Suite]) -> Iterator[tuple[str, EvalCase]]:
    return ((suite.name, case) for suite in suites for case in suite.cases)


def _scored(played: Played, found: Mapping[str, float]) -> Outcome:
    scores = {**played.outcome.scores, **found}
    ranks: tuple[int, ...] = ()
    if played.rewrite is not None:
        ranks = target_ranks(played.rewrite)
        as_asked, as_rewritten = hit_at(played.outcome.target_ranks, 1), hit_at(ranks, 1)
        scores.update({"followup_hit@1": as_asked, "rewrite_hit@1": as_rewritten})
        scores["followup_gap"] = as_rewritten - as_asked
    outcome = replace(played.outcome, scores=scores)
    return replace(outcome, stage=failing_stage(outcome, known_documents=played.known_documents, rewrite_ranks=ranks))


_player: Player | None = None
"""The player of a worker process."""


def _start_worker(settings: Settings, scratch: Path) -> None:
    global _player
    Thread(target=_end_with_parent, daemon=True).start()
    _player = _opened(settings, scratch)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _opened(settings: Settings, scratch: Path) -> Player:
    from assistant.wiring import assemble

    records = f"sqlite:///{scratch}/records-{os.getpid()}.sqlite3"
    assistant = assemble(settings.model_copy(update={"database_url": records}))
    return Player(assistant, assistant.holder.current())


def _play(suite: str, case: EvalCase) -> tuple[Played, ...]:
    assert _player is not None, "the pool starts every worker with _start_worker"
    return _player.play(suite, case)


@contextmanager
def progress(total: int) -> Iterator[Advance]:
    """A bar on stderr with the time left; silent when stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("asking", total=total)
        yield lambda: bar.advance(task)
