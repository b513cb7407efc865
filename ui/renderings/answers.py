"""The whole answer as text in one format: what it says, then its sources or the sections that come near."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.types import Answer, Citation, Related
from ui.renderings.blocks import blocks
from ui.renderings.pieces import pieces
from ui.renderings.styles import Mrkdwn, Plain, Style

Format = Literal["markdown", "mrkdwn", "text"]

SLACK_LIMIT = 3000
"""Characters that Slack takes in the text of one block."""

_QUOTE = 200


@dataclass(frozen=True, slots=True)
class Rendering:
    """``parts`` are the text cut to fit Slack's blocks; joined by blank lines they are ``text``, unless one had to be
    cut inside a block."""

    format: Format
    text: str
    parts: tuple[str, ...]


def rendered(answer: Answer, format: Format, base_url: str) -> Rendering:
    """``base_url`` (https://askwell.example.com) makes the links of the sources absolute; empty leaves them out."""
    if format == "markdown":
        found = _markdown(answer, base_url)
    else:
        style: Style = mrkdwn_style(answer, base_url) if format == "mrkdwn" else Plain()
        found = [*blocks(answer.text, style), *sources(answer, style, base_url), *related(answer, style, base_url)]
    return Rendering(format, "\n\n".join(found), tuple(pieces(found, SLACK_LIMIT)))


def mrkdwn_style(answer: Answer, base_url: str) -> Mrkdwn:
    return Mrkdwn({citation.number: absolute(citation.url, base_url) for citation in answer.citations})


def absolute(url: str, base_url: str) -> str:
    """The address of a source as people outside can open it; empty when nobody said where this server is."""
    return base_url.rstrip("/") + url if base_url else ""


def sources(answer: Answer, style: Style, base_url: str) -> list[str]:
    """``[1] Title › heading: “quote”``, a line for each number."""
    if not answer.citations:
        return []
    lines = [_source(citation, style, base_url) for citation in answer.citations]
    return ["\n".join([style.bold("Sources"), *lines])]


def related(answer: Answer, style: Style, base_url: str) -> list[str]:
    """The nearest sections, where the documents do not answer (all of) the question."""
    lines = [f"{style.bullet} {_place(near, style, base_url)}" for near in _near(answer)]
    return ["\n".join([style.bold("Nearest sections"), *lines])] if lines else []


def _source(citation: Citation, style: Style, base_url: str) -> str:
    doubt = "" if citation.supported else " (not clearly supported)"
    quote = style.words(f"“{_short(citation.quote)}”")
    return f"{citation.number}. {_place(citation, style, base_url)}{doubt}: {quote}"


def _place(place: Citation | Related, style: Style, base_url: str) -> str:
    return style.link(absolute(place.url, base_url), style.words(heading(place.title, place.heading_path)))


def heading(title: str, path: tuple[str, ...]) -> str:
    """``Title › heading › heading``, the title not said twice, on one line."""
    return " › ".join(" ".join(one.split()) for one in (title, *(path[1:] if path[:1] == (title,) else path)))


def _short(quote: str) -> str:
    line = " ".join(quote.split())
    return line if len(line) <= _QUOTE else line[: _QUOTE - 1].rsplit(" ", 1)[0] + "…"


def _markdown(answer: Answer, base_url: str) -> list[str]:
    """The answer's own Markdown with references beneath; links are relative where nobody said what they start with."""
    found = [answer.text.strip()]
    for title, places in (("Sources", answer.citations), ("Nearest sections", _near(answer))):
        lines = [_reference(place, base_url) for place in places]
        if lines:
            found.append("\n".join([f"**{title}**", "", *lines]))
    return found


def _reference(place: Citation | Related, base_url: str) -> str:
    label = re.sub(r"([\\\[\]*_`<])", r"\\\1", heading(place.title, place.heading_path))
    link = f"[{label}]({base_url.rstrip('/')}{place.url})"
    return f"{place.number}. {link}" if isinstance(place, Citation) else f"- {link}"


def _near(answer: Answer) -> tuple[Related, ...]:
    return answer.related if answer.status in ("not_found", "partial") else ()
