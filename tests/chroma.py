"""A real Chroma server on loopback for the tests that need one, and a look at what it holds."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.vectors import _client


@contextmanager
def chroma_server(folder: Path, port: int = 0) -> Iterator[str]:
    """The URL of ``chroma run`` over ``folder``, on any free port unless one is given; it ends with the block."""
    with chroma_process(folder, port) as (url, _):
        yield url


@contextmanager
def chroma_process(folder: Path, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, with its process."""
    if not port:
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            port = chosen.getsockname()[1]
    program = Path(sys.executable).with_name("chroma")
    process = subprocess.Popen(
        [str(program), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait()


def collections(server: str) -> list[str]:
    """Names of the server's collections, sorted."""
    client = _client(Path(), server)
    try:
        return sorted(collection.name for collection in client.list_collections())
    finally:
        client.close()
