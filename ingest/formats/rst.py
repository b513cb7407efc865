"""reStructuredText to Markdown: docutils makes HTML of it, which then goes the way of every page.

Files are never included and raw HTML never taken over. What only Sphinx knows is read as far as its text goes: unknown
roles give their words, unknown directives what stands under them; lists of pages (``toctree``) are dropped.
"""

from __future__ import annotations

import io
import re
from typing import Any, ClassVar

from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_parts
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.directives import _directive_registry
from docutils.parsers.rst.directives.body import CodeBlock
from docutils.parsers.rst.languages import en
from docutils.parsers.rst.roles import _role_registry

from ingest.formats.extracted import Extracted
from ingest.formats.html import convert
from ingest.formats.marks import without_marks

_DIRECTIVE = re.compile(r"^[ \t]*\.\. +(?:\|[^|]+\| +)?([A-Za-z][\w:.+-]*)::", re.M)
_ROLE = re.compile(r":([A-Za-z][\w:.+-]*):`|`:([A-Za-z][\w:.+-]*):")
_DROPPED = {
    "toctree",
    "index",
    "literalinclude",
    "include",
    "raw",
    "tabularcolumns",
    "highlight",
    "currentmodule",
    "module",
}
_DROPPED |= {"automodule", "autoclass", "autofunction", "autosummary", "image", "contents", "sectnum", "meta"}
_LABELLED = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since",
}
_TARGET = re.compile(r"^(?P<words>.+?)\s*<[^<>]+>$", re.S)
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "halt_level": 5,
    "report_level": 5,
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "syntax_highlight": "none",
    "input_encoding": "unicode",
    "initial_header_level": 1,
    "doctitle_xform": False,
    "section_self_link": False,
    "toc_backlinks": False,
    "footnote_backlinks": False,
    "line_length_limit": 1_000_000,
    "math_output": "LaTeX",
    "_disable_config": True,
}


class _Under(Directive):  # type: ignore[misc]  # docutils has no types
    """A directive that is not known: its title in bold, then what stands under it."""

    has_content = True
    optional_arguments = 100
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = None

    def run(self) -> list[nodes.Node]:
        made: list[nodes.Node] = []
        label = _LABELLED.get(self.name, "")
        words = re.split(r"(?:^|\s):[\w-]+:", " ".join(self.arguments))[0].strip()
        if label or words:
            line = f"{label} {words}".strip()
            made.append(nodes.paragraph("", "", nodes.strong(line, line) if not label else nodes.Text(line)))
        # Options of a directive that is not known would be read as a list of fields.
        while self.content and re.match(r"\s*:[\w-]+:", self.content[0]):
            self.content.trim_start()
            self.content_offset += 1
        holder = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, holder)
        return [*made, *holder.children]


class _Code(CodeBlock):  # type: ignore[misc]
    """Code with whatever options Sphinx has for it."""

    optional_arguments = 100
    final_argument_whitespace = False
    option_spec: ClassVar[Any] = None
    arguments: list[str]
    options: dict[str, str]

    def run(self) -> list[nodes.Node]:
        self.arguments = [self.arguments[0]] if self.arguments and not self.arguments[0].startswith(":") else []
        while self.content and re.match(r":[\w-]+:", self.content[0]):
            self.content.trim_start()
        self.options = {}
        return list(super().run()) if self.content else []


class _Nothing(Directive):  # type: ignore[misc]
    has_content = True
    optional_arguments = 100
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = None

    def run(self) -> list[nodes.Node]:
        return []


def _words(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """A role that is not known: the words of ``:ref:`words <target>```, names of code as code."""
    match = _TARGET.match(text)
    words = (match.group("words") if match else text).replace("\x00", "\\").lstrip("~!")
    if name in ("ref", "doc", "term", "abbr", "guilabel", "menuselection", "numref", "any", "download", "eq"):
        return [nodes.Text(words)], []
    return [nodes.literal(words, words)], []


def extract(raw: bytes, name: str) -> Extracted:
    from ingest.parsing import decode

    text, warnings = decode(raw, name)
    text = without_marks(text).expandtabs(8)
    for found in set(_DIRECTIVE.findall(text)):
        directive = found.lower()
        if directive in _DROPPED:
            directives.register_directive(directive, _Nothing)
        elif directive in ("code-block", "sourcecode", "code"):
            directives.register_directive(directive, _Code)
        elif directive not in _directive_registry and directive not in en.directives:
            directives.register_directive(directive, _Under)
    for match in set(_ROLE.findall(text)):
        role = (match[0] or match[1]).lower()
        if role not in _role_registry and role not in en.roles:
            roles.register_local_role(role, _words)
    settings = {**_SETTINGS, "warning_stream": io.StringIO()}
    parts = publish_parts(text, source_path=name, writer="html5", settings_overrides=settings)
    soup = BeautifulSoup(f"<html><body>{parts['html_body']}</body></html>", "lxml")
    for message in soup.select(".system-message, .docinfo"):
        message.decompose()
    for literal in soup.select("span.docutils.literal, tt"):
        literal.string = literal.get_text()
        literal.name = "code"
    for block in soup.select("pre.code"):
        _name_language(block)
    made = convert(soup, name, whole=True)
    return Extracted(made.text, made.fields, made.anchors, warnings=tuple(warnings))


def _name_language(block: Any) -> None:
    """docutils writes ``class="code python literal-block"``: the word that is a language is kept as such."""
    words = [word for word in block.get("class", []) if word not in ("code", "literal-block")]
    block["class"] = [f"language-{words[0]}"] if words else []
