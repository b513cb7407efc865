"""Runs the examples of README.md and docs/ and writes what they print below them.

    ASKWELL_DATA_DIR=.askwell python -m tests.docs.examples

The index must hold corpus/ (askwell ingest corpus). A server runs meanwhile, and ``localhost:8000`` stands for it.
Long lists of JSON are shown by their first entry, long streams by their first events.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.docs.pages import PAGES, ROOT, examples

_LONGEST = 110


def main() -> None:
    command = [sys.executable, "-m", "ui.main", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = next(line for line in server.stderr if "ready at" in line).rsplit("/", maxsplit=1)[-1].strip()
        try:
            for page in PAGES:
                fill(page, address)
        finally:
            server.terminate()


def fill(page: Path, address: str) -> None:
    text = page.read_text("utf-8")
    for example in reversed(examples(page)):
        printed = run(example.commands.replace("localhost:8000", address))
        text = text[: example.start] + block(printed) + text[example.end :]
        print(f"{page.relative_to(ROOT)}: {example.commands.splitlines()[0]}")
    page.write_text(text, "utf-8")


def run(commands: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    return subprocess.run(
        ["bash", "-euc", commands], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def block(printed: str) -> str:
    if printed.startswith("event: "):
        return f"```text\n{chr(10).join(_events(printed))}```"
    if printed.startswith("{"):
        return f"```json\n{json.dumps(shortened(json.loads(printed)), indent=2, ensure_ascii=False)}\n```"
    return f"```text\n{printed.rstrip()}\n```"


def shortened(value: object) -> object:
    """Lists of objects keep their first entry and say how many more there are."""
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    if isinstance(value, list) and len(value) > 1 and isinstance(value[0], dict):
        return [shortened(value[0]), f"... {len(value) - 1} more"]
    return [shortened(one) for one in value] if isinstance(value, list) else value


def _events(printed: str) -> Iterator[str]:
    """The first events of each kind in a row, their data cut to a readable length."""
    frames = printed.strip().split("\n\n")
    for kind, same in groupby(frames, key=lambda frame: frame.splitlines()[0]):
        shown = list(same)
        for frame in shown[:2]:
            data = re.sub(r"^event.*\n", "", frame)
            yield f"{kind}\n{data if len(data) <= _LONGEST else data[:_LONGEST] + '...'}\n"
        if len(shown) > 2:
            yield f"... {len(shown) - 2} more\n"


if __name__ == "__main__":
    main()
