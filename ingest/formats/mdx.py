"""MDX to Markdown: imports, exports, expressions and component tags go, the words between the tags stay.

Code blocks are left as they are. What a component would draw from its properties is lost, except a ``title`` or
``label``, which becomes a bold line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.formats.extracted import Extracted

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_MODULE = re.compile(r"(?:import|export)\s")
_COMPONENT = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Z][\w.]*|(?=>))(?P<rest>(?:[^<>{}\"']|\"[^\"]*\"|'[^']*'|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*)>"
)
_LABEL = re.compile(r"\b(?:title|label)=(?:\"([^\"]+)\"|'([^']+)'|\{[\"'`]([^\"'`]+)[\"'`]\})")
_COMMENT = re.compile(r"\{/\*.*?\*/\}", re.S)
_EXPRESSION = re.compile(r"(?<!\\)\{(?!#)[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}")
_ADMONITION = re.compile(
    r"^(?P<indent>[ \t]*):::+[ \t]*(?P<kind>[A-Za-z]*)[ \t]*(?:\[(?P<bracket>[^\]]+)\]|(?P<title>[^\n]*))$", re.M
)
_CODE_SPAN = re.compile(r"(`+)(?:(?!\1).)+?\1", re.S)


def extract(raw: bytes, name: str) -> Extracted:
    from ingest.frontmatter import split_front_matter
    from ingest.parsing import decode

    text, warnings = decode(raw, name)
    _, offset, _ = split_front_matter(text)
    body = "".join(part if is_code else _cleaned(part) for is_code, part in _parts(text[offset:].replace("\r\n", "\n")))
    body = re.sub(r"\n{3,}", "\n\n", body).strip("\n") + "\n"
    return Extracted(text[:offset] + body, warnings=tuple(warnings))


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """(is code, lines) in turn; import and export statements at the outermost level are left out."""
    held: list[str] = []
    fence = ""
    module = False
    previous = ""
    for line in text.splitlines(keepends=True):
        opened = _FENCE.match(line)
        if fence:
            held.append(line)
            if opened and opened.group(1).startswith(fence) and not line.strip().strip(fence[0]):
                yield True, "".join(held)
                held, fence = [], ""
            continue
        if opened:
            yield False, "".join(held)
            held, fence = [line], opened.group(1)
            continue
        if module and not line.strip():
            module = False
        elif (not module and not previous.strip() and _MODULE.match(line)) or (module and _MODULE.match(line)):
            module = True
        if not module:
            held.append(line)
        previous = "" if module else line
    yield bool(fence), "".join(held)


def _cleaned(text: str) -> str:
    """Markdown outside of code blocks; code spans are kept aside."""
    spans: list[str] = []

    def aside(match: re.Match[str]) -> str:
        spans.append(match.group())
        return f"\x00{len(spans) - 1}\x00"

    text = _COMMENT.sub("", text.replace("\x00", ""))
    text = _CODE_SPAN.sub(aside, text)
    text = _COMPONENT.sub(_tag, text)
    text = _EXPRESSION.sub("", text)
    text = _ADMONITION.sub(_admonition, text)
    # What stood inside a component was indented for the eye; four spaces would make it code.
    text = re.sub(r"(?m)^[ \t]+(?![ \t]*(?:[-*+]|\d+[.)])[ \t])(?=\S)", _unindented, text)
    text = re.sub(r"(?m)^[ \t]+$", "", text)
    return re.sub("\x00(\\d+)\x00", lambda match: spans[int(match.group(1))], text)


def _tag(match: re.Match[str]) -> str:
    label = _LABEL.search(match.group("rest"))
    words = next((group for group in label.groups() if group), "") if label and not match.group("close") else ""
    return f"\n\n**{words}**\n\n" if words else ""


def _unindented(match: re.Match[str]) -> str:
    return "" if len(match.group().expandtabs(4)) >= 4 else match.group()


def _admonition(match: re.Match[str]) -> str:
    if not match.group("kind"):
        return ""
    title = (match.group("bracket") or match.group("title") or "").strip() or match.group("kind").capitalize()
    return f"\n**{title}**\n\n"
