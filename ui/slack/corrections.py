"""Tells the thread of an earlier answer that the documents have changed, what they say now, and what follows.

The correction goes through the same inbox as questions, so it is posted once, also when two people recheck.
"""

from __future__ import annotations

import time

from assistant.recheck import Change, FlaggedAnswer
from assistant.records.inbox import Event, Inbox
from assistant.types import Answer
from ui.renderings.answers import absolute, heading, mrkdwn_style, rendered
from ui.renderings.styles import Mrkdwn
from ui.slack.reading import lane_of

_HEAD = "*The documents have changed since this answer.*"


def is_wanted(inbox: Inbox, one: FlaggedAnswer) -> bool:
    """Whether the answer was posted in Slack and this correction was not."""
    return inbox.posting(one.recorded.answer.id) is not None and not inbox.has(_key(one))


def hand_over(inbox: Inbox, one: FlaggedAnswer, now: Answer | None, base_url: str) -> bool:
    """False where there was nothing to do. ``now`` is today's answer to the same question."""
    answer = one.recorded.answer
    posting = inbox.posting(answer.id)
    if posting is None:
        return False
    lane = lane_of(posting.team, posting.channel, posting.thread)
    text = correction_text(one, now, base_url)
    body = {"team": posting.team, "channel": posting.channel, "thread": posting.thread, "text": text}
    # a correction of this moment takes its turn behind the questions that were asked before it
    position = f"{time.time():.6f}"
    return inbox.put(Event(key=_key(one), lane=lane, position=position, kind="correction", body=body))


def _key(one: FlaggedAnswer) -> str:
    return f"slack:correction:{one.recorded.answer.id}:{one.fingerprint}"


def correction_text(one: FlaggedAnswer, now: Answer | None, base_url: str) -> str:
    """mrkdwn: each changed passage as it was and as it is, then today's answer."""
    style = mrkdwn_style(one.recorded.answer, base_url)
    lines = [_HEAD, *(_line(change, style, base_url) for change in one.changes)]
    if now is not None:
        lines += ["", "*Asked again today:*", rendered(now, "mrkdwn", base_url).text]
    return "\n".join(lines)


def _line(change: Change, style: Mrkdwn, base_url: str) -> str:
    cited = change.citation
    words = style.words(heading(cited.title, cited.heading_path))
    place = style.link(absolute(change.url, base_url), words) if change.url else words
    said = style.words(f"“{_short(cited.quote)}”")
    match change.kind:
        case "changed":
            return f"[{cited.number}] {place}: {said} now reads {style.words(f'“{_short(change.now)}”')}"
        case "gone":
            return f"[{cited.number}] {place}: {said} is no longer there."
        case _:
            return f"[{cited.number}] {words}: the document is gone, and with it {said}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:299].rsplit(" ", 1)[0] + "…"
