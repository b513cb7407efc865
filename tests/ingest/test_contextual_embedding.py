"""The built-in model reads a turn in its conversation, and everything else as it always did."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ingest.embedders.hashing import HashingEmbedder
from ingest.embedders.turns import ROOM, joined
from ingest.protocols import Embedder, Vectors

if TYPE_CHECKING:
    from torch import Tensor

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


@pytest.mark.slow
def test_what_is_switched_off_is_not_computed_in_the_exported_graph(tmp_path: Path) -> None:
    """Nothing times nought is nought, but not a number times nought is not."""
    import onnxruntime
    import torch
    from transformers import BertConfig, BertModel

    from ingest.embedders.adapter import adapt

    small = BertConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)

    class Encoder(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = BertModel(small, add_pooling_layer=False)
            self.switch, adapters = adapt(self.bert, scripted=True)
            for adapter in adapters:
                torch.nn.init.constant_(adapter.down, float("nan"))

        def forward(self, ids: Tensor, on: Tensor) -> Tensor:
            self.switch.on = on
            return self.bert(input_ids=ids).last_hidden_state

    path = tmp_path / "model.onnx"
    sample = (torch.ones((1, 4), dtype=torch.int64), torch.zeros(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(Encoder().eval(), sample, str(path), input_names=["ids", "on"], dynamo=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def given(on: float) -> Vectors:
        hidden = session.run(None, {"ids": np.ones((1, 4), np.int64), "on": np.full(1, on, np.float32)})[0]
        return np.asarray(hidden)

    assert np.isfinite(given(0.0)).all()
    assert np.isnan(given(1.0)).all()
