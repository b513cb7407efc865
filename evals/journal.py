"""Keeps the cases of a run that is not finished, one line each, so that the same command goes on where it stopped.

The first line says what was measured; a journal of other code, another index or other settings is begun anew. A
case that was changed since is asked again, and a line cut short by a kill is asked again too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

from pydantic import TypeAdapter, ValidationError

from evals.cases import EvalCase
from evals.playing import Played
from ingest.errors import AskwellError

NAME = "unfinished.jsonl"


@dataclass(frozen=True, slots=True)
class _Line:
    case: str
    key: str
    played: tuple[Played, ...]


_LINE = TypeAdapter(_Line)


class Journal:
    """``measured`` names code, index and settings. Use as a context manager; ``finish`` removes the file."""

    def __init__(self, folder: Path, measured: str) -> None:
        self.path = folder / NAME
        self._measured = measured
        self._known: dict[str, _Line] = {}
        self._file: TextIO | None = None

    def __enter__(self) -> Journal:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._known = self._read()
            self._file = self.path.open("w", encoding="utf-8")
            self._write(json.dumps({"measured": self._measured}))
            for line in self._known.values():  # written anew, since the last line may have been cut short
                self._write(_LINE.dump_json(line).decode())
        except OSError as error:
            sentence = f"{self.path} cannot be written ({error.strerror}). Choose another folder for --out."
            raise AskwellError(sentence) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def known(self, case: EvalCase) -> tuple[Played, ...] | None:
        line = self._known.get(case.id)
        return line.played if line and line.key == _key(case) else None

    def keep(self, case: EvalCase, played: tuple[Played, ...]) -> None:
        self._write(_LINE.dump_json(_Line(case.id, _key(case), played)).decode())

    def finish(self) -> None:
        """The run is complete: nothing is left to resume."""
        if self._file:
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _write(self, line: str) -> None:
        assert self._file is not None, "the journal is open"
        self._file.write(line + "\n")
        self._file.flush()

    def _read(self) -> dict[str, _Line]:
        try:
            first, *rest = self.path.read_text(encoding="utf-8").splitlines()
            if json.loads(first) != {"measured": self._measured}:
                return {}
        except (OSError, ValueError):
            return {}
        found: dict[str, _Line] = {}
        for text in rest:
            try:
                line = _LINE.validate_json(text)
            except ValidationError:
                continue  # cut short
            found[line.case] = line
        return found


def _key(case: EvalCase) -> str:
    return hashlib.sha256(repr(case).encode()).hexdigest()[:16]
