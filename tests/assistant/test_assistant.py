"""The assistant as every face sees it: statuses, scopes, refusals, conversations, an index that changes beneath it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from assistant.assistant import Assistant
from assistant.chain import related_sections
from assistant.knowing import Judge, Model
from assistant.protocols import Records
from assistant.settings import Settings
from assistant.types import Answer, DoneEvent, Question
from assistant.wiring import assemble
from ingest.errors import BadInputError, NoIndexError, NotFoundError
from ingest.protocols import Embedder
from tests.assistant.conftest import Ask
from tests.assistant.house import Shelf, assistant_over, check_answer


def same(answer: Answer) -> Answer:
    """The answer without what differs from one asking to the next."""
    return replace(answer, id="", conversation_id="", timings_ms={})


# statuses


def test_what_the_documents_answer_is_answered_and_offers_nothing_else(ask: Ask) -> None:
    answer = ask("What is Amazon DynamoDB?")
    assert (answer.status, answer.related) == ("answered", ())
    assert answer.citations
    assert answer.generator == "extractive"


@pytest.mark.parametrize(
    "question",
    [
        "Who won the football world cup in 1998?",
        "What is the boiling point of tungsten?",
        "How do I bake bread?",
        "qwertzuiop",
    ],
)
def test_what_they_do_not_answer_is_not_found_cites_nothing_and_says_what_is_near(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert answer.status == "not_found"
    assert answer.text == "The documents do not answer this question."
    assert answer.citations == ()
    assert 0 < len(answer.related) <= 3
    assert answer.confidence < 0.5


def test_related_sections_are_the_nearest_each_once(ask: Ask) -> None:
    answer = ask("How do I bake bread?")
    assert answer.related == related_sections(answer.hits)
    assert answer.related[0].heading_path == answer.hits[0].section.heading_path
    assert len({(related.document, related.heading_path) for related in answer.related}) == len(answer.related)
    assert all(related.url.startswith("/sources/") for related in answer.related)


@pytest.mark.parametrize("verdict", ["answered", "partial", "not_found"])
def test_the_thresholds_of_the_judge_decide_the_status(
    data_dir: Path, embedder: Embedder, records: Records, verdict: str
) -> None:
    at = {"answered": (0.4, 0.3), "partial": (0.6, 0.4), "not_found": (0.7, 0.6)}[verdict]  # the judge says 0.5
    judge = Judge(Model(bias=0.0, weights={}, answered=0.6, partial=0.4), answered=at[0], partial=at[1])
    assistant = assistant_over(data_dir, embedder, records, judge=judge)
    answer = assistant.ask(Question("What are the strengths of DynamoDB?"))
    assert answer.status == verdict
    assert bool(answer.related) == (verdict != "answered")
    check_answer(answer, assistant.holder.current())
    if verdict == "partial":
        assert answer.text.startswith("The documents do not answer this directly. The nearest they say:")
    assistant.holder.close()


# scope


def test_an_answer_comes_from_the_collections_that_were_named(ask: Ask) -> None:
    answer = ask("How is the mail gateway restarted?", collections=("handbook",))
    assert answer.status == "answered"
    assert {citation.collection for citation in answer.citations} == {"handbook"}
    elsewhere = ask("How is the mail gateway restarted?", collections=("default",))
    assert {hit.chunk.collection for hit in elsewhere.hits} == {"default"}
    assert {citation.collection for citation in elsewhere.citations} <= {"default"}


def test_an_answer_comes_from_documents_that_fit_the_filters(ask: Ask) -> None:
    filters = (("services", ("amazon aurora",)),)
    answer = ask("Does it support transactions?", filters=filters)
    assert {hit.chunk.document_id for hit in answer.hits} == {"services/aurora.md"}
    assert {citation.document for citation in answer.citations} <= {"services/aurora.md"}


def test_the_parts_of_a_comparison_keep_to_the_scope_too(ask: Ask) -> None:
    question = "What is the difference between ElastiCache and MemoryDB?"
    answer = ask(question, filters=(("services", ("Amazon ElastiCache",)),))
    assert {citation.document for citation in answer.citations} <= {"services/elasticache.md"}
    assert answer.status != "answered"


def test_what_was_cited_is_recorded_with_the_hash_of_its_document(assistant: Assistant) -> None:
    answer = assistant.ask(Question("What are the strengths of DynamoDB?"))
    assert answer.citations
    for citation in answer.citations:
        document = assistant.holder.current().document(citation.document, citation.collection)
        assert citation.document_sha256 == document.content_hash
    assert assistant.records.answer(answer.id).citations == answer.citations


def test_unknown_collections_filters_and_conversations_are_refused_before_anything_is_said(
    assistant: Assistant,
) -> None:
    with pytest.raises(NotFoundError, match=r"'nowhere'.*default, handbook"):
        assistant.stream(Question("What is Aurora?", collections=("nowhere",)))
    with pytest.raises(BadInputError, match=r"'colour'.*pillars"):
        assistant.stream(Question("What is Aurora?", filters=(("colour", ("red",)),)))
    with pytest.raises(NotFoundError, match="nobody"):
        assistant.stream(Question("What is Aurora?", conversation_id="nobody"))


# questions


@pytest.mark.parametrize("text", ["", "   ", "?!…", "\n\t", "[](){}", "🙂"])
def test_a_question_without_a_word_is_refused_with_an_example(assistant: Assistant, text: str) -> None:
    for refused in (assistant.stream, assistant.ask):
        with pytest.raises(BadInputError, match="The question is empty"):
            refused(Question(text))
    with pytest.raises(BadInputError, match="empty"):
        assistant.search(text)


def test_a_question_of_100_000_characters_is_refused_with_the_limit(assistant: Assistant) -> None:
    with pytest.raises(BadInputError, match=r"100,000 characters; the most that is read is 4,000. Shorten it"):
        assistant.ask(Question("a" * 100_000))
    with pytest.raises(BadInputError, match="100,000"):
        assistant.search("word " * 20_000)


def test_a_question_of_the_greatest_length_is_answered(ask: Ask) -> None:
    text = "What are the strengths of DynamoDB? ".ljust(4000, "x")
    assert ask(text).question == text
    assert ask(('Aurora (or DynamoDB) AND NOT "Neptune" -> * ? ~ ^ : [1] ' * 70)[:4000]).text


@pytest.mark.parametrize(
    "text", ["a", "7", "日本語", "AND OR NOT", '"unclosed', "title:x", "'; DROP TABLE answers; --", "a\0b"]
)
def test_odd_questions_are_questions(ask: Ask, text: str) -> None:
    assert ask(text).question == text


# the same again


@pytest.mark.parametrize(
    "question",
    ["What are the strengths of DynamoDB?", "What is the difference between ElastiCache and MemoryDB?", "bread?"],
)
def test_the_same_question_gives_the_same_answer(ask: Ask, question: str) -> None:
    assert same(ask(question)) == same(ask(question))


def test_the_stream_ends_with_the_answer_that_ask_gives(assistant: Assistant) -> None:
    question = Question("What are the strengths of DynamoDB?")
    *_, last = assistant.stream(question)
    assert isinstance(last, DoneEvent)
    assert same(last.answer) == same(assistant.ask(question))


def test_many_threads_get_the_answers_that_one_gets(ask: Ask) -> None:
    questions = ["What is Amazon Aurora?", "Does DynamoDB support joins?", "What happened to QLDB?", "bread?"] * 3
    expected = {question: same(ask(question)) for question in set(questions)}
    got: list[tuple[str, Answer]] = []
    threads = [Thread(target=lambda text=text: got.append((text, same(ask(text))))) for text in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(questions)
    assert all(answer == expected[question] for question, answer in got)


# records


def test_an_answer_is_recorded_with_its_citations(assistant: Assistant) -> None:
    answer = assistant.ask(Question("What are the strengths of DynamoDB?"))
    assert assistant.records.answer(answer.id) == replace(answer, hits=())
    assert [turn.question for turn in assistant.records.turns(answer.conversation_id)] == [answer.question]


def test_a_stream_that_is_not_read_to_its_end_records_nothing(assistant: Assistant) -> None:
    first = assistant.ask(Question("What is Amazon Aurora?"))
    events = assistant.stream(Question("and DynamoDB?", conversation_id=first.conversation_id))
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert len(assistant.records.turns(first.conversation_id)) == 1


# an index that changes


def test_the_next_question_after_a_switch_is_answered_from_the_new_documents(tmp_path: Path, records: Records) -> None:
    shelf = Shelf(tmp_path)
    shelf.put({"walrus.md": "# Walrus\n\nThe walrus eats clams.\n", "seal.md": "# Seal\n\nThe seal eats herring.\n"})
    assistant = shelf.assistant(records)
    before = assistant.ask(Question("What does the walrus eat?"))
    assert "clams" in before.text
    shelf.put({"walrus.md": "# Walrus\n\nThe walrus eats mussels.\n"})
    after = assistant.ask(Question("What does the walrus eat?", conversation_id=before.conversation_id))
    assert "mussels" in after.text
    assert after.index_generation != before.index_generation
    check_answer(after, assistant.holder.current())
    gone = assistant.ask(Question("What does the seal eat?"))
    assert "herring" not in gone.text
    assert {hit.chunk.document_id for hit in gone.hits} == {"walrus.md"}
    assistant.holder.close()


def test_a_stream_that_began_before_a_switch_ends_with_what_it_began_with(tmp_path: Path, records: Records) -> None:
    shelf = Shelf(tmp_path)
    shelf.put({"walrus.md": "# Walrus\n\nThe walrus eats clams.\n"})
    assistant = shelf.assistant(records)
    old = assistant.holder.current()
    events = assistant.stream(Question("What does the walrus eat?"))
    next(events)
    shelf.put({"walrus.md": "# Walrus\n\nThe walrus eats mussels.\n"})
    assert "mussels" in assistant.ask(Question("What does the walrus eat?")).text
    *_, last = events
    assert isinstance(last, DoneEvent)
    assert last.answer.citations[0].quote == "The walrus eats clams."
    check_answer(last.answer, old)
    assistant.holder.close()


# settings


def test_the_glossary_setting_teaches_a_teams_own_words(tmp_path: Path, records: Records) -> None:
    shelf = Shelf(tmp_path)
    shelf.put(
        {
            "walrus.md": "# Walrus\n\nThe walrus eats clams.\n",
            "notes.md": "# Notes\n\nA tooth is long. The mail is late.\n",
        }
    )
    glossary = tmp_path / "terms.yaml"
    glossary.write_text("- [Walrus, tooth walker, TW]\n", encoding="utf-8")
    found = {}
    for path in (None, glossary):
        assistant = shelf.assistant(records, path)
        found[path] = [hit.chunk.document_id for hit in assistant.search("TW", k=1)]
        assistant.holder.close()
    assert found[glossary] == ["walrus.md"]


def test_wiring_reads_the_glossary_and_the_longest_question_from_settings(tmp_path: Path) -> None:
    glossary = tmp_path / "terms.yaml"
    settings = Settings(
        data_dir=tmp_path / "data", embedding_model="hashing", glossary=glossary, max_question_chars=10, _env_file=None
    )
    with pytest.raises(BadInputError, match="check ASKWELL_GLOSSARY"):
        assemble(settings)
    glossary.write_text("- [Walrus, TW]\n", encoding="utf-8")
    assistant = assemble(settings)
    with pytest.raises(BadInputError, match="the most that is read is 10"):
        assistant.ask(Question("What is a walrus?"))
    assistant.close()


def test_without_an_index_the_first_question_says_what_to_do(tmp_path: Path) -> None:
    assistant = assemble(Settings(data_dir=tmp_path, embedding_model="hashing", _env_file=None))
    for asked in (
        lambda: assistant.ask(Question("What is Aurora?")),
        lambda: assistant.search("Aurora"),
        assistant.examples,
    ):
        with pytest.raises(NoIndexError, match="askwell ingest"):
            asked()
    assistant.close()


# examples


def test_example_questions_are_answered_by_the_documents(assistant: Assistant, ask: Ask) -> None:
    examples = assistant.examples(4)
    assert 0 < len(examples) <= 4
    assert len(set(examples)) == len(examples)
    assert examples == assistant.examples(4)
    for question in examples:
        assert ask(question).status == "answered", question
