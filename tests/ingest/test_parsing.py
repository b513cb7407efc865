"""Sections and chunks: exact offsets, pseudo-headings, tables and code kept whole, nothing over the token limit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.parsing import ParseError, parse
from ingest.types import ParsedDocument

SEED = Path(__file__).parents[3] / "shared" / "seed" / "building-with-aws-databases.md"


class WordPieces:
    """Counts as a coarse word-piece tokenizer would: words and punctuation marks."""

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w{1,6}|[^\w\s]", text)) for text in texts]


def parsed(text: str, name: str = "guide.md", max_tokens: int = 64) -> ParsedDocument:
    return parse(text.encode(), document_id=name, collection="c", source="", tokens=WordPieces(), max_tokens=max_tokens)


def paths(document: ParsedDocument) -> list[str]:
    return [" > ".join(section.heading_path) for section in document.sections]


def slice_of(document: ParsedDocument, index: int) -> str:
    section = document.sections[index]
    return document.document.text[section.start : section.end]


MARKDOWN = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "# Title\n", "## Part\n", "Part\n----\n", "**Strengths**\n", "- one\n- two\n", "1. Step:\nbody here\n",
                "- Name it:\nBody beneath.\n\n- Second one:\nMore body.\n",
                "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
                "```python\nx = 1\n\ny = 2\n```\n", "> quoted\n", "---\n", "\r\n",
                "<b>bold</b> html\n", "`code` [x](y)\n",
            ]
        ),
        st.text(max_size=80),
        st.text(alphabet="ab .\n", min_size=200, max_size=600),
    ),
    max_size=12,
).map("\n".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(MARKDOWN)
def test_every_chunk_is_the_exact_slice_of_its_document_and_its_section(text: str) -> None:
    try:
        document = parsed(text)
    except ParseError:
        return
    counter = WordPieces()
    for chunk in document.chunks:
        section = document.sections[chunk.section]
        assert document.document.text[chunk.start : chunk.end] == chunk.text
        assert section.start <= chunk.start < chunk.end <= section.end
        assert counter.count([chunk.embed_text])[0] <= 64
    assert len({chunk.id for chunk in document.chunks}) == len(document.chunks)


@settings(max_examples=100, deadline=None)
@given(MARKDOWN)
def test_sections_partition_the_text_and_nest(text: str) -> None:
    try:
        document = parsed(text)
    except ParseError:
        return
    sections = document.sections
    assert [section.index for section in sections] == list(range(len(sections)))
    assert all(first.end == second.start for first, second in pairwise(sections))
    assert sections[-1].end == len(document.document.text)
    for section in sections:
        assert section.parent < section.index
        if section.parent >= 0:
            parent = sections[section.parent]
            assert parent.start <= section.start
            assert section.tree_end <= parent.tree_end
    anchors = [section.anchor for section in sections if section.anchor]
    assert len(set(anchors)) == len(anchors)


def test_setext_and_atx_headings_front_matter_and_anchors_are_understood() -> None:
    text = (
        "---\ntitle: My guide\nservices: [A, B]\n---\nTop\n===\n\nIntro.\n\n## Limits <a name='lim'></a> ##\n\nText.\n"
    )
    document = parsed(text)
    assert document.document.title == "My guide"
    assert document.document.metadata["services"] == ("A", "B")
    assert paths(document) == ["Top", "Top > Limits"]
    assert document.sections[1].anchor == "lim"


def test_numbered_and_dash_pseudo_headings_nest_and_close() -> None:
    text = (
        "## Pillars\n\n1. Operations:\nRun it.\n\n- As code:\nWrite it.\n\n- Small changes:\nOften.\n\n"
        "All of these help.\n\n2. Security:\nGuard it.\n"
    )
    document = parsed(text)
    assert paths(document) == [
        "Pillars",
        "Pillars > Operations",
        "Pillars > Operations > As code",
        "Pillars > Operations > Small changes",
        "Pillars > Operations",
        "Pillars > Security",
    ]
    assert "All of these help" in slice_of(document, 4)


def test_a_bold_line_heads_the_list_beneath_it() -> None:
    document = parsed("#### Graph\n\n**Strengths**\n\n- fast\n\n**Weaknesses**\n- new language\n")
    assert paths(document) == ["Graph", "Graph > Strengths", "Graph > Weaknesses"]
    assert document.chunks[-1].text == "- new language"
    assert document.chunks[-1].embed_text.startswith("Graph > Weaknesses")


@pytest.mark.parametrize(
    "text",
    [
        "## Steps\n\n1. Run this command:\n\n   ```\n   ls\n   ```\n\n1. Look.\n",
        "## Notes\n\n**Note**  \nMind the gap.\n",
        "## Bold\n\n**This whole sentence is important.**\n\nText.\n",
        "## Run-in\n\n- **Cost**: falls.\n- **Time**: shrinks.\n",
    ],
)
def test_steps_admonitions_and_bold_sentences_are_no_headings(text: str) -> None:
    assert len(parsed(text).sections) == 1


def test_a_long_table_is_cut_between_rows_and_every_part_carries_the_header() -> None:
    rows = "".join(f"| service{number} | {number} GB | some words about it |\n" for number in range(30))
    document = parsed(f"# T\n\n| service | limit | note |\n|---|---|---|\n{rows}")
    assert len(document.chunks) > 3
    assert all("service , limit , note" in chunk.embed_text for chunk in document.chunks)
    assert all(chunk.text.startswith("|") and chunk.text.endswith("|") for chunk in document.chunks)


def test_code_that_fits_is_never_cut() -> None:
    code = "```sql\nSELECT a, b\n\nFROM t\n```"
    document = parsed(f"# T\n\n{'word ' * 50}\n\n{code}\n\n{'word ' * 50}\n")
    assert sum(code in chunk.text for chunk in document.chunks) == 1


def test_a_contents_list_is_not_searchable_text() -> None:
    document = parsed("# T\n\nIntro.\n\n**Topics**\n+ [One](one.md)\n+ [Two](two.md)\n\n## One\n\nText.\n")
    assert all("Two" not in chunk.embed_text for chunk in document.chunks)


def test_a_heading_without_text_is_found_by_the_names_beneath_it() -> None:
    document = parsed("# Services\n\n## Aurora\n\nFast.\n\n## Neptune\n\nGraph.\n")
    assert document.chunks[0].text == "# Services"
    assert document.chunks[0].embed_text == "Services\nAurora; Neptune"


def test_broken_input_gives_one_clear_sentence_or_a_warning() -> None:
    with pytest.raises(ParseError, match=r"guide\.md is empty"):
        parsed("  \n\n")
    with pytest.raises(ParseError, match="binary file"):
        parse(b"\x89PNG\x00\x01", document_id="x.md", collection="c", source="", tokens=WordPieces(), max_tokens=64)
    document = parse(
        b"# T\n\ncaf\xe9 is good text otherwise and long enough",
        document_id="x.md",
        collection="c",
        source="",
        tokens=WordPieces(),
        max_tokens=64,
    )
    assert "not valid UTF-8" in document.warnings[0]
    assert parsed("---\na: [b\n---\n# T\n\nText.\n").warnings


def test_one_huge_line_is_cut_into_chunks_without_end() -> None:
    document = parsed("x" * 5000 + " " + "y " * 3000)
    assert all(chunk.text.strip() for chunk in document.chunks)


@pytest.mark.skipif(not SEED.exists(), reason="the untidy sample document is not part of this repository")
def test_the_six_pillars_of_the_sample_are_sections_of_their_own() -> None:
    document = parse(
        SEED.read_bytes(), document_id=SEED.name, collection="c", source="", tokens=WordPieces(), max_tokens=256
    )
    found = [section.heading_path[-2:] for section in document.sections if section.kind == "pseudo"]
    assert ("Performance Efficiency", "Mechanical sympathy") in found
    assert ("Graph databases", "Weaknesses") in found
    assert ("The six pillars", "Cost Optimization") in found
    assert sum(section.kind == "heading" for section in document.sections) == 99
