"""The gap report: what belongs together is together, named by what is missing, and nothing in it can do harm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.gaps.naming import subject_of
from assistant.gaps.report import collected, gap_report
from assistant.gaps.values import GapReport
from assistant.protocols import Records
from assistant.records import answers_of, open_records
from assistant.records.history import RecordedAnswer
from assistant.settings import Settings
from assistant.types import Answer, Rating, Status
from ingest.protocols import Embedder
from tests.assistant.house import assistant_over
from ui.gaps.writing import gaps_markdown, gaps_page, gaps_shape

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ASKED = {
    "Kubernetes": (
        "How do I configure Kubernetes for Neptune?",
        "Can I run Aurora on Kubernetes?",
        "kubernetes operator for dynamodb",
        "Is there a Kubernetes operator for Aurora?",
    ),
    "Snowflake": (
        "What does a Snowflake warehouse cost?",
        "Snowflake pricing per credit",
        "How much is Snowflake compared with Aurora?",
    ),
    "invoice": ("How do I get my invoice?", "Where can I download invoices?", "invoice download"),
    "on-call": (
        "What is the on-call rota for the database team?",
        "How do I page the on-call engineer?",
        "who is on call this weekend",
    ),
    "GraphQL": ("GraphQL API over DynamoDB", "Does QLDB support GraphQL?", "Which GraphQL resolvers work with Aurora?"),
}


def told(text: str, status: Status = "not_found", rating: Rating | None = None, expected: str = "") -> RecordedAnswer:
    answer = Answer(
        id=text,
        conversation_id="c",
        question=text,
        standalone_question=text,
        status=status,
        text="The documents do not answer this question.",
        citations=(),
        related=(),
        hits=(),
        generator="extractive",
        index_generation="g",
    )
    return RecordedAnswer(answer, NOW, "", rating, "", expected)


@pytest.fixture(scope="module")
def report(assistant: Assistant) -> GapReport:
    every = [told(text) for texts in ASKED.values() for text in texts]
    every += [told("Can I run Aurora on Kubernetes?"), told("can i run aurora on kubernetes")]
    every += [told("What is Aurora?", "answered", "up"), told("What is Neptune?", "answered")]
    every += [told("What is MemoryDB?", "answered", "down", "Say that it is durable.")]
    return gap_report(assistant, every, NOW)


def test_questions_on_one_missing_subject_are_one_gap_that_bears_its_name(report: GapReport) -> None:
    found = {gap.subject: {question.text for question in gap.questions} for gap in report.gaps}
    for name, texts in ASKED.items():
        (subject,) = [subject for subject in found if name.lower() in subject.lower()]
        assert {text.lower().rstrip("?") for text in found[subject]} == {text.lower().rstrip("?") for text in texts}
    assert report.gaps[0].subject.startswith("Kubernetes")
    assert report.gaps[0].asked == 6


def test_an_answer_that_was_voted_down_is_a_gap_and_a_liked_one_is_none(report: GapReport) -> None:
    assert (report.answers, report.not_found, report.voted_down) == (21, 18, 1)
    texts = {question.text for gap in report.gaps for question in gap.questions}
    assert "What is MemoryDB?" in texts
    assert not texts & {"What is Aurora?", "What is Neptune?"}


def test_each_gap_names_the_nearest_sections_of_today(report: GapReport, assistant: Assistant) -> None:
    index = assistant.holder.current()
    for gap in report.gaps:
        assert gap.nearest
        for near in gap.nearest:
            assert near.heading_path in {
                section.heading_path for section in index.sections(near.document, near.collection)
            }


def test_the_reports_show_subjects_counts_and_what_was_expected(report: GapReport) -> None:
    markdown, page = gaps_markdown(report, "https://a.example"), gaps_page(report, "https://a.example")
    for text in (markdown, page):
        assert "From 2026-11-20 to now" in text
        assert "Kubernetes" in text
        assert "Say that it is durable." in text
        assert "https://a.example/sources/" in text
    assert "| 6 | Kubernetes" in markdown
    assert "(3 times)" in markdown
    assert "http-equiv" not in page
    assert "src=" not in page
    shape = gaps_shape(report)
    assert shape.gaps[0].asked == 6
    assert gaps_page(report, "").count("href=") == 0


def test_hostile_questions_stay_text(assistant: Assistant) -> None:
    payload = "<script>alert(1)</script> | [x](javascript:alert(1)) ![i](https://evil.example/p.png)"
    report = gap_report(assistant, [told(payload)], NOW)
    assert "<script" not in gaps_page(report)
    markdown = gaps_markdown(report)
    assert "![i]" not in markdown
    assert "\\<script" in markdown


def test_nothing_unanswered_is_said_so(assistant: Assistant) -> None:
    report = gap_report(assistant, [told("What is Aurora?", "answered")], NOW)
    assert report.gaps == ()
    assert "Nothing was left unanswered" in gaps_page(report)
    assert gap_report(assistant, [], None).answers == 0
    assert collected([told("???")]) == []


def test_a_single_question_and_questions_without_a_word_have_a_name() -> None:
    assert subject_of(["What is the capital of France?"], {}) in ("capital, France", "France, capital")
    assert subject_of(["What is this?"], {}) == "What is this?"


@pytest.fixture
def own_records(tmp_path: Path) -> Iterator[Records]:
    opened = open_records(Settings(data_dir=tmp_path, _env_file=None))
    yield opened
    opened.close()


def test_the_report_reads_what_was_really_asked(data_dir: Path, embedder: Embedder, own_records: Records) -> None:
    from assistant.types import Question

    asking = assistant_over(data_dir, embedder, own_records)
    for text in ("Who won the chess championship of 1972?", "What is Amazon Aurora?"):
        asking.ask(Question(text))
    report = gap_report(asking, answers_of(own_records))
    assert report.answers == 2
    assert [question.text for gap in report.gaps for question in gap.questions] == [
        "Who won the chess championship of 1972?"
    ]
    assert list(answers_of(own_records, datetime(2999, 1, 1, tzinfo=UTC))) == []
