"""Who asks and who rates: the person in Slack, for the records and for what the bot may look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.callers import Caller
from assistant.settings import Settings


def slack_caller(said: Mapping[str, str], settings: Settings) -> Caller:
    """The author of a message: "slack:T1/U2", who sees the collections that Slack may see."""
    return earlier_asker(f"slack:{said.get('team', '')}/{said.get('user', '')}"[:64], settings)


def earlier_asker(person: str, settings: Settings) -> Caller:
    """Who asked an answer that was posted in Slack, by the id in its record."""
    names = tuple(name.strip() for name in settings.slack_collections.split(",") if name.strip())
    return Caller(person, rights=frozenset({"ask", "read"}), collections=names or None)


def presser(body: Mapping[str, Any], settings: Settings) -> Caller:
    """Who pressed a button or sent a window."""
    team, user = body.get("team") or {}, body.get("user") or {}
    return slack_caller({"team": str(team.get("id") or ""), "user": str(user.get("id") or "")}, settings)
