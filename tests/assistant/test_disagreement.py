"""Two documents that disagree are both shown with their dates; those that only speak of other things are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.compose.disagreement import contradicts
from assistant.names import Names
from assistant.protocols import Records
from assistant.support.verdict import Quote
from assistant.types import Answer, Question
from ingest.embedders import load_embedder
from ingest.pipeline import ingest
from tests.assistant.house import SURE, assistant_over, check_answer

OLD = """---
title: Backup handbook
reviewed: 2024-02-01
---
# Backups

Snapshots of the billing ledger are kept for 7 days.
"""
NEW = """---
title: Operations guide
reviewed: 2026-05-30
---
# Snapshots

Snapshots of the billing ledger are kept for 35 days.
"""
NAMES = Names((), (), ())
QUESTION = "How long are snapshots of the billing ledger kept?"


def answer_over(folder: Path, models: Path, records: Records, *pages: str) -> Answer:
    documents, data_dir = folder / "docs", folder / "data"
    documents.mkdir()
    for number, page in enumerate(pages):
        (documents / f"page-{number}.md").write_text(page)
    embedder = load_embedder("all-MiniLM-L6-v2", models, threads=2)
    ingest([documents], data_dir=data_dir, embedder=embedder)
    assistant = assistant_over(data_dir, embedder, records, judge=SURE)
    try:
        answer = assistant.ask(Question(QUESTION))
        check_answer(answer, assistant.holder.current())
        return answer
    finally:
        assistant.holder.close()


def test_both_sides_are_shown_with_their_dates_the_newer_first(tmp_path: Path, models: Path, records: Records) -> None:
    answer = answer_over(tmp_path, models, records, OLD, NEW)
    assert [line for line in answer.text.splitlines() if line] == [
        "The documents do not agree on this:",
        "- Operations guide (2026-05-30): Snapshots of the billing ledger are kept for 35 days. [1]",
        "- Backup handbook (2024-02-01): Snapshots of the billing ledger are kept for 7 days. [2]",
    ]


def test_documents_that_agree_give_one_answer(tmp_path: Path, models: Path, records: Records) -> None:
    answer = answer_over(tmp_path, models, records, OLD, NEW.replace("35", "7"))
    assert "do not agree" not in answer.text
    assert answer.text.startswith("**Snapshots of the billing ledger are kept for 7 days.**")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A backup is kept for 35 days.", "A backup is kept for 7 days."),
        ("Triggers are supported.", "Triggers are not supported."),
        ("Support ends on July 31, 2025.", "Support ends on March 1, 2026."),
        ("The copy is synchronous.", "The copy is asynchronous."),
    ],
)
def test_a_figure_a_date_and_a_denial_contradict(one: str, other: str) -> None:
    assert contradicts(Quote(one), Quote(other), NAMES)
    assert contradicts(Quote(other), Quote(one), NAMES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A backup is kept for 35 days.", "A manual backup is kept for 7 days."),
        ("A backup is kept for 35 days.", "A backup is kept for five weeks."),
        ("A table has 20 indexes.", "A table has 5 partitions."),
        ("Triggers are supported.", "Views are not supported."),
        ("A backup is kept for 35 days.", "A backup is kept."),
    ],
)
def test_what_speaks_of_something_else_or_says_less_does_not(one: str, other: str) -> None:
    assert not contradicts(Quote(one), Quote(other), NAMES)
    assert not contradicts(Quote(other), Quote(one), NAMES)
