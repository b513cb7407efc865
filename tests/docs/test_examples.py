"""The examples show what the program gives: fields as the API has them, quotes as the corpus has them.

After a change of the corpus or of the answers: ``python -m tests.docs.examples``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from tests.docs.pages import PAGES, ROOT, Example, examples
from ui.http.health import Readiness
from ui.shapes import AnswerShape, DocumentDetailShape, DocumentsShape, SearchShape

STALE = "Run: python -m tests.docs.examples"
SHAPES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("/v1/answers", AnswerShape),
    ("/v1/search", SearchShape),
    ("/v1/documents/", DocumentDetailShape),
    ("/v1/documents?", DocumentsShape),
    ("/readyz", Readiness),
)
ALL = [example for page in PAGES for example in examples(page)]
_IN_TERMINAL = re.compile(
    r"^\[\d+\] .+\n(?P<quote>(?:    .*\n)+?)    (?P<file>\S+\.md), characters (?P<start>\d+) to (?P<end>\d+)$", re.M
)


def shown_as_json() -> list[Example]:
    return [example for example in ALL if example.body.startswith("{")]


def test_every_example_has_its_output() -> None:
    assert len(ALL) >= 10
    assert [example.commands for example in ALL if not example.body.strip()] == [], STALE


@pytest.mark.parametrize("example", shown_as_json(), ids=lambda example: example.commands.splitlines()[-1][:80])
def test_an_example_of_the_api_has_the_fields_of_the_api(example: Example) -> None:
    value = complete(json.loads(example.body))
    if "detail" in value:
        assert set(value) == {"type", "title", "status", "detail", "instance"}
        return
    asked = example.commands.splitlines()[-1]
    shape = next(shape for path, shape in SHAPES if path in asked)
    assert set(shape.model_validate(value).model_dump()) == set(value), STALE
    assert shape.model_validate(value).model_dump(mode="json") == value, STALE


def test_every_quote_in_the_docs_is_the_text_of_its_file() -> None:
    quotes = [found for example in ALL for found in quotes_of(example)]
    assert len(quotes) >= 5
    for file, start, end, quote in quotes:
        text = (ROOT / "corpus" / file).read_bytes().decode("utf-8")
        assert text[start:end] == quote, f"{file} has changed. {STALE}"


def quotes_of(example: Example) -> Iterator[tuple[str, int, int, str]]:
    """(file, start, end, quote) of an example, as JSON or as the terminal shows it."""
    if example.body.startswith("{"):
        value = complete(json.loads(example.body))
        for one in (*value.get("citations", ()), *value.get("hits", ())):
            yield one["document"], one["start"], one["end"], one.get("quote") or one["text"]
        return
    for match in _IN_TERMINAL.finditer(example.body):
        quote = "\n".join(line[4:] for line in match["quote"].splitlines())
        yield match["file"], int(match["start"]), int(match["end"]), quote


def complete(value: Any) -> Any:
    """The shown part of a shortened list is a list; the line that counts the rest is left out."""
    if isinstance(value, dict):
        return {name: complete(one) for name, one in value.items()}
    if isinstance(value, list):
        return [complete(one) for one in value if not (isinstance(one, str) and re.fullmatch(r"\.\.\. \d+ more", one))]
    return value
