"""The window that asks why an answer did not help, and what it should have said. Everything in it is optional."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from slack_sdk.models.blocks import InputBlock, Option, PlainTextInputElement, RadioButtonsElement
from slack_sdk.models.views import View

from assistant.types import Reason

REASONS = "askwell_reason"
_LONGEST = 3000
_WORDS: dict[Reason, str] = {
    "wrong": "It is wrong",
    "outdated": "It is outdated",
    "not_found": "It did not find what the documents say",
    "unsupported": "The source does not say what the answer says",
}


@dataclass(frozen=True, slots=True)
class Said:
    answer_id: str
    reason: Reason | Literal[""]
    comment: str
    expected: str


def reason_view(answer_id: str) -> View:
    options = [Option(value=value, label=label) for value, label in _WORDS.items()]
    return View(
        type="modal",
        callback_id=REASONS,
        private_metadata=answer_id,
        title="What was wrong?",
        submit="Send",
        close="Skip",
        blocks=[
            InputBlock(
                block_id="reason",
                label="Reason",
                optional=True,
                element=RadioButtonsElement(action_id="value", options=options),
            ),
            _text("expected", "What should it have said?"),
            _text("comment", "Anything else?"),
        ],
    )


def said_in(view: Mapping[str, Any]) -> Said:
    """What a person sent. An unknown reason is none."""
    values: Mapping[str, Any] = (view.get("state") or {}).get("values") or {}
    chosen = ((values.get("reason") or {}).get("value") or {}).get("selected_option") or {}
    reasons: dict[object, Reason] = {one: one for one in get_args(Reason)}
    return Said(
        answer_id=str(view.get("private_metadata") or ""),
        reason=reasons.get(chosen.get("value"), ""),
        comment=_typed(values, "comment"),
        expected=_typed(values, "expected"),
    )


def _text(name: str, label: str) -> InputBlock:
    element = PlainTextInputElement(action_id="value", multiline=True, max_length=_LONGEST)
    return InputBlock(block_id=name, label=label, optional=True, element=element)


def _typed(values: Mapping[str, Any], name: str) -> str:
    return str(((values.get(name) or {}).get("value") or {}).get("value") or "")
