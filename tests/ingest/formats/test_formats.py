"""Each format on a file shaped like real ones: structure kept, furniture left out, the original found again."""

from __future__ import annotations

import pytest

from ingest.formats import extract_here, format_of
from ingest.formats.extracted import Extracted, ParseError
from ingest.formats.marks import settle
from ingest.parsing import parse
from ingest.types import ParsedDocument
from tests.ingest.formats import made


class Words:
    def count(self, texts: list[str] | tuple[str, ...]) -> list[int]:
        return [len(text.split()) for text in texts]


def parsed(raw: bytes | str, name: str) -> ParsedDocument:
    data = raw.encode() if isinstance(raw, str) else raw
    return parse(data, document_id=name, collection="c", source="", tokens=Words(), max_tokens=200)  # type: ignore[arg-type]


def extracted(raw: bytes | str, name: str) -> Extracted:
    form = format_of(name)
    assert form is not None
    return extract_here(form.name, raw.encode() if isinstance(raw, str) else raw, name)


def at(document: Extracted, name: str) -> str:
    """The line that an anchor of the original belongs to."""
    offset = next(offset for offset, anchor in document.anchors if anchor == name)
    return document.text[offset:].split("\n", 1)[0]


@pytest.mark.parametrize("suffix", [".html", ".rst", ".docx", ".pdf", ".md"])
def test_offsets_of_chunks_and_anchors_are_exact(suffix: str) -> None:
    document = parsed(made.article(suffix), f"gateway{suffix}")
    text = document.document.text
    assert document.chunks
    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in document.chunks)
    assert all(0 <= offset < len(text) for offset, _ in document.document.anchors)
    assert not any("\ue000" <= letter <= "\ue001" for letter in text)


class TestHtml:
    def test_navigation_scripts_and_footers_are_left_out(self) -> None:
        text = extracted(made.article(".html"), "gateway.html").text
        for gone in (
            "Skip to",
            "Example Shop",
            "Carriers]",
            "Was this page",
            "Previous",
            "Cookies",
            "float",
            "track",
            "¶",
        ):
            assert gone not in text

    def test_ids_and_named_anchors_lead_to_their_sections(self) -> None:
        document = parsed(made.article(".html"), "gateway.html")
        anchors = {section.heading: section.anchor for section in document.sections}
        assert anchors["Limits"] == "limits"
        assert anchors["Restart"] == "restart"  # of the <section> around the heading
        assert anchors["When the queue does not empty"] == "poisoned"  # <a name> before it

    def test_the_page_says_its_title_summary_and_address(self) -> None:
        document = parsed(made.article(".html"), "gateway.html").document
        assert (document.title, document.url) == ("The parcel gateway", "https://docs.example.com/gateway.html")
        assert document.metadata["summary"] == "How the parcel gateway is run."

    def test_cells_that_span_are_repeated_so_that_each_row_reads_alone(self) -> None:
        page = (
            "<table><tr><th>Plan<th colspan=2>Limits<tr><td rowspan=2>Basic<td>1 | 2<td>a"
            "<tr><td><ul><li>x<li>y</ul><td><table><tr><td>inner</table></table>"
        )
        assert extracted(page, "t.html").text == (
            "| Plan | Limits | Limits |\n| --- | --- | --- |\n| Basic | 1 \\| 2 | a |\n| Basic | x; y | inner |\n"
        )

    def test_code_keeps_its_lines_its_language_and_its_backticks(self) -> None:
        page = '<p>Run:<pre class="language-python"><code>def f():\n\n\n    return "```"\n</code></pre>'
        assert extracted(page, "t.html").text == 'Run:\n\n````python\ndef f():\n\n\n    return "```"\n````\n'

    def test_text_that_looks_like_markup_stays_text(self) -> None:
        page = "<p># not a heading<p>1. not a list<p>&lt;script&gt; and a &lt; b<p>_init_ and `x`"
        document = extracted(page, "t.html")
        assert document.text == "\\# not a heading\n\n1\\. not a list\n\n\\<script> and a < b\n\n\\_init_ and \\`x\\`\n"

    def test_definitions_and_notes_become_labelled_text(self) -> None:
        page = (
            '<dl><dt id="rcu">Read unit</dt><dd>One read of 4 KB.</dd></dl>'
            '<div class="admonition warning"><p class="admonition-title">Warning</p><p>It costs.</p></div>'
        )
        document = extracted(page, "t.html")
        assert document.text == "**Read unit**\n\nOne read of 4 KB.\n\n> **Warning**\n>\n> It costs.\n"
        assert at(document, "rcu") == "**Read unit**"

    def test_the_shapes_of_known_generators_are_read(self) -> None:
        text = "A key is unique in its table, whatever the table holds. " * 5
        aws = (
            f'<main><div id="breadcrumbs">Guide</div><div id="main-col-body"><h1 id="keys">Keys</h1><p>{text}</p>'
            '<div class="awsdocs-note"><div class="awsdocs-note-title"><awsui-icon></awsui-icon><h6>Note</h6></div>'
            '<div class="awsdocs-note-text"><p>It costs.</p></div></div></div>'
            '<div id="rating">Helpful?</div></main>'
        )
        material = (
            '<main><nav>All pages</nav><div class="md-content"><article class="md-content__inner">'
            f'<h1>Keys</h1><p>{text}</p><div class="admonition note"><p class="admonition-title">Note</p>'
            "<p>It costs.</p></div></article></div><aside>On this page</aside></main>"
        )
        docusaurus = (
            f'<main><article><div class="theme-doc-markdown markdown"><h1>Keys</h1><p>{text}</p>'
            '<div class="theme-admonition alert alert--info"><div class="admonitionHeading">note</div><p>It costs.</p>'
            '</div></div><footer>Edit this page</footer></article><nav class="pagination-nav">Next</nav></main>'
        )
        expected = f"# Keys\n\n{text.strip()}\n\n> **Note**\n>\n> It costs.\n"
        assert extracted(aws, "a.html").text == expected
        assert extracted(material, "m.html").text == expected
        shown = extracted(docusaurus, "d.html").text
        assert shown.startswith("# Keys\n\nA key")
        assert "It costs." in shown
        assert "Edit" not in shown
        assert "Next" not in shown

    def test_addresses_that_run_code_are_no_links(self) -> None:
        page = (
            '<p><a href="javascript:alert(1)">a</a> <a href=" JAVASCRIPT:x">b</a> <a href="data:text/html,x">c</a> '
            '<a href="vbscript:x" onclick="y()">d</a> <a href="guide/keys.html#x">e</a> <img src=x onerror=y() alt="f">'
        )
        assert extracted(page, "t.html").text == "a b c d [e](guide/keys.html#x) ![f]()\n"

    def test_other_encodings_are_read_by_what_the_page_declares(self) -> None:
        page = '<meta charset="iso-8859-1"><p>Café au lait</p>'.encode("latin-1")
        assert extracted(page, "t.html").text == "Café au lait\n"

    def test_headings_that_link_to_themselves_are_words_and_the_title_is_that_of_the_page(self) -> None:
        page = (
            "<title>Keys - The guide</title><h1>The guide</h1><main><h2 id=keys><a href=#keys>Keys</a></h2>"
            f"<p>{'A key is unique. ' * 20}</p><h3 id=more><a href=#more>§</a>More</h3><p>It is short.</p></main>"
        )
        document = extracted(page, "t.html")
        assert document.text.startswith("## Keys\n\nA key")
        assert "### More" in document.text
        assert document.fields["title"] == "Keys"

    def test_a_page_without_a_marked_main_part_is_taken_whole(self) -> None:
        assert extracted("<h1>Tea</h1><p>Tea is a drink.</p>", "t.html").text == "# Tea\n\nTea is a drink.\n"

    def test_a_page_without_text_says_so(self) -> None:
        with pytest.raises(ParseError, match=r"t\.html holds no text to search"):
            extracted("<html><body><nav>Home</nav><script>1</script></body></html>", "t.html")


class TestRestructuredText:
    def test_what_only_sphinx_knows_still_gives_its_words(self) -> None:
        text = (
            "Keys\n====\n\nSee :ref:`the limits <lim>`, :class:`~app.Key` and :doc:`other`.\n\n"
            ".. tabs::\n\n   .. tab:: Linux\n      :sync: linux\n\n      Use ``apt``.\n\n"
            ".. versionadded:: 2.0\n   Batches.\n\n.. code-block:: python\n   :linenos:\n\n   x = 1\n"
        )
        assert extracted(text, "t.rst").text == (
            "# Keys\n\nSee the limits, `app.Key` and other.\n\n**Linux**\n\nUse `apt`.\n\n"
            "Added in version 2.0 Batches.\n\n```python\nx = 1\n```\n"
        )

    def test_files_are_never_included_and_raw_html_is_dropped(self) -> None:
        text = (
            "Keys\n====\n\nText.\n\n.. include:: /etc/hostname\n\n.. literalinclude:: /etc/hostname\n\n"
            ".. raw:: html\n\n   <script>alert(1)</script>\n\n.. csv-table::\n   :file: /etc/passwd\n\n"
            ".. raw:: html\n   :file: /etc/passwd\n"
        )
        assert extracted(text, "t.rst").text == "# Keys\n\nText.\n"

    def test_explicit_targets_are_anchors(self) -> None:
        assert at(extracted(made.article(".rst"), "gateway.rst"), "gateway-limits") == "## Limits"

    def test_broken_markup_is_read_as_far_as_it_goes(self) -> None:
        text = extracted("Keys\n===\n\n*open and ``half\n\n.. nothing\n\n  - odd\n\nLast words.\n", "t.rst").text
        assert "Last words." in text


class TestWord:
    def test_headers_and_the_like_are_left_out(self) -> None:
        assert "handbook" not in extracted(made.article(".docx"), "gateway.docx").text

    def test_an_old_or_encrypted_file_says_what_to_do(self) -> None:
        with pytest.raises(ParseError, match=r"t\.docx is encrypted or an old \.doc file; save it as \.docx"):
            extracted(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "t.docx")

    def test_a_broken_file_is_named(self) -> None:
        with pytest.raises(ParseError, match=r"t\.docx is broken and cannot be opened; save it anew"):
            extracted(made.article(".docx")[:3000], "t.docx")


class TestPdf:
    def test_pages_are_kept(self) -> None:
        document = parsed(made.article(".pdf"), "gateway.pdf").document
        assert document.page_at(document.text.index("Requests in a second")) == 1
        assert document.page_at(document.text.index("Weaknesses")) == 2

    def test_running_headers_and_page_numbers_are_left_out(self) -> None:
        text = extracted(made.article(".pdf"), "gateway.pdf").text
        assert "Operations handbook" not in text
        assert "Page 1" not in text

    def test_columns_are_read_one_after_the_other(self) -> None:
        from reportlab.platypus import Paragraph

        style = made.styles()["text"]
        sentences = [
            f"Sentence {number} of the report speaks of quite a few things at some length." for number in range(60)
        ]
        text = extracted(made.pdf([Paragraph(" ".join(sentences), style)], columns=2), "t.pdf").text
        assert [f"Sentence {number} of" in text for number in range(60)] == [True] * 60
        positions = [text.index(f"Sentence {number} of") for number in range(60)]
        assert positions == sorted(positions)

    def test_divided_words_are_joined_and_real_hyphens_kept(self) -> None:
        from reportlab.platypus import Paragraph

        style = made.styles()["text"]
        words = "Access is read-only here. The data-<br/>base is small, and read-<br/>only access is cheap."
        text = extracted(made.pdf([Paragraph(words, style)]), "t.pdf").text
        assert text == "Access is read-only here. The database is small, and read-only access is cheap.\n"

    def test_without_bookmarks_levels_follow_from_the_size_of_the_type(self) -> None:
        from reportlab.platypus import Paragraph

        style = made.styles()
        story = [
            Paragraph("Keys", style["title"]),
            Paragraph("Limits", style["heading"]),
            Paragraph("A key has a limit of 1 KB.", style["text"]),
            Paragraph("<b>Bold and alone</b>", style["text"]),
            Paragraph("More of it stands here.", style["text"]),
        ]
        assert extracted(made.pdf(story), "t.pdf").text == (
            "# Keys\n\n## Limits\n\nA key has a limit of 1 KB.\n\n### Bold and alone\n\nMore of it stands here.\n"
        )

    def test_a_scan_is_reported_as_such(self) -> None:
        with pytest.raises(ParseError, match=r"t\.pdf holds only scanned pages \(2\).*ocrmypdf"):
            extracted(made.scanned_pdf(), "t.pdf")

    def test_scanned_pages_among_others_are_named(self) -> None:
        import io

        from PIL import Image as Picture
        from reportlab.platypus import Image, PageBreak, Paragraph

        picture = io.BytesIO()
        Picture.new("L", (60, 80), 200).save(picture, "PNG")
        story = [
            Paragraph("Tea is a drink.", made.styles()["text"]),
            PageBreak(),
            Image(io.BytesIO(picture.getvalue()), width=440, height=600),
        ]
        document = extracted(made.pdf(story), "t.pdf")
        assert document.text == "Tea is a drink.\n"
        assert document.warnings == ("t.pdf: page 2 is scanned, without text, and not searched",)

    def test_encrypted_broken_and_false_files_are_named(self) -> None:
        from reportlab.platypus import Paragraph

        locked = made.pdf([Paragraph("Secret.", made.styles()["text"])], password="open sesame")
        with pytest.raises(ParseError, match=r"t\.pdf is encrypted; save it without a password"):
            extracted(locked, "t.pdf")
        with pytest.raises(ParseError, match=r"t\.pdf is not a PDF file"):
            extracted("<html>Moved</html>", "t.pdf")
        with pytest.raises(ParseError, match=r"t\.pdf"):
            extracted(made.article(".pdf")[:700], "t.pdf")


class TestNotebooks:
    def test_cells_become_text_and_code_and_printed_tables_stay_tables(self) -> None:
        table = (
            "<div><style>x</style><table><thead><tr><th></th><th>kind</th></tr></thead>"
            "<tr><th>0</th><td>tea</td></tr></table></div>"
        )
        raw = made.notebook(
            [
                {"cell_type": "markdown", "source": ["# Teas\n", "\n", "Counted here."]},
                {
                    "cell_type": "code",
                    "execution_count": 1,
                    "source": "print(len(teas))\nteas",
                    "outputs": [
                        {"output_type": "stream", "name": "stdout", "text": ["3\n"]},
                        {"output_type": "stream", "name": "stderr", "text": ["slow\n"]},
                        {
                            "output_type": "execute_result",
                            "execution_count": 1,
                            "metadata": {},
                            "data": {"text/html": [table], "text/plain": ["  kind"], "image/png": "aaaa"},
                        },
                    ],
                },
            ]
        )
        assert (
            extracted(raw, "t.ipynb").text
            == (
                "# Teas\n\nCounted here.\n\n```python\nprint(len(teas))\nteas\n```\n\n```text\n3\n```\n\n"
                "|  | kind |\n| --- | --- |\n| 0 | tea |\n\n"
            ).rstrip("\n")
            + "\n"
        )

    def test_a_file_that_is_no_notebook_is_named(self) -> None:
        with pytest.raises(ParseError, match=r"t\.ipynb is not a notebook"):
            extracted("not json", "t.ipynb")


class TestMdx:
    def test_components_go_and_the_words_between_them_stay(self) -> None:
        text = (
            "---\ntitle: Keys\n---\nimport Tabs from '@theme/Tabs';\n\nexport const a = {\n  b: 1,\n};\n\n"
            "# Keys {#top}\n\n"
            '<Note title="Careful">\n    A key {props.x} is `{short}`.\n</Note>\n\n'
            '```js\nimport x from "y";\n<Tabs />\n```\n\n'
            ":::tip Use it\nDo so.\n:::\n\n{/* gone */}\nEnd.\n"
        )
        document = parsed(text, "t.mdx")
        assert document.document.text == (
            "---\ntitle: Keys\n---\n# Keys {#top}\n\n**Careful**\n\nA key  is `{short}`.\n\n"
            '```js\nimport x from "y";\n<Tabs />\n```\n\n**Use it**\n\nDo so.\n\nEnd.\n'
        )
        assert document.sections[0].anchor == "top"
        assert document.sections[0].heading == "Keys"


def test_an_anchor_that_stands_alone_belongs_to_what_follows() -> None:
    assert settle("\ue0000\ue001\n\nText\n\n\n\n```\na\n\n\nb\n```", ["x"]) == (
        "Text\n\n```\na\n\n\nb\n```\n",
        ((0, "x"),),
    )


def test_a_servers_media_type_counts_more_than_the_ending() -> None:
    html = format_of("page.php", "text/html; charset=utf-8")
    rst = format_of("guide.rst", "text/plain")
    assert html is not None
    assert rst is not None
    assert (html.name, rst.name, format_of("a.exe")) == ("HTML", "reStructuredText", None)
