"""Plays suites against the live index of some settings: opens, asks, closes. Writes nothing but scratch records."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from assistant.settings import Settings
from evals.cases import CaseError, Suite
from evals.journal import Journal
from evals.playing import Documents
from evals.results import FORMAT, Results, measured, origin
from evals.runner import progress, run_parallel, run_suites
from evals.summary import summarise
from ingest.errors import NotFoundError

_WORTH_A_PROCESS = 20
"""Cases for each process, at least: starting one takes about a second."""


def workers_for(cases: int, asked: int | None = None) -> int:
    """As many processes as were asked for; by default one for each core, fewer for few cases."""
    return asked or max(1, min(os.cpu_count() or 1, 8, cases // _WORTH_A_PROCESS))


def measure(
    suites: Sequence[Suite],
    settings: Settings,
    split: str = "all",
    workers: int | None = None,
    journal_in: Path | None = None,
) -> Results:
    """Questions are recorded in a scratch database, so an evaluation never mixes with what people asked.

    With ``journal_in``, finished cases are kept there until the run is complete, and a run that was interrupted goes
    on where it stopped. Raises NoIndexError, and CaseError when the documents of no suite are in the index.
    """
    from ingest.holder import IndexHolder

    holder = IndexHolder(settings.data_dir, chroma_url=settings.chroma_url)
    try:
        index = holder.current()
        present, skipped = present_suites(suites, index)
        cases = sum(len(suite.cases) for suite in present)
        count = workers_for(cases, workers)
        names = tuple(suite.name for suite in present)
        made_of = origin(settings, index.manifest, names, split, count, skipped)
        fingerprint = measured(settings, index.manifest)
    finally:
        holder.close()
    journal = Journal(journal_in, fingerprint) if journal_in else None
    with (
        tempfile.TemporaryDirectory(prefix="askwell-eval-") as scratch,
        journal or nullcontext(),
        progress(cases) as advance,
    ):
        if count > 1:
            outcomes = run_parallel(present, settings, count, Path(scratch), advance, journal)
        else:
            from assistant.wiring import assemble

            records = f"sqlite:///{scratch}/records.sqlite3"
            assistant = assemble(settings.model_copy(update={"database_url": records}))
            try:
                outcomes = run_suites(present, assistant, assistant.holder.current(), advance, journal)
            finally:
                assistant.close()
        if journal:
            journal.finish()
    return Results(FORMAT, made_of, summarise(outcomes), outcomes)


def present_suites(suites: Sequence[Suite], index: Documents) -> tuple[tuple[Suite, ...], Mapping[str, str]]:
    """(suites to ask, name -> why not for the others): a set over other documents would only fail everywhere.

    Raises CaseError when none is left.
    """
    skipped: dict[str, str] = {}
    present: list[Suite] = []
    for suite in suites:
        wanted = _documents(suite)
        if wanted and not any(_holds(index, document) for document in wanted):
            skipped[suite.name] = f"none of its {len(wanted)} documents is in the index, such as {min(wanted)}"
        else:
            present.append(suite)
    if not present:
        reasons = "; ".join(f"{name}: {why}" for name, why in skipped.items())
        raise CaseError(f"Nothing to ask ({reasons}). Ingest those documents first: askwell ingest FOLDER.")
    return tuple(present), skipped


def chosen_cases(suites: Sequence[Suite], split: str) -> tuple[Suite, ...]:
    """The suites reduced to one split; empty ones are left out. Raises CaseError when nothing is left."""
    kept = tuple(
        replace(suite, cases=tuple(case for case in suite.cases if split in ("all", case.split))) for suite in suites
    )
    kept = tuple(suite for suite in kept if suite.cases)
    if not kept:
        raise CaseError(f"No case is in the split {split!r}. Ask for --split all.")
    return kept


def _documents(suite: Suite) -> set[str]:
    return {
        place.document
        for case in suite.cases
        for turn in case.turns
        for target in turn.targets
        for place in target.places
    }


def _holds(index: Documents, document: str) -> bool:
    try:
        index.document(document)
    except NotFoundError:
        return False
    return True


def document_hashes(settings: Settings) -> Mapping[str, str]:
    """Content hash of each document in the live index."""
    from ingest.holder import IndexHolder

    holder = IndexHolder(settings.data_dir, chroma_url=settings.chroma_url)
    try:
        return {document.id: document.content_hash for document in holder.current().documents()}
    finally:
        holder.close()
