"""What is learned of known questions that follow others: a turn that says half of it leads to its section."""

from __future__ import annotations

import json
from itertools import product

import pytest

from ingest import asked
from ingest.types import KnownQuestions
from tests.ingest.conftest import Library
from tests.ingest.test_asked_model import ROOMS, known_lines, questions_about

ASPECTS = {"cleaned": "wipe scrub rinse polish brush mop", "locked": "key bolt latch code alarm guard"}
BOLT = "which bolt or latch do we use"


def house(rooms: dict[str, str] = ROOMS) -> str:
    of_room = {
        room: "".join(f"## How the {room} is {aspect}\n\nIn room {room[0]} somehow.\n\n" for aspect in ASPECTS)
        for room in rooms
    }
    return "# House\n\n" + "".join(f"## {room}\n\nThis is room {room[0]}.\n\n{more}" for room, more in of_room.items())


def follow_ups() -> list[str]:
    """After a question on a room, one that names none: together they say which section is meant."""
    lines = []
    for (room, words), (aspect, said) in product(ROOMS.items(), ASPECTS.items()):
        target = {"document": "house.md", "section": f"How the {room} is {aspect}"}
        for number, (one, other) in enumerate(product(said.split(), repeat=2)):
            before = questions_about(words)[number % 30]
            turn = f"which {one} or {other} do we use"
            lines.append(json.dumps({"question": turn, "after": before, "targets": [target]}))
    return lines


def standing() -> list[str]:
    """Questions that name both."""
    return [
        json.dumps(
            {
                "question": f"how is the room with the {thing} {aspect} by {one}",
                "targets": [{"document": "house.md", "section": f"How the {room} is {aspect}"}],
            }
        )
        for (room, words), (aspect, said) in product(ROOMS.items(), ASPECTS.items())
        for thing, one in zip(words.split(), said.split(), strict=True)
    ]


@pytest.fixture
def home(library: Library) -> Library:
    lines = [*known_lines().splitlines(), *standing(), *follow_ups()]
    library.write({"house.md": house(), "questions.jsonl": "\n".join(lines)})
    assert library.ingest().warnings == ()
    return library


def followed(library: Library, turn: str, before: str) -> tuple[str, KnownQuestions]:
    """The heading that is likeliest meant, "" for none, and all that is known."""
    index = library.open()
    first, second = library.embedder.embed([turn, before])
    known = index.followed((first, turn), (second, before))
    likeliest = max(known.chances, key=lambda section: known.chances[section], default=None)
    return index.sections("house.md", "default")[likeliest[2]].heading if likeliest else "", known


@pytest.mark.parametrize("room", ROOMS)
def test_the_question_before_says_of_what_and_the_turn_what(home: Library, room: str) -> None:
    first, *_, last = ROOMS[room].split()
    before = f"where do I put the {last} and the {first}"
    assert followed(home, BOLT, before)[0] == f"How the {room} is locked"
    heading, known = followed(home, "which mop or brush do we use", before)
    assert heading == f"How the {room} is cleaned"
    assert known.led[0] in home.open().chunks([known.led[0]])


def test_follow_ups_do_not_pass_for_questions_that_stand_by_themselves(home: Library) -> None:
    index = home.open()
    known = index.asked(home.embedder.embed([BOLT])[0], BOLT)
    assert max(known.cosines.values()) < 0.9


def test_without_enough_known_follow_ups_nothing_is_said(home: Library) -> None:
    before = questions_about(ROOMS["Kitchen"])[0]
    home.write({"questions.jsonl": "\n".join([*known_lines().splitlines(), *standing(), *follow_ups()[:150]])})
    home.ingest()
    assert followed(home, BOLT, before)[1].chances == {}
    home.write({"questions.jsonl": "\n".join(follow_ups())})  # of sections of which no question is known
    home.ingest()
    assert followed(home, BOLT, before)[1].chances == {}


def test_a_section_that_is_gone_is_not_led_to(home: Library) -> None:
    home.write({"house.md": house({room: words for room, words in ROOMS.items() if room != "Kitchen"})})
    home.ingest()
    _, known = followed(home, BOLT, questions_about(ROOMS["Kitchen"])[0])
    headings = [section.heading for section in home.open().sections("house.md", "default")]
    assert known.chances
    assert not any("Kitchen" in headings[number] for _, _, number in known.chances)


def test_what_was_learned_is_taken_over_while_the_follow_ups_stay(
    home: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = followed(home, BOLT, "the stove")[1]
    monkeypatch.setattr(asked, "learn_followed", lambda *_: pytest.fail("learned again"))
    home.write({"house.md": house() + "\n\nThe attic is dusty.\n"})
    home.ingest()
    assert list(followed(home, BOLT, "the stove")[1].chances.values()) == list(before.chances.values())
    home.write({"questions.jsonl": "\n".join([*known_lines().splitlines(), *standing(), *follow_ups()[1:]])})
    with pytest.raises(pytest.fail.Exception, match="learned again"):
        home.ingest()
