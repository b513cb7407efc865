"""``askwell records``: backup and restore, and taking away what is old or what belongs to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.terminal import JsonOption, print_json, say, settings, stdout

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from assistant.records.keeping import Keeping, Removed

records = typer.Typer(
    no_args_is_help=True,
    help="Back up and restore conversations, answers, ratings and keys; remove old or personal ones.",
)


@records.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, for example records.jsonl.gz.")],
    json: JsonOption = False,
) -> None:
    """Write everything to one file, as of one moment; the server may go on running.

    Example:

        askwell records backup records.jsonl.gz
    """
    from assistant.records.backup import back_up

    with _database() as engine:
        _told(back_up(engine, file), f"written to {file}", json)


@records.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that backup wrote, of this version or earlier.")],
    json: JsonOption = False,
) -> None:
    """Fill an empty database from a backup, SQLite or PostgreSQL, whichever it came from.

    Example:

        askwell records restore records.jsonl.gz
    """
    from assistant.records.backup import restore as fill

    with _database(migrated=False) as engine:
        _told(fill(engine, file), f"restored from {file}", json)


@records.command()
def people(json: JsonOption = False) -> None:
    """List who asked, with how many answers are recorded and when the last one was.

    Example:

        askwell records people
    """
    with _keeping() as keeping:
        found = keeping.people()
    if json:
        print_json({"people": [{"id": one.id, "answers": one.answers, "last": one.last.isoformat()} for one in found]})
        return
    for one in found:
        stdout().print(f"{one.answers:>7,}  {one.last:%Y-%m-%d}  {one.id or '(not signed in)'}")


@records.command()
def forget(
    person: Annotated[str, typer.Argument(help="An id that askwell records people shows.")],
    json: JsonOption = False,
) -> None:
    """Remove what a person asked, began and rated. There is no way back, except a backup.

    Example:

        askwell records forget slack:T024BE7LD/U023BECGF
    """
    with _keeping() as keeping:
        gone = keeping.forget(person)
    if not (json or gone.conversations or gone.answers or gone.ratings):
        say(f"Nothing is recorded of {person!r}. Run: askwell records people")
        return
    _removed(gone, json)


@records.command()
def prune(
    days: Annotated[int, typer.Option(min=1, help="Remove conversations that nobody continued for so many days.")],
    json: JsonOption = False,
) -> None:
    """Remove old conversations now; ASKWELL_RETENTION_DAYS has a server do it by itself.

    Example:

        askwell records prune --days 90
    """
    with _keeping() as keeping:
        _removed(keeping.prune(days), json)


@contextmanager
def _database(*, migrated: bool = True) -> Iterator[Engine]:
    from assistant.records import DATABASE_NAME
    from assistant.records.engine import open_engine
    from assistant.records.schema_version import bring_up_to_date

    current = settings()
    engine = open_engine(current.database_url, current.data_dir / DATABASE_NAME)
    try:
        if migrated:
            bring_up_to_date(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _keeping() -> Iterator[Keeping]:
    from assistant.records.keeping import Keeping

    with _database() as engine:
        yield Keeping(engine)


def _told(counts: Mapping[str, int], what: str, json: bool) -> None:
    if json:
        print_json({"tables": dict(counts)})
        return
    answers, conversations = counts.get("answers", 0), counts.get("conversations", 0)
    say(f"{answers:,} answers of {conversations:,} conversations and {counts.get('keys', 0):,} keys {what}.")


def _removed(gone: Removed, json: bool) -> None:
    if json:
        print_json({"conversations": gone.conversations, "answers": gone.answers, "ratings": gone.ratings})
        return
    say(f"Removed {gone.answers:,} answers, {gone.conversations:,} conversations and {gone.ratings:,} ratings.")
