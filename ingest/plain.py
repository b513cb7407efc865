"""Markdown inline markup to plain words, for embedding, matching and display. Offsets are not kept here."""

from __future__ import annotations

import html
import re

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<!--.*?-->", re.S), " "),
    # An escaped bracket inside the brackets marks a placeholder ("[\\[See the website\\]](url)"): it says nothing.
    (re.compile(r"!?\[\s*\\\[[^\]]*\]?\s*\]\((?:[^()]|\([^()]*\))*\)"), " "),
    (re.compile(r"!\[((?:\\.|[^\]\\])*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[((?:\\.|[^\[\]\\])+)\]\((?:[^()]|\([^()]*\))*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\[[^\]]*\]"), r"\1"),
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"(?<!\\)</?[a-zA-Z][^<>]{0,200}>"), " "),
    (re.compile(r"(?<!\*)\*{4}(?!\*)"), ""),
    (re.compile(r"(\*\*\*|\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.S), r"\2"),
    (re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]+?)(?<=[^\s\\])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_\\])_(?=[^\s_])([^_\n]+?)(?<=[^\s\\])_(?![\w_])"), r"\1"),
    (re.compile(r"`+([^`]+)`+"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)
_LINE_MARKS = re.compile(r"^[ \t]{0,12}(?:#{1,6}[ \t]+|>[ \t]?|[-+*][ \t]+|\d{1,3}[.)][ \t]+|(?:```|~~~).*$)", re.M)
_TABLE_LINE = re.compile(r"^[ \t]*\||\|.*\|", re.M)
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t:|-]*-{2,}[ \t:|-]*$", re.M)


def plain_inline(markdown: str) -> str:
    r"""Links to their text, emphasis and code marks off, escapes undone, tags dropped, white space folded.

    >>> plain_inline("**Not** [here](x.md) \\(yet\\)")
    'Not here (yet)'
    """
    text = markdown
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def plain_text(markdown: str) -> str:
    """Like ``plain_inline`` for whole blocks: list, heading and quote marks go too, table pipes become spaces."""
    text = _TABLE_RULE.sub("", markdown)
    text = _LINE_MARKS.sub("", text)
    if _TABLE_LINE.search(text):
        text = re.sub(r"(?m)^[ \t]*\||\|[ \t]*$", " ", text)
        text = re.sub(r"[ \t]*(?<!\\)\|", " ,", text)
    return plain_inline(text)
