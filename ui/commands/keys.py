"""``askwell keys``: who may use the API and the chat when ``ASKWELL_REQUIRE_KEY`` is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.terminal import JsonOption, print_json, say, settings, stdout

if TYPE_CHECKING:
    from assistant.records.keys import Key, Keys

keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys that people and programs sign in with.")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Who uses it, for example 'support bot'.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help=r"ask, read or metrics; repeat for several.  \[default: ask and read]"),
    ] = None,
    collection: Annotated[
        list[str] | None, typer.Option(help="Only these collections exist for the key; repeat for several.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=36500, help="Days until it expires.")] = None,
    json: JsonOption = False,
) -> None:
    """Make a key and show it, once. Only its hash is kept.

    Examples:

        askwell keys create "support bot" --collection handbook --days 90

        askwell keys create prometheus --scope metrics
    """
    with _keys() as store:
        made, text = store.create(name, scope or ("ask", "read"), collection, days)
    _warn_of_unknown(made)
    if json:
        print_json({**_told(made), "key": text})
        return
    say(f"Key {made.name!r} ({_may(made)}). It is shown this once; keep it safe.")
    stdout().print(text)


@keys.command("list")
def list_keys(json: JsonOption = False) -> None:
    """List all keys: what they may do, when they expire and when they were last used.

    Example:

        askwell keys list
    """
    with _keys() as store:
        found = store.list()
    if json:
        print_json({"keys": [_told(key) for key in found]})
        return
    if not found:
        say('There is no key yet. Run: askwell keys create "who uses it"')
    for key in found:
        used = f"last used {_shown(key.last_used)}" if key.last_used else "never used"
        until = f", expires {_shown(key.expires)}" if key.expires else ""
        stdout().print(f"{key.id}  {key.state}  {key.name}  ({_may(key)})  {used}{until}")


@keys.command()
def revoke(key: Annotated[str, typer.Argument(help="Its id or its name.")]) -> None:
    """End a key at once, and every page that is signed in with it.

    Example:

        askwell keys revoke "support bot"
    """
    with _keys() as store:
        ended = store.revoke(key)
    say(f"Revoked the key {ended.name!r} ({ended.id}).")


@contextmanager
def _keys() -> Iterator[Keys]:
    from assistant.records import open_keys

    with open_keys(settings()) as store:
        yield store


def _warn_of_unknown(key: Key) -> None:
    """A collection may come later, and may be a slip of the keyboard."""
    if not key.collections:
        return
    from ingest.errors import AskwellError
    from ingest.generations import Generations
    from ingest.holder import open_live

    try:
        index = open_live(Generations(settings().data_dir))
    except AskwellError:  # no index yet
        return
    known = index.collections()
    index.close()
    if unknown := sorted(set(key.collections) - set(known)):
        say(
            f"There is no collection {', '.join(map(repr, unknown))} yet; the key sees nothing of it until there is. "
            f"Collections here: {', '.join(known)}"
        )


def _may(key: Key) -> str:
    where = f" in {', '.join(key.collections)}" if key.collections is not None else ""
    return f"{', '.join(key.rights)}{where}"


def _told(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "state": key.state,
        "scopes": list(key.rights),
        "collections": list(key.collections) if key.collections is not None else None,
        "created": key.created.isoformat(),
        "expires": key.expires.isoformat() if key.expires else None,
        "last_used": key.last_used.isoformat() if key.last_used else None,
        "revoked": key.revoked.isoformat() if key.revoked else None,
    }


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
