"""The shape of an answer follows the question: definition, list, comparison, yes or no, row, steps, notice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.protocols import Records
from assistant.types import Answer, Question
from ingest.pipeline import ingest
from ingest.protocols import Embedder
from tests.assistant.conftest import Ask
from tests.assistant.house import assistant_over


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            "What is Amazon DynamoDB?",
            "Amazon DynamoDB is a serverless key-value and document database with single-digit millisecond latency.",
        ),
        ("what's neptune", "Amazon Neptune is a graph database service for highly connected data sets."),
        (
            "What is a wide-column database?",
            "A wide-column database stores rows whose columns may differ from row to row.",
        ),
        ("What is the observatory telescope cooled with?", "The observatory telescope is cooled with liquid helium"),
    ],
)
def test_a_definition_leads_with_the_defining_sentence(ask: Ask, question: str, sentence: str) -> None:
    answer = ask(question)
    assert answer.status == "answered"
    assert lines(answer.text)[0].startswith(f"**{sentence}")
    assert " ".join(answer.citations[0].quote.split()).startswith(sentence)


def test_the_strengths_of_a_thing_are_the_list_under_that_heading_in_order(ask: Ask) -> None:
    answer = ask("What are the strengths of DynamoDB?")
    assert lines(answer.text) == [
        "DynamoDB has these strengths:",
        "- DynamoDB scales reads and writes without any downtime. [1]",
        "- DynamoDB answers in single-digit milliseconds at any scale. [2]",
        "- DynamoDB bills each request, so an idle table costs only its storage. [3]",
    ]


def test_a_list_of_one_item_is_a_list_too(ask: Ask) -> None:
    answer = ask("What are the weaknesses of DynamoDB?")
    assert lines(answer.text) == [
        "DynamoDB has this weakness:",
        "- DynamoDB cannot join tables, so every access pattern must be known in advance. [1]",
    ]


@pytest.mark.parametrize("asked", ["drawbacks", "disadvantages", "downsides", "cons", "weaknesses"])
def test_a_list_is_found_by_whatever_word_asks_for_it(ask: Ask, asked: str) -> None:
    answer = ask(f"What are the {asked} of graph databases?")
    assert [citation.quote for citation in answer.citations] == [
        "They cannot adequately store transactional data.",
        "Analysts must learn new languages to query the data.",
    ]
    assert answer.citations[0].heading_path[-2:] == ("Graph databases", "Weaknesses")


def test_which_principles_gives_the_sub_headings_with_their_first_sentences(ask: Ask) -> None:
    answer = ask("Which design principles belong to the cost pillar?")
    items = [line for line in lines(answer.text) if line.startswith("- ")]
    names = ["Adopt a consumption model", "Measure overall efficiency", "Analyze and attribute expenditure"]
    assert [line.partition("**: ")[0] for line in items] == [f"- **{name}" for name in names]
    assert [citation.heading_path[-2:] for citation in answer.citations] == [
        ("Cost Optimization", name) for name in names
    ]


def test_a_comparison_has_one_cited_part_for_each_thing(ask: Ask) -> None:
    answer = ask("What is the difference between ElastiCache and MemoryDB?")
    lead, header, _rule, *rows = lines(answer.text)
    assert lead.startswith("**ElastiCache is a cache in front of a database, while Amazon MemoryDB")
    assert header == "|   | Amazon ElastiCache | Amazon MemoryDB |"
    assert rows[0].startswith("| **What it is** | Amazon ElastiCache is")
    assert [mark for mark in ("[2]", "[3]") if f" {mark} |" in rows[0]] == ["[2]", "[3]"]
    assert [citation.document for citation in answer.citations[1:]] == [
        "services/elasticache.md",
        "services/memorydb.md",
    ]


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Does DynamoDB support transactions?", "**Yes. DynamoDB supports ACID transactions"),
        ("Does DynamoDB support joins?", "**No. DynamoDB does not support joins"),
        ("Is Aurora compatible with MySQL?", "**Yes. Amazon Aurora is a relational database engine"),
    ],
)
def test_yes_or_no_comes_first_when_the_sentence_settles_it(ask: Ask, question: str, begins: str) -> None:
    assert lines(ask(question).text)[0].startswith(begins)


@pytest.mark.parametrize(
    "question",
    [
        "Does Neptune run on the moon?",
        "Is Aurora or DynamoDB a relational database?",
        "Is Aurora encrypted at rest?",
        "Can Aurora storage shrink?",
        "Is a backup of DynamoDB deleted after 35 days?",
    ],
)
def test_nothing_is_affirmed_or_denied_that_no_sentence_settles(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert not answer.text.lstrip("*").startswith(("Yes", "No."))


@pytest.mark.parametrize(
    ("question", "header", "row"),
    [
        (
            "What is the maximum item size of DynamoDB?",
            "| Limit | DynamoDB value |",
            "| Maximum item size | 400 KB [1] |",
        ),
        (
            "How many replicas can an Aurora cluster have?",
            "| Limit | Aurora value |",
            "| Maximum replicas of a cluster | 15 [1] |",
        ),
    ],
)
def test_a_value_in_a_table_comes_as_its_row_under_the_header(ask: Ask, question: str, header: str, row: str) -> None:
    answer = ask(question)
    assert lines(answer.text)[:3] == [header, "| --- | --- |", row]
    assert answer.citations[0].quote.startswith("| Maximum")


AskPage = Callable[[str, str], Answer]


@pytest.fixture
def ask_page(tmp_path: Path, embedder: Embedder, records: Records) -> AskPage:
    """``ask_page(page, question)``: the answer when a single page is all there is."""

    def asked(page: str, question: str) -> Answer:
        (tmp_path / "page.md").write_text(page)
        ingest([tmp_path / "page.md"], data_dir=tmp_path / "data", embedder=embedder)
        assistant = assistant_over(tmp_path / "data", embedder, records)
        try:
            return assistant.ask(Question(question))
        finally:
            assistant.holder.close()

    return asked


def test_what_a_short_lead_announces_follows_it(ask_page: AskPage) -> None:
    answer = ask_page(
        "# Moving house data\n\n## How data is moved\n\nData is moved in two ways. First, everything stops at midnight."
        " Second, changes trickle along until Sunday.\n\n"
        "Data is moved by a crew. The data is moved at night. All data is moved with care. Data is moved for a fee.\n",
        "In which ways is data moved?",
    )
    assert lines(answer.text)[:3] == [
        "**Data is moved in two ways.** [1]",
        "First, everything stops at midnight. [2]",
        "Second, changes trickle along until Sunday. [3]",
    ]


def test_a_section_around_the_one_found_is_no_list_when_its_heading_names_nothing_asked(ask_page: AskPage) -> None:
    answer = ask_page(
        "# Guide\n\n## The power framework\n\n### The parts\n\n#### Pillars\n\n##### Saving energy\n\n"
        "Some stations at the coast run on wind.\n\n##### Saving money\n\nPay for use.\n\n"
        "### Reviews\n\nA review takes hours.\n\n### Tools\n\nA tool helps.\n",
        "Which stations at the coast run on wind or solar power?",
    )
    assert answer.citations[0].quote == "Some stations at the coast run on wind."


def test_steps_come_whole_and_in_order(ask: Ask) -> None:
    answer = ask("How do I restore an Aurora cluster to a point in time?")
    intro, *steps = lines(answer.text)
    assert intro == "Restoring an Aurora cluster makes a new cluster beside the old one:"
    assert [step.split(" ", 1)[0] for step in steps] == ["1.", "2.", "3.", "4.", "5."]
    assert steps[0] == "1. Open the Amazon RDS console and choose the Aurora cluster. [1]"
    assert steps[4] == "5. Point the application at the endpoint of the new cluster. [5]"
    starts = [citation.start for citation in answer.citations]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    "question",
    ["What is Amazon QLDB?", "What are the strengths of QLDB?", "What happened to QLDB?", "Is QLDB immutable?"],
)
def test_that_a_service_has_ended_is_said_exactly_once(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert answer.text.count("ended on July 31, 2025") == 1
    notice = next(citation for citation in answer.citations if "ended" in citation.quote)
    assert notice.heading_path == ("Amazon QLDB", "What happened to QLDB")


def test_services_that_live_on_come_without_notice(ask: Ask) -> None:
    assert "ended" not in ask("What is Amazon Aurora?").text


def test_a_section_is_found_whose_body_never_names_the_service(ask: Ask) -> None:
    answer = ask("Amazon MemoryDB leaderboards")
    assert answer.citations[0].heading_path == ("Amazon MemoryDB", "Develop online games")
    assert "MemoryDB" not in answer.citations[0].quote


def test_what_does_not_mean_that_something_cannot_be_means_that_it_can(ask_page: AskPage) -> None:
    answer = ask_page(
        "# Letters\n\n## Sealed letters\n\nA sealed letter does not mean that the letter cannot be read. Wax is red.\n",
        "Can a sealed letter be read?",
    )
    assert lines(answer.text)[0].startswith("**Yes. A sealed letter does not mean")


def test_sub_headings_that_a_sentence_announces_are_the_list(ask_page: AskPage) -> None:
    answer = ask_page(
        "# House\n\n## Thrift\n\nThrift is a habit of a house. Here are the three design principles of every house:\n\n"
        "### Mend the socks\n\nSocks are mended.\n\n### Turn off the lamp\n\nThe lamp is off.\n\n"
        "### Walk to the shop\n\nThe shop is near.\n",
        "Name the design principles of thrift",
    )
    for heading in ("Mend the socks", "Turn off the lamp", "Walk to the shop"):
        assert heading in answer.text
