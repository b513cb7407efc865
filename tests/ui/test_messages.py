"""What stands in the chat: chips, sources, and nothing that runs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from assistant.generation.page import UNSUPPORTED
from assistant.types import Answer, Check, Citation, Related
from ui.web.citations import answer_html
from ui.web.messages import answer_message, error_message, question_message, streaming_message
from ui.web.sources import answer_markdown, sources


def citation(number: int, quote: str = "Keys are unique.", supported: bool = True) -> Citation:
    url = f"/sources/keys.md?start={number}&end={number + 16}#quote"
    return Citation(
        number, "keys.md", "default", "Keys", ("Keys", "Unique"), url, quote, number, number + 16, 1.0, supported
    )


def answer(text: str, **more: object) -> Answer:
    values: dict[str, object] = {
        "id": "a",
        "conversation_id": "c",
        "question": "What are keys?",
        "standalone_question": "What are keys?",
        "status": "answered",
        "text": text,
        "citations": (citation(1), citation(2)),
        "related": (),
        "hits": (),
        "generator": "extractive",
        "index_generation": "g",
    }
    return Answer(**{**values, **more})  # type: ignore[arg-type]


def test_each_number_becomes_a_chip_that_leads_to_its_own_quote() -> None:
    html = answer_html("Keys are unique. [1] Really. [2][1]", {1: citation(1), 2: citation(2)})
    chips = re.findall(r'<a class="cite" href="([^"]+)"[^>]*>(\d+)</a>', html)
    assert chips == [
        ("/sources/keys.md?start=1&amp;end=17#quote", "1"),
        ("/sources/keys.md?start=2&amp;end=18#quote", "2"),
        ("/sources/keys.md?start=1&amp;end=17#quote", "1"),
    ]


def test_a_number_without_a_citation_is_no_chip() -> None:
    assert "cite" not in answer_html("As in [7] and `list[1]`.", {1: citation(1)})


def test_while_streaming_a_number_whose_citation_is_still_to_come_leads_nowhere() -> None:
    html = streaming_message("Keys are unique. [1]", {}, "q", "q")
    assert '<span class="cite pending">1</span>' in html
    assert "href" not in html


def test_a_doubtful_citation_is_visibly_so() -> None:
    html = answer_message(answer("Keys. [1]", citations=(citation(1, supported=False),)))
    assert 'class="cite unsupported"' in html
    assert "Not clearly supported" in html


def test_the_searched_question_is_shown_only_when_it_differs() -> None:
    assert "Searched for" not in answer_message(answer("x", question="what are keys"))
    assert "Searched for" in answer_message(answer("x", question="And those?"))


def test_an_answer_that_was_not_found_offers_related_sections() -> None:
    related = Related("keys.md", "default", "Keys", ("Keys", "Unique"), "/sources/keys.md#unique")
    html = answer_message(answer("Not there.", status="not_found", citations=(), related=(related,)))
    assert "Not in the documents" in html
    assert 'href="/sources/keys.md#unique">Keys › Unique</a>' in html


def test_sources_name_each_document_and_section_once_with_all_their_numbers() -> None:
    intro = replace(citation(3), heading_path=("Keys",))
    other = replace(citation(4), document="limits.md", title="Limits", heading_path=("Limits", "Size", "Items"))
    listed = sources((citation(1), other, citation(2), intro))
    assert [(one.title, [section.path for section in one.sections]) for one in listed] == [
        ("Keys", ["Unique"]),
        ("Limits", ["Size › Items"]),
    ]
    assert re.findall(r'data-number="(\d)"', listed[0].chips) == ["3"]
    assert re.findall(r'data-number="(\d)"', listed[0].sections[0].chips) == ["1", "2"]
    html = answer_message(answer("Keys. [1] [2]"))
    assert html.split('class="sources"')[1].split('class="tools"')[0].count(">Keys<") == 1


def test_an_answer_is_copied_as_markdown_with_its_references() -> None:
    cited = replace(citation(1, quote="Keys\nare [unique]."), title="Keys [new]", heading_path=("Keys [new]", "Unique"))
    text = answer_markdown(answer("Keys are **unique**. [1]", citations=(cited,)))
    assert text == (
        "Keys are **unique**. [1]\n\n**Sources**\n\n"
        "1. [Keys \\[new\\] › Unique](/sources/keys.md?start=1&end=17#quote): “Keys are [unique].”"
    )
    assert answer_markdown(answer("Not there.", citations=())) == "Not there."


def test_what_the_checks_found_is_told_under_the_answer() -> None:
    good, bad = "Keys are unique. [1]", f"Keys cost <b>$5</b> & **more**. {UNSUPPORTED}"
    row = f"| Keys | <img src=x> {UNSUPPORTED} |"
    text = "\n".join((good, bad, row))
    at = [text.index(one) for one in (good, bad, row)]
    checks = (
        Check(at[0], at[0] + len(good), True, ("Another passage says it.",), (1,)),
        Check(at[1], at[1] + len(bad), False, ("No passage says “<i>$5</i>”.", "Nearest: “Keys are unique.”")),
        Check(at[2], at[2] + len(row), False, ("Nothing says it.",)),
    )
    report = answer_message(answer(text, checks=checks)).split("<details")[1].split("</details>")[0]
    assert report.startswith(' class="checked lost">\n<summary>Checked: 1 of 3 sentences supported</summary>')
    assert "Keys cost &lt;b&gt;$5&lt;/b&gt; &amp; <strong>more</strong>." in report
    assert "Keys; &lt;img src=x&gt;" in report
    assert "No passage says “&lt;i&gt;$5&lt;/i&gt;”." in report
    assert report.count('class="reason"') == 3
    assert "not supported by" not in report
    assert "Another passage" not in report


def test_an_answer_whose_sentences_all_hold_says_so_and_quotes_have_no_report() -> None:
    html = answer_message(answer("Keys. [1]", checks=(Check(0, 9, True, (), (1,)),)))
    assert "Checked: 1 of 1 sentence supported" in html
    assert 'class="reason"' not in html
    assert "Checked" not in answer_message(answer("Keys. [1]"))


@pytest.mark.parametrize(("status", "words"), [("partial", "Answered in part"), ("not_found", "Not in the documents")])
def test_an_answer_that_is_not_whole_says_so_in_words(status: str, words: str) -> None:
    assert f'<p class="status">{words}</p>' in answer_message(answer("x", status=status))
    assert 'class="status"' not in answer_message(answer("x"))


@pytest.mark.parametrize("hostile", ["<script>x</script>", '<img src=x onerror="x">', "[a](javascript:x)", "<b>x"])
def test_nothing_that_documents_or_people_write_becomes_markup(hostile: str) -> None:
    messages = [
        question_message(hostile),
        error_message(hostile),
        answer_message(answer(hostile, citations=(citation(1, quote=hostile),), standalone_question=hostile)),
        answer_message(answer(hostile, checks=(Check(0, len(hostile), False, (hostile,)),))),
        streaming_message(hostile, {}, "q", hostile),
    ]
    for message in messages:
        tags = " ".join(re.findall(r"<[^>]*>", message))
        assert not re.search(r"script|onerror|<img|<b>|javascript:", re.sub(r'(title|value)="[^"]*"', "", tags))


def test_a_message_is_one_block_and_code_keeps_its_lines() -> None:
    message = answer_message(answer("One.\n\nTwo.\n\n```\na\n\nb\n```\n"))
    assert not re.search(r"\n\s*\n", message)
    assert "a&#10;&#10;b" in message
