"""HTML to Markdown: the main content of a page, without navigation, scripts and other furniture.

BeautifulSoup reads (with lxml), markdownify writes. Ids become anchors, so that links lead to the same place in the
original. Forms, media and styling are lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, UnicodeDammit
from bs4.element import Comment, Tag

from ingest.formats.extracted import Extracted, ParseError
from ingest.formats.markdown_writer import Writer
from ingest.formats.marks import mark, settle, without_marks
from ingest.formats.tables import square

_MAIN = (
    # What documentation generators wrap the text of a page in comes before what any page may have.
    "#main-col-body",
    ".theme-doc-markdown",
    "[itemprop=articleBody]",
    ".md-content__inner",
    "main",
    "[role=main]",
    "#main-content",
    "article",
    ".document .body",
    ".rst-content",
    ".markdown-body",
    "#content",
    ".content",
)
_GONE = (
    "script, style, noscript, template, iframe, object, embed, canvas, svg, audio, video, map, nav, form, button,"
    " select, input, textarea, dialog, link, meta, base, [hidden], [aria-hidden=true], [role=navigation],"
    " [role=banner], [role=contentinfo], [role=search], [role=complementary], [role=dialog], [role=alert]"
)
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|breadcrumbs?|toc|table-of-contents|sidebar|sphinxsidebar|footer|site-footer|"
    r"page-footer|pagination|pager|prev-next|headerlink|hash-link|anchorjs-link|permalink|skip-link|skip-to-content|"
    r"cookie|cookies|feedback|edit-this-page|editlink|share|social|advert|related-pages|sr-only|visually-hidden|"
    r"screen-reader-text)(?:$|[\s_-])",
    re.I,
)
_LABELLED = re.compile(
    r"(?:^|[\s_-])(?:admonition|callout|alert|note|tip|warning|caution|important|topic|footnote)", re.I
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ENOUGH = 200
_MAX_DEPTH = 200


def extract(raw: bytes, name: str) -> Extracted:
    """Raises ParseError for what holds no text."""
    decoded = UnicodeDammit(raw, is_html=True).unicode_markup
    if decoded is None or "\x00" in decoded[:1024]:
        raise ParseError(f"{name} is not a text that can be decoded; save it as UTF-8")
    soup = BeautifulSoup(without_marks(decoded), "lxml")
    return convert(soup, name, whole=False)


def convert(soup: BeautifulSoup, name: str, *, whole: bool) -> Extracted:
    """``whole``: everything is content; nothing is looked for or left out as furniture."""
    if _depth(soup) > _MAX_DEPTH:
        raise ParseError(f"{name} nests elements more than {_MAX_DEPTH} deep; it is not taken for a document")
    fields = _fields(soup)
    for element in soup.select(_GONE):
        element.decompose()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    root = soup.body or soup
    if not whole:
        root = _main(root)
        _clear(root)
    _unlink_headings(root)
    heading = root.find("h1")
    title = " ".join(heading.get_text(" ").split()) if heading is not None else ""
    fields["title"] = title[:300] or fields.get("title", "")
    for table in root.find_all("table"):
        square(table)
    names = _mark_anchors(root)
    text, anchors = settle(Writer().convert_soup(root), names)
    if not text.strip():
        raise ParseError(f"{name} holds no text to search")
    return Extracted(text, {name: value for name, value in fields.items() if value}, anchors)


def _depth(soup: BeautifulSoup) -> int:
    """How deep elements nest. Without recursion: a page made to break parsers nests thousands."""
    deepest = 0
    waiting: list[tuple[Tag, int]] = [(soup, 0)]
    while waiting:
        element, depth = waiting.pop()
        deepest = max(deepest, depth)
        if deepest > _MAX_DEPTH:
            break
        waiting += [(child, depth + 1) for child in element.children if isinstance(child, Tag)]
    return deepest


def _fields(soup: BeautifulSoup) -> dict[str, str]:
    """Title, summary and the address of the original, as far as the page names them."""
    fields: dict[str, str] = {}
    if soup.title is not None:
        # "Keys - Guide - Vendor": the first part names the page.
        title = re.split(r"\s+[-–—|·»]\s+", soup.title.get_text(" ", strip=True))[0]
        fields["title"] = " ".join(title.split())[:300]
    for selector, field in (("meta[name=description]", "summary"), ("meta[property='og:description']", "summary")):
        found = soup.select_one(selector)
        content = str(found.get("content") or "").strip() if found is not None else ""
        if content and field not in fields:
            fields[field] = " ".join(content.split())[:1000]
    canonical = soup.select_one("link[rel=canonical]")
    href = str(canonical.get("href") or "") if canonical is not None else ""
    if urlsplit(href).scheme in ("http", "https"):
        fields["url"] = href
    return fields


def _main(body: Tag) -> Tag:
    """The element that holds the page's own text; the whole body when none is clearly it."""
    everything = len(body.get_text(strip=True))
    for selector in _MAIN:
        found = body.select(selector)
        if not found:
            continue
        best = max(found, key=lambda element: len(element.get_text(strip=True)))
        size = len(best.get_text(strip=True))
        # Several articles are a list of them: then no single one is the page.
        alone = size * 2 > sum(len(element.get_text(strip=True)) for element in found)
        if alone and (size >= _ENOUGH or size * 4 > everything):
            return best
    return body


def _clear(root: Tag) -> None:
    """Takes furniture out of the content: headers without a heading, side notes that are navigation, footers."""
    for element in list(root.find_all(["header", "footer", "aside"])):
        keeps = element.find(_HEADINGS) if element.name == "header" else _LABELLED.search(_words(element))
        if not element.decomposed and not keeps:
            element.decompose()
    for element in list(root.find_all(True)):
        if element.decomposed or element is root or element.name in _HEADINGS:
            continue
        if _FURNITURE.search(_words(element)) and element.find("h1") is None:
            element.decompose()


def _unlink_headings(root: Tag) -> None:
    """Links of a heading to itself: a sign is taken out, words stay as words."""
    for heading in root.find_all(_HEADINGS):
        for link in heading.find_all("a", href=re.compile("^#")):
            if re.search(r"\w", link.get_text()):
                del link["href"]
            elif link.get("id") or link.get("name"):
                link.clear()
            else:
                link.decompose()


def _words(element: Tag) -> str:
    """Class and id of an element."""
    listed: str | list[str] = element.get("class") or []
    return " ".join([*([listed] if isinstance(listed, str) else listed), str(element.get("id") or "")])


def _mark_anchors(root: Tag) -> list[str]:
    """Puts a mark before the content of each element that has an id or is a named anchor; the names, by number."""
    names: list[str] = []
    for element, name in list(_anchored(root)):
        element.insert(0, mark(len(names)))
        names.append(name)
    return names


def _anchored(root: Tag) -> Iterator[tuple[Tag, str]]:
    for element in root.find_all(["a", "section", "div", "dt", "p", "li", "table", "span", *_HEADINGS]):
        name = str(element.get("id") or (element.get("name") if element.name == "a" else "") or "")
        if not re.fullmatch(r"[^\s\"'<>#]{1,200}", name):
            continue
        # A mark directly inside a table, list or row would not be in any cell of it.
        holder = element
        while holder.name in ("table", "thead", "tbody", "tr", "ul", "ol", "dl"):
            inner = holder.find(["td", "th", "li", "dt", "dd"])
            if inner is None:
                break
            holder = inner
        yield holder, name
