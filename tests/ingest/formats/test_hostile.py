"""Files made to do harm: bombs, entities, paths that lead out, endless nesting. Each costs itself and nothing else."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from ingest.formats import extract_here
from ingest.formats.extracted import ParseError
from ingest.formats.isolated import Isolated, Limits
from tests.ingest.conftest import Library
from tests.ingest.formats import made


def word(changes: dict[str, bytes]) -> bytes:
    """The Word article with some of its parts changed or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made.article(".docx"))) as original,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for name in original.namelist():
            changed.writestr(name, changes.pop(name, original.read(name)))
        for name, content in changes.items():
            changed.writestr(name, content)
    return stream.getvalue()


def document_xml(raw: bytes) -> bytes:
    return zipfile.ZipFile(io.BytesIO(raw)).read("word/document.xml")


class TestWord:
    def test_a_bomb_is_not_unpacked(self) -> None:
        with pytest.raises(ParseError, match="looks like a decompression bomb"):
            extract_here("Word", word({"word/media/image1.xml": b"\0" * 50_000_000}), "bomb.docx")

    @pytest.mark.parametrize(
        "declaration",
        [
            b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>',
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
            b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
        ],
    )
    def test_entities_are_refused(self, declaration: bytes) -> None:
        xml = document_xml(made.article(".docx"))
        head, _, rest = xml.partition(b"?>")
        with pytest.raises(ParseError, match=r"declares XML entities in word/document\.xml"):
            extract_here("Word", word({"word/document.xml": head + b"?>" + declaration + rest}), "entities.docx")

    def test_parts_whose_path_leads_out_are_refused(self) -> None:
        with pytest.raises(ParseError, match="whose path leads out of it"):
            extract_here("Word", word({"../../evil.xml": b"<x/>"}), "out.docx")

    def test_pictures_that_point_to_files_are_not_opened(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("hunter2")
        relations = zipfile.ZipFile(io.BytesIO(made.article(".docx"))).read("word/_rels/document.xml.rels")
        kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
        link = b'<Relationship Id="rId99" Type="%s" Target="%s" TargetMode="External"/></Relationships>'
        changed = relations.replace(b"</Relationships>", link % (kind, secret.as_uri().encode()))
        blip = (
            b'<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
            b'wordprocessingDrawing"><wp:docPr id="1" name="x" descr="A plan"/><a:graphic xmlns:a="http://schemas.'
            b'openxmlformats.org/drawingml/2006/main"><a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.'
            b'org/drawingml/2006/picture"><pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/'
            b'officeDocument/2006/relationships" r:link="rId99"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
            b"</wp:inline></w:drawing></w:r></w:p></w:body>"
        )
        xml = document_xml(made.article(".docx")).replace(b"</w:body>", blip)
        raw = word({"word/document.xml": xml, "word/_rels/document.xml.rels": changed})
        text = extract_here("Word", raw, "linked.docx").text
        assert "hunter2" not in text
        assert "aHVudGVyMg" not in text  # base64 of it


class TestHtml:
    def test_endless_nesting_is_no_document(self) -> None:
        with Isolated(Limits(seconds=20)) as extract:
            for inner in ("<div>", "<ul><li>", "<table><tr><td>"):
                with pytest.raises(ParseError, match=r"deep\.html"):
                    extract("HTML", (inner * 20_000 + "deep").encode(), "deep.html")

    def test_a_table_that_spans_a_million_cells_stays_small(self) -> None:
        page = "<p>Tea.</p>" + "<table><tr>" + "<td rowspan=65000 colspan=65000>x" * 50 + "<tr><td>y" * 500
        begun = time.monotonic()
        assert len(extract_here("HTML", page.encode(), "wide.html").text) < 1_000_000
        assert time.monotonic() - begun < 20


class TestPdf:
    def test_a_packed_bomb_is_given_up(self) -> None:
        stream = zlib.compress(zlib.compress(b"(x) Tj " * 20_000_000, 9), 9)
        raw = (
            b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
            b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n"
            % len(stream)
            + stream
            + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
        )
        with Isolated(Limits(seconds=3, seconds_per_mib=0, memory=600 * 2**20)) as extract:
            with pytest.raises(ParseError, match=r"bomb\.pdf"):
                extract("PDF", raw, "bomb.pdf")
            assert "Weaknesses" in extract("PDF", made.article(".pdf"), "good.pdf").text

    def test_pages_that_contain_themselves_end(self) -> None:
        raw = (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
            b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
        )
        with Isolated(Limits(seconds=10)) as extract, pytest.raises(ParseError, match=r"loop\.pdf"):
            extract("PDF", raw, "loop.pdf")


def test_a_run_over_hostile_files_names_each_and_takes_in_the_others(library: Library) -> None:
    library.write(
        {
            "bomb.docx": word({"word/media/image1.xml": b"\0" * 20_000_000}),
            "broken.pdf": b"%PDF-1.7\n" + b"\x00\xff" * 400,
            "deep.html": "<div>" * 30_000,
            "false.docx": "not a zip",
            "good.html": made.article(".html"),
            "good.md": "# Tea\n\nTea is a drink.",
            "odd.ipynb": '{"cells": "none"}',
            "scan.pdf": made.scanned_pdf(),
        }
    )
    report = library.ingest()
    assert report.added == 2
    names = [name for name, _ in report.failed]
    assert names == ["bomb.docx", "broken.pdf", "deep.html", "false.docx", "odd.ipynb", "scan.pdf"]
    assert all(name in why for name, why in report.failed)
