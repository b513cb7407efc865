"""The built-in model reads a turn in its conversation, and everything else as it always did."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.embedders.hashing import HashingEmbedder
from ingest.embedders.turns import ROOM, joined
from ingest.protocols import Embedder, Vectors

KEPT = "and how long are they kept?"
BACKUPS = ["How does Amazon RDS back up a database?", "what is amazon rds"]
LOGS = ["Where do I find the slow query log of Aurora?", "what is amazon aurora"]
WRITTEN_OUT = ["How long are automated backups of Amazon RDS kept?", "How long are the slow query logs of Aurora kept?"]


def of_turn(embedder: Embedder, turn: str, before: list[str]) -> Vectors:
    vector = embedder.embed_turn(turn, before)
    assert vector is not None
    return vector


@pytest.mark.parametrize(("before", "meant"), [(BACKUPS, 0), (LOGS, 1)])
def test_a_turn_is_near_to_what_it_means_after_what_went_before(
    minilm: Embedder, before: list[str], meant: int
) -> None:
    written_out = minilm.embed(WRITTEN_OUT)
    alone = written_out @ minilm.embed([KEPT])[0]
    within = written_out @ of_turn(minilm, KEPT, before)
    assert within[meant] > within[1 - meant] + 0.1
    assert within[meant] > alone[meant] + 0.1


def test_a_turns_vector_is_a_unit_vector_of_the_same_space_however_much_went_before(minilm: Embedder) -> None:
    for before in ([], [""], BACKUPS, ["a long story " * 100, *BACKUPS]):
        vector = of_turn(minilm, KEPT, before)
        assert vector.shape == (minilm.dimension,)
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_questions_are_read_as_if_there_were_no_conversations(minilm: Embedder) -> None:
    before = minilm.embed([KEPT])
    of_turn(minilm, KEPT, BACKUPS)
    np.testing.assert_array_equal(minilm.embed([KEPT]), before)


def test_a_model_that_has_not_learned_it_says_so() -> None:
    embedder: Embedder = HashingEmbedder()
    assert embedder.embed_turn(KEPT, BACKUPS) is None


def test_what_opened_the_conversation_stays_when_the_middle_does_not_fit() -> None:
    ids = joined([1] * 60, [[2] * 15, [3] * 30, [4] * 30], 0)
    assert len(ids) + 2 <= ROOM
    assert ids == [1] * 40 + [0] + [4] * 20
    assert joined([1], [[2] * 15, [3] * 30, [4] * 30], 0) == [1, 0, *[2] * 15, 0, *[3] * 30, 0, *[4] * 20]
    assert joined([1], [], 0) == [1]


@pytest.mark.slow
def test_the_server_reads_turns_as_training_does(minilm: Embedder) -> None:
    """One composes word pieces and runs the export, the other runs torch with its adapters."""
    import torch

    from evals.train_contextual import Reader, Turn
    from ingest.embedders.adapter import load

    reader = Reader()
    load(reader.adapters)
    reader.encoder.eval()
    turn = Turn(KEPT, tuple(BACKUPS), ())
    with torch.no_grad():
        expected = reader.vectors([reader.ids(turn)])[0].numpy()
    assert expected @ of_turn(minilm, KEPT, BACKUPS) == pytest.approx(1.0, abs=1e-4)
