"""A log handler that never makes a request wait: lines are written by a thread of their own.

When whoever reads stderr has stopped reading (a pipe that is full), lines are dropped after a while instead of
holding up the server. Leaves out formats: see ``logs.py``.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from typing import TextIO

_MOST_WAITING = 10_000
_SECONDS_TO_FLUSH = 1.0


class PatientHandler(logging.Handler):
    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        # Not the stream itself: a thread that is stuck in it would hold its lock at the end of the process.
        self._stream = stream
        self._file = stream.fileno()
        self._lines: queue.Queue[str] = queue.Queue(_MOST_WAITING)
        self.dropped = 0
        threading.Thread(target=self._write, name="logs", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self.dropped += 1

    def flush(self) -> None:
        """Waits for what was logged to be written, a moment at most; called at the end of the process."""
        deadline = time.monotonic() + _SECONDS_TO_FLUSH
        while self._lines.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            try:
                rest = (line + "\n").encode("utf-8", "replace")
                while rest:
                    rest = rest[os.write(self._file, rest) :]
            except OSError:  # nobody listens any more
                self.dropped += 1
            finally:
                self._lines.task_done()
