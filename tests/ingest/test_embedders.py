"""The embedder's contract, held by every implementation; the built-in model's own promises; the cache in front."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.embedders import load_embedder
from ingest.embedders.batches import by_length, windows
from ingest.embedders.hashing import HashingEmbedder
from ingest.embedders.minilm import NAME, WEIGHTS_SHA256, exported, model_folder
from ingest.embedding_cache import EmbeddingCache
from ingest.errors import BadInputError
from ingest.protocols import Embedder, Vectors

TEXTS = ["Graph databases follow edges.", "a", "", "Tables | with | pipes", "word " * 90, "Größe 日本語 \U0001f600"]


@pytest.fixture(params=["hashing", "onnx", pytest.param("sentence-transformers", marks=pytest.mark.slow)])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "hashing":
        return HashingEmbedder()
    if request.param == "onnx":
        onnx: Embedder = request.getfixturevalue("minilm")
        return onnx
    return load_embedder(str(model_folder()), Path("unused"), threads=2)


class TestEveryEmbedder:
    def test_gives_unit_rows_of_its_dimension_in_order(self, embedder: Embedder) -> None:
        together = embedder.embed(TEXTS)
        assert together.shape == (len(TEXTS), embedder.dimension)
        assert together.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
        for row, text in enumerate(TEXTS):
            np.testing.assert_allclose(embedder.embed([text])[0], together[row], atol=1e-4)

    def test_gives_no_rows_for_no_texts(self, embedder: Embedder) -> None:
        assert embedder.embed([]).shape == (0, embedder.dimension)

    def test_gives_the_same_vector_for_the_same_text(self, embedder: Embedder) -> None:
        np.testing.assert_array_equal(embedder.embed(TEXTS[:1]), embedder.embed(TEXTS[:1]))

    def test_never_loses_the_end_of_a_text_over_its_limit(self, embedder: Embedder) -> None:
        long = "Databases keep records. " * 200
        assert embedder.tokens.count([long])[0] > embedder.max_tokens
        with_end = embedder.embed([long + "Penguins and zebras live in the unicorn galaxy. " * 20])
        assert float(np.sum(with_end * embedder.embed([long]))) < 0.999

    def test_counts_word_pieces_without_special_tokens(self, embedder: Embedder) -> None:
        assert embedder.tokens.count(["", "one", "one two three"]) == [0, 1, 3]
        assert embedder.tokens.count([]) == []

    def test_gives_the_same_vectors_after_it_has_let_go_of_its_memory(self, embedder: Embedder) -> None:
        texts = [f"{TEXTS[0]} {number}" for number in range(70)]
        before = embedder.embed(texts)
        embedder.release()
        np.testing.assert_array_equal(embedder.embed(texts), before)

    def test_says_what_it_is(self, embedder: Embedder) -> None:
        assert embedder.name
        assert embedder.fingerprint
        assert embedder.max_tokens > 16


def test_the_hashing_embedder_can_be_computed_by_hand() -> None:
    embedder = HashingEmbedder()
    expected = np.zeros(embedder.dimension)
    expected[embedder.bucket("red")] = expected[embedder.bucket("fox")] = 1 / np.sqrt(2)
    np.testing.assert_allclose(embedder.embed(["Red fox!"])[0], expected, atol=1e-6)


def test_the_built_in_model_serves_on_onnxruntime_and_knows_meaning(minilm: Embedder) -> None:
    assert type(minilm).__name__ == "OnnxEmbedder"
    assert (minilm.name, minilm.fingerprint) == (NAME, WEIGHTS_SHA256)
    question, near, far = minilm.embed(
        ["How do I grow storage?", "Increasing the disk size of an instance", "The history of tea in Japan"]
    )
    assert question @ near > question @ far + 0.2


def test_one_session_serves_all_who_load_the_built_in_model(minilm: Embedder, request: pytest.FixtureRequest) -> None:
    cache = request.config.cache
    assert cache is not None
    folder = Path(cache.mkdir("askwell-models"))
    first, again = (load_embedder("all-MiniLM-L6-v2", folder, threads=1) for _ in range(2))
    assert first is again
    assert load_embedder("all-MiniLM-L6-v2", folder, threads=2) is not first


def test_bulk_embedding_agrees_with_single_questions(minilm: Embedder) -> None:
    texts = [f"Section {number}: {'capacity ' * (number % 40)}" for number in range(80)]
    bulk = minilm.embed(texts)
    single = np.concatenate([minilm.embed(texts[start : start + 10]) for start in range(0, 80, 10)])
    assert float(np.min(np.sum(bulk * single, axis=1))) > 0.9999


def test_serving_the_built_in_model_never_imports_torch(minilm: Embedder, request: pytest.FixtureRequest) -> None:
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("askwell-models")
    program = (
        "import sys; from pathlib import Path; from ingest.embedders import load_embedder;"
        f"load_embedder({NAME!r}, Path({str(folder)!r})).embed(['x'] * 70);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_an_export_that_differs_leaves_the_work_to_sentence_transformers(tmp_path: Path) -> None:
    folder = tmp_path / "models" / exported()
    folder.mkdir(parents=True)
    (folder / "export.json").write_text(json.dumps({"serves": "sentence-transformers", "cosine": 0.5}))
    served = load_embedder(NAME, tmp_path)
    assert type(served).__name__ == "SentenceTransformerEmbedder"
    assert (served.name, served.fingerprint) == (NAME, WEIGHTS_SHA256)


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "model.safetensors").write_bytes(b"something else")
    command = [sys.executable, "-m", "ingest.embedders.export", str(source), str(tmp_path), WEIGHTS_SHA256]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 3
    assert not (tmp_path / "model.onnx").exists()


def test_a_model_that_is_not_on_this_machine_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match='embedding model "no/such-model" is not on this machine'):
        load_embedder("no/such-model", tmp_path)


def test_bulk_embedding_shows_the_model_few_shapes_and_small_batches(
    minilm: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[tuple[int, ...]] = set()

    def run(input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> Vectors:
        seen.add(input_ids.shape)
        return np.ones((len(input_ids), minilm.dimension), dtype=np.float32)

    monkeypatch.setattr(minilm, "run", run)
    minilm.embed(["capacity " * number for number in range(300)])
    assert {width for _, width in seen} == set(range(32, 257, 32))
    assert max(rows * width for rows, width in seen) <= 32 * 96


def test_openvino_never_serves_unasked(minilm: Embedder, request: pytest.FixtureRequest) -> None:
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("askwell-models")
    program = (
        "import sys; from pathlib import Path; from ingest.embedders import load_embedder;"
        f"load_embedder({NAME!r}, Path({str(folder)!r})).embed(['x'] * 70);"
        "print('openvino' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


def test_fast_embedding_agrees_with_the_model_or_leaves_the_work_to_onnxruntime(
    minilm: Embedder, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    assert request.config.cache is not None
    fast = load_embedder(NAME, Path(request.config.cache.mkdir("askwell-models")), threads=2, fast=True)
    texts = [f"Section {number}: {'capacity ' * (3 * number)}" for number in range(80)]
    assert float(np.min(np.sum(fast.embed(texts) * minilm.embed(texts), axis=1))) > 0.9999
    assert find_spec("openvino") or "OpenVINO is not installed" in caplog.text


def test_windows_cover_a_text_evenly_and_batches_hold_like_lengths() -> None:
    assert windows(list(range(10)), 4) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert windows([], 4) == [[]]
    assert list(by_length(["a", "ccc", "bb"], size=2)) == [[1, 2], [0]]
    assert list(by_length(["a", "ccccc", "bb"], size=3, room=4)) == [[1], [2, 0]]


class Counting(HashingEmbedder):
    """Remembers how many texts it was given."""

    seen = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.seen += len(texts)
        return super().embed(texts)


class TestTheCache:
    def test_embeds_each_text_once_over_many_openings(self, tmp_path: Path) -> None:
        embedder = Counting()
        for _ in range(2):
            cache = EmbeddingCache(tmp_path / "embeddings.sqlite3")
            vectors = cache.embed(["one", "two", "one"], embedder)
            cache.close()
            np.testing.assert_array_equal(vectors, HashingEmbedder().embed(["one", "two", "one"]))
        assert embedder.seen == 2

    def test_keeps_models_apart(self, tmp_path: Path) -> None:
        cache = EmbeddingCache(tmp_path / "embeddings.sqlite3")
        small, large = HashingEmbedder(dimension=8), HashingEmbedder(dimension=16)
        assert cache.embed(["one"], small).shape == (1, 8)
        assert cache.embed(["one"], large).shape == (1, 16)
        assert cache.count() == 2

    def test_gives_no_rows_for_no_texts(self, tmp_path: Path) -> None:
        assert EmbeddingCache(tmp_path / "e.sqlite3").embed([], HashingEmbedder()).shape == (0, 384)

    def test_starts_anew_when_its_file_is_damaged(self, tmp_path: Path) -> None:
        (tmp_path / "e.sqlite3").write_bytes(b"not a database" * 100)
        cache = EmbeddingCache(tmp_path / "e.sqlite3")
        cache.embed(["one"], HashingEmbedder())
        assert cache.count() == 1


ROOT = Path(__file__).parents[2]
