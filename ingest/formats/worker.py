"""The process that extracts: reads orders and files on stdin, writes answers on stdout. See ``isolated.py``.

An order is a line of JSON and the bytes of the file; an answer is 8 bytes of length and JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import BinaryIO

from ingest.formats import extract_here
from ingest.formats.extracted import ParseError

_NESTING = 3_000


def main(memory: int) -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not speak into the answers
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    sys.setrecursionlimit(_NESTING)
    orders = sys.stdin.buffer
    while line := orders.readline():
        order = json.loads(line)
        raw = orders.read(order["size"])
        _limit(resource.RLIMIT_CPU, round(sum(os.times()[:2]) + order["seconds"]) + 1, soft_only=True)
        _answer(answers, _extract(order["format"], raw, order["name"]))


def _extract(form: str, raw: bytes, name: str) -> dict[str, object]:
    try:
        return asdict(extract_here(form, raw, name))
    except ParseError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": f"{name} needs too much memory to be read and was left out. Split it", "exhausted": True}
    except RecursionError:
        return {"error": f"{name} is nested too deeply to be read and was left out"}
    except Exception as error:  # parsers raise whatever they trip over
        why = " ".join(str(error).split())[:120]
        what = f"{type(error).__name__}: {why}" if why else type(error).__name__
        return {"error": f"{name} cannot be read as {form} ({what}). Check that it opens elsewhere"}


def _answer(answers: BinaryIO, answer: dict[str, object]) -> None:
    text = json.dumps(answer, ensure_ascii=True).encode()
    answers.write(len(text).to_bytes(8, "big") + text)
    answers.flush()


def _limit(what: int, value: int, *, soft_only: bool = False) -> None:
    try:
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (value, hard if soft_only else value))
    except (ValueError, OSError):  # a system that does not know this limit; the clock of the caller still holds
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
