"""Citation marks are found in a stream whatever their shape and however the text was cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.generation.markers import Mark, MarkParser, Text, Token

SHAPES = [
    ("Keys are unique [1].", ["Keys are unique ", 1, "."]),
    ("Both [1][2] say so", ["Both ", 1, 2, " say so"]),
    ("Both [1, 2] say so", ["Both ", 1, 2, " say so"]),
    ("All [1-3] say so", ["All ", 1, 2, 3, " say so"]),
    ("Wide 【4】 and 【5†source】", ["Wide ", 4, " and ", 5]),
    ("Footnote[^6] and [[7]]", ["Footnote", 6, " and ", 7]),
    ("Named [Passage 2] and [source: 3]", ["Named ", 2, " and ", 3]),
    ("A link [1](https://evil.example/x) is a mark", ["A link ", 1, " is a mark"]),
    ("In code `rows[1]` it is text [2]", ["In code `rows[1]` it is text ", 2]),
    ("```\nrows[1]\n```\nafter [2]", ["```\nrows[1]\n```\nafter ", 2]),
    ("~~~~\nrows[1]\n~~~\nrows[1]\n~~~~\n[2]", ["~~~~\nrows[1]\n~~~\nrows[1]\n~~~~\n", 2]),
    ("An unpaired ` hides [1]\n\nbut not [2]", ["An unpaired ` hides [1]\n\nbut not ", 2]),
    (r"Escaped \[1\] is text", [r"Escaped \[1\] is text"]),
    ("Years [2024], cells [A1], sizes [12 KB] are text", ["Years [2024], cells [A1], sizes [12 KB] are text"]),
    ("Never closed [1", ["Never closed [1"]),
    ("Over a line [1\n]", ["Over a line [1\n]"]),
]


def parsed(*pieces: str) -> list[Token]:
    """Neighbouring texts joined: where a piece ends is not part of the result."""
    parser = MarkParser()
    tokens = [token for piece in pieces for token in parser.feed(piece)] + parser.finish()
    joined: list[Token] = []
    for token in tokens:
        if joined and isinstance(token, Text) and isinstance(last := joined[-1], Text):
            joined[-1] = Text(last.text + token.text)
        else:
            joined.append(token)
    return joined


@pytest.mark.parametrize(("text", "found"), SHAPES)
def test_each_shape_is_read(text: str, found: list[str | int]) -> None:
    assert [token.text if isinstance(token, Text) else token.number for token in parsed(text)] == found


@pytest.mark.parametrize(("text", "_found"), SHAPES)
def test_letter_by_letter_gives_the_same(text: str, _found: list[str | int]) -> None:
    assert parsed(*text) == parsed(text)


MARKUP = st.text(st.sampled_from(list("[]【】()1,2-^`~\\\n ab.†:")), max_size=80)


@settings(max_examples=300, deadline=None)
@given(MARKUP | st.text(max_size=60), st.lists(st.integers(1, 9), max_size=60))
def test_any_cut_gives_the_same_and_nothing_is_lost(text: str, lengths: list[int]) -> None:
    pieces, at = [], 0
    for length in lengths:
        pieces.append(text[at : at + length])
        at += length
    pieces.append(text[at:])
    whole = parsed(text)
    assert parsed(*pieces) == whole
    if not any(isinstance(token, Mark) for token in whole):
        assert "".join(token.text for token in whole if isinstance(token, Text)) == text
