"""A follow-up put in the words of a known question: which is taken, when none is, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from assistant.assistant import Assistant
from assistant.compose.evidence import UnitVectors, gather
from assistant.compose.extractive import _asked_so
from assistant.contextual import contextual
from assistant.protocols import Records
from assistant.resolving import resolve
from assistant.rewording import Meant, default_rewording, reworded
from assistant.search import HybridSearch
from assistant.types import Question, Turn
from assistant.visible import VisibleIndex
from ingest.protocols import Embedder
from ingest.types import Scope, Wording
from tests.assistant.test_known_followups import home_at, turn_about

TURN = "how is it locked by key"
NEAR = Wording("how is the Kitchen locked", 0.8, 0.6, 0.0, 0.0, 0.5, 0.3, 0.2)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, records: Records) -> Iterator[Assistant]:
    made = home_at(tmp_path_factory.mktemp("home"), embedder, records)
    yield made
    made.holder.close()


def taken(
    search: HybridSearch,
    monkeypatch: pytest.MonkeyPatch,
    *wordings: Wording,
    second: Sequence[Wording] = (),
    said: str = TURN,
    by_rules: str = "how is the room locked by key?",
    item: str = "",
    unanswered: float = 0.0,
) -> tuple[str, str]:
    """The question taken and the heading of the section that leads then, of two that know these ``wordings`` and the
    ``second``; "first" where it leads as before."""
    turns = [turn_about("Kitchen")]
    read = contextual(said, turns, search, Scope(), "all")
    assert read is not None
    ranked = resolve(TURN, turns, search, Scope()).ranked
    of_section = {ranked[0].section.index: wordings, ranked[1].section.index: second}
    told = replace(read.told, unanswered=unanswered, chances={("default", "house.md", 1): 0.5, ("hidden", "a", 1): 0.9})
    with monkeypatch.context() as patched:
        patched.setattr(type(search.index), "wordings", lambda _, place, *__: list(of_section[place[2]]))
        question, led = reworded(Meant(said, by_rules, item, replace(read, told=told)), ranked, search)
    assert sorted(one.chunk.id for one in led) == sorted(one.chunk.id for one in ranked)
    assert [one.score for one in led] == [one.score for one in ranked]
    return question, "first" if led[0].chunk == ranked[0].chunk else led[0].section.heading


def test_a_follow_up_is_shown_and_answered_as_the_known_question_that_asks_it(home: Assistant) -> None:
    first = home.ask(Question(turn_about("Kitchen").question))
    answer = home.ask(Question(TURN, first.conversation_id))
    assert answer.standalone_question == "how is the room with the stove locked by key"
    assert [citation.heading_path[-1] for citation in answer.citations[:1]] == ["How the Kitchen is locked"]
    assert answer.question == TURN


def test_where_no_question_is_known_the_rules_have_it(home: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    search, turns = home.searcher(), [turn_about("Kitchen")]
    known = resolve(TURN, turns, search, Scope())
    monkeypatch.setattr(type(search.index), "wordings", lambda *_: [])
    by_rules = resolve(TURN, turns, search, Scope())
    assert by_rules.text == "how is Kitchen locked by key"
    assert by_rules.text != known.text
    assert by_rules.ranked == known.ranked


def test_the_nearest_is_taken_and_of_two_alike_the_one_in_plain_words(
    home: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = home.searcher()
    far, plain = replace(NEAR, question="far", read=0.6, alone=0.2), replace(NEAR, question="plain", plain=0.9)
    assert taken(search, monkeypatch, far, NEAR) == (NEAR.question, "first")
    assert taken(search, monkeypatch, far, NEAR, plain) == ("plain", "first")
    assert all(weight >= 0 for weight in default_rewording().weights.values())


def test_none_is_taken_that_is_not_near_or_that_the_rules_say_better(
    home: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = home.searcher()
    assert taken(search, monkeypatch, replace(NEAR, read=0.4)) == ("", "first")
    read = contextual(TURN, [turn_about("Kitchen")], search, Scope(), "all")
    assert read is not None
    monkeypatch.setattr(search, "_vector", lambda _: read.vector)  # what the rules made of it could not be nearer
    assert taken(search, monkeypatch, replace(NEAR, read=0.7)) == ("", "first")
    assert taken(search, monkeypatch, replace(NEAR, read=0.85)) == (NEAR.question, "first")


def test_a_turn_that_probably_has_no_answer_is_not_put_as_a_question_that_has(
    home: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert taken(home.searcher(), monkeypatch, NEAR, unanswered=0.4) == (NEAR.question, "first")
    assert taken(home.searcher(), monkeypatch, NEAR, unanswered=0.6) == ("", "first")


def test_only_a_turn_that_compares_is_put_as_a_comparison(home: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    search, versus = home.searcher(), replace(NEAR, question="bolt vs latch", read=0.9)
    assert taken(search, monkeypatch, versus, NEAR) == (NEAR.question, "first")
    assert taken(search, monkeypatch, versus, NEAR, by_rules="bolt or latch, how do they differ") == (
        "bolt vs latch",
        "first",
    )


def test_a_question_of_the_second_section_that_says_it_far_better_puts_that_first(
    home: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = home.searcher()
    better = replace(NEAR, question="better", read=0.95, alone=0.95, shared=1.0, words=1.0)
    question, heading = taken(search, monkeypatch, replace(NEAR, alone=0.1, shared=0.0), second=[better])
    assert question == "better"
    assert heading != "first"
    assert taken(search, monkeypatch, NEAR, second=[NEAR]) == (NEAR.question, "first")
    assert taken(search, monkeypatch) == ("", "first")
    assert taken(search, monkeypatch, second=[better]) == ("", "first")  # nothing is known of the section that leads


def test_a_turn_that_picks_an_item_is_not_put_as_a_question_about_another(
    home: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = home.searcher()
    assert taken(search, monkeypatch, NEAR, item="attic") == ("", "first")
    assert taken(search, monkeypatch, NEAR, item="kitchen") == (NEAR.question, "first")
    about = [
        Turn("name them", "name them", "- stove [1]\n- oven [2]\n", "answered", (("house.md", ("House", "Kitchen")),))
    ]
    assert resolve("explain the second one", about, search, Scope()).text == "explain oven"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("", True),
        ("and the oven?", True),
        ("does that get warm?", True),
        ("what of that?", False),
        ("it can't?", False),
        ("isn't that cold?", False),
    ],
)
def test_yes_or_no_is_said_only_to_who_asked_so(home: Assistant, said: str, verdict: bool) -> None:
    search = home.searcher()
    query = search.query("is the oven in room K?")
    evidence = gather(query, search.hits(query, 8), search, UnitVectors(search), said=said)
    assert _asked_so(evidence) is verdict


def test_a_turn_keeps_the_names_that_it_says(home: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    search = home.searcher()
    assert taken(search, monkeypatch, NEAR, said="is it locked by Splunk") == ("", "first")
    named = replace(NEAR, question="how is the Kitchen locked with Splunk")
    assert taken(search, monkeypatch, NEAR, named, said="is it locked by Splunk") == (named.question, "first")


def test_a_turn_that_says_a_whole_heading_stands_by_itself(home: Assistant) -> None:
    search, turns = home.searcher(), [turn_about("Kitchen")]
    whole = "and how is the study cleaned and locked"
    assert resolve(whole, turns, search, Scope()).text == "how is the study cleaned and locked"
    assert resolve("how is that cleaned and locked", turns, search, Scope()).text != "how is that cleaned and locked"


def test_what_is_known_of_a_collection_is_shown_only_to_who_may_see_it(home: Assistant) -> None:
    index = home.searcher().index
    vector = home.searcher().embed(TURN)
    place = ("default", "house.md", 1)
    assert VisibleIndex(index, ["default"]).wordings(place, (vector, TURN), vector)
    assert VisibleIndex(index, ["other"]).wordings(place, (vector, TURN), vector) == []
