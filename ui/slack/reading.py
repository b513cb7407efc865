"""From what Slack sends to what is to be answered: which messages are questions, and to which thread they belong.

Leaves out answering. Messages of bots, edits, deletions and talk that is not for us give None.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.records.inbox import Event
from ui.slack.words import question_text, speaks_to_someone_else

Payload = Mapping[str, Any]
"""JSON as Slack sends it; its fields are checked where they are read."""

_WITH_WORDS = ("", "file_share", "thread_broadcast")


@dataclass(frozen=True, slots=True)
class Message:
    """A question in Slack. ``unasked``: a reply in a thread without our name, ours only if the thread is."""

    event: Event
    unasked: bool


def lane_of(team: str, channel: str, thread: str) -> str:
    """The name of a thread, the same in every worker."""
    return f"slack:{team}:{channel}:{thread}"


def message_of(body: Payload) -> Message | None:
    """The question in an Events API callback, None where there is nothing to answer."""
    event: Payload = body.get("event") or {}
    kind, user, channel, ts = (str(event.get(name) or "") for name in ("type", "user", "channel", "ts"))
    if kind not in ("app_mention", "message") or not (user and channel and ts):
        return None
    if str(event.get("subtype") or "") not in _WITH_WORDS or event.get("edited") or event.get("hidden"):
        return None
    bot = _bot_user(body)
    if event.get("bot_id") or event.get("bot_profile") or user in (bot, "USLACKBOT"):
        return None
    text = str(event.get("text") or "")
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    called = direct or kind == "app_mention" or (bool(bot) and f"<@{bot}" in text)
    thread = str(event.get("thread_ts") or ts)
    if not called and (thread == ts or speaks_to_someone_else(text, bot) or not question_text(text, bot)):
        return None
    team = str(body.get("team_id") or event.get("team") or "")
    found = Event(
        key=f"slack:{team}:{channel}:{ts}",
        event_id=_bounded(body.get("event_id")),
        lane=lane_of(team, channel, thread),
        position=ts[:64],
        kind="question",
        body={
            "team": team,
            "channel": channel,
            "thread": thread,
            "ts": ts,
            "user": user,
            "bot": bot,
            "text": question_text(text, bot),
            "unasked": "" if called else "yes",
        },
    )
    return Message(found, unasked=not called)


def command_of(body: Payload) -> Event:
    """A slash command: answered to one person, outside any thread. ``trigger_id`` is new for each."""
    key = f"slack:command:{_bounded(body.get('trigger_id')) or body.get('response_url', '')}"[:255]
    return Event(key=key, lane=key, position="", kind="command", body=_said(body, str(body.get("text") or "")))


def share_of(body: Payload, answer_id: str) -> Event:
    """The button that puts an ephemeral answer into the channel; pressed twice, it is still one."""
    channel, user = _id(body, "channel"), _id(body, "user")
    key = f"slack:share:{answer_id}:{channel}:{user}"[:255]
    action: Payload = (body.get("actions") or [{}])[0]
    ts = str(action.get("action_ts") or "0")
    said = {"team": _id(body, "team"), "channel": channel, "user": user, "answer": answer_id, "ts": ts}
    return Event(key=key, lane=key, position="", kind="share", body={**said, **_response(body)})


def choice_of(body: Payload, question: str) -> Event:
    """A button of a clarifying question: asked as if the person had typed it in that thread."""
    message: Payload = body.get("message") or {}
    container: Payload = body.get("container") or {}
    team, channel, user = _id(body, "team"), _id(body, "channel"), _id(body, "user")
    thread = str(message.get("thread_ts") or container.get("thread_ts") or message.get("ts") or "")
    action: Payload = (body.get("actions") or [{}])[0]
    ts = str(action.get("action_ts") or "")
    if not thread or container.get("is_ephemeral"):
        key = f"slack:command:{_bounded(body.get('trigger_id'))}"[:255]
        said = {"team": team, "channel": channel, "user": user, "text": question}
        return Event(key=key, lane=key, position="", kind="command", body={**said, **_response(body)})
    said = {"team": team, "channel": channel, "thread": thread, "ts": ts, "user": user, "text": question}
    lane = lane_of(team, channel, thread)
    words = hashlib.sha256(question.encode()).hexdigest()[:32]  # keys outlive the question; its words must not
    key = f"slack:choice:{channel}:{message.get('ts')}:{words}"[:255]
    return Event(key=key, lane=lane, position=ts[:64], kind="question", body=said)


def _said(body: Payload, text: str) -> dict[str, str]:
    names = {"team": "team_id", "channel": "channel_id", "user": "user_id"}
    return {**{ours: str(body.get(theirs) or "") for ours, theirs in names.items()}, "text": text, **_response(body)}


def _response(body: Payload) -> dict[str, str]:
    return {"response_url": str(body.get("response_url") or "")}


def _bot_user(body: Payload) -> str:
    """The bot's own user id, which Slack puts into the envelope of every event."""
    for one in body.get("authorizations") or ():
        if one.get("is_bot", True) and one.get("user_id"):
            return str(one["user_id"])
    return ""


def _id(body: Payload, name: str) -> str:
    value: Payload = body.get(name) or {}
    return str(value.get("id") or "")


def _bounded(value: object) -> str | None:
    return str(value)[:255] if value else None
