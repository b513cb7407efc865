"""``askwell serve`` as a process of its own, told to stop at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Served:
    """``said`` grows with what the process writes to stderr."""

    process: subprocess.Popen[str]
    address: str = ""
    said: list[str] = field(default_factory=list)

    def stop(self, seconds: float = 30) -> int:
        """SIGTERM; its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=seconds)


@contextmanager
def served(data_dir: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "ui.main", "serve", "--port", "0", *arguments]
    env = {**os.environ, "ASKWELL_DATA_DIR": str(data_dir), **environment}
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        running = Served(process)
        reader = threading.Thread(target=_read, args=(running,), daemon=True)
        reader.start()
        try:
            deadline = time.monotonic() + 90
            while not running.address:
                assert process.poll() is None, "".join(running.said)
                assert time.monotonic() < deadline, "".join(running.said)
                time.sleep(0.02)
            yield running
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(timeout=60)
            reader.join(timeout=10)


def _read(running: Served) -> None:
    assert running.process.stderr is not None
    for line in running.process.stderr:
        running.said.append(line)
        if "ready at" in line:
            running.address = line.rsplit(maxsplit=1)[-1].strip()
