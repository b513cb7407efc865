"""How elements are written as Markdown: markdownify, with what it leaves plain or loses made right.

Escapes are used only where the text would otherwise read as markup, because quotes are shown letter for letter.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from bs4.element import Tag
from markdownify import ATX, MarkdownConverter

_STARTS = re.compile(r"(?m)^([ \t]*)([#>+-](?=\s)|={3,}\s*$|-{3,}\s*$|\d{1,9}(?=[.)]\s))")
_TAGLIKE = re.compile(r"<(?=[A-Za-z/!?])")
_LANGUAGE = re.compile(r"(?:^|\s)(?:language-|lang-|highlight-|brush:\s*|sourceCode\s+)?([A-Za-z][\w+#-]*)")
_NO_LANGUAGE = {
    "highlight",
    "code",
    "literal-block",
    "programlisting",
    "screen",
    "default",
    "notranslate",
    "pre",
    "text",
}
_ADMONITION = re.compile(r"(?:^|\s)(?:admonition|callout|awsdocs-note|alert|important-box)(?=\s|$)", re.I)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TITLE = re.compile(r"(?:^|\s)(?:admonition-title|callout-title|awsdocs-note-title|title)(?:\s|$)", re.I)


class Writer(MarkdownConverter):  # type: ignore[misc]  # markdownify has no types
    def __init__(self) -> None:
        super().__init__(
            heading_style=ATX,
            bullets="-",
            escape_asterisks=False,
            escape_underscores=False,
            autolinks=False,
            wrap=True,
            wrap_width=None,
            table_infer_header=True,
            code_language_callback=_language,
        )

    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = _TAGLIKE.sub(r"\\<", text.replace("`", r"\`"))
        return re.sub(r"(?<!\w)([*_]{1,3})(?=\w[^*_\n]*\w\1(?!\w))", _escaped, text)

    def convert_p(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_p(element, _STARTS.sub(_escaped_start, text.strip()), parent_tags))

    def convert_a(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        href = str(element.get("href") or "").strip()
        parts = urlsplit(href) if _is_address(href) else None
        if parts is None or not text.strip() or parts.scheme not in ("", "http", "https", "mailto"):
            return text
        if "_noformat" in parent_tags:
            return text
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{lead}[{text.strip()}]({quote(href, safe=_URL_SAFE)}){trail}"

    def convert_img(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        alt = " ".join(str(element.get("alt") or "").split())
        return f"![{alt}]()" if alt and "_inline" not in parent_tags else alt

    def convert_dt(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        words = " ".join(text.split())
        return f"\n\n**{words.strip('*')}**\n\n" if words else "\n"

    def convert_dd(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n"

    def convert_div(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        if "_inline" not in parent_tags and text.strip() and _ADMONITION.search(_classes(element)):
            return str(self.convert_blockquote(element, text, parent_tags))
        return str(super().convert_div(element, text, parent_tags))

    convert_aside = convert_div
    convert_figure = convert_div

    def convert_p_title(self, text: str) -> str:
        return f"\n\n**{text.strip().rstrip(':')}**\n\n"

    def process_tag(self, node: Tag, parent_tags: set[str] | None = None) -> str:
        around = node.parent
        if around is not None and _ADMONITION.search(_classes(around)):
            named = node.name in ("p", "div") and _TITLE.search(_classes(node)) and not node.find(["strong", "b"])
            if named or node.name in _HEADINGS:  # a heading in a note opens no section
                return self.convert_p_title(" ".join(node.get_text(" ", strip=True).split()))
        return str(super().process_tag(node, parent_tags))

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: N802
        text = re.sub(r"\s*[¶\uf0c1]\s*$", "", text)
        return str(super().convert_hN(n, el, text, parent_tags)) if text.strip() else ""

    def convert_li(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        return f" {text.strip()};" if "_inline" in parent_tags else str(super().convert_li(element, text, parent_tags))

    def convert_list(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return f" {text.strip().rstrip(';')} "
        return str(super().convert_list(element, text, parent_tags))

    convert_ul = convert_list
    convert_ol = convert_list

    def convert_td(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        words = re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
        return f" {words} |"

    convert_th = convert_td

    def convert_caption(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        return f"{text.strip()}\n\n"

    def convert_pre(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
        made = str(super().convert_pre(element, text, parent_tags))
        if longest < 3 or not made:
            return made
        fence = "`" * (longest + 1)
        body = made.strip("\n").split("\n")
        return "\n\n" + "\n".join([fence + body[0].lstrip("`"), *body[1:-1], fence]) + "\n\n"


_URL_SAFE = "%/:?#@!$&*+,;=~-._'[]"


def _is_address(href: str) -> bool:
    try:
        urlsplit(href)
    except ValueError:
        return False
    return bool(href) and not any(ord(letter) < 32 for letter in href)


def _escaped(match: re.Match[str]) -> str:
    return "".join("\\" + letter for letter in match.group(1))


def _escaped_start(match: re.Match[str]) -> str:
    lead, sign = match.groups()
    return f"{lead}{sign}\\" if sign[0].isdigit() else f"{lead}\\{sign}"


def _classes(element: Tag) -> str:
    listed: Any = element.get("class") or ""
    return listed if isinstance(listed, str) else " ".join(listed)


def _language(element: Tag) -> str:
    """The language of a code block, from the classes that highlighters use."""
    inner = element.find("code")
    around = element.parent if isinstance(element.parent, Tag) else None
    outer = around.parent if around is not None and isinstance(around.parent, Tag) else None
    for candidate in (inner if isinstance(inner, Tag) else None, element, around, outer):
        for word in _classes(candidate).split() if candidate is not None else ():
            match = _LANGUAGE.fullmatch(word)
            named = candidate is inner or candidate is element or word.startswith(("language-", "lang-", "highlight-"))
            if match and named and match.group(1).lower() not in _NO_LANGUAGE:
                return match.group(1).lower()
    return ""
