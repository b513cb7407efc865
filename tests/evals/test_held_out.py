"""A question that is trained on is looked up as if nobody had asked it before."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from evals.training.held_out import HeldOut
from ingest.embedders.hashing import HashingEmbedder
from ingest.embedding_cache import EmbeddingCache
from tests.ingest.conftest import Library
from tests.ingest.test_asked_model import ROOMS, house, known_lines, questions_about


def test_a_question_is_unknown_while_it_is_trained_on_and_only_then(tmp_path: Path) -> None:
    library = Library(tmp_path / "docs", tmp_path / "data")
    library.embedder = HashingEmbedder(dimension=384)
    known = known_lines("This is room")
    more = known.replace("where do I put", "which shelf holds")
    library.write({"house.md": house(), "questions.jsonl": f"{known}\n{more}"})
    library.ingest()
    index = library.open()
    with closing(EmbeddingCache(library.data_dir / "embeddings.sqlite3")) as cache:
        held = HeldOut(index, library.embedder, cache)
    question = questions_about(ROOMS["Kitchen"])[21]
    vector = library.embedder.embed([question])[0]

    assert held.asked(vector, question) == index.asked(vector, question)
    nearest = max(held.asked(vector, question).cosines.values())
    held.question = f"{question}?"
    without = held.asked(vector, question)
    assert max(without.cosines.values()) < nearest
    assert max(without.chances.values()) < max(index.asked(vector, question).chances.values())
    kitchen = next(section for section in index.sections("house.md", "default") if section.heading == "Kitchen")
    place, spans = ("default", "house.md", kitchen.index), [(kitchen.start, kitchen.end)]
    assert held.likeness(place, spans, vector, question) != index.likeness(place, spans, vector, question)
    held.question = "something that nobody knows"
    assert held.asked(vector, question) == index.asked(vector, question)
    assert held.document("house.md").text == index.document("house.md").text
