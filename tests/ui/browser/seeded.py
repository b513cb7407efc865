"""Conversations put straight into the records, for what would take long to bring about by asking."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assistant.records import open_records
from assistant.settings import Settings
from assistant.types import Answer
from tests.records.answers import answer
from tests.ui.chromium import Visit
from ui.web.owner import COOKIE


def conversation_of(data_dir: Path, answers: Sequence[Answer]) -> tuple[str, str]:
    """(owner, conversation): the answers under ids of their own, in one conversation of a new browser."""
    owner = secrets.token_urlsafe(32)
    records = open_records(Settings(data_dir=data_dir, _env_file=None))
    conversation = records.conversations.begin(owner)
    for one in answers:
        records.record(replace(one, id=uuid.uuid4().hex, conversation_id=conversation))
    records.close()
    return owner, conversation


def resume(visit: Visit, owner: str, conversation: str) -> None:
    """Opens the conversation as its owner's browser would."""
    visit.context.add_cookies([{"name": COOKIE, "value": owner, "url": visit.server}])
    visit.page.goto(f"{visit.server}/?c={conversation}")
    visit.page.wait_for_selector("#chat .answer")


def example(question: str, **changes: object) -> Answer:
    return replace(answer("", question=question), **changes)  # type: ignore[arg-type]
