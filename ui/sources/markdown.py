"""Markdown to HTML for text that nobody vouches for: documents, answers, questions.

Raw HTML in the source is shown as text, with two harmless exceptions that real documents use all the time:
``<br>`` breaks a line and an empty ``<a name="x"></a>`` becomes an anchor. Images are replaced by their
description, since the viewer serves no files and loads nothing from outside. Everything ends in ``clean``,
a second, independent gate (nh3), so a slip in the renderer does not become a script on the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

Environment = MutableMapping[str, Any]

_TAGS = {
    *("a", "abbr", "aside", "blockquote", "br", "cite", "code", "dd", "del", "div", "dl", "dt", "em", "figure"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "mark", "ol", "p", "pre", "q", "s", "span", "strong", "sub"),
    *("sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {
    "*": {"id", "class"},
    "div": {"tabindex"},
    "a": {"href", "title", "data-number", "aria-label"},
    "ol": {"start"},
    "td": {"style"},
    "th": {"style"},
}
_ANCHOR = re.compile(r"<a\s+(?:name|id)\s*=\s*[\"']?([A-Za-z][\w.:-]{0,120})[\"']?\s*>\s*</a\s*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?\s*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def clean(html: str) -> str:
    """The same HTML with nothing in it that could run, load or style: a fixed list of tags and attributes."""
    import nh3

    return str(
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https", "mailto"},
            filter_style_properties={"text-align"},
            set_tag_attribute_values={"pre": {"tabindex": "0"}},  # what scrolls must be reached by keyboard
            link_rel="noopener noreferrer nofollow",
        )
    )


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """The parser for documents; one is enough, since all that varies travels in the environment."""
    return new_parser()


def new_parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough, definition lists, admonitions and front matter; bare URLs become links.

    It reads from the environment that a caller passes: ``anchors`` (line number -> id for the block that starts
    there), ``reserved`` (ids that the text may not take) and ``link`` (rewrites an href; None drops the link).
    """
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable(["table", "strikethrough", "linkify"])
    markdown.use(front_matter_plugin).use(deflist_plugin).use(admon_plugin)
    if markdown.linkify is not None:
        # Otherwise words such as README.md and node.sh turn into links to strangers' sites.
        markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    markdown.inline.ruler.before("autolink", "harmless_html", _harmless_html)
    markdown.core.ruler.push("section_ids", _section_ids)
    markdown.core.ruler.push("links", _links)
    markdown.add_render_rule("image", _image)
    markdown.add_render_rule("table_open", _table_open)
    markdown.add_render_rule("table_close", _table_close)
    return markdown


def render(
    text: str,
    *,
    anchors: Mapping[int, str] | None = None,
    link: Callable[[str], str | None] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> str:
    """HTML of a Markdown text, not yet passed through ``clean``."""
    anchors = anchors or {}
    environment: Environment = {
        "anchors": dict(anchors),
        "reserved": {"quote", *anchors.values()},
        "link": link,
        **(extra or {}),
    }
    return str(parser().render(text, environment))


def _harmless_html(state: StateInline, silent: bool) -> bool:
    """Inline rule: ``<br>``, empty named anchors and comments; every other tag stays visible text."""
    if state.src[state.pos] != "<":
        return False
    for pattern, kind in ((_BREAK, "break"), (_ANCHOR, "anchor"), (_COMMENT, "comment")):
        match = pattern.match(state.src, state.pos)
        if match is None:
            continue
        if not silent and kind == "break":
            state.push("hardbreak", "br", 0)
        if not silent and kind == "anchor" and match.group(1) not in state.env.get("reserved", ()):
            state.push("span_open", "span", 1).attrSet("id", match.group(1))
            state.push("span_close", "span", -1)
        state.pos = match.end()
        return True
    return False


def _section_ids(state: StateCore) -> None:
    """Core rule: the first heading, paragraph or list item that starts on a section's line carries its id."""
    anchors: dict[int, str] = dict(state.env.get("anchors", {}))
    if not anchors:
        return
    carriers = {"heading_open", "paragraph_open", "list_item_open", "dt_open", "table_open", "blockquote_open"}
    for token in state.tokens:
        if token.map and token.map[0] in anchors and token.type in carriers and not token.hidden:
            token.attrSet("id", anchors.pop(token.map[0]))


def _links(state: StateCore) -> None:
    """Core rule: rewrite each href; where the caller knows no target, keep the words and drop the link."""
    rewrite = state.env.get("link")
    if rewrite is None:
        return
    for block in state.tokens:
        dropped = 0
        for token in block.children or ():
            if token.type == "link_open":
                href = rewrite(str(token.attrGet("href") or ""))
                if href is None:
                    token.tag, token.attrs, dropped = "span", {}, dropped + 1
                else:
                    token.attrSet("href", href)
            elif token.type == "link_close" and dropped:
                token.tag, dropped = "span", dropped - 1


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Environment) -> str:
    description = renderer.renderInlineAsText(tokens[index].children, options, env)
    return f'<span class="image">{escapeHtml(description)}</span>' if description.strip() else ""


def _table_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Environment
) -> str:
    # A wide table scrolls inside its own box, so the page never scrolls sideways on a phone.
    return '<div class="table" tabindex="0">' + renderer.renderToken(tokens, index, options, env)


def _table_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Environment
) -> str:
    return renderer.renderToken(tokens, index, options, env) + "</div>"
