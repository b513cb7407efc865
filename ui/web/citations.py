"""An answer's Markdown as HTML, its ``[1]`` marks as chips that lead to the quoted words.

A number without a citation stays plain text: a chip that leads nowhere would look like a source.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from assistant.types import Citation
from ui.sources.markdown import Environment, clean, new_parser

_MARK = re.compile(r"[ \t]?\[(\d{1,3})\](?!\()")
_HOVER_CHARACTERS = 240


def answer_html(text: str, citations: Mapping[int, Citation], *, streaming: bool = False) -> str:
    """Clean HTML. While ``streaming``, numbers whose citation has not arrived yet are shown, but lead nowhere."""
    environment: Environment = {"citations": citations, "streaming": streaming, "reserved": (), "link": _link}
    return clean(_parser().render(text, environment))


def heading_line(citation: Citation) -> str:
    """``Title › heading › heading``, the title not said twice."""
    path = citation.heading_path
    below = path[1:] if path and path[0] == citation.title else path
    return " › ".join((citation.title, *below))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    markdown = new_parser()
    markdown.disable("front_matter")  # an answer that starts with a rule is not metadata
    markdown.inline.ruler.before("link", "citation", _citation)
    # The space before a mark belongs to it, and the text rule would swallow it.
    markdown.inline.ruler.before("text", "citation_after_space", _citation)
    markdown.add_render_rule("citation", _chip)
    return markdown


def _citation(state: StateInline, silent: bool) -> bool:
    match = _MARK.match(state.src, state.pos)
    if match is None:
        return False
    number = int(match.group(1))
    known: Mapping[int, Citation] = state.env.get("citations", {})
    if number not in known and not state.env.get("streaming"):
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")  # the chip brings its own distance
        state.push("citation", "a", 0).meta = {"number": number}
    state.pos = match.end()
    return True


def _chip(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Environment) -> str:
    number: int = tokens[index].meta["number"]
    citation: Citation | None = env["citations"].get(number)
    return chip(citation) if citation else f'<span class="cite pending">{number}</span>'


def chip(citation: Citation) -> str:
    """The numbered link to the quoted words; the words themselves show when a pointer rests on it."""
    number = citation.number
    quote = citation.quote if len(citation.quote) <= _HOVER_CHARACTERS else citation.quote[:_HOVER_CHARACTERS] + "…"
    kind = "cite" if citation.supported else "cite unsupported"
    doubt = "" if citation.supported else "Not clearly supported. "
    hover = html.escape(f"{doubt}{heading_line(citation)}\n“{quote}”")
    label = html.escape(f"Source {number}: {heading_line(citation)}")
    return (
        f'<a class="{kind}" href="{html.escape(citation.url)}" data-number="{number}" title="{hover}" '
        f'aria-label="{label}">{number}</a>'
    )


def _link(href: str) -> str | None:
    """Answers may link to the viewer and to the web; a relative link of the source document leads nowhere here."""
    return href if href.startswith(("https://", "http://", "mailto:", "/sources/")) else None
