"""The training questions: read strictly, told apart by their ids, true to the documents they ask about."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest

from evals.cases import load_suites
from evals.check import CORPUS
from evals.training.questions import (
    FOLLOW_UPS,
    READ_CONVERSATIONS,
    SETS,
    Section,
    TrainingError,
    load,
    load_conversations,
    problems,
)

ARCHIVE = os.environ.get("AWS_DOCUMENTATION", "")


def words(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold()))


def test_every_question_stands_once() -> None:
    questions = [question for name in SETS for question in load(name)]
    assert len({question.id for question in questions}) == len(questions)
    assert len({question.question.casefold() for question in questions}) == len(questions)


def test_no_question_is_one_that_a_model_is_measured_on() -> None:
    suites = load_suites(("single", "conversations", "unanswerable", "archive"))
    measured = {
        words(text)
        for suite in suites
        for case in suite.cases
        for turn in case.turns
        for text in (turn.question, turn.standalone)
    }
    assert [
        question.id for name in SETS for question in load(name) if words(question.question) in measured - {""}
    ] == []
    written_out = ((talk.id, turn.standalone) for talk in load_conversations(READ_CONVERSATIONS) for turn in talk.turns)
    assert [name for name, written in written_out if words(written) in measured - {""}] == []


def test_no_follow_up_is_one_that_a_model_is_measured_on() -> None:
    measured = {
        (words(before), words(turn.question))
        for suite in load_suites(("conversations", "conversations-more", "promised"))
        for case in suite.cases
        for earlier, turn in pairwise(case.turns)
        for before in (earlier.question, earlier.standalone)
    }
    follow_ups = load(FOLLOW_UPS)
    assert [one.id for one in follow_ups if (words(one.after), words(one.question)) in measured] == []
    assert len({(one.after, one.question) for one in follow_ups}) == len({one.id for one in follow_ups})
    talks = [
        (talk.id, before, turn)
        for talk in load_conversations(READ_CONVERSATIONS)
        for earlier, turn in pairwise(talk.turns)
        for before in (earlier.question, earlier.standalone)
    ]
    assert [name for name, before, turn in talks if (words(before), words(turn.question)) in measured] == []
    assert list(problems(((one.id, one.targets) for one in follow_ups), CORPUS)) == []


@pytest.mark.parametrize("name", SETS)
def test_a_question_has_the_targets_of_its_file(name: str) -> None:
    wanted = range(1) if name == "unanswerable" else range(1, 5)
    assert [question.id for question in load(name) if len(question.targets) not in wanted] == []


def test_each_target_is_one_section_of_the_shipped_documents_and_says_what_it_is_quoted_for() -> None:
    assert list(problems(((one.id, one.targets) for one in load("corpus")), CORPUS)) == []
    talks = [*load_conversations(), *load_conversations(READ_CONVERSATIONS)]
    turns = ((f"{talk.id}:{number}", turn.targets) for talk in talks for number, turn in enumerate(talk.turns, 1))
    assert list(problems(turns, CORPUS)) == []
    assert len({talk.id for talk in talks}) == len(talks)
    assert all(len(talk.turns) > 1 for talk in talks)


@pytest.mark.skipif(not ARCHIVE, reason="set AWS_DOCUMENTATION to the folder that holds the guides of the archive")
def test_each_target_is_one_section_of_the_archive() -> None:
    assert list(problems(((one.id, one.targets) for one in load("archive")), Path(ARCHIVE))) == []


def test_a_section_that_is_not_there_is_named() -> None:
    missing = Section("choosing/quick-numbers.md", "No such heading")
    assert list(problems((("t-1", (missing,)),), CORPUS)) == [
        "t-1: 0 sections 'No such heading' in choosing/quick-numbers.md"
    ]
    unsaid = Section("choosing/session-store.md", "How sessions expire in Amazon DynamoDB", "after one hour")
    assert list(problems((("t-2", (unsaid,)),), CORPUS)) == [
        "t-2: 'after one hour' is not in the section 'How sessions expire in Amazon DynamoDB'"
        " of choosing/session-store.md"
    ]


@pytest.mark.parametrize("line", ['{"id": "t-1"}', '{"id": "t-1", "question": "?", "kind": "lookup", "more": 1}', "t"])
def test_a_line_that_is_no_question_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "some.jsonl").write_text(line)
    with pytest.raises(TrainingError, match=r"some\.jsonl:1: "):
        load("some", tmp_path)
