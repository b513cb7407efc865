"""The parts of a follow-up's understanding, each alone: what was listed, how a turn opens, which readings there are."""

from __future__ import annotations

import pytest

from assistant.items import exchanged, items_of, picked_item
from assistant.names import Names
from assistant.openings import corrected, switched, without_opening
from assistant.readings import readings, topic_of
from assistant.references import find_reference
from assistant.resolving import Leaning, context_of, default_followups
from assistant.subjects import phrases_in, shared_phrase, subjects_of
from assistant.types import Turn
from tests.assistant.conftest import Ask

PILLARS = Turn(
    "Which pillars are there?",
    "Which pillars does the framework have?",
    "The pillars are:\n\n1. **Security**: protects data [1]\n2. Reliability [2]\n3. Cost Optimization: spends less [3]",
    "answered",
)
ACID = Turn(
    "ACID?", "What does ACID stand for?", "ACID is atomicity, consistency, isolation and durability.", "answered"
)


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        (PILLARS.answer, ("Security", "Reliability", "Cost Optimization")),
        ("- one \\[1\\]\n- two [2]", ("one", "two")),
        ("| Kind | Example |\n| --- | --- |\n| Shared | Patching |\n| Inherited | Walls |", ("Shared", "Inherited")),
        (ACID.answer, ("atomicity", "consistency", "isolation", "durability")),
        ("There is one thing only, and it is long.", ()),
        ("", ()),
    ],
)
def test_what_an_answer_lists_is_found(answer: str, items: tuple[str, ...]) -> None:
    assert items_of(answer) == items


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Explain the second one", "Explain Reliability"),
        ("what does the third mean?", "what does Cost Optimization mean?"),
        ("and the last of these?", "and Cost Optimization?"),
    ],
)
def test_an_ordinal_picks_an_item_of_the_latest_list(text: str, filled: str) -> None:
    later = Turn("why?", "why?", "Because it is so.", "answered")
    picked = picked_item(text, [PILLARS, later])
    assert picked is not None
    assert picked.filled(text) == filled


@pytest.mark.parametrize("text", ["what do I do first", "who was first to do it", "the second Region fails, what now"])
def test_an_ordinal_of_something_else_picks_nothing(text: str) -> None:
    assert picked_item(text, [PILLARS]) is None


def test_an_ordinal_beyond_the_list_picks_nothing() -> None:
    assert picked_item("explain the seventh", [PILLARS]) is None


def test_a_question_on_one_item_is_asked_of_another() -> None:
    assert (
        exchanged("isolation", "what does atomicity protect me from?", [ACID]) == "what does isolation protect me from?"
    )
    assert exchanged("isolation", "what is a commit?", [ACID]) == ""


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Different question: what is a foreign key?", "what is a foreign key?"),
        ("New topic. How is it restarted?", "How is it restarted?"),
        ("Back to Aurora: is it encrypted?", "is Aurora encrypted?"),
        ("back to Aurora: how are backups kept", "how are backups kept (Aurora)?"),
        ("OK back to the pillars: which pillar is about security?", "which pillar is about security?"),
        ("back to it", ""),
        ("now what?", ""),
        ("What is a switch?", ""),
    ],
)
def test_an_opening_that_changes_the_subject_leaves_the_question(text: str, question: str, names: Names) -> None:
    assert switched(text, names) == question


@pytest.mark.parametrize(
    ("text", "replacement"),
    [
        ("no, Aurora", "Aurora"),
        ("sorry, I meant wide-column databases", "wide-column databases"),
        ("actually, is it encrypted?", ""),
        ("no", ""),
        ("What is not encrypted?", ""),
    ],
)
def test_a_correction_says_what_was_meant(text: str, replacement: str) -> None:
    assert corrected(text) == replacement


def test_an_objection_before_a_question_is_dropped() -> None:
    assert without_opening("wait, how is it backed up?") == "how is it backed up?"
    assert without_opening("no, Aurora") == "no, Aurora"


def turn(question: str, *cited: str) -> Turn:
    return Turn(question, question, "", "answered", (("a.md", cited),) if cited else ())


def test_the_topic_is_the_question_without_its_question_words() -> None:
    assert topic_of([turn("How much does Aurora cost per hour?")]) == "Aurora cost per hour"
    assert topic_of([turn("since when (switching the capacity mode)?")]) == "switching the capacity mode"
    assert topic_of([turn("why?")])


def test_a_subject_is_as_narrow_as_question_and_heading_have_it(names: Names) -> None:
    assert "Aurora" in shared_phrase("What is an Aurora global database?", "What an Aurora global database is", names)
    assert shared_phrase("What does Aurora cost?", "What Aurora costs", names) == ""
    assert shared_phrase("Who patches Aurora?", "Who patches Aurora", names) == ""
    narrow = subjects_of([turn("What are Aurora custom endpoints?", "Amazon Aurora", "Aurora custom endpoints")], names)
    assert narrow[0].endswith("custom endpoints")


def test_a_version_and_a_variant_belong_to_the_name(names: Names) -> None:
    assert phrases_in("Is DynamoDB 3.6 supported?", names) == ["Amazon DynamoDB 3.6"]


def test_one_reading_where_there_is_nothing_to_choose(names: Names) -> None:
    before = [turn("What is Amazon Aurora?")]
    assert [one.kind for one in readings("Does it scale?", (), names)] == ["alone"]
    assert [one.kind for one in readings("no, DynamoDB", before, names)] == ["filled"]
    assert [one.kind for one in readings("Different topic: what is DynamoDB?", before, names)] == ["alone"]
    assert [one.kind for one in readings("Does it scale?", before, names)] == ["alone", "filled", "carried"]


def test_a_section_near_what_was_cited_has_the_nearer_context(ask: Ask) -> None:
    hits = ask("What are the strengths of DynamoDB?").hits
    section = hits[0].section
    cited = ((section.document_id, section.heading_path),)
    other = next(hit.section for hit in hits if hit.section.document_id != section.document_id)
    turns = [Turn("q", "q", "a", "answered", cited)]
    assert context_of(section, turns).first == 1.0
    assert context_of(section, turns).repeated == 1.0
    assert context_of(other, turns).first == 0.0
    assert context_of(section, [*turns, Turn("r", "r", "a", "answered")]).older == 1.0


def test_a_short_turn_with_a_pointer_leans_and_a_full_question_does_not() -> None:
    model = default_followups()
    short = Leaning(0, 0, 1, 1, 0.125, 1, 0, 0.3, 0.5, 0.2, 0.6)
    full = Leaning(1, 1, 0, 0, 0.75, 0, 0, 0.8, 0.9, 0.6, 0.6)
    assert model.leans(short) > 0.8
    assert model.leans(full) < 0.2


@pytest.mark.parametrize("turn", ["do we load the logs first", "the cache on nodes, who patches it"])
def test_a_turn_that_says_itself_what_it_means_points_at_nothing(turn: str) -> None:
    assert find_reference(turn, ("Amazon Redshift", "Amazon Athena")) is None


@pytest.mark.parametrize(
    ("turn", "by"), [("and the first?", "Amazon Redshift"), ("why is the latter slow", "Amazon Athena")]
)
def test_an_ordinal_points_at_one_of_several(turn: str, by: str) -> None:
    reference = find_reference(turn, ("Amazon Redshift", "Amazon Athena"))
    assert reference is not None
    assert reference.by == by
