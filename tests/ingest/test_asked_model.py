"""What is learned of known questions: which section is asked for, or that there is no answer, or one elsewhere."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

from ingest import asked
from ingest.asked_model import ELSEWHERE, UNANSWERED, Lessons, learn_model
from ingest.embedders.hashing import HashingEmbedder
from ingest.types import KnownQuestions
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


def test_a_sentence_is_likest_by_what_is_asked_of_it(library: Library) -> None:
    lines = [json.loads(line) for line in known_lines().splitlines()]
    for line in lines:
        for target in line["targets"]:
            # Of each room, questions that begin with its first three words are answered by the second sentence.
            first = ROOMS[target["section"]].split().index(line["question"].split()[5]) < 3
            target["quote"] = "It is warm" if first else "This is room"
    library.write({"house.md": house(), "questions.jsonl": "\n".join(map(json.dumps, lines))})
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
