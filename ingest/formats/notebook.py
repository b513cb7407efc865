"""Jupyter notebooks to Markdown: the Markdown cells as they are, code as code, and what it printed, if it is text.

Pictures, widgets and tracebacks are left out; long output is cut, and says so.
"""

from __future__ import annotations

import json
from typing import Any

import nbformat
from bs4 import BeautifulSoup

from ingest.formats.extracted import Extracted, ParseError
from ingest.formats.html import convert
from ingest.formats.marks import without_marks

_MOST_LINES = 60
_MOST_CHARACTERS = 20_000


def extract(raw: bytes, name: str) -> Extracted:
    try:
        notebook: Any = nbformat.reads(raw.decode("utf-8-sig"), as_version=4)
    except (UnicodeDecodeError, json.JSONDecodeError, nbformat.reader.NotJSONError) as error:
        raise ParseError(f"{name} is not a notebook (not JSON); open it in Jupyter and save it anew") from error
    metadata = notebook.metadata if isinstance(notebook.metadata, dict) else {}
    language = str(
        (metadata.get("language_info") or {}).get("name") or (metadata.get("kernelspec") or {}).get("language") or ""
    )
    blocks: list[str] = []
    for cell in notebook.cells:
        source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
        if cell.cell_type == "markdown":
            blocks.append(source.strip("\n"))
        elif cell.cell_type == "code" and source.strip():
            blocks.append(_fenced(source.strip("\n"), language))
            blocks += [shown for output in cell.get("outputs", []) if (shown := _output(output, name))]
    text = "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"
    if not text.strip():
        raise ParseError(f"{name} holds no text to search")
    title = metadata.get("title")
    return Extracted(text, {"title": title} if isinstance(title, str) and title else {})


def _output(output: Any, name: str) -> str:
    if output.get("output_type") == "stream":
        return _fenced(_cut(str(output.get("text", ""))), "text") if output.get("name") == "stdout" else ""
    data = output.get("data") or {}
    if "text/markdown" in data:
        return str(data["text/markdown"])
    if "<table" in str(data.get("text/html", "")):
        soup = BeautifulSoup(without_marks(str(data["text/html"])), "lxml")
        for table in soup.find_all("table")[1:]:
            table.decompose()
        try:
            return convert(soup, name, whole=True).text
        except ParseError:
            return ""
    plain = str(data.get("text/plain", ""))
    return _fenced(_cut(plain), "text") if plain and not plain.startswith("<") else ""


def _cut(text: str) -> str:
    lines = text.strip("\n").split("\n")
    shown = "\n".join(lines[:_MOST_LINES])[:_MOST_CHARACTERS]
    return shown if shown == "\n".join(lines) else f"{shown}\n[output cut here]"


def _fenced(code: str, language: str) -> str:
    if not code.strip():
        return ""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{language}\n{code}\n{fence}"
