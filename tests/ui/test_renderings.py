"""The same words in Slack's mrkdwn and in plain text: nothing formats, mentions or breaks that should not."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.renderings.answers import SLACK_LIMIT
from ui.renderings.blocks import blocks
from ui.renderings.pieces import pieces
from ui.renderings.styles import Mrkdwn, Plain

SLACK = Mrkdwn({1: "https://a.example/s?a=1&b=2#quote", 2: "https://a.example/2"})
ONE = "<https://a.example/s?a=1&amp;b=2#quote|[1]>"

CASES = [
    ("**Yes. It is.** [1]", f"*Yes. It is.* {ONE}", "Yes. It is. [1]"),
    ("*a* ~~b~~ `c < d`", "_a_ ~b~ `c &lt; d`", "a b c < d"),
    ("see \\[1\\] and [9]", "see [1] and [9]", "see [1] and [9]"),
    ("# Head\n\ntext", "*Head*\n\ntext", "Head\n\ntext"),
    ("- a\n- b\n  1. c", "• a\n• b\n    1. c", "- a\n- b\n    1. c"),
    ("3. a\n4. b", "3. a\n4. b", "3. a\n4. b"),
    ("> a\n> b", ">a\n>b", "a\nb"),
    ("```sh\na < b\n```", "```\na &lt; b\n```", "a < b"),
    ("| a | b |\n|---|---|\n| 1 | 22 |", "```\na | b\n--+---\n1 | 22\n```", "a | b\n--+---\n1 | 22"),
    ("| a | b |\n|---|---|\n| 1 | 2 [1] |", f"• *a:* 1 · *b:* 2 {ONE}", "- a: 1 · b: 2 [1]"),
    ("[x](https://b.example/?a=1&b=2)", "<https://b.example/?a=1&amp;b=2|x>", "x (https://b.example/?a=1&b=2)"),
    ("[x](javascript:alert(1)) [y](limits.md)", "[x](javascript:alert(1)) y", "[x](javascript:alert(1)) y"),
    ("**a\nb**", "*a*\n*b*", "a\nb"),
]


@pytest.mark.parametrize(("markdown", "mrkdwn", "text"), CASES)
def test_each_construct_has_its_form(markdown: str, mrkdwn: str, text: str) -> None:
    assert "\n\n".join(blocks(markdown, SLACK)) == mrkdwn
    assert "\n\n".join(blocks(markdown, Plain())) == text


def test_words_of_a_document_cannot_notify_link_or_format() -> None:
    text = "<!channel> <@U1> & \\*not bold\\* \\_not italic\\_ \\`not code\\`"
    (shown,) = blocks(text, SLACK)
    assert "<" not in shown
    assert "&lt;!channel&gt;" in shown
    assert not re.search(r"(?<!\w)[*_`](?=[^\s\u200b])", shown)
    assert blocks("\\> no quote", SLACK) == ["\u200b&gt; no quote"]
    assert blocks("max_connections and 2 * 3", SLACK) == ["max_connections and 2 * 3"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="ab <&>`*_|[1]\n-", max_size=200), max_size=8), st.integers(20, 120))
def test_pieces_fit_and_lose_no_word(texts: list[str], limit: int) -> None:
    found = [block for text in texts for block in blocks(text, SLACK)]
    cut = pieces(found, limit)
    assert all(0 < len(piece) <= limit for piece in cut)
    assert re.findall(r"[ab]", "".join(cut)) == re.findall(r"[ab]", "".join(found))


def test_a_long_code_block_stays_code_in_every_piece() -> None:
    (block,) = blocks("```\n" + "select 1;\n" * 900 + "```", SLACK)
    cut = pieces([block], SLACK_LIMIT)
    assert len(cut) > 2
    assert all(piece.startswith("```\n") and piece.endswith("\n```") for piece in cut)
    assert sum(piece.count("select 1;") for piece in cut) == 900


def test_a_link_is_never_cut() -> None:
    cut = pieces([f"{ONE} " * 200], 300)
    assert all(piece.count("<") == piece.count(">") and piece.count("|[1]>") == piece.count("<") for piece in cut)


@pytest.mark.parametrize("kind", ["markdown", "mrkdwn", "text"])
def test_a_rendering_comes_with_the_answer_that_asked_for_it(client: TestClient, kind: str) -> None:
    body = {"question": "What are the weaknesses of partition keys?", "format": kind}
    answer = client.post("/v1/answers", json=body).json()
    rendering = answer["rendering"]
    assert rendering["format"] == kind
    assert "\n\n".join(rendering["parts"]) == rendering["text"]
    assert "hot partition" in rendering["text"]
    for citation in answer["citations"]:
        address = "http://testserver" + citation["url"]
        assert address.replace("&", "&amp;") in rendering["text"] or address in rendering["text"]
    del body["format"]
    assert "rendering" not in client.post("/v1/answers", json=body).json()
    assert client.post("/v1/answers", json={**body, "format": "html"}).status_code == 422


def test_what_is_not_answered_comes_with_the_nearest_sections(client: TestClient) -> None:
    asked = {"question": "Who won the chess championship of 1972 in Reykjavik?", "format": "mrkdwn"}
    answer = client.post("/v1/answers", json=asked).json()
    assert answer["status"] == "not_found"
    assert answer["rendering"]["text"].startswith(answer["answer"])
    assert ("*Nearest sections*\n• <http://testserver/sources/" in answer["rendering"]["text"]) == bool(
        answer["related"]
    )
