"""Who asks: the caller of the request at hand, and what it may see.

A face says it once, at its door (``acting_as``); everything behind reads it (``caller``): the open index shows only
the caller's collections, the records only its own conversations. It travels in a context variable, so that a route
that knows nothing of keys is restricted all the same. Leaves out how a caller is recognised: see ``keys.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from ingest.errors import AskwellError

Value = TypeVar("Value")

Right = Literal["ask", "read", "metrics"]
"""ask: questions, searches, ratings, the chat. read: the documents and their list. metrics: /metrics."""

RIGHTS: tuple[Right, ...] = get_args(Right)


class NotAllowedError(AskwellError):
    """The caller is known and may not do this."""


class SignInError(AskwellError):
    """Nobody is signed in and somebody has to be."""


@dataclass(frozen=True, slots=True)
class Caller:
    """``id`` owns conversations: "key:3f9a...", "browser:...", "slack:T1/U2"; at most 64 characters.

    ``collections`` None means all; an empty tuple means none.
    """

    id: str
    name: str = ""
    rights: frozenset[Right] = frozenset(RIGHTS)
    collections: tuple[str, ...] | None = None

    def may_see(self, collection: str) -> bool:
        return self.collections is None or collection in self.collections


OPERATOR = Caller("operator", "the operator")
"""The program itself, for what it does on nobody's behalf."""

_caller: ContextVar[Caller | None] = ContextVar("askwell_caller", default=None)


def caller() -> Caller | None:
    """None is the operator's own terminal, or a server without sign-in."""
    return _caller.get()


@contextmanager
def acting_as(who: Caller | None) -> Iterator[None]:
    """What runs inside runs for this caller, also in threads that asyncio starts from here."""
    token = _caller.set(who)
    try:
        yield
    finally:
        _caller.reset(token)


def each_acting_as(who: Caller | None, values: Iterator[Value]) -> Iterator[Value]:
    """The values of an iterator whose every step runs for this caller, whichever thread takes it."""
    while True:
        with acting_as(who):
            try:
                value = next(values)
            except StopIteration:
                return
        yield value


def owner() -> str:
    """The owner of what is recorded now; empty for nobody in particular."""
    who = _caller.get()
    return who.id if who else ""


def is_mine(recorded_owner: str) -> bool:
    """Whether the caller may use what ``recorded_owner`` recorded. What nobody owns is open to who knows its id."""
    who = _caller.get()
    return who is None or not recorded_owner or recorded_owner == who.id
