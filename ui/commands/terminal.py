"""How every command talks: results on stdout, words and progress on stderr, one sentence for an error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import BadInputError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console

    from assistant.settings import Settings

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else.")]


def settings() -> Settings:
    """The settings from the environment and ``.env``. A wrong one is an error that names its variable."""
    from pydantic import ValidationError

    from assistant.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "ASKWELL_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInputError(f"{name} is not usable: {first['msg']}.") from error


def say(message: str) -> None:
    """A line on stderr."""
    typer.echo(message, err=True)


def stdout() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, markup=False)


def stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def print_json(value: BaseModel | dict[str, object]) -> None:
    """UTF-8 whatever the terminal's encoding, since other programs read it."""
    import json

    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value.model_dump_json()
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.flush()


def filters_from(pairs: list[str]) -> dict[str, list[str]]:
    """``["pillars=security", "pillars=reliability"]`` -> ``{"pillars": ["security", "reliability"]}``."""
    filters: dict[str, list[str]] = {}
    for pair in pairs:
        field, equals, value = pair.partition("=")
        if not equals or not field.strip() or not value.strip():
            raise BadInputError(f"The filter {pair!r} is not FIELD=VALUE, for example pillars=security.")
        filters.setdefault(field.strip(), []).append(value.strip())
    return filters
