"""A server in this process, up in a moment, whose answers can be held back or fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from assistant.assistant import Assistant
from assistant.compose.draft import Draft
from assistant.compose.evidence import Evidence
from assistant.protocols import Generator
from assistant.settings import Settings
from assistant.wiring import assemble
from ui.http.app import create_app


class Gate:
    """Stands before a generator: lets questions through, holds them back, or fails."""

    name = "extractive"

    def __init__(self, inner: Generator) -> None:
        self._inner = inner
        self.opened = threading.Event()
        self.broken = False
        self.opened.set()

    def draft(self, evidence: Evidence, look_up: Callable[[str], Evidence]) -> Draft:
        self.opened.wait(60)
        if self.broken:
            raise RuntimeError("broken on purpose")
        return self._inner.draft(evidence, look_up)


class Staged:
    """``address`` is where it listens; ``gate`` stands before its generator."""

    def __init__(self, settings: Settings) -> None:
        self.assistant: Assistant = assemble(settings)
        self.gate = Gate(self.assistant._generator)
        self.assistant._generator = self.gate
        app = create_app(self.assistant, settings)
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        self.address = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def close(self) -> None:
        self.gate.opened.set()
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self.assistant.close()


@contextmanager
def staged(data_dir: Path, **settings: object) -> Iterator[Staged]:
    running = Staged(Settings(data_dir=data_dir, _env_file=None, **settings))  # type: ignore[arg-type]
    try:
        yield running
    finally:
        running.close()
