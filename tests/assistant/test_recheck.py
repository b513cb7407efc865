"""Earlier answers whose cited words changed or went are flagged; those whose words only moved are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.protocols import Records
from assistant.recheck import FlaggedAnswer, flagged
from assistant.records import answers_of, open_records
from assistant.settings import Settings
from assistant.types import Answer, Question
from tests.assistant.house import Shelf

SIZE = "An Orchid item is at most 400 KB in size, names included."
LIMITS = f"# Limits of Orchid tables\n\nAn Orchid table holds at most 500 columns. {SIZE}\n"
KEYS = "# Keys\n\nA partition key decides where an Orchid item is stored.\n"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = open_records(Settings(data_dir=tmp_path / "records", _env_file=None))
    yield opened
    opened.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    made.put({"limits.md": LIMITS, "keys.md": KEYS})
    return made


@pytest.fixture
def asked(shelf: Shelf, records: Records) -> Answer:
    assistant = shelf.assistant(records)
    answer = assistant.ask(Question("How large can an Orchid item be?"))
    assert SIZE in {citation.quote for citation in answer.citations}
    return answer


def recheck(shelf: Shelf, records: Records) -> tuple[list[FlaggedAnswer], Assistant]:
    assistant = shelf.assistant(records)
    return list(flagged(answers_of(records), assistant.holder.current())), assistant


def test_nothing_is_flagged_while_the_words_stand(shelf: Shelf, records: Records, asked: Answer) -> None:
    assert recheck(shelf, records)[0] == []
    shelf.put({"limits.md": f"# New beginning\n\nSomething else.\n\n{LIMITS}", "keys.md": KEYS + "\nMore.\n"})
    assert recheck(shelf, records)[0] == [], "it only moved"
    shelf.put({"limits.md": LIMITS.replace("at most 400 KB in", "at most 400 KB\nin"), "keys.md": KEYS})
    assert recheck(shelf, records)[0] == [], "only white space changed"


def test_a_changed_number_is_flagged_with_its_new_wording(shelf: Shelf, records: Records, asked: Answer) -> None:
    shelf.put({"limits.md": LIMITS.replace("400 KB", "512 KB"), "keys.md": KEYS})
    (one,), assistant = recheck(shelf, records)
    assert one.recorded.answer.id == asked.id
    (change,) = [change for change in one.changes if change.citation.quote == SIZE]
    assert change.kind == "changed"
    assert change.now == SIZE.replace("400 KB", "512 KB")
    document = assistant.holder.current().document("limits.md", "default")
    assert change.now in document.text
    assert change.url.startswith("/sources/limits.md?start=")
    assert one.fingerprint == recheck(shelf, records)[0][0].fingerprint


def test_words_and_documents_that_are_gone_are_flagged(shelf: Shelf, records: Records, asked: Answer) -> None:
    shelf.put({"limits.md": "# Limits of Orchid tables\n\nThere are none any more.\n", "keys.md": KEYS})
    (one,), _ = recheck(shelf, records)
    assert {change.kind for change in one.changes} == {"gone"}
    first = one.fingerprint
    shelf.put({"keys.md": KEYS})
    (one,), _ = recheck(shelf, records)
    assert {change.kind for change in one.changes} == {"document gone"}
    assert one.fingerprint != first
