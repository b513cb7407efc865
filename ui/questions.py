"""What every face checks before the assistant is asked: one place, so web, API and terminal refuse alike."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.settings import Settings
from assistant.types import Question
from ingest.errors import BadInputError
from ingest.index import OpenIndex
from ingest.types import Scope

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Filters = Mapping[str, str | Sequence[str]]


def checked_question(
    assistant: Assistant,
    settings: Settings,
    text: str,
    *,
    conversation_id: str | None = None,
    collections: Sequence[str] | None = None,
    filters: Filters | None = None,
    exact: bool = False,
) -> Question:
    """The question to ask. Raises BadInputError, NotFoundError (collection) or NoIndexError, each with a next step."""
    words = checked_text(text, settings)
    scope = checked_scope(assistant, collections, filters)
    return Question(words, conversation_id or None, scope.collections, scope.filters, exact=exact)


def checked_text(text: str, settings: Settings) -> str:
    """The question without surrounding space and without characters that cannot be stored."""
    words = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ").strip()
    if not words:
        raise BadInputError("The question is empty. Type a question in words.")
    if len(words) > settings.max_question_chars:
        raise BadInputError(
            f"The question has {len(words):,} characters; the longest that is accepted is "
            f"{settings.max_question_chars:,}. Shorten it, or raise ASKWELL_MAX_QUESTION_CHARS."
        )
    return words


def checked_scope(
    assistant: Assistant, collections: Sequence[str] | None, filters: Filters | None, index: OpenIndex | None = None
) -> Scope:
    """What to search. An unknown collection, filter field or filter value is refused: it would find nothing."""
    index = index or assistant.holder.current()
    chosen = tuple(
        (field, (given,) if isinstance(given, str) else tuple(given)) for field, given in (filters or {}).items()
    )
    # An empty list of collections means no restriction, as if it had been left out.
    scope = assistant.scope(index, tuple(collections) if collections else None, chosen)
    facets = index.facets() if chosen else {}
    for field, values in chosen:
        if not values:
            raise BadInputError(f"The filter {_shown(field)} names no value. Give at least one, or leave it out.")
        existing = {value.casefold(): value for value in facets[field]}
        for value in values:
            if value.casefold() not in existing:
                near = difflib.get_close_matches(value.casefold(), existing, 5, 0.3) or sorted(existing)[:5]
                raise BadInputError(
                    f"No document has {_shown(value)} under {field}. "
                    f"Values that exist: {_listed([existing[name] for name in near])}."
                )
    return scope


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:57] + "...")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:12])
    return f"{shown}, and {len(names) - 12} more" if len(names) > 12 else shown or "none yet"
