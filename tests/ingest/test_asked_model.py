"""What is learned of known questions: which section is asked for, or that there is no answer, or one elsewhere."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

from ingest import asked, asked_lookup
from ingest.asked_model import ELSEWHERE, UNANSWERED, Lessons, learn_model
from ingest.embedders.hashing import HashingEmbedder
from ingest.types import KnownQuestions, Wording
from tests.ingest.conftest import Library

ROOMS = {
    "Kitchen": "stove kettle pantry spoon oven plate",
    "Bathroom": "towel mirror soap faucet bathtub sponge",
    "Garage": "wrench tyre engine ladder hammer toolbox",
    "Study": "desk lamp pencil bookshelf globe stapler",
}
ELSE = "rocket comet galaxy asteroid nebula orbit"


def questions_about(words: str) -> list[str]:
    return [f"where do I put the {one} and the {other}" for one, other in product(words.split(), repeat=2)]


def house(rooms: dict[str, str] = ROOMS) -> str:
    return "# House\n\n" + "\n\n".join(f"## {room}\n\nThis is room {room[0]}.\n\nIt is warm." for room in rooms)


def known_lines(quote: str = "") -> str:
    lines = [
        {
            "question": question,
            "targets": [{"document": "house.md", "section": room} | ({"quote": quote} if quote else {})],
        }
        for room, words in ROOMS.items()
        for question in questions_about(words)
    ]
    lines += [{"question": question, "targets": []} for question in questions_about(ELSE)]
    return (
        "\n".join(map(json.dumps, lines))
        + "\n"
        + "\n".join(
            json.dumps({"question": f"{question}, please", "targets": [{"document": "house.md", "section": room}]})
            for room, words in ROOMS.items()
            for question in questions_about(words)[:10]
        )
    )


def told(library: Library, question: str) -> tuple[str, KnownQuestions]:
    """The heading that a question is most likely to ask for, and all that is known."""
    index = library.open()
    known = index.asked(library.embedder.embed([question])[0], question)
    (_, document, number), _ = max(known.chances.items(), key=lambda item: item[1])
    return index.sections(document, "default")[number].heading, known


@pytest.fixture
def home(library: Library) -> Library:
    library.write({"house.md": house(), "questions.jsonl": known_lines()})
    library.ingest()
    return library


@pytest.mark.parametrize("room", ROOMS)
def test_words_that_no_known_question_joins_still_tell_the_section(home: Library, room: str) -> None:
    words = ROOMS[room].split()
    heading, known = told(home, f"{words[5]}, {words[2]} or {words[0]}?")
    assert heading == room
    assert max(known.chances.values()) > 10 * known.unanswered
    assert known.led[0].startswith("default:house.md#")


def test_a_question_like_those_without_an_answer_is_told(home: Library) -> None:
    _, known = told(home, "is there a nebula or a comet")
    assert known.unanswered > 3 * max(known.chances.values())


def test_an_unanswered_question_leads_nowhere(home: Library) -> None:
    index = home.open()
    question = questions_about(ELSE)[0]
    known = index.asked(home.embedder.embed([question])[0], question)
    assert max(near.cosine for near in known.nearest) < 0.9


def test_another_folder_has_a_chance_of_its_own(home: Library) -> None:
    other = home.folder.parent / "zoo"
    other.mkdir()
    animals = "lion tiger giraffe zebra walrus penguin ostrich hippo".split()
    (other / "zoo.md").write_text("# Zoo\n\n" + "\n\n".join(f"## Feeding the {one}\n\nAt noon." for one in animals))
    home.ingest(other, collection="zoo")
    _, known = told(home, "feeding the walrus")
    assert known.elsewhere > max(known.chances.values())
    assert known.chance(("zoo", "zoo.md", 3)) == known.elsewhere
    _, known = told(home, "the stove and the kettle")
    assert known.elsewhere < max(known.chances.values())


def test_few_questions_or_few_of_the_sections_teach_nothing(library: Library) -> None:
    library.write({"house.md": house(), "questions.jsonl": "\n".join(known_lines().splitlines()[:150])})
    library.ingest()
    assert asked_of(library, "the stove").chances == {}
    more = {f"Room {number}": "" for number in range(20)}
    library.write({"house.md": house(ROOMS | more), "questions.jsonl": known_lines()})
    library.ingest()
    known = asked_of(library, "the stove and the kettle")
    assert known.chances == {}
    assert known.nearest


def asked_of(library: Library, question: str) -> KnownQuestions:
    return library.open().asked(library.embedder.embed([question])[0], question)


def with_quotes() -> str:
    """Of each room, questions that begin with its first three words are answered by the second sentence."""
    lines = [json.loads(line) for line in known_lines().splitlines()]
    for line in lines:
        for target in line["targets"]:
            first = ROOMS[target["section"]].split().index(line["question"].split()[5]) < 3
            target["quote"] = "It is warm" if first else "This is room"
    return "\n".join(map(json.dumps, lines))


def test_a_sentence_is_likest_by_what_is_asked_of_it(library: Library) -> None:
    library.write({"house.md": house(), "questions.jsonl": with_quotes()})
    library.ingest()
    index = library.open()
    text = index.document("house.md").text
    kitchen = next(section for section in index.sections("house.md", "default") if section.heading == "Kitchen")
    spans = [(text.index("This is room K"), text.index("It is warm")), (text.index("It is warm"), kitchen.end), (0, 1)]

    def likeness(question: str) -> list[float]:
        vector = library.embedder.embed([question])[0]
        return index.likeness(("default", "house.md", kitchen.index), spans, vector, question)

    warm, room = likeness("where do I put the stove and the spoon"), likeness("where do I put the plate and the oven")
    assert warm[1] > warm[0] > warm[2] == 0.0
    assert room[0] > room[1]
    assert index.likeness(("default", "house.md", 0), spans, library.embedder.embed(["x"])[0], "x") == [0.0] * 3


def kitchen_wordings(library: Library, turn: str, read: str) -> list[Wording]:
    """``read``: whose vector stands for the turn as it is read in its conversation."""
    index = library.open()
    kitchen = next(section for section in index.sections("house.md", "default") if section.heading == "Kitchen")
    vector, other = library.embedder.embed([turn, read])
    return index.wordings(("default", "house.md", kitchen.index), (vector, turn), other)


def test_the_questions_of_a_section_are_held_against_a_turn(library: Library) -> None:
    library.write({"house.md": house() + "\n\nHang the oven there.", "questions.jsonl": with_quotes()})
    library.ingest()
    turn, read = "and the plate", "where do I put the stove and the spoon"
    wordings = kitchen_wordings(library, turn, read)
    assert sorted({wording.question for wording in wordings if ", please" not in wording.question}) == sorted(
        questions_about(ROOMS["Kitchen"])
    )
    assert max(wordings, key=lambda wording: wording.read).question == read
    same = {wording.question: wording for wording in wordings}
    stove, plate = same["where do I put the stove and the kettle"], same["where do I put the plate and the oven"]
    assert stove.read_middle > plate.read_middle
    assert stove.read_middle == pytest.approx(same["where do I put the kettle and the stove"].read_middle)
    assert plate.alone_middle > stove.alone_middle
    assert plate.shared > stove.shared
    assert 1.0 >= plate.words > stove.words > 0.0
    assert kitchen_wordings(library, "???", read)[0].shared == 0.0
    nothing = np.zeros(64, dtype=np.float32)
    assert library.open().wordings(("default", "house.md", 0), (nothing, turn), nothing) == []


def test_a_question_in_the_words_of_its_section_is_plain(library: Library) -> None:
    spoken = house().replace("This is room K", "This is room K with the stove and the kettle")
    library.write({"house.md": spoken, "questions.jsonl": with_quotes()})
    library.ingest()
    plain = {wording.question: wording.plain for wording in kitchen_wordings(library, "it", "it")}
    both, one = (f"where do I put the {words} and the kettle" for words in ("stove", "oven"))
    assert plain[both] > plain[one] > 0.0


def test_a_generation_of_an_older_version_has_no_wordings_and_is_made_anew(
    home: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kitchen_wordings(home, "it", "it")
    stored = home.open().folder / asked_lookup.NAME
    with np.load(stored) as found:
        kept = {name: found[name] for name in found if name not in ("texts_begin", "plain")}
    np.savez(stored, **kept)
    assert kitchen_wordings(home, "it", "it") == []
    monkeypatch.setattr(asked, "FORM", "3")
    home.ingest()
    assert kitchen_wordings(home, "it", "it")


def test_what_was_learned_is_taken_over_while_the_questions_stay(
    home: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asked_of(home, "the stove")
    monkeypatch.setattr(asked, "learn_model", lambda *_: pytest.fail("learned again"))
    home.write({"house.md": house() + "\n\nThe attic is dusty.\n"})
    home.ingest()
    after = asked_of(home, "the stove")
    assert list(after.chances.values()) == list(before.chances.values())
    home.write({"questions.jsonl": "\n".join(known_lines().splitlines()[1:])})
    with pytest.raises(pytest.fail.Exception, match="learned again"):
        home.ingest()


def test_a_section_that_is_gone_is_not_led_to(home: Library) -> None:
    home.write({"house.md": house({room: words for room, words in ROOMS.items() if room != "Kitchen"})})
    home.ingest()
    known = asked_of(home, "the stove and the kettle")
    headings = [section.heading for section in home.open().sections("house.md", "default")]
    assert {headings[number] for _, _, number in known.chances} <= set(ROOMS) - {"Kitchen"}


def test_the_same_questions_teach_the_same() -> None:
    questions = [question for words in ROOMS.values() for question in questions_about(words)]
    labels = [room for room, words in ROOMS.items() for _ in questions_about(words)]
    vectors = HashingEmbedder(dimension=64).embed(questions)
    first, second = (learn_model(Lessons(questions, vectors, labels, "")) for _ in range(2))
    assert np.array_equal(first.softmax.rows, second.softmax.rows)
    assert UNANSWERED not in first.softmax.labels
    assert ELSEWHERE not in first.softmax.labels
