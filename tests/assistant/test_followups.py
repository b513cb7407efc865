"""Conversations: what a follow-up means after the turns before it, and that a switch drags no old subject along."""

from __future__ import annotations

import pytest

from assistant.compose.evidence import own_words_first
from assistant.names import Names
from assistant.references import find_reference
from assistant.search import HybridSearch
from assistant.subjects import name_in_path, subjects_of
from assistant.types import Answer, Turn
from assistant.words import stem_set
from tests.assistant.conftest import Ask

Talk = tuple[str, ...]

DYNAMODB = "What is Amazon DynamoDB?"
AURORA = "What is Amazon Aurora?"
NEPTUNE = "What is Amazon Neptune?"
STRENGTHS = "What are the strengths of DynamoDB?"
GRAPHS = "What are the weaknesses of graph databases?"
CACHES = "What is the difference between ElastiCache and MemoryDB?"


def talk(ask: Ask, turns: Talk) -> Answer:
    """The last answer of a conversation."""
    conversation = None
    for question in turns:
        answer = ask(question, conversation_id=conversation)
        conversation = answer.conversation_id
    return answer


SAME_MEANING: list[tuple[Talk, str]] = [
    # pronouns
    ((DYNAMODB, "What are its strengths?"), "What are Amazon DynamoDB's strengths?"),
    ((DYNAMODB, "Does it support transactions?"), "Does Amazon DynamoDB support transactions?"),
    ((DYNAMODB, "Does it work with Lambda?"), "Does Amazon DynamoDB work with Lambda?"),
    ((DYNAMODB, "How does Aurora differ from it?"), "How does Aurora differ from Amazon DynamoDB?"),
    ((AURORA, "how are backups kept there?"), "how are backups kept in Amazon Aurora?"),
    ((AURORA, "Is it encrypted at rest?", "How is it backed up?"), "How is Amazon Aurora backed up?"),
    # the same question of another thing
    ((STRENGTHS, "What about Aurora?"), "What are the strengths of Aurora?"),
    ((STRENGTHS, "and Aurora?"), "What are the strengths of Aurora?"),
    ((STRENGTHS, "How about Aurora then?"), "What are the strengths of Aurora?"),
    ((AURORA, "Is it encrypted at rest?", "and DynamoDB?"), "Is DynamoDB encrypted at rest?"),
    ((AURORA, "Is it encrypted at rest?", "same question for Neptune"), "Is Neptune encrypted at rest?"),
    # both, either, former, latter
    ((CACHES, "Do both run Valkey?"), "Do Amazon ElastiCache and Amazon MemoryDB run Valkey?"),
    ((CACHES, "Is the former a cache?"), "Is Amazon ElastiCache a cache?"),
    ((CACHES, "Is the latter durable?"), "Is Amazon MemoryDB durable?"),
    ((CACHES, "Which of them is durable?"), "which of Amazon ElastiCache or Amazon MemoryDB is durable?"),
    # corrections
    ((GRAPHS, "No, I meant wide-column databases"), "What are the weaknesses of wide-column databases?"),
    ((GRAPHS, "no, Aurora"), "What are the weaknesses of Aurora?"),
    ((GRAPHS, "sorry, the strengths of Aurora"), "the strengths of Aurora"),
    ((AURORA, "sorry, DynamoDB"), "What is DynamoDB?"),
    ((AURORA, "not that, Neptune"), "What is Neptune?"),
    ((AURORA, "actually, is it encrypted?"), "is Amazon Aurora encrypted?"),
    ((AURORA, "wait, how is it backed up?"), "how is Amazon Aurora backed up?"),
    ((CACHES, "What are Aurora's strengths?", "no, DynamoDB's"), "What are DynamoDB's strengths?"),
    # returns and changes of subject in so many words
    ((AURORA, DYNAMODB, "back to Aurora: is it encrypted at rest?"), "is Aurora encrypted at rest?"),
    ((AURORA, "Different question: what is Neptune?"), "what is Neptune?"),
    # one property, in one word
    ((AURORA, "and encrypted?"), "Is Amazon Aurora encrypted?"),
    # questions that stand on their own
    ((AURORA, "What is Amazon Neptune?"), "What is Amazon Neptune?"),
    ((AURORA, "weaknesses of DynamoDB?"), "weaknesses of DynamoDB?"),
    ((DYNAMODB, "How is the mail gateway restarted?"), "How is the mail gateway restarted?"),
    ((DYNAMODB, "Is it possible to restart the mail gateway?"), "Is it possible to restart the mail gateway?"),
]


@pytest.mark.parametrize(
    ("turns", "standalone"), SAME_MEANING, ids=lambda part: part[-1] if isinstance(part, tuple) else ""
)
def test_a_follow_up_becomes_the_question_it_means(ask: Ask, turns: Talk, standalone: str) -> None:
    answer = talk(ask, turns)
    assert answer.question == turns[-1]
    assert answer.standalone_question == standalone


CARRIED: list[tuple[Talk, tuple[str, ...], tuple[str, ...]]] = [
    (("What are graph databases?", "What are their weaknesses?"), ("Graph databases'", "weaknesses"), ("their",)),
    ((NEPTUNE, "and its weaknesses?"), ("Amazon Neptune's weaknesses",), ()),
    ((STRENGTHS, "and the weaknesses?"), ("weaknesses", "DynamoDB"), ()),
    ((STRENGTHS, "weaknesses?"), ("weaknesses", "DynamoDB"), ()),
    ((DYNAMODB, "maximum item size"), ("maximum item size", "DynamoDB"), ()),
    ((DYNAMODB, "Does it support joins?", "and transactions?"), ("transactions", "DynamoDB"), ()),
    ((AURORA, "How long are backups kept?"), ("backups kept", "Aurora"), ()),
    ((AURORA, "How many replicas?"), ("replicas", "Aurora"), ()),
    ((AURORA, "why?"), ("why", "Aurora"), ()),
    ((CACHES, "And the latter?"), ("MemoryDB",), ("ElastiCache",)),
    ((CACHES, "Which one is cheaper?"), ("ElastiCache", "MemoryDB", "cheaper"), ()),
    ((CACHES, "and their strengths?"), ("ElastiCache", "MemoryDB", "strengths"), ()),
    ((GRAPHS, "no, the wide-column one"), ("weaknesses", "wide-column"), ("graph",)),
    ((GRAPHS, "actually, I meant the strengths"), ("strengths", "raph databases"), ("weaknesses",)),
    ((AURORA, DYNAMODB, "Back to Aurora: how is it backed up?"), ("Aurora", "backed up"), ("DynamoDB",)),
    ((AURORA, "Different topic: what is Neptune?"), ("Neptune",), ("Aurora", "topic")),
    ((AURORA, "New topic. How is the mail gateway restarted?"), ("mail gateway",), ("Aurora", "topic")),
    (
        (AURORA, "Back to the pillars: which principles belong to the security pillar?"),
        ("security pillar",),
        ("Aurora",),
    ),
    ((AURORA, "Is the mail gateway backed up?"), ("mail gateway",), ("Aurora",)),
    ((DYNAMODB, "What are the weaknesses of graph databases?"), ("graph databases",), ("DynamoDB",)),
    ((AURORA, DYNAMODB, "What are its strengths?"), ("DynamoDB",), ("Aurora",)),
    ((AURORA, DYNAMODB, "How do they differ?"), ("Aurora", "DynamoDB", "differ"), ("they",)),
    ((AURORA, NEPTUNE, "Is the former encrypted?"), ("Aurora", "encrypted"), ("Neptune",)),
]


@pytest.mark.parametrize(("turns", "holds", "lacks"), CARRIED, ids=lambda part: part[-1] if part else "-")
def test_a_follow_up_carries_its_subject_and_nothing_else(ask: Ask, turns: Talk, holds: Talk, lacks: Talk) -> None:
    standalone = talk(ask, turns).standalone_question
    assert all(part in standalone for part in holds), standalone
    assert not any(part in standalone for part in lacks), standalone


@pytest.mark.parametrize(
    ("turns", "heading"),
    [
        ((DYNAMODB, "and its weaknesses?"), "Weaknesses of DynamoDB"),
        ((STRENGTHS, "What about Aurora?"), "Strengths of Aurora"),
        ((AURORA, "How long are backups kept?"), "How Aurora clusters are backed up"),
        ((DYNAMODB, "maximum item size"), "Limits of DynamoDB"),
        ((AURORA, DYNAMODB, "Back to Aurora: how is it backed up?"), "How Aurora clusters are backed up"),
    ],
)
def test_a_follow_up_is_answered_from_the_right_section(ask: Ask, turns: Talk, heading: str) -> None:
    answer = talk(ask, turns)
    assert answer.status == "answered"
    assert answer.citations[0].heading_path[-1] == heading


@pytest.mark.parametrize(
    "text", ["asdfgh qwerty", "[1]", "its", "it", "both", "the former", "no", "¿Y sus debilidades?", "and?"]
)
def test_whatever_is_typed_next_gives_some_question(ask: Ask, text: str) -> None:
    for first in (AURORA, "Who won the football world cup?"):
        assert talk(ask, (first, text)).standalone_question.strip()


def test_the_first_question_of_a_conversation_is_left_as_it_is(ask: Ask) -> None:
    for text in ("and its weaknesses?", "What about Aurora?", "no, the other one", "Does it scale?"):
        assert ask(text).standalone_question == text


def test_what_a_follow_up_says_itself_weighs_more_for_the_sentence_than_what_it_carries(search: HybridSearch) -> None:
    query = search.query("does the cluster grow by itself (encryption of Aurora)?")
    weighed = own_words_first(query, "does the cluster grow by itself")
    before = {concept.text: concept.weight for concept in query.concepts}
    after = {concept.text: concept.weight for concept in weighed.concepts}
    assert after["cluster"] == before["cluster"] > 0
    assert after["encryption"] < before["encryption"] / 2
    unit = stem_set("Aurora storage grows by itself, and the cluster with it")
    assert weighed.coverage(unit) > query.coverage(unit)


def test_conversations_do_not_mix(ask: Ask) -> None:
    aurora, dynamodb = ask(AURORA), ask(DYNAMODB)
    about_dynamodb = ask("What are its strengths?", conversation_id=dynamodb.conversation_id)
    about_aurora = ask("What are its strengths?", conversation_id=aurora.conversation_id)
    assert about_aurora.standalone_question == "What are Amazon Aurora's strengths?"
    assert about_dynamodb.standalone_question == "What are Amazon DynamoDB's strengths?"


POINTERS = [
    ("Is it durable?", "Is Aurora durable?"),
    ("What are its limits?", "What are Aurora's limits?"),
    ("Do backups cost anything there?", "Do backups cost anything in Aurora?"),
    ("How does this work?", "How does Aurora work?"),
    ("Does that service scale?", "Does Aurora scale?"),
    ("Is that one durable?", "Is Aurora durable?"),
    ("Why is that?", "Why is Aurora?"),
]
NO_POINTERS = [
    "Is it possible to add a node to a cluster?",
    "Is there a limit of tables?",
    "Are there any limits?",
    "Which one instance takes writes or more than one?",
    "Does this cluster scale?",
    "What happens in that case?",
]


@pytest.mark.parametrize(("text", "filled"), POINTERS)
def test_a_pointer_is_filled_with_the_subject(text: str, filled: str) -> None:
    reference = find_reference(text, ("Aurora",))
    assert reference is not None
    assert reference.filled(text) == filled


@pytest.mark.parametrize("text", NO_POINTERS)
def test_words_that_only_look_like_pointers_are_left_alone(text: str) -> None:
    assert find_reference(text, ("Aurora",)) is None


def test_former_and_latter_need_two_subjects() -> None:
    text = "Is the latter durable?"
    assert find_reference(text, ("Aurora",)) is None
    reference = find_reference(text, ("Aurora", "Neptune"))
    assert reference is not None
    assert reference.subjects == ("Neptune",)


def turn(question: str, *cited: str, status: str = "answered") -> Turn:
    return Turn(question, question, "", status, (("a.md", cited),) if cited else ())  # type: ignore[arg-type]


def test_the_subject_is_that_of_the_latest_turn_that_has_one(names: Names) -> None:
    turns = [turn("What is Amazon Aurora?"), turn("Does DynamoDB scale?"), turn("why?")]
    assert subjects_of(turns, names) == ("Amazon DynamoDB",)


def test_a_question_without_names_takes_its_subject_from_what_was_cited(names: Names) -> None:
    found = subjects_of([turn("Which database is best for graphs?", "Amazon Neptune", "Overview")], names)
    assert found
    assert "Neptune" in found[0] or "raph" in found[0]
    assert name_in_path(("Amazon Neptune", "Overview"), names) == "Amazon Neptune"


def test_an_aspect_alone_carries_no_conversation(names: Names) -> None:
    assert subjects_of([turn("What about backups and costs?")], names) == ()
    assert subjects_of([turn("How much is it?", "Amazon Aurora", status="not_found")], names) == ()
