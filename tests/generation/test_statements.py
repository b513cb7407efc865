"""A model's text becomes statements with their marks; how the stream was cut makes no difference."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.generation.statements import Piece, StatementReader

ANSWER = """\
DynamoDB stores items, e.g. orders. [1] An item is at most 400 KB [2]. It scales.[3]It is fast [1], and cheap [4].

- **One**: first thing. Second thing [2]
- Two [3]

## Limits

| Limit | Value |
| --- | --- |
| Size | 400 KB [1] |

```sql
select rows[1]
```
"""


def read(*pieces: str) -> list[Piece]:
    reader = StatementReader()
    return [found for piece in pieces for found in reader.feed(piece)] + reader.finish()


def test_sentences_items_rows_headings_and_code_are_told_apart() -> None:
    found = [(piece.kind, piece.bare, piece.numbers) for piece in read(ANSWER)]
    assert found == [
        ("sentence", "DynamoDB stores items, e.g. orders.", (1,)),
        ("sentence", "An item is at most 400 KB.", (2,)),
        ("sentence", "It scales.", (3,)),
        ("sentence", "It is fast, and cheap.", (1, 4)),
        ("sentence", "**One**: first thing.", ()),
        ("sentence", "Second thing", (2,)),
        ("sentence", "Two", (3,)),
        ("heading", "## Limits", ()),
        ("row", "| Limit | Value |", ()),
        ("rule", "| --- | --- |", ()),
        ("row", "| Size | 400 KB |", (1,)),
        ("code", "```sql\nselect rows[1]\n```", ()),
    ]


def test_a_sentence_comes_out_before_the_next_one_is_complete() -> None:
    reader = StatementReader()
    assert [piece.bare for piece in reader.feed("It is fast. [1] It is also very")] == ["It is fast."]


def test_private_characters_of_the_model_are_no_marks() -> None:
    assert read("odd \ue001 text")[0].numbers == ()


WORDS = st.sampled_from(
    [
        *"It is fast. [1] [2]. e.g. The | |---| ``` `x[1]` data.[3]Next etc. Amazon 1. 3.5 ? ! 12".split(),
        "\n",
        "- ",
        "| a |",
        "## H",
        "\n\n",
        "> ",
        "[x] ",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(WORDS, st.sampled_from([" ", "", "\n"])), max_size=14), st.lists(st.integers(1, 8), max_size=50)
)
def test_any_cut_gives_the_same_statements(parts: list[tuple[str, str]], lengths: list[int]) -> None:
    text = "".join(word + gap for word, gap in parts)
    pieces, at = [], 0
    for length in lengths:
        pieces.append(text[at : at + length])
        at += length
    assert read(*pieces, text[at:]) == read(text)
