"""YAML front matter: what stands between two ``---`` lines at the top of a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from ingest.types import MetadataValue, Notice

_FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:\r?\n)?^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M)


def split_front_matter(text: str) -> tuple[dict[str, object], int, str]:
    """``(fields, offset of the first character after it, warning)``; no front matter gives ``({}, 0, "")``.

    Broken YAML is a warning, not an error: the text after it is still worth indexing.
    """
    match = _FENCE.match(text)
    if match is None:
        return {}, 0, ""
    try:
        loaded = yaml.safe_load(match.group(1))
    except yaml.YAMLError as error:
        return {}, match.end(), f"front matter is not valid YAML and was ignored ({_first_line(error)})"
    if loaded is None:
        return {}, match.end(), ""
    if not isinstance(loaded, dict):
        # A text that merely starts with a rule ("---") is not front matter.
        return {}, 0, ""
    return {str(key): value for key, value in loaded.items()}, match.end(), ""


def metadata_of(fields: Mapping[str, object]) -> dict[str, MetadataValue]:
    """Strings and lists of strings; dates in ISO form; nested values are left out (see ``notices_of``)."""
    metadata: dict[str, MetadataValue] = {}
    for name, value in fields.items():
        if isinstance(value, list):
            items = tuple(str(item) for item in value if not isinstance(item, (dict, list)))
            if items or not value:
                metadata[name] = items
        elif value is not None and not isinstance(value, dict):
            metadata[name] = str(value)
    return metadata


def notices_of(fields: Mapping[str, object]) -> tuple[Notice, ...]:
    """Lifecycle notices: the ``status`` list of mappings with service, state, date and replacement."""
    status = fields.get("status")
    entries = status if isinstance(status, list) else [status]
    return tuple(
        Notice(
            service=str(entry.get("service", "")),
            state=str(entry.get("state", "")),
            date=str(entry.get("date", "")),
            replacement=str(entry.get("replacement") or ""),
        )
        for entry in entries
        if isinstance(entry, dict) and entry.get("service")
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
