"""The question sets: read strictly, split stably, and true to the shipped documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.cases import CaseError, EvalCase, Place, Target, load_file, load_suites, parse_line
from evals.check import CORPUS, Corpus, main, problems

SINGLE = {
    "id": "a",
    "tags": ["lookup"],
    "question": "How big?",
    "targets": [{"document": "d.md", "section": "Size"}],
    "facts": [["400 KB"]],
}
TURN = {key: SINGLE[key] for key in ("question", "targets", "facts")}


def line(**changes: object) -> str:
    return json.dumps({**SINGLE, **changes})


def test_a_single_question_reads_as_written() -> None:
    case = parse_line(line(polarity="yes"), "here")
    assert (case.id, case.tags, len(case.turns)) == ("a", ("lookup",), 1)
    assert case.turns[0].targets == (Target((Place("d.md", ("Size",)),)),)
    assert case.turns[0].facts == (("400 KB",),)
    assert case.turns[0].polarity == "yes"


def test_a_target_may_lie_in_several_places() -> None:
    places = [{"document": "d.md", "section": ["A", "B"], "or": [{"document": "e.md", "text": "some words"}]}]
    target = parse_line(line(targets=places), "here").turns[0].targets[0]
    assert target.places == (Place("d.md", ("A", "B")), Place("e.md", (), "some words"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "Invalid JSON"),
        (line(extra=1), "extra"),
        (line(tags=[]), "tags"),
        (line(question=""), "question"),
        (line(facts=[]), "needs targets and facts"),
        (line(facts=[[]]), "facts"),
        (line(targets=[{"document": "d.md"}]), "needs a section or a text"),
        (line(answerable=False), "unanswerable question has no targets"),
        (line(polarity="maybe"), "polarity"),
        (json.dumps({"id": "c", "tags": ["t"], "turns": [TURN, TURN]}), "turn 1 of a conversation needs a standalone"),
        (json.dumps({"id": "c", "tags": ["t"], "turns": [TURN]}), "turns"),
    ],
)
def test_a_malformed_case_is_refused_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(CaseError, match=sentence) as raised:
        parse_line(text, "set.jsonl:7")
    assert str(raised.value).startswith("set.jsonl:7: ")


def test_a_missing_set_an_empty_one_and_a_repeated_id_are_said(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="Choose from conversations-more, conversations, single, "):
        load_suites(["singel"])
    with pytest.raises(CaseError, match="cannot be read"):
        load_suites([str(tmp_path / "none.jsonl")])
    empty, twice = tmp_path / "empty.jsonl", tmp_path / "twice.jsonl"
    empty.write_text("// nothing yet\n\n")
    twice.write_text(f"{line()}\n{line()}\n")
    with pytest.raises(CaseError, match="holds no case"):
        load_file(empty)
    with pytest.raises(CaseError, match="'a' occurs twice"):
        load_file(twice)


def test_the_split_depends_on_the_id_alone() -> None:
    assert [EvalCase(name, ()).split for name in ("a", "b", "c", "d")] == ["test", "test", "dev", "dev"]
    turns = [case for suite in load_suites() for case in suite.cases]
    share = sum(case.split == "dev" for case in turns) / len(turns)
    assert 0.4 < share < 0.6


def test_the_shipped_sets_are_large_and_mixed_enough() -> None:
    suites = {suite.name: suite.cases for suite in load_suites()}
    tags = [tag for case in suites["single"] for tag in case.tags]
    assert len(suites["single"]) >= 300
    assert tags.count("paraphrase") >= 80
    assert len(suites["conversations"]) >= 80
    assert all(3 <= len(case.turns) <= 6 for case in suites["conversations"])
    assert len(suites["unanswerable"]) >= 120
    assert not any(turn.answerable for case in suites["unanswerable"] for turn in case.turns)


def test_every_fact_of_the_shipped_sets_stands_in_its_target() -> None:
    assert problems(load_suites(), Corpus(CORPUS)) == []


def test_the_checker_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "d.md").write_text("# D\n\n## Size\n\nAn item is at most 1400 KB.\n\n## Twin\n\na\n\n## Twin\n\nb\n")
    suite = tmp_path / "s.jsonl"
    cases = [
        line(id="wrong-fact"),
        line(id="no-document", targets=[{"document": "x.md", "section": "Size"}]),
        line(id="no-section", targets=[{"document": "d.md", "section": "Weight"}]),
        line(id="two-sections", targets=[{"document": "d.md", "section": "Twin"}], facts=[["a"]]),
        line(id="right", facts=[["1400 KB"]]),
        line(id="same-words", tags=["paraphrase"], question="Is an item at most 1400 KB?", facts=[["1400 KB"]]),
        line(id="outside", targets=[{"document": "../d.md", "section": "Size"}]),
    ]
    suite.write_text("\n".join(cases))
    assert main([str(suite), "--corpus", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "wrong-fact: '400 KB' is not said by d.md § Size" in out
    assert "no-document: there is no document x.md" in out
    assert "no-section: no section for d.md § Weight" in out
    assert "two-sections: 2 sections for d.md § Twin" in out
    assert "outside: there is no document ../d.md" in out
    assert "same-words: a paraphrase, but its section has its words item, kb" in out
    assert "right" not in out
