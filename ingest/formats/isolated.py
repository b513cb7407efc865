"""Extraction in a process of its own, with limits of time and memory: one bad file cannot hang or end a run.

The process is kept from file to file and replaced when it dies or is given up. It gets no secrets of this process's
environment, may write no files, and answers in JSON, so that a subverted parser can say only what a document says.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.formats.extracted import Extracted, ParseError


@dataclass(frozen=True, slots=True)
class Limits:
    """For one file: ``seconds`` and those for each further MiB (wall clock), ``memory`` in bytes of address space."""

    seconds: float = 60.0
    seconds_per_mib: float = 30.0
    memory: int = 2 * 2**30

    def seconds_for(self, size: int) -> float:
        return self.seconds + self.seconds_per_mib * size / 2**20


class Isolated:
    """An ``Extract`` that works in another process. Use it in a ``with`` block; one thread at a time."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, form: str, raw: bytes, name: str) -> Extracted:
        """Raises ParseError, also for what took too long, needed too much memory or brought the parser down."""
        seconds = self._limits.seconds_for(len(raw))
        try:
            answer = self._ask(form, raw, name, seconds)
        except TimeoutError:
            self.close()
            raise ParseError(
                f"{name} took more than {seconds:.0f} seconds to read and was left out. Split it, or save it anew"
            ) from None
        except (OSError, ValueError) as error:
            self.close()
            raise ParseError(f"{name} brought the reader of {form} files down and was left out") from error
        if "error" in answer:
            if answer.get("exhausted"):
                self.close()
            raise ParseError(str(answer["error"]))
        return _extracted(answer)

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except OSError:  # what was not written any more
                        continue

    def _ask(self, form: str, raw: bytes, name: str, seconds: float) -> dict[str, Any]:
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        deadline = time.monotonic() + seconds
        order = {"format": form, "name": name, "size": len(raw), "seconds": seconds}
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.write(raw)
        process.stdin.flush()
        head = self._read(process.stdout.fileno(), 8, deadline)
        answer = json.loads(self._read(process.stdout.fileno(), int.from_bytes(head, "big"), deadline))
        if not isinstance(answer, dict):
            raise ValueError("not an answer")
        return answer

    def _read(self, source: int, size: int, deadline: float) -> bytes:
        pieces: list[bytes] = []
        while size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([source], [], [], left)[0]:
                raise TimeoutError
            piece = os.read(source, min(size, 2**20))
            if not piece:
                raise ValueError("the process ended")
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _start(self) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[2])
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingest.formats.worker", str(self._limits.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
        )
        return self._process


def _extracted(answer: dict[str, Any]) -> Extracted:
    return Extracted(
        text=str(answer["text"]),
        fields={str(name): str(value) for name, value in answer["fields"].items()},
        anchors=tuple((int(at), str(name)) for at, name in answer["anchors"]),
        pages=tuple(int(at) for at in answer["pages"]),
        warnings=tuple(str(warning) for warning in answer["warnings"]),
    )
