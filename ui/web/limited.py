"""One answer of the chat within the limits of every question: how many run at once, and for how long.

The chat's questions arrive over Gradio's queue, so the middleware that limits the API does not see how long they run.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

from assistant.callers import owner
from ingest.errors import AskwellError
from ui.http.places import Places, given_up

T = TypeVar("T")


class NotAnsweredError(AskwellError):
    """There was no place for the question, or its time was over."""


def within(places: Places, seconds: float, events: Generator[T, None, None]) -> Generator[T, None, None]:
    """The events until the time is over. Raises NotAnsweredError.

    Each step is taken in a thread, so that one that hangs can be left; the place is free again when it has ended.
    """
    whose = owner()
    if refusal := places.take(whose):
        raise NotAnsweredError(refusal.sentence)

    def taken() -> T | None:
        return next(events, None)

    deadline = time.monotonic() + seconds
    one = ThreadPoolExecutor(1, "askwell-chat")
    try:
        while (left := deadline - time.monotonic()) > 0:
            step = one.submit(copy_context().run, taken)
            wait((step,), timeout=left)
            if not step.done():
                break
            event = step.result()
            if event is None:
                return
            yield event
        raise NotAnsweredError(given_up(seconds))
    finally:
        one.submit(events.close)
        one.submit(places.leave, whose)
        one.shutdown(wait=False)
