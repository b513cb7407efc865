"""A serving process removes conversations older than ``ASKWELL_RETENTION_DAYS``, at its start and every hour."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.protocols import Records
from assistant.records import keeping_of
from assistant.settings import Settings
from ingest.errors import AskwellError
from ui.logs import log

_EVERY_SECONDS = 3600.0


@contextmanager
def kept_to_retention(records: Records, settings: Settings) -> Iterator[None]:
    """While the block runs; nothing happens when no retention is set."""
    if not settings.retention_days:
        yield
        return
    keeping, over = keeping_of(records), threading.Event()

    def prune() -> None:
        while True:
            try:
                gone = keeping.prune(settings.retention_days)
                if gone.conversations:
                    log.info("pruned", conversations=gone.conversations, answers=gone.answers)
            except AskwellError as error:
                log.warning("old conversations could not be removed", reason=str(error))
            if over.wait(_EVERY_SECONDS):
                return

    thread = threading.Thread(target=prune, name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)
