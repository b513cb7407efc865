"""Training of the encoder for turns: what it reads, and that it learns without touching the encoder itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evals.train_contextual import Known, Reader, Turn, _turns, learn, nearest
from ingest.asked_lessons import Asked

pytestmark = pytest.mark.slow


def follow_up(question: str, after: str, section: str) -> Asked:
    return Asked(question, "default", "a.md", section, "corpus", after=after)


def test_a_turn_goes_on_from_the_one_before_where_the_question_before_it_asks_for_its_section() -> None:
    sections = [f"S{number}" for number in range(40)]
    number = {("a.md", section): place for place, section in enumerate(sections)}
    middles = np.eye(40, dtype=np.float32)
    entries = [
        follow_up("and it?", "opening", "S1"),
        follow_up("and that?", "the first written out", "S2"),
        follow_up("how much?", "another opening", "S3"),
    ]
    elsewhere = np.linspace(1, 0, 40, dtype=np.float32)  # S2 is the third nearest, S39 the last
    befores = np.stack([middles[0], middles[1], elsewhere[::-1]])
    turns = _turns(entries, befores, number, middles)
    assert [turn.before for turn in turns] == [("opening",), ("and it?", "opening"), ("another opening",)]
    assert turns[0].rewrite is not None
    np.testing.assert_array_equal(turns[0].rewrite, befores[1])
    assert [turn.rewrite is None for turn in turns[1:]] == [True, True]


def test_learning_brings_turns_to_their_sections_and_leaves_the_encoder_alone() -> None:
    reader = Reader()
    weights = reader.adapters[0].linear.weight.clone()
    subjects = ["backups", "prices", "limits", "regions"]
    number = {("a.md", subject): place for place, subject in enumerate(subjects)}
    middles = np.stack([_vector(reader, f"all about {subject} of databases") for subject in subjects])
    turns = [
        Turn(question, (f"tell me of {subject}",), (("a.md", subject),))
        for subject in subjects
        for question in ("how long?", "and for us?", "why is that?", "since when?") * 16
    ]
    data = Known([replace(turn) for turn in turns], number, middles)
    before = nearest(reader, data, turns, 1)
    learn(reader, data, epochs=2)
    assert nearest(reader, data, turns, 1) >= max(before, 0.99)
    assert reader.adapters[0].up.abs().sum() > 0
    assert (reader.adapters[0].linear.weight == weights).all()


def _vector(reader: Reader, text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    vector = reader.vectors([reader.ids(Turn(text, (), ()))])[0].detach().numpy()
    return np.asarray(vector, dtype=np.float32)
