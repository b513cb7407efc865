"""How words, emphasis, links and code are written in one kind of text. No blocks here: see ``blocks``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

_BREAKER = "\u200b"
"""A zero-width space: mrkdwn has no escape, and a sign followed by this opens no emphasis."""


class Style(Protocol):
    bullet: str

    def words(self, text: str) -> str:
        """Literal text: nothing in it is read as markup."""
        ...

    def bold(self, text: str) -> str: ...

    def italic(self, text: str) -> str: ...

    def struck(self, text: str) -> str: ...

    def code(self, text: str) -> str: ...

    def block_of_code(self, text: str) -> str: ...

    def link(self, url: str, text: str) -> str: ...

    def mark(self, number: int) -> str:
        """The ``[1]`` of a citation."""
        ...

    def quoted(self, text: str) -> str: ...


class Mrkdwn:
    """Slack's mrkdwn. ``links`` maps the number of a citation to its absolute URL; without one it is plain."""

    bullet = "•"

    def __init__(self, links: Mapping[int, str]) -> None:
        self._links = links

    def words(self, text: str) -> str:
        r"""Document text cannot mention, notify or format.

        >>> Mrkdwn({}).words("a < b & <!channel>")
        'a &lt; b &amp; &lt;!channel&gt;'
        """
        text = re.sub(r"(?<!\w)([*_~`])(?=\S)", rf"\1{_BREAKER}", text)
        text = re.sub(r"^(\s*)>", rf"\1{_BREAKER}>", text, flags=re.MULTILINE)
        return _escaped(text)

    def bold(self, text: str) -> str:
        return _around("*", text)

    def italic(self, text: str) -> str:
        return _around("_", text)

    def struck(self, text: str) -> str:
        return _around("~", text)

    def code(self, text: str) -> str:
        return f"`{_escaped(text.replace('`', 'ˋ'))}`"

    def block_of_code(self, text: str) -> str:
        return f"```\n{_escaped(text.replace('```', f'`{_BREAKER}``'))}\n```"

    def link(self, url: str, text: str) -> str:
        if not url.startswith(("https://", "http://", "mailto:")):
            return text
        return f"<{_escaped(url.replace('|', '%7C').replace('>', '%3E').replace('<', '%3C'))}|{text}>"

    def mark(self, number: int) -> str:
        return self.link(self._links.get(number, ""), f"[{number}]")

    def quoted(self, text: str) -> str:
        return "\n".join(f">{line}" for line in text.splitlines())


class Plain:
    """Text without any markup, for mail, terminals and speech."""

    bullet = "-"

    def words(self, text: str) -> str:
        return text

    bold = italic = struck = code = block_of_code = words

    def link(self, url: str, text: str) -> str:
        return text if url == text or not url.startswith(("https://", "http://")) else f"{text} ({url})"

    def mark(self, number: int) -> str:
        return f"[{number}]"

    def quoted(self, text: str) -> str:
        return text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _around(sign: str, text: str) -> str:
    """The sign close around each line: Slack ends emphasis at a line break and wants no space inside it."""
    return re.sub(r"[^\S\n]*(\S[^\n]*\S|\S)", lambda found: f"{sign}{found.group(1)}{sign}", text)
