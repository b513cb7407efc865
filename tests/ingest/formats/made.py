"""Word, PDF and notebook files made by us, as the programs that people use would write them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "files"

TITLE = "The parcel gateway"
INTRO = (
    "The parcel gateway takes parcels from shops and hands them to carriers. It keeps no addresses after a parcel "
    "has been delivered."
)
ROWS = (
    ("Limit", "Value", "Can be raised"),
    ("Parcels in a batch", "500", "no"),
    ("Requests in a second", "40", "yes"),
    ("Size of a label", "2 MB", "no"),
)
REFUSED = "A batch that exceeds its limit is refused as a whole, and nothing of it is stored."
STEPS = (
    "Close the intake with the command gatectl close.",
    "Wait until the queue is empty, which takes up to ten minutes.",
    "Restart the service with the command gatectl restart.",
)
POISONED = "A queue that does not empty within ten minutes holds a poisoned parcel. Move it aside with this command:"
CODE = ("gatectl quarantine --oldest", "gatectl status")
WEAKNESSES = (
    "Labels are rendered by one process, so that large batches wait.",
    "Carriers without an interface of their own are served by email.",
    "Read-only access cannot be limited to a single shop.",
)
HISTORY = (
    "The gateway replaced the mail room program in 2019. Its second version, released in March 2024, brought batches."
)


def article(suffix: str) -> bytes:
    """The same article as ``.md``, ``.rst``, ``.html``, ``.docx`` or ``.pdf``."""
    made: dict[str, Callable[[], bytes]] = {".docx": word_article, ".pdf": pdf_article}
    return made[suffix]() if suffix in made else (FILES / f"article{suffix}").read_bytes()


def word_article() -> bytes:
    import docx
    from docx.enum.style import WD_STYLE_TYPE

    document = docx.Document()
    document.styles.add_style("Code", WD_STYLE_TYPE.PARAGRAPH)
    document.sections[0].header.paragraphs[0].text = "Operations handbook, not for carriers"
    document.add_heading(TITLE, 0)
    document.add_paragraph(INTRO)
    document.add_heading("Limits", 1)
    document.add_paragraph("The following limits hold for every shop:")
    table = document.add_table(rows=0, cols=3)
    for row in ROWS:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    document.add_paragraph(REFUSED)
    document.add_heading("Restart", 1)
    document.add_paragraph("Restart the gateway only when its queue is empty.")
    for step in STEPS:
        document.add_paragraph(step, style="List Number")
    document.add_heading("When the queue does not empty", 2)
    document.add_paragraph(POISONED)
    for line in CODE:
        document.add_paragraph(line, style="Code")
    document.add_heading("Weaknesses", 1)
    for weakness in WEAKNESSES:
        document.add_paragraph(weakness, style="List Bullet")
    document.add_heading("History", 1)
    document.add_paragraph(HISTORY)
    return _saved(document)


def _saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def pdf_article() -> bytes:
    """Two pages with bookmarks, a running header, page numbers, hyphenation, a ruled table and lists."""
    from reportlab.lib import colors
    from reportlab.platypus import ListFlowable, ListItem, PageBreak, Paragraph, Preformatted, Spacer, Table

    style = styles()
    text, heading = style["text"], style["heading"]

    def listed(items: Sequence[str], **kind: Any) -> Any:
        return ListFlowable([ListItem(Paragraph(item, text)) for item in items], **kind)

    return pdf(
        [
            Paragraph(TITLE, style["title"]),
            Paragraph(INTRO, text),
            Paragraph("Limits", heading),
            Paragraph("The following limits hold for every shop:", text),
            Table([list(row) for row in ROWS], style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)]),
            Spacer(1, 12),
            Paragraph(REFUSED.replace("exceeds", "ex-<br/>ceeds"), text),
            Paragraph("Restart", heading),
            Paragraph("Restart the gateway only when its queue is empty.", text),
            listed(STEPS, bulletType="1", bulletFormat="%s."),
            PageBreak(),
            Paragraph("When the queue does not empty", style["below"]),
            Paragraph(POISONED, text),
            Preformatted("\n".join(CODE), style["code"]),
            Paragraph("Weaknesses", heading),
            listed(WEAKNESSES, bulletType="bullet", start="•"),
            Paragraph("History", heading),
            Paragraph(HISTORY, text),
        ],
        outline=True,
    )


def styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    base = {"fontName": "Helvetica", "fontSize": 10, "leading": 13, "spaceAfter": 6}
    bold = {"fontName": "Helvetica-Bold", "spaceBefore": 10, "spaceAfter": 6}
    return {
        "text": ParagraphStyle("text", **base),
        "code": ParagraphStyle("code", **{**base, "fontName": "Courier", "fontSize": 9, "leading": 11}),
        "title": ParagraphStyle("title", fontSize=22, leading=26, **bold),
        "heading": ParagraphStyle("heading", fontSize=15, leading=18, **bold),
        "below": ParagraphStyle("below", fontSize=12, leading=15, **bold),
    }


def pdf(story: list[Any], *, outline: bool = False, title: str = "", password: str = "", columns: int = 1) -> bytes:
    """``story`` are reportlab flowables; ``outline`` adds a bookmark for each heading of ``styles()``."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    levels = {"title": 0, "heading": 0, "below": 1}

    class Template(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
        def afterFlowable(self, flowable: Any) -> None:  # noqa: N802
            name = getattr(getattr(flowable, "style", None), "name", "")
            if outline and name in ("heading", "below"):
                key = f"mark-{id(flowable)}"
                self.canv.bookmarkPage(key)
                self.canv.addOutlineEntry(flowable.getPlainText(), key, levels[name])

    def running(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(60, 810, "Operations handbook")
        canvas.drawRightString(530, 30, f"Page {document.page}")

    width, height = A4
    wide = (width - 120 - 24 * (columns - 1)) / columns
    frames = [Frame(60 + number * (wide + 24), 60, wide, height - 120, id=f"f{number}") for number in range(columns)]
    stream = io.BytesIO()
    document = Template(
        stream,
        pagesize=A4,
        title=title,
        invariant=1,
        encrypt=StandardEncryption(password, strength=128) if password else None,
    )
    document.addPageTemplates([PageTemplate("page", frames, onPage=running)])
    document.build(story)
    return stream.getvalue()


def scanned_pdf(pages: int = 2) -> bytes:
    """Pages that are one picture each, as a scanner makes them."""
    from PIL import Image as Picture
    from reportlab.platypus import Image

    stream = io.BytesIO()
    Picture.new("L", (60, 80), 200).save(stream, "PNG")
    return pdf([Image(io.BytesIO(stream.getvalue()), width=440, height=600) for _ in range(pages)])


def notebook(cells: Sequence[dict[str, Any]]) -> bytes:
    whole = {
        "cells": [{"metadata": {}, **cell} for cell in cells],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(whole).encode()
