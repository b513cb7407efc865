"""Several server processes on one socket, under uvicorn's supervisor; says when all of them accept requests."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from uvicorn.supervisors import Multiprocess

from ui.http.stopping import was_told_to_stop

_SECONDS_TO_START = 120.0


class Workers(Multiprocess):
    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], announce: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._announce = announce

    def init_processes(self) -> None:
        if was_told_to_stop():
            self.should_exit.set()
        super().init_processes()
        if all(process.wait_until_ready(_SECONDS_TO_START, self.should_exit) for process in self.processes):
            self._announce()
