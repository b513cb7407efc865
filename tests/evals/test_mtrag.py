"""An MTRAG-style conversation file: read, played in order, scored by passage; and both adapters as commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import beir, mtrag
from evals.mtrag import MtragError, load_corpus, load_tasks, play, score, write_passages
from tests.evals.small import SmallAssistant

FRAUD = {"document_id": "graph", "title": "Graph", "text": "Graph databases find fraud rings."}
LIMITS = {"document_id": "limits", "title": "Limits", "text": "A DynamoDB item is at most 400 KB."}
OPENER = {"speaker": "user", "text": "What are the strengths of graph databases?"}
ANSWERED = {"speaker": "agent", "text": "They find fraud rings."}


def task(number: int, question: str, **changes: object) -> dict[str, object]:
    said = [OPENER, ANSWERED, {"speaker": "user", "text": question}] if number > 1 else [OPENER]
    return {
        "conversation_id": "c",
        "task_id": f"c::{number}",
        "input": said,
        "contexts": [FRAUD],
        "targets": [ANSWERED],
        "Answerability": ["ANSWERABLE"],
        "turn": str(number),
    } | changes


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    weather = [{"speaker": "user", "text": "Will it rain tomorrow?"}]
    lines = [
        task(1, ""),
        task(2, "And rings?"),
        task(1, "", conversation_id="d", task_id="d::1", input=weather, contexts=[], Answerability=["UNANSWERABLE"]),
        task(1, "", conversation_id="e", task_id="e::1", contexts=[], Answerability=["CONVERSATIONAL"]),
    ]
    path = tmp_path / "tasks.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_a_conversation_is_played_in_order_and_scored_by_passage(tasks: Path) -> None:
    asked = play(load_tasks(tasks), SmallAssistant())
    assert [one.task.task_id for one in asked] == ["c::1", "c::2", "d::1", "e::1"]
    assert asked[1].answer.standalone_question == "What are the strengths of graph databases? And rings?"
    found = score(asked)
    assert (found["hit@1"].value, found["hit@1, follow-ups"].n) == (1.0, 1)
    assert (found["abstention_recall"].value, found["false_refusal_rate"].value) == (1.0, 0.0)
    assert found["reference_recall"].value == 1.0
    forgetful = score(play(load_tasks(tasks), SmallAssistant(remembers=False)))
    assert forgetful["hit@1"].value == 1.0, "'And rings?' finds its passage by itself"


def test_passages_become_files_and_a_corpus_may_use_either_name_for_ids(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(json.dumps(FRAUD) + "\n" + json.dumps({"_id": "limits", "text": "400 KB"}))
    assert write_passages(load_corpus(corpus), tmp_path / "out") == 2
    assert (tmp_path / "out" / "graph.md").read_text() == "# Graph\n\nGraph databases find fraud rings.\n"


def test_a_file_in_another_form_is_said_with_its_line(tmp_path: Path, tasks: Path) -> None:
    with pytest.raises(MtragError, match="cannot be read"):
        load_tasks(tmp_path / "none.jsonl")
    tasks.write_text(tasks.read_text() + '\n{"conversation_id": "x"}')
    with pytest.raises(MtragError, match=r"tasks\.jsonl:5: task_id: Field required"):
        load_tasks(tasks)
    assert mtrag.main([str(tasks)]) == 1


@pytest.mark.slow
def test_both_adapters_run_as_commands_over_the_real_assistant(
    tasks: Path, models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASKWELL_DATA_DIR", str(models))
    folder = tasks.parent
    passages = [{"_id": p["document_id"], "title": p["title"], "text": p["text"]} for p in (FRAUD, LIMITS)]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, passages)))
    assert mtrag.main([str(tasks), "--corpus", str(folder / "corpus.jsonl"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["tasks"], found["scores"]["hit@1"]) == (4, 1.0)

    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "How large is a DynamoDB item?"}))
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tlimits\t1\n")
    assert beir.main([str(folder), "--data-dir", str(folder / "data")]) == 0
    out = capsys.readouterr().out
    assert [line.split(" | ")[0] for line in out.splitlines() if "alone" in line or "1.000" in line] == [
        "| BM25 alone",
        "| dense alone",
        "| naive fusion",
        "| Askwell",
    ]
    assert beir.main([str(folder), "--split", "dev"]) == 1
