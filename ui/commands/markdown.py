"""An answer's Markdown as a terminal shows it: with colours where there are colours, else as plain text.

Leaves out nothing but signs of Markdown: the backslashes that keep document text from being read as markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from rich.markdown import ListItem, Markdown, MarkdownElement
from rich.segment import Segment

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_CODE_OR_ESCAPE = re.compile(r"(~~~+|(?<!`)`+(?!`)).*?(?<![`~])\1(?![`~])|\\([!-/:-@\[-`{-~])", re.DOTALL)


def plain(markdown: str) -> str:
    r"""The text without the backslashes of Markdown; code keeps its own.

    >>> plain("1. \\[General Hint\\] Use `a\\_b`. [1]")
    '1. [General Hint] Use `a\\_b`. [1]'
    """
    return _CODE_OR_ESCAPE.sub(lambda found: found.group(2) or found.group(), markdown)


class _Step(ListItem):
    """Rich writes the number of a list item without its full stop."""

    def render_number(self, console: Console, options: ConsoleOptions, number: int, last_number: int) -> RenderResult:
        width = len(str(last_number)) + 3
        style = console.get_style("markdown.item.number", default="none")
        start = Segment(f"{number}. ".rjust(width), style)
        for line in console.render_lines(self.elements, options.update(width=options.max_width - width)):
            yield start
            yield from line
            yield Segment("\n")
            start = Segment(" " * width, style)


class AnswerMarkdown(Markdown):
    """``rich.markdown.Markdown`` whose steps read 1. 2. 3."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "list_item_open": _Step}
