"""Every command that the documentation shows is one that the program takes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from tests.docs.pages import PAGES, ROOT, command_lines
from ui.http.requests import AnswerRequest, FeedbackRequest, SearchRequest
from ui.main import app

BODIES: dict[str, type[BaseModel]] = {
    "/v1/answers": AnswerRequest,
    "/v1/search": SearchRequest,
    "/v1/feedback": FeedbackRequest,
}
_WITH_BODY = re.compile(r"localhost:8000(/v1/\w+) --json (?:'(.*?)'|\"((?:[^\"\\]|\\.)*)\")")


def parse(arguments: Sequence[str]) -> str:
    """The command that the arguments name, after its own parser has read them; nothing runs."""
    command: Any = typer.main.get_command(app)
    context: Any = command.make_context("askwell", list(arguments))
    while hasattr(command, "commands"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    return str(context.command_path)


def lines_of(program: str) -> list[tuple[str, list[str]]]:
    """(page, arguments) of every call of a program."""
    return [
        (page.relative_to(ROOT).as_posix(), words[1:])
        for page in PAGES
        for words in command_lines(page)
        if words[0] == program
    ]


def test_every_askwell_command_in_the_docs_is_understood() -> None:
    calls = lines_of("askwell")
    assert len(calls) > 30
    for page, arguments in calls:
        try:
            parse(arguments)
        except Exception as error:
            pytest.fail(f"{page}: askwell {' '.join(arguments)}: {error}")


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    for wrong in (["ask", "What?", "--nope"], ["nope"], ["search", "x", "-k", "0"], ["corpus", "nope"]):
        with pytest.raises(Exception, match=r"No such|greater than or equal"):
            parse(wrong)


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    shown = {word for _, words in lines_of("make") for word in words if "=" not in word}
    shown |= {name for page in PAGES for name in re.findall(r"`(?:\S+=\S+ )?make (\w+)", page.read_text("utf-8"))}
    assert shown >= {"run", "test"}
    assert shown <= targets


def test_every_python_module_in_the_docs_exists() -> None:
    modules = {name for page in PAGES for name in re.findall(r"python -m ([a-z_.]+)", page.read_text("utf-8"))}
    assert "ui.reference" in modules
    assert [name for name in modules if name != "venv" and find_spec(name) is None] == []


def test_every_command_has_its_place_in_the_docs() -> None:
    from ui.reference import command_line_page

    headings = re.findall(r"^## (askwell .+)$", command_line_page(), re.M)
    used = {parse(arguments) for _, arguments in lines_of("askwell")}
    assert used >= set(headings)


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs/http-api.md"], ids=lambda page: page.name)
def test_every_body_sent_with_curl_is_accepted_by_the_api(page: Path) -> None:
    found = _WITH_BODY.findall(page.read_text("utf-8"))
    assert found
    for path, plain, quoted in found:
        BODIES[path].model_validate(json.loads(plain or quoted.replace('\\"', '"')))
