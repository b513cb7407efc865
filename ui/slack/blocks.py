"""An answer in Slack's Block Kit: text, sources that open the highlighted passage, buttons to rate and to share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from assistant.types import Answer, Citation, Rating
from ui.renderings.answers import SLACK_LIMIT, absolute, heading, mrkdwn_style
from ui.renderings.blocks import blocks
from ui.renderings.pieces import pieces
from ui.renderings.styles import Mrkdwn

UP, DOWN, SHARE, CHOOSE = "askwell_up", "askwell_down", "askwell_share", "askwell_choose"
LONGEST = 12_000
"""Characters of one message. Slack refuses blocks with more than about 13,000 in all, counted as it likes."""
LONGEST_SOURCES = 5_000
"""Of them for the lines of the sources, whose links are most of their length."""

_CUT = "_The answer goes on; ask for a part of it._"
_MARKER = "askwell:"


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """``text`` is what notifications and screen readers get; ``blocks`` are JSON for the Web API."""

    text: str
    blocks: tuple[dict[str, Any], ...]


def answer_message(
    answer: Answer, base_url: str, *, rating: Rating | None = None, place: Literal["thread", "private", "shared"]
) -> SlackMessage:
    """The message for an answer; ``private`` is what only the person who asked sees."""
    style = mrkdwn_style(answer, base_url)
    sources = _sources(answer.citations, style, base_url)
    body = _bounded(pieces(blocks(answer.text, style), SLACK_LIMIT), LONGEST - sum(map(len, sources)))
    found: list[Block] = [_section(part) for part in body]
    if _folded(answer.question) != _folded(answer.standalone_question):
        found.insert(0, _small(f"Searched for: {style.words(answer.standalone_question)}"))
    found += [_small(part) for part in sources]
    if answer.related and answer.status in ("not_found", "partial"):
        near = [
            f"• {style.link(absolute(one.url, base_url), style.words(heading(one.title, one.heading_path)))}"
            for one in answer.related
        ]
        found.append(_small("Nearest sections\n" + "\n".join(near)))
    if answer.choices:
        found.append(
            ActionsBlock(elements=[_button(CHOOSE, one, one, at) for at, one in enumerate(answer.choices[:5])])
        )
    if answer.status != "clarify":
        found.append(_buttons(answer.id, rating, place))
    return SlackMessage(_notification(body), tuple(block.to_dict() for block in found[:50]))


def marked(message: Mapping[str, Any], answer_id: str, rating: Rating) -> SlackMessage | None:
    """``message`` as Slack has it, with the button of the vote marked and all else as it is: who asked, in a shared
    one, stands in no answer. None where it is not such a message.
    """
    own = f"{_MARKER}{answer_id}"
    if not any(block.get("block_id") == own for block in message.get("blocks") or ()):
        return None
    buttons = _buttons(answer_id, rating, "shared").to_dict()
    shown = tuple(buttons if block.get("block_id") == own else block for block in message["blocks"])
    return SlackMessage(str(message.get("text") or ""), shown)


def plain_message(markdown: str) -> SlackMessage:
    """A sentence of our own, or an answer that is still being written."""
    body = _bounded(pieces(blocks(markdown, Mrkdwn({})), SLACK_LIMIT)) or ["…"]
    return SlackMessage(_notification(body), tuple(_section(part).to_dict() for part in body))


def mrkdwn_message(parts: Sequence[str]) -> SlackMessage:
    """Finished mrkdwn, in blocks of its own."""
    body = _bounded(pieces(parts, SLACK_LIMIT))
    return SlackMessage(_notification(body), tuple(_section(part).to_dict() for part in body))


def _sources(citations: Sequence[Citation], style: Mrkdwn, base_url: str) -> list[str]:
    """The lines of the sources in parts that fit a block; where they are too many, how many more there are."""
    lines = source_lines(citations, style, base_url)
    kept = list(lines)
    while kept and sum(map(len, kept)) + len(kept) > LONGEST_SOURCES:
        kept.pop()
    if len(kept) < len(lines):
        kept.append(f"_{len(lines) - len(kept)} more sections; each number in the text opens its own._")
    return pieces(["\n".join(kept)], SLACK_LIMIT) if kept else []


def source_lines(citations: Sequence[Citation], style: Mrkdwn, base_url: str) -> list[str]:
    """``[1] [3] Title › heading``: a line for each section, each number a link to its own words."""
    sections: dict[tuple[str, str, tuple[str, ...]], list[Citation]] = {}
    for citation in citations:
        sections.setdefault((citation.collection, citation.document, citation.heading_path), []).append(citation)
    lines = []
    for cited in sections.values():
        first = cited[0]
        numbers = " ".join(style.mark(citation.number) for citation in cited)
        words = style.words(heading(first.title, first.heading_path))
        doubt = "" if all(citation.supported for citation in cited) else " (not clearly supported)"
        lines.append(f"{numbers} {style.link(absolute(first.url, base_url), words)}{doubt}")
    return lines


def _buttons(answer_id: str, rating: Rating | None, place: str) -> ActionsBlock:
    up = _button(UP, "👍 Helpful", answer_id, style="primary" if rating == "up" else None)
    down = _button(DOWN, "👎 Not helpful", answer_id, style="danger" if rating == "down" else None)
    share = [_button(SHARE, "Share with the channel", answer_id)] if place == "private" else []
    return ActionsBlock(elements=[up, down, *share], block_id=f"{_MARKER}{answer_id}")


def _button(action: str, label: str, value: str, number: int = 0, style: str | None = None) -> ButtonElement:
    shown = label if len(label) <= 75 else label[:74] + "…"
    name = f"{action}_{number}" if action == CHOOSE else action
    return ButtonElement(text=PlainTextObject(text=shown), action_id=name, value=value[:2000], style=style)


def _section(mrkdwn: str) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=mrkdwn, verbatim=True))


def _small(mrkdwn: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=mrkdwn[:SLACK_LIMIT], verbatim=True)])


def _bounded(parts: Sequence[str], most: int = LONGEST) -> list[str]:
    kept: list[str] = []
    for part in parts:
        if sum(map(len, kept)) + len(part) > most - len(_CUT):
            return [*kept, _CUT]
        kept.append(part)
    return kept


def _notification(parts: Sequence[str]) -> str:
    """The first words without links: phones show no more."""
    text = re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", "\n\n".join(parts[:1]))
    return text if len(text) <= 2900 else text[:2899].rsplit(" ", 1)[0] + "…"


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
