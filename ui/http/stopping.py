"""A uvicorn server that ends well: it takes no new connections, lets running answers finish, and does not wait for
chat pages that are merely open.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

_TICK = 0.1
_LAST_WORDS = 0.5
"""Seconds after the last answer was recorded, for its last bytes to leave."""

_SECONDS_TO_CLOSE = 2.0

_told = threading.Event()
"""This process was told to stop while it started. What it imports or loads may swallow the exit."""


class FinishingServer(uvicorn.Server):
    """``announce`` is called when requests are accepted; ``running`` tells how many answers are in the making."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], running: Callable[[], int]) -> None:
        super().__init__(config)
        self._announce = announce
        self._running = running

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if _told.is_set():
            self.should_exit = True
        elif self.started:
            self._announce()

    async def _wait_tasks_to_complete(self) -> None:
        # uvicorn waits for every connection, and a chat page holds one for as long as it is open.
        waiting = asyncio.ensure_future(super()._wait_tasks_to_complete())
        try:
            quiet = 0.0
            while not waiting.done() and quiet < _LAST_WORDS:
                await asyncio.wait((waiting,), timeout=_TICK)
                quiet = 0.0 if self._running() else quiet + _TICK
            for connection in tuple(self.server_state.connections):
                connection.transport.close()  # as if the page had been closed
            await asyncio.wait((waiting,), timeout=_SECONDS_TO_CLOSE)
        finally:
            waiting.cancel()


def was_told_to_stop() -> bool:
    return _told.is_set()


def end_with_success() -> None:
    """Being told to stop (SIGTERM, SIGINT) is no failure: the process ends with 0, also while it is still starting."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        _told.set()
        sys.exit(0)

    _told.clear()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
