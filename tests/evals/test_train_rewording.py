"""What is learned of known questions that follow-ups ask again: whatever tells the right one from the others."""

from __future__ import annotations

import numpy as np
import pytest

from evals.train_rewording import LEARNED, Example, cross_validated, found, train

pytest.importorskip("scipy")


def told_by(name: str, count: int = 60) -> list[Example]:
    """Of five questions the right one has the most of what ``name`` tells; the rest is chance."""
    chance = np.random.default_rng(0)
    made = []
    for number in range(count):
        features = chance.uniform(0, 0.6, (5, len(LEARNED)))
        right = np.arange(5) == number % 5
        features[right, LEARNED.index(name)] = 0.9
        made.append(Example(number // 4, features, right))
    return made


@pytest.mark.parametrize("name", ["alone", "section"])
def test_what_tells_the_right_question_is_weighed_most(name: str) -> None:
    data = told_by(name)
    weights = train(data)
    assert LEARNED[int(np.argmax(weights))] == name
    assert (weights >= 0).all()
    assert found(data, weights) > 0.95 > found(data, np.array([float(other == "read") for other in LEARNED]))
    assert cross_validated(data) > 0.9


def test_a_turn_of_which_no_question_says_it_teaches_nothing_and_counts_as_missed() -> None:
    data = told_by("alone")
    missed = [Example(99, one.features, np.zeros(5, dtype=np.bool_)) for one in data]
    np.testing.assert_array_equal(train([*data, *missed]), train(data))
    assert found([*data, *missed], train(data)) == found(data, train(data)) / 2
