"""What the latest run over each source could not take in, kept beside the index for who looks later.

Not part of a generation: a run that changes nothing may still have found files that it could not read.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.disk import write_atomically

NAME = "last-runs.json"
MOST_FAILURES = 1_000
"""Kept for each run; nobody reads more, and a run over a wrong folder may have millions."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest run over ``sources``: when it ended, and (name, why) of each file that was not taken in."""

    collection: str
    sources: tuple[str, ...]
    ended: str
    failed: tuple[tuple[str, str], ...]


def last_runs(data_dir: Path) -> tuple[LastRun, ...]:
    """The latest first; none before the first run, or when the file cannot be read: it tells nothing that matters."""
    try:
        stored = json.loads((data_dir / NAME).read_text("utf-8"))
        return tuple(
            LastRun(
                run["collection"],
                tuple(run["sources"]),
                run["ended"],
                tuple((str(name), str(why)) for name, why in run["failed"]),
            )
            for run in stored
        )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError):
        logging.getLogger(__name__).warning("%s cannot be read; the next ingest writes it anew", NAME)
        return ()


def remember(data_dir: Path, collection: str, sources: Sequence[str], failed: Sequence[tuple[str, str]]) -> None:
    """Takes the place of earlier runs over any of these sources into the same collection."""
    run = LastRun(
        collection, tuple(sources), datetime.now(UTC).isoformat(timespec="seconds"), tuple(failed[:MOST_FAILURES])
    )
    others = [
        other
        for other in last_runs(data_dir)
        if other.collection != collection or not set(other.sources) & set(run.sources)
    ]
    data_dir.mkdir(parents=True, exist_ok=True)
    write_atomically(data_dir / NAME, json.dumps([asdict(one) for one in [run, *others]], ensure_ascii=False, indent=1))
