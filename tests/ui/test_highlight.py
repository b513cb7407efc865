"""The highlight: marked words are the quote's words, and nothing else on the page changes."""

from __future__ import annotations

import re
from functools import partial
from html import unescape

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.ui.house import KEYS, PAYLOAD
from ui.sources.highlight import mark
from ui.sources.markdown import clean, render

draw = partial(render, link=lambda href: href)

INLINE = ["{}", "**{}**", "*{}*", "`{}`", "_{}_", "[{}](x.md)", '**"{}"**', "({})", "{},", "~~{}~~", "{}<br>"]


KINDS = ["paragraph", "heading", "setext", "bullets", "numbers", "table", "code", "quote"]


@st.composite
def documents(choose: st.DrawFn) -> tuple[str, int]:
    """A Markdown text whose visible words are w0, w1, ... in order, and how many there are."""
    count = 0

    def words(most: int) -> str:
        nonlocal count
        pieces = []
        for _ in range(choose(st.integers(1, most))):
            pieces.append(choose(st.sampled_from(INLINE)).format(f"w{count}"))
            count += 1
        return " ".join(pieces)

    def plain() -> str:
        nonlocal count
        count += 1
        return f"w{count - 1}"

    blocks = []
    for _ in range(choose(st.integers(1, 6))):
        kind = choose(
            st.sampled_from(["paragraph", "heading", "setext", "bullets", "numbers", "table", "code", "quote"])
        )
        if kind == "paragraph":
            blocks.append("\n".join(words(5) for _ in range(choose(st.integers(1, 2)))))
        elif kind == "heading":
            blocks.append("#" * choose(st.integers(1, 4)) + " " + words(3))
        elif kind == "setext":
            blocks.append(f"{plain()} {plain()}\n=====")
        elif kind == "bullets":
            blocks.append("\n".join(f"- {words(3)}" for _ in range(choose(st.integers(1, 3)))))
        elif kind == "numbers":
            blocks.append("\n".join(f"{n}. {words(3)}" for n in range(1, choose(st.integers(2, 4)))))
        elif kind == "table":
            rows = [f"| {words(2)} | {words(1)} |"]
            rows += ["| --- | ---: |", *(f"| {words(2)} | {words(1)} |" for _ in range(choose(st.integers(1, 2))))]
            blocks.append("\n".join(rows))
        elif kind == "code":
            blocks.append(f"```sql\n{plain()};\n  {plain()}\n```")
        else:
            blocks.append(f"> {words(3)}\n> {words(2)}")
    return "\n\n".join(blocks) + "\n", count


def visible(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def marked(html: str) -> list[str]:
    return re.findall(r"w\d+", " ".join(visible(text) for text in re.findall(r"<mark.*?</mark>", html, re.DOTALL)))


@settings(max_examples=300, deadline=None)
@given(document=documents(), choice=st.data())
def test_the_marked_words_are_those_of_the_span_and_the_page_is_otherwise_unchanged(
    document: tuple[str, int], choice: st.DataObject
) -> None:
    text, count = document
    first = choice.draw(st.integers(0, count - 1))
    last = choice.draw(st.integers(first, count - 1))
    start = [match.start() for match in re.finditer(r"w\d+", text)][first]
    end = [match.end() for match in re.finditer(r"w\d+", text)][last]
    # Quotes often begin at the start of the line, markers included, or end with its last character.
    if choice.draw(st.booleans()) and not re.search(r"w\d", text[text.rfind("\n", 0, start) + 1 : start]):
        start = text.rfind("\n", 0, start) + 1
    if choice.draw(st.booleans()) and not re.search(r"w\d", text[end : text.find("\n", end)]):
        end = text.find("\n", end)
    note(f"{text!r}[{start}:{end}] = {text[start:end]!r}")
    result = mark(draw, text, start, end)
    assert marked(result.html) == [f"w{number}" for number in range(first, last + 1)]
    assert re.sub(r"</?mark[^>]*>", "", result.html) == draw(text)
    assert result.html.count('id="quote"') == 1


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_no_text_and_no_span_break_the_page(text: str, start: int, end: int) -> None:
    result = mark(draw, text, start, end)
    assert re.sub(r"</?mark[^>]*>", "", result.html) == draw(text)
    clean(result.html)


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        (
            "- A popular partition key becomes a **hot partition**",
            ["A popular partition key becomes a ", "hot partition"],
        ),
        ("| Size of a sort key | 1,024 bytes |", ["Size of a sort key", "1,024 bytes"]),
        ("## Limits of keys", ["Limits of keys"]),
        ("[a page that does not exist](missing.md)", ["a page that does not exist"]),
    ],
)
def test_markers_of_lists_tables_headings_and_links_are_not_disturbed(quote: str, shown: list[str]) -> None:
    result = mark(draw, KEYS, KEYS.index(quote), KEYS.index(quote) + len(quote))
    assert [unescape(text) for text in re.findall(r"<mark[^>]*>([^<]*)</mark>", result.html)] == shown


def test_other_spans_are_underlined_where_they_overlap_nothing() -> None:
    first, second = "Partition keys spread the items", "- Partition keys find a single item"
    at, to = KEYS.index(first), KEYS.index(second)
    spans = [(to, to + len(second)), (at + 5, at + 9), (to + 4, to + 12), (9_999, 10_003)]
    result = mark(draw, KEYS, at, at + len(first), spans)
    assert re.findall(r"<mark[^>]*>([^<]*)</mark>", result.html) == [first]
    assert re.findall(r'<span class="also">([^<]*)</span>', result.html) == [second.removeprefix("- ")]
    assert re.sub(r"</?(?:mark|span)[^>]*>", "", result.html) == re.sub(r"</?span[^>]*>", "", draw(KEYS))


def test_a_span_that_begins_where_another_ends_is_kept_apart() -> None:
    html = mark(draw, "One two three.", 0, 4, [(4, 7)]).html
    assert html == '<p><mark id="quote">One</mark> <span class="also">two</span> three.</p>\n'


def test_a_bare_address_is_marked_whole() -> None:
    text = "See https://example.com/a_b for more."
    result = mark(draw, text, 4, 27)
    assert re.findall(r"<mark[^>]*>([^<]*)</mark>", result.html) == ["https://example.com/a_b"]


def test_a_span_in_front_matter_marks_nothing_and_says_so() -> None:
    start = KEYS.index("summary:")
    assert not mark(draw, KEYS, start, start + 20).found


def test_nothing_in_a_hostile_document_survives_that_could_run_or_load() -> None:
    html = clean(mark(draw, PAYLOAD, PAYLOAD.index("The lander"), len(PAYLOAD)).html)
    tags = re.findall(r"<[^>]*>", html)
    assert not [tag for tag in tags if re.search(r"script|iframe|img|svg|onerror|onload|javascript:|tracker", tag)]
