"""Threads that take jobs from the inbox until they are told to stop, and one that keeps their leases.

Leaves out what a job is. Several processes may run one each over the same database.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable

from assistant.records.inbox import Inbox, Job

log = logging.getLogger("askwell.slack")

LEASE_SECONDS = 20.0
"""What a killed process held is taken up by another, or after a restart, when this time is over."""
POLL_SECONDS = 1.0
THREADS = 4


class Dispatcher:
    def __init__(
        self, inbox: Inbox, work: Callable[[Job], None], threads: int = THREADS, lease: float = LEASE_SECONDS
    ) -> None:
        self._inbox, self._work, self._lease = inbox, work, lease
        self._owner = f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        self._news = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._take, name=f"slack-{number}", daemon=True) for number in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._keep, name="slack-leases", daemon=True))
        self._start = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Does nothing when it runs already."""
        with self._start:
            if not self._started:
                self._started = True
                for thread in self._threads:
                    thread.start()

    def wake(self) -> None:
        """There is something new."""
        with self._news:
            self._news.notify()

    def stop(self, seconds: float = 8.0) -> None:
        """Takes nothing new and waits for what is in hand; what does not end in time is done again by another."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    def run_until_empty(self) -> int:
        """In the caller's own thread: everything that is due now. How many jobs that were."""
        done = 0
        while (job := self._inbox.claim(self._owner, 60.0)) is not None:
            self._work(job)
            done += 1
        return done

    def _take(self) -> None:
        while not self._stopping:
            try:
                job = self._inbox.claim(self._owner, self._lease)
            except Exception as error:
                log.error("the inbox cannot be read: %s", error)
                self._wait(5 * POLL_SECONDS)
                continue
            if job is None:
                self._wait(POLL_SECONDS)
                continue
            try:
                self._work(job)
            except Exception:  # the database went away while the job was put back: its lease runs out
                log.exception("a job was left behind")

    def _keep(self) -> None:
        while not self._stopping:
            try:
                self._inbox.renew(self._owner, self._lease)
                self._inbox.tidy()
            except Exception as error:
                log.error("the inbox cannot be kept: %s", error)
            self._wait(self._lease / 4)

    def _wait(self, seconds: float) -> None:
        with self._news:
            if not self._stopping:
                self._news.wait(seconds)
