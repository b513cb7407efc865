"""An answer's Markdown as a list of blocks (paragraphs, lists, tables, code) in a given style.

The same parser as the web page reads it, so both show the same words. Leaves out how blocks are put together.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

from ui.renderings.styles import Style
from ui.sources.markdown import new_parser

WIDEST_TABLE = 64
"""Characters that a phone and a Slack thread show side by side; a wider table becomes a list."""

_MARK = re.compile(r"\[(\d{1,3})\](?!\()")


def blocks(markdown: str, style: Style) -> list[str]:
    """The blocks in order, none of them empty."""
    tree = SyntaxTreeNode(_parser().parse(markdown))
    found = [_block(node, style) for node in tree.children]
    return [block for block in found if block.strip()]


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    markdown = new_parser()
    markdown.disable("front_matter")
    markdown.inline.ruler.before("link", "citation", _citation)
    return markdown


def _citation(state: StateInline, silent: bool) -> bool:
    match = _MARK.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("citation", "", 0).meta = {"number": int(match.group(1))}
    state.pos = match.end()
    return True


def _block(node: SyntaxTreeNode, style: Style, depth: int = 0) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            return _list(node, style, depth)
        case "table":
            return _table(node, style)
        case "fence" | "code_block":
            return style.block_of_code(node.content.rstrip("\n"))
        case "blockquote":
            return style.quoted("\n".join(_block(child, style) for child in node.children))
        case "heading" | "dt" | "admonition_title":
            return style.bold(_inlines(node, style))
        case "hr":
            return "———"
        case "inline":
            return "".join(_inline(child, style) for child in node.children)
        case _:
            return "\n".join(_block(child, style, depth) for child in node.children)


def _list(node: SyntaxTreeNode, style: Style, depth: int) -> str:
    first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
    lines = []
    for number, item in enumerate(node.children, first):
        mark = f"{number}." if node.type == "ordered_list" else style.bullet
        indent = "    " * depth
        for child in item.children:
            if child.type in ("bullet_list", "ordered_list"):
                lines.append(_list(child, style, depth + 1))
                continue
            text = _block(child, style, depth)
            lines.append(f"{indent}{mark} {text}" if mark else f"{indent}   {text}")
            mark = ""
    return "\n".join(lines)


def _table(node: SyntaxTreeNode, style: Style) -> str:
    """Columns side by side where they fit, else each row as one line: *Limit:* Size of a key · *Value:* 2,048 bytes."""
    rows = [row for part in node.children for row in part.children]
    plain = [[_plain(cell) for cell in row.children] for row in rows]
    widths = [max(len(row[at]) if at < len(row) else 0 for row in plain) for at in range(len(plain[0]))]
    cited = any(child.type == "citation" for row in rows for child in row.walk())
    if sum(widths) + 3 * (len(widths) - 1) <= WIDEST_TABLE and not cited:
        lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) for row in plain]
        rule = "-+-".join("-" * width for width in widths)
        return style.block_of_code("\n".join(line.rstrip() for line in (lines[0], rule, *lines[1:])))
    header = [_inlines(cell, style) for cell in rows[0].children]
    return "\n".join(_row([_inlines(cell, style) for cell in row.children], header, style) for row in rows[1:])


def _row(cells: list[str], header: list[str], style: Style) -> str:
    named = [
        f"{style.bold(name + ':')} {cell}" if name.strip() else style.bold(cell)
        for name, cell in zip(header, cells, strict=False)
        if cell.strip()
    ]
    return f"{style.bullet} " + " · ".join(named)


def _plain(cell: SyntaxTreeNode) -> str:
    return "".join(
        node.content if node.type in ("text", "code_inline") else " " if node.type.endswith("break") else ""
        for node in cell.walk()
    )


def _inlines(node: SyntaxTreeNode, style: Style) -> str:
    return "".join(_inline(child, style) for inline in node.children for child in inline.children)


def _inline(node: SyntaxTreeNode, style: Style) -> str:
    inside = "".join(_inline(child, style) for child in node.children)
    match node.type:
        case "text":
            return style.words(node.content)
        case "code_inline":
            return style.code(node.content)
        case "softbreak" | "hardbreak":
            return "\n"
        case "strong":
            return style.bold(inside)
        case "em":
            return style.italic(inside)
        case "s":
            return style.struck(inside)
        case "link":
            return style.link(str(node.attrs.get("href", "")), inside)
        case "image":
            return style.words(node.content)
        case "citation":
            return style.mark(int(node.meta["number"]))
        case _:
            return inside
