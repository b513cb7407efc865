"""From a thumb down to a case of a suite: each draft names its stage, and only what was reviewed is accepted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.records.history import RecordedAnswer
from assistant.types import Answer, Question, Reason
from evals.cases import CaseError, load_file
from evals.diagnosis import diagnose
from evals.drafts import accept, drafts, ids_in
from evals.runner import run_suites
from tests.evals.small import SmallAssistant

WHEN = datetime(2026, 11, 27, tzinfo=UTC)


def down(
    answer: Answer, expected: str = "", reason: Reason | None = None, question: str | None = None
) -> RecordedAnswer:
    shown = replace(answer, question=question or answer.question)
    return RecordedAnswer(shown, WHEN, "", "down", "no good", expected, reason or "")


def asked(question: str, assistant: SmallAssistant | None = None, conversation: str | None = None) -> Answer:
    return (assistant or SmallAssistant()).ask(Question(question, conversation))


@pytest.mark.parametrize(
    ("recorded", "before", "stage"),
    [
        (down(asked("How large is a DynamoDB item?"), "at most 2 PB on Mars"), (), "document missing"),
        (down(asked("How large is a DynamoDB item?"), "Graph databases find fraud rings"), (), "not retrieved"),
        (
            down(asked("How large is a DynamoDB item?", SmallAssistant(threshold=9)), "400 KB item"),
            (),
            "wrongly refused",
        ),
        (down(replace(asked("How large is a DynamoDB item?"), text="Large. [1]"), "400 KB item"), (), "not composed"),
        (down(asked("How large is a DynamoDB item?"), "400 KB item", "unsupported"), (), "miscited"),
        (down(asked("How large is a DynamoDB item?"), "400 KB item"), (), ""),
        (down(asked("Do they?"), "fraud rings"), ("What are graph databases?",), "follow-up not resolved"),
        (down(asked("How large is a DynamoDB item?"), reason="outdated"), (), "document missing"),
        (down(asked("How large is a DynamoDB item?"), reason="not_found"), (), "not retrieved"),
        (down(asked("Will it rain?"),), (), "document missing"),
    ],
)  # fmt: skip
def test_each_draft_names_the_stage_that_failed(recorded: RecordedAnswer, before: Sequence[str], stage: str) -> None:
    small = SmallAssistant()
    found = diagnose(recorded, before, small, small)
    assert (found.stage, bool(found.why)) == (stage, True)


def test_a_section_that_is_far_down_was_ranked_too_low(monkeypatch: pytest.MonkeyPatch) -> None:
    small = SmallAssistant()
    monkeypatch.setattr("evals.diagnosis.RANKED_WELL", 1)
    recorded = down(asked("sort key of a DynamoDB item at most"), "1,024 bytes")
    assert diagnose(recorded, (), small, small).stage == "ranked too low"


def test_thumbs_down_and_refusals_become_drafts_once_and_a_reviewed_one_joins_a_suite(tmp_path: Path) -> None:
    small = SmallAssistant()
    refused = asked("Will it rain tomorrow?")
    recorded = [
        RecordedAnswer(asked("What are graph databases?"), WHEN, ""),
        RecordedAnswer(refused, WHEN, ""),
        RecordedAnswer(refused, WHEN, ""),
        down(replace(asked("How large is a DynamoDB item?"), text="Large. [1]"), "400 KB"),
    ]
    made = list(drafts(recorded, small, small))
    assert [(draft["tags"], draft["question"]) for draft in made] == [
        (["real", "unanswered"], "Will it rain tomorrow?"),
        (["real", "voted-down"], "How large is a DynamoDB item?"),
    ]
    rain, item = made
    assert isinstance(rain["review"], dict)
    assert isinstance(item["review"], dict)
    assert rain["review"]["times"] == 2
    assert item["review"]["stage"] == "not composed"
    assert item["targets"] == [{"document": "limits.md", "section": "Item size"}]
    assert item["facts"] == [["400 KB"]]

    file, suite = tmp_path / "drafts.jsonl", tmp_path / "real.jsonl"
    file.write_text("".join(json.dumps(draft) + "\n" for draft in made))
    assert list(drafts(recorded, small, small, ids_in(file))) == [], "what is under review is not exported again"
    assert accept(file, suite, small).waiting == 2
    assert not suite.exists(), "nothing is accepted unseen"
    item["review"]["accept"] = True
    file.write_text("".join(json.dumps(draft) + "\n" for draft in made))
    assert accept(file, suite, small).added == (item["id"],)
    again = accept(file, suite, small)
    assert (again.added, again.known, again.waiting) == ((), 1, 1)
    assert [outcome.correct for outcome in run_suites([load_file(suite)], small, small)] == [True]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"facts": [["4 MB"]]}, "no target says '4 MB'"),
        ({"targets": [{"document": "gone.md", "section": "x"}]}, "gone.md is not in the index"),
        ({"facts": []}, "needs targets and facts"),
        ({"review": {"accept": "perhaps"}}, "accept is true or false"),
    ],
)
def test_a_draft_that_does_not_fit_the_documents_is_refused_with_its_line(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    small = SmallAssistant()
    (made,) = drafts([down(asked("How large is a DynamoDB item?"), "400 KB")], small, small)
    assert isinstance(made["review"], dict)
    made["review"]["accept"] = True
    file = tmp_path / "drafts.jsonl"
    file.write_text(json.dumps(made | change))
    with pytest.raises(CaseError, match=sentence) as raised:
        accept(file, tmp_path / "real.jsonl", small)
    assert str(raised.value).startswith(f"{file}:1")
    assert not (tmp_path / "real.jsonl").exists()
    with pytest.raises(CaseError, match="askwell feedback export"):
        accept(tmp_path / "none.jsonl", tmp_path / "real.jsonl", small)
