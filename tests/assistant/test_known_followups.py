"""Follow-ups where known ones tell what is meant: the section, its sentence, and when there is no answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.compose.evidence import UnitVectors, gather
from assistant.knowing import signs_of
from assistant.protocols import Records
from assistant.readings import readings
from assistant.resolving import default_followups, look, resolve
from assistant.search import HybridSearch, as_hits
from assistant.types import Turn
from ingest.pipeline import ingest
from ingest.protocols import Embedder, Vectors
from ingest.types import Scope
from tests.assistant.house import assistant_over
from tests.ingest.test_asked_model import ROOMS, known_lines
from tests.ingest.test_followed_model import BOLT, follow_ups, house, standing


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, records: Records) -> Iterator[Assistant]:
    made = home_at(tmp_path_factory.mktemp("home"), embedder, records)
    yield made
    made.holder.close()


def home_at(folder: Path, embedder: Embedder, records: Records) -> Assistant:
    documents = folder / "documents"
    documents.mkdir()
    (documents / "house.md").write_text(house())
    lines = [*known_lines().splitlines(), *standing(), *follow_ups()]
    (documents / "questions.jsonl").write_text("\n".join(lines))
    ingest([documents], data_dir=folder / "data", embedder=embedder)
    return assistant_over(folder / "data", embedder, records)


def turn_about(room: str) -> Turn:
    first, *_, last = ROOMS[room].split()
    question = f"where do I put the {last} and the {first}"
    return Turn(question, question, "In it. [1]", "answered", (("house.md", ("House", room)),))


@pytest.mark.parametrize("room", ROOMS)
def test_known_follow_ups_speak_for_the_section_meant_after_the_question_before(home: Assistant, room: str) -> None:
    search, turns = home.searcher(), [turn_about(room)]
    looked = look(BOLT, readings(BOLT, turns, search.names), turns, search, Scope())
    likeliest = max(looked.proposals, key=lambda proposal: proposal.context.told_after)
    assert likeliest.candidate.section.heading == f"How the {room} is locked"
    without = replace(likeliest, context=replace(likeliest.context, told_after=0.0))
    weights = default_followups().followed
    assert likeliest.score(weights, 1.0) > without.score(weights, 1.0)


def test_without_known_follow_ups_the_readings_decide(home: Assistant, search: HybridSearch) -> None:
    turns = [turn_about("Kitchen")]
    looked = look(BOLT, readings(BOLT, turns, search.names), turns, search, Scope())
    assert not looked.followed
    assert {proposal.context.told_after for proposal in looked.proposals} == {0.0}
    searched = home.searcher()
    made = readings(BOLT, turns, searched.names)
    assert look(BOLT, made, turns, searched, Scope()).followed
    assert not look(BOLT, made, turns, searched, Scope(), "none").followed


def test_the_sentence_of_a_follow_up_comes_from_the_section_that_leads(home: Assistant) -> None:
    search, vectors = home.searcher(), UnitVectors(home.searcher())
    query = search.query("is it somehow in room G (Kitchen locked)?")
    hits = as_hits(resolve(BOLT, [turn_about("Kitchen")], search, Scope()).ranked, 8)
    alone, following = (gather(query, hits, search, vectors, said=said) for said in ("", "is it somehow in room G"))
    first = [unit for unit in following.units if unit.source.hit.rank == 1]
    assert first[0].led > max(unit.led for unit in following.units if unit.source.hit.rank > 1)
    assert {unit.led for unit in alone.units} == {0.0}
    best = following.units[0]
    assert signs_of(following).unit_score == pytest.approx(best.score - best.led)


def hopeless(home: Assistant, told: float, unanswered: float, *, as_read: float = 1.0, follows: bool = True) -> bool:
    """Whether a follow-up of which so much is known is taken for one without an answer."""
    search = home.searcher()
    query = search.query(BOLT)
    evidence = gather(query, search.hits(query, 8), search, UnitVectors(search), said=BOLT)
    sections = tuple(
        replace(source, hit=replace(source.hit, asked=0.9, told=told, unanswered=unanswered))
        for source in evidence.sections
    )
    judged = replace(evidence, sections=sections, settled=as_read, follows=follows)
    return signs_of(judged).bare_missing == 1.0


def test_a_follow_up_that_most_likely_has_no_answer_is_not_answered(home: Assistant) -> None:
    assert hopeless(home, 0.01, 0.3)
    assert not hopeless(home, 0.1, 0.3)
    assert not hopeless(home, 0.01, 0.3, follows=False)


def test_what_is_known_of_it_as_it_is_read_refuses_only_what_its_written_out_form_leaves_open(home: Assistant) -> None:
    assert hopeless(home, 0.1, 0.3, as_read=0.04)
    assert not hopeless(home, 0.1, 0.3, as_read=0.06)
    assert not hopeless(home, 0.4, 0.3, as_read=0.04)
    assert not hopeless(home, 0.1, 0.3, as_read=0.04, follows=False)


def test_what_is_known_of_a_turn_as_it_is_read_says_whether_anything_answers_it(home: Assistant) -> None:
    search = home.searcher()
    query = search.query("where do I put the stove and the kettle")
    vectors = UnitVectors(search)
    room, space = (
        search.embed(f"where do I put the {thing}") for thing in ("stove and the kettle", "comet and the orbit")
    )

    def settled(text: str, read: Vectors) -> float:
        return gather(query, search.hits(query, 8), search, vectors, said=text, read=read).settled

    assert settled("the stove", room) > 0.9
    assert settled("the comet and the orbit", space) < 0.1
    assert gather(query, search.hits(query, 8), search, vectors).settled == 1.0
