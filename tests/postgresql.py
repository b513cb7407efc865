"""A private PostgreSQL server for tests: made in a temporary folder, reached by a unix socket, stopped by its pid."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "askwell"


def binaries() -> Path | None:
    """The folder with initdb and postgres: the newest installed version, None when there is none."""
    found = [
        path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if (path.parent / "postgres").exists()
    ]
    return max(found, key=lambda folder: int(folder.parent.name)) if found else None


@contextmanager
def private_server(bin_folder: Path) -> Iterator[str]:
    """Yields a libpq-style URL prefix, ``postgresql+psycopg://askwell@/{database}?host=/tmp/...``."""
    folder = Path(tempfile.mkdtemp(prefix="askwell-pg-", dir="/tmp"))  # a socket's path holds 107 bytes at most
    server: subprocess.Popen[bytes] | None = None
    try:
        as_user = _unprivileged(folder)
        data = folder / "data"
        initdb: list[str | Path] = [
            bin_folder / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run([*as_user, *initdb], check=True, capture_output=True, cwd=folder)
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
        log = (folder / "log").open("wb")
        with log:
            # setpriv becomes the server, so this pid is the server's own
            server = subprocess.Popen([*as_user, bin_folder / "postgres", "-D", data, *options], stderr=log, cwd=folder)
        _wait_until_ready(bin_folder, folder, server)
        yield f"postgresql+psycopg://{USER}@/{{database}}?host={folder}"
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> list[str | Path]:
    """PostgreSQL refuses to run as root: the command prefix that drops to another user, who then owns ``folder``."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _wait_until_ready(bin_folder: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    ready: list[str | Path] = [bin_folder / "pg_isready", "-q", "-h", folder, "-U", USER]
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not become ready within 30 seconds")
