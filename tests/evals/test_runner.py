"""Playing cases: scores, stages and seeded defects, on an assistant whose answers can be computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.types import Answer, Question
from evals.cases import EvalCase, EvalTurn, Place, Suite, Target
from evals.compare import compare
from evals.gate import broken, parse_floors
from evals.html import to_html
from evals.markdown import to_markdown
from evals.outcomes import Outcome
from evals.results import FORMAT, Origin, Results, load, to_json
from evals.runner import run_suites
from evals.summary import summarise
from ingest.errors import AskwellError, BadInputError, BusyError
from tests.evals.small import SmallAssistant

ITEM = Target((Place("limits.md", ("Item size",)),))
KEY = Target((Place("limits.md", (), "1,024 bytes"),))
GRAPH = Target((Place("graph.md", ("Graph",)),))


def turn(question: str, target: Target, fact: str, standalone: str = "") -> EvalTurn:
    return EvalTurn(question, standalone or question, (target,), ((fact,),))


SUITE = Suite(
    "small",
    (
        EvalCase("item", (turn("How large is a DynamoDB item?", ITEM, "400 KB"),), ("lookup",)),
        EvalCase(
            "talk",
            (
                turn("What are the strengths of graph databases?", GRAPH, "fraud rings"),
                turn("And rings?", GRAPH, "fraud rings", "Do graph databases find fraud rings?"),
                turn("Do they?", GRAPH, "fraud rings", "Do graph databases find fraud rings?"),
            ),
            ("pronoun",),
        ),
        EvalCase("key", (turn("How long is a sort key?", KEY, "1,024 bytes"),), ("lookup",)),
        EvalCase("weather", (EvalTurn("Will it rain tomorrow?", answerable=False),), ("off-topic",)),
    ),
)


def play(assistant: SmallAssistant) -> dict[str, Outcome]:
    return {outcome.id: outcome for outcome in run_suites([SUITE], assistant, assistant)}


def results(outcomes: tuple[Outcome, ...]) -> Results:
    origin = Origin(
        "2026-11-24T00:00:00+00:00", "c0ffee", False, {"generation": "g", "documents": 2}, {}, ("small",), "all"
    )
    return Results(FORMAT, origin, summarise(outcomes), outcomes)


def test_a_right_answer_has_full_scores_and_no_failing_stage() -> None:
    outcome = play(SmallAssistant())["item/1"]
    assert outcome.correct
    assert outcome.target_ranks == (1,)
    wanted = ("hit@1", "mrr@10", "all_facts", "quote_exactness", "citation_precision", "citation_recall")
    assert [outcome.scores[name] for name in wanted] == [1.0] * 6


def test_a_span_is_found_by_its_words() -> None:
    assert play(SmallAssistant())["key/1"].scores["hit@1"] == 1.0


def test_a_refused_question_without_an_answer_is_right() -> None:
    outcome = play(SmallAssistant())["weather/1"]
    assert (outcome.refused, outcome.correct, dict(outcome.scores)) == (True, True, {})


def test_follow_ups_are_compared_with_their_rewrites() -> None:
    found = play(SmallAssistant())
    assert found["talk/2"].scores["followup_gap"] == 0.0
    assert "followup_gap" not in found["talk/1"].scores
    assert found["talk/2"].searched == "What are the strengths of graph databases? And rings?"


def test_playing_twice_gives_the_same_scores() -> None:
    assert [o.scores for o in play(SmallAssistant()).values()] == [o.scores for o in play(SmallAssistant()).values()]


def test_seeded_defects_turn_the_gate_red_and_name_their_stage() -> None:
    floors = parse_floors(["correct=0.9"])
    defects = {
        "miscited": SmallAssistant(off_by=1),
        "wrongly refused": SmallAssistant(threshold=9),
        "follow-up not resolved": SmallAssistant(remembers=False),
    }
    for stage, assistant in defects.items():
        outcomes = run_suites([SUITE], assistant, assistant)
        failing = [outcome.stage for outcome in outcomes if not outcome.correct]
        assert failing
        assert set(failing) == {stage}
        (sentence,) = broken(floors, summarise(outcomes).overall)
        assert sentence.startswith("correct is 0.")
        assert "below its floor of 0.9" in sentence


def test_missing_documents_and_low_ranks_are_told_apart() -> None:
    gone = Target((Place("gone.md", ("Item size",)),))
    suite = Suite("s", (EvalCase("c", (turn("How large is a DynamoDB item?", gone, "4 MB"),), ("t",)),))
    assistant = SmallAssistant()
    assert run_suites([suite], assistant, assistant)[0].stage == "document missing"
    far = Suite("s", (EvalCase("c", (turn("How large is a DynamoDB item?", GRAPH, "4 MB"),), ("t",)),))
    assert run_suites([far], assistant, assistant)[0].stage == "not retrieved"
    near = Suite("s", (EvalCase("c", (turn("How large is a DynamoDB item?", ITEM, "4 MB"),), ("t",)),))
    assert run_suites([near], assistant, assistant)[0].stage == "not composed"


def test_a_question_that_fails_is_a_result_not_the_end_of_the_run() -> None:
    class Failing(SmallAssistant):
        def ask(self, question: Question) -> Answer:
            raise BusyError("Try again.")

    assistant = Failing()
    outcomes = run_suites([SUITE], assistant, assistant)
    assert {outcome.stage for outcome in outcomes} == {"error"}
    assert outcomes[0].answer == "Try again."


def test_saying_that_there_is_no_question_is_a_refusal() -> None:
    class Strict(SmallAssistant):
        def ask(self, question: Question) -> Answer:
            raise BadInputError("The question is empty.")

    suite = Suite("s", (EvalCase("c", (EvalTurn("???", answerable=False),), ("garbage",)),))
    (outcome,) = run_suites([suite], Strict(), Strict())
    assert (outcome.status, outcome.correct, outcome.answer) == ("clarify", True, "The question is empty.")


def test_results_come_back_from_json_as_they_were(tmp_path: Path) -> None:
    assistant = SmallAssistant(remembers=False)
    kept = results(run_suites([SUITE], assistant, assistant))
    (tmp_path / "results.json").write_text(to_json(kept), encoding="utf-8")
    assert load(tmp_path) == kept
    with pytest.raises(AskwellError, match="cannot be read"):
        load(tmp_path / "none.json")
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(AskwellError, match="does not hold results"):
        load(tmp_path / "other.json")


def test_a_comparison_lists_flips_both_ways() -> None:
    good, forgetful = SmallAssistant(), SmallAssistant(remembers=False)
    before, after = (results(run_suites([SUITE], a, a)) for a in (good, forgetful))
    worse = compare(before, after)
    assert worse.shared == 6
    assert [(flip.id, flip.stage) for flip in worse.worsened] == [("talk/3", "follow-up not resolved")]
    assert worse.improved == ()
    assert [flip.id for flip in compare(after, before).improved] == ["talk/3"]
    assert worse.p == 1.0
    assert (worse.differences["followup_gap"].before, worse.differences["followup_gap"].after) == (0.0, 0.5)
    assert worse.differences["followup_gap"].p == 1.0, "one case alone proves nothing"


def test_reports_show_failures_and_escape_what_they_quote() -> None:
    nasty = Suite("s", (EvalCase("c", (turn("<script>alert(1)</script> | item?", GRAPH, "4 MB"),), ("t",)),))
    assistant = SmallAssistant()
    found = results(run_suites([nasty], assistant, assistant))
    html = to_html(found, compare(found, found))
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert "http" not in html.replace("http://www.w3.org", "")
    markdown = to_markdown(found, compare(found, found))
    assert "### c/1: not retrieved" in markdown
    assert "- expected: 4 MB" in markdown


@pytest.mark.parametrize("text", ["hit@1", "=0.5", "hit@1=high", "hit@1=nan"])
def test_a_floor_that_is_no_floor_is_refused(text: str) -> None:
    with pytest.raises(AskwellError, match="wants NAME=NUMBER"):
        parse_floors([text])


def test_where_lower_is_better_the_value_is_a_ceiling() -> None:
    assistant = SmallAssistant(remembers=False)
    overall = summarise(run_suites([SUITE], assistant, assistant)).overall
    assert broken(parse_floors(["followup_gap=0.2"]), overall) == ("followup_gap is 0.5000, above its ceiling of 0.2",)
    assert broken(parse_floors(["followup_gap=0.6", "quote_exactness=1"]), overall) == ()
    assert broken(parse_floors(["hit@7=0.1"]), overall)[0].startswith("hit@7 was not measured")
