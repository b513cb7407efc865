"""Words of documents inside an answer stay words: no mark, no markup, no HTML of their own."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin

from assistant.compose.draft import Passage, Statement, render, safe_markdown
from ingest.types import Document, Section
from tests.assistant.conftest import Ask
from tests.assistant.house import marks_in

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MARKDOWN.use(deflist_plugin).use(admon_plugin)

PIECES = st.sampled_from(
    [
        *("[1]", "[2](x)", "![3](http://x)", "\\[4]", "[x]:", "[", "]", "(", ")", "!", "**b**", "*", "_", "__init__"),
        *("a_b", "`", "```", "~~~", "~~", "~", "<b>", "<script>", "<!--", "-->", "&amp;", "&lt;", "&#35;", "&", "|"),
        *("||", "\\", "#", "##", "-", "+", "1.", "12)", ">", ":", "---", "===", "!!!", "???", "word", "Größe", " "),
        *(".", ",", '"', "'", "^", "{", "}"),
    ]
)
TEXTS = (
    st.lists(PIECES, min_size=1, max_size=8)
    .map(lambda pieces: " ".join("".join(pieces).split()))
    .filter(lambda text: re.search(r"\w", text) is not None)
)


def visible(tokens: list[Token]) -> str:
    """The words that a reader sees; a tag that is not text shows as its name."""
    seen: list[str] = []
    for token in tokens:
        for child in token.children or ():
            if child.type in ("text", "text_special"):
                seen.append(child.content)
            else:
                seen.append(" " if child.type == "softbreak" else f"<{child.type}>")
        if not token.children and token.content:
            seen.append(f"<{token.type}>")
    return "".join(seen)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
@example(text="1. January is cold")
@example(text="__init__ of AT&amp;T")
@example(text="~~~ sh")
@example(text="see [1], [2](javascript:x) and ![3](http://x/y.png)")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{}", "{}"),
        ("- {}", "{}"),
        ("1. {}", "{}"),
        ("> {}", "{}"),
        ("**{}**", "<strong_open>{}<strong_close>"),
        ("before\n{}", "before {}"),
        ("| {} | b |\n| --- | --- |\n| c | {} |", "{}bc{}"),
    ],
)
def test_safe_words_are_seen_as_they_are_wherever_a_line_puts_them(line: str, expected: str, text: str) -> None:
    safe = safe_markdown(text)
    assert visible(MARKDOWN.parse(line.replace("{}", safe))) == expected.replace("{}", text)
    assert not marks_in(safe)


def test_words_that_need_no_escape_get_none() -> None:
    for text in ("max_connections is 100", "AT&T & Co", "~5 ms", "C# and C++", "2025-07-31: over", "-5 degrees"):
        assert safe_markdown(text) == text


def test_marks_in_a_document_are_no_marks_in_the_answer(ask: Ask) -> None:
    answer = ask("What are the strengths of the Quokka gateway?")
    assert r"\[3\]. [1]" in answer.text
    assert r"\[12\]. [2]" in answer.text
    assert marks_in(answer.text) == [1, 2]


def test_html_of_a_document_does_not_reach_the_answer_as_html(ask: Ask) -> None:
    for question in ("What are the strengths of the Quokka gateway?", "What is the Quokka gateway?"):
        tokens = MARKDOWN.parse(ask(question).text)
        kinds = {child.type for token in tokens for child in token.children or ()}
        assert "html_inline" not in kinds
        assert "html_block" not in {token.type for token in tokens}


def test_pipes_in_a_cell_do_not_make_columns(ask: Ask) -> None:
    answer = ask("What is the largest Quokka packet?")
    tokens = MARKDOWN.parse(answer.text)
    rows = sum(token.type == "tr_open" for token in tokens)
    cells = sum(token.type in ("th_open", "td_open") for token in tokens)
    assert rows >= 2
    assert cells == 2 * rows
    assert "64 | 128 bytes [2] [1]" in visible(tokens)


TEXT = "# Walrus\n\nA walrus is large. It swims.\n"
DOCUMENT = Document("walrus.md", "default", "Walrus", "", TEXT, "text/markdown", "hash")
SECTION = Section("walrus.md", "default", 0, ("Walrus",), "walrus", 1, "heading", 0, 9, len(TEXT), len(TEXT), -1)


def passage(quote: str) -> Passage:
    start = TEXT.index(quote)
    return Passage(DOCUMENT, SECTION, "Walrus", start, start + len(quote), 1.0)


def test_numbers_are_given_by_first_use_and_a_span_keeps_its_number() -> None:
    large, swims = passage("A walrus is large."), passage("It swims.")
    lines, citations = render(
        [
            Statement("lead", "It swims.", (swims,)),
            Statement("sentence", "It is large.", (large, swims)),
            Statement("bullet", "Large.", (large,)),
        ]
    )
    assert [marks_in(line) for line in lines if line] == [[1], [2, 1], [2]]
    assert [(citation.number, citation.quote) for citation in citations] == [
        (1, "It swims."),
        (2, "A walrus is large."),
    ]


def test_steps_are_numbered_anew_after_other_lines() -> None:
    swims = passage("It swims.")
    step, note = Statement("step", "Swim.", (swims,)), Statement("note", "Mind the ice.", (swims,))
    lines, _ = render([step, step, note, step])
    assert [line for line in lines if line] == ["1. Swim. [1]", "2. Swim. [1]", "> Mind the ice. [1]", "1. Swim. [1]"]


def test_a_row_shorter_than_its_header_is_filled_and_the_mark_stands_in_the_last_cell() -> None:
    swims = passage("It swims.")
    row = Statement("row", "", (swims,), cells=("walrus",), header=("Animal", "Swims"))
    lines, _ = render([row, row])
    assert lines == ["", "| Animal | Swims |", "| --- | --- |", "| walrus | [1] |", "| walrus | [1] |"]


def test_an_introduction_carries_no_mark() -> None:
    lines, citations = render([Statement("intro", "The documents do not answer this question.")])
    assert (lines, citations) == (["The documents do not answer this question."], ())
