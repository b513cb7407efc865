"""Promises that hold for any question and any document: quotes are letter for letter, marks and citations agree."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.assistant import Assistant
from assistant.compose.units import section_units
from assistant.protocols import Records
from assistant.types import Question
from ingest.embedders.hashing import WordPieces
from ingest.index import OpenIndex
from ingest.parsing import parse
from tests.assistant.house import Shelf, check_answer, check_stream

QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

OPENINGS = ["What is", "What are the weaknesses of", "How do I restore", "Does", "Which", "Why", "How many", "List", ""]
THINGS = ["DynamoDB", "Aurora", "QLDB", "the Quokka gateway", "graph databases", "the cost pillar", "dynamodbb", "it"]
LINKS = [
    "or Neptune",
    "vs MemoryDB",
    "and its limits",
    "support transactions",
    "on the moon",
    "[1] | <b>",
    "Größe 日本語",
]
QUESTIONS = st.tuples(st.sampled_from(OPENINGS), st.sampled_from(THINGS), st.sampled_from(LINKS)).map(
    lambda parts: " ".join(parts) + "?"
)
TYPED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=80).filter(
    lambda text: any(character.isalnum() for character in text)
)


@QUICK
@given(question=QUESTIONS | TYPED)
@example(question="What are the strengths of the Quokka gateway?")
@example(question="What is the difference between ElastiCache and MemoryDB?")
def test_whatever_is_asked_each_number_leads_to_the_quoted_words(
    question: str, assistant: Assistant, index: OpenIndex
) -> None:
    answer = check_stream(list(assistant.stream(Question(question))))
    check_answer(answer, index)
    assert answer.question == question


@settings(QUICK, max_examples=10)
@given(
    turns=st.lists(
        QUESTIONS | TYPED | st.sampled_from(["and its limits?", "why?", "both", "no, the other one"]),
        min_size=2,
        max_size=4,
    )
)
def test_in_a_conversation_too(turns: list[str], assistant: Assistant, index: OpenIndex) -> None:
    conversation = None
    for question in turns:
        answer = assistant.ask(Question(question, conversation_id=conversation))
        conversation = answer.conversation_id
        check_answer(answer, index)


LINES = st.sampled_from(
    [
        "# Walrus database",
        "## Weaknesses",
        "**Strengths:**",
        "1. Walrus pillar:",
        "- Anticipate the walrus:",
        "A walrus is a large [1] database, see [2][3] and \\[4].",
        "The walrus holds 12 rows. ~~~ It *keeps* __init__ and a_b.",
        "- the walrus is <b>bold</b> & AT&amp;T | pipes | [5]",
        "- [1] the walrus\n  - nested [x](javascript:alert(1))",
        "1. Open the walrus.\n2. Close the walrus.",
        "| Walrus [1] | b |\n| --- | --- |\n| rows | 1 \\| 2 [9] |\n| walrus | `|` |",
        "```sql\nSELECT walrus; -- [1]\n```",
        "> walrus quote [7]\n> more",
        "Walrus\n: its definition [8]",
        "<script>walrus()</script>",
        "",
        "Größe naïve \U0001f600 日本語 walrus",
    ]
)
TEXTS = st.lists(
    LINES | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
    min_size=2,
    max_size=16,
).map(lambda lines: "\n".join([*lines, "", "The walrus database stays whole."]))


@settings(QUICK, max_examples=8)
@given(files=st.dictionaries(st.sampled_from(["a.md", "b.txt", "c.md"]), TEXTS, min_size=1, max_size=3))
def test_whatever_the_documents_hold_quotes_are_theirs_and_marks_are_ours(
    files: dict[str, str], records: Records
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.put(files)
        assistant = shelf.assistant(records)
        for question in (
            "What is a walrus database?",
            "What are the weaknesses of the walrus?",
            "How do I open the walrus?",
            "How many rows?",
            "Does the walrus hold rows?",
        ):
            answer = check_stream(list(assistant.stream(Question(question))))
            check_answer(answer, assistant.holder.current())
        assistant.holder.close()


@settings(QUICK, max_examples=60)
@given(text=TEXTS, name=st.sampled_from(["a.md", "a.txt"]))
def test_units_lie_in_their_section_and_neither_begin_nor_end_with_space(text: str, name: str) -> None:
    parsed = parse(
        text.encode(), document_id=name, collection="default", source="", tokens=WordPieces(), max_tokens=256
    )
    for section in parsed.sections:
        parts = section_units(parsed.document.text, section)
        for unit in parts.units:
            assert section.body_start <= unit.start < unit.end <= section.end
            quote = parsed.document.text[unit.start : unit.end]
            assert quote == quote.strip()
            assert unit.text
        for part in parts.lists:
            assert set(part.items) <= set(parts.units)
