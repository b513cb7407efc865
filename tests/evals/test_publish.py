"""The results page says what the committed files say, and the baselines are what their names promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.records import open_records
from assistant.settings import Settings
from evals.baselines import NAMES, Baseline, reciprocal_rank_fusion, retrieval_only
from evals.cases import EvalCase, EvalTurn, Place, Suite, Target
from evals.publish import KEPT, PAGE, kept
from evals.results import compact, load, to_lines
from evals.results_page import results_page
from evals.runner import run_suites
from evals.summary import summarise
from ingest.pipeline import ingest
from ingest.protocols import Embedder
from ingest.types import Scored
from tests.assistant.house import assistant_over
from tests.evals.small import SmallAssistant
from tests.evals.test_runner import SUITE, results


def test_the_results_page_is_what_the_committed_files_say() -> None:
    assert PAGE.read_text("utf-8") == results_page(kept()), "Run: python -m evals.publish --page"


def test_committed_results_name_their_commit_their_corpus_and_no_folder_of_a_machine() -> None:
    found = kept()
    assert {"ours", *NAMES} <= set(found)
    for result in found.values():
        assert result.origin.commit
        assert result.origin.index["corpus_revision"]
        assert "data_dir" not in result.origin.settings
    assert max(path.stat().st_size for path in KEPT.glob("*.json")) < 1_000_000


def test_compact_results_come_back_and_keep_what_is_compared(tmp_path: Path) -> None:
    assistant = SmallAssistant(remembers=False)
    whole = results(run_suites([SUITE], assistant, assistant))
    (tmp_path / "results.json").write_text(to_lines(compact(whole)), "utf-8")
    back = load(tmp_path)
    assert [(o.id, o.question, o.stage, o.tags) for o in back.outcomes] == [
        (o.id, o.question, o.stage, o.tags) for o in whole.outcomes
    ]
    assert summarise(back.outcomes).overall["correct"] == whole.summary.overall["correct"]
    assert back.outcomes[0].answer == ""


def test_fusion_adds_reciprocal_ranks() -> None:
    first, second = [Scored("a", 9.0), Scored("b", 8.0)], [Scored("b", 0.9), Scored("c", 0.8)]
    fused = reciprocal_rank_fusion([first, second])
    assert [scored.chunk_id for scored in fused] == ["b", "a", "c"]
    assert fused[0].score == pytest.approx(1 / 62 + 1 / 61)


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Assistant:
    (tmp_path / "documents").mkdir()
    for name, text in {
        "limits.md": "# Limits\n\n## Size\n\nAn item is at most 400 KB.\n\n## Keys\n\nA sort key has 1,024 bytes.\n",
        "graph.md": "# Graph\n\nGraph databases find fraud rings.\n",
    }.items():
        (tmp_path / "documents" / name).write_text(text)
    ingest([tmp_path / "documents"], data_dir=tmp_path / "data", embedder=embedder)
    return assistant_over(tmp_path / "data", embedder, open_records(Settings(data_dir=tmp_path, _env_file=None)))


@pytest.mark.parametrize("system", list(NAMES))
def test_a_baseline_is_measured_like_an_assistant(library: Assistant, system: str) -> None:
    target = Target((Place("limits.md", ("Keys",)),))
    case = EvalCase("keys", (EvalTurn("How many bytes has a sort key?", "", (target,), (("1,024",),)),), ("lookup",))
    baseline = Baseline(system, library.searcher())  # type: ignore[arg-type]
    (outcome,) = retrieval_only(run_suites([Suite("s", (case,))], baseline, library.holder.current()))
    assert outcome.scores["hit@1"] == 1.0
    assert "all_facts" not in outcome.scores
    assert len({hit.section.index for hit in baseline.search("sort key size", 10)}) >= 2
    library.close()
