"""Follow-ups as the encoder reads them: what it is shown of the conversation, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.contextual import as_read, contextual
from assistant.readings import readings
from assistant.resolving import Weights, default_followups, look, resolve
from assistant.search import HybridSearch
from assistant.types import Turn
from ingest.types import Scope

ABOUT = Turn(
    "what is dynamodb?",
    "What is DynamoDB?",
    "A key-value database. [1]",
    "answered",
    (("dynamodb.md", ("Amazon DynamoDB", "What it is")),),
)
LATER = replace(ABOUT, question="and its price")


def test_it_reads_the_questions_as_they_were_asked_nearest_first() -> None:
    assert as_read("and  where?", [ABOUT, LATER]) == ("and where?", ("and its price", "what is dynamodb?"))
    assert len(as_read("and where?", [LATER] * 20)[1]) == 6


def test_the_section_that_a_turn_means_is_found_and_counts_for_more(search: HybridSearch) -> None:
    turns = [ABOUT]
    read = contextual("what is it bad at?", turns, search, Scope(), "all")
    assert read is not None
    assert read.proposed
    looked = look("what is it bad at?", readings("what is it bad at?", turns, search.names), turns, search, Scope())
    assert {proposal.candidate.chunk.id for proposal in looked.proposals} & set(read.proposed)
    best = max(looked.proposals, key=lambda proposal: proposal.context.contextual)
    assert 0.2 < best.context.contextual <= 1.0
    without = replace(best, context=replace(best.context, contextual=0.0))
    for weights in (default_followups().followed, default_followups().plain):
        assert best.score(weights, 1.0) > without.score(weights, 1.0)


def test_a_search_as_if_no_question_were_known_asks_none_for_the_turn(search: HybridSearch) -> None:
    read = contextual("what is it bad at?", [ABOUT], search, Scope(), "none")
    assert read is not None
    assert not read.told.chances


def test_a_model_that_has_not_learned_it_leaves_the_readings_to_decide(
    search: HybridSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = "what is it bad at?"
    made = readings(turn, [ABOUT], search.names)
    assert look(turn, made, [ABOUT], search, Scope()).read
    monkeypatch.setattr(search, "_turn", lambda turn, before: None)
    looked = look(turn, made, [ABOUT], search, Scope())
    assert not looked.read
    assert {proposal.context.contextual for proposal in looked.proposals} == {0.0}
    model = default_followups()
    silent = Weights(0.0, dict.fromkeys(model.plain.readings, 0.0), {})
    found = [resolve(turn, [ABOUT], search, Scope(), one).ranked for one in (model, replace(model, plain=silent))]
    assert found[0] == found[1]
    assert {
        candidate.score for candidate in resolve(turn, [ABOUT], search, Scope(), replace(model, unread=silent)).ranked
    } == {0.0}
