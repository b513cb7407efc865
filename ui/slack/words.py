"""What a person typed in Slack, as a question: without the mention, entities and links written out."""

from __future__ import annotations

import html
import re

_LINK = re.compile(r"<(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")


def question_text(text: str, bot: str = "") -> str:
    """The words alone.

    >>> question_text("<@U1> what is <https://a.example/x|this> &amp; that, <@U2>?", "U1")
    'what is this & that, ?'
    """
    words = _LINK.sub(lambda found: _written_out(found["target"], found["label"] or "", bot), text)
    return re.sub(r"[^\S\n]+", " ", html.unescape(words)).strip()


def speaks_to_someone_else(text: str, bot: str) -> bool:
    """Whether a message in a thread begins with the name of another person."""
    match = re.match(r"\s*<@(\w+)(?:\|[^>]*)?>", text)
    return match is not None and match.group(1) != bot


def _written_out(target: str, label: str, bot: str) -> str:
    if target.startswith("@"):
        return "" if target[1:] == bot or not label else label
    if target.startswith("#"):
        return f"#{label}" if label else ""
    if target.startswith("!"):
        return label
    return label or target.removeprefix("mailto:")
