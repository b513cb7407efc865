"""PDF to Markdown: pdfplumber gives words with place and font; headings, lists, tables and code follow from these.

Page numbers are kept, so that a citation names its page. Running headers and footers are left out; pictures, emphasis
and links are lost. A page that is only a picture is reported, not read: there is no text recognition.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFNoOutlines, PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfplumber.utils.exceptions import PdfminerException

from ingest.formats.extracted import Extracted, ParseError
from ingest.formats.pdf_blocks import Headings, write_markdown
from ingest.formats.pdf_lines import Line, Table, read_lines, without_running_lines

MAX_PAGES = 5_000
_SCAN = 0.3
"""Share of a page that pictures must cover for a page without words to count as a scan."""


def extract(raw: bytes, name: str) -> Extracted:
    """Raises ParseError for encrypted, broken and scanned files."""
    if b"%PDF-" not in raw[:1024]:
        raise ParseError(f"{name} is not a PDF file, whatever its name says")
    try:
        with pdfplumber.open(io.BytesIO(raw)) as pdf:
            if len(pdf.pages) > MAX_PAGES:
                raise ParseError(f"{name} has more than {MAX_PAGES:,} pages; split it and ingest the parts")
            return _read(pdf, name)
    except (PdfminerException, PDFSyntaxError, PDFPasswordIncorrect) as error:
        cause = error.args[0] if error.args else error
        if isinstance(cause, PDFPasswordIncorrect) or isinstance(error, PDFPasswordIncorrect):
            raise ParseError(f"{name} is encrypted; save it without a password") from error
        raise ParseError(f"{name} is broken and cannot be read as PDF; save it anew") from error


def _read(pdf: Any, name: str) -> Extracted:
    pages: list[list[Line | Table]] = []
    pictured: list[int] = []
    garbled: list[int] = []
    heights: list[float] = []
    for page in pdf.pages:
        lines = read_lines(page)
        words = " ".join(line.text for line in lines if isinstance(line, Line))
        if _pictured(page):
            pictured.append(page.page_number)
        if words.count("\ufffd") * 4 > len(words):
            garbled.append(page.page_number)
            lines = []
        pages.append(lines)
        heights.append(float(page.height))
        page.close()  # gives back what was parsed of it; a long document would hold gigabytes
    pages = without_running_lines(pages, heights)
    scanned = [number for number in pictured if _few_words(pages[number - 1])]
    for number in scanned:
        pages[number - 1] = []
    if scanned and not any(pages):
        raise ParseError(
            f"{name} holds only scanned pages ({len(scanned)}), which are pictures without text. Put it through text "
            "recognition first, for example: ocrmypdf in.pdf out.pdf"
        )
    headings = Headings(tuple(_outline(pdf)))
    text, starts = write_markdown(pages, headings)
    if not text.strip():
        raise ParseError(f"{name} holds no text to search")
    warnings = []
    if scanned:
        warnings.append(f"{name}: {_listed(scanned)} scanned, without text, and not searched")
    if garbled:
        warnings.append(f"{name}: {_listed(garbled)} set in a font that does not say its letters, and not searched")
    return Extracted(text, _fields(pdf), pages=starts, warnings=tuple(warnings))


def _few_words(lines: Sequence[Line | Table]) -> bool:
    """A stamp or a page number beside the picture does not make it a page of text."""
    return (
        all(isinstance(line, Line) for line in lines)
        and sum(len(line.text.split()) for line in lines if isinstance(line, Line)) < 8
    )


def _pictured(page: Any) -> bool:
    area = sum(abs((image["x1"] - image["x0"]) * (image["bottom"] - image["top"])) for image in page.images)
    return bool(area > _SCAN * float(page.width) * float(page.height))


def _outline(pdf: Any) -> Iterator[tuple[int, str]]:
    """(level, title) of each bookmark, in order."""
    try:
        for level, title, *_ in pdf.doc.get_outlines():
            if isinstance(title, str) and title.strip():
                yield int(level), " ".join(title.split())
    except (PDFNoOutlines, PDFSyntaxError, RecursionError, KeyError, TypeError, ValueError):
        return


def _fields(pdf: Any) -> dict[str, str]:
    """The title of the document's properties, unless it is a file name or a tool's default."""
    title = " ".join(str(pdf.metadata.get("Title") or "").split())
    usable = 3 < len(title) < 200 and not re.search(r"\.\w{2,5}$|^(?:untitled|anonymous|microsoft word)\b", title, re.I)
    return {"title": title} if usable and title.isprintable() else {}


def _listed(pages: Sequence[int]) -> str:
    shown = ", ".join(str(page) for page in pages[:8])
    more = f" and {len(pages) - 8} more" if len(pages) > 8 else ""
    return f"page {shown} is" if len(pages) == 1 else f"pages {shown}{more} are"
