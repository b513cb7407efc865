"""The documentation as data: its pages, their fenced blocks and the examples that are made by running them.

An example is a block of commands, then ``<!-- output -->``, then the block that ``tests/docs/examples.py`` fills.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "corpus/README.md", ROOT / "evals/README.md")

_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<body>(?:(?!```).*\n)*)```$", re.M)
_EXAMPLE = re.compile(
    r"^```sh\n(?P<commands>(?:(?!```).*\n)+)```\n\n<!-- output -->\n\n"
    r"(?P<output>```\w*\n(?P<body>(?:(?!```).*\n)*)```)$",
    re.M,
)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: ``kind`` is "sh", "json", ... or ""; ``body`` ends with a newline."""

    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class Example:
    """``[start, end)`` is the span of the whole output block in the page; ``body`` is what stands in it."""

    page: Path
    commands: str
    body: str
    start: int
    end: int


def fences(page: Path) -> list[Fence]:
    return [Fence(one["kind"], one["body"]) for one in _FENCE.finditer(page.read_text("utf-8"))]


def examples(page: Path) -> list[Example]:
    return [
        Example(page, one["commands"], one["body"], one.start("output"), one.end("output"))
        for one in _EXAMPLE.finditer(page.read_text("utf-8"))
    ]


def command_lines(page: Path) -> Iterator[list[str]]:
    """The words of every command in the ``sh`` blocks of a page, continued lines joined; comments are left out."""
    for fence in fences(page):
        if fence.kind == "sh":
            for line in fence.body.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words:
                    yield words
