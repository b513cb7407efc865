"""A BEIR-style folder: read, turned into documents, scored by hand; malformed ones are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.beir import BeirError, file_name, load_beir, score, write_documents
from tests.evals.small import SmallAssistant


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus = [{"_id": "limits", "title": "Limits", "text": "Items."}, {"_id": "a/../b", "title": "", "text": "Odd id."}]
    queries = [
        {"_id": "q1", "text": "How large is an item?"},
        {"_id": "q2", "text": "fraud"},
        {"_id": "q3", "text": "x"},
    ]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tlimits\t1\nq2\tlimits\t2\nq2\tgraph\t0\n"
    )
    return tmp_path


def test_the_judged_queries_are_read(folder: Path) -> None:
    beir = load_beir(folder)
    assert beir.queries == {"q1": "How large is an item?", "q2": "fraud"}
    assert beir.qrels == {"q1": {"limits": 1}, "q2": {"limits": 2, "graph": 0}}


def test_the_corpus_becomes_files_that_stay_in_their_folder(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert write_documents(load_beir(folder), out) == 2
    assert (out / "limits.md").read_text() == "# Limits\n\nItems.\n"
    assert sorted(path.name for path in out.iterdir()) == sorted(["limits.md", file_name("a/../b")])
    assert "/" not in file_name("a/../b")


def test_the_search_is_scored_by_document(folder: Path) -> None:
    scores = score(load_beir(folder), SmallAssistant())
    assert scores["hit@1"] == 0.5
    assert scores["recall@10"] == 0.5


def test_a_folder_in_another_form_is_said(folder: Path) -> None:
    with pytest.raises(BeirError, match=r"dev\.tsv cannot be read"):
        load_beir(folder, "dev")
    (folder / "qrels" / "test.tsv").write_text("q1 limits 1\n")
    with pytest.raises(BeirError, match=r"test\.tsv:1: expected query id"):
        load_beir(folder)
    (folder / "qrels" / "test.tsv").write_text("q9\tlimits\t1\n")
    with pytest.raises(BeirError, match="judges the query 'q9'"):
        load_beir(folder)
    (folder / "queries.jsonl").write_text('{"_id": "q1"}\n')
    with pytest.raises(BeirError, match=r"queries\.jsonl:1 lacks"):
        load_beir(folder)
